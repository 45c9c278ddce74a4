/** `inspect`, on a Linux kernel in memory: what is asked, of whom, and what is done where nobody answers. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { get, inspect, type InterfaceDetails, NetflagsError } from "../../../mod.ts";
import { textPayload, u32Payload } from "../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { FakeSystem } from "../../../src/testing.ts";
import { runHere } from "../../helpers/cli/in_process.ts";
import { EMFILE, EPERM, FakeLinux, type LinkFields } from "../../helpers/linux/kernel.ts";
import { nest } from "../../helpers/linux/messages.ts";

const u8 = (value: number): Uint8Array => Uint8Array.of(value);
/** UP without a carrier; the same with one. */
const DEAD: LinkFields = { flags: 0x1003, operState: 2, carrier: false };
const LIVE: LinkFields = { flags: 0x11043, operState: 6, carrier: true };
const LOWER: LinkFields = { flags: 0x1003, operState: 3, carrier: false };

const UNPLUGGED = {
  [N.ETHTOOL_MSG_LINKSTATE_GET]: [
    [N.ETHTOOL_A_LINKSTATE_LINK, u8(0)],
    [N.ETHTOOL_A_LINKSTATE_EXT_STATE, u8(4)],
    [N.ETHTOOL_A_LINKSTATE_EXT_DOWN_CNT, u32Payload(7)],
  ],
  [N.ETHTOOL_MSG_LINKMODES_GET]: [
    [N.ETHTOOL_A_LINKMODES_AUTONEG, u8(1)],
    [N.ETHTOOL_A_LINKMODES_SPEED, u32Payload(N.SPEED_UNKNOWN)],
    [N.ETHTOOL_A_LINKMODES_DUPLEX, u8(0xff)],
  ],
  [N.ETHTOOL_MSG_LINKINFO_GET]: [[N.ETHTOOL_A_LINKINFO_PORT, u8(0)]],
} as const;

/** A VLAN on a macvlan on a bond with one card that has no cable, and one that is not set up. */
function makeTower(kernel: FakeLinux): void {
  const slave = (...data: Parameters<typeof nest>): Pick<LinkFields, "info" | "master"> => ({
    master: 3,
    info: [[N.IFLA_INFO_SLAVE_KIND, textPayload("bond")], [N.IFLA_INFO_SLAVE_DATA, nest(...data)]],
  });
  kernel.set("eth0", { ...DEAD, ...slave([N.IFLA_BOND_SLAVE_STATE, u8(1)]), hardware: UNPLUGGED });
  kernel.set("eth1", { ...slave([N.IFLA_BOND_SLAVE_STATE, u8(1)]) });
  kernel.set("bond0", {
    ...DEAD,
    kind: "bond",
    info: [[N.IFLA_INFO_DATA, nest([N.IFLA_BOND_MODE, u8(1)])]],
  });
  kernel.set("mv0", { ...LOWER, kind: "macvlan", parent: 3 });
  kernel.set("mv0.7", {
    ...LOWER,
    kind: "vlan",
    parent: 4,
    info: [[N.IFLA_INFO_DATA, nest([N.IFLA_VLAN_ID, Uint8Array.of(7, 0)])]],
  });
  kernel.set("other0", { ...DEAD, hardware: UNPLUGGED });
}

function details(name: string): InterfaceDetails {
  const found = inspect(name);
  assert(found !== undefined, name);
  return found;
}
const codes = (name: string): string[] => details(name).causes.map((cause) => `${cause.interfaceName} ${cause.code}`);

Deno.test("details: a VLAN on a macvlan on a bond whose card has no cable", () => {
  using kernel = new FakeLinux();
  makeTower(kernel);
  const vlan = details("mv0.7");
  assertEquals(codes("mv0.7"), ["mv0.7 lower-down", "mv0 lower-down", "bond0 ports-down", "eth0 no-carrier"]);
  assertEquals(vlan.causes.at(-1)?.text, "eth0 is up but has no carrier: its driver says no-cable");
  assertEquals([vlan.vlanId, vlan.parent, vlan.hardware], [7, "mv0", undefined]);
  assertEquals(details("bond0").bond?.mode, "active-backup");
  assertEquals(details("eth0").port?.state, "backup");
  assertEquals(details("eth0").hardware, {
    link: false,
    extendedState: "no-cable",
    extendedSubstate: undefined,
    linkDowns: 7,
    speed: undefined,
    duplex: undefined,
    autonegotiation: true,
    port: "tp",
  });
  assertEquals(kernel.sockets, 0);
});

Deno.test("details: only the drivers of the interface and of what may be the cause are asked", () => {
  using kernel = new FakeLinux();
  makeTower(kernel);
  details("mv0.7");
  assertEquals(new Set(kernel.ethtoolRequests.map(([index]) => index)), new Set([5, 1]));
  kernel.ethtoolRequests.length = 0;
  assertEquals(get("eth0")?.connected, false);
  get("eth0", {});
  get("eth0", { netns: undefined });
  assertEquals(kernel.ethtoolRequests, []);
});

