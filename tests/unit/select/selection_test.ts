/** Which interfaces somebody asked for: names and globs, kinds, types, devices; and who comes and leaves by a new name. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import {
  active,
  get,
  inspect,
  type InterfaceEvent,
  type InterfaceWatcher,
  list,
  type Platform,
  watch,
} from "../../../mod.ts";
import { STATUS_FIELDS } from "../../../src/table/compare.ts";
import { isGlob, Patterns } from "../../../src/select/glob.ts";
import { hasName, type InterfaceSelection, mayDecide, Selection } from "../../../src/select/selection.ts";
import { type FakeInterface, fakeStatus, FakeSystem } from "../../../src/testing.ts";
import { InterfaceTable } from "../../../src/table/table.ts";
import { FakeLinux } from "../../helpers/linux/kernel.ts";
import { still } from "../../helpers/still.ts";

const RUNNING = 0x11043;

async function next(watcher: InterfaceWatcher): Promise<InterfaceEvent> {
  const { done, value } = await watcher.next();
  assert(!done);
  return value;
}

/** Lets everything that was announced be read, without taking it; then something is read that says nothing new. */
async function leave(system: FakeSystem): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
  const { index, name } = list({ addresses: false }).at(-1)!;
  system.set({ index, name });
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

Deno.test("glob: stars, marks and sets match whole names, and characters that are none match themselves", () => {
  for (
    const [pattern, matches, others] of [
      ["en*", ["en", "eno1", "enp0s31f6"], ["e", "eth0", "wen0", "En0"]],
      ["*", ["", "lo", "a\nb"], []],
      ["**0", ["0", "eth0"], ["eth1"]],
      ["eth?", ["eth0", "eth9", "eth\udcff", "eth\u{1f600}"], ["eth", "eth10"]],
      ["eth[0-2]", ["eth0", "eth2"], ["eth3", "eth-", "eth"]],
      ["eth[!0-2]", ["eth3", "eth-"], ["eth0", "eth"]],
      ["eth[^0]", ["eth1"], ["eth0"]],
      ["[a-]", ["a", "-"], ["b"]],
      ["[-a]", ["a", "-"], ["b"]],
      ["[]x]", ["]", "x"], ["["]],
      ["[!]x]", ["a"], ["]", "x"]],
      ["[\\]", ["\\"], ["]"]],
      ["[z-a]", [], ["z", "a", "-"]],
      ["[!z-a]", ["z", "a", "-"], ["", "zz"]],
      ["[*]", ["*"], ["a"]],
      ["br-?[.+]*", ["br-0.7", "br-0+"], ["br-0x7", "br-0"]],
      ["eth[0", ["eth[0"], ["eth0", "eth["]],
      ["eth[]", ["eth[]"], ["eth", "eth["]],
      ["eth0.7", ["eth0.7"], ["eth0x7"]],
      ["b\udcff*", ["b\udcff", "b\udcff\udcfe"], ["b\udcfe"]],
    ] as const
  ) {
    const patterns = new Patterns([pattern]);
    for (const name of matches) assert(patterns.match(name), `${pattern} does not match ${name}`);
    for (const name of others) assert(!patterns.match(name), `${pattern} matches ${name}`);
  }
});

Deno.test("glob: a name with a glob's characters is matched by its own text, and alone where they stand in brackets", () => {
  for (
    const [name, alone] of [["a[1]", "a[[]1]"], ["what?", "what[?]"], ["st*r", "st[*]r"], ["[x]", "[[]x]"]] as const
  ) {
    assert(new Patterns([name]).match(name), name);
    assert(new Patterns([alone]).match(name), alone);
  }
  assertEquals(["a1", "a[1]"].map((name) => new Patterns(["a[1]"]).match(name)), [true, true]);
  assertEquals(["a1", "a[1]"].map((name) => new Patterns(["a[[]1]"]).match(name)), [false, true]);
  assertEquals(["eth0", "eth*", "eth?", "[a]", "[]", "[", "eth[]]", "a]"].map(isGlob), [
    false,
    true,
    true,
    true,
    false,
    false,
    true,
    false,
  ]);
});

const CARDS: readonly FakeInterface[] = [
  { name: "lo", index: 1, type: "loopback" },
  { name: "eth0", index: 2, altNames: ["wan", "enp3s0"] },
  { name: "eth1", index: 3 },
  { name: "veth7", index: 4, kind: "veth" },
  { name: "br0", index: 5, kind: "bridge" },
  { name: "can0", index: 6, kind: "can", type: "can" },
  { name: "tun0", index: 7, kind: "tun", type: "none" },
];

