/** The runtime's clocks as a test says, until it is disposed of. */
export class Clock implements Disposable {
  /** performance.now(): nobody sets it. */
  now = 0;
  /** By how much Date.now() was set: it goes on with the other one. */
  set = 0;
  readonly #real = [performance.now, Date.now] as const;

  constructor() {
    performance.now = () => this.now;
    Date.now = () => performance.timeOrigin + this.now + this.set;
  }

  [Symbol.dispose](): void {
    [performance.now, Date.now] = this.#real;
  }
}
