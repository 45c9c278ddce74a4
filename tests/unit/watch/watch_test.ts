import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { type InterfaceEvent, type InterfaceWatcher, InvalidInputError, list, waitFor, watch } from "../../../mod.ts";
import { FakeSystem } from "../../../src/testing.ts";
import { ADDRESS } from "../../helpers/made_up.ts";
import { currentBackend, useBackend } from "../../../platforms/current.ts";
import { still } from "../../helpers/still.ts";
import { movedOf } from "../../helpers/events.ts";

/** The flag words that a Linux interface goes through. */
const DOWN = 0x1002;
const NO_CARRIER = 0x1003;
const RUNNING = 0x11043;

async function next(watcher: InterfaceWatcher): Promise<InterfaceEvent> {
  const { done, value } = await watcher.next();
  assert(!done);
  return value;
}

/** Lets everything that was announced be read, without taking it. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

/** The same, and then something is read that says nothing new: what was not taken until then is merged. */
async function leave(system: FakeSystem): Promise<void> {
  await settle();
  const { index, name } = list({ addresses: false }).at(-1)!;
  system.set({ index, name });
  await settle();
}

still("watch: initial tells those that are there, then changes with both states", async () => {
  using system = new FakeSystem();
  system.set({ name: "lo", flags: 0x10049, operState: "unknown" });
  await using watcher = watch({ initial: true });
  const present = await next(watcher);
  assertEquals([present.type, present.status.name, present.previous], ["present", "lo", undefined]);
  system.set({ name: "eth0", flags: DOWN });
  assertEquals((await next(watcher)).type, "added");
  system.set({ name: "eth0", flags: RUNNING, operState: "up", carrier: true, carrierChanges: 1, carrierUps: 1 });
  const event = await next(watcher);
  assertEquals(event.type, "changed");
  assertEquals(event.previous?.flags, DOWN);
  assertEquals(event.status.flags, RUNNING);
  assertEquals(event.flagsSet, ["UP", "RUNNING", "LOWER_UP"]);
  assertEquals(event.flagsCleared, []);
  assertEquals(event.changed, [
    "flags",
    "flagNames",
    "up",
    "running",
    "lowerUp",
    "operState",
    "carrier",
    "carrierChanges",
    "carrierUps",
    "connected",
  ]);
  assertEquals(event.hiddenFlaps, 0);
  system.remove("eth0");
  assertEquals((await next(watcher)).flagsCleared, ["UP", "RUNNING", "LOWER_UP"]); // it goes down first
  assertEquals((await next(watcher)).type, "removed");
});

still("watch: a message that says nothing new is no event", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: DOWN });
  await using watcher = watch();
  system.set({ name: "eth0", flags: DOWN });
  system.set({ name: "eth0", mtu: 9000 });
  assertEquals((await next(watcher)).changed, ["mtu"]);
});

still("watch: what queues while everything is listed is told, and ends without a step back", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: DOWN });
  await using first = watch();
  // The list shows the second change; both messages wait behind it, the first of them older than the list.
  system.setSilently({ name: "eth0", flags: RUNNING, operState: "up" });
  system.onSnapshot = () => {
    system.onSnapshot = undefined;
    system.set({ name: "eth0", flags: NO_CARRIER, operState: "down" });
    system.set({ name: "eth0", flags: RUNNING, operState: "up" });
  };
  await using second = watch({ initial: true });
  const told = [await next(first), await next(first)];
  assertEquals(told.map(({ previous, status }) => [previous?.flags, status.flags]), [
    [DOWN, NO_CARRIER],
    [NO_CARRIER, RUNNING],
  ]);
  assertEquals((await next(second)).status.flags, RUNNING);
  system.set({ name: "eth0", mtu: 1400 });
  assertEquals((await next(first)).changed, ["mtu"]);
  assertEquals((await next(second)).changed, ["mtu"]);
});

still("watch: an interface that goes and comes while everything is listed is another one", async () => {
  using system = new FakeSystem();
  system.set({ name: "tap0", index: 5 });
  await using watcher = watch();
  system.onSnapshot = () => {
    system.onSnapshot = undefined;
    system.remove("tap0");
    system.set({ name: "tap0", index: 5 });
  };
  system.overflow();
  const removed = await next(watcher);
  const added = await next(watcher);
  assertEquals([removed.type, added.type], ["removed", "added"]);
  assert(added.generation > removed.generation);
});

