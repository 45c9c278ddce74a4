/** What changes without a message while what is known cannot be right for long: it is asked again at an interval. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { type InterfaceEvent, type InterfaceWatcher, waitFor, WaitTimeoutError, watch } from "../../../../mod.ts";
import { BORN } from "../../../helpers/bsd/kernel.ts";
import { FakeLibc } from "../../../helpers/bsd/libc.ts";
import { VERSIONS } from "../../../helpers/bsd/versions.ts";

const UP_RUNNING = BORN | 0x41;
const CABLE = { active: 0x20, link: true } as const;
const NO_CABLE = { active: 0x20, link: false } as const;
const IPV6 = { ip: [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], prefixLength: 64 } as const;
const IN6_IFF_TENTATIVE = 2;
/** Long enough that no comparison is left over from the start. */
const LATER = 10_000;
/** How soon it is asked again. */
const INTERVAL = 1000;
const WITH_LINK_STATE = VERSIONS.filter(({ platform }) => platform !== "darwin");

async function next(watcher: InterfaceWatcher): Promise<InterfaceEvent> {
  const { done, value } = await watcher.next();
  assert(!done);
  return value;
}

for (const version of WITH_LINK_STATE) {
  const { name, platform } = version;
  const up = platform === "openbsd" ? 4 : 2;

  Deno.test(`bsd revisit ${name}: a cable whose return nobody tells is told, and then nothing is asked any more`, async () => {
    using time = new FakeTime();
    using libc = new FakeLibc(platform, { version, detectsOverflow: true });
    const { kernel } = libc;
    // As vtnet is found whose cable was pulled while it was down: the link state is up.
    kernel.create("vtnet0", { flags: UP_RUNNING, linkState: up });
    kernel.mediaOf.set("vtnet0", NO_CABLE);
    await using watcher = watch({ poll: 0 });
    await time.tickAsync(LATER);
    kernel.mediaOf.set("vtnet0", CABLE);
    const event = next(watcher);
    await time.tickAsync(INTERVAL);
    assertEquals((await event).status.connected, true);
    await time.tickAsync(LATER);
    const asked = libc.calls.ioctl + libc.calls.sysctl;
    await time.tickAsync(LATER);
    assertEquals(libc.calls.ioctl + libc.calls.sysctl, asked);
  });

  Deno.test(`bsd revisit ${name}: of an interface that is down or gone nothing is asked, and a pause is a pause`, async () => {
    using time = new FakeTime();
    using libc = new FakeLibc(platform, { version, detectsOverflow: true });
    const { kernel } = libc;
    for (const one of ["vtnet0", "vtnet1"]) {
      kernel.create(one, { flags: UP_RUNNING, linkState: up });
      kernel.mediaOf.set(one, NO_CABLE);
    }
    const watcher = watch({ poll: 0 });
    await time.tickAsync(LATER);
    kernel.down("vtnet0");
    kernel.destroy("vtnet1");
    await time.tickAsync(LATER);
    const asked = libc.calls.ioctl + libc.calls.sysctl;
    await time.tickAsync(LATER);
    assertEquals(libc.calls.ioctl + libc.calls.sysctl, asked);
    kernel.up("vtnet0");
    await time.tickAsync(1);
    await watcher.return();
    const last = libc.calls.ioctl + libc.calls.sysctl;
    await time.tickAsync(LATER);
    assertEquals(libc.calls.ioctl + libc.calls.sysctl, last);
  });
}

Deno.test("bsd revisit: who waits for the cable asks once more before giving up", async () => {
  for (const platform of ["freebsd", "netbsd", "openbsd"] as const) {
    using time = new FakeTime();
    using libc = new FakeLibc(platform, { detectsOverflow: true });
    const { kernel } = libc;
    kernel.create("vtnet0", { flags: UP_RUNNING, linkState: platform === "openbsd" ? 4 : 2 });
    kernel.mediaOf.set("vtnet0", NO_CABLE);
    const waiting = waitFor("vtnet0", "connected", { timeout: 300 });
    await time.tickAsync(100);
    kernel.mediaOf.set("vtnet0", CABLE);
    await time.tickAsync(200);
    assertEquals((await waiting).connected, true, platform);
    kernel.mediaOf.set("vtnet0", NO_CABLE);
    const failing = assertRejects(() => waitFor("vtnet0", "connected", { timeout: 300 }), WaitTimeoutError);
    await time.tickAsync(300);
    await failing;
  }
});

