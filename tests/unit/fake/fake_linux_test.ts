/** The fake system of Linux: what it refuses, what it leaves unannounced, and what follows from what. */
import { assertEquals, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import {
  active,
  get,
  type InterfaceStatus,
  InvalidInputError,
  list,
  setFlags,
  UnsupportedError,
  watch,
} from "../../../mod.ts";
import { ioctlFlags, setOperState } from "../../../src/linux.ts";
import { LinuxBackend } from "../../../platforms/linux/backend.ts";
import { type FakeInterface, fakeStatus, FakeSystem, type WirelessLink } from "../../../src/testing.ts";
import { still } from "../../helpers/still.ts";

const UP = 0x1003;
const DOWN = 0x1002;
const RUNNING = 0x11043;

/** What no kernel has at the same time, and the words of the refusal that name it. */
const IMPOSSIBLE: readonly (readonly [fields: Partial<FakeInterface>, ...words: string[]])[] = [
  [{ flags: DOWN, operState: "up" }, 'operState "up"', "flags without UP"],
  [{ flags: DOWN, operState: "unknown" }, 'operState "unknown"', "flags without UP"],
  [{ flags: DOWN, operState: "lowerlayerdown" }, 'operState "lowerlayerdown"', "flags without UP"],
  [{ flags: DOWN | 0x40 }, "flags RUNNING", "flags without UP"],
  [{ flags: DOWN | 0x10000 }, "flags LOWER_UP", "flags without UP"],
  [{ flags: DOWN | 0x20000 }, "flags DORMANT", "flags without UP"],
  [{ flags: UP, operState: "up" }, 'operState "up"', "flags UP,BROADCAST,MULTICAST"],
  [{ flags: UP, operState: "unknown" }, 'operState "unknown"', "RUNNING"],
  [{ flags: RUNNING, operState: "down" }, 'operState "down"', "flags UP,BROADCAST,RUNNING"],
  [{ flags: RUNNING, operState: "dormant" }, 'operState "dormant"', "RUNNING"],
  [{ flags: RUNNING, carrier: false }, "carrier false", "LOWER_UP"],
  [{ flags: UP, carrier: true }, "carrier true", "LOWER_UP"],
  [{ carrierChanges: 4, carrierUps: 1, carrierDowns: 1 }, "carrierChanges 4", "ups 1 and downs 1"],
  [{ carrierUps: 5, carrierDowns: 1 }, "carrierUps 5 and carrierDowns 1", "carrier false"],
  [{ flags: 0x1008, type: "ether" }, "flag LOOPBACK", 'type "ether"'],
  [{ flags: UP, type: "loopback" }, "flag LOOPBACK", 'type "loopback"'],
  [{ masterIndex: 9 }, "masterIndex 9", "the interfaces that there are"],
  [{ master: "br9" }, 'master "br9"', "the interfaces that there are"],
  [{ master: "other", masterIndex: 1 }, 'master "other"', "masterIndex 1"],
  [{ index: 1, masterIndex: 1 }, "master 1", "index 1"],
  [{ index: 1, parentIndex: 1 }, "parentIndex 1", "index 1"],
  [{ parent: "other", parentNetnsId: 3 }, 'parent "other"', "parentNetnsId 3"],
  [{ kind: "veth", wireless: radio({}) }, "wireless", 'kind "veth"'],
  [{ type: "ppp", wireless: radio({}) }, "wireless", 'type "ppp"'],
  [{ flags: DOWN, wireless: radio({ ssid: "net" }) }, 'wireless.ssid "net"', "flags without UP"],
  [{ wireless: radio({ ssid: "net", ssidHex: "00" }) }, 'wireless.ssid "net"', "ssidHex 00"],
  [{ carrier: false, wireless: radio({ type: "ap", ssid: "net" }) }, 'wireless.ssid "net"', "carrier false"],
  [{ flags: UP, wireless: radio({ type: "ap", ssid: "net" }) }, 'wireless.ssid "net"', "carrier false"],
  [{ wireless: radio({}) }, "wireless", "an interface without a radio"],
  [{ name: "wlan0", wireless: undefined }, "wireless undefined", "its radio"],
];

/** Values that the kernel has no room for. */
const TOO_MUCH: readonly FakeInterface[] = [
  ...["", "x".repeat(16), "a b", "a%b", "\ud800", "a\nb", "a/b", "a:b", ".", "..", "a\0b", "voil\u00e0"].map((
    name,
  ) => ({ name })),
  { name: "eth0", altNames: ["x".repeat(128)] },
  { name: "eth0", altNames: ["a\0b"] },
  { name: "eth0", altNames: ["a", "a"] },
  { name: "eth0", altNames: ["other"] },
  { name: "other", index: 1 },
  { name: "eth0", mtu: -1 },
  { name: "eth0", mtu: 1.5 },
  { name: "eth0", mtu: 2 ** 31 },
  { name: "eth0", altNames: ["\ud800"] },
  { name: "eth0", kind: "" },
  { name: "eth0", kind: "k".repeat(56) },
  { name: "eth0", kind: "a\0b" },
  { name: "eth0", hardwareAddress: "02:00" },
  { name: "eth0", hardwareAddress: undefined },
  { name: "eth0", type: "ppp", hardwareAddress: "00:".repeat(32) + "00" },
  { name: "eth0", parentIndex: 7, parentNetnsId: -1 },
  { name: "wlan0", wireless: { ...radio({}), frequency: 0 } },
  { name: "eth0", flags: 2 ** 32 },
  { name: "eth0", index: 0 },
  { name: "eth0", index: 2 ** 31 },
  { name: "eth0", type: "warp" },
  { name: "eth0", hardwareAddress: "02:00" + ":zz" },
  { name: "eth0", wireless: radio({ type: "warp" }) },
  { name: "eth0", wireless: radio({ ssid: "x".repeat(33) }) },
  { name: "eth0", addresses: [{ ...address("10.0.0.256"), family: "inet" }] },
  { name: "eth0", addresses: [{ ...address("10.0.0.1"), prefixLength: 33 }] },
  { name: "eth0", addresses: [{ ...address("10.0.0.1"), scope: "galaxy" }] },
  { name: "eth0", addresses: [{ ...address("10.0.0.1"), flags: ["warped"] }] },
  { name: "eth0", addresses: [address("0.0.0.0")] },
  { name: "eth0", addresses: [{ ...address("::"), family: "inet6" }] },
  { name: "eth0", addresses: [{ ...address("::1"), family: "inet6", scope: "host" }] },
  { name: "eth0", addresses: [{ ...address("ff02::1"), family: "inet6" }] },
  { name: "eth0", addresses: [{ ...address("fe80::1"), family: "inet6" }] }, // of scope global
  { name: "eth0", addresses: [{ ...address("::1"), family: "inet6", scope: "link" }] },
  { name: "eth0", addresses: [address("10.0.0.1"), address("10.0.0.1")] },
  { name: "eth0", addresses: [{ ...address("10.0.0.1"), peer: "10.0.0.2" }, address("10.0.0.1")] },
];

function radio(fields: { type?: string; ssid?: string; ssidHex?: string }) {
  return { type: "station", ssid: undefined, ssidHex: undefined, frequency: undefined, ...fields };
}

function address(text: string) {
  return {
    family: "inet",
    address: text,
    prefixLength: 24,
    scope: "global",
    peer: undefined,
    broadcast: undefined,
    label: undefined,
    flags: ["permanent"],
  } as const;
}

Deno.test("fake linux: a state that no kernel can have is refused, with what contradicts, and nothing is changed", () => {
  for (const [fields, ...words] of IMPOSSIBLE) {
    using system = new FakeSystem();
    system.set({ name: "eth0", index: 1 });
    system.set({ name: "other", index: 2 });
    system.set({ name: "wlan0", index: 3 });
    const before = list();
    const error = assertThrows(() => system.set({ name: "eth0", ...fields }), InvalidInputError, words[0]);
    for (const word of words) assertEquals([error.message.includes(word), error.message], [true, error.message]);
    assertEquals(/^Cannot set interface "(eth|wlan)0": [^\n]*[^.]$/.test(error.message), true, error.message);
    assertEquals(list(), before);
  }
});

Deno.test("fake linux: what a status alone can contradict is refused without a system too", () => {
  for (const [fields, ...words] of IMPOSSIBLE) {
    if (words.some((word) => /interface|other|its radio/.test(word))) continue;
    assertThrows(() => fakeStatus({ name: "eth0", ...fields }), InvalidInputError, words[0]);
  }
});

Deno.test("fake linux: what no kernel has room for is refused, and nothing is changed", () => {
  for (const fields of TOO_MUCH) {
    using system = new FakeSystem();
    system.set({ name: "eth0", index: 1 });
    system.set({ name: "other", index: 2 });
    const before = list();
    assertThrows(() => system.set(fields), InvalidInputError, "Cannot make");
    assertEquals(list(), before);
  }
});

Deno.test("fake linux: get refuses what the real backend refuses, in the same words", () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", altNames: ["n".repeat(127)] });
  for (const bad of ["", "x".repeat(128), "x".repeat(200), "a\0b", 1.5, -1, 0, NaN, 2 ** 31]) {
    const words = (ask: () => unknown): string => assertThrows(ask, InvalidInputError).message;
    assertEquals(words(() => get(bad)), words(() => new LinuxBackend().get(bad)), String(bad));
  }
  assertEquals([get("n".repeat(127))?.name, get("x".repeat(127)), get("eth1"), get(2)], [
    "eth0",
    undefined,
    undefined,
    undefined,
  ]);
  assertThrows(() => setFlags("", { up: true }), InvalidInputError, "give a name of 1 to 127 bytes");
});

