/** How long something must be at rest before it counts, in milliseconds. */
export interface Delays {
  /** After a gain. */
  readonly up: number;
  /** After a loss. */
  readonly down: number;
}

/** What never comes to rest counts after this many times the delay. */
const MOST_DELAYS = 10;

/** When something moved that must come to rest before it counts. Times are milliseconds of a steady clock. */
export class Motion {
  readonly delays: Delays;
  #began: number | undefined;
  #moved = 0;

  constructor(delays: Delays) {
    this.delays = delays;
  }

  move(time: number): void {
    this.#began ??= time;
    this.#moved = time;
  }

  /**
   * When it counts as it is now; undefined if it is at rest. A thing that moved and came back is at rest only after the
   * longer of the delays: until then it may be one that never rests.
   *
   * @param to What it moved to: a gain, a loss, or nothing that was not there before.
   */
  countsAt(to: keyof Delays | undefined): number | undefined {
    if (this.#began === undefined) return undefined;
    return Math.min(this.#moved + this.#wait(to), this.#began + MOST_DELAYS * this.#longest);
  }

  /** Whether it counts although it has not come to rest. */
  restless(to: keyof Delays | undefined, time: number): boolean {
    return time < this.#moved + this.#wait(to);
  }

  /** It has been counted. */
  stop(): void {
    this.#began = undefined;
  }

  get #longest(): number {
    return Math.max(this.delays.up, this.delays.down);
  }

  #wait(to: keyof Delays | undefined): number {
    return to === undefined ? this.#longest : this.delays[to];
  }
}
