/** What `show` prints beyond a state: ports, parameters, driver and counters; in which order, and who asks for it. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { get, inspect, list, watch } from "../../../../mod.ts";
import { textPayload, u32Payload } from "../../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import { FakeSystem } from "../../../../src/testing.ts";
import { atWidth } from "../../../helpers/cli/at_width.ts";
import { runHere } from "../../../helpers/cli/in_process.ts";
import { FakeLinux, type LinkFields } from "../../../helpers/linux/kernel.ts";
import { nest } from "../../../helpers/linux/messages.ts";
import { readFixtures } from "../../../helpers/fixtures.ts";

const u8 = (value: number): Uint8Array => Uint8Array.of(value);
const LIVE: LinkFields = { flags: 0x11043, operState: 6, carrier: true };
const DEAD: LinkFields = { flags: 0x1003, operState: 2, carrier: false };
const show = async (...args: string[]): Promise<string> => {
  const { stdout, stderr } = await runHere(["show", ...args]);
  assertEquals(stderr, "");
  return stdout;
};

/** What a master says of its port. */
function portOf(master: number, kind: string, ...data: Parameters<typeof nest>): LinkFields {
  return {
    master,
    info: [[N.IFLA_INFO_SLAVE_KIND, textPayload(kind)], [N.IFLA_INFO_SLAVE_DATA, nest(...data)]],
  };
}

/** The counters of an interface: the packets and bytes received and sent, then errors and drops. */
function stats(...counters: readonly number[]): LinkFields {
  const words = new Uint32Array(counters.flatMap((counter) => [counter, 0]));
  return { extra: [[N.IFLA_STATS64, new Uint8Array(words.buffer)]] };
}

Deno.test("show: the ports of a bridge and a bond by name, each with its state", async () => {
  using kernel = new FakeLinux();
  kernel.set("br0", { ...LIVE, kind: "bridge", index: 10 });
  kernel.set("bond0", { ...LIVE, kind: "bond", index: 11, flags: 0x11443 });
  kernel.set("lan0", { ...LIVE, ...portOf(10, "bridge", [N.IFLA_BRPORT_STATE, u8(3)]), index: 4 });
  kernel.set("lan1", { ...DEAD, ...portOf(10, "bridge", [N.IFLA_BRPORT_STATE, u8(0)]), index: 3 });
  const bond = (state: number, failures: number) =>
    portOf(
      11,
      "bond",
      [N.IFLA_BOND_SLAVE_STATE, u8(state)],
      [N.IFLA_BOND_SLAVE_MII_STATUS, u8(0)],
      [N.IFLA_BOND_SLAVE_LINK_FAILURE_COUNT, u32Payload(failures)],
    );
  kernel.set("wan0", { ...LIVE, ...bond(0, 0), index: 5 });
  kernel.set("wan1", { ...LIVE, ...bond(1, 3), index: 6 });
  assertStringIncludes(
    await show("br0"),
    `\nports              lan1: disabled, not connected\n${" ".repeat(19)}lan0: forwarding\n`,
  );
  assertStringIncludes(
    await show("bond0"),
    `\nports              wan0: active, MII status up, link failures 0\n` +
      `${" ".repeat(19)}wan1: backup, MII status up, link failures 3\n`,
  );
  assertEquals(JSON.parse(await show("br0", "--json")).ports, [
    { name: "lan1", index: 3, connected: false, port: { kind: "bridge", state: "disabled" } },
    { name: "lan0", index: 4, connected: true, port: { kind: "bridge", state: "forwarding" } },
  ]);
});

Deno.test("show: a bridge without ports has none, hardware has no such line, and neither has a veth", async () => {
  using kernel = new FakeLinux();
  kernel.set("br0", { ...DEAD, kind: "bridge" });
  kernel.set("eth0", LIVE);
  kernel.set("veth0", { ...LIVE, kind: "veth" });
  assertStringIncludes(await show("br0"), "\nports              none\n");
  assertEquals(JSON.parse(await show("br0", "--json")).ports, []);
  for (const name of ["eth0", "veth0"]) assert(!(await show(name)).includes("\nports"), name);
});

