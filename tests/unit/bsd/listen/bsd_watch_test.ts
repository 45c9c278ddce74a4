import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import {
  active,
  capabilities,
  get,
  type InterfaceEvent,
  type InterfaceStatus,
  type InterfaceWatcher,
  list,
  waitFor,
  watch,
} from "../../../../mod.ts";
import { SYSTEMS } from "../../../../platforms/bsd/systems/systems.ts";
import type { BsdPlatform } from "../../../../platforms/contract/platform.ts";
import { BORN, FakeKernel } from "../../../helpers/bsd/kernel.ts";
import { FakeLibc } from "../../../helpers/bsd/libc.ts";
import { still } from "../../../helpers/still.ts";

const PLATFORMS = Object.keys(SYSTEMS) as BsdPlatform[];
const UP_RUNNING = BORN | 0x41;
/** Each system's own numbers for a link that is up, and one that is down. */
const LINK_UP = { netbsd: 2, freebsd: 2, openbsd: 4, dragonfly: 2, darwin: 0 } as const;
const LINK_DOWN = { netbsd: 1, freebsd: 1, openbsd: 2, dragonfly: 1, darwin: 0 } as const;
const ADDRESS = { ip: [10, 0, 0, 1], prefixLength: 24 } as const;

async function next(watcher: InterfaceWatcher): Promise<InterfaceEvent> {
  const { done, value } = await watcher.next();
  assert(!done);
  return value;
}

/** Lets what was sent be read; then nothing more may come. */
async function assertSilent(watcher: InterfaceWatcher): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
  let event: unknown;
  void watcher.next().then(({ value }) => event = value);
  for (let i = 0; i < 20; i++) await Promise.resolve();
  assertEquals(event, undefined);
}

