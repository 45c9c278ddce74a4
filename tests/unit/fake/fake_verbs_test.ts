/** The verbs of the fake system, on every platform that can have what they do. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { get, InvalidInputError, list, NoSuchInterfaceError, UnsupportedError, waitFor, watch } from "../../../mod.ts";
import { watchAccessPoints } from "../../../src/linux.ts";
import { type Platform, PLATFORMS } from "../../../platforms/contract/platform.ts";
import { FakeSystem } from "../../../src/testing.ts";
import { still } from "../../helpers/still.ts";

/** The platforms that cannot rename an interface. */
const FIXED: readonly Platform[] = ["netbsd", "openbsd", "darwin"];

for (const platform of PLATFORMS) {
  Deno.test(`fake ${platform}: plug, unplug, up and down, in any order, and what connected is then`, () => {
    using system = new FakeSystem({ platform });
    system.add("em0");
    assertEquals(list().map(({ name, up }) => [name, up]), [["em0", false]]);
    const connected = [
      system.plug("em0"),
      system.up("em0"),
      system.unplug("em0"),
      system.plug("em0"),
      system.down("em0"),
      system.up("em0"),
    ].map((status) => status.connected);
    assertEquals(connected, [false, true, false, true, false, true]);
    assertEquals(get("em0")?.connected, true);
    assertEquals(system.plug("em1").name, "em1"); // a card with a cable arrives
    for (const verb of [() => system.up("em9"), () => system.down("em9"), () => system.unplug("em9")]) {
      assertThrows(verb, NoSuchInterfaceError, `"em9"`);
    }
    const lo = platform === "linux" ? "lo" : "lo0";
    system.add(lo, platform === "linux" ? {} : { type: "loopback" });
    for (const verb of [() => system.plug(lo), () => system.unplug(lo)]) assertThrows(verb, UnsupportedError, lo);
  });

  Deno.test(`fake ${platform}: an interface that is there is not added, and one that is gone is not changed`, () => {
    using system = new FakeSystem({ platform });
    const { index } = system.add("em0");
    assertThrows(() => system.add("em0"), InvalidInputError, "is there already");
    assertThrows(() => system.add("x".repeat(16)), InvalidInputError, "a name of 1 to 15 bytes");
    assertEquals(system.add("em7", { index: 7 }).index, 7);
    system.remove("em0");
    assertEquals(get(index), undefined);
    for (const verb of [() => system.remove("em0"), () => system.rename("em0", "em1"), () => system.plug("")]) {
      assertThrows(verb, Error);
    }
    assertThrows(() => system.addAddress("em0", "10.0.0.1/24"), NoSuchInterfaceError);
    assertThrows(() => system.removeAddress("em0", "10.0.0.1/24"), NoSuchInterfaceError);
  });

  still(`fake ${platform}: a name is changed and told, or it is said that names are fixed`, async () => {
    using system = new FakeSystem({ platform });
    const { index } = system.add("em0");
    system.add("em1");
    if (FIXED.includes(platform)) {
      assertThrows(() => system.rename("em0", "wan0"), UnsupportedError, `${platform} cannot rename`);
      return;
    }
    await using watcher = watch();
    assertEquals(system.rename("em0", "wan0").index, index);
    let last: string | undefined;
    while (last !== "wan0") last = (await watcher.next()).value?.status.name;
    assertThrows(() => system.rename("wan0", "em1"), InvalidInputError, "em1");
    assertThrows(() => system.rename("wan0", ""), InvalidInputError, "give a name");
    assertEquals(system.rename("wan0", "wan0").name, "wan0");
  });

  Deno.test(`fake ${platform}: addresses come and go, with and without their prefix`, async () => {
    using system = new FakeSystem({ platform });
    system.add("em0");
    system.up("em0");
    const shown = () => get("em0")!.addresses!.map((one) => `${one.family} ${one.address}/${one.prefixLength}`).sort();
    const waiting = waitFor("em0", ["ipv4", "ipv6", "global-address"], { timeout: 5000 });
    system.addAddress("em0", "10.0.0.1/24");
    system.addAddress("em0", "10.9.0.1", { broadcast: "10.9.0.255" });
    system.addAddress("em0", "2001:db8::1/64");
    await waiting;
    assertEquals(shown(), ["inet 10.0.0.1/24", "inet 10.9.0.1/32", "inet6 2001:db8::1/64"]);
    assertThrows(() => system.addAddress("em0", "10.0.0.1/24"), InvalidInputError, "10.0.0.1/24");
    for (const bad of ["", "10.0.0/24", "10.0.0.1/33", "10.0.0.1/", "2001:db8::g/64", "::1/129", "em0"]) {
      assertThrows(() => system.addAddress("em0", bad), InvalidInputError, "Cannot");
    }
    assertThrows(() => system.removeAddress("em0", "10.0.0.1/25"), InvalidInputError, "does not have it");
    system.removeAddress("em0", "10.0.0.1/24");
    system.removeAddress("em0", "2001:db8::1");
    assertEquals(shown(), ["inet 10.9.0.1/32"]);
  });

  if (platform !== "linux") {
    Deno.test(`fake ${platform}: a tentative address is none until it is confirmed, told by a message or found`, async () => {
      using time = new FakeTime();
      using system = new FakeSystem({ platform, overflowDetection: true });
      system.add("em0");
      system.up("em0");
      const waiting = waitFor("em0", "ipv6");
      let waited = false;
      void waiting.then(() => waited = true);
      system.addAddress("em0", "2001:db8::1/64", { tentative: true });
      await time.tickAsync(10_000);
      assertEquals([waited, get("em0")?.addresses?.map(({ flags }) => flags)], [false, [["tentative"]]]);
      system.confirmAddress("em0", "2001:db8::1");
      await time.tickAsync(platform === "netbsd" || platform === "openbsd" ? 1 : 1000);
      assertEquals((await waiting).addresses?.[0]?.flags, []);
      assertThrows(() => system.confirmAddress("em0", "2001:db8::1"), InvalidInputError, "it is not tentative");
      assertThrows(() => system.confirmAddress("em0", "2001:db8::2"), InvalidInputError, "Cannot confirm address");
      const inet = () => system.addAddress("em0", "10.0.0.1/24", { tentative: true }).addresses?.at(-1)?.flags;
      if (platform === "netbsd") assertEquals(inet(), ["tentative"]);
      else assertThrows(inet, UnsupportedError, "it does not say which addresses of IPv4 are tentative");
    });
  }

  Deno.test(`fake ${platform}: an access point starts and stops, where the system tells programs of one`, () => {
    using system = new FakeSystem({ platform });
    if (platform === "darwin") {
      assertThrows(() => system.startAccessPoint("en0", "net"), UnsupportedError, "darwin");
      system.add("en0");
      assertThrows(() => system.stopAccessPoint("en0"), UnsupportedError, "darwin");
      return;
    }
    const state = ({ up, connected, wireless }: ReturnType<FakeSystem["up"]>) => [
      up,
      connected,
      wireless?.type,
      wireless?.ssid,
      wireless?.ssidHex,
    ];
    assertEquals(state(system.startAccessPoint("wlan0", "net")), [true, true, "ap", "net", "6e6574"]);
    assertEquals(state(system.startAccessPoint("wlan0", "other")), [true, true, "ap", "other", "6f74686572"]);
    assertEquals(state(system.stopAccessPoint("wlan0")), [true, false, "ap", undefined, undefined]);
    assertThrows(() => system.stopAccessPoint("wlan0"), InvalidInputError, "none runs there");
    assertThrows(() => system.startAccessPoint("wlan0", ""), InvalidInputError, "an SSID of 1 to 32 bytes");
    assertThrows(() => system.startAccessPoint("wlan0", "x".repeat(33)), InvalidInputError, "an SSID of 1 to 32 bytes");
    assertThrows(() => system.stopAccessPoint("wlan9"), NoSuchInterfaceError);
  });
}

