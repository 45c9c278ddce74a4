import { type InterfaceEvent, mergeEvents } from "../table/event.ts";

/** The index and the generation that an event is about. */
export function lifeOf({ status: { index }, generation }: InterfaceEvent): string {
  return `${index} ${generation}`;
}

/**
 * Events that a consumer has not taken yet. The events of one turn are kept unchanged: a consumer that does nothing
 * else takes them all before the next turn. Events that are left by then are merged, those of one interface into one.
 * So the queue does not grow with the events, however slow the consumer is. Its length is at most the number of
 * interfaces (twice that if indexes were reused) plus one reading of the kernel's queue.
 */
export class EventQueue {
  /** The events since {@linkcode EventQueue.age}, in order, from `#taken` on. */
  #fresh: InterfaceEvent[] = [];
  #taken = 0;
  /** Older events, by index and generation, in the order in which they are taken. */
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

  /** Takes all of them. */
  *drain(): Iterable<InterfaceEvent> {
    for (let event = this.shift(); event !== undefined; event = this.shift()) yield event;
  }

  /** Merges the waiting events: the consumer had its time to take them. */
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
    // An event keeps its place, so that an interface that changes all the time is reported in its turn. A rename goes
    // to the end: the removal or rename of the name's former owner, reported meanwhile, must come first.
    if (merged === undefined || merged.status.name !== first.status.name) this.#old.delete(key);
    if (merged !== undefined) this.#old.set(key, merged);
  }
}