Deno.test("bsd revisit: who waits without a limit sees the cable return", async () => {
  using time = new FakeTime();
  using libc = new FakeLibc("freebsd", { detectsOverflow: true });
  const { kernel } = libc;
  kernel.create("vtnet0", { flags: UP_RUNNING, linkState: 2 });
  kernel.mediaOf.set("vtnet0", NO_CABLE);
  const waiting = waitFor("vtnet0", "connected");
  await time.tickAsync(60_000);
  kernel.mediaOf.set("vtnet0", CABLE);
  await time.tickAsync(INTERVAL);
  assertEquals((await waiting).name, "vtnet0");
});

for (const version of VERSIONS.filter(({ platform, addresses }) => platform !== "netbsd" || addresses === "old")) {
  Deno.test(`bsd revisit ${version.name}: an IPv6 address that is verified without a message is told`, async () => {
    using time = new FakeTime();
    using libc = new FakeLibc(version.platform, { version, detectsOverflow: true });
    const { kernel } = libc;
    kernel.create("em0", { flags: UP_RUNNING });
    const waiting = waitFor("em0", "ipv6");
    await using watcher = watch({ poll: 0 });
    kernel.addAddress("em0", { ...IPV6, flags: IN6_IFF_TENTATIVE });
    assertEquals((await next(watcher)).status.addresses?.[0]?.flags, ["tentative"]);
    await time.tickAsync(LATER);
    kernel.of("em0").ips = [IPV6];
    const verified = next(watcher);
    await time.tickAsync(INTERVAL);
    assertEquals([(await verified).changed, (await verified).status.addresses?.[0]?.flags], [["addresses"], []]);
    assertEquals((await waiting).name, "em0");
  });
}

/** UP cleared, while the driver still has its resources: what em of FreeBSD tells, and what it has some milliseconds later. */
const [STOPPING, STOPPED] = [BORN | 0x40, BORN | 0x400];

for (const version of WITH_LINK_STATE.filter(({ name }) => /NetBSD 10|FreeBSD|OpenBSD|DragonFly 6/.test(name))) {
  Deno.test(`bsd revisit ${version.name}: a driver that stops after its interface was told down is not running soon after`, async () => {
    using time = new FakeTime();
    using libc = new FakeLibc(version.platform, { version, detectsOverflow: true });
    const { kernel } = libc;
    kernel.create("em0", { flags: UP_RUNNING });
    await using watcher = watch({ poll: 0 });
    await time.tickAsync(LATER);
    for (const after of [5, 60, 250]) {
      kernel.down("em0", STOPPING);
      assertEquals((await next(watcher)).status.flags, STOPPING);
      await time.tickAsync(after);
      kernel.of("em0").flags = STOPPED;
      const stopped = next(watcher);
      await time.tickAsync(100);
      assertEquals([(await stopped).status.running, (await stopped).status.flags], [false, STOPPED], `${after} ms`);
      kernel.up("em0", UP_RUNNING);
      assertEquals((await next(watcher)).status.flags, UP_RUNNING);
      await time.tickAsync(LATER);
    }
  });

  Deno.test(`bsd revisit ${version.name}: a driver that runs on while it is down is not asked for ever`, async () => {
    using time = new FakeTime();
    using libc = new FakeLibc(version.platform, { version, detectsOverflow: true });
    const { kernel } = libc;
    kernel.create("lo0", { flags: 0x8048, type: 24 });
    await using watcher = watch({ poll: 0 });
    kernel.tell("lo0", 0x8049);
    kernel.tell("lo0", 0x8048);
    assertEquals((await next(watcher)).status.flags, 0x8049);
    assertEquals((await next(watcher)).status.flags, 0x8048);
    await time.tickAsync(LATER);
    const asked = libc.calls.ioctl + libc.calls.sysctl;
    await time.tickAsync(LATER);
    assertEquals(libc.calls.ioctl + libc.calls.sysctl, asked);
  });
}
