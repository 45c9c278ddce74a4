interface Timer {
  readonly call: () => void;
  due: number;
  /** Of an interval, its length. */
  readonly every: number | undefined;
}

/** A clock in the place of this thread's timers, which stands still until it is told to go on. It knows what is left. */
export class Clock implements Disposable {
  readonly #timers = new Map<number, Timer>();
  readonly #real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setInterval: globalThis.setInterval,
    clearInterval: globalThis.clearInterval,
  };
  readonly #date = Date.now;
  #now = 0;
  #last = 0;

  constructor() {
    const clear = (id: unknown): void => void this.#timers.delete(id as number);
    const set = (call: () => void, time: number, every: number | undefined): number => {
      this.#timers.set(++this.#last, { call, due: this.#now + time, every });
      return this.#last;
    };
    Object.assign(globalThis, {
      setTimeout: (call: () => void, time = 0) => set(call, time, undefined),
      setInterval: (call: () => void, time = 0) => set(call, time, Math.max(1, time)),
      clearTimeout: clear,
      clearInterval: clear,
    });
    Date.now = () => this.#now;
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets time pass; `flush` lets promises run after each timer. */
  async pass(time: number, flush: () => Promise<void>): Promise<void> {
    const end = this.#now + time;
    for (;;) {
      let first: [number, Timer] | undefined;
      for (const one of this.#timers) {
        if (one[1].due <= end && (first === undefined || one[1].due < first[1].due)) first = one;
      }
      if (first === undefined) break;
      const [id, timer] = first;
      this.#now = Math.max(this.#now, timer.due);
      if (timer.every === undefined) this.#timers.delete(id);
      else timer.due += timer.every;
      timer.call();
      await flush();
    }
    this.#now = end;
  }

  [Symbol.dispose](): void {
    Object.assign(globalThis, this.#real);
    Date.now = this.#date;
  }
}
