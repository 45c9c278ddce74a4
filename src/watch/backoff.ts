import { NetflagsError, NotPermittedError, UnsupportedError } from "../../platforms/contract/errors.ts";

/** A time to wait before something is tried again, in milliseconds: it doubles from one try to the next. */
export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  #next: number;

  constructor(first: number, longest: number) {
    this.#first = this.#next = first;
    this.#longest = longest;
  }

  /** The time to wait now. */
  next(): number {
    const time = this.#next;
    this.#next = Math.min(2 * time, this.#longest);
    return time;
  }

  /** It worked: the next time is the first one again. */
  reset(): void {
    this.#next = this.#first;
  }
}

/** How soon listening is tried again after a failure. */
export function healing(): Backoff {
  return new Backoff(50, 30_000);
}

/** Whether an error is one of this system's that may not be there a moment later. */
export function mayHeal(error: unknown): error is NetflagsError {
  return error instanceof NetflagsError && !(error instanceof NotPermittedError) &&
    !(error instanceof UnsupportedError);
}
