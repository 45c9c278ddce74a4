/** What one consumer does to what it was told must not change what others are told. */
import { assert, assertEquals } from "@std/assert";
import {
  active,
  capabilities,
  flagNames,
  flagTable,
  get,
  inspect,
  type InterfaceEvent,
  type InterfaceStatus,
  type InterfaceWatcher,
  list,
  setFlags,
  waitFor,
  watch,
} from "../../../mod.ts";
import { watchAccessPoints } from "../../../src/linux.ts";
import { type FakeInterface, FakeSystem } from "../../../src/testing.ts";
import { FakeTime } from "@std/testing/time";
import { FakeLinux } from "../../helpers/linux/kernel.ts";
import { objectsIn, spoil } from "../../helpers/spoil.ts";
import { still } from "../../helpers/still.ts";

async function next(watcher: InterfaceWatcher): Promise<InterfaceEvent> {
  const { done, value } = await watcher.next();
  assert(!done);
  return value;
}

/** Lets the messages that are queued be read. */
async function turn(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}

/** Whether a value and all that is in it can be written to. */
const writable = (value: unknown): object[] => objectsIn(value).filter((object) => !Object.isFrozen(object));

/** Addresses of an interface, each time other objects. */
const addresses = (...last: number[]): FakeInterface["addresses"] =>
  last.map((one) => ({
    family: "inet",
    address: `10.0.0.${one}`,
    prefixLength: 24,
    scope: "global",
    peer: undefined,
    broadcast: "10.0.0.255",
    label: undefined,
    flags: ["permanent"],
  }));

/** A system with an interface that has something in each field that holds more than one value. */
const SYSTEMS: Readonly<Record<string, () => Disposable & { change(): unknown }>> = {
  linux: () => {
    const system = new FakeSystem();
    const change = (more: Partial<FakeInterface>): unknown =>
      system.set({ name: "wlan0", altNames: ["wl", "uplink"], operState: "up", ...more });
    const wireless = { type: "station", ssid: "net", ssidHex: "6e6574", frequency: 2412 };
    change({ flags: 0x11043, wireless, addresses: addresses(1, 2) });
    return {
      change: () => change({ flags: 0x11003, operState: "dormant", mtu: 1400, addresses: addresses(2, 3) }),
      [Symbol.dispose]: () => system[Symbol.dispose](),
    };
  },
  netbsd: () => {
    const system = new FakeSystem({ platform: "netbsd" });
    const media = { active: 0x20, link: true };
    system.set({ name: "wm0", flags: 0x8843, linkState: "up", media, addresses: addresses(1, 2) });
    return {
      change: () => {
        system.set({ name: "wm0", addresses: addresses(1, 3) });
        return system.set({ name: "wm0", flags: 0x8803 });
      },
      [Symbol.dispose]: () => system[Symbol.dispose](),
    };
  },
  "linux, from bytes": () => {
    const kernel = new FakeLinux();
    const wireless = { type: 2, ssid: "net" };
    const card = kernel.set("wlan0", {
      altNames: ["wl", "uplink"],
      flags: 0x11043,
      operState: 6,
      changes: 1,
      wireless,
    });
    kernel.addAddress(card, [10, 0, 0, 1]);
    return {
      change: () => {
        kernel.set("wlan0", { flags: 0x1003, operState: 2, changes: 2 });
        kernel.addAddress(card, [10, 0, 0, 2]);
      },
      [Symbol.dispose]: () => kernel[Symbol.dispose](),
    };
  },
};

for (const [name, make] of Object.entries(SYSTEMS)) {
  still(`shared, ${name}: what a consumer writes into an event, no other watcher is told`, async () => {
    using system = make();
    await using spoiler = watch({ initial: true });
    await using other = watch({ initial: true });
    const compare = async (): Promise<void> => {
      const event = await next(spoiler);
      const told = structuredClone(event);
      spoil(event);
      assertEquals({ ...await next(other), time: 0, elapsed: 0 }, { ...told, time: 0, elapsed: 0 });
    };
    await compare();
    system.change();
    await compare();
  });

  still(`shared, ${name}: nor does it change what a watcher knows, or compares the next message with`, async () => {
    using system = make();
    await using watcher = watch({ initial: true });
    await using other = watch();
    const known = structuredClone(other.interfaces());
    spoil(await next(watcher));
    spoil(watcher.interfaces());
    spoil(other.interfaces());
    spoil(list());
    spoil(active());
    spoil(get(1));
    spoil(inspect(1));
    assertEquals([other.interfaces(), watcher.interfaces(), list()], [known, known, known]);
    await using late = watch({ initial: true });
    assertEquals([(await next(late)).status], known);
    system.change();
    const { previous, changed, flagsCleared } = await next(other);
    assertEquals(previous, known[0]);
    assertEquals([changed.includes("name"), changed.length > 0, flagsCleared.includes("spoiled")], [
      false,
      true,
      false,
    ]);
  });

  still(`shared, ${name}: whatever returns a status returns one that nobody can write to`, async () => {
    using system = make();
    await using watcher = watch({ initial: true });
    let asked: InterfaceStatus | undefined;
    const { name } = list()[0]!;
    const waited = await waitFor(name, (status) => (asked = status) !== undefined);
    const batches = watcher.batches();
    const { value: batch } = await batches.next();
    const set = system.change();
    await turn();
    const event = await next(watcher);
    const returned: Record<string, unknown> = {
      set: [set],
      list: list(),
      "list without addresses": list({ addresses: false }),
      active: active(),
      get: [get(1)],
      inspect: [inspect(1)],
      setFlags: [setFlags(name, { up: true })],
      interfaces: watcher.interfaces(),
      events: [event.status, event.previous],
      batches: batch!.map(({ status }) => status),
      waitFor: [asked, waited],
    };
    for (const [call, statuses] of Object.entries(returned)) {
      for (const status of statuses as unknown[]) assertEquals([call, writable(status)], [call, []]);
    }
  });
}

