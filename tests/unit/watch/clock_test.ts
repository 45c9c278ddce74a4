/** What a clock that is set, and a sleep, do to times and durations: on fake systems, whose clocks the test holds. */
import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { type InterfaceEvent, type InterfaceWatcher, type Platform, watch } from "../../../mod.ts";
import { FakeSystem } from "../../../src/testing.ts";
import { Clock } from "../../helpers/clock.ts";

const DAY = 86_400_000;
const UP = { flags: 0x11043, operState: "up", carrier: true, linkState: "up" } as const;
const DOWN = { flags: 0x1003, operState: "down", carrier: false, linkState: "down" } as const;

/** What may happen to the clocks between two changes, and how long that takes by a clock that nobody sets. */
const HAPPENINGS: readonly (readonly [name: string, take: (clock: Clock) => void, length: number])[] = [
  ["the clock is set forward", (clock) => clock.set += 400 * DAY, 0],
  ["the clock is set back", (clock) => clock.set -= 400 * DAY, 0],
  ["the clock is set by a second", (clock) => clock.set += 1000, 0],
  ["the machine sleeps", (clock) => clock.now += 8 * 3_600_000, 8 * 3_600_000],
  ["the machine sleeps, and its clock is set", (clock) => {
    clock.now += 8 * 3_600_000;
    clock.set -= 3_600_000;
  }, 8 * 3_600_000],
];

async function next(watcher: InterfaceWatcher): Promise<InterfaceEvent> {
  return (await watcher.next()).value!;
}

for (const [name, happen, length] of HAPPENINGS) {
  Deno.test(`clock: ${name}, and an event has the wall clock's time and the time between`, async () => {
    using clock = new Clock();
    using system = new FakeSystem();
    using watcher = watch();
    clock.now += 1000;
    const before = Date.now();
    system.set({ name: "eth0", ...UP });
    const added = await next(watcher);
    happen(clock);
    clock.now += 2000;
    system.set({ name: "eth0", ...DOWN });
    const down = await next(watcher);
    assertEquals([added.time, added.elapsed], [before, 1000]);
    assertEquals([down.time, down.elapsed - added.elapsed], [Date.now(), 2000 + length]);
  });

  Deno.test(`clock: ${name} during an outage, and history has how long it took`, async () => {
    using clock = new Clock();
    using system = new FakeSystem({ silentChanges: "none" });
    system.set({ name: "eth0", ...UP });
    using watcher = watch();
    clock.now += 1000;
    system.set({ name: "eth0", ...DOWN });
    await next(watcher);
    happen(clock);
    clock.now += 500;
    const lasting = watcher.history("eth0")!;
    assertEquals(lasting.since, Date.now() - length - 500);
    assertEquals([lasting.outageTime, lasting.longestOutage], [length + 500, length + 500]);
    assertEquals(lasting.lastOutage, { start: lasting.since, end: undefined });
    clock.now += 1500;
    system.set({ name: "eth0", ...UP });
    const { time } = await next(watcher);
    clock.now += 3000;
    const past = watcher.history("eth0")!;
    assertEquals([past.outages, past.outageTime, past.longestOutage], [1, length + 2000, length + 2000]);
    assertEquals([past.since, past.lastChange, past.lastOutage?.end], [time, time, time]);
    assertEquals(time - past.lastOutage!.start, length + 2000);
    assertEquals(past.flaps.minute.seen, length === 0 ? 2 : 1);
  });

  Deno.test(`clock: ${name} after what happened, and history says so by the clock as it is set now`, async () => {
    using clock = new Clock();
    using system = new FakeSystem({ silentChanges: "none" });
    system.set({ name: "eth0", ...UP });
    system.set({ name: "eth1", ...UP });
    using watcher = watch();
    clock.now += 1000;
    system.set({ name: "eth0", ...DOWN });
    await next(watcher);
    happen(clock);
    clock.now += 4000;
    const [changed, still] = [watcher.history("eth0")!, watcher.history("eth1")!];
    assertEquals([changed.since, changed.lastChange], [Date.now() - length - 4000, Date.now() - length - 4000]);
    assertEquals([still.since, still.sinceKnown], [Date.now() - length - 5000, false]);
  });
}

