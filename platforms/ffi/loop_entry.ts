import { SystemError } from "../contract/errors.ts";
import type { Polled, Ready } from "./contract.ts";
import { GATHERED, GATHERING, Pace } from "./gathering.ts";

/** A handle of the event loop that calls back as long as its descriptor has something to read. */
export interface ReadableHandle {
  /** Begins to call back, or goes on. Returns whether it does. */
  start(): boolean;
  /** Does not call back for a while. */
  stop(): void;
  /** Ends it; the descriptor may be closed at once. `closed` is called when nothing is left of it. */
  close(closed: () => void): void;
}

/** The error where the event loop does not wait for a descriptor. */
export function notTaken(why = "the event loop does not take the descriptor"): SystemError {
  const operation = "wait for interface events";
  return new SystemError(`Cannot ${operation}: ${why}`, { operation });
}

/** A descriptor that the event loop waits for. */
export class LoopEntry implements Polled {
  readonly #ready: Ready;
  readonly #failed: (error: unknown) => void;
  readonly #closeFd: () => void;
  readonly #gone = Promise.withResolvers<void>();
  readonly #pace = new Pace();
  #handle: ReadableHandle | undefined;
  /** Runs while messages gather. */
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #paused = false;
  #open = true;

  /** `closeFd`: what is done with the descriptor at the end. */
  constructor(ready: Ready, failed: (error: unknown) => void, closeFd: () => void) {
    this.#ready = ready;
    this.#failed = failed;
    this.#closeFd = closeFd;
  }

  /**
   * Begins.
   *
   * @throws {SystemError} The event loop does not; the handle is closed, and the descriptor still the caller's.
   */
  begin(handle: ReadableHandle): void {
    this.#handle = handle;
    this.#pace.waiting();
    if (handle.start()) return;
    this.#leave();
    throw notTaken();
  }

  /** The descriptor has something to read. */
  answered(): void {
    if (!this.#open || this.#paused || this.#gathering !== undefined) return;
    const fast = this.#pace.ready();
    this.#read();
    if (fast) this.#gather();
    else this.#pace.waiting();
  }

  #read(): number {
    try {
      return this.#ready() ?? 0;
    } catch (error) {
      this.#failed(error);
      return 0;
    }
  }

  /** Lets messages gather, and reads them at one go, as long as there are many. */
  #gather(): void {
    if (!this.#open || this.#paused) return;
    this.#handle?.stop();
    this.#gathering = setTimeout(() => {
      this.#gathering = undefined;
      if (this.#read() >= GATHERED) this.#gather();
      else if (this.#open && !this.#paused) this.#start();
    }, GATHERING);
  }

  #start(): void {
    this.#pace.waiting();
    if (this.#handle?.start() === false) this.#failed(notTaken());
  }

  #stop(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#handle?.stop();
  }

  pause(paused: boolean): void {
    if (!this.#open || this.#paused === paused) return;
    this.#paused = paused;
    if (paused) this.#stop();
    else this.#start();
  }

  close(): Promise<void> {
    if (this.#leave()) this.#closeFd();
    return this.#gone.promise;
  }

  release(): void {
    this.#leave();
  }

  /** Whether it was open. */
  #leave(): boolean {
    if (!this.#open) return false;
    this.#open = false;
    clearTimeout(this.#gathering);
    this.#handle?.close(() => this.#gone.resolve());
    return true;
  }
}