for (const platform of PLATFORMS) {
  Deno.test(`bsd ${platform}: list and get tell each interface with its name, state and addresses`, () => {
    using kernel = new FakeKernel(platform);
    kernel.create("lo0", { type: 24, flags: 0x8049, mtu: 33624 });
    kernel.create("tap0", { ips: [ADDRESS], linkState: LINK_DOWN[platform] });
    const [lo, tap] = list();
    assertEquals([lo?.name, lo?.type, lo?.up, lo?.connected], ["lo0", "loopback", true, true]);
    assertEquals([tap?.name, tap?.hardwareAddress, tap?.connected], ["tap0", "02:00:00:00:00:02", false]);
    assertEquals(tap?.addresses?.map(({ address, prefixLength, broadcast }) => [address, prefixLength, broadcast]), [
      ["10.0.0.1", 24, "10.0.0.255"],
    ]);
    assertEquals([get("tap0")?.index, get(2)?.name, get("em7"), get(9)], [2, "tap0", undefined, undefined]);
    assertEquals(active().map(({ name }) => name), ["lo0"]);
    assertEquals(capabilities().platform, platform);
  });

  still(`bsd ${platform}: up is one event that ends in RUNNING, down is one without it`, async () => {
    using kernel = new FakeKernel(platform);
    kernel.create("tap0");
    await using watcher = watch({ poll: 0 });
    kernel.up("tap0");
    const up = await next(watcher);
    assertEquals([up.previous?.flags, up.status.flags, up.flagsSet], [BORN, UP_RUNNING, ["UP", "RUNNING"]]);
    assertEquals(up.hiddenFlaps, undefined);
    kernel.down("tap0");
    const down = await next(watcher);
    assertEquals([down.status.flags, down.flagsCleared], [BORN, ["UP", "RUNNING"]]);
    await assertSilent(watcher);
  });

  still(`bsd ${platform}: a down and up that nobody has read yet are both told`, async () => {
    using kernel = new FakeKernel(platform);
    kernel.create("tap0", { flags: UP_RUNNING });
    const end = waitFor("tap0", "down", { timeout: 1000 });
    await using watcher = watch({ poll: 0 });
    kernel.down("tap0");
    kernel.up("tap0");
    assertEquals((await end).flags, BORN);
    const event = await next(watcher); // the two were merged, for both were read at once
    const told = event.status.flags === UP_RUNNING ? event : await next(watcher);
    assertEquals(told.status.flags, UP_RUNNING);
    await assertSilent(watcher);
  });

  if (platform !== "darwin") {
    still(`bsd ${platform}: a link that goes and comes is told, and decides whether it is connected`, async () => {
      using kernel = new FakeKernel(platform);
      kernel.create("em0", { flags: UP_RUNNING, linkState: LINK_UP[platform] });
      await using watcher = watch({ poll: 0 });
      kernel.link("em0", LINK_DOWN[platform]);
      const down = await next(watcher);
      assertEquals([down.status.linkState, down.status.connected, down.status.flags], [
        "down",
        false,
        UP_RUNNING,
      ]);
      kernel.link("em0", LINK_UP[platform]);
      assertEquals((await next(watcher)).status.connected, true);
      kernel.link("em0", LINK_UP[platform]);
      await assertSilent(watcher);
    });

    still(`bsd ${platform}: creating, destroying and creating again on one index are one event each`, async () => {
      using kernel = new FakeKernel(platform);
      await using watcher = watch({ poll: 0 });
      kernel.create("tap0");
      const added = await next(watcher);
      assertEquals([added.type, added.status.name, added.status.index], ["added", "tap0", 1]);
      kernel.up("tap0");
      assertEquals((await next(watcher)).type, "changed");
      kernel.destroy("tap0");
      const removed = await next(watcher);
      assertEquals([removed.type, removed.status.name, removed.generation], ["removed", "tap0", added.generation]);
      kernel.create("tap0");
      const again = await next(watcher);
      assertEquals([again.type, again.status.index], ["added", 1]);
      assert(again.generation > added.generation);
      kernel.destroy("tap0");
      kernel.create("tap0"); // before anybody has read
      assertEquals([(await next(watcher)).type, (await next(watcher)).type], ["removed", "added"]);
      await assertSilent(watcher);
    });

    still(`bsd ${platform}: one index with another name, before anybody has read, is another interface`, async () => {
      using kernel = new FakeKernel(platform);
      kernel.create("em0", { flags: UP_RUNNING });
      await using watcher = watch({ poll: 0 });
      kernel.destroy("em0");
      kernel.create("igb3");
      const [removed, added] = [await next(watcher), await next(watcher)];
      assertEquals([removed.type, removed.status.name, added.type, added.status.name], [
        "removed",
        "em0",
        "added",
        "igb3",
      ]);
      assert(added.generation > removed.generation);
    });
  }

  still(`bsd ${platform}: addresses come and go as one event each`, async () => {
    using kernel = new FakeKernel(platform);
    kernel.create("tap0", { flags: UP_RUNNING });
    await using watcher = watch({ addresses: true, poll: 0 });
    kernel.addAddress("tap0", ADDRESS);
    kernel.send(kernel.build.address("RTM_NEWADDR", kernel.of("tap0"), ADDRESS, false));
    const added = await next(watcher);
    assertEquals([added.changed, added.status.addresses?.[0]?.address], [["addresses"], "10.0.0.1"]);
    await assertSilent(watcher);
    await using again = watch({ addresses: true, poll: 0 });
    kernel.removeAddress("tap0", ADDRESS);
    assertEquals((await next(again)).status.addresses, []);
  });

  Deno.test(`bsd ${platform}: an IPv4 address is one event, with its broadcast address`, async () => {
    using time = new FakeTime();
    using kernel = new FakeKernel(platform, { detectsOverflow: true });
    kernel.create("tap0", { flags: UP_RUNNING });
    await using watcher = watch({ addresses: true, poll: 0 });
    kernel.addAddress("tap0", ADDRESS);
    const added = await next(watcher);
    assertEquals([added.changed, added.status.addresses?.[0]?.broadcast], [["addresses"], "10.0.0.255"]);
    await time.tickAsync(10_000); // compared
    await assertSilent(watcher);
  });

  Deno.test(`bsd ${platform}: an address that came and went before anybody read it is gone`, async () => {
    using _ = new FakeTime();
    using kernel = new FakeKernel(platform, { detectsOverflow: true });
    kernel.create("tap0", { flags: UP_RUNNING });
    const seen: (string | undefined)[] = [];
    const waiting = waitFor("tap0", (status) => {
      seen.push(status?.addresses?.map(({ address }) => address).join());
      return seen.length > 2;
    });
    kernel.addAddress("tap0", ADDRESS);
    kernel.removeAddress("tap0", ADDRESS);
    await waiting;
    assertEquals(seen, ["", "10.0.0.1", ""]);
  });

  Deno.test(`bsd ${platform}: a /32 has no broadcast address; one that is not the highest address is one all the same`, async () => {
    using _ = new FakeTime();
    using kernel = new FakeKernel(platform, { detectsOverflow: true });
    const single = { ip: [10, 0, 0, 7], prefixLength: 32 } as const;
    const zeros = { ip: [10, 2, 0, 1], prefixLength: 24, far: [10, 2, 0, 0] } as const;
    kernel.create("tap0", { flags: UP_RUNNING, ips: [single, zeros] });
    kernel.create("gif0", { flags: 0x8051, ips: [{ ip: [10, 3, 0, 1], prefixLength: 24, far: [10, 3, 0, 255] }] });
    const told = (status: InterfaceStatus | undefined) =>
      status?.addresses?.map(({ address, broadcast, peer }) => [address, broadcast, peer]);
    const want = [["10.0.0.7", undefined, undefined], ["10.2.0.1", "10.2.0.0", undefined]];
    assertEquals(told(get("tap0")), want);
    assertEquals(told(get("gif0")), [["10.3.0.1", undefined, "10.3.0.255"]]);
    kernel.of("tap0").ips = [];
    await using watcher = watch({ addresses: true, poll: 0 });
    kernel.addAddress("tap0", single);
    assertEquals(told((await next(watcher)).status), want.slice(0, 1));
    kernel.addAddress("tap0", zeros);
    assertEquals(told((await next(watcher)).status), want);
  });

  Deno.test(`bsd ${platform}: what no message tells is found by poll, which is on where an overflow is silent`, async () => {
    using time = new FakeTime();
    using kernel = new FakeKernel(platform);
    kernel.create("tap0", { flags: UP_RUNNING });
    await using watcher = watch();
    const waiting = next(watcher);
    kernel.of("tap0").flags |= 0x1080; // NOARP, LINK0
    await time.tickAsync(1000);
    assertEquals((await waiting).flagsSet, ["NOARP", "LINK0"]);
    const media = next(watcher);
    kernel.mediaOf.set("tap0", { active: 0x20, link: false });
    await time.tickAsync(1000);
    assertEquals([(await media).changed.includes("media"), get("tap0")?.connected], [true, false]);
  });

  Deno.test(`bsd ${platform}: a wait that wakes nobody is made anew once a comparison finds what it slept through`, async () => {
    using time = new FakeTime();
    using kernel = new FakeKernel(platform, { detectsOverflow: true });
    kernel.create("tap0");
    await using watcher = watch({ poll: 5000 });
    await time.tickAsync(10_000);
    kernel.sockets.fallAsleep();
    kernel.up("tap0");
    const slept = next(watcher);
    await time.tickAsync(5000);
    assertEquals((await slept).status.flags, UP_RUNNING); // found by comparing
    kernel.down("tap0");
    assertEquals((await next(watcher)).status.flags, BORN); // told at once: no time passes here
  });

  Deno.test(`bsd ${platform}: a silent overflow ends in the right state`, async () => {
    using time = new FakeTime();
    using kernel = new FakeKernel(platform, { capacity: 16 });
    kernel.create("tap0");
    await using watcher = watch();
    for (let i = 0; i < 500; i++) {
      kernel.up("tap0");
      kernel.down("tap0");
    }
    kernel.up("tap0");
    await time.tickAsync(1500);
    let last = await next(watcher);
    assertEquals(last.status.flags, UP_RUNNING);
    kernel.down("tap0");
    last = await next(watcher);
    assertEquals(last.status.flags, BORN);
  });
}