Deno.test("clock: set again and again, and no duration notices", async () => {
  using clock = new Clock();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", ...UP });
  using watcher = watch();
  for (let i = 0; i < 20; i++) {
    clock.now += 1000;
    system.set({ name: "eth0", ...(i % 2 === 0 ? DOWN : UP) });
    clock.set = (i % 3 - 1) * 1000 * DAY;
    const event = await next(watcher);
    assertEquals(event.elapsed, 1000 * (i + 1));
  }
  const { outages, outageTime, longestOutage, since } = watcher.history("eth0")!;
  assertEquals([outages, outageTime, longestOutage, since], [10, 10_000, 1000, Date.now()]);
});

Deno.test("clock: a since that is asked for again and again is the same, though two clocks are never read at once", async () => {
  using clock = new Clock();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", ...UP });
  using watcher = watch();
  clock.now += 1000;
  system.set({ name: "eth0", ...DOWN });
  const { time } = await next(watcher);
  for (let i = 0; i < 100; i++) {
    clock.now += 1234.5;
    clock.set = i % 7 * 10; // interrupted for so long between the two
    assertEquals(watcher.history("eth0")?.since, time);
  }
});

Deno.test("clock: with faked timers both clocks of a fake system follow them", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", ...UP });
  using watcher = watch();
  await time.tickAsync(60_000);
  const before = Date.now();
  system.set({ name: "eth0", ...DOWN });
  const down = await next(watcher);
  await time.tickAsync(7000);
  system.set({ name: "eth0", ...UP });
  const up = await next(watcher);
  assertEquals([down.time, down.elapsed, up.elapsed - down.elapsed], [before, 60_000, 7000]);
  assertEquals(watcher.history("eth0")?.longestOutage, 7000);
});

Deno.test("clock: faked timers that come later and go again move no duration back", async () => {
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", ...UP });
  using watcher = watch();
  const first = (system.set({ name: "eth0", ...DOWN }), await next(watcher));
  {
    using time = new FakeTime();
    const second = (system.set({ name: "eth0", ...UP }), await next(watcher));
    await time.tickAsync(5000);
    const third = (system.set({ name: "eth0", ...DOWN }), await next(watcher));
    assertEquals(third.elapsed - second.elapsed, 5000);
    assert(second.elapsed >= first.elapsed);
  }
  const last = (system.set({ name: "eth0", ...UP }), await next(watcher));
  assert(last.elapsed >= first.elapsed + 5000 && last.elapsed < first.elapsed + 65_000, `${last.elapsed}`);
});

for (const platform of ["linux", "netbsd", "freebsd", "openbsd", "dragonfly", "darwin"] satisfies Platform[]) {
  Deno.test(`clock: on ${platform} each kind of event has both times`, async () => {
    using clock = new Clock();
    using system = new FakeSystem({ platform, silentChanges: "none" });
    system.set({ name: "eth0", ...UP });
    using watcher = watch({ initial: true });
    const steps: readonly (readonly [InterfaceEvent["type"], () => void])[] = [
      ["present", () => {}],
      ["changed", () => system.set({ name: "eth0", ...UP, mtu: 1400 })],
      ["added", () => system.set({ name: "eth1", ...UP })],
      ["removed", () => system.remove("eth0")],
    ];
    for (const [expected, take] of steps) {
      take();
      let event = await next(watcher);
      while (event.type !== expected) event = await next(watcher); // a BSD's new interface changes at once
      assertEquals([event.time, event.elapsed], [Date.now(), clock.now]);
      clock.now += 3000;
      clock.set += DAY;
    }
  });
}

Deno.test("clock: what joins or leaves a selection has the times of the change that made it so", async () => {
  using clock = new Clock();
  using system = new FakeSystem();
  system.set({ name: "eth0", index: 5, ...UP });
  using watcher = watch({ names: "lan*" });
  for (const [name, expected] of [["lan0", "added"], ["wan0", "left"]] as const) {
    clock.now += 3000;
    clock.set -= DAY;
    system.set({ name, index: 5 });
    const { type, time, elapsed } = await next(watcher);
    assertEquals([type, time, elapsed], [expected, Date.now(), clock.now]);
  }
});