Deno.test("details: a status has none of it; the default routes only where they are asked for", () => {
  using kernel = new FakeLinux();
  makeTower(kernel);
  assertEquals([get("eth0")?.defaultRoute, details("eth0").defaultRoute], [undefined, []]);
  const status = get("eth0", { routes: true })!;
  for (const field of ["hardware", "port", "causes", "protoDown", "bond"]) assert(!(field in status), field);
  const { hardware: _1, port: _2, causes: _3, protoDown: _4, protoDownReasons: _5, bond: _6, vlanId: _7, ...rest } =
    details("eth0");
  const { vrfTable: _8, ...same } = rest;
  assertEquals({ ...same }, { ...status });
});

Deno.test("details: a bond's ports and its port in use, by name", () => {
  using kernel = new FakeLinux();
  makeTower(kernel);
  kernel.set("eth0", LIVE);
  kernel.set("bond0", {
    ...LIVE,
    info: [[N.IFLA_INFO_DATA, nest([N.IFLA_BOND_MODE, u8(1)], [N.IFLA_BOND_ACTIVE_SLAVE, u32Payload(1)])]],
  });
  assertEquals(details("bond0").bond, { mode: "active-backup", activePort: "eth0", activePortIndex: 1 });
  assertEquals(codes("bond0"), []);
  assertEquals(codes("eth1"), ["eth1 down"]);
});

Deno.test("details: how long an address lives is told to those who ask why, and changes nothing else", () => {
  using kernel = new FakeLinux();
  const link = kernel.set("eth0", LIVE);
  kernel.addAddress(link, [10, 0, 0, 1]);
  const [plain] = get("eth0")!.addresses!;
  assert(plain !== undefined && !("lifetime" in plain));
  const lifetime = () => details("eth0").addresses?.[0]?.lifetime;
  assertEquals({ ...details("eth0").addresses?.[0] }, { ...plain, lifetime: undefined });
  kernel.cacheInfo = [60, 0xffffffff, 0, 0];
  assertEquals(lifetime(), { preferred: 60, valid: "forever" });
  kernel.cacheInfo = [0, 3600, 0, 0];
  assertEquals(lifetime(), { preferred: 0, valid: 3600 });
  kernel.cacheInfo = [1, 2, 3];
  assertEquals(lifetime(), undefined); // too short
});

Deno.test("details: one that a program holds down, with its reasons", () => {
  using kernel = new FakeLinux();
  kernel.set("vx0", {
    ...DEAD,
    extra: [
      [N.IFLA_PROTO_DOWN, u8(1)],
      [N.IFLA_PROTO_DOWN_REASON, nest([N.IFLA_PROTO_DOWN_REASON_VALUE, u32Payload(0x80000008)])],
    ],
  });
  const { protoDown, protoDownReasons, causes } = details("vx0");
  assertEquals([protoDown, protoDownReasons], [true, [3, 31]]);
  assertEquals(causes, [{
    code: "proto-down",
    interfaceName: "vx0",
    text: "vx0 is up, but a program holds it down (proto_down, reason 3, 31)",
  }]);
});

Deno.test("details: an interface below in another network namespace is not taken for one of this", () => {
  using kernel = new FakeLinux();
  kernel.set("eth0", DEAD);
  kernel.set("eth0.7", { ...LOWER, kind: "vlan", parent: 1, parentNetnsId: 5 });
  assertEquals(codes("eth0.7"), ["eth0.7 other-namespace"]);
});

Deno.test("details: a kernel without ethtool's family has no answer, and that is no error", () => {
  using kernel = new FakeLinux();
  makeTower(kernel);
  kernel.hasEthtool = false;
  assertEquals(details("eth0").hardware, undefined);
  assertEquals(codes("eth0"), ["eth0 no-carrier"]);
  kernel.hasEthtool = true;
  assertEquals(details("eth0").hardware?.linkDowns, 7);
  assertEquals(kernel.modprobes, 0);
  assertEquals(kernel.sockets, 0);
});

Deno.test("details: an answer of ethtool's that is lost is none, and no error", () => {
  using kernel = new FakeLinux();
  makeTower(kernel);
  for (const call of ["send", "recvfrom"] as const) {
    kernel.onEthtool = (command) => {
      if (command === N.ETHTOOL_MSG_LINKSTATE_GET) kernel.failOnce.set(call, N.ENOBUFS);
    };
    const { hardware, causes } = details("other0");
    assertEquals(hardware?.linkDowns, call === "recvfrom" ? undefined : 7);
    assertEquals(hardware?.port, undefined); // the questions behind it were not asked
    assertEquals(causes.length, 1);
  }
  assertEquals([kernel.troubles, kernel.sockets], [2, 0]);
});

