/** What fails for a while, under a watcher on a kernel in memory. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import {
  type NetflagsError,
  SystemError,
  UnsupportedError,
  waitFor,
  waitForAll,
  waitForAny,
  watch,
} from "../../../mod.ts";
import { watchAccessPoints } from "../../../src/linux.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { EMFILE, EPERM, FakeLinux } from "../../helpers/linux/kernel.ts";

const WORKING = { flags: 0x11043, operState: 6, carrier: true } as const;

/** Error numbers that say nothing of the future. */
const ERRORS = { EBADF: 9, ENOMEM: 12, ENETDOWN: 100, ENOTSOCK: 88 } as const;

for (const [code, errno] of Object.entries(ERRORS)) {
  Deno.test(`heal: ${code} while messages are read is tried again, and what changed meanwhile is a resync`, async () => {
    using time = new FakeTime();
    using kernel = new FakeLinux();
    kernel.set("eth0");
    const troubles: NetflagsError[] = [];
    const watcher = watch({ onTrouble: (error) => troubles.push(error) });
    const waiting = waitFor("eth0", "connected", { timeout: 60_000 });
    kernel.receiveErrno = errno;
    kernel.set("eth0", { mtu: 1400 });
    await time.tickAsync(1);
    assertEquals(troubles.map((error) => error.code), [code]);
    kernel.set("eth0", WORKING);
    await time.tickAsync(1000); // 50, 100, 200, 400 ms: not without end
    assert(troubles.length >= 4 && troubles.length <= 6, `${troubles.length} troubles`);
    kernel.receiveErrno = undefined;
    await time.tickAsync(1000);
    const { value } = await watcher.next();
    assertEquals([value?.status.mtu, value?.status.connected, value?.resync], [1400, true, true]);
    assertEquals((await waiting).mtu, 1400);
    kernel.set("eth0", { mtu: 1300 });
    assertEquals((await watcher.next()).value?.status.mtu, 1300); // and it listens as before
    await watcher.return();
    assertEquals([kernel.sockets, kernel.strayCalls], [0, []]);
  });
}

Deno.test("heal: whoever waits is told of the trouble, and waits on; what the callback throws rejects", async () => {
  using time = new FakeTime();
  using kernel = new FakeLinux();
  kernel.set("eth0");
  const troubles: NetflagsError[] = [];
  const onTrouble = (error: NetflagsError): number => troubles.push(error);
  const one = waitFor("eth0", "connected", { onTrouble });
  const any = waitForAny(["eth0", "x"], "connected", { onTrouble });
  const all = waitForAll({ eth0: "connected" }, { onTrouble });
  const refused = assertRejects(
    () =>
      waitFor("eth0", "connected", {
        onTrouble: () => {
          throw new RangeError("enough of it");
        },
      }),
    RangeError,
    "enough",
  );
  kernel.receiveErrno = ERRORS.EBADF;
  kernel.set("eth0", { mtu: 1400 });
  await time.tickAsync(1);
  await refused;
  assertEquals(troubles.map((error) => error.code), ["EBADF", "EBADF", "EBADF"]);
  kernel.receiveErrno = undefined;
  kernel.set("eth0", WORKING);
  await time.tickAsync(1000);
  assertEquals([(await one).mtu, (await any).mtu, (await all)[0]?.mtu], [1400, 1400, 1400]);
  assertEquals([kernel.sockets, kernel.strayCalls], [0, []]);
});

Deno.test("heal: a list that failed midway is begun anew by whoever asks next", async () => {
  using time = new FakeTime();
  using kernel = new FakeLinux();
  for (const name of ["eth0", "eth1", "eth2"]) kernel.set(name);
  const watcher = watch();
  for (const errno of [...Object.values(ERRORS), N.ENOBUFS]) {
    kernel.failOnce.set("recvfrom", errno);
    try {
      watch().close(); // a loss is asked again by itself
    } catch (error) {
      assert(error instanceof SystemError, `${error}`);
    }
    assertEquals(kernel.failOnce.size, 0);
    const other = watch({ initial: true });
    assertEquals((await other.next()).value?.status.name, "eth0");
    assertEquals((await waitFor("eth2", "present")).name, "eth2");
    await other.return();
  }
  await watcher.return();
  await time.tickAsync(1000);
  assertEquals([kernel.sockets, kernel.strayCalls], [0, []]);
});

Deno.test("heal: no descriptor for a new socket is tried again too", async () => {
  using time = new FakeTime();
  using kernel = new FakeLinux();
  kernel.set("eth0");
  const watcher = watch();
  kernel.receiveErrno = ERRORS.EBADF;
  kernel.refused.set(N.NETLINK_ROUTE, EMFILE);
  kernel.set("eth0", WORKING);
  await time.tickAsync(5000);
  await assertRejects(() => waitFor("eth0", "up"), SystemError, "EMFILE"); // who begins now is told at once
  kernel.receiveErrno = undefined;
  kernel.refused.clear();
  await time.tickAsync(10_000);
  const { value } = await watcher.next();
  assertEquals([value?.status.connected, value?.resync], [true, true]);
  await watcher.return();
  assertEquals(kernel.sockets, 0);
});

