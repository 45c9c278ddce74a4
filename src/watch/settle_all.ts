import { LONGEST_TIMER } from "../../platforms/common/options.ts";
import type { InterfaceEvent } from "../table/event.ts";
import { EventQueue } from "./queue.ts";
import { MOST_QUIETS, type Settling } from "./settler.ts";

/**
 * Holds the events of all interfaces back until none of them has changed for a while, and reports them together, those
 * of one interface merged into one. It waits in the queue that a slow consumer has too, so it does not grow with the
 * events, and a name that passed on is reported first of the interface that gave it up.
 */
export class SettlerOfAll implements Settling {
  readonly #quiet: number;
  readonly #report: (event: InterfaceEvent) => void;
  readonly #held = new EventQueue();
  /** Runs out when all has been quiet. */
  #quietTimer: ReturnType<typeof setTimeout> | undefined;
  /** Runs out when the events are reported in any case. */
  #latest: ReturnType<typeof setTimeout> | undefined;

  /** `quiet` is in milliseconds. */
  constructor(quiet: number, report: (event: InterfaceEvent) => void) {
    this.#quiet = quiet;
    this.#report = report;
  }

  take(event: InterfaceEvent): void {
    this.#held.push(event);
    this.#held.age();
    clearTimeout(this.#quietTimer);
    this.#quietTimer = this.#timer(this.#quiet);
    this.#latest ??= this.#timer(MOST_QUIETS * this.#quiet);
  }

  flush(): void {
    this.#stop();
    for (const event of this.#held.drain()) this.#report(event);
  }

  close(): void {
    this.#stop();
    this.#held.clear();
  }

  #timer(time: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.flush(), Math.min(time, LONGEST_TIMER));
  }

  #stop(): void {
    clearTimeout(this.#quietTimer);
    clearTimeout(this.#latest);
    this.#quietTimer = this.#latest = undefined;
  }
}
