/** performance.now() as a test says, until it is disposed of. */
export class Clock implements Disposable {
  now = 0;
  readonly #real = performance.now;

  constructor() {
    performance.now = () => this.now;
  }

  [Symbol.dispose](): void {
    performance.now = this.#real;
  }
}