still("watch: a reused index is a new generation", async () => {
  using system = new FakeSystem();
  system.set({ name: "tap0", index: 5 });
  await using watcher = watch({ initial: true });
  const before = await next(watcher);
  system.remove("tap0");
  system.set({ name: "tap1", index: 5 });
  const removed = await next(watcher);
  const added = await next(watcher);
  assertEquals([removed.status.name, added.status.name], ["tap0", "tap1"]);
  assertEquals(removed.generation, before.generation);
  assert(added.generation > removed.generation);
});

still("watch: after an overflow the differences are told, with resync", async () => {
  using system = new FakeSystem();
  for (const name of ["eth0", "eth1", "eth2"]) system.set({ name });
  await using watcher = watch();
  system.set({ name: "eth0", flags: RUNNING, operState: "up" });
  system.remove("eth1");
  system.set({ name: "eth3" });
  system.overflow();
  const events = [await next(watcher), await next(watcher), await next(watcher)];
  assertEquals(events.map(({ type, status: { name }, resync }) => [type, name, resync]), [
    ["removed", "eth1", true],
    ["changed", "eth0", true],
    ["added", "eth3", true],
  ]);
});

Deno.test("watch: an overflow while everything is asked again is asked again soon", async () => {
  using time = new FakeTime();
  using system = new FakeSystem();
  system.set({ name: "eth0", mtu: 1000 });
  await using watcher = watch();
  system.onSnapshot = () => {
    system.onSnapshot = undefined;
    system.setSilently({ name: "eth0", mtu: 3000 });
    system.overflow();
  };
  system.setSilently({ name: "eth0", mtu: 2000 });
  system.overflow();
  assertEquals((await next(watcher)).status.mtu, 2000);
  const last = next(watcher);
  await time.tickAsync(20);
  assertEquals((await last).status.mtu, 3000);
});

still("watch: an index whose counters went back in a resync is another interface", async () => {
  using system = new FakeSystem();
  system.set({ name: "veth0", index: 9, kind: "veth", carrierChanges: 8, carrierUps: 4, carrierDowns: 4 });
  await using watcher = watch();
  system.setSilently({ name: "veth0", index: 9, kind: "veth", carrierChanges: 1, carrierUps: 0, carrierDowns: 1 });
  system.overflow();
  assertEquals([(await next(watcher)).type, (await next(watcher)).type], ["removed", "added"]);
});

still("watch: hiddenFlaps counts the carrier changes that no event shows", async () => {
  using system = new FakeSystem();
  system.set({ name: "tap0", flags: RUNNING, carrier: true, carrierChanges: 2, carrierUps: 1, carrierDowns: 1 });
  await using watcher = watch();
  system.set({ name: "tap0", carrierChanges: 12, carrierUps: 6, carrierDowns: 6 });
  assertEquals((await next(watcher)).hiddenFlaps, 10);
  system.set({ name: "tap0", flags: NO_CARRIER, carrier: false, carrierChanges: 13, carrierDowns: 7 });
  assertEquals((await next(watcher)).hiddenFlaps, 0);
  system.set({ name: "tap0", flags: RUNNING, carrier: true, carrierChanges: 16, carrierUps: 8, carrierDowns: 8 });
  assertEquals((await next(watcher)).hiddenFlaps, 2);
});

still("watch: events that were not taken merge by interface and stay honest", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: RUNNING, operState: "up", carrier: true, carrierChanges: 2 });
  system.set({ name: "eth1" });
  await using watcher = watch();
  for (let i = 0; i < 1000; i++) {
    system.set({ name: "eth0", flags: NO_CARRIER, operState: "down", carrier: false, carrierChanges: 3 + 2 * i });
    system.set({ name: "eth0", flags: RUNNING, operState: "up", carrier: true, carrierChanges: 4 + 2 * i });
    system.set({ name: "eth1", mtu: 1000 + i });
    await settle();
  }
  await leave(system);
  const eth0 = await next(watcher);
  assertEquals([eth0.status.name, eth0.previous?.flags, eth0.status.flags], ["eth0", RUNNING, RUNNING]);
  assertEquals([eth0.flagsSet, eth0.flagsCleared], [["RUNNING", "LOWER_UP"], ["RUNNING", "LOWER_UP"]]);
  assert(eth0.changed.includes("connected") && eth0.changed.includes("operState"));
  assertEquals(eth0.hiddenFlaps, 2000);
  const eth1 = await next(watcher);
  assertEquals([eth1.status.name, eth1.previous?.mtu, eth1.status.mtu], ["eth1", 1500, 1999]);
  watcher.close();
  assertEquals((await watcher.next()).done, true);
});

