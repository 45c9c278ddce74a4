/**
 * A descriptor that is ready again within this time, in milliseconds, was ready quickly. A wake costs many times what
 * reading a message costs, so messages that come quickly one after the other are left to gather, as network cards do with
 * packets.
 */
const QUICK = 0.1;
/** After so many quick ones in a row, messages are left to gather. */
const QUICK_ONES = 8;
/** How long they gather, in milliseconds. */
export const GATHERING = 1;
/** Where so many have gathered, they are left to gather again. */
export const GATHERED = 8;

/** How fast a descriptor is ready again. */
export class Pace {
  #since = 0;
  #quick = 0;

  /** It is waited for from now on. */
  waiting(): void {
    this.#since = performance.now();
  }

  /** It is ready; whether messages are to gather from now on. */
  ready(): boolean {
    this.#quick = performance.now() - this.#since < QUICK ? this.#quick + 1 : 0;
    if (this.#quick < QUICK_ONES) return false;
    this.#quick = 0;
    return true;
  }
}
