/** The clock that a test drives: the real one and its stand-in, beside each other. */
import * as used from "@std/testing/time";
import * as standIn from "../../../offline/std1/testing/time.ts";
import { type Cases, conform } from "../../helpers/conformance.ts";

/** Either of them: what the two types have in common is what the tests use. */
interface Time {
  readonly FakeTime: new () => Faked;
}

interface Faked extends Disposable {
  tickAsync(ms?: number): Promise<void>;
  restore(): void;
}

/** Runs something with a clock that stands still, and returns what it notes, with the milliseconds since the start. */
async function noted(
  { FakeTime }: Time,
  run: (time: Faked, note: (what: unknown) => void) => Promise<void>,
): Promise<unknown[]> {
  using time = new FakeTime();
  const start = Date.now();
  const notes: unknown[] = [];
  await run(time, (what) => notes.push([what, Date.now() - start]));
  return [...notes, ["end", Date.now() - start]];
}

const CASES: Cases<Time> = {
  "time stands still": (std) =>
    noted(std, async (time, note) => {
      setTimeout(() => note("a"), 1);
      await time.tickAsync();
      note("still");
    }),
  "timers are called in the order of their times, then of their making": (std) =>
    noted(std, async (time, note) => {
      setTimeout(() => note("c"), 20);
      setTimeout(() => note("a"), 10);
      setTimeout(() => note("b"), 10);
      setTimeout(() => note("late"), 31);
      await time.tickAsync(30);
    }),
  "what promises do comes before": (std) =>
    noted(std, async (time, note) => {
      void Promise.resolve().then(() => setTimeout(() => note("set by a promise"), 5));
      await time.tickAsync(5);
    }),
  "what a timer's promises do comes at the next tick": (std) =>
    noted(std, async (time, note) => {
      setTimeout(() => void Promise.resolve().then(() => note("promise")), 5);
      setTimeout(() => note("timer"), 6);
      await time.tickAsync(10);
      note("ticked");
      await time.tickAsync();
    }),
  "a timer that a timer sets": (std) =>
    noted(std, async (time, note) => {
      setTimeout(() => {
        note("first");
        setTimeout(() => note("second"), 5);
        setTimeout(() => note("at once"), 0);
        setTimeout(() => note("third"), 6);
      }, 5);
      await time.tickAsync(10);
      note("ticked");
      await time.tickAsync(1);
    }),
  "an interval": (std) =>
    noted(std, async (time, note) => {
      let left = 3;
      const id = setInterval(() => {
        note(left);
        if (--left === 0) clearInterval(id);
      }, 10);
      await time.tickAsync(25);
      await time.tickAsync(100);
    }),
  "an interval beside a timer that is due at the same time": (std) =>
    noted(std, async (time, note) => {
      const id = setInterval(() => note("interval"), 10);
      setTimeout(() => note("timer"), 20);
      await time.tickAsync(30);
      clearInterval(id);
    }),
  "an interval of 0 is one of a millisecond": (std) =>
    noted(std, async (time, note) => {
      const id = setInterval(() => note("interval"), 0);
      await time.tickAsync(3);
      clearInterval(id);
    }),
  "arguments, fractions and what is negative": (std) =>
    noted(std, async (time, note) => {
      setTimeout(note, 1.9, "fraction");
      setTimeout(note, -5, "negative");
      setTimeout(note, undefined, "undefined");
      await time.tickAsync();
      await time.tickAsync(1);
    }),
  "what is cleared is not called": (std) =>
    noted(std, async (time, note) => {
      const id = setTimeout(() => note("cleared"), 5);
      setTimeout(() => clearTimeout(id), 4);
      clearTimeout(undefined);
      clearInterval(setTimeout(() => note("cleared as the other kind"), 1));
      await time.tickAsync(10);
    }),
  "a timer is a number, from 1 on": (std) =>
    noted(std, async (time, note) => {
      note([setTimeout(() => {}, 1), setInterval(() => {}, 1)]);
      await time.tickAsync();
    }),
  "a timer that throws stops the clock": (std) =>
    noted(std, async (time, note) => {
      setTimeout(() => {
        throw new RangeError("no");
      }, 5);
      setTimeout(() => note("after it"), 6);
      await time.tickAsync(10).catch((error) => note(String(error)));
      await time.tickAsync(1);
    }),
  "dates": (std) =>
    noted(std, async (time, note) => {
      const start = Date.now();
      await time.tickAsync(1500);
      note(new Date().getTime() - start);
      note(new Date(5).getTime());
      note(new Date(2026, 10, 21).getFullYear());
      note(Date() === new Date().toString());
      note(new Date() instanceof Date);
      note([Date.UTC(1970, 0, 2), Date.parse("1970-01-01T00:00:01Z")]);
    }),
  "AbortSignal.timeout": (std) =>
    noted(std, async (time, note) => {
      const signal = AbortSignal.timeout(10);
      signal.addEventListener("abort", () => note([signal.reason.name, signal.reason instanceof DOMException]));
      await time.tickAsync(9);
      note(signal.aborted);
      await time.tickAsync(1);
    }),
  "setImmediate and performance.now() are not faked": (std) =>
    noted(std, async (time, note) => {
      const before = performance.now();
      await new Promise((resolve) => setImmediate(resolve));
      await time.tickAsync(1e9);
      note(performance.now() - before < 1e8);
    }),
  "what is no function": (std) => noted(std, (_, note) => Promise.resolve(note(setTimeout("text" as never, 5)))),
  "faked twice": ({ FakeTime }) => {
    using _time = new FakeTime();
    new FakeTime();
  },
  "restored twice": ({ FakeTime }) => {
    const time = new FakeTime();
    time.restore();
    time.restore();
  },
  "Date.now that is set is not asked, and is not given back": async (std) => {
    const real = Date.now;
    try {
      const notes = await noted(std, (_, note) => {
        const before = Date.now;
        Date.now = () => 5;
        note(Date.now() === 5);
        Date.now = before; // which sets that of the real Date
        return Promise.resolve();
      });
      return [notes, Date.now()];
    } catch (error) {
      return String(error);
    } finally {
      Date.now = real;
    }
  },
  "what was there comes back": ({ FakeTime }) => {
    const globals = () => [setTimeout, clearTimeout, setInterval, clearInterval, Date, AbortSignal.timeout];
    const before = globals();
    const faked: unknown[] = [];
    {
      using _time = new FakeTime();
      faked.push(...globals());
    }
    return [faked.map((one, i) => one === before[i]), globals().map((one, i) => one === before[i])];
  },
};

conform<Time>("time", { used, standIn }, CASES);
