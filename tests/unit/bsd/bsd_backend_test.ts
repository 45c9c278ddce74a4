import { assertEquals, assertThrows } from "@std/assert";
import { get, InvalidInputError, NoSuchInterfaceError, setFlags } from "../../../mod.ts";
import { SYSTEMS } from "../../../platforms/bsd/systems/systems.ts";
import type { BsdPlatform } from "../../../platforms/contract/platform.ts";
import { REGISTRY } from "../../../platforms/registry.ts";
import { fakeStatus } from "../../../src/testing.ts";
import { BORN, FakeKernel } from "../../helpers/bsd/kernel.ts";
import { ADDRESS } from "../../helpers/made_up.ts";

const PLATFORMS = Object.keys(SYSTEMS) as BsdPlatform[];

Deno.test("bsd system: what each can tell", () => {
  const common = {
    operState: false,
    setOperState: false,
    carrierCounters: false,
    events: "kernel",
    silentChanges: "some",
    accessPoints: false,
    altNames: false,
  } as const;
  const expected = {
    netbsd: { flagBits: 16, overflowDetection: true, announcements: true },
    freebsd: { flagBits: 32, overflowDetection: true, announcements: true },
    openbsd: { flagBits: 16, overflowDetection: true, announcements: true }, // RTM_DESYNC
    dragonfly: { flagBits: 32, overflowDetection: true, announcements: true },
    darwin: { flagBits: 16, overflowDetection: false, announcements: false },
  } as const;
  for (const platform of PLATFORMS) {
    assertEquals(REGISTRY[platform].capabilities, { platform, ...common, ...expected[platform] });
  }
});

Deno.test("bsd system: an RTM_DELADDR takes an address away, and no other message of an address does", () => {
  for (const platform of PLATFORMS) {
    for (const { messages } of SYSTEMS[platform].layouts) {
      const addresses = Object.values(messages).filter((message) => "address" in message);
      for (const { name, gone } of addresses) assertEquals(gone, name === "RTM_DELADDR", `${platform} ${name}`);
      assertEquals(addresses.some(({ gone }) => gone), true, platform);
    }
  }
});

Deno.test("bsd system: a made-up status has what its system has", () => {
  const netbsd = fakeStatus({ name: "wm0", index: 1 }, "netbsd");
  assertEquals([netbsd.flags, netbsd.linkState, netbsd.addresses, netbsd.type], [0x8802, "unknown", [], "ether"]);
  assertEquals(fakeStatus({ name: "wm0", index: 1, addresses: [ADDRESS] }, "netbsd").addresses, [ADDRESS]);
  const running = (flags: number) => fakeStatus({ name: "wm0", index: 1, flags }, "netbsd").running;
  assertEquals([running(0x8843), running(0x8803), running(0x8840)], [true, false, true]);
  const carriers = (["up", "down", "unknown"] as const).map((linkState) =>
    fakeStatus({ name: "wm0", index: 1, linkState }, "netbsd").carrier
  );
  assertEquals(carriers, [true, false, undefined]);
  const media = { active: 0x20, link: false };
  assertEquals(fakeStatus({ name: "wm0", index: 1, linkState: "up", media }, "netbsd").carrier, false);
  const wide = { name: "em0", index: 1, flags: 0x80048843, linkState: "down" } as const;
  assertEquals(PLATFORMS.map((platform) => [platform, fakeStatus(wide, platform).flags]), [
    ["netbsd", 0x8843],
    ["freebsd", 0x80048843],
    ["openbsd", 0x8843],
    ["dragonfly", 0x80048843],
    ["darwin", 0x8843],
  ]);
  assertEquals(fakeStatus(wide, "freebsd").linkState, "down");
  assertEquals(fakeStatus(wide, "darwin").linkState, undefined);
  const wireless = { type: "station", ssid: "a", ssidHex: "61", frequency: undefined };
  assertEquals(fakeStatus({ ...wide, wireless }, "netbsd").wireless, wireless);
  assertEquals(fakeStatus({ ...wide, wireless }, "darwin").wireless, undefined);
});

Deno.test("bsd get: one interface by index or by name, with its addresses", () => {
  using kernel = new FakeKernel("netbsd");
  kernel.create("lo0", { type: 24 });
  kernel.create("tap0", { index: 65535, ips: [{ ip: [10, 0, 0, 1], prefixLength: 24 }] });
  for (const which of [65535, "tap0"]) {
    const status = get(which);
    assertEquals([status?.name, status?.addresses?.map(({ address }) => address)], ["tap0", ["10.0.0.1"]]);
  }
  assertEquals(get(1)?.addresses, []);
  assertEquals([get(2), get("tap1")], [undefined, undefined]);
  // 0 would ask sysctl for all of them.
  for (const none of [0, -1, 1.5, 65536, NaN, Infinity, "", "tap0\0"]) {
    assertThrows(() => get(none), InvalidInputError, "give a name, or an index from 1 to 65535");
  }
});

Deno.test("bsd setFlags: a name that the ioctl cannot hold is no interface, and the kernel is not asked", () => {
  using kernel = new FakeKernel("freebsd");
  kernel.create("em0", { flags: BORN | 0x1081 });
  let asked = 0;
  const { flags } = kernel;
  kernel.flags = (name) => {
    asked++;
    return flags.call(kernel, name);
  };
  for (const name of ["", "sixteen-letters!", "longer-than-sixteen-letters", "em0\0x"]) {
    assertThrows(() => setFlags(name, { up: true }), NoSuchInterfaceError);
  }
  assertEquals(asked, 0);
  assertEquals(setFlags("em0", { noarp: false, ppromisc: true }).flags, BORN | 0x21101); // PROMISC follows
});
