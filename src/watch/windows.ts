/** How many parts a window has: what it counts is exact to one of them. */
const PARTS = 60;
/** One part more, so that the one that has just begun takes nothing from the window's other end. */
const RING = PARTS + 1;

/**
 * Carrier changes within a time that ends now, those that were seen and those that were not, in parts that are reused:
 * what it takes does not grow with what it counts. It may count what is older by up to a part, and never leaves out what
 * is not older.
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

  /** Counts some at a time. A clock that went back is taken to stand still. */
  add(time: number, seen: number, hidden: number): void {
    this.#advance(time);
    const at = 2 * (this.#newest % RING);
    this.#counts[at]! += seen;
    this.#counts[at + 1]! += hidden;
  }

  /** What there is until a time: those that were seen, or those that were hidden. */
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