/** The same, some of them as ports: of a bridge and of a bond. */
const PORTS: readonly FakeInterface[] = [
  ...CARDS,
  { name: "bond0", index: 8, kind: "bond" },
  { name: "eth0", index: 2, masterIndex: 5 },
  { name: "veth7", index: 4, masterIndex: 5 },
  { name: "eth1", index: 3, masterIndex: 8 },
];

const OF_PORTS: readonly (readonly [InterfaceSelection, string])[] = [
  [{ masterKinds: "bridge" }, "eth0 veth7"],
  [{ masterKinds: ["b*"] }, "eth0 eth1 veth7"],
  [{ masterKinds: "team" }, ""],
  [{ masterKinds: [] }, ""],
  [{ excludeMasterKinds: "bridge" }, "lo eth1 br0 can0 tun0 bond0"],
  [{ excludeMasterKinds: "*" }, "lo br0 can0 tun0 bond0"],
  [{ excludeMasterKinds: [] }, "lo eth0 eth1 veth7 br0 can0 tun0 bond0"],
  [{ masterKinds: "*", excludeMasterKinds: "bond", excludeKinds: "veth" }, "eth0"],
];

const SELECTIONS: readonly (readonly [InterfaceSelection, string])[] = [
  [{}, "lo eth0 eth1 veth7 br0 can0 tun0"],
  [{ names: "eth*" }, "eth0 eth1"],
  [{ names: ["en*", "br?"] }, "eth0 br0"],
  [{ names: "wan", exclude: "enp*" }, ""],
  [{ names: [] }, ""],
  [{ exclude: [] }, "lo eth0 eth1 veth7 br0 can0 tun0"],
  [{ exclude: ["*eth*", "lo"] }, "br0 can0 tun0"],
  [{ exclude: "wan" }, "lo eth1 veth7 br0 can0 tun0"],
  [{ kinds: "veth" }, "veth7"],
  [{ kinds: ["bridge", "t*"] }, "br0 tun0"],
  [{ kinds: "*" }, "veth7 br0 can0 tun0"],
  [{ kinds: [] }, ""],
  [{ excludeKinds: ["bridge", "veth", "tun"] }, "lo eth0 eth1 can0"],
  [{ excludeKinds: "[bt]*" }, "lo eth0 eth1 veth7 can0"],
  [{ excludeKinds: "*" }, "lo eth0 eth1"],
  [{ excludeKinds: [] }, "lo eth0 eth1 veth7 br0 can0 tun0"],
  [{ kinds: "*", excludeKinds: "b*" }, "veth7 can0 tun0"],
  [{ types: "ether" }, "eth0 eth1 veth7 br0"],
  [{ types: ["none", "can"], exclude: "can*" }, "tun0"],
  [{ physical: true }, "eth0 eth1 can0"],
  [{ physical: false }, "lo veth7 br0 tun0"],
  [{ loopback: false }, "eth0 eth1 veth7 br0 can0 tun0"],
  [{ loopback: true }, "lo"],
  [{ physical: true, names: "*0", types: "ether" }, "eth0"],
  [{ names: undefined, exclude: undefined, kinds: undefined, physical: undefined }, "lo eth0 eth1 veth7 br0 can0 tun0"],
];

Deno.test("selection: list has those of which all that was asked holds", () => {
  using system = new FakeSystem();
  for (const card of CARDS) system.set(card);
  for (const [selection, names] of SELECTIONS) {
    assertEquals(list(selection).map(({ name }) => name).join(" "), names, JSON.stringify(selection));
  }
  for (const card of PORTS) system.set(card);
  for (const [selection, names] of OF_PORTS) {
    assertEquals(list(selection).map(({ name }) => name).join(" "), names, JSON.stringify(selection));
  }
  system.set({ name: "eth1", index: 3, flags: RUNNING, operState: "up" });
  system.set({ name: "veth7", index: 4, flags: RUNNING, operState: "up" });
  assertEquals(active({ kinds: "veth" }).map(({ name }) => name), ["veth7"]);
  assertEquals(active({ names: "eth*" }).map(({ name }) => name), ["eth1"]);
});

