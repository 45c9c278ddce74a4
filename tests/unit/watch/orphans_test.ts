/** Interfaces that refer to one that is gone: an index is not adopted. */
import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { type InterfaceEvent, watch, type WatchOptions } from "../../../mod.ts";
import { u32Payload } from "../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { InterfaceTable } from "../../../src/table/table.ts";
import { fakeStatus, FakeSystem } from "../../../src/testing.ts";
import { FakeLinux } from "../../helpers/linux/kernel.ts";
import { still } from "../../helpers/still.ts";

const UP = { flags: 0x11043, operState: 6, carrier: true } as const;

/** Two interfaces that work: "far", and "near", which refers to it. */
function pair(kernel: FakeLinux): void {
  kernel.set("far", { index: 2, ...UP });
  kernel.set("near", { index: 3, ...UP, parent: 2 });
}

/** Moves "far" to another namespace, where it has an index, as Linux does: "near" is told of nothing. */
function moveAway(kernel: FakeLinux, netnsId: number, index: number): void {
  kernel.setSilently("far", {
    extra: [[N.IFLA_NEW_NETNSID, u32Payload(netnsId)], [N.IFLA_NEW_IFINDEX, u32Payload(index)]],
  });
  kernel.setSilently("near", { parent: index, parentNetnsId: netnsId });
  kernel.remove("far");
}

async function flush(): Promise<void> {
  for (let i = 0; i < 40; i++) await Promise.resolve();
}

/** Takes events as they come, and says what they tell of parents and masters. */
class Listening {
  readonly #events: InterfaceEvent[] = [];
  readonly #watcher;
  readonly #over: Promise<void>;