Deno.test("heal: what cannot get better ends the watch with the reason, and a watcher that is closed meanwhile is closed", async () => {
  using time = new FakeTime();
  using kernel = new FakeLinux();
  kernel.set("eth0");
  const ended = watch();
  kernel.receiveErrno = EPERM;
  const waiting = assertRejects(() => ended.next(), Error, "EPERM");
  kernel.set("eth0", WORKING);
  await time.tickAsync(1);
  await waiting;
  kernel.receiveErrno = undefined;
  const closed = watch();
  kernel.receiveErrno = ERRORS.EBADF;
  kernel.set("eth0", { mtu: 1400 });
  await time.tickAsync(1);
  await closed.return();
  await time.tickAsync(60_000);
  assertEquals(kernel.sockets, 0);
});

for (const errno of [ERRORS.ENOMEM, ERRORS.EBADF]) {
  Deno.test(`heal: access points are watched on after errno ${errno}, and what changed meanwhile is told`, async () => {
    using time = new FakeTime();
    using kernel = new FakeLinux();
    kernel.set("wlan0", { ...WORKING, wireless: { type: 3, ssid: "old" } });
    const troubles: NetflagsError[] = [];
    const watcher = watchAccessPoints({ onTrouble: (error) => troubles.push(error) });
    assertEquals((await watcher.next()).value?.ssid, "old");
    kernel.failOnce.set("recvfrom", errno);
    kernel.startAccessPoint("wlan0", "unheard");
    kernel.set("wlan0", { changes: 2 });
    await time.tickAsync(1);
    kernel.hasWireless = false; // gone, for a moment
    await time.tickAsync(60);
    kernel.hasWireless = true;
    await time.tickAsync(200);
    const { value } = await watcher.next();
    assertEquals([value?.type, value?.ssid, value?.previousSsid], ["changed", "unheard", "old"]);
    assert(troubles.length >= 1);
    kernel.startAccessPoint("wlan0", "new");
    assertEquals((await watcher.next()).value?.ssid, "new"); // and it listens as before
    await watcher.return();
    assertEquals([kernel.sockets, kernel.strayCalls], [0, []]);
  });
}

Deno.test("heal: access points that were there are told as such, and those of a later comparison are not", async () => {
  using time = new FakeTime();
  using kernel = new FakeLinux();
  kernel.set("wlan0", { ...WORKING, wireless: { type: 3, ssid: "there" } });
  kernel.set("wlan1", { ...WORKING, wireless: { type: 3 } });
  const watcher = watchAccessPoints();
  const told = async () => {
    const { value } = await watcher.next();
    return [value?.type, value?.ssid, value?.initial];
  };
  assertEquals(await told(), ["started", "there", true]);
  kernel.setSilently("wlan1", { wireless: { type: 3, ssid: "lost" } });
  kernel.overflow(N.NETLINK_GENERIC);
  await time.tickAsync(1);
  assertEquals(await told(), ["started", "lost", false]);
  kernel.setSilently("wlan1", { wireless: { type: 3 } });
  kernel.failOnce.set("recvfrom", ERRORS.EBADF);
  kernel.startAccessPoint("wlan0", "new");
  kernel.setSilently("wlan1", { wireless: { type: 3, ssid: "back" } });
  kernel.setSilently("wlan2", { wireless: { type: 3, ssid: "third" } });
  await time.tickAsync(1);
  await time.tickAsync(60);
  assertEquals(
    [await told(), await told(), await told()],
    [["changed", "new", false], ["changed", "back", false], ["started", "third", false]],
  );
  await watcher.return();
});

Deno.test("heal: a wait for access points that fails is begun anew; one of a socket that was given up is not heard", async () => {
  using time = new FakeTime();
  using kernel = new FakeLinux();
  kernel.set("wlan0", { ...WORKING, wireless: { type: 3 } });
  const troubles: NetflagsError[] = [];
  const watcher = watchAccessPoints({ onTrouble: (error) => troubles.push(error) });
  const broken = new SystemError("Cannot wait", { code: "EINVAL" });
  const fail = kernel.failures(N.NETLINK_GENERIC)[0]!;
  fail(broken);
  fail(broken); // late news of what was given up
  await time.tickAsync(60);
  fail(broken);
  assertEquals(troubles, [broken]);
  kernel.startAccessPoint("wlan0", "new");
  assertEquals((await watcher.next()).value?.ssid, "new");
  const ended = watcher.next();
  kernel.failures(N.NETLINK_GENERIC)[0]!(new UnsupportedError("Cannot wait"));
  await assertRejects(() => ended, UnsupportedError); // there was nothing wrong before: this is no passing lack
  await time.tickAsync(60_000);
  assertEquals(kernel.sockets, 0);
});