Deno.test("fake linux: what is left open follows from what is given, as Linux works it out", () => {
  using system = new FakeSystem();
  const said = (fields: Omit<FakeInterface, "name">, name = "eth0") => {
    const { flags, operState, carrier, carrierChanges, connected } = system.set({ name, ...fields });
    return [flags, operState, carrier, carrierChanges, connected];
  };
  assertEquals(said({}), [DOWN, "down", false, 0, false]);
  assertEquals(said({ operState: "up" }), [RUNNING, "up", true, 1, true]);
  assertEquals(said({ carrier: false }), [UP, "down", false, 2, false]);
  assertEquals(said({ carrier: true }), [RUNNING, "up", true, 3, true]);
  assertEquals(said({ operState: "dormant" }), [0x11003, "dormant", true, 3, false]);
  assertEquals(said({ flags: RUNNING | 0x80 }), [RUNNING | 0x80, "up", true, 3, true]);
  assertEquals(said({ flags: DOWN }), [DOWN, "down", true, 3, false]);
  assertEquals(said({ linkMode: "dormant" }), [DOWN, "down", true, 3, false]);
  assertEquals(said({ flags: 0x11003 }), [0x11003, "dormant", true, 3, false]);
  // For a moment the state is behind the carrier: link_watch.c looks at it later.
  assertEquals(said({ flags: 0x1043 }), [0x1043, "unknown", false, 4, false]);
  assertEquals(said({ flags: 0x11003, operState: "down", linkMode: "default" }), [0x11003, "down", true, 5, false]);
  // A driver that never reports a carrier.
  assertEquals(said({ kind: "dummy" }, "d0"), [0x82, "down", true, 0, false]);
  assertEquals(said({ flags: 0x100c3 }, "d0"), [0x100c3, "unknown", true, 0, true]);
  assertEquals(said({ operState: "unknown" }, "lo"), [0x10049, "unknown", true, 0, true]);
  assertEquals(said({ wireless: radio({ ssid: "net" }) }, "wlan0"), [UP, "down", false, 0, false]);
  assertEquals(said({ wireless: radio({ type: "ap", ssid: "net" }) }, "wlan1"), [RUNNING, "up", true, 1, true]);
  assertEquals([said({ carrier: false }, "wlan1")[1], get("wlan1")?.wireless?.ssid], ["down", undefined]);
  assertEquals(said({ wireless: radio({ type: "ap", ssid: "net" }) }, "ap0"), [RUNNING, "up", true, 1, true]); // new
  system.set({ name: "ap1", wireless: radio({ type: "unspecified" }) });
  assertEquals(said({ wireless: radio({ type: "ap", ssid: "net" }) }, "ap1"), [RUNNING, "up", true, 1, true]); // known
});

