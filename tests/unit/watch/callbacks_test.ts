/** What a program hands in and netflags calls: whatever it does, nobody else suffers from it. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import {
  type InterfaceStatus,
  InvalidInputError,
  type NetflagsError,
  SystemError,
  waitFor,
  waitForAll,
  watch,
} from "../../../mod.ts";
import { watchAccessPoints } from "../../../src/linux.ts";
import { FakeSystem } from "../../../src/testing.ts";
import { FakeLinux } from "../../helpers/linux/kernel.ts";

/** What a program's own code throws. */
const MISTAKE = new Error("a mistake");

const EBADF = 9;
const WORKING = { flags: 0x11043, operState: 6, carrier: true } as const;

/** The ways in which a callback fails. */
const FAILURES: Readonly<Record<string, () => void>> = {
  throws: () => {
    throw MISTAKE;
  },
  rejects: () => Promise.reject(MISTAKE),
  "rejects with nothing": () => Promise.reject(),
};

/** The error that a promise rejects with, as it is. */
async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it did not reject");
}

for (const [how, onTrouble] of Object.entries(FAILURES)) {
  const expected = how === "rejects with nothing" ? undefined : MISTAKE;

  Deno.test(`callbacks: an onTrouble that ${how} ends its watcher with that, and the others go on`, async () => {
    using time = new FakeTime();
    using kernel = new FakeLinux();
    kernel.set("eth0");
    const troubles: NetflagsError[] = [];
    const before = watch({ onTrouble: (error) => troubles.push(error) });
    const careless = watch({ onTrouble });
    const after = watch({ onTrouble: (error) => troubles.push(error) });
    const waiting = waitFor("eth0", "connected", { timeout: 60_000 });
    const reason = reasonOf(careless.next());
    kernel.receiveErrno = EBADF;
    kernel.set("eth0", { mtu: 1400 });
    await time.tickAsync(500); // healing fails a few times, each from a timer
    assertEquals(await reason, expected);
    assertEquals((await careless.next()).done, true);
    kernel.receiveErrno = undefined;
    kernel.set("eth0", WORKING);
    await time.tickAsync(10_000);
    assert(troubles.length >= 4 && troubles.length % 2 === 0, `${troubles.length} troubles`);
    for (const watcher of [before, after]) assertEquals((await watcher.next()).value?.status.connected, true);
    assertEquals((await waiting).connected, true);
    kernel.set("eth0", { mtu: 1300 });
    for (const watcher of [before, after]) assertEquals((await watcher.next()).value?.status.mtu, 1300);
    await Promise.all([before.return(), after.return()]);
    assertEquals([kernel.sockets, kernel.strayCalls], [0, []]);
  });

  Deno.test(`callbacks: an onTrouble of access points that ${how} ends its watcher, and the others go on`, async () => {
    using time = new FakeTime();
    using kernel = new FakeLinux();
    kernel.set("wlan0", { ...WORKING, wireless: { type: 3, ssid: "old" } });
    const careless = watchAccessPoints({ onTrouble });
    const careful = watchAccessPoints();
    const links = watch();
    for (const watcher of [careless, careful]) assertEquals((await watcher.next()).value?.ssid, "old");
    const reason = reasonOf(careless.next());
    kernel.receiveErrno = EBADF; // of its own sockets and of those that it shares
    kernel.startAccessPoint("wlan0", "new");
    kernel.set("wlan0", { changes: 2 });
    await time.tickAsync(200);
    assertEquals(await reason, expected);
    kernel.receiveErrno = undefined;
    await time.tickAsync(10_000);
    assertEquals((await careful.next()).value?.ssid, "new");
    kernel.set("wlan0", { mtu: 1400 });
    for (let mtu = 0; mtu !== 1400;) mtu = (await links.next()).value?.status.mtu ?? 0;
    await Promise.all([careful.return(), links.return()]);
    assertEquals([kernel.sockets, kernel.strayCalls], [0, []]);
  });
}

Deno.test("callbacks: an onTrouble that fails while nobody takes events is told by the next call", async () => {
  using time = new FakeTime();
  using system = new FakeSystem();
  system.set({ name: "eth0" });
  const watcher = watch({ initial: true, onTrouble: FAILURES.throws });
  system.fail(new SystemError("for a moment"));
  await time.tickAsync(100);
  assertEquals((await watcher.next()).value?.type, "present"); // what came before is not lost
  await assertRejects(() => watcher.next(), Error, MISTAKE.message);
  assertEquals((await watcher.next()).done, true);
  assertEquals(system.subscriptions, 0);
});

Deno.test("callbacks: an onTrouble may close its watcher, begin others, or ask", async () => {
  using time = new FakeTime();
  using system = new FakeSystem();
  const opened: ReturnType<typeof watch>[] = [];
  const closing = watch({ onTrouble: () => closing.close() });
  const opening = watch({ onTrouble: () => void opened.push(watch({ initial: true })) });
  system.fail(new SystemError("for a moment"));
  await time.tickAsync(100);
  assertEquals((await closing.next()).done, true);
  system.set({ name: "eth0" });
  assertEquals((await opening.next()).value?.status.name, "eth0");
  assertEquals((await opened[0]!.next()).value?.status.name, "eth0");
  await Promise.all([opening, ...opened].map((watcher) => watcher.return()));
  assertEquals(system.subscriptions, 0);
});

Deno.test("callbacks: a predicate that throws ends its own waiting, and the others go on", async () => {
  using system = new FakeSystem();
  const watcher = watch();
  const wrong = (status: InterfaceStatus | undefined): boolean => {
    if (status !== undefined) throw MISTAKE;
    return false;
  };
  const alone = reasonOf(waitFor("eth0", wrong));
  const listed = reasonOf(waitForAll(["eth0", "eth1"], ["present", wrong]));
  const right = waitFor("eth0", (status) => status?.up === true);
  system.set({ name: "eth0" });
  assertEquals([await alone, await listed], [MISTAKE, MISTAKE]);
  system.set({ name: "eth0", flags: 0x1003 });
  assertEquals((await right)?.up, true);
  assertEquals((await watcher.next()).value?.type, "added");
  await watcher.return();
  assertEquals(system.subscriptions, 0);
});

Deno.test("callbacks: a signal that is none leaves nothing open", () => {
  using system = new FakeSystem();
  const signal = { aborted: false } as AbortSignal;
  assertThrows(() => watch({ signal }), InvalidInputError);
  assertEquals(system.subscriptions, 0);
});
