import { type InterfaceEvent, mergeEvents } from "./event.ts";

/** Which life of which index an event is about. */
export function lifeOf({ interface: { index }, generation }: InterfaceEvent): string {
  return `${index} ${generation}`;
}

/**
 * Events that a consumer has not taken yet. Those that came in one go are kept as they came: a consumer that does nothing
 * else takes them all before the next ones are read. What it has left by then merges, those of one interface into one,
 * so that the queue does not grow with the events, however slow the consumer is: it is no longer than there are
 * interfaces (twice that where indexes were reused) and one reading of the kernel's queue.
 */
export class EventQueue {
  /** What came since {@linkcode EventQueue.age}, in order, from `#taken` on. */
  #fresh: InterfaceEvent[] = [];
  #taken = 0;
  /** What is older, by life of an index, in the order in which it is to be taken. */
  readonly #old = new Map<string, InterfaceEvent>();

  /** Adds an event. */
  push(event: InterfaceEvent): void {
    this.#fresh.push(event);
  }

  /** Takes the oldest one. */
  shift(): InterfaceEvent | undefined {
    for (const [key, event] of this.#old) {
      this.#old.delete(key);
      return event;
    }
    const event = this.#fresh[this.#taken++];
    if (this.#taken >= this.#fresh.length) this.#forgetFresh();
    return event;
  }

  /** Merges what waits: the consumer had its time for it. */
  age(): void {
    for (let i = this.#taken; i < this.#fresh.length; i++) this.#merge(this.#fresh[i]!);
    this.#forgetFresh();
  }

  /** Forgets them all. */
  clear(): void {
    this.#old.clear();
    this.#forgetFresh();
  }

  #forgetFresh(): void {
    if (this.#fresh.length > 0) this.#fresh = [];
    this.#taken = 0;
  }

  #merge(event: InterfaceEvent): void {
    const key = lifeOf(event);
    const first = this.#old.get(key);
    if (first === undefined) {
      this.#old.set(key, event);
      return;
    }
    const merged = mergeEvents(first, event);
    // An event keeps its place, so that an interface that changes all the time is told in its turn. A new name goes to
    // the end: its former owner's removal or renaming, told meanwhile, must come first.
    if (merged === undefined || merged.interface.name !== first.interface.name) this.#old.delete(key);
    if (merged !== undefined) this.#old.set(key, merged);
  }
}