still("selection: watch begins with those, and tells of those alone", async () => {
  for (const [selection, names] of SELECTIONS) {
    using system = new FakeSystem();
    for (const card of CARDS) system.set(card);
    const controller = new AbortController();
    const watcher = watch({ ...selection, initial: true, signal: controller.signal });
    const expected = names === "" ? [] : names.split(" ");
    for (const name of expected) assertEquals((await next(watcher)).status.name, name);
    for (const { name, index } of CARDS) system.set({ name, index: index!, mtu: 1400 });
    for (const name of expected) assertEquals((await next(watcher)).status.name, name);
    await leave(system);
    controller.abort();
    assertEquals((await watcher.next()).done, true);
  }
});

Deno.test("selection: what is physical on each system, by name, kind and type", () => {
  const cards: Readonly<Partial<Record<Platform, readonly (readonly [boolean, FakeInterface])[]>>> = {
    linux: [
      [true, { name: "eth0" }],
      [true, { name: "wlan0" }],
      [true, { name: "ib0", kind: "ipoib", type: "infiniband" }],
      [true, { name: "wwan0", kind: "wwan", type: "none" }],
      [true, { name: "swp1", kind: "dsa" }],
      [false, { name: "lo", type: "loopback" }],
      [false, { name: "vcan0", kind: "vcan", type: "can" }],
      [false, { name: "eth0", kind: "veth" }],
    ],
    netbsd: [
      [true, { name: "wm0" }],
      [true, { name: "iwn0", type: "ieee80211" }],
      [false, { name: "tap0" }],
      [false, { name: "lo0", type: "loopback" }],
      [false, { name: "vlan0", type: "l2vlan" }],
    ],
    freebsd: [[true, { name: "vtnet0" }], [true, { name: "ib0", type: "199" }], [false, { name: "epair0a" }], [
      false,
      { name: "epair12b" },
    ]],
    openbsd: [[true, { name: "em0" }], [false, { name: "vether0" }], [false, { name: "bridge0", type: "bridge" }]],
    darwin: [[true, { name: "en0" }], [false, { name: "utun3", type: "other" }], [false, { name: "awdl0" }]],
  };
  for (const [platform, all] of Object.entries(cards) as [Platform, readonly (readonly [boolean, FakeInterface])[]][]) {
    for (const [physical, fields] of all) {
      const status = fakeStatus(fields, platform);
      assertEquals(new Selection({ physical: true }, platform).has(status), physical, `${fields.name} on ${platform}`);
      assertEquals(new Selection({ physical: false }, platform).has(status), !physical);
    }
  }
});

Deno.test("selection: an interface answers to its name and to each alternative one", () => {
  const card = fakeStatus({ name: "eth0", altNames: ["wan", "enp3s0"] });
  assertEquals(["eth0", "wan", "enp3s0", "eth", ""].map((name) => hasName(card, name)), [
    true,
    true,
    true,
    false,
    false,
  ]);
});

Deno.test("selection: names, kind, type and the master's kind decide, and no other field", () => {
  const deciding = STATUS_FIELDS.filter((field) => mayDecide(["index", field, "wireless"]));
  assertEquals(deciding, ["name", "altNames", "type", "kind", "masterKind"]);
  assertEquals([mayDecide([]), mayDecide(["flags", "mtu"]), mayDecide(["name", "mtu"])], [false, false, true]);
});

Deno.test("selection: the table asks who is wanted once for each name, kind and type, and not for each state", () => {
  let asked = 0;
  const table = new InterfaceTable(false, () => (asked++, true));
  const tell = (fields: FakeInterface): void => table.apply(1, { ...fakeStatus(fields), addresses: undefined });
  tell({ name: "eth0" });
  for (let mtu = 1000; mtu < 1100; mtu++) tell({ name: "eth0", mtu });
  assertEquals(asked, 1);
  tell({ name: "eth0", altNames: ["wan"] });
  tell({ name: "eth1" });
  tell({ name: "eth1", type: "none" });
  tell({ name: "eth1", type: "none", kind: "tun" });
  assertEquals(asked, 5);
});

