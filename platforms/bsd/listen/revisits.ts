import { cancel, type Timer } from "../../common/clock.ts";

/**
 * Wakes the subscription later, because what a driver says at the moment will change without a message. Each reason has
 * its own time.
 */
export class Revisits<Reason> {
  readonly #ready: () => void;
  readonly #timers = new Map<Reason, ReturnType<typeof setTimeout>>();
  readonly #due = new Set<Reason>();
  #paused = false;
  #resuming: Timer;

  /** `ready` is called when something is due. */
  constructor(ready: () => void) {
    this.#ready = ready;
  }

  /** Something is due after this time in milliseconds, unless it is due before. */
  in(time: number, reason: Reason): void {
    if (this.#timers.has(reason)) return;
    const timer = setTimeout(() => {
      this.#timers.delete(reason);
      this.#due.add(reason);
      if (!this.#paused) this.#ready();
    }, time);
    this.#timers.set(reason, timer);
  }

  /** Takes what is due. */
  take(): Reason[] {
    if (this.#due.size === 0) return [];
    const due = [...this.#due];
    this.#due.clear();
    return due;
  }

  /** Calls nobody for a while. What is due by then is due when the pause is over. */
  pause(paused: boolean): void {
    this.#paused = paused;
    cancel(this.#resuming);
    if (!paused && this.#due.size > 0) this.#resuming = setTimeout(this.#ready, 0);
  }

  /** Something is not due any more. */
  drop(reason: Reason): void {
    cancel(this.#timers.get(reason));
    this.#timers.delete(reason);
    this.#due.delete(reason);
  }

  close(): void {
    cancel(this.#resuming);
    for (const timer of this.#timers.values()) cancel(timer);
    this.#timers.clear();
    this.#due.clear();
  }
}
