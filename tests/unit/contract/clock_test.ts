/** The clocks of a C library, and those of the runtime where there is none. */
import { assert, assertEquals } from "@std/assert";
import { Backoff } from "../../../platforms/common/backoff.ts";
import { clockOf, RuntimeClock } from "../../../platforms/common/clock.ts";
import { libraryClock } from "../../../platforms/ffi/clock.ts";
import { bytesAt, type Pointer } from "../../../platforms/ffi/memory.ts";
import { LinuxLibc } from "../../../platforms/linux/libc/libc.ts";
import { LinuxBackend } from "../../../platforms/linux/backend.ts";
import { dated } from "../../../src/table/moment.ts";
import { Clock } from "../../helpers/clock.ts";

/** clock_gettime(2) as a test says: seconds and nanoseconds by clock; what has none is refused. */
class Gettime {
  readonly clocks = new Map<number, readonly [seconds: number, nanoseconds: number]>();
  readonly asked: number[] = [];
  readonly call = (id: number, timespec: Pointer): number => {
    this.asked.push(id);
    const time = this.clocks.get(id);
    if (time === undefined) return -1;
    new BigInt64Array(bytesAt(timespec, 16)).set([BigInt(time[0]), BigInt(time[1])]);
    return 0;
  };
}

Deno.test("library clock: both are read to less than a microsecond, also behind 32 bits of seconds", () => {
  const library = new Gettime();
  library.clocks.set(7, [2 ** 32 - 1, 999_999_000]);
  const clock = libraryClock(library.call, 7)!;
  assertEquals(clock.elapsed(), 0);
  library.clocks.set(7, [2 ** 32 + 1, 500_000]);
  assert(Math.abs(clock.elapsed() - 1000.501) < 1e-3, `${clock.elapsed()}`);
  for (const [seconds, nanoseconds] of [[0, 0], [1_796_000_000, 123_456_789], [2 ** 33 + 7, 1000]] as const) {
    library.clocks.set(0, [seconds, nanoseconds]);
    assert(Math.abs(clock.time() - seconds * 1000 - nanoseconds / 1e6) < 1e-3, `${clock.time()}`);
  }
  assertEquals([...new Set(library.asked)].sort(), [0, 7]);
});

Deno.test("library clock: a wall clock that is set, and a sleep", () => {
  const library = new Gettime();
  library.clocks.set(0, [1_796_000_000, 0]).set(4, [50, 0]);
  const clock = libraryClock(library.call, 4)!;
  library.clocks.set(0, [86_400, 0]).set(4, [52, 0]); // set back to 1970
  assertEquals([clock.time(), clock.elapsed()], [86_400_000, 2000]);
  library.clocks.set(0, [86_400 + 28_800, 0]).set(4, [52 + 28_800, 0]); // slept
  assertEquals([clock.time(), clock.elapsed()], [115_200_000, 28_802_000]);
});

Deno.test("library clock: where a kernel refuses the steady clock, the runtime's is read", () => {
  const library = new Gettime();
  library.clocks.set(0, [1, 0]);
  assertEquals(libraryClock(library.call, 7), undefined);
  using clock = new Clock();
  const runtime = clockOf({ clock: libraryClock(library.call, 7) });
  const before = runtime.elapsed();
  clock.now += 250;
  assertEquals([runtime.elapsed() - before, runtime.time()], [250, Date.now()]);
});

Deno.test("runtime clock: it begins with 0, and follows no date that is set", () => {
  using clock = new Clock();
  clock.now = 5000;
  const runtime = new RuntimeClock();
  assertEquals(runtime.elapsed(), 0);
  for (const set of [400, -400, 3]) {
    clock.now += 1000;
    clock.set = set * 86_400_000;
    assertEquals(runtime.time(), Date.now());
  }
  assertEquals(runtime.elapsed(), 3000);
});

Deno.test({
  name: "library clock: Linux's are this machine's, one for all who use the library",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    const libc = new LinuxLibc();
    const backend = new LinuxBackend(() => libc);
    assertEquals([backend.clock === libc.clock, libc.with((open) => open()).clock === libc.clock], [true, true]);
    const clock = libc.clock!;
    const before = Date.now();
    const time = clock.time();
    assert(time > before - 1 && time < Date.now() + 1, `${time} is not between ${before} and ${Date.now()}`);
    const uptime = (): number => Number(Deno.readTextFileSync("/proc/uptime").split(" ")[0]) * 1000; // CLOCK_BOOTTIME
    const [elapsed, up] = [clock.elapsed(), uptime()];
    while (uptime() - up < 50) { /* it is to go on */ }
    const went = clock.elapsed() - elapsed;
    assert(went >= 40 && went <= uptime() - up + 20, `${went}`);
  },
});

Deno.test("dated: a clock that was set moves what was before, and a moment between two readings does not", () => {
  const moment = { time: 1_000_000, elapsed: 500 };
  assertEquals(dated(moment, { time: 1_000_100, elapsed: 600 }), 1_000_000);
  assertEquals(dated(moment, { time: 1_000_120, elapsed: 600 }), 1_000_000);
  assertEquals(dated(moment, { time: 9_000_000, elapsed: 1500 }), 8_999_000);
  assertEquals(dated(moment, { time: 2000, elapsed: 1500 }), 1000);
});

Deno.test("backoff: a clock that is set back ends no quiet time", () => {
  using clock = new Clock();
  const runtime = new RuntimeClock();
  const backoff = new Backoff(50, 30_000, 10);
  assertEquals([1, 2, 3].map(() => backoff.next(runtime.elapsed())), [50, 100, 200]);
  clock.set = -400 * 86_400_000;
  clock.now += 3_600_000;
  assertEquals(backoff.next(runtime.elapsed()), 50);
});