still("selection: a name that begins to match joins, one that stops leaves, and the generation stays", async () => {
  using system = new FakeSystem();
  system.set({ name: "a0", index: 1, mtu: 1000 });
  await using watcher = watch({ names: "en*" });
  await using every = watch();
  system.set({ name: "en0", index: 1, mtu: 1100, flags: RUNNING });
  const joined = await next(watcher);
  assertEquals([joined.type, joined.previous, joined.status.name, joined.hiddenFlaps], ["added", undefined, "en0", 0]);
  // For those who asked for the name it is new, with all that it brings.
  assertEquals([joined.flagsSet, joined.flagsCleared], [joined.status.flagNames, []]);
  for (const field of ["name", "up", "running", "lowerUp"] as const) assert(joined.changed.includes(field), field);
  system.set({ name: "en1", index: 1 });
  const renamed = await next(watcher);
  assertEquals([renamed.type, renamed.previous?.name, renamed.status.name], ["changed", "en0", "en1"]);
  system.set({ name: "b0", index: 1, mtu: 1200 });
  const left = await next(watcher);
  assertEquals([left.type, left.changed, left.hiddenFlaps], ["left", joined.changed, 0]);
  assertEquals([left.flagsSet, left.flagsCleared, "moved" in left], [[], left.status.flagNames, false]);
  assertStrictEquals(left.status, renamed.status); // the last that was in the selection
  assertStrictEquals(left.previous, renamed.status);
  system.set({ name: "b0", index: 1, mtu: 1300 });
  system.set({ name: "en2", index: 1 });
  const back = await next(watcher);
  assertEquals([back.type, back.status.mtu, back.status.name], ["added", 1300, "en2"]);
  assertEquals(new Set([joined, renamed, left, back].map(({ generation }) => generation)).size, 1);
  system.down("en2");
  assertEquals((await next(watcher)).flagsCleared, ["UP", "RUNNING", "LOWER_UP"]);
  system.remove("en2");
  const gone = await next(watcher);
  assertEquals([gone.type, gone.status.name, "moved" in gone], ["removed", "en2", true]);
  const told: InterfaceEvent[] = [];
  while (told.at(-1)?.type !== "removed") told.push(await next(every));
  assertEquals(told.map(({ type }) => type), ["changed", "removed"]);
});

still("selection: kind and type bring an interface in and out as well, and exclude keeps it out", async () => {
  using system = new FakeSystem();
  system.set({ name: "wlan0", index: 1 });
  await using watcher = watch({ types: "ether", exclude: "veth*" });
  const step = async (fields: FakeInterface): Promise<unknown> => {
    system.set({ index: 1, ...fields });
    const { type, status: { name } } = await next(watcher);
    return `${type} ${name}`;
  };
  assertEquals(await step({ name: "wlan0", type: "ieee802.11/radiotap" }), "left wlan0");
  assertEquals(await step({ name: "wlan0", type: "ether" }), "added wlan0");
  assertEquals(await step({ name: "veth0" }), "left wlan0");
  system.set({ name: "veth0", index: 1, mtu: 1400 });
  assertEquals(await step({ name: "wlan1" }), "added wlan1");
});

still("selection: a port comes and goes with the kind of its master", async () => {
  using system = new FakeSystem();
  system.set({ name: "br0", index: 1, kind: "bridge" });
  system.set({ name: "br1", index: 2, kind: "bridge" });
  system.set({ name: "bond0", index: 3, kind: "bond" });
  system.set({ name: "eth0", index: 4, masterIndex: 3 });
  await using ports = watch({ masterKinds: "bridge" });
  await using free = watch({ excludeMasterKinds: "*", names: "eth0" });
  const step = async (watcher: InterfaceWatcher, masterIndex: number | undefined): Promise<string> => {
    system.set({ name: "eth0", index: 4, masterIndex });
    const { type, status, changed } = await next(watcher);
    return `${type} ${status.master}${type === "left" ? ` ${changed.includes("masterKind")}` : ""}`;
  };
  assertEquals(await step(ports, 1), "added br0");
  assertEquals(await step(ports, 2), "changed br1"); // another bridge
  assertEquals(await step(ports, 3), "left br1 true");
  assertEquals(await step(free, undefined), "added undefined");
  assertEquals(await step(ports, 1), "added br0");
  assertEquals((await next(free)).type, "left");
});

Deno.test("selection: on a kernel, a port that nobody wants is looked at again when its master is another one", async () => {
  using kernel = new FakeLinux();
  kernel.set("br0", { kind: "bridge" });
  kernel.set("bond0", { kind: "bond" });
  kernel.set("eth0", { master: 2 });
  await using watcher = watch({ masterKinds: "bridge" });
  assertEquals(watcher.interfaces(), []);
  kernel.set("eth0", { mtu: 1400 }); // passed over
  kernel.set("eth0", { master: 1 }); // in one step, as ip link set eth0 master br0 does
  const { type, status } = await next(watcher);
  assertEquals([type, status.name, status.master, status.masterKind, status.mtu], [
    "added",
    "eth0",
    "br0",
    "bridge",
    1400,
  ]);
  kernel.set("eth0", { master: 2 });
  assertEquals((await next(watcher)).type, "left");
  assertEquals([get("eth0")?.masterKind, inspect("eth0")?.masterKind], ["bond", "bond"]);
});

