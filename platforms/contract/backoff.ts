/** A time to wait before something is tried again, in milliseconds: it doubles from one try to the next. */
export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  readonly #quiet: number;
  #next: number;
  #last = -Infinity;

  /** `quiet`: after so many times as long without a try, the next time is the first one again. */
  constructor(first: number, longest: number, quiet = Infinity) {
    this.#first = this.#next = first;
    this.#longest = longest;
    this.#quiet = quiet;
  }

  /** The time to wait now. */
  next(): number {
    const now = Date.now();
    if (now - this.#last > this.#quiet * this.#next) this.reset();
    this.#last = now;
    const time = this.#next;
    this.#next = Math.min(2 * time, this.#longest);
    return time;
  }

  /** It worked: the next time is the first one again. */
  reset(): void {
    this.#next = this.#first;
  }
}
