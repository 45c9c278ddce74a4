import { NetflagsError, NotPermittedError, UnsupportedError } from "../contract/errors.ts";

/** The delay before the next try, in milliseconds. It doubles with each try. */
export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  readonly #quiet: number;
  #next: number;
  #last = -Infinity;

  /** `quiet`: after this many times the delay without a try, the first delay is used again. */
  constructor(first: number, longest: number, quiet = Infinity) {
    this.#first = this.#next = first;
    this.#longest = longest;
    this.#quiet = quiet;
  }

  /** The delay to wait now. `now` is by a clock that nobody sets, in milliseconds; only `quiet` needs it. */
  next(now = 0): number {
    if (now - this.#last > this.#quiet * this.#next) this.reset();
    this.#last = now;
    const time = this.#next;
    this.#next = Math.min(2 * time, this.#longest);
    return time;
  }

  /** It worked: the first delay is used again. */
  reset(): void {
    this.#next = this.#first;
  }
}

/**
 * How soon listening is tried again after a failure. A new subscription alone proves nothing: waiting may fail again a
 * moment later. So only a time without a failure leads back to the first delay.
 */
export function healing(): Backoff {
  return new Backoff(50, 30_000, 10);
}

/** Whether an error of this system may be temporary. */
export function mayHeal(error: unknown): error is NetflagsError {
  return error instanceof NetflagsError && !(error instanceof NotPermittedError) &&
    !(error instanceof UnsupportedError);
}