still("watch: what came and went before it was taken is not told; what went and came is", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", index: 1 });
  await using watcher = watch();
  system.set({ name: "tap0", index: 2 });
  system.remove("tap0");
  system.remove("eth0");
  system.set({ name: "eth0", index: 1 });
  await leave(system);
  const events = [await next(watcher), await next(watcher)];
  assertEquals(events.map(({ type, status: { index } }) => [type, index]), [["removed", 1], ["added", 1]]);
});

still("watch: a new name is told after its former owner gave it up", async () => {
  using system = new FakeSystem();
  system.set({ name: "a", index: 1 });
  await using watcher = watch();
  system.set({ name: "b", index: 2 });
  system.remove("a");
  system.set({ name: "a", index: 2 });
  await leave(system);
  const events = [await next(watcher), await next(watcher)];
  assertEquals(events.map(({ type, status: { index, name } }) => [type, index, name]), [
    ["removed", 1, "a"],
    ["added", 2, "a"],
  ]);
});

still("watch: names that swap are told as two renames", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", index: 1 });
  system.set({ name: "eth1", index: 2 });
  await using watcher = watch();
  for (const [index, name] of [[1, "tmp"], [2, "eth0"], [1, "eth1"]] as const) {
    system.set({ index, name });
    const event = await next(watcher);
    assertEquals([event.status.index, event.status.name, event.changed], [index, name, ["name"]]);
  }
});

still("watch: a port's master is told by its new name when the bridge is renamed", async () => {
  using system = new FakeSystem();
  system.set({ name: "br0", index: 1, kind: "bridge" });
  system.set({ name: "eth0", index: 2, masterIndex: 1 });
  await using watcher = watch();
  system.set({ name: "br1", index: 1 });
  assertEquals((await next(watcher)).status.name, "br1");
  const port = await next(watcher);
  assertEquals([port.status.name, port.status.master, port.changed], ["eth0", "br1", ["master"]]);
});

Deno.test("watch: names follow an interface that does not exist yet, and a name that passes on", async () => {
  using time = new FakeTime();
  using system = new FakeSystem();
  system.set({ name: "eth0", index: 1 });
  await using watcher = watch({ names: ["wan"] });
  system.set({ name: "eth0", index: 1, mtu: 1400 });
  system.set({ name: "eth0", index: 1, altNames: ["wan"] });
  for (let i = 0; i < 2; i++) await time.tickAsync(500); // Linux tells it nobody while the interface is down
  const joined = await next(watcher);
  assertEquals([joined.type, joined.previous, joined.status.altNames], ["added", undefined, ["wan"]]);
  system.set({ name: "eth0", index: 1, altNames: [] });
  for (let i = 0; i < 2; i++) await time.tickAsync(500);
  const left = await next(watcher);
  assertEquals([left.type, left.changed.includes("altNames"), left.status.altNames], ["left", true, ["wan"]]);
  system.set({ name: "eth0", index: 1, mtu: 1300 });
  system.set({ name: "wan", index: 2 });
  assertEquals((await next(watcher)).type, "added");
});

still("watch: addresses are left out where they are not wanted", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0" });
  await using plain = watch({ addresses: false });
  await using full = watch({ initial: true });
  assertEquals((await next(full)).status.addresses, []);
  system.set({ name: "eth0", addresses: [ADDRESS] });
  assertEquals((await next(full)).changed, ["addresses"]);
  system.set({ name: "eth0", mtu: 1400 });
  const event = await next(plain);
  assertEquals([event.changed, event.status.addresses], [["mtu"], undefined]);
  assertEquals(system.subscriptions, 2);
});

Deno.test("watch: what poll finds while the consumer takes nothing is kept in proportion to the interfaces", async () => {
  using time = new FakeTime();
  using system = new FakeSystem();
  system.set({ name: "eth0" });
  await using watcher = watch({ poll: 10 });
  for (let i = 0; i < 200; i++) {
    system.setSilently({ name: "eth0", mtu: 2000 + i });
    await time.tickAsync(10);
  }
  let told = 1;
  let last = await next(watcher);
  for (; last.status.mtu !== 2199; told++) last = await next(watcher);
  assert(told <= 2, `${told} events`); // what came last is not merged yet
});

