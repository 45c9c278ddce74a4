/** Stands in for `@std/testing/time`: what the tests use of it. */

const { Date: RealDate, setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
const abortAfter = AbortSignal.timeout;

/** Thrown where time is faked twice, or given back twice. */
export class TimeError extends Error {
  override readonly name = "TimeError";
}

interface Timer {
  readonly id: number;
  due: number;
  /** Of timers that are due at the same time, the one that was set first goes first. */
  turn: number;
  /** The time between two calls; undefined of a timer that is called once. */
  readonly every: number | undefined;
  readonly call: () => void;
}

let faked: FakeTime | undefined;
const now = (): number => faked?.now ?? RealDate.now();

/** Puts a clock that stands still in the place of this process's timers and of its date, until it is disposed of. */
export class FakeTime implements Disposable {
  readonly #timers = new Map<number, Timer>();
  #now = RealDate.now();
  #ids = 0;
  #turns = 0;

  constructor() {
    if (faked !== undefined) throw new TimeError("Cannot construct FakeTime: time is already faked");
    faked = this;
    const set = (repeats: boolean) => (call: unknown, delay = 0, ...args: unknown[]): number => {
      if (typeof call !== "function") {
        const name = repeats ? "setInterval" : "setTimeout";
        throw new TimeError(`FakeTime does not support non-function callbacks to ${name}`);
      }
      const wait = Math.max(repeats ? 1 : 0, Math.floor(delay));
      const timer = { id: ++this.#ids, due: this.#now + wait, turn: ++this.#turns, every: repeats ? wait : undefined };
      this.#timers.set(timer.id, { ...timer, call: () => void call.apply(null, args) });
      return timer.id;
    };
    const clear = (id?: unknown): void => void this.#timers.delete(id as number);
    Object.assign(globalThis, {
      setTimeout: set(false),
      setInterval: set(true),
      clearTimeout: clear,
      clearInterval: clear,
      Date: new Proxy(RealDate, {
        construct: (date, args) => args.length === 0 ? new date(now()) : Reflect.construct(date, args),
        apply: () => new RealDate(now()).toString(),
        get: (date, key, receiver) => key === "now" ? now : Reflect.get(date, key, receiver),
      }),
    });
    AbortSignal.timeout = (delay) => {
      const control = new AbortController();
      set(false)(() => control.abort(new DOMException("Signal timed out.", "TimeoutError")), delay);
      return control.signal;
    };
  }

  /** The faked time, in milliseconds since the Unix epoch. */
  get now(): number {
    return this.#now;
  }

  /** Lets promises run, and then time pass, with whatever falls due in it. */
  async tickAsync(ms = 0): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers.values()].sort((a, b) => a.due - b.due || a.turn - b.turn);
      if (next === undefined || !(next.due <= end)) break;
      this.#now = next.due;
      if (next.every === undefined) this.#timers.delete(next.id);
      else {
        next.due += next.every;
        next.turn = ++this.#turns;
      }
      next.call();
    }
    this.#now = end;
  }

  /** Gives the real timers back. */
  restore(): void {
    if (faked === undefined) throw new TimeError("Cannot restore time: time is already restored");
    faked = undefined;
    Object.assign(globalThis, { Date: RealDate, setTimeout, clearTimeout, setInterval, clearInterval });
    AbortSignal.timeout = abortAfter;
  }

  [Symbol.dispose](): void {
    this.restore();
  }
}