Deno.test("fake linux: an alternative name says which interface is meant; a master and a parent are given by name", () => {
  using system = new FakeSystem();
  system.set({ name: "br0", kind: "bridge", altNames: ["lan"] });
  assertEquals([system.set({ name: "lan", mtu: 1400 }).name, list().length], ["br0", 1]);
  const odd = ["lan", "", "a/b", ".."]; // the kernel takes any
  assertEquals([system.set({ name: "br0", altNames: odd }).altNames, get("..")?.altNames], [odd, odd]);
  const port = system.set({ name: "eth0", master: "lan" });
  assertEquals([port.master, port.masterIndex], ["br0", 1]);
  assertEquals(system.set({ name: "eth0", master: undefined }).masterIndex, undefined);
  assertEquals(system.set({ name: "eth0.7", kind: "vlan", parent: "eth0" }).parentIndex, 2);
  assertEquals(system.set({ name: "veth0", kind: "veth", parentIndex: 4, parentNetnsId: 0 }).parent, undefined);
});

Deno.test("fake linux: addresses that are set are kept as Linux keeps them, and get tells them so", () => {
  using system = new FakeSystem();
  const six = (text: string) => ({ ...address(text), family: "inet6", scope: undefined }) as const;
  const { addresses } = system.set({
    name: "eth0",
    addresses: [
      six("fe80::1"),
      { ...address("192.0.2.1"), scope: "link", flags: ["secondary"] },
      address("10.0.0.1"),
      six("2001:db8::1"),
      address("10.0.0.2"),
      six("2001:db8::2"),
      { ...address("10.0.0.2"), prefixLength: 25 },
    ],
  });
  assertEquals(addresses?.map((one) => `${one.address} ${one.scope} ${one.flags}`), [
    "192.0.2.1 link ",
    "10.0.0.1 global permanent",
    "10.0.0.2 global permanent",
    "10.0.0.2 global secondary,permanent",
    "2001:db8::1 global permanent",
    "2001:db8::2 global permanent",
    "fe80::1 link permanent",
  ]);
  assertEquals(get("eth0")?.addresses, addresses);
  assertEquals(system.set({ name: "eth0", addresses: addresses! }).addresses, addresses);
});