for (const platform of ["netbsd", "freebsd", "dragonfly"] as const) {
  still(`bsd ${platform}: an overflow that tells itself is a resync`, async () => {
    using kernel = new FakeKernel(platform, { capacity: 2, detectsOverflow: true });
    kernel.create("em0");
    kernel.create("em1");
    await using watcher = watch();
    kernel.up("em0");
    kernel.up("em0");
    kernel.up("em1");
    const events = [await next(watcher), await next(watcher)];
    assertEquals(events.map(({ status: { name }, resync }) => [name, resync]), [["em0", false], ["em1", true]]);
    assertEquals(capabilities().overflowDetection, true);
  });
}

Deno.test("bsd netbsd: another hardware address is told without a poll, whether addresses are asked for or not", async () => {
  for (const addresses of [false, true]) {
    using _ = new FakeTime(); // so that no comparison finds it
    using kernel = new FakeKernel("netbsd", { detectsOverflow: true });
    kernel.create("tap0", { ips: [ADDRESS] });
    await using watcher = watch({ poll: 0, addresses });
    kernel.setHardwareAddress("tap0", Uint8Array.of(2, 0, 0, 0, 0, 9));
    const event = await next(watcher);
    assertEquals([event.changed, event.status.hardwareAddress], [["hardwareAddress"], "02:00:00:00:00:09"]);
    await assertSilent(watcher);
  }
});

