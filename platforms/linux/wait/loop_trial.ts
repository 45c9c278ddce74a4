import type { Registration } from "../../ffi/poller.ts";
import type { LoopWaiter } from "./loop_waiter.ts";

/** What a trial needs of the C library. */
export interface TrialCalls {
  /** An eventfd that does not block, or a negative number. */
  eventfd(): number;
  /** Writes to it; whether that was possible. */
  notify(eventfd: number): boolean;
  /** Makes it not readable again; whether it is so. */
  drainWake(eventfd: { readonly read: number; readonly write: number }): boolean;
  /** `close(2)` */
  close(fd: number): void;
}

/**
 * How often the event loop must call, each time in a turn of its own. Some releases of the runtime call once; and code that
 * has run so often is ready for the first event.
 */
const CALLS = 16;
/** How long it may take, in milliseconds. */
const TIME = 1000;

/**
 * Finds out whether the event loop calls: an eventfd is written to again and again, and each time that must be reported. Where
 * descriptors are to be waited for by a {@linkcode LoopWaiter}, the eventfd is one of these, and takes their whole road.
 */
export class Trial {
  readonly #calls: TrialCalls;
  readonly #over: (passed: boolean) => void;
  readonly #fd: number;
  /** Where the eventfd is waited for as any descriptor is. */
  readonly #registration: Registration | undefined;
  readonly #limit: ReturnType<typeof setTimeout>;
  #next: ReturnType<typeof setTimeout> | undefined;
  #called = 0;

  /** `over`: called once, unless it is closed before, and never from in here. */
  constructor(calls: TrialCalls, eventfd: number, loop: LoopWaiter | undefined, over: (passed: boolean) => void) {
    this.#calls = calls;
    this.#over = over;
    this.#fd = eventfd;
    if (loop !== undefined) {
      const fd = this.#fd = calls.eventfd();
      this.#registration = fd < 0 ? undefined : loop.add(fd, () => this.#answered(), () => {});
      if (fd >= 0 && this.#registration === undefined) calls.close(fd);
    }
    const begun = loop === undefined || this.#registration !== undefined;
    this.#limit = setTimeout(() => this.#over(false), begun ? TIME : 0);
    if (begun) calls.notify(this.#fd);
  }

  /** The event loop has called, where that alone is tried. */
  called(): void {
    if (++this.#called === CALLS) this.#over(true);
    // In a turn of its own: what one read takes with it would prove nothing.
    else this.#next = setTimeout(() => this.#calls.notify(this.#fd), 0);
  }

  /** Leaves nothing behind. */
  close(): void {
    clearTimeout(this.#limit);
    clearTimeout(this.#next);
    void this.#registration?.close();
  }

  #answered(): void {
    this.#calls.drainWake({ read: this.#fd, write: this.#fd });
    this.called();
  }
}