Deno.test("watch: poll does not ask while the consumer has stalled, and what it missed is found afterwards", async () => {
  using time = new FakeTime();
  using system = new FakeSystem();
  system.set({ name: "eth0" });
  await using watcher = watch({ poll: 1000 });
  for (let i = 0; i < 10000; i++) {
    system.set({ name: "eth0", mtu: 2000 + i });
    await settle();
  }
  let asked = 0;
  system.onSnapshot = () => asked++;
  await time.tickAsync(5000);
  assertEquals(asked, 0);
  system.setSilently({ name: "eth0", mtu: 68 });
  let event = await next(watcher);
  const rest = (async () => {
    while (event.status.mtu !== 68) event = await next(watcher);
  })();
  await time.tickAsync(1000);
  await rest;
  assertEquals(event.status.mtu, 68);
});

still("watch: close, using, break and a signal end it, also in the middle of a wait", async () => {
  using system = new FakeSystem();
  const closed = watch();
  const waiting = closed.next();
  closed.close();
  closed.close();
  assertEquals(await waiting, { done: true, value: undefined });

  const controller = new AbortController();
  const aborted = watch({ signal: controller.signal });
  const wait = aborted.next();
  controller.abort();
  assertEquals((await wait).done, true);
  assertEquals((await watch({ signal: controller.signal }).next()).done, true);

  {
    using _watcher = watch();
  }
  system.set({ name: "eth0" });
  for await (const event of watch({ initial: true })) {
    assertEquals(event.status.name, "eth0");
    break;
  }
  assertEquals(system.subscriptions, 0);
});

still("watch: two watchers share a subscription, and it ends with the second", async () => {
  using system = new FakeSystem();
  const first = watch();
  const second = watch();
  assertEquals(system.subscriptions, 1);
  await first.return();
  assertEquals(system.subscriptions, 1);
  system.set({ name: "eth0" });
  assertEquals((await next(second)).status.name, "eth0");
  await second.return();
  assertEquals(system.subscriptions, 0);
});

still("watch: a failure rejects once, and then it is over", async () => {
  using system = new FakeSystem();
  const watcher = watch();
  const waiting = assertRejects(() => watcher.next(), Error, "broken");
  system.fail(new Error("broken"));
  await waiting;
  assertEquals((await watcher.next()).done, true);
  const later = watch();
  system.fail(new Error("broken again"));
  await assertRejects(() => later.next(), Error, "broken again");
  assertEquals(system.subscriptions, 0);
});

Deno.test("watch: poll finds what nobody announces; it is on where a kernel loses events silently", async () => {
  using time = new FakeTime();
  for (const options of [{ poll: 100 }, {}]) {
    using system = new FakeSystem({ overflowDetection: options.poll !== undefined });
    system.set({ name: "eth0", flags: DOWN });
    await using watcher = watch(options);
    const waiting = next(watcher);
    system.setSilently({ name: "eth0", flags: DOWN | 0x80 });
    await time.tickAsync(1000);
    assertEquals((await waiting).flagsSet, ["NOARP"]);
  }
});

Deno.test("watch: a poll that is no time is refused before anything is opened", () => {
  using system = new FakeSystem();
  for (const poll of [-1, NaN, Infinity, 2 ** 31]) {
    assertThrows(() => watch({ poll }), InvalidInputError, `with poll ${poll}: give a time`);
  }
  assertEquals(system.subscriptions, 0);
});

still("watch: an unchanged state is the very object that was known", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0" });
  await using watcher = watch({ initial: true });
  const before = (await next(watcher)).status;
  system.set({ name: "eth1" });
  system.overflow();
  await next(watcher);
  system.set({ name: "eth0", mtu: 1400 });
  assertStrictEquals((await next(watcher)).previous, before);
});

