/** How many parts a window has. Its count is exact to one part. */
const PARTS = 60;
/** One more part, so that a part that has just begun does not shorten the window at its other end. */
const RING = PARTS + 1;

/**
 * Carrier changes within a time that ends now, seen and hidden, in parts that are reused, so its size does not grow
 * with the count. It may include changes that are up to one part too old, and never leaves out one that is not too old.
 */
export class FlapWindow {
  readonly #part: number;
  readonly #counts = new Float64Array(2 * RING);
  /** The number of the newest part, counted from the epoch. */
  #newest = 0;

  /** `length` is in milliseconds. */
  constructor(length: number) {
    this.#part = length / PARTS;
  }

  /** Counts some changes at a time. If the clock went back, it counts as standing still. */
  add(time: number, seen: number, hidden: number): void {
    this.#advance(time);
    const at = 2 * (this.#newest % RING);
    this.#counts[at]! += seen;
    this.#counts[at + 1]! += hidden;
  }

  /** The count until a time: of seen changes, or of hidden ones. */
  count(time: number, hidden: boolean): number {
    this.#advance(time);
    let sum = 0;
    for (let at = hidden ? 1 : 0; at < 2 * RING; at += 2) sum += this.#counts[at]!;
    return sum;
  }

  #advance(time: number): void {
    const newest = Math.floor(time / this.#part);
    if (!(newest > this.#newest)) return;
    for (let part = Math.max(this.#newest + 1, newest - PARTS); part <= newest; part++) {
      this.#counts.fill(0, 2 * (part % RING), 2 * (part % RING) + 2);
    }
    this.#newest = newest;
  }
}

const MINUTE = 60_000;
/** The windows' lengths, in milliseconds. */
const LENGTHS = [MINUTE, 10 * MINUTE, 60 * MINUTE] as const;
/** This many changes are kept one by one. Most interfaces never have more in an hour. */
const FEW = 8;

/** Which window: of 1, 10 or 60 minutes. */
export type WindowIndex = 0 | 1 | 2;

/** Carrier changes in windows of 1, 10 and 60 minutes. A few changes are kept one by one; windows are made for more. */
export class FlapWindows {
  /** Time, seen and hidden, one after the other. */
  #few: number[] = [];
  #windows: readonly FlapWindow[] | undefined;

  /** Counts some changes at a time that is not before the last one. */
  add(time: number, seen: number, hidden: number): void {
    if (this.#windows === undefined && this.#few.length >= 3 * FEW) this.#grow(time);
    if (this.#windows === undefined) this.#few.push(time, seen, hidden);
    else for (const window of this.#windows) window.add(time, seen, hidden);
  }

  /** The count in a window until a time: of seen changes, or of hidden ones. */
  count(window: WindowIndex, time: number, hidden: boolean): number {
    if (this.#windows !== undefined) return this.#windows[window]!.count(time, hidden);
    let sum = 0;
    for (let at = 0; at < this.#few.length; at += 3) {
      if (this.#few[at]! >= time - LENGTHS[window]) sum += this.#few[at + (hidden ? 2 : 1)]!;
    }
    return sum;
  }

  /** Drops changes that are too old, or else makes the windows. */
  #grow(time: number): void {
    let old = 0;
    while (old < this.#few.length && this.#few[old]! < time - LENGTHS[2]) old += 3;
    this.#few.splice(0, old);
    if (old > 0) return;
    this.#windows = LENGTHS.map((length) => new FlapWindow(length));
    for (let at = 0; at < this.#few.length; at += 3) {
      for (const window of this.#windows) window.add(this.#few[at]!, this.#few[at + 1]!, this.#few[at + 2]!);
    }
    this.#few = [];
  }
}
