/** Stands in for `@std/testing/time` by the fake timers that sinon uses: only what the tests use of it. */
// @ts-types="npm:@types/sinonjs__fake-timers@8.1.5"
import FakeTimers from "npm:@sinonjs/fake-timers@13.0.5";

/** Puts a clock that stands still in the place of this process's timers, until it is disposed of. */
export class FakeTime implements Disposable {
  readonly #clock = FakeTimers.install({
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"],
  });

  /** Lets time pass, and runs what falls due, with the promises that follow from it. */
  async tickAsync(ms = 0): Promise<void> {
    await this.#clock.tickAsync(ms);
  }

  /** Gives the real timers back. */
  restore(): void {
    this.#clock.uninstall();
  }

  [Symbol.dispose](): void {
    this.restore();
  }
}