Deno.test("fake linux: the links of a multi-link device are told as they are set, each with its network", () => {
  using system = new FakeSystem();
  const link = (mloLinkId: number, more: Partial<WirelessLink> = {}): WirelessLink => ({
    mloLinkId,
    ssid: undefined,
    ssidHex: undefined,
    frequency: undefined,
    hardwareAddress: undefined,
    ...more,
  });
  const set = (...links: WirelessLink[]) =>
    system.set({ name: "wlan0", wireless: { ...radio({ type: "ap", ssid: "mld" }), links } });
  const own = link(2, { ssid: "own", frequency: 5180, hardwareAddress: "02:00:00:00:00:07" });
  const device = { ssid: "mld", ssidHex: "6d6c64" };
  assertEquals(set(own, link(0, { frequency: 2412 })).wireless, {
    ...radio({ type: "ap", ...device }),
    links: [link(0, { ...device, frequency: 2412 }), { ...own, ssidHex: "6f776e" }],
  });
  assertEquals(get("wlan0"), system.set({ name: "wlan0" }));
  assertThrows(() => set(own, own), InvalidInputError, "each link of a device once");
  assertThrows(() => set(link(-1)), InvalidInputError, "a whole number from 0");
  assertThrows(() => set({ ...own, ssidHex: "00" }), InvalidInputError, "the text is made of these bytes");
  assertThrows(() => set({ ...link(0), mloLinkId: undefined } as never), InvalidInputError, "without mloLinkId");
  assertThrows(() => set({ ...link(0), id: 0 } as never), InvalidInputError, 'unknown option "id"');
  const wireless = { ...radio({ type: "ap" }), links: [own] }; // whose network is that of a link alone
  assertEquals(system.set({ name: "wlan1", wireless }).connected, true);
  assertThrows(() => system.set({ name: "wlan1", flags: DOWN, wireless }), InvalidInputError, 'wireless.ssid "own"');
  assertEquals(system.down("wlan1").wireless, radio({ type: "ap" }));
});

