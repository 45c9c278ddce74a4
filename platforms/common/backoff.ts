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