Deno.test("show: the driver and its firmware; a driver that refuses is no error", async () => {
  using kernel = new FakeLinux();
  const [, card] = readFixtures("linux/drvinfo.hex");
  kernel.set("eth0", { ...LIVE, drvinfo: card!.bytes.subarray(4) });
  kernel.set("eth1", LIVE);
  const said = await show("eth0");
  assertStringIncludes(said, "\ndriver             netdevsim at netdevsim1\nfirmware           10.20.30\n");
  assertEquals(JSON.parse(await show("eth0", "--json")).driver.version, "6.12.117");
  assert(!(await show("eth1")).includes("driver"));
  assertEquals([kernel.sockets, kernel.strayCalls], [0, []]);
});

Deno.test("show: the counters, and a permanent address that is not the one in use", async () => {
  using kernel = new FakeLinux();
  const [address, permanent] = [Uint8Array.of(2, 0, 0, 0, 0, 1), Uint8Array.of(2, 0, 0, 0, 0, 9)];
  const counted = stats(1, 2, 3, 4, 5, 6, 7, 8).extra!;
  const card = (own: Uint8Array): LinkFields => ({
    ...LIVE,
    hardwareAddress: address,
    extra: [...counted, [N.IFLA_PERM_ADDRESS, own]],
  });
  kernel.set("eth0", card(permanent));
  kernel.set("eth1", card(address));
  const said = await show("eth0");
  assertStringIncludes(said, "\npermanent address  02:00:00:00:00:09\n");
  assert(
    said.endsWith(
      "\nreceived           3 bytes, 1 packets, 5 errors, 7 dropped\n" +
        "sent               4 bytes, 2 packets, 6 errors, 8 dropped\n",
    ),
    said,
  );
  assert(!(await show("eth1")).includes("permanent"));
  assertEquals(JSON.parse(await show("eth1", "--json")).permanentAddress, "02:00:00:00:00:01");
});

Deno.test("show: what a VLAN, a VXLAN and a tunnel were made with, with the names of what they use", async () => {
  using kernel = new FakeLinux();
  kernel.set("eth0", { ...LIVE, index: 2 });
  const made = (kind: string, data: Parameters<typeof nest>, more: LinkFields = {}): LinkFields => ({
    ...LIVE,
    ...more,
    kind,
    info: [[N.IFLA_INFO_DATA, nest(...data)]],
  });
  const vlan: Parameters<typeof nest> = [[N.IFLA_VLAN_ID, Uint8Array.of(7, 0)], [
    N.IFLA_VLAN_PROTOCOL,
    Uint8Array.of(0x88, 0xa8),
  ]];
  kernel.set("eth0.7", made("vlan", vlan, { parent: 2 }));
  kernel.set(
    "vx0",
    made("vxlan", [
      [N.IFLA_VXLAN_ID, u32Payload(42)],
      [N.IFLA_VXLAN_GROUP, Uint8Array.of(239, 1, 1, 1)],
      [N.IFLA_VXLAN_LINK, u32Payload(2)],
      [N.IFLA_VXLAN_PORT, Uint8Array.of(0x12, 0xb5)],
    ]),
  );
  const key = [Uint8Array.of(0, 0, 0, 5), Uint8Array.of(0, 0, 0, 6)] as const;
  const gre = (...keys: readonly Uint8Array[]): Parameters<typeof nest> => [
    [2, Uint8Array.of(0x20, 0)],
    [3, Uint8Array.of(0x20, 0)],
    [4, keys[0]!],
    [5, keys[1]!],
    [7, Uint8Array.of(192, 0, 2, 2)],
    [8, u8(0)],
  ];
  kernel.set("gre1", made("gre", gre(key[0], key[0])));
  kernel.set("gre2", made("gre", [...gre(...key), [1, u32Payload(99)]]));
  const far: Parameters<typeof nest> = [[1, u32Payload(2)], [3, Uint8Array.of(192, 0, 2, 3)]];
  kernel.set("ipip1", made("ipip", far, { parentNetnsId: 3 }));
  const said = await show("*");
  assertStringIncludes(said, "\nvlan               7, 802.1ad\nparent             eth0\n");
  assertStringIncludes(said, "\nvxlan              id 42, group 239.1.1.1, by eth0, port 4789\n");
  assertStringIncludes(said, "\ntunnel             local any, remote 192.0.2.2, key 5, ttl inherit\n");
  assertStringIncludes(
    said,
    "\ntunnel             local any, remote 192.0.2.2, by index 99, input key 5, output key 6, ttl inherit\n",
  );
  // Index 2 of another network namespace is not eth0 of this one.
  assertStringIncludes(said, "\ntunnel             local any, remote 192.0.2.3, by index 2\n");
});

