import { type InterfaceEvent, mergeEvents } from "./event.ts";
import { lifeOf } from "./queue.ts";
import type { Selection } from "./selection.ts";

/** An interface that never comes to rest is told after so many times the quiet that was asked for. */
const MOST_QUIETS = 10;

interface Unsettled {
  event: InterfaceEvent;
  timer: ReturnType<typeof setTimeout>;
  /** When it is told in any case, in milliseconds of performance.now(). */
  readonly latest: number;
}

/** Holds an interface's events back until it has been quiet for a while, merged into one. */
export class Settler {
  readonly #quiet: number;
  readonly #selection: Selection;
  readonly #tell: (event: InterfaceEvent) => void;
  readonly #unsettled = new Map<string, Unsettled>();

  /** `quiet` is in milliseconds; a merged event that concerns none of `selection` is not told. */
  constructor(quiet: number, selection: Selection, tell: (event: InterfaceEvent) => void) {
    this.#quiet = quiet;
    this.#selection = selection;
    this.#tell = tell;
  }

  /** Takes an event. */
  take(event: InterfaceEvent): void {
    const life = lifeOf(event);
    const before = this.#unsettled.get(life);
    clearTimeout(before?.timer);
    this.#unsettled.delete(life);
    const merged = before === undefined ? event : mergeEvents(before.event, event);
    if (merged === undefined) return; // it came and went
    const now = performance.now();
    const latest = before?.latest ?? now + MOST_QUIETS * this.#quiet;
    const timer = setTimeout(() => {
      this.#unsettled.delete(life);
      if (this.#selection.concerns(merged)) this.#tell(merged);
    }, Math.max(0, Math.min(this.#quiet, latest - now)));
    this.#unsettled.set(life, { event: merged, timer, latest });
  }

  /** Forgets what it holds. */
  close(): void {
    for (const { timer } of this.#unsettled.values()) clearTimeout(timer);
    this.#unsettled.clear();
  }
}
