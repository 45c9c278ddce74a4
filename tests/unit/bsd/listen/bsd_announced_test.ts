/** Which changes a version announces, and what a message tells beside what it is about. */
import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { type InterfaceEvent, type InterfaceWatcher, setFlags, watch } from "../../../../mod.ts";
import { BORN, FakeKernel } from "../../../helpers/bsd/kernel.ts";
import { VERSIONS } from "../../../helpers/bsd/versions.ts";
import { still } from "../../../helpers/still.ts";

const UP_RUNNING = BORN | 0x41;
/** IFT_L2VLAN */
const L2VLAN = 135;
/** When a comparison has found what no message told. */
const COMPARED = 1000;

async function next(watcher: InterfaceWatcher): Promise<InterfaceEvent> {
  const { done, value } = await watcher.next();
  assert(!done);
  return value;
}

async function silent(watcher: InterfaceWatcher): Promise<boolean> {
  let event: unknown;
  void watcher.next().then(({ value }) => event = value);
  for (let i = 0; i < 40; i++) await Promise.resolve();
  return event === undefined;
}

for (const version of VERSIONS.filter(({ platform }) => platform === "netbsd")) {
  const { name, release = 0 } = version;

  Deno.test(`bsd announced ${name}: a flag that a user sets is told from 9.99 on, and found by comparing before`, async () => {
    for (const flag of ["noarp", "link0", "debug"]) {
      using time = new FakeTime();
      using kernel = new FakeKernel("netbsd", { version, detectsOverflow: true });
      kernel.create("tap0", { flags: UP_RUNNING });
      await using watcher = watch({ poll: 0 });
      await time.tickAsync(10_000);
      setFlags("tap0", { [flag]: true });
      const told = !(await silent(watcher));
      assertEquals(told, release >= 999000000, flag);
      await using later = watch({ poll: 0, initial: true });
      assert((await next(later)).status.flagNames.includes(flag.toUpperCase()));
    }
  });

  still(`bsd announced ${name}: a vlan's type and hardware address are told with its first message`, async () => {
    using kernel = new FakeKernel("netbsd", { version });
    kernel.create("tap0", { flags: UP_RUNNING, address: Uint8Array.of(2, 0, 0, 0, 0, 1) });
    kernel.create("vlan0", { type: L2VLAN, address: new Uint8Array(0) });
    await using watcher = watch({ poll: 0 });
    kernel.configureVlan("vlan0", "tap0");
    const events = [await next(watcher), await next(watcher)];
    assertEquals(events.map(({ status: { type } }) => type), ["ether", "ether"]);
    assertEquals([events[0]?.status.up, events[1]?.status.hardwareAddress], [true, "02:00:00:00:00:01"]);
    assert(await silent(watcher));
  });
}

for (const { name, platform } of VERSIONS.filter(({ platform }) => platform !== "netbsd")) {
  still(
    `bsd announced ${name}: another type in a message makes netflags read the rest, and so does another hardware address`,
    async () => {
      using kernel = new FakeKernel(platform);
      kernel.create("lagg0", { flags: UP_RUNNING });
      await using watcher = watch({ poll: 0 });
      Object.assign(kernel.of("lagg0"), { type: 161, mtu: 9000, address: Uint8Array.of(2, 0, 0, 0, 0, 7) });
      kernel.tell("lagg0");
      const ports = [await next(watcher), await next(watcher)];
      assertEquals(ports.at(-1)?.status.hardwareAddress, "02:00:00:00:00:07");
      assertEquals(ports[0]?.changed.includes("type"), true);
      kernel.of("lagg0").address = Uint8Array.of(2, 0, 0, 0, 0, 9);
      kernel.addAddress("lagg0", { ip: [10, 0, 0, 1], prefixLength: 24 });
      const events = [await next(watcher), await next(watcher)];
      assertEquals(events.at(-1)?.status.hardwareAddress, "02:00:00:00:00:09");
      assertEquals(events.at(-1)?.status.addresses?.length, 1);
      assert(await silent(watcher));
    },
  );
}

Deno.test("bsd announced: what a comparison finds of a vlan on FreeBSD, whose parent comes and goes without a word", async () => {
  using time = new FakeTime();
  using kernel = new FakeKernel("freebsd", { detectsOverflow: true });
  kernel.create("vlan0", { type: L2VLAN, flags: BORN | 1 });
  await using watcher = watch({ poll: COMPARED });
  Object.assign(kernel.of("vlan0"), { flags: UP_RUNNING, linkState: 2 });
  const event = next(watcher);
  await time.tickAsync(COMPARED);
  assertEquals([(await event).status.connected, (await event).status.running], [true, true]);
});