Deno.test("details: a refusal of generic netlink that is for good is remembered, one that passes is not", () => {
  using kernel = new FakeLinux();
  makeTower(kernel);
  kernel.refused.set(N.NETLINK_GENERIC, EMFILE);
  assertEquals(details("other0").hardware, undefined);
  kernel.refused.delete(N.NETLINK_GENERIC);
  assertEquals(details("other0").hardware?.linkDowns, 7);
  kernel.refused.set(N.NETLINK_GENERIC, EPERM);
  assertEquals(details("other0").hardware, undefined);
  const calls = kernel.socketCalls.get(N.NETLINK_GENERIC);
  assertEquals(details("other0").hardware, undefined);
  assertEquals(kernel.socketCalls.get(N.NETLINK_GENERIC), calls);
  assertEquals(kernel.sockets, 0);
});

Deno.test("details: a kernel that does not know of statistics is asked without them", () => {
  using kernel = new FakeLinux();
  makeTower(kernel);
  kernel.hasEthtoolStatistics = false;
  assertEquals(details("other0").hardware?.extendedState, "no-cable");
  kernel.set("other0", { hardware: {} });
  assertEquals(details("other0").hardware, undefined); // a driver that tells nothing
});

Deno.test("details: what cannot be read of links is an error as without hardware", () => {
  using kernel = new FakeLinux();
  assertEquals(inspect("none"), undefined);
  kernel.refused.set(N.NETLINK_ROUTE, EMFILE);
  let said: unknown;
  try {
    inspect("eth0");
  } catch (error) {
    said = error;
  }
  assert(said instanceof NetflagsError && said.code === "EMFILE");
});

Deno.test("details: a system that tells nothing but statuses gives the causes that these show", () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: 0x1003, operState: "down" });
  system.set({ name: "eth0.7", flags: 0x1003, operState: "lowerlayerdown", kind: "vlan", parentIndex: 1 });
  assertEquals(codes("eth0.7"), ["eth0.7 lower-down", "eth0 no-carrier"]);
  assertEquals([details("eth0.7").hardware, details("eth0.7").port], [undefined, undefined]);
  using bsd = new FakeSystem({ platform: "netbsd" });
  bsd.set({ name: "wm0", flags: 0x8843, linkState: "down" });
  bsd.set({ name: "wm1", flags: 0x8843, linkState: "up" });
  bsd.set({ name: "wm2", flags: 0x8802 });
  assertEquals([codes("wm0"), codes("wm1"), codes("wm2")], [["wm0 no-carrier"], [], ["wm2 down"]]);
});

Deno.test("details: show has it all in words, and as one object", async () => {
  using kernel = new FakeLinux();
  makeTower(kernel);
  const link = kernel.set("other0", {
    extra: [
      [N.IFLA_PROTO_DOWN, u8(1)],
      [N.IFLA_PROTO_DOWN_REASON, nest([N.IFLA_PROTO_DOWN_REASON_VALUE, u32Payload(8)])],
    ],
    hardware: {
      ...UNPLUGGED,
      [N.ETHTOOL_MSG_LINKMODES_GET]: [
        [N.ETHTOOL_A_LINKMODES_AUTONEG, u8(0)],
        [N.ETHTOOL_A_LINKMODES_SPEED, u32Payload(100)],
        [N.ETHTOOL_A_LINKMODES_DUPLEX, u8(0)],
      ],
    },
  });
  kernel.addAddress(link, [10, 0, 0, 1]);
  const show = async (name: string) => (await runHere(["show", name])).stdout;
  const said = await show("other0");
  for (
    const line of [
      "because            other0 is up, but a program holds it down (proto_down, reason 3)",
      "held down          proto_down, reason 3",
      "medium             100 Mb/s, half duplex, autonegotiation off",
      "connector          tp",
      "no link because    no-cable",
      "link went          7",
      "addresses          inet 10.0.0.1/24 scope global",
    ]
  ) assertStringIncludes(said, `${line}\n`);
  kernel.cacheInfo = [60, 0xffffffff, 0, 0];
  assertStringIncludes(await show("other0"), "inet 10.0.0.1/24 scope global valid forever preferred 60 s\n");
  kernel.cacheInfo = [0xffffffff, 0xffffffff, 0, 0];
  assertStringIncludes(await show("other0"), "inet 10.0.0.1/24 scope global\n");
  assertStringIncludes(await show("eth0"), "as a port          bond: backup\n");
  assertStringIncludes(await show("bond0"), "bond               active-backup\n");
  const tower = await show("mv0.7");
  assertStringIncludes(tower, "vlan               7\n");
  assertStringIncludes(tower, `${" ".repeat(19)}eth0 is up but has no carrier: its driver says no-cable\n`);
  const { stdout } = await runHere(["show", "mv0.7", "--json"]);
  assertEquals(JSON.parse(stdout), JSON.parse(JSON.stringify(details("mv0.7"))));
  const explained = JSON.parse((await runHere(["explain", "mv0.7", "--json"])).stdout);
  assertEquals(explained.causes, details("mv0.7").causes);
});