for (const platform of PLATFORMS.filter((one) => one !== "linux")) {
  Deno.test(`fake ${platform}: what Linux alone has is refused, and says so`, () => {
    using system = new FakeSystem({ platform });
    system.add("em0");
    for (
      const verb of [
        () => system.add("em1", { kind: "bridge" }),
        () => system.add("em1", { peer: "em2" }),
        () => system.add("em1", { parent: "em0" }),
        () => system.join("em0", "em0"),
        () => system.leave("em0"),
        () => system.remove("em0", { netnsId: 0, index: 1 }),
      ]
    ) assertThrows(verb, UnsupportedError, `on ${platform}: `);
    assertEquals(list().length, 1);
  });
}

Deno.test("fake linux: a carrier comes from what the driver has it from, and plug says where that is", () => {
  using system = new FakeSystem();
  system.add("veth0", { kind: "veth", peer: "veth1" });
  system.add("br0", { kind: "bridge" });
  system.add("vx0", { kind: "vxlan" });
  system.add("eth0");
  system.add("eth0.7", { kind: "vlan", parent: "eth0" });
  const why = (name: string) => assertThrows(() => system.plug(name), UnsupportedError).message.replace(/.*: /, "");
  assertEquals(["veth0", "br0", "vx0", "eth0.7"].map(why), [
    "a veth has a carrier while both ends are up; set its ends up or down",
    "it has a carrier while one of its ports works; plug a port",
    "its driver never reports a carrier; set it up or down",
    "it has the carrier of the interface below; plug that one",
  ]);
  for (const name of ["dummy", "tun"]) {
    system.add(`${name}0`, { kind: name });
    assertEquals(system.up(`${name}0`).operState, "unknown");
    assertEquals([system.unplug(`${name}0`).operState, system.plug(`${name}0`).operState], ["down", "up"]);
  }
  assertEquals(system.add("tun1", { kind: "tun", type: "none" }).flagNames, ["POINTOPOINT", "NOARP", "MULTICAST"]);
});

