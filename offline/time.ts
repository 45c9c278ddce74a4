/** Stands in for `@std/testing/time` by node:test: only what the tests use of it. */
import { mock } from "node:test";
import { setImmediate } from "node:timers/promises";

/** Puts a clock that stands still in the place of this process's timers, until it is disposed of. */
export class FakeTime implements Disposable {
  #restored = false;

  constructor() {
    mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: Date.now() });
  }

  /** Lets promises run, and then time pass, with whatever falls due in it. */
  async tickAsync(ms = 0): Promise<void> {
    await setImmediate();
    mock.timers.tick(ms);
  }

  /** Gives the real timers back. */
  restore(): void {
    if (this.#restored) throw new Error("Cannot restore time: time is already restored");
    this.#restored = true;
    mock.timers.reset();
  }

  [Symbol.dispose](): void {
    this.restore();
  }
}
