/** What a watcher knows of the past: since when, how often, for how long. */
import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import type { Moment } from "../../../platforms/contract/clock.ts";
import { type InterfaceEvent, type InterfaceStatus, watch } from "../../../mod.ts";
import { fakeStatus, FakeSystem } from "../../../src/testing.ts";
import { makeEvent, mergeEvents } from "../../../src/table/event.ts";
import { Histories, LifeHistory } from "../../../src/watch/history.ts";
import { FlapWindow } from "../../../src/watch/windows.ts";
import { Clock } from "../../helpers/clock.ts";
import { FakeLinux } from "../../helpers/linux/kernel.ts";
import { type Random, withSeed } from "../../helpers/random.ts";

const UP = { flags: 0x11043, operState: "up", carrier: true } as const;
const DOWN = { flags: 0x1003, operState: "down", carrier: false } as const;

function state(connected: boolean | undefined, carrierChanges?: number, carrier = connected): InterfaceStatus {
  return { ...fakeStatus({ name: "eth0", index: 2 }), connected, carrier, carrierChanges };
}

/** A moment at which both clocks say the same. */
function at(time: number): Moment {
  return { time, elapsed: time };
}

function changed(from: InterfaceStatus, to: InterfaceStatus, time: number, generation = 1): InterfaceEvent {
  return makeEvent("changed", from, to, { generation, resync: false, ...at(time) });
}