Deno.test("heal: where the kernel refuses to tell changes from now on, everything is compared each second", async () => {
  using time = new FakeTime();
  using kernel = new FakeLinux();
  kernel.set("eth0", WORKING);
  const watcher = watch();
  kernel.refusedGroups.add(N.RTNLGRP_LINK);
  kernel.failOnce.set("recvfrom", ERRORS.EBADF);
  kernel.set("eth0", { mtu: 1400 });
  await time.tickAsync(1);
  await time.tickAsync(60);
  assertEquals((await watcher.next()).value?.status.mtu, 1400);
  kernel.set("eth0", { mtu: 1300 });
  await time.tickAsync(1000);
  await time.tickAsync(1);
  assertEquals((await watcher.next()).value?.status.mtu, 1300);
  kernel.refusedGroups.clear();
  await watcher.return();
});

Deno.test("heal: a watcher's poll does not go before the time that healing takes", async () => {
  using time = new FakeTime();
  using kernel = new FakeLinux();
  kernel.set("eth0", WORKING);
  let troubles = 0;
  const watcher = watch({ poll: 20, onTrouble: () => troubles++ });
  kernel.failOnce.set("recvfrom", ERRORS.EBADF);
  kernel.refused.set(N.NETLINK_ROUTE, EMFILE);
  kernel.set("eth0", { mtu: 1400 });
  for (let i = 0; i < 75; i++) await time.tickAsync(20);
  assert(troubles >= 4 && troubles <= 6, `${troubles} troubles`); // at 0, 50, 150, 350, 750 ms
  kernel.refused.clear();
  for (let i = 0; i < 100; i++) await time.tickAsync(20);
  assertEquals((await watcher.next()).value?.status.mtu, 1400);
  await watcher.return();
});

Deno.test("heal: a socket whose messages another one's turn reads has messages, and is not broken", async () => {
  using kernel = new FakeLinux();
  kernel.manual = true;
  kernel.set("wlan0", { ...WORKING, wireless: { type: 3, ssid: "net" } });
  kernel.set("veth0", { ...WORKING, kind: "veth" });
  const troubles: NetflagsError[] = [];
  const watcher = watch({ onTrouble: (error) => troubles.push(error) });
  kernel.startAccessPoint("wlan0", "one");
  for (let i = 0; i < 200; i++) {
    kernel.set("veth0", { mtu: 1000 + i });
    kernel.startAccessPoint("wlan0", `net${i}`);
    const { readable } = kernel; // both are dispatched, and the first one reads for both
    for (const socket of readable) kernel.wake(socket);
    await Promise.resolve();
  }
  assertEquals(troubles, []);
  await watcher.return();
});

Deno.test("heal: nl80211 that goes away while access points are told is not read any more", async () => {
  using time = new FakeTime();
  using kernel = new FakeLinux();
  kernel.manual = true;
  kernel.set("wlan0", { ...WORKING, wireless: { type: 3 } });
  const troubles: NetflagsError[] = [];
  const watcher = watchAccessPoints({ onTrouble: (error) => troubles.push(error) });
  for (const ssid of ["a", "b", "c", "d"]) kernel.startAccessPoint("wlan0", ssid);
  kernel.reloadWireless();
  for (const socket of kernel.readable) kernel.wake(socket);
  await time.tickAsync(100);
  assertEquals([kernel.strayCalls, troubles], [[], []]);
  const told: string[] = [];
  for (let i = 0; i < 4; i++) told.push((await watcher.next()).value?.ssid ?? "");
  assertEquals(told, ["a", "b", "c", "d"]);
  await watcher.return();
});

Deno.test("heal: an access point whose successor could not be asked about is told as stopped when it has", async () => {
  using time = new FakeTime();
  using kernel = new FakeLinux();
  kernel.set("wlan0", { ...WORKING, wireless: { type: 3, ssid: "one" } });
  const watcher = watchAccessPoints();
  const told: string[] = [];
  void (async () => {
    for await (const { type, ssid } of watcher) told.push(`${type} ${ssid}`);
  })();
  await time.tickAsync(1);
  kernel.failOnce.set("send", ERRORS.ENOMEM);
  kernel.startAccessPoint("wlan0", "two");
  await time.tickAsync(1); // its frequency could not be asked for
  kernel.setSilently("wlan0", { wireless: { type: 3 } });
  await time.tickAsync(60);
  await time.tickAsync(1);
  assertEquals(told, ["started one", "stopped one"]);
  await watcher.return();
});
