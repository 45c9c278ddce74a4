/** What messages cost: no question that a driver has refused, none for each scan, and no drain without a bound. */
import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { get, type InterfaceEvent, type InterfaceWatcher, watch } from "../../../../mod.ts";
import { SYSTEMS } from "../../../../platforms/bsd/systems/systems.ts";
import { BORN } from "../../../helpers/bsd/kernel.ts";
import { FakeLibc } from "../../../helpers/bsd/libc.ts";
import { VERSIONS } from "../../../helpers/bsd/versions.ts";

const UP_RUNNING = BORN | 0x41;
/** RTM_IEEE80211_ASSOC and RTM_IEEE80211_SCAN of net80211. */
const [ASSOC, SCAN] = [100, 105];
/** More messages than a slow kernel answers questions about in any time that a program would wait. */
const FLOOD = 6000;
const NAME = new TextEncoder().encode("a network");

async function next(watcher: InterfaceWatcher): Promise<InterfaceEvent> {
  const { done, value } = await watcher.next();
  assert(!done);
  return value;
}

async function settle(): Promise<void> {
  for (let i = 0; i < 60; i++) await Promise.resolve();
}

for (const platform of ["freebsd", "darwin"] as const) {
  const [extended, plain] = SYSTEMS[platform].mediaRequests;

  Deno.test(`bsd cost ${platform}: a driver that refused SIOCGIFXMEDIA is not asked for it again, and others are`, async () => {
    using _ = new FakeTime();
    using libc = new FakeLibc(platform, { detectsOverflow: true });
    const { kernel } = libc;
    for (const name of ["vtnet0", "em0", "gif0"]) kernel.create(name, { flags: BORN });
    kernel.mediaOf.set("vtnet0", { active: 0x20, link: true });
    kernel.mediaOf.set("em0", { active: 0x20, link: true });
    libc.plainMedia.add("vtnet0");
    await using watcher = watch({ poll: 0 });
    const asked: (readonly [string, number])[] = [];
    libc.onIoctl = (_number, request, name) => {
      if (request === extended || request === plain) asked.push([name, request]);
    };
    for (const name of ["vtnet0", "em0", "gif0"]) {
      kernel.up(name);
      assertEquals((await next(watcher)).status.up, true);
    }
    assertEquals(asked, [["vtnet0", plain!], ["em0", extended!], ["gif0", plain!]]);
    kernel.mediaOf.set("gif0", { active: 0x26, link: false }); // as a vlan that gets its parent
    assertEquals(get("gif0")?.media?.link, false);
    if (platform === "darwin") return; // nobody announces that a name is another one's
    kernel.destroy("vtnet0");
    kernel.create("vtnet0"); // another driver's, under this name
    kernel.mediaOf.set("vtnet0", { active: 0x26, link: true });
    libc.plainMedia.clear();
    await settle();
    asked.length = 0;
    kernel.up("vtnet0");
    await settle();
    assertEquals(asked.at(-1), ["vtnet0", extended!]);
  });

  for (
    const [what, name, index] of [["no name", "em0", 2], ["another index", "vtnet0", 2], ["it", "vtnet0", 1]] as const
  ) {
    Deno.test(`bsd cost ${platform}: what a driver refused is forgotten where a list has ${what} in its place`, async () => {
      using time = new FakeTime();
      using libc = new FakeLibc(platform, { detectsOverflow: true });
      const { kernel } = libc;
      kernel.create("vtnet0", { flags: BORN | 1 });
      kernel.mediaOf.set("vtnet0", { active: 0x20, link: true });
      libc.plainMedia.add("vtnet0");
      await using watcher = watch({ poll: 1000 });
      void watcher;
      const put = (name: string, index: number) =>
        kernel.sockets.silently(() => {
          kernel.create(name, { flags: BORN | 1, index });
          kernel.mediaOf.set(name, { active: 0x20, link: true });
        });
      kernel.sockets.silently(() => kernel.destroy("vtnet0"));
      libc.plainMedia.clear();
      if (what !== "it") put(name, index);
      await time.tickAsync(1000);
      if (kernel.find("vtnet0") === undefined) put("vtnet0", 1);
      const asked: (readonly [string, number])[] = [];
      libc.onIoctl = (_number, request, name) => {
        if (request === extended || request === plain) asked.push([name, request]);
      };
      await time.tickAsync(1000);
      assertEquals(asked.filter(([asked]) => asked === "vtnet0"), [["vtnet0", extended!]]);
    });
  }
}