Deno.test("fake linux: what cannot be added or joined is refused, and says why", () => {
  using system = new FakeSystem();
  system.add("eth0");
  system.add("br0", { kind: "bridge" });
  system.add("br1", { kind: "bridge" });
  for (
    const [name, device, part] of [
      ["v0", { kind: "veth" }, "a veth has a peer"],
      ["v0", { kind: "veth", peer: "v0" }, "its peer has the same name"],
      ["v0", { kind: "veth", peer: "eth0" }, `"eth0" is there already`],
      ["v0", { kind: "dummy", peer: "v1" }, "a veth has a peer, and nothing else has"],
      ["v0", { kind: "vlan" }, "give its parent"],
      ["v0", { kind: "vlan", parent: "eth9" }, `there is no "eth9"`],
      ["v0", { parent: "eth0" }, "a card has no parent"],
      ["v0", { index: 1 }, `index 1 is that of "eth0"`],
      ["v0", { index: 0 }, "a whole number from 1"],
      ["v0", { kind: "veth", peer: "v1", wireless: true }, "a radio's interface has no kind"],
    ] as const
  ) assertThrows(() => system.add(name, device), InvalidInputError, part);
  assertEquals(list().length, 3);
  assertThrows(() => system.join("br0", "br1"), UnsupportedError, "no bridge itself");
  assertThrows(() => system.join("br0", "eth0"), UnsupportedError, "only a bridge's ports are simulated");
  assertThrows(() => system.join("eth0", "br9"), NoSuchInterfaceError);
  assertThrows(() => system.startAccessPoint("eth0", "net"), UnsupportedError, "no radio; add it with wireless: true");
  system.join("eth0", "br0");
  assertThrows(() => system.add("m0", { kind: "macvlan", parent: "eth0" }), InvalidInputError, `"eth0" is a port`);
  assertEquals(system.add("eth0.7", { kind: "vlan", parent: "eth0" }).parent, "eth0"); // which may
  assertEquals(system.add("ap0", { wireless: true }).wireless?.type, "station");
  assertEquals(system.add("wlan9", { wireless: false }).wireless, undefined);
});