Deno.test("fake linux: two ends whose other ends are elsewhere are no pair, whatever their indexes are", () => {
  using system = new FakeSystem();
  system.set({ name: "v0", index: 1, kind: "veth", parentIndex: 2, parentNetnsId: 0 });
  system.set({ name: "w0", index: 2, kind: "veth", parentIndex: 1, parentNetnsId: 1 });
  assertEquals([system.up("v0").carrier, system.up("w0").carrier, get("v0")?.carrier], [false, false, false]);
  system.remove("v0");
  assertEquals(list().map(({ name }) => name), ["w0"]);
});

Deno.test("fake linux: what a driver says of its waiting is kept until it says otherwise", () => {
  using system = new FakeSystem();
  const state = ({ dormant, operState }: InterfaceStatus) => [dormant, operState];
  assertEquals(state(system.set({ name: "eth0", flags: 0x31003 })), [true, "dormant"]);
  assertEquals(state(system.set({ name: "eth0", mtu: 1400 })), [true, "dormant"]);
  assertEquals(state(system.set({ name: "eth0", flags: RUNNING })), [false, "up"]);
});

Deno.test("fake linux: scopes follow from addresses, and a tunnel's hardware address is one of IP", () => {
  using system = new FakeSystem();
  const scope = (name: string, address: string) =>
    system.addAddress(name, address).addresses?.find((one) => address.startsWith(`${one.address}/`))?.scope;
  system.add("lo");
  system.add("eth0");
  assertEquals([
    scope("lo", "::1/128"),
    scope("lo", "127.0.0.1/8"),
    ...["::2/128", "1::1/64", "fe80::1/64", "febf::1/64", "fec0::1/64", "fd00::1/64", "128.0.0.1/8"].map((one) =>
      scope("eth0", one)
    ),
  ], ["host", "host", "global", "global", "link", "link", "site", "global", "global"]);
  for (
    const [type, address] of [
      ["sit", "10.0.0.1"],
      ["tunnel6", "2001:db8::1"],
      ["tunnel6", "2001:db8:1:2:3:4:5:6"],
      ["gre6", "::"],
      ["ether", "02:00:00:00:00:09"],
    ] as const
  ) assertEquals(system.set({ name: "t0", type, hardwareAddress: address }).hardwareAddress, address);
});

still("fake linux: a port of a bond leaves it, with a message; what is no port leaves nothing", async () => {
  using system = new FakeSystem();
  system.set({ name: "bond0", kind: "bond" });
  system.set({ name: "eth0", master: "bond0" });
  await using watcher = watch();
  assertEquals(system.leave("eth0").masterIndex, undefined);
  const { value } = await watcher.next();
  assertEquals([value?.status.name, value?.changed], ["eth0", ["master", "masterIndex", "masterKind"]]);
  const next = watcher.next();
  system.leave("eth0");
  system.set({ name: "bond0", mtu: 1400 });
  assertEquals((await next).value?.changed, ["mtu"]);
});

