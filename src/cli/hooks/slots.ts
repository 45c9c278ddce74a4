/** Lets at most so many things be done at once. The others wait, and begin in the order in which they came. */
export class Slots {
  #free: number;
  #open = true;
  readonly #waiting: ((mayBegin: boolean) => void)[] = [];

  /** `count` is how many may be done at once. */
  constructor(count: number) {
    this.#free = count;
  }

  /** Does it as soon as there is room; never, where there is none before {@linkcode close}. */
  async run(work: () => Promise<void>): Promise<void> {
    if (!await this.#enter()) return;
    try {
      await work();
    } finally {
      this.#leave();
    }
  }

  /** Lets nothing more begin. */
  close(): void {
    this.#open = false;
    for (const begin of this.#waiting.splice(0)) begin(false);
  }

  #enter(): Promise<boolean> | boolean {
    if (!this.#open) return false;
    if (this.#free > 0) {
      this.#free--;
      return true;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next(true);
  }
}
