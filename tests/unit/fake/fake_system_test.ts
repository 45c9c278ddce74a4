import { assert, assertEquals, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import {
  capabilities,
  get,
  type InterfaceEvent,
  type InterfaceWatcher,
  setFlags,
  UnsupportedError,
  watch,
} from "../../../mod.ts";
import { setOperState } from "../../../src/linux.ts";
import { FakeSystem } from "../../../src/testing.ts";

async function next(watcher: InterfaceWatcher): Promise<InterfaceEvent> {
  const { done, value } = await watcher.next();
  assert(!done);
  return value;
}

Deno.test("fake system: one of NetBSD names flags, tells connected and refuses as NetBSD does", () => {
  using system = new FakeSystem({ platform: "netbsd" });
  system.set({ name: "wm0", flags: 0x8843, linkState: "up" });
  const card = get("wm0");
  assertEquals(card?.flagNames, ["UP", "BROADCAST", "RUNNING", "SIMPLEX", "MULTICAST"]);
  assertEquals([card?.connected, card?.carrier, card?.operState, card?.lowerUp], [true, true, undefined, undefined]);
  assertEquals(system.set({ name: "wm0", linkState: "down" }).connected, false);
  assertEquals(setFlags("wm0", { link0: true }).flagNames.includes("LINK0"), true);
  assertThrows(() => setOperState("wm0", "up"), UnsupportedError, "netbsd");
  const { platform, operState, setOperState: settable, silentChanges, flagBits, altNames } = capabilities();
  assertEquals([platform, operState, settable, silentChanges, flagBits, altNames], [
    "netbsd",
    false,
    false,
    "some",
    16,
    false,
  ]);
});

Deno.test("fake system: on Linux, one that is set down is not connected, and works again where it has a carrier", () => {
  using system = new FakeSystem();
  const told = (): unknown[] => {
    const { flags, operState, connected } = get("eth0")!;
    return [flags, operState, connected];
  };
  system.set({ name: "eth0", flags: 0x11043, operState: "up", carrier: true });
  setFlags("eth0", { up: false });
  assertEquals(told(), [0x1002, "down", false]);
  setFlags("eth0", { up: true });
  assertEquals(told(), [0x11043, "up", true]);
  setFlags("eth0", { noarp: true });
  assertEquals(told(), [0x110c3, "up", true]);
  system.set({ name: "eth0", flags: 0x1002, operState: "down", linkMode: "dormant" });
  setFlags("eth0", { up: true });
  assertEquals(told(), [0x11003, "dormant", false]);
  system.set({ name: "eth0", flags: 0x1002, operState: "down", carrier: false });
  setFlags("eth0", { up: true });
  assertEquals(told(), [0x1003, "down", false]);
});

Deno.test("fake system: what a NetBSD kernel announces to nobody is found by poll alone", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ platform: "netbsd" });
  system.set({ name: "tap0", flags: 0x8843 });
  await using watcher = watch({ poll: 1000 });
  system.set({ name: "tap0", media: { active: 0x20, link: undefined }, mtu: 1400 });
  let told: InterfaceEvent | undefined;
  const waiting = next(watcher).then((event) => told = event);
  await time.tickAsync(10);
  assertEquals(told, undefined);
  await time.tickAsync(1000);
  assertEquals((await waiting).changed, ["mtu", "media"]);
});

Deno.test("fake system: each BSD tells an mtu and a hardware address as its kernel does, or not", async () => {
  const told = {
    netbsd: ["hardwareAddress"],
    freebsd: ["mtu"],
    openbsd: ["mtu"],
    dragonfly: ["mtu"],
    darwin: ["mtu"],
  } as const;
  for (const [platform, fields] of Object.entries(told)) {
    for (const field of ["mtu", "hardwareAddress"] as const) {
      using time = new FakeTime();
      using system = new FakeSystem({ platform: platform as keyof typeof told });
      system.set({ name: "tap0", flags: 0x8843 });
      await using watcher = watch({ poll: 1000 });
      let got: InterfaceEvent | undefined;
      const waiting = next(watcher).then((event) => got = event);
      system.set(
        field === "mtu" ? { name: "tap0", mtu: 1400 } : { name: "tap0", hardwareAddress: "02:00:00:00:00:09" },
      );
      await time.tickAsync(10);
      assertEquals(got !== undefined, (fields as readonly string[]).includes(field), `${platform} ${field}`);
      await time.tickAsync(1000);
      assertEquals((await waiting).changed, [field]);
    }
  }
});

Deno.test("fake system: what Linux tells nobody of an interface that is down is found when nothing has come for a while", async () => {
  using time = new FakeTime();
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: 0x1002 });
  await using watcher = watch();
  assertEquals(capabilities().silentChanges, "while-down");
  system.set({ name: "eth0", linkMode: "dormant" });
  system.set({ name: "eth0", mtu: 1400 }); // a message, which tells the mode too
  assertEquals((await next(watcher)).changed, ["linkMode", "mtu"]);
  system.set({ name: "eth0", altNames: ["wan"] });
  const waiting = next(watcher);
  await time.tickAsync(1000);
  assertEquals((await waiting).changed, ["altNames"]);
});

Deno.test("fake system: indexes follow each other, whatever was given between, and are not used again", () => {
  using system = new FakeSystem();
  const indexes = ["eth0", "eth1"].map((name) => system.set({ name }).index);
  indexes.push(
    system.set({ name: "eth7", index: 7 }).index,
    system.set({ name: "eth8" }).index,
    system.set({ name: "eth0" }).index,
  );
  system.remove("eth8");
  indexes.push(system.set({ name: "eth9" }).index);
  assertEquals(indexes, [1, 2, 7, 3, 1, 4]);
  assertEquals(capabilities().accessPoints, true);
});

Deno.test("fake system: an interface of FreeBSD's keeps 32 bits of flags, and one of Linux has an operational state", () => {
  using system = new FakeSystem({ platform: "freebsd" });
  assertEquals(system.set({ name: "em0", flags: 0x48843, linkState: "unknown" }).flagNames.at(-1), "MONITOR");
  assertEquals([get("em0")?.connected, capabilities().flagBits], [true, 32]);
  using linux = new FakeSystem();
  assertEquals(linux.set({ name: "eth0", flags: 0x11043, operState: "up" }).connected, true);
  assertEquals(linux.set({ name: "eth1", flags: 0x1043, operState: "unknown" }).connected, false);
});

Deno.test("fake system: a port's master follows the bridge's new name, and that is told once", async () => {
  using time = new FakeTime();
  using system = new FakeSystem();
  system.set({ name: "br0", index: 1, kind: "bridge" });
  system.set({ name: "eth0", index: 2, masterIndex: 1 });
  await using watcher = watch();
  system.set({ name: "br1", index: 1 });
  assertEquals([get("eth0")?.master, (await next(watcher)).status.name], ["br1", "br1"]);
  assertEquals((await next(watcher)).changed, ["master"]);
  let told: InterfaceEvent | undefined;
  void watcher.next().then(({ value }) => told = value);
  await time.tickAsync(3000); // comparisons find nothing more
  assertEquals(told, undefined);
});