/** Lets everything that was announced be read. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

still("fake linux: of an interface that is down, other names, link mode and carrier are told to nobody", async () => {
  using system = new FakeSystem();
  const heard = async (flags: number, fields: Omit<FakeInterface, "name">) => {
    system.set({ name: "eth0", flags, altNames: [], linkMode: "default", carrier: flags === RUNNING, mtu: 1500 });
    await using watcher = watch();
    let changed: readonly string[] | undefined;
    void watcher.next().then(({ value }) => changed = value?.changed);
    system.set({ name: "eth0", ...fields });
    await settle();
    return changed !== undefined;
  };
  const SILENT = [{ altNames: ["wan"] }, { linkMode: "dormant" }, { carrier: true }] as const;
  for (const fields of SILENT) {
    assertEquals([await heard(DOWN, fields), await heard(UP, fields)], [false, true], JSON.stringify(fields));
    assertEquals(await heard(DOWN, { ...fields, mtu: 1400 }), true);
  }
});

Deno.test("fake linux: a kernel without counters, states or other names has none, as older ones and gVisor", () => {
  using old = new FakeSystem({ carrierCounters: false, altNames: false });
  const card = old.set({ name: "eth0", altNames: ["wan"], operState: "up" });
  assertEquals([card.carrierChanges, card.carrierUps, card.altNames, card.connected], [undefined, undefined, [], true]);
  using gvisor = new FakeSystem({ operState: false });
  const plain = gvisor.set({ name: "eth0", flags: RUNNING });
  assertEquals([plain.operState, plain.connected], [undefined, true]);
  using bare = new FakeSystem({ accessPoints: false });
  assertEquals([bare.add("wlan0").wireless, get("wlan0")?.wireless], [undefined, undefined]);
});

for (const events of ["poll", "partial"] as const) {
  Deno.test(`fake linux: a kernel whose events are "${events}" is compared each second`, async () => {
    using time = new FakeTime();
    using system = new FakeSystem({ events });
    system.add("eth0");
    await using watcher = watch({ addresses: true });
    system.addAddress("eth0", "10.0.0.1/24");
    let changed: readonly string[] | undefined;
    const next = watcher.next().then(({ value }) => changed = value?.changed);
    await settle();
    assertEquals(changed, undefined);
    await time.tickAsync(1000);
    await next;
    assertEquals(changed, ["addresses"]);
  });
}

Deno.test("fake linux: what a program asks for is refused or ignored as by the kernel", () => {
  using system = new FakeSystem();
  system.add("eth0");
  system.add("eth0.7", { kind: "vlan", parent: "eth0" });
  const error = assertThrows(() => setFlags("eth0.7", { up: true }), Error);
  assertEquals(error.message, 'Cannot set flags of interface "eth0.7": ENETDOWN (Network is down)');
  system.up("eth0");
  assertEquals(get("eth0.7")?.up, true); // a VLAN follows
  assertThrows(() => setOperState("eth0", "up"), Error, "Kernel acknowledged but kept");
  system.plug("eth0");
  assertEquals([setOperState("eth0", "dormant").running, get("eth0.7")?.dormant], [false, true]);
  assertEquals([setOperState("eth0", "up").running, get("eth0.7")?.dormant], [true, false]);
  assertEquals(active().map(({ name }) => name), ["eth0", "eth0.7"]);
  assertThrows(() => list({ netns: "blue" }), UnsupportedError, `"blue" on linux: a system in memory has one alone`);
  assertThrows(() => ioctlFlags("x".repeat(16)), InvalidInputError);
});

Deno.test("fake linux: what is removed is nobody's master any more: a master itself, the other end of a pair, and what stands on it", () => {
  const removals: readonly (readonly [master: string, removed: string])[] = [["v0", "v0"], ["v1", "v0"], [
    "vlan0",
    "v0",
  ]];
  for (const [master, removed] of removals) {
    using system = new FakeSystem();
    system.add("v0", { kind: "veth", peer: "v1" });
    system.add("vlan0", { kind: "vlan", parent: "v0" });
    system.add("port0");
    system.set({ name: "port0", masterIndex: get(master)!.index });
    assertEquals(get("port0")?.master, master);
    system.remove(removed);
    assertEquals([get("port0")?.masterIndex, get("port0")?.master], [undefined, undefined], `${master} of ${removed}`);
  }
});