still("fake linux: access points are told as they start, change, stop and go down", async () => {
  using system = new FakeSystem();
  await using watcher = watchAccessPoints();
  const told: string[] = [];
  void (async () => {
    for await (const { type, ssid, frequency } of watcher) told.push(`${type} ${ssid} ${frequency}`);
  })();
  const taken = async (): Promise<string[]> => {
    for (let i = 0; i < 100; i++) await Promise.resolve();
    return told.splice(0);
  };
  system.startAccessPoint("wlan0", "one");
  assertEquals(await taken(), ["started one 2412"]);
  system.startAccessPoint("wlan0", "two");
  assertEquals(await taken(), ["started two 2412"]);
  system.stopAccessPoint("wlan0");
  assertEquals(await taken(), ["stopped two 2412"]);
  system.startAccessPoint("wlan0", "three");
  await taken();
  system.down("wlan0");
  assertEquals(await taken(), ["stopped three 2412"]);
  system.startAccessPoint("wlan0", "four");
  await taken();
  system.remove("wlan0");
  assertEquals(await taken(), ["stopped four 2412"]);
  assert(system.subscriptions > 0);
  await watcher.return();
  assertEquals(system.subscriptions, 0);
});

still(
  "fake linux: an access point that starts again in between is in the event of the carrier that it hid",
  async () => {
    using system = new FakeSystem();
    system.startAccessPoint("wlan0", "one");
    await using watcher = watch({ names: "wlan0" });
    system.startAccessPoint("wlan0", "two");
    const { value } = await watcher.next();
    assertEquals([value?.hiddenFlaps, value?.ssids, value?.status.wireless?.ssid], [2, ["two"], "two"]);
  },
);

Deno.test("fake linux: tentative addresses cannot be used until they are confirmed", async () => {
  using system = new FakeSystem();
  system.add("eth0");
  system.addAddress("eth0", "2001:db8::1/64", { tentative: true });
  assertEquals(get("eth0")?.addresses?.[0]?.flags, ["tentative", "permanent"]);
  const waiting = waitFor("eth0", "ipv6", { timeout: 5000 });
  system.confirmAddress("eth0", "2001:db8::1/64");
  assertEquals((await waiting).addresses?.[0]?.flags, ["permanent"]);
  assertThrows(() => system.confirmAddress("eth0", "2001:db8::1"), InvalidInputError, "it is not tentative");
  assertThrows(() => system.confirmAddress("eth0", "2001:db8::2"), InvalidInputError, "it does not have it");
  assertThrows(() => system.addAddress("eth0", "10.0.0.1/24", { tentative: true }), InvalidInputError, "only");
  assertThrows(() => system.addAddress("eth0", "fe80::1/64", { broadcast: "::2" }), InvalidInputError, "IPv6 has no");
});

for (const platform of ["linux", "freebsd"] as const) {
  Deno.test(`fake ${platform}: an address that other programs read otherwise is refused, as everywhere here`, () => {
    using system = new FakeSystem({ platform });
    system.add("em0");
    for (
      const text of ["10.0.0.010/24", "010.0.0.1", "::ffff:192.0.2.01/128", "fe80::1%em0/64", "1:2:3:4:5:6:7::8:9"]
    ) {
      assertThrows(() => system.addAddress("em0", text), InvalidInputError, "give an address such as");
    }
    assertEquals(system.addAddress("em0", "2001:db8:1:2:3:4::7/64").addresses?.map(({ address }) => address), [
      "2001:db8:1:2:3:4:0:7",
    ]);
  });
}