still("watch: a consumer that takes nothing is not read for without end, and then gets the truth", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", mtu: 1000 });
  await using watcher = watch();
  for (let i = 0; i < 10000; i++) {
    system.set({ name: "eth0", mtu: 2000 + i });
    await Promise.resolve();
  }
  await settle();
  system.set({ name: "eth0", mtu: 9000 });
  system.overflow();
  await settle();
  const first = await next(watcher);
  assertEquals([first.previous?.mtu, first.resync], [1000, false]);
  assert(first.status.mtu! > 9000 && first.status.mtu! < 12000);
  // What was read last before the pause is still an event of its own.
  let before = first;
  for (;;) {
    const event = await next(watcher);
    assertStrictEquals(event.previous, before.status);
    before = event;
    if (event.resync) break;
  }
  assertEquals(before.status.mtu, 9000);
});

still("watch: events that came in one go reach a prompt consumer one by one", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", mtu: 1000 });
  await using watcher = watch();
  const statuses = Array.from({ length: 50 }, (_, i) => 1001 + i);
  for (const mtu of statuses) system.set({ name: "eth0", mtu });
  const told: (number | undefined)[] = [];
  while (told.length < 50) told.push((await next(watcher)).status.mtu);
  assertEquals(told, statuses);
});

still(
  "watch: merged events that are about neither of their names are not told to one who asked for a name",
  async () => {
    using system = new FakeSystem();
    system.set({ name: "a", index: 1 });
    await using watcher = watch({ names: ["eth9"] });
    system.set({ name: "eth9", index: 2 });
    system.set({ name: "foo", index: 2 });
    system.set({ name: "eth9", index: 1 });
    system.set({ name: "b", index: 1 });
    await settle();
    system.remove("foo");
    system.set({ name: "eth9", index: 3 });
    await leave(system);
    const event = await next(watcher);
    assertEquals([event.type, event.status.index], ["added", 3]);
  },
);

still("watch: what changed under another name is counted where the name comes back", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth9", index: 1, flags: RUNNING, operState: "up" });
  await using watcher = watch({ names: ["eth9"] });
  system.set({ name: "tmp", index: 1 });
  system.set({ name: "tmp", index: 1, flags: DOWN, mtu: 9000 });
  system.set({ name: "eth9", index: 1 });
  await leave(system);
  const event = await next(watcher);
  assertEquals([event.type, event.status.name, event.status.mtu], ["changed", "eth9", 9000]);
  for (const field of ["name", "flags", "up", "connected", "mtu"] as const) {
    assert(event.changed.includes(field), field);
  }
  // Everything was away for those who asked for the name, and the rest is back.
  assertEquals(event.flagsCleared, ["UP", "BROADCAST", "RUNNING", "MULTICAST", "LOWER_UP"]);
  assertEquals(event.flagsSet, ["BROADCAST", "MULTICAST"]);
});

still("watch: a removal that swallowed changes says which", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: RUNNING, operState: "up" });
  system.set({ name: "eth1" });
  await using watcher = watch();
  system.set({ name: "eth0", flags: DOWN, operState: "down", mtu: 1400 });
  system.remove("eth0");
  await leave(system);
  const event = await next(watcher);
  assertEquals([event.type, event.previous?.up, event.status.up], ["removed", true, false]);
  assertEquals([event.changed.includes("mtu"), event.changed.includes("connected")], [true, true]);
  assertEquals(event.flagsCleared, ["UP", "RUNNING", "LOWER_UP", "BROADCAST", "MULTICAST"]);
});

still("watch: an end that comes twice is one end", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0" });
  const watcher = watch();
  system.onSnapshot = () => {
    watcher.close(); // while everything is asked again, which then fails
    throw new Error("too late");
  };
  system.overflow();
  await settle();
  assertEquals([system.subscriptions, (await watcher.next()).done], [0, true]);
  system.onSnapshot = undefined;
  await using again = watch({ initial: true });
  assertEquals((await next(again)).status.name, "eth0");
  assertEquals([system.subscriptions, system.closings], [1, 1]);
});

Deno.test("watch: settle tells an interface's changes when it has come to rest, as one", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", flags: RUNNING, operState: "up" });
  system.set({ name: "eth1" });
  await using watcher = watch({ settle: 100, initial: true });
  assertEquals([(await next(watcher)).type, (await next(watcher)).type], ["present", "present"]); // at once
  const events: InterfaceEvent[] = [];
  const over = (async () => {
    for await (const event of watcher) events.push(event);
  })();
  for (let i = 0; i < 5; i++) {
    system.set({ name: "eth0", flags: NO_CARRIER, operState: "down" });
    await time.tickAsync(50);
    system.set({ name: "eth0", flags: RUNNING, operState: "up" });
    await time.tickAsync(50);
  }
  system.set({ name: "eth2" });
  system.remove("eth2"); // it came and went
  assertEquals(events, []);
  await time.tickAsync(100);
  assertEquals(events.map(({ status: { name }, flagsSet }) => [name, flagsSet]), [["eth0", [
    "RUNNING",
    "LOWER_UP",
  ]]]);
  watcher.close();
  await over;
});