  constructor(options: WatchOptions = {}) {
    const watcher = this.#watcher = watch(options);
    this.#over = (async () => {
      for await (const event of watcher) this.#events.push(event);
    })();
  }

  async events(): Promise<InterfaceEvent[]> {
    await flush();
    return this.#events.splice(0);
  }

  async told(): Promise<unknown[]> {
    return (await this.events()).map(({ type, status, changed }) => {
      const { name, master, parent, parentIndex, parentNetnsId } = status;
      return type === "changed" ? [name, ...changed, master ?? parent, parentIndex, parentNetnsId] : `${type} ${name}`;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher.return();
    await this.#over;
  }
}

still("orphans: whose parent moved away refers to it there, and not to who has its index now", async () => {
  using kernel = new FakeLinux();
  pair(kernel);
  await using listening = new Listening();
  moveAway(kernel, 0, 7);
  kernel.set("newcomer", { index: 2, ...UP });
  assertEquals(await listening.told(), [
    "removed far",
    ["near", "parent", "parentIndex", "parentNetnsId", undefined, 7, 0],
    "added newcomer",
  ]);
  kernel.set("newcomer", { index: 2, mtu: 1400 });
  kernel.set("near", { mtu: 1400 });
  assertEquals(await listening.told(), [
    ["newcomer", "mtu", undefined, undefined, undefined],
    ["near", "mtu", undefined, 7, 0],
  ]);
});

still(
  "orphans: also where the parent has the same index there, and where nobody asked for it or for the newcomer",
  async () => {
    using kernel = new FakeLinux();
    pair(kernel);
    await using listening = new Listening({ names: "near" });
    await using others = new Listening({ names: ["far", "newcomer"] });
    moveAway(kernel, 3, 2);
    kernel.set("newcomer", { index: 2, ...UP });
    assertEquals(await listening.told(), [["near", "parent", "parentNetnsId", undefined, 2, 3]]);
    assertEquals(await others.told(), ["removed far", "added newcomer"]);
  },
);

still(
  "orphans: whose parent moved away while everything was listed does not take over who has its index now",
  async () => {
    for (const start of [true, false]) {
      using kernel = new FakeLinux();
      pair(kernel);
      const meanwhile = () => {
        kernel.onRequest = (what) => {
          if (what !== "wireless list") return; // the links are listed
          kernel.onRequest = undefined;
          moveAway(kernel, 0, 7);
          kernel.set("newcomer", { index: 2, ...UP });
        };
      };
      if (start) meanwhile();
      await using listening = new Listening({ initial: true });
      if (!start) {
        await listening.events();
        meanwhile();
        kernel.overflow(N.NETLINK_ROUTE);
      }
      const events = await listening.events();
      assert(events.some(({ status }) => status.name === "newcomer"));
      const last = events.findLast(({ status }) => status.name === "near")?.status;
      assertEquals([last?.parent, last?.parentIndex, last?.parentNetnsId], [undefined, 7, 0]);
      assertEquals(events.filter(({ status }) => status.parent === "newcomer"), []);
    }
  },
);

still("orphans: a parent that comes back is told by a message that repeats the one before it went", async () => {
  using kernel = new FakeLinux();
  pair(kernel);
  await using listening = new Listening();
  moveAway(kernel, 0, 2);
  assertEquals((await listening.told()).length, 2);
  kernel.set("far", { index: 2, ...UP, extra: [] });
  kernel.set("near", { parent: 2, parentNetnsId: undefined });
  assertEquals(await listening.told(), ["added far", ["near", "parent", "parentNetnsId", "far", 2, undefined]]);
});

still("orphans: a port whose bridge went is not one of whatever has the bridge's index now", async () => {
  using kernel = new FakeLinux();
  kernel.set("br0", { index: 1, ...UP, kind: "bridge" });
  for (const name of ["p0", "p1"]) kernel.set(name, { ...UP, master: 1 });
  await using listening = new Listening();
  for (const name of ["p0", "p1"]) kernel.setSilently(name, { master: undefined });
  kernel.remove("br0");
  kernel.set("br1", { index: 1, ...UP, kind: "bridge" });
  assertEquals(await listening.told(), [
    "removed br0",
    ["p0", "master", "masterIndex", "masterKind", undefined, undefined, undefined],
    ["p1", "master", "masterIndex", "masterKind", undefined, undefined, undefined],
    "added br1",
  ]);
  kernel.set("p1", { master: 1 });
  assertEquals(await listening.told(), [["p1", "master", "masterIndex", "masterKind", "br1", undefined, undefined]]);
});

Deno.test("orphans: what cannot be asked at the moment is found by comparing", async () => {
  using time = new FakeTime();
  using kernel = new FakeLinux();
  pair(kernel);
  await using listening = new Listening({ names: "near" });
  kernel.failOnce.set("send", N.ENOBUFS);
  moveAway(kernel, 0, 7);
  kernel.set("newcomer", { index: 2, ...UP });
  await flush();
  await time.tickAsync(50);
  const events = await listening.events();
  const last = events.at(-1)?.status;
  assertEquals([last?.parent, last?.parentIndex, last?.parentNetnsId], [undefined, 7, 0]);
  assertEquals(events.filter(({ status }) => status.parent === "newcomer"), []);
});

Deno.test("orphans: a parent's move between other namespaces is silent, and found when something else happens", async () => {
  using time = new FakeTime();
  using kernel = new FakeLinux();
  kernel.set("near", { ...UP, parent: 7, parentNetnsId: 0 });
  kernel.set("eth0", UP);
  await using listening = new Listening();
  const rest = () => time.tickAsync(1000);
  await rest();
  kernel.setSilently("near", { parent: 4, parentNetnsId: 1 });
  await rest();
  assertEquals(await listening.told(), []); // nobody is asked while nothing happens
  kernel.set("eth0", { mtu: 1400 });
  await rest();
  assertEquals(await listening.told(), [
    ["eth0", "mtu", undefined, undefined, undefined],
    ["near", "parentIndex", "parentNetnsId", undefined, 4, 1],
  ]);
  kernel.set("far", { index: 9, ...UP }); // it moves here
  kernel.setSilently("near", { parent: 9, parentNetnsId: undefined });
  await rest();
  assertEquals(await listening.told(), ["added far", [
    "near",
    "parent",
    "parentIndex",
    "parentNetnsId",
    "far",
    9,
    undefined,
  ]]);
});

still("orphans: the fake system's parents move as Linux's do", async () => {
  using system = new FakeSystem();
  system.set({ name: "far", index: 2 });
  system.set({ name: "near", index: 3, flags: 0x11043, parentIndex: 2 });
  await using listening = new Listening();
  system.remove("far", { netnsId: 4, index: 9 });
  system.set({ name: "newcomer", index: 2, flags: 0x11043 });
  assertEquals(await listening.told(), [
    "removed far",
    ["near", "parent", "parentIndex", "parentNetnsId", undefined, 9, 4],
    "added newcomer",
  ]);
});

Deno.test("table: what comes with a link's event comes with no event of the index's life before", () => {
  const link = (name: string) => ({ ...fakeStatus({ name, carrierChanges: 1 }), addresses: undefined });
  const table = new InterfaceTable(false, ({ name }) => name !== "wlan1");
  table.apply(1, link("wlan0"));
  table.take();
  table.remove(1, undefined);
  table.apply(1, link("wlan1")); // nobody wants it, so it makes no event
  table.started(1, "net");
  table.apply(1, { wireless: { type: "ap", ssid: "net", ssidHex: "6e6574", frequency: 2412 } });
  const told = table.take().map(({ type, status, ssids, generation }) => [type, status.name, ssids, generation]);
  assertEquals(told, [["removed", "wlan0", [], 1], ["changed", "wlan1", [], 2]]);
});