/** Lets everything that was announced be read, without taking it. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

Deno.test("history: what was there before is so since watching began, at least", async () => {
  using clock = new Clock();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", ...UP, carrierChanges: 7 });
  clock.now = 1000;
  using watcher = watch();
  clock.now = 5000;
  const past = watcher.history("eth0");
  const none = { seen: 0, hidden: 0 };
  assertEquals(past, {
    connected: true,
    since: performance.timeOrigin + 1000,
    sinceKnown: false,
    lastChange: undefined,
    flaps: { minute: none, tenMinutes: none, hour: none, total: none },
    downs: 0,
    outages: 0,
    longestOutage: undefined,
    outageTime: 0,
    lastOutage: undefined,
  });
  system.set({ name: "eth0", mtu: 1400 });
  await settle();
  const later = watcher.history("eth0");
  assertEquals([later?.since, later?.sinceKnown], [past?.since, false]);
  assertEquals(later?.lastChange, performance.timeOrigin + 5000);
});

Deno.test("history: an outage, seen while nobody takes an event, and one that lasts", async () => {
  using clock = new Clock();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", ...UP, carrierChanges: 7 });
  using watcher = watch({ names: "eth*" });
  const step = async (time: number, what: Parameters<FakeSystem["set"]>[0]): Promise<void> => {
    clock.now = time;
    system.set(what);
    await settle();
  };
  await step(10_000, { name: "eth0", ...DOWN, carrierChanges: 8 });
  await step(12_000, { name: "eth0", ...UP, carrierChanges: 9 });
  await step(20_000, { name: "eth0", ...UP, carrierChanges: 19 });
  await step(90_000, { name: "eth0", ...DOWN, carrierChanges: 20 });
  clock.now = 95_000;
  const origin = performance.timeOrigin;
  const { flaps, ...rest } = watcher.history("eth0")!;
  assertEquals(rest, {
    connected: false,
    since: origin + 90_000,
    sinceKnown: true,
    lastChange: origin + 90_000,
    downs: 2 + 5,
    outages: 1,
    longestOutage: 5000,
    outageTime: 7000,
    lastOutage: { start: origin + 90_000, end: undefined },
  });
  assertEquals(flaps.minute, { seen: 1, hidden: 0 });
  assertEquals(flaps.tenMinutes, { seen: 3, hidden: 10 });
  assertEquals(flaps.total, { seen: 3, hidden: 10 });
});

Deno.test("history: what settles counts as it happened", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", ...UP, carrierChanges: 2 });
  using watcher = watch({ settle: 60_000 });
  system.set({ name: "eth0", ...DOWN, carrierChanges: 3 });
  await time.tickAsync(10);
  system.set({ name: "eth0", ...UP, carrierChanges: 4 });
  await time.tickAsync(10);
  const past = watcher.history("eth0");
  assertEquals([past?.outages, past?.downs, past?.flaps.minute], [1, 1, { seen: 2, hidden: 0 }]);
});

Deno.test("history: only of what is watched, by any of its names and as long as it is watched", async () => {
  using kernel = new FakeLinux();
  kernel.set("eth0", { altNames: ["lan"] });
  kernel.set("wan");
  kernel.set("tap0", { index: 30, altNames: ["wan"] }); // as it may look while names change hands
  const watcher = watch({ exclude: "tap*" });
  assert(watcher.history("lan") !== undefined);
  assertEquals(watcher.history("lan"), watcher.history("eth0"));
  assert(watcher.history("wan") !== undefined, "a name of one's own goes before another's alternative name");
  assertEquals([watcher.history("tap0"), watcher.history(30), watcher.history(99), watcher.history("no")], [
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  kernel.remove("eth0");
  await settle();
  assertEquals(watcher.history("eth0"), undefined);
  watcher.close();
  assertEquals(watcher.history("wan"), undefined);
});

Deno.test("history: an interface that joins by a name began before, one that comes did not", async () => {
  using clock = new Clock();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", index: 5, ...UP, carrierChanges: 2 });
  using watcher = watch({ names: "lan*" });
  assertEquals(watcher.history(5), undefined);
  clock.now = 3000;
  system.set({ name: "lan0", index: 5 });
  system.set({ name: "lan1", index: 6, ...UP });
  await settle();
  const [joined, came] = [watcher.history("lan0"), watcher.history("lan1")];
  assertEquals([joined?.since, joined?.sinceKnown], [performance.timeOrigin + 3000, false]);
  assertEquals([came?.since, came?.sinceKnown], [performance.timeOrigin + 3000, true]);
});

Deno.test("history: another life of an index has a past of its own", () => {
  const histories = new Histories(at(0));
  const first = state(true, 4);
  histories.take(changed(first, state(false, 9), 1000), false);
  assertEquals(histories.tell(state(false, 9), at(2000)).downs, 3);
  const recreated = state(true, 1);
  histories.take(makeEvent("removed", first, first, { generation: 1, resync: true, ...at(3000) }), false);
  histories.take(makeEvent("added", undefined, recreated, { generation: 2, resync: true, ...at(3000) }), false);
  const past = histories.tell(recreated, at(4000));
  assertEquals([past.since, past.sinceKnown, past.downs, past.lastChange], [3000, true, 0, 3000]);
  histories.take(changed(recreated, state(false, 2), 5000, 3), false); // its end was not told
  assertEquals(histories.tell(state(false, 2), at(5000)).downs, 1);
});

Deno.test("history: an interface whose counters begin anew behind 32 bits is the same one, and has its past", async () => {
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", ...UP, carrierChanges: 0xfffffffe, carrierUps: 0x7fffffff, carrierDowns: 0x7fffffff });
  using watcher = watch();
  system.set({ name: "eth0", ...DOWN, carrierChanges: 0xffffffff, carrierDowns: 0x80000000 });
  await settle();
  system.set({ name: "eth0", ...UP, carrierChanges: 0, carrierUps: 0x80000000 });
  await settle();
  const [first, next] = [await watcher.next(), await watcher.next()];
  assertEquals([first.value?.type, next.value?.type], ["changed", "changed"]);
  assertEquals(next.value?.hiddenFlaps, 0);
  assertEquals(watcher.history("eth0")?.flaps.total, { seen: 2, hidden: 0 });
});

Deno.test("history: a counter that wraps, one that goes back, and none", () => {
  const flapsOf = (from: InterfaceStatus, to: InterfaceStatus) => {
    const life = new LifeHistory(from, 1, at(0), false);
    life.take(changed(from, to, 10));
    const { flaps, downs } = life.tell(at(20));
    return [flaps.minute.seen, flaps.minute.hidden, downs];
  };
  assertEquals(flapsOf(state(true, 0xffffffff), state(false, 4)), [1, 4, 3]);
  assertEquals(flapsOf(state(true, 9), state(true, 3)), [0, 0, 0]);
  assertEquals(flapsOf(state(true), state(false)), [1, undefined, 1]);
  assertEquals(flapsOf(state(true, 5, true), state(false, 5, true)), [0, 0, 1]); // taken down: it keeps its carrier
  const bsd = (linkState: "up" | "down") => ({ ...state(linkState === "up"), carrier: undefined, linkState });
  assertEquals(flapsOf(bsd("up"), bsd("down")), [1, undefined, 1]);
});

Deno.test("history: what is not known is no outage, nor is a first time without a connection", () => {
  const life = new LifeHistory(state(false, 0), 1, at(0), true);
  life.take(changed(state(false, 0), state(true, 1), 100));
  life.take(changed(state(true, 1), state(undefined, 1, true), 200));
  life.take(changed(state(undefined, 1, true), state(true, 1), 300));
  const past = life.tell(at(400));
  assertEquals([past.outages, past.longestOutage, past.lastOutage, past.since], [0, undefined, undefined, 300]);
});

Deno.test("history: of a merged event that ends as it began, the state is new all the same", () => {
  const [a, b, c] = [state(true, 0), state(false, 1), state(true, 2)] as const;
  const merged = mergeEvents(changed(a, b, 10), changed(b, c, 20))!;
  const life = new LifeHistory(a, 1, at(0), false);
  life.take(merged);
  const past = life.tell(at(30));
  assertEquals([past.since, past.sinceKnown, past.downs, past.flaps.total], [20, true, 1, { seen: 0, hidden: 2 }]);
});

Deno.test("history: what was read late makes no time go back, and no window forget", () => {
  const life = new LifeHistory(state(true, 0), 1, at(1000_000), false);
  life.take(changed(state(true, 0), state(false, 1), 1000_500));
  life.take(changed(state(false, 1), state(true, 2), 400));
  const past = life.tell(at(500));
  assertEquals([past.since, past.longestOutage, past.flaps.minute.seen, past.lastChange], [1000_500, 0, 2, 1000_500]);
});

/** The same as a list of all that happened: what the history must agree with, to a part of a window. */
class Model {
  readonly flaps: { readonly time: number; readonly seen: number; readonly hidden: number }[] = [];
  readonly outages: number[] = [];
  downs = 0;
  #lost: number | undefined;