still("shared: a predicate that writes into the status it is asked about misleads nobody", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", addresses: addresses(1) });
  await using watcher = watch({ initial: true });
  const waiting = waitFor("eth0", (status) => {
    const { mtu } = status ?? {};
    spoil(status);
    return mtu === 1400;
  });
  system.set({ name: "eth0", mtu: 1400 });
  const found = await waiting;
  assertEquals([found?.name, found?.addresses?.length], ["eth0", 1]);
  const [first, second] = [await next(watcher), await next(watcher)];
  assertEquals([first.status.name, first.status.mtu, second.changed], ["eth0", 1500, ["mtu"]]);
});

Deno.test("shared: events that were merged, that a filter held or that settled are each watcher's own", async () => {
  using time = new FakeTime();
  using system = new FakeSystem();
  system.set({ name: "eth0", mtu: 1500 });
  const watchers = [{}, { changes: "operState" }, { settle: 100 }, { settle: { all: 100 } }] as const;
  const pairs = watchers.map((options) => [watch(options), watch(options)] as const);
  system.set({ name: "eth0", mtu: 1400 });
  await turn();
  system.set({ name: "eth0", flags: 0x11043, operState: "up" });
  await turn();
  system.set({ name: "eth0", mtu: 1300 });
  await time.tickAsync(200);
  for (const [first, second] of pairs) {
    const event = await next(first);
    const told = structuredClone(event);
    assertEquals([told.previous?.mtu, told.flagsSet], [1500, ["UP", "RUNNING", "LOWER_UP"]]);
    spoil(event);
    assertEquals(await next(second), told);
    first.close();
    second.close();
  }
});

still("shared: where an interface was moved to, and the SSIDs of its access points", async () => {
  using kernel = new FakeLinux();
  kernel.set("wlan0", { flags: 0x11043, operState: 6, carrier: true, changes: 1, wireless: { type: 3, ssid: "old" } });
  const watchers = [watch(), watch()];
  kernel.startAccessPoint("wlan0", "new");
  kernel.set("wlan0", { changes: 3 });
  for (const watcher of watchers) {
    const event = await next(watcher);
    assertEquals(event.ssids, ["new"]);
    spoil(event);
  }
  for (const watcher of watchers) watcher.close();

  using system = new FakeSystem();
  system.set({ name: "veth0" });
  const others = [watch(), watch()];
  const move = { netnsId: 3, index: 2 };
  system.remove("veth0", move);
  for (const watcher of others) {
    const event = await next(watcher);
    assertEquals(event.type === "removed" && event.moved, { netnsId: 3, index: 2 });
    spoil(event);
  }
  assertEquals(move, { netnsId: 3, index: 2 });
  move.index = 7; // whoever made it may use it again
  for (const watcher of others) watcher.close();
});

still("shared: what was set on a system in memory stays the test's own", () => {
  using system = new FakeSystem();
  const mine = { name: "wlan0", altNames: ["wl"], addresses: [...addresses(1)!] };
  system.set(mine);
  mine.addresses.pop();
  mine.altNames.push("spoiled");
  assertEquals([get("wlan0")?.altNames, get("wlan0")?.addresses?.length], [["wl"], 1]);
  return Promise.resolve();
});

Deno.test("shared: the tables of flags, and what is told of a system, are the same for everybody", () => {
  const before = structuredClone([flagTable("linux"), flagNames(0x1043, "linux"), capabilities()]);
  spoil(flagTable("linux"));
  spoil(flagNames(0x1043, "linux"));
  spoil(capabilities());
  assertEquals([flagTable("linux"), flagNames(0x1043, "linux"), capabilities()] as unknown, before);
});

still("shared: a history is each caller's own", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: 0x11043, operState: "up", carrier: true });
  await using watcher = watch();
  system.set({ name: "eth0", flags: 0x1003, operState: "down", carrier: false });
  await next(watcher);
  const before = structuredClone(watcher.history("eth0"));
  spoil(watcher.history("eth0"));
  assertEquals(watcher.history("eth0"), before);
});

still("shared: an access point's end is told as its start was, whatever was written into that", async () => {
  using kernel = new FakeLinux();
  kernel.set("wlan0", { flags: 0x11043, operState: 6, carrier: true, changes: 1, wireless: { type: 3, ssid: "net" } });
  await using watcher = watchAccessPoints();
  const { value: start } = await watcher.next();
  assertEquals(start?.ssid, "net");
  spoil(start);
  kernel.set("wlan0", { wireless: { type: 2 } });
  kernel.tellWireless(16, "wlan0"); // NL80211_CMD_STOP_AP
  const { value: end } = await watcher.next();
  assertEquals([end?.type, end?.index, end?.name, end?.ssid, end?.previousSsid], ["stopped", 1, "wlan0", "net", "net"]);
  assertEquals([Object.isFrozen(start), Object.isFrozen(end)], [true, true]);
});
