/** The runtime's own. Where Date is faked too, its `now` is the fake's, and would be kept for the real one's. */
const REAL = [performance.now, Date.now] as const;

/** The runtime's clocks as a test says, until it is disposed of. */
export class Clock implements Disposable {
  /** performance.now(): nobody sets it. */
  now = 0;
  /** By how much Date.now() was set: it goes on with the other one. */
  set = 0;

  constructor() {
    performance.now = () => this.now;
    Date.now = () => performance.timeOrigin + this.now + this.set;
  }

  [Symbol.dispose](): void {
    [performance.now, Date.now] = REAL;
  }
}