Deno.test("watch: an interface that never comes to rest is told all the same, after ten times settle", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", mtu: 1000 });
  await using watcher = watch({ settle: 100 });
  let told: InterfaceEvent | undefined;
  void next(watcher).then((event) => told = event);
  for (let i = 1; i <= 30 && told === undefined; i++) {
    system.set({ name: "eth0", mtu: 1000 + i });
    await time.tickAsync(50);
  }
  assert(told !== undefined && told.status.mtu! >= 1015, `${told?.status.mtu}`);
});

Deno.test("watch: a time to settle that is none is refused", () => {
  using system = new FakeSystem();
  for (const settle of [-1, NaN, Infinity]) {
    assertThrows(() => watch({ settle }), InvalidInputError, `with settle ${settle}: give a time`);
  }
  assertEquals(system.subscriptions, 0);
});

Deno.test("list: names selects one or several, by alternative names too", () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", altNames: ["wan"] });
  system.set({ name: "eth1" });
  assertEquals(list({ names: "wan" }).map(({ name }) => name), ["eth0"]);
  assertEquals(list({ names: ["eth1", "wan"] }).map(({ name }) => name), ["eth0", "eth1"]);
  assertEquals(list({ names: [] }), []);
});

Deno.test("watch: who watches from within a predicate turns nobody's events round", async () => {
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", flags: RUNNING, operState: "up", mtu: 1000 });
  const nested: Promise<unknown>[] = [];
  let inner: InterfaceWatcher | undefined;
  const waiting = waitFor("eth0", (status) => {
    if (status?.mtu === 1001 && inner === undefined) {
      system.setSilently({ name: "eth0", mtu: 1003 });
      inner = watch({ addresses: true }); // asks for everything, in the middle of the telling
      nested.push(waitFor("eth0", (now) => now?.mtu === 1001, { timeout: 0 }).catch(() => "timed out"));
    }
    return status?.mtu === 1003;
  });
  await using after = watch({ addresses: true });
  system.set({ name: "eth0", mtu: 1001 });
  system.set({ name: "eth0", mtu: 1002 });
  const told: (number | undefined)[] = [];
  while (told.at(-1) !== 1003) told.push((await next(after)).status.mtu);
  assertEquals(told, [1001, 1002, 1003]);
  assertEquals((await waiting)?.mtu, 1003);
  assertEquals(await Promise.all(nested), ["timed out"]); // it was so before that one asked
  await inner?.return();
});

still("watch: a loss is a resync, also where somebody else's start compares before it is asked again", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", mtu: 1000 });
  await using watcher = watch();
  system.onSnapshot = () => {
    system.onSnapshot = undefined;
    system.setSilently({ name: "eth0", mtu: 3000 });
    system.overflow();
  };
  system.setSilently({ name: "eth0", mtu: 2000 });
  system.overflow();
  assertEquals((await next(watcher)).status.mtu, 2000);
  await using _other = watch();
  const event = await next(watcher);
  assertEquals([event.status.mtu, event.resync], [3000, true]);
});

Deno.test("watch: settle tells a name's former owner first, and what it holds where watching fails", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", index: 1 });
  system.set({ name: "eth1", index: 2, mtu: 1000 });
  const watcher = watch({ settle: 100 });
  for (let i = 1; i <= 19; i++) {
    system.set({ name: "eth1", index: 2, mtu: 1000 + i });
    await time.tickAsync(50);
  }
  system.remove("eth0");
  system.set({ name: "eth0", index: 2 });
  await time.tickAsync(50);
  assertEquals(
    [await next(watcher), await next(watcher)].map(({ type, status: { name, index } }) => [type, name, index]),
    [["removed", "eth0", 1], ["changed", "eth0", 2]],
  );
  system.set({ name: "eth0", mtu: 68 });
  await settle();
  system.fail(new Error("broken"));
  assertEquals((await next(watcher)).status.mtu, 68);
  await assertRejects(() => watcher.next(), Error, "broken");
});