  step(from: InterfaceStatus, to: InterfaceStatus, way: readonly boolean[], time: number): void {
    const carriers = [from.carrier!, ...way, to.carrier!];
    const turns = carriers.slice(1).filter((one, i) => one !== carriers[i]).length;
    const seen = from.carrier === to.carrier ? 0 : 1;
    this.flaps.push({ time, seen, hidden: turns - seen });
    this.downs += carriers.slice(1).filter((one, i) => !one && carriers[i]).length;
    if (from.connected && !to.connected) this.#lost = time;
    else if (!from.connected && to.connected && this.#lost !== undefined) {
      this.outages.push(time - this.#lost);
      this.#lost = undefined;
    }
  }

  longest(now: number): number | undefined {
    const all = this.#lost === undefined ? this.outages : [...this.outages, now - this.#lost];
    return all.length === 0 ? undefined : Math.max(...all);
  }

  inAll(now: number): number {
    const over = this.outages.reduce((sum, one) => sum + one, 0);
    return this.#lost === undefined ? over : over + now - this.#lost;
  }

  within(now: number, length: number): [seen: number, hidden: number] {
    const inside = this.flaps.filter(({ time }) => time > now - length);
    return [inside.reduce((sum, one) => sum + one.seen, 0), inside.reduce((sum, one) => sum + one.hidden, 0)];
  }
}

function tryOnce(random: Random): void {
  let now = random.below(100_000_000);
  let status = state(random.below(2) === 0, random.pick([0, 5, 0xfffffff0]));
  const life = new LifeHistory(status, 1, at(now), false);
  const model = new Model();
  for (let i = 0; i < 200; i++) {
    now += random.pick([0, 1, 400, 1000, 7000, 60_000, 59_999, 700_000, 4_000_000]) + random.below(50);
    const way = Array.from({ length: random.below(6) }, () => random.below(2) === 0);
    const carrier = random.below(2) === 0;
    const carriers = [status.carrier!, ...way, carrier];
    const turns = carriers.slice(1).filter((one, j) => one !== carriers[j]).length;
    const next = state(carrier, (status.carrierChanges! + turns) % 2 ** 32);
    if (turns > 0 || random.below(2) === 0) {
      life.take(changed(status, next, now));
      model.step(status, next, way, now);
    }
    status = next;
    const asked = now + random.pick([0, 0, 30_000, 600_000]);
    const { flaps, downs, outages, longestOutage, outageTime } = life.tell(at(asked));
    assertEquals(outageTime, model.inAll(asked));
    assertEquals([downs, outages, longestOutage], [model.downs, model.outages.length, model.longest(asked)]);
    assertEquals([flaps.total.seen, flaps.total.hidden], model.within(now, Infinity));
    for (const [window, length] of [["minute", 60_000], ["tenMinutes", 600_000], ["hour", 3_600_000]] as const) {
      const least = model.within(asked, length);
      const most = model.within(asked, length + length / 60);
      const { seen, hidden } = flaps[window];
      assert(
        seen >= least[0] && seen <= most[0] && hidden! >= least[1] && hidden! <= most[1],
        `${window} at step ${i}`,
      );
    }
    now = asked;
  }
}

Deno.test("history: it agrees with a list of all that happened, whatever happens", () => {
  withSeed((random) => {
    for (let i = 0; i < 60; i++) tryOnce(random);
  });
});

Deno.test("history: a window is as large after a million changes as after one", () => {
  const window = new FlapWindow(60_000);
  for (let i = 0; i < 1_000_000; i++) window.add(i, 1, 2);
  assertEquals(window.count(999_999, false), 61_000);
  assertEquals(window.count(999_999, true), 122_000);
  assertEquals(window.count(10_000_000, false), 0);
});