for (const platform of ["netbsd", "freebsd", "dragonfly"] as const) {
  const station = SYSTEMS[platform].wireless!.is80211;

  Deno.test(`bsd cost ${platform}: a station that finds no network costs a question each second, whatever it scans`, async () => {
    using time = new FakeTime();
    using libc = new FakeLibc(platform, { detectsOverflow: true });
    const { kernel } = libc;
    kernel.create("wlan0", { flags: UP_RUNNING });
    kernel.mediaOf.set("wlan0", { active: station, link: false });
    await using watcher = watch({ poll: 0 });
    await time.tickAsync(10_000);
    const before = libc.calls.ioctl;
    kernel.tellWireless("wlan0", SCAN);
    await settle();
    const each = libc.calls.ioctl - before;
    for (let i = 0; i < 50; i++) {
      await time.tickAsync(200);
      kernel.tellWireless("wlan0", SCAN);
    }
    const asked = libc.calls.ioctl - before;
    assert(asked <= 12 * each, `${asked} ioctls for 51 scans, of ${each} each`);
    // An association is told at once, and so is what a scan shows when none came for a while.
    kernel.networkOf.set("wlan0", NAME);
    kernel.mediaOf.set("wlan0", { active: station, link: true });
    kernel.tellWireless("wlan0", ASSOC);
    assertEquals((await next(watcher)).status.wireless?.ssid, "a network");
    await time.tickAsync(5000);
    kernel.networkOf.set("wlan0", new TextEncoder().encode("another"));
    kernel.tellWireless("wlan0", SCAN);
    assertEquals((await next(watcher)).status.wireless?.ssid, "another");
    kernel.networkOf.set("wlan0", NAME);
    kernel.tellWireless("wlan0", SCAN);
    const late = next(watcher);
    await time.tickAsync(1000);
    assertEquals((await late).status.wireless?.ssid, "a network");
  });
}

for (const version of VERSIONS.filter(({ name }) => /NetBSD 10|FreeBSD 15|OpenBSD|macOS 15/.test(name))) {
  Deno.test(`bsd cost ${version.name}: what was read in a bounded time is handed over, though more is queued`, async () => {
    using _ = new FakeTime();
    using libc = new FakeLibc(version.platform, { version, detectsOverflow: true });
    const { kernel } = libc;
    kernel.create("em0", { flags: UP_RUNNING });
    let now = 0;
    libc.clock = { time: () => now, elapsed: () => now };
    await using watcher = watch({ poll: 0 });
    await settle();
    libc.onIoctl = () => void (now += 5); // a slow kernel
    const before = libc.calls.ioctl;
    let seen = 0;
    const first = next(watcher).then((event) => (seen = libc.calls.ioctl - before, event));
    for (let i = 0; i < 200; i++) kernel.setMtu("em0", 1000 + i), kernel.tell("em0");
    assertEquals((await first).changed, ["mtu"]);
    assert(seen > 0 && seen < 200, `${seen} ioctls before the first event`);
    let last = await next(watcher);
    while (last.status.mtu !== 1199) last = await next(watcher);
    assertEquals(last.resync, false);
  });
}