Deno.test("watch: settle tells the end of an interface before the one that came in its place", async () => {
  using time = new FakeTime();
  using system = new FakeSystem();
  system.set({ name: "tap0", index: 7 });
  await using watcher = watch({ settle: 100 });
  system.remove("tap0");
  await time.tickAsync(50);
  system.set({ name: "tap0", index: 7 }); // is held back too when the end is told
  await time.tickAsync(50);
  await time.tickAsync(100);
  const told = [(await watcher.next()).value, (await watcher.next()).value];
  assertEquals(told.map((event) => [event?.type, event?.generation]), [["removed", 1], ["added", 2]]);
});

Deno.test("watch: where an interface went that was moved while everything was asked is known", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0" });
  await using watcher = watch();
  system.onSnapshot = () => {
    system.onSnapshot = undefined;
    system.remove("eth0", { netnsId: 3, index: 9 });
  };
  await using _other = watch();
  const { value } = await watcher.next();
  assertEquals([value?.type, movedOf(value)], ["removed", { netnsId: 3, index: 9 }]);
});

Deno.test("watch: settle tells who gave a name up before who has it now, and holds back whom that does not concern", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", index: 1 });
  system.set({ name: "eth1", index: 2 });
  system.set({ name: "eth2", index: 3 });
  await using watcher = watch({ settle: 100 });
  const told: string[] = [];
  void (async () => {
    for await (const { status: { index, name, mtu } } of watcher) told.push(`${index} ${name} ${mtu}`);
  })();
  system.set({ name: "lan0", index: 1 }); // eth0 is free
  await time.tickAsync(50);
  system.set({ name: "eth0", index: 2 }); // and taken; due at 150
  await time.tickAsync(30);
  system.set({ name: "lan0", index: 1, mtu: 1400 }); // due at 180
  system.set({ name: "eth2", index: 3, mtu: 1300 });
  await time.tickAsync(75);
  await settle();
  assertEquals(told, ["1 lan0 1400", "2 eth0 1500"]);
  await time.tickAsync(100);
  await settle();
  assertEquals(told, ["1 lan0 1400", "2 eth0 1500", "3 eth2 1300"]);
});

Deno.test("watch: what return gives says that there is nothing more", async () => {
  using _system = new FakeSystem();
  const watcher = watch();
  assertEquals(await watcher.return(), { done: true, value: undefined });
  assertEquals(await watcher.next(), { done: true, value: undefined });
});

Deno.test("watch: settle does not tell of an interface that had the name for less than that", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "a0", index: 1 });
  await using watcher = watch({ settle: 100, names: "eth0" });
  system.set({ name: "eth0", index: 1 });
  await time.tickAsync(50);
  system.set({ name: "b0", index: 1 });
  await time.tickAsync(200);
  system.set({ name: "eth0", index: 2 });
  await time.tickAsync(100);
  await time.tickAsync(100);
  assertEquals((await next(watcher)).status.index, 2);
});

still("watch: return is over when nothing is left of the last watcher's subscription, and not before", async () => {
  using system = new FakeSystem();
  const below = currentBackend();
  const closing = Promise.withResolvers<void>();
  using _ = useBackend({
    capabilities: below.capabilities,
    list: (options) => below.list(options),
    get: (nameOrIndex) => below.get(nameOrIndex),
    setFlags: (name, set, clear) => below.setFlags(name, set, clear),
    subscribe: (options) => {
      const subscription = below.subscribe(options);
      const { close } = subscription;
      return Object.assign(subscription, {
        close: async () => {
          await close.call(subscription);
          await closing.promise;
        },
      });
    },
  });
  system.set({ name: "eth0" });
  const watcher = watch();
  let over = false;
  const returned = watcher.return().then(() => over = true);
  for (let i = 0; i < 20; i++) await Promise.resolve();
  assertEquals([over, system.subscriptions], [false, 0]);
  closing.resolve();
  await returned;
});

Deno.test("watch: where no interface is down Linux is silent about nothing, and is not asked again", async () => {
  using time = new FakeTime();
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: RUNNING });
  await using watcher = watch();
  let asked = 0;
  system.onSnapshot = () => asked++;
  system.set({ name: "eth0", mtu: 1400 });
  assertEquals((await next(watcher)).changed, ["mtu"]);
  for (let i = 0; i < 20; i++) await time.tickAsync(500);
  assertEquals(asked, 0);
  system.set({ name: "eth0", flags: 0x1002 });
  await next(watcher);
  for (let i = 0; i < 4; i++) await time.tickAsync(500);
  assertEquals(asked, 1);
});