still("bsd openbsd: RTM_DESYNC is a resync", async () => {
  using kernel = new FakeKernel("openbsd", { detectsOverflow: true });
  kernel.create("em0");
  await using watcher = watch();
  kernel.of("em0").flags = UP_RUNNING;
  kernel.send(kernel.build.desync());
  const event = await next(watcher);
  assertEquals([event.status.flags, event.resync], [UP_RUNNING, true]);
});

still("bsd freebsd: a renaming, which comes as a departure and an arrival, is a change of name", async () => {
  using kernel = new FakeKernel("freebsd");
  kernel.create("em0", { flags: UP_RUNNING });
  await using watcher = watch({ poll: 0 });
  kernel.rename("em0", "wan0");
  const event = await next(watcher);
  assertEquals([event.type, event.previous?.name, event.status.name, event.changed], ["changed", "em0", "wan0", [
    "name",
  ]]);
  await assertSilent(watcher);
});

still(
  "bsd netbsd: a departure of a name that the index does not have, or of an index that nobody has, is nobody's",
  async () => {
    using kernel = new FakeKernel("netbsd");
    kernel.create("tap0");
    await using watcher = watch({ poll: 0 });
    kernel.send(kernel.build.announce(1, "tap7", 1));
    kernel.send(kernel.build.announce(9, "tap9", 1));
    kernel.send(kernel.build.announce(1, "tap0", 0)); // and what arrived before is the same one
    await assertSilent(watcher);
  },
);

still("bsd netbsd: a message that says nothing of interfaces is no loss", async () => {
  using kernel = new FakeKernel("netbsd");
  kernel.create("tap0");
  await using watcher = watch({ poll: 0 });
  let lists = 0;
  const { list } = kernel;
  kernel.list = (index) => (lists++, list.call(kernel, index));
  kernel.send(Uint8Array.of(4, 0, 4, 0x01)); // RTM_ADD
  kernel.up("tap0");
  const event = await next(watcher);
  assertEquals([event.resync, event.status.flags, lists], [false, UP_RUNNING, 0]);
});

still(
  "bsd netbsd: a state that is over is told, and behind the queue the present one of what is still there",
  async () => {
    using kernel = new FakeKernel("netbsd");
    kernel.create("tap0", { flags: UP_RUNNING });
    await using watcher = watch({ poll: 0 });
    kernel.of("tap0").flags = UP_RUNNING | 0x1000;
    kernel.tell("tap0", UP_RUNNING | 0x80); // it has other flags by now
    kernel.create("tap1");
    const told = [await next(watcher), await next(watcher), await next(watcher)];
    assertEquals(told.map(({ status: { name, flags } }) => [name, flags]), [
      ["tap0", UP_RUNNING | 0x80],
      ["tap1", BORN],
      ["tap0", UP_RUNNING | 0x1000],
    ]);
    kernel.tell("tap0", UP_RUNNING);
    kernel.send(kernel.build.announce(1, "tap0", 1)); // it goes before its present state is asked for
    const gone = [await next(watcher), await next(watcher)];
    assertEquals(gone.map(({ type, status: { flags } }) => [type, flags]), [
      ["changed", UP_RUNNING],
      ["removed", UP_RUNNING],
    ]);
    await assertSilent(watcher);
  },
);

