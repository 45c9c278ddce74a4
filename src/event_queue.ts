import { type InterfaceEvent, mergeEvents } from "./interface_event.ts";

/**
 * Events that a consumer has not taken yet. Those of one interface merge into one, so that the queue is no longer than
 * there are interfaces (twice that where indexes were reused), however slow the consumer is.
 */
export class EventQueue {
  /** By life of an index, in the order in which they are to be taken. */
  readonly #waiting = new Map<string, InterfaceEvent>();
  readonly #concerns: (event: InterfaceEvent) => boolean;

  /** `concerns` says whether the consumer asked for an event: a merged one may be about neither of its names. */
  constructor(concerns: (event: InterfaceEvent) => boolean = () => true) {
    this.#concerns = concerns;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Adds an event, or merges it with the one that waits for the same interface. */
  push(event: InterfaceEvent): void {
    const key = `${event.interface.index} ${event.generation}`;
    const first = this.#waiting.get(key);
    if (first === undefined) {
      this.#waiting.set(key, event);
      return;
    }
    let merged = mergeEvents(first, event);
    if (merged !== undefined && !this.#concerns(merged)) merged = undefined;
    // An event keeps its place, so that an interface that changes all the time is told in its turn. A new name goes to
    // the end: its former owner's removal or renaming, told meanwhile, must come first.
    if (merged === undefined || merged.interface.name !== first.interface.name) this.#waiting.delete(key);
    if (merged !== undefined) this.#waiting.set(key, merged);
  }

  /** Takes the oldest one. */
  shift(): InterfaceEvent | undefined {
    for (const [key, event] of this.#waiting) {
      this.#waiting.delete(key);
      return event;
    }
    return undefined;
  }

  /** Forgets them all. */
  clear(): void {
    this.#waiting.clear();
  }
}