still("selection: an interface that left and came back before anybody took it has changed", async () => {
  using system = new FakeSystem();
  system.set({ name: "en0", index: 1, mtu: 1000, carrierChanges: 2, carrier: true });
  await using watcher = watch({ names: "en*" });
  system.set({ name: "x0", index: 1, mtu: 1100, flags: RUNNING, carrierChanges: 8 });
  system.set({ name: "en0", index: 1, mtu: 1000 });
  await leave(system);
  const event = await next(watcher);
  assertEquals([event.type, event.previous?.mtu, event.status.mtu, event.hiddenFlaps], [
    "changed",
    1000,
    1000,
    6,
  ]);
  assert(event.changed.includes("name") && event.changed.includes("flags"), event.changed.join());
  assert(event.flagsSet.includes("UP"));
});

still(
  "selection: who has not heard of an interface is not told that it left, and hears of it when it comes back",
  async () => {
    using system = new FakeSystem();
    system.set({ name: "en0", index: 1 });
    await using watcher = watch({ names: "en*", initial: true });
    system.set({ name: "x0", index: 1 });
    system.set({ name: "en5", index: 2 });
    system.set({ name: "x5", index: 2 });
    await leave(system);
    system.set({ name: "en1", index: 1 });
    const event = await next(watcher);
    assertEquals([event.type, event.status.name], ["added", "en1"]);
  },
);

still("selection: an end that was not taken takes the changes before it along", async () => {
  using system = new FakeSystem();
  system.set({ name: "en0", index: 1, mtu: 1000 });
  await using watcher = watch({ names: "en*" });
  system.set({ name: "en0", index: 1, mtu: 1100 });
  system.set({ name: "x0", index: 1, mtu: 1200 });
  await leave(system);
  const event = await next(watcher);
  assertEquals([event.type, event.previous?.mtu, event.status.mtu, event.status.name], [
    "left",
    1000,
    1100,
    "en0",
  ]);
  assert(event.changed.includes("name") && event.changed.includes("mtu"), event.changed.join());
  assertEquals(event.flagsCleared, event.status.flagNames);
});

still("selection: a rename that was lost with others is a resync for those who come and leave", async () => {
  using system = new FakeSystem();
  system.set({ name: "en0", index: 1 });
  system.set({ name: "x0", index: 2 });
  await using watcher = watch({ names: "en*" });
  for (const [index, name] of [[1, "tmp"], [2, "en0"], [1, "x0"]] as const) system.setSilently({ index, name });
  system.overflow();
  const told = [await next(watcher), await next(watcher)];
  assertEquals(told.map(({ type, resync, status: { index, name } }) => [type, resync, index, name]), [
    ["left", true, 1, "en0"],
    ["added", true, 2, "en0"],
  ]);
});

Deno.test("selection: settle holds back who comes and leaves, as it does every change", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "en0", index: 1 });
  system.set({ name: "x1", index: 2 });
  await using watcher = watch({ names: "en*", settle: 100 });
  const told: string[] = [];
  void (async () => {
    for await (const { type, status: { name, index } } of watcher) {
      told.push(`${type} ${index} ${name}`);
    }
  })();
  const step = async (index: number, name: string): Promise<void> => {
    system.set({ index, name });
    await time.tickAsync(50);
  };
  await step(1, "x0");
  await step(1, "en0"); // it was away for less than that
  await step(2, "en1");
  await step(2, "x1"); // it was there for less than that
  await time.tickAsync(100);
  assertEquals(told, ["changed 1 en0"]);
  await step(1, "x0");
  await time.tickAsync(100);
  assertEquals(told.slice(1), ["left 1 en0"]);
});

still("selection: each watcher has its own view of the same step", async () => {
  using system = new FakeSystem();
  system.set({ name: "en0", index: 1 });
  await using from = watch({ names: "en*" });
  await using to = watch({ names: "x*" });
  await using both = watch({ names: ["en*", "x*"] });
  await using neither = watch({ exclude: "*" });
  system.set({ name: "x0", index: 1 });
  const views = [await next(from), await next(to), await next(both)];
  assertEquals(views.map(({ type }) => type), ["left", "added", "changed"]);
  assertEquals(new Set(views.map(({ time }) => time)).size, 1);
  neither.close();
  assertEquals((await neither.next()).done, true);
});