still("bsd freebsd: an address that brings an interface up without a word is noticed", async () => {
  using kernel = new FakeKernel("freebsd");
  kernel.create("em0");
  await using watcher = watch({ poll: 0 });
  kernel.of("em0").flags = UP_RUNNING;
  kernel.addAddress("em0", ADDRESS);
  assertEquals((await next(watcher)).changed, ["addresses"]);
  assertEquals((await next(watcher)).flagsSet, ["UP", "RUNNING"]);
  await assertSilent(watcher);
});

Deno.test("bsd freebsd: a link state that lies beside the medium does not make it connected", () => {
  using kernel = new FakeKernel("freebsd");
  kernel.create("vtnet0", { flags: UP_RUNNING, linkState: 2 });
  kernel.mediaOf.set("vtnet0", { active: 0x20, link: false });
  const status = get("vtnet0");
  assertEquals([status?.linkState, status?.media?.link, status?.connected], ["up", false, false]);
});

still("bsd freebsd: a tap that is closed clears IFF_UP by itself", async () => {
  using kernel = new FakeKernel("freebsd");
  kernel.create("tap0", { flags: UP_RUNNING, linkState: 2 });
  const end = waitFor("tap0", "down", { timeout: 1000 });
  await Promise.resolve();
  kernel.of("tap0").flags = BORN;
  kernel.tell("tap0", BORN | 0x40);
  kernel.link("tap0", 1);
  assertEquals((await end).flags, BORN);
});

Deno.test("bsd freebsd: what the netisr queue drops without a word is found by comparing after the next event", async () => {
  using time = new FakeTime();
  using kernel = new FakeKernel("freebsd", { detectsOverflow: true });
  kernel.create("em0");
  kernel.create("em1");
  await using watcher = watch();
  kernel.of("em1").flags = UP_RUNNING; // its message was dropped
  kernel.up("em0");
  assertEquals((await next(watcher)).status.name, "em0");
  const later = next(watcher);
  await time.tickAsync(1000);
  assertEquals((await later).status.name, "em1");
});

Deno.test("bsd darwin: interfaces that nobody announces come and go by comparison", async () => {
  using time = new FakeTime();
  using kernel = new FakeKernel("darwin");
  kernel.create("en0");
  await using watcher = watch();
  kernel.create("utun0");
  kernel.destroy("en0");
  const events = [next(watcher), next(watcher)];
  await time.tickAsync(1000);
  const told = (await Promise.all(events)).map(({ type, status: { name } }) => `${type} ${name}`);
  assertEquals(told, ["removed en0", "added utun0"]);
});

still("bsd: a watcher leaves no socket behind", async () => {
  using kernel = new FakeKernel("netbsd");
  kernel.create("tap0");
  await watch().return();
  await waitFor("tap0", "present");
  capabilities();
  assertEquals(kernel.sockets.size, 0);
});

Deno.test("bsd watch: a message that says nothing new is looked into when nothing more happens, and asks nothing at once", async () => {
  for (const platform of PLATFORMS) {
    using time = new FakeTime();
    using libc = new FakeLibc(platform);
    const { kernel } = libc;
    kernel.create("em0", { flags: UP_RUNNING });
    kernel.mediaOf.set("em0", { active: 0x20, link: true });
    await using watcher = watch({ poll: 0 });
    for (let i = 0; i < 3; i++) await time.tickAsync(500); // the beginning of a watch is looked into, too
    const asked = libc.calls.ioctl;
    kernel.mediaOf.set("em0", { active: 0x26, link: true });
    kernel.tell("em0"); // flags, link state and mtu are as they were
    await time.tickAsync(1);
    assertEquals(libc.calls.ioctl, asked, platform);
    await time.tickAsync(500);
    await time.tickAsync(1);
    let changed: readonly string[] | undefined;
    void watcher.next().then(({ value }) => changed = value?.changed);
    for (let i = 0; i < 20; i++) await Promise.resolve();
    assertEquals(changed, ["media"], platform);
  }
});