Deno.test("watch: settle tells an end, and not of who had index and name for less than that", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "wlan0", index: 2 });
  await using watcher = watch({ settle: 100, names: "wlan0" });
  const told: string[] = [];
  void (async () => {
    for await (const { type, generation } of watcher) told.push(`${type} ${generation}`);
  })();
  system.remove("wlan0");
  system.set({ name: "br0", index: 2 }); // is not asked for yet
  await time.tickAsync(1);
  system.set({ name: "wlan0", index: 2 });
  system.remove("wlan0");
  await time.tickAsync(100);
  await time.tickAsync(100);
  await settle();
  assertEquals(told, ["removed 1"]);
});

Deno.test("watch: settle tells who gave a name up first, whichever of the two is the older life", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth1", index: 2 });
  system.set({ name: "old0", index: 1 });
  await using watcher = watch({ settle: 100 });
  system.remove("old0");
  system.set({ name: "eth0", index: 1 }); // a later generation than eth1's
  await time.tickAsync(100);
  await time.tickAsync(100);
  const told: string[] = [];
  void (async () => {
    for await (const { type, status: { name }, generation } of watcher) told.push(`${type} ${name} ${generation}`);
  })();
  await settle();
  system.set({ name: "lan0", index: 1 });
  await time.tickAsync(50);
  system.set({ name: "eth0", index: 2 });
  await time.tickAsync(30);
  system.set({ name: "lan0", index: 1, mtu: 1400 });
  await time.tickAsync(75);
  await settle();
  assertEquals(told, ["removed old0 1", "added eth0 2", "changed lan0 2", "changed eth0 1"]);
});

Deno.test("watch: settle tells names that passed on through several in the order in which they became free", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  for (const [i, name] of ["x0", "y0", "z0"].entries()) system.set({ name, index: i + 1 });
  await using watcher = watch({ settle: 100 });
  const told: string[] = [];
  void (async () => {
    for await (const { status: { name, index } } of watcher) told.push(`${index} ${name}`);
  })();
  system.set({ name: "w0", index: 3 });
  system.set({ name: "z0", index: 2 });
  system.set({ name: "y0", index: 1 });
  await time.tickAsync(50);
  system.set({ name: "w0", index: 3, mtu: 1400 });
  system.set({ name: "z0", index: 2, mtu: 1400 });
  await time.tickAsync(55); // y0 is due, and the others would not be
  await settle();
  assertEquals(told, ["3 w0", "2 z0", "1 y0"]);
});

still(
  "watch: connected is among what changed for a card that is plugged in and works, or is pulled while it works",
  async () => {
    const working = { flags: RUNNING, operState: "up", carrier: true, carrierChanges: 1 } as const;
    using system = new FakeSystem();
    system.set({ name: "eth0", ...working });
    system.set({ name: "eth1", flags: DOWN });
    await using watcher = watch({ initial: true });
    const told = async () => {
      const { type, status, changed, flagsSet, flagsCleared } = await next(watcher);
      const flags = [flagsSet.includes("RUNNING"), flagsCleared.includes("RUNNING")];
      return [type, status.name, changed.includes("connected"), changed.includes("up"), ...flags];
    };
    assertEquals(await told(), ["present", "eth0", true, true, true, false]);
    assertEquals(await told(), ["present", "eth1", false, false, false, false]);
    system.set({ name: "usb0", ...working });
    system.set({ name: "usb1", flags: 0x1003 });
    assertEquals(await told(), ["added", "usb0", true, true, true, false]);
    assertEquals(await told(), ["added", "usb1", false, true, false, false]);
    for (const name of ["usb0", "usb1"]) system.remove(name); // each goes down first
    assertEquals(await told(), ["changed", "usb0", true, true, false, true]);
    assertEquals(await told(), ["removed", "usb0", false, false, false, false]);
    assertEquals(await told(), ["changed", "usb1", false, true, false, false]);
    assertEquals(await told(), ["removed", "usb1", false, false, false, false]);
    system.remove("eth0");
    system.overflow(); // and nobody heard that it went down
    assertEquals(await told(), ["removed", "eth0", true, true, false, true]);
  },
);