Deno.test("show: the state first, then the link, then the addresses, then the counters", async () => {
  using kernel = new FakeLinux();
  const link = kernel.set("eth0", { ...DEAD, ...stats(1, 2, 3, 4, 5, 6, 7, 8), mtu: 1500 });
  kernel.addAddress(link, [10, 0, 0, 1]);
  const labels = (await show("eth0")).split("\n").map((line) => line.slice(0, 18).trim());
  const some = ["connected", "because", "operational state", "type", "mtu", "addresses", "received", "sent"];
  assertEquals(labels.filter((label) => some.includes(label)), some);
});

Deno.test("show: an interface that goes between two questions has a state, and no more", async () => {
  using kernel = new FakeLinux();
  kernel.set("eth0", { ...LIVE, ...stats(1, 2, 3, 4, 5, 6, 7, 8), mtu: 1500 });
  let links = 0;
  kernel.onRequest = (what) => {
    if (what === "link" && ++links === 2) kernel.remove("eth0");
  };
  const said = await show("eth0");
  assertStringIncludes(said, "name               eth0\n");
  assert(!said.includes("received"), said);
});

Deno.test("show: nobody else asks for ports, driver or counters", async () => {
  using kernel = new FakeLinux();
  let asked = 0;
  const ioctl = kernel.ioctl.bind(kernel);
  kernel.ioctl = (...args) => {
    if (args[0] === N.SIOCETHTOOL) asked++;
    return ioctl(...args);
  };
  kernel.set("br0", { ...LIVE, kind: "bridge", ...stats(1, 2, 3, 4, 5, 6, 7, 8) });
  for (const status of [...list(), get("br0")!, inspect("br0")!]) {
    for (const field of ["ports", "driver", "counters", "permanentAddress"]) assert(!(field in status), field);
  }
  await using watcher = watch({ initial: true });
  const { value } = await watcher.next();
  assert(!("counters" in value!.status));
  for (const command of [["list", "--json"], ["explain", "br0", "--json"], ["list", "--wide"]]) {
    const { stdout, status } = await runHere(command);
    assertEquals([status, /counters|"ports"|received/.test(stdout)], [0, false], command.join(" "));
  }
  assertEquals(asked, 0);
  await show("br0");
  assertEquals(asked, 1);
});

for (const platform of ["netbsd", "darwin"] as const) {
  Deno.test(`show: a system of ${platform} has no such lines`, async () => {
    using system = new FakeSystem({ platform });
    system.add("en0");
    assertMatch(await show("en0"), /^name {15}en0\n(?!.*(driver|received))/s);
  });
}

Deno.test("show: at a terminal each row of several words goes on below itself, and so does the first of a list", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", altNames: ["enp0s31f6-of-the-first-slot", "enp0s31f6-of-the-other-name"], kind: "dummy" });
  system.addAddress("eth0", "2001:db8:1:2:3:4:5:6/64");
  system.addAddress("eth0", "2001:db8:1:2:3:4:5:7/64");
  const lines = (await atWidth(50, ["show", "eth0"])).split("\n");
  const below = (label: string): string[] => {
    const at = lines.findIndex((line) => line.startsWith(label));
    const end = lines.findIndex((line, i) => i > at && !line.startsWith(" "));
    return lines.slice(at, end).map((line) => line.slice(19));
  };
  assertEquals(below("alternative names"), ["enp0s31f6-of-the-first-slot", "enp0s31f6-of-the-other-name"]);
  assertEquals(below("addresses"), [
    "inet6 2001:db8:1:2:3:4:5:7/64",
    "scope global permanent",
    "inet6 2001:db8:1:2:3:4:5:6/64",
    "scope global permanent",
  ]);
});

Deno.test("show: a network's name keeps its spaces, at a terminal and elsewhere", async () => {
  using system = new FakeSystem();
  system.startAccessPoint("wlan0", "  two  words ");
  for (const text of [await show("wlan0"), await atWidth(80, ["show", "wlan0"])]) {
    assertStringIncludes(text, `${"ssid".padEnd(19)}  two  words \n`);
  }
});