for (const version of VERSIONS.filter(({ name }) => /NetBSD 10|FreeBSD 15|OpenBSD|macOS 15/.test(name))) {
  Deno.test(`bsd cost ${version.name}: a comparison waits while messages come faster than they are read, and they are told`, async () => {
    using time = new FakeTime();
    using libc = new FakeLibc(version.platform, { version, detectsOverflow: true });
    const { kernel } = libc;
    kernel.create("em0", { flags: UP_RUNNING });
    let now = 0;
    libc.clock = { time: () => now, elapsed: () => now };
    await using watcher = watch({ poll: 20 });
    await settle();
    let told = 0;
    const tell = (): void => {
      kernel.of("em0").mtu = 1000 + told++;
      kernel.tell("em0");
    };
    // Each question takes as long as until the next message.
    libc.onIoctl = () => {
      now += 5;
      if (told <= FLOOD) tell();
    };
    const first = next(watcher).then((event) => [event, now] as const);
    await time.tickAsync(20); // the comparison asks the driver, and the first message comes
    const [event, taken] = await first;
    assertEquals([event.changed, event.resync], [["mtu"], false]);
    assert(taken <= 2000, `${taken} ms until the first event`);
    let last = event;
    while (last.status.mtu !== 1000 + FLOOD) {
      const coming = next(watcher);
      await time.tickAsync(1000);
      last = await coming;
    }
    assertEquals(last.resync, false);
    // What no message tells is found as soon as the flood is over.
    kernel.of("em0").mtu = 9000;
    const silent = next(watcher);
    await time.tickAsync(2000);
    assertEquals((await silent).status.mtu, 9000);
  });
}

Deno.test("bsd cost: who begins to watch in a flood, alone or beside another, is neither refused nor held up", async () => {
  using time = new FakeTime();
  using libc = new FakeLibc("freebsd", { detectsOverflow: true });
  const { kernel } = libc;
  kernel.create("em0", { flags: UP_RUNNING });
  let now = 0;
  let told = 0;
  libc.clock = { time: () => now, elapsed: () => now };
  libc.onIoctl = () => {
    now += 5;
    if (told > FLOOD) return;
    kernel.of("em0").mtu = 1000 + told++;
    kernel.tell("em0");
  };
  const watchers = [0, 1].map(() => {
    const watcher = watch({ poll: 0, initial: true });
    assert(now <= 5000, `${now} ms until it began`);
    return watcher;
  });
  for (const watcher of watchers) {
    const first = await next(watcher);
    assertEquals(first.type, "present");
    let { mtu } = first.status;
    while (mtu !== 1000 + FLOOD) {
      const coming = next(watcher);
      await time.tickAsync(1000);
      ({ mtu } = (await coming).status);
    }
  }
  for (const watcher of watchers) await watcher.return();
});

Deno.test("bsd cost: after a loss in a flood, what was read is told, and then everything", async () => {
  using time = new FakeTime();
  using libc = new FakeLibc("freebsd", { detectsOverflow: true });
  const { kernel } = libc;
  kernel.create("em0", { flags: UP_RUNNING });
  let now = 0;
  let told = 0;
  libc.clock = { time: () => now, elapsed: () => now };
  await using watcher = watch({ poll: 0 });
  await settle();
  libc.onIoctl = () => {
    now += 5;
    if (told > FLOOD) return;
    kernel.of("em0").mtu = 1000 + told++;
    kernel.tell("em0");
  };
  kernel.sockets.silently(() => kernel.create("lost0"));
  kernel.sockets.lose();
  const lost = next(watcher).then((event) => [event.resync, now] as const);
  await time.tickAsync(20);
  const [resync, taken] = await lost;
  assert(resync);
  assert(taken <= 5000, `${taken} ms until the first event`);
  let last = await next(watcher);
  while (last.status.mtu !== 1000 + FLOOD) {
    const coming = next(watcher);
    await time.tickAsync(1000);
    last = await coming;
  }
  assertEquals(watcher.interfaces().map(({ name }) => name), ["em0", "lost0"]);
});

for (const [platform, asks] of [["freebsd", 1], ["netbsd", 0], ["openbsd", 0]] as const) {
  Deno.test(`bsd cost ${platform}: the kernel's version is asked ${asks === 1 ? "once" : "never"}, for flags that differ`, () => {
    using libc = new FakeLibc(platform);
    libc.kernel.create("em0", { flags: BORN });
    assertEquals(get("em0")?.flagNames.includes("MULTICAST"), true);
    const first = libc.calls.sysctl;
    get("em0");
    const second = libc.calls.sysctl - first;
    assertEquals([first - second, second], [asks, 2]);
  });
}
