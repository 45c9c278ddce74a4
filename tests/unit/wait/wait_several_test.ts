/** Waiting for several interfaces: globs, a condition for each, addresses, and what a time-out says. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import {
  get,
  holds,
  type InterfaceAddress,
  InvalidInputError,
  usable,
  waitFor,
  waitForAll,
  waitForAny,
  WaitTimeoutError,
  watch,
} from "../../../mod.ts";
import { FakeSystem } from "../../../src/testing.ts";
import { ADDRESS } from "../../helpers/made_up.ts";
import { still } from "../../helpers/still.ts";

const UP = { flags: 0x11043, operState: "up", carrier: true } as const;
const DOWN = { flags: 0x1003, operState: "down", carrier: false } as const;
const NAMES = (found: readonly ({ readonly name: string } | undefined)[]): (string | undefined)[] =>
  found.map((status) => status?.name);

/** Whether a promise is settled by now. */
async function isOver(promise: Promise<unknown>): Promise<boolean> {
  let over = false;
  void promise.then(() => over = true, () => over = true);
  for (let i = 0; i < 30; i++) await Promise.resolve();
  return over;
}

still("waitFor: a glob that matches nothing yet waits, and then stands for all that it matches", async () => {
  using system = new FakeSystem();
  const waiting = waitFor("en*", "connected");
  const several = waitForAll(["en*"], "connected");
  system.set({ name: "eth0", index: 1, ...UP });
  system.set({ name: "en1", index: 3, ...DOWN });
  system.set({ name: "en0", index: 2, ...UP });
  assertEquals(await isOver(waiting), false);
  system.set({ name: "en1", index: 3, ...UP });
  assertEquals((await waiting).name, "en0"); // the first by index
  assertEquals(NAMES(await several), ["en0", "en1"]);
  assertEquals(system.subscriptions, 0);
});

still("waitFor: with any, one that a glob matches is enough, there or yet to come", async () => {
  using system = new FakeSystem();
  system.set({ name: "en0", index: 1, ...DOWN });
  const waiting = waitForAny(["en*", "wl*"], "connected");
  const single = waitForAny("wl*", "connected");
  assertEquals(await isOver(waiting), false);
  system.set({ name: "wl7", index: 7, ...UP });
  assertEquals([(await waiting)?.name, (await single)?.name], ["wl7", "wl7"]);
  assertEquals((await waitForAny("*", "connected"))?.name, "wl7");
});

still(
  "waitFor: of a glob that matches nothing, absent and disconnected hold; they hold no more when one comes",
  async () => {
    using system = new FakeSystem();
    assertEquals(await waitFor("en*", "absent"), undefined);
    assertEquals(await waitForAll(["en*", "x"], "disconnected"), [undefined, undefined]);
    system.set({ name: "en0", ...UP });
    const gone = waitFor("en*", "absent");
    const unplugged = waitFor("en*", "disconnected");
    assertEquals(await isOver(gone), false);
    system.set({ name: "en0", ...DOWN });
    assertEquals((await unplugged)?.name, "en0");
    system.remove("en0");
    assertEquals(await gone, undefined);
  },
);

still("waitFor: each name its own condition, all at once or any of them", async () => {
  using system = new FakeSystem();
  const both = waitForAll({ "en*": "connected", br0: ["present", (status) => status?.mtu === 9000] });
  const first = waitForAny({ "en*": "connected", br0: "present" });
  system.set({ name: "br0", index: 1 });
  assertEquals((await first)?.name, "br0");
  system.set({ name: "en0", index: 2, ...UP });
  assertEquals(await isOver(both), false);
  system.set({ name: "en0", index: 2, ...DOWN });
  system.set({ name: "br0", index: 1, mtu: 9000 });
  assertEquals(await isOver(both), false);
  system.set({ name: "en0", index: 2, ...UP });
  assertEquals(NAMES(await both), ["en0", "br0"]);
  await assertRejects(() => waitForAll({}), InvalidInputError, "give its name");
  await assertRejects(() => waitForAll({ "": "up" }), InvalidInputError, "give its name");
  await assertRejects(() => waitForAll({ eth0: "upp" as "up" }), InvalidInputError, `"upp"`);
});

still("waitFor: the rest of the selection counts, and what it leaves out is not there", async () => {
  using system = new FakeSystem();
  system.set({ name: "lo", index: 1, operState: "unknown" });
  system.set({ name: "veth0", index: 2, kind: "veth", ...UP });
  const waiting = waitFor("*", "connected", { physical: true });
  const other = waitForAny("*", "connected", { loopback: false, exclude: ["veth*"] });
  assertEquals(await waitFor("veth0", "absent", { physical: true }), undefined);
  assertEquals(NAMES(await waitForAll(["*"], "connected", { kinds: "veth" })), ["veth0"]);
  assertEquals([await isOver(waiting), await isOver(other)], [false, false]);
  system.set({ name: "eth0", index: 3, ...UP });
  assertEquals([(await waiting).name, (await other)?.name], ["eth0", "eth0"]);
});

still(
  "waitFor: an interface that is renamed out of a glob is not waited for, and one that is renamed into it is",
  async () => {
    using system = new FakeSystem();
    system.set({ name: "en0", index: 1, ...DOWN });
    system.set({ name: "en1", index: 2, ...UP });
    const all = waitForAll(["en*"], "connected");
    const late = waitForAll(["wan*"], "connected");
    assertEquals(await isOver(all), false);
    system.set({ name: "x0", index: 1 });
    assertEquals(NAMES(await all), ["en1"]);
    system.set({ name: "wan1", index: 2 });
    assertEquals(NAMES(await late), ["wan1"]);
  },
);

still("waitFor: what a condition of a glob throws rejects, and nothing is asked after it", async () => {
  using system = new FakeSystem();
  let asked = 0;
  const waiting = waitFor("en*", (status) => {
    asked++;
    if (status?.name === "en1") throw new Error("enough");
    return false;
  });
  for (const [index, name] of ["en0", "en1", "en2"].entries()) system.set({ name, index: index + 1 });
  await assertRejects(() => waiting, Error, "enough");
  assertEquals(asked, 3); // of nobody, of en0 and of en1
  assertEquals(system.subscriptions, 0);
});

Deno.test("waitFor: which addresses can be used, and which reach beyond their link", async () => {
  const six = (address: string, flags: string[] = [], scope: string | undefined = "global"): InterfaceAddress => ({
    ...ADDRESS,
    family: "inet6",
    address,
    scope,
    flags,
  });
  const four = (address: string, scope: string | undefined = "global"): InterfaceAddress => ({
    ...ADDRESS,
    address,
    scope,
  });
  for (
    const [address, held] of [
      [four("192.0.2.1"), "ipv4 global-address"],
      [four("10.0.0.1"), "ipv4 global-address"],
      [four("169.254.7.7"), "ipv4"], // whatever scope somebody gave it
      [four("192.0.2.1", "link"), "ipv4"],
      [four("127.0.0.1", "host"), "ipv4"],
      [six("2001:db8::1"), "ipv6 global-address"],
      [six("fd00::1"), "ipv6 global-address"],
      [six("fe80::1", [], "link"), "ipv6"],
      [six("::1", [], "host"), "ipv6"],
      [six("2001:db8::1", ["deprecated"]), "ipv6 global-address"],
      [six("2001:db8::1", ["tentative"]), ""],
      [six("2001:db8::1", ["optimistic", "tentative"]), "ipv6 global-address"], // RFC 4429
      [six("fe80::1", ["tentative", "optimistic"], "link"), "ipv6"],
      [six("2001:db8::1", ["optimistic"]), "ipv6 global-address"],
      [six("2001:db8::1", ["dadfailed", "optimistic", "tentative"]), ""],
      [six("2001:db8::1", ["dadfailed", "tentative"]), ""],
      [six("2001:db8::1", ["dadfailed"]), ""],
      [{ ...six("2001:db8::1"), scope: undefined }, "ipv6 global-address"], // a BSD's
      [{ ...six("fe80::1"), scope: undefined }, "ipv6"],
      [{ ...four("127.0.0.1"), scope: undefined }, "ipv4"],
    ] as const
  ) {
    using system = new FakeSystem({ platform: address.scope === undefined ? "freebsd" : "linux" });
    const name = address.scope === "host" ? "lo" : "eth0";
    system.set({ name, addresses: [address] });
    const told: string[] = [];
    for (const condition of ["ipv4", "ipv6", "global-address"] as const) {
      await waitFor(name, condition, { timeout: 0 }).then(() => told.push(condition), () => {});
    }
    assertEquals(told.join(" "), held, JSON.stringify(address));
    const holding = (["ipv4", "ipv6", "global-address"] as const).filter((one) => holds(get(name), one));
    assertEquals([holding.join(" "), usable(address)], [held, held !== ""], JSON.stringify(address));
  }
});

/** What a wait that does not hold says. */
async function complaint(waiting: Promise<unknown>): Promise<string> {
  const error = await assertRejects(() => waiting, WaitTimeoutError);
  return error.message;
}

const NO_LINK = "en1 is up but has no carrier: no cable, or the other end is down";

Deno.test("waitFor: a time-out says why, down to the root", async () => {
  using system = new FakeSystem();
  system.set({ name: "en0", index: 1, ...DOWN });
  system.set({ name: "bond0", index: 2, kind: "bond", ...DOWN });
  system.set({ name: "en0", index: 1, masterIndex: 2 });
  system.set({ name: "en0.7", index: 3, kind: "vlan", parentIndex: 2, ...DOWN, operState: "lowerlayerdown" });
  assertEquals(
    await complaint(waitFor("en0.7", "connected", { timeout: 0 })),
    `Interface "en0.7" is not connected after 0 ms: "en0.7" is up, not connected (lowerlayerdown) because ` +
      `en0 is up but has no carrier: no cable, or the other end is down (en0.7 > bond0 > en0)`,
  );
  // The cause stands by what it is the cause of, and not by the addresses.
  assertMatch(
    await complaint(waitFor("en0.7", "ipv4", { timeout: 0 })),
    /not connected \(lowerlayerdown\) because en0 is .* \(en0\.7 > bond0 > en0\), without an address$/,
  );
});

Deno.test("waitFor: of hundreds of names, a time-out tells those that are missing", async () => {
  using system = new FakeSystem();
  const names = Array.from({ length: 300 }, (_, i) => `en${i}`);
  names.forEach((name, i) =>
    system.set({ name, index: i + 1, ...(i % 20 === 3 ? { flags: 0x1002, operState: "down" } : UP) })
  );
  const message = await complaint(waitForAll(names, "connected", { timeout: 0 }));
  assertMatch(message, /^Interfaces "en0", .* "en7" and 292 more are not all connected after 0 ms: "en3" is down, /);
  assertMatch(message, /; and 7 more: "en163", "en183", "en203", "en223", "en243", "en263", "en283"$/);
});

Deno.test("waitFor: a time-out says which are missing, and what they are", async () => {
  using system = new FakeSystem();
  const now = { timeout: 0 };
  assertEquals(
    await complaint(waitFor("en*", "connected", now)),
    `Interfaces like "en*" are not all connected after 0 ms: no interface is like "en*"`,
  );
  system.set({ name: "en0", index: 1, ...UP });
  system.set({ name: "en1", index: 2, ...DOWN });
  system.set({ name: "en2", index: 3, flags: 0x1002, operState: "down" });
  assertEquals(
    await complaint(waitFor("en*", "connected", now)),
    `Interfaces like "en*" are not all connected after 0 ms: "en1" is up, not connected (down) because ${NO_LINK}; ` +
      `"en2" is down, not connected (down)`,
  );
  assertEquals(
    await complaint(waitForAll(["en0", "en1", "x"], "connected", now)),
    `Interfaces "en0", "en1", "x" are not all connected after 0 ms: "en1" is up, not connected (down) because ${NO_LINK}; "x" does not exist`,
  );
  assertEquals(
    await complaint(waitForAny(["en1", "wl*"], "connected", { timeout: 0 })),
    `None of interfaces "en1", "wl*" is connected after 0 ms: "en1" is up, not connected (down) because ${NO_LINK}; no interface is like "wl*"`,
  );
  assertEquals(
    await complaint(waitForAny("wl*", "up", { timeout: 0 })),
    `No interface like "wl*" is up after 0 ms: no interface is like "wl*"`,
  );
  assertEquals(
    await complaint(waitForAll({ en0: "connected", en1: ["up", "oper-up"], "wl*": () => false }, now)),
    `Not all of "en0" connected, "en1" up and oper-up, "wl*" as asked for hold after 0 ms: ` +
      `"en1" is up, not connected (down) because ${NO_LINK}; no interface is like "wl*"`,
  );
  assertEquals(
    await complaint(waitForAll(["en0", "wl*"], "up", { timeout: 0, kinds: "veth" })),
    `Interfaces "en0", "wl*" are not all up after 0 ms: "en0" does not exist, or is left out; no interface is like "wl*"`,
  );
  assertEquals(
    await complaint(waitForAny({ en1: "connected", en2: "up" }, { timeout: 0 })),
    `None of "en1" connected, "en2" up holds after 0 ms: "en1" is up, not connected (down) because ${NO_LINK}; "en2" is down, not connected (down)`,
  );
});

Deno.test("waitFor: a time-out tells the addresses that there are, and of many interfaces a few, and the names of the rest", async () => {
  using time = new FakeTime();
  using system = new FakeSystem();
  system.set({ name: "en0", index: 1, ...UP, addresses: [] });
  const tentative: InterfaceAddress = { ...ADDRESS, family: "inet6", address: "2001:db8::1", flags: ["tentative"] };
  const local: InterfaceAddress = { ...tentative, address: "fe80::1", scope: "link", flags: [] };
  system.set({ name: "en1", index: 2, ...UP, addresses: [tentative, local] });
  const waiting = complaint(waitFor("en*", "global-address", { timeout: 1000 }));
  await time.tickAsync(1000);
  assertEquals(
    await waiting,
    `Interfaces like "en*" are not all configured with a global address after 1000 ms: ` +
      `"en0" is up, connected (up), without an address; ` +
      `"en1" is up, connected (up), with 2001:db8::1 tentative and fe80::1`,
  );
  for (let i = 2; i < 300; i++) system.set({ name: `en${i}`, index: i + 1, ...DOWN });
  const many = complaint(waitFor("en*", "connected", { timeout: 1000 }));
  await time.tickAsync(1000);
  const message = await many;
  assertEquals(message.match(/"en\d+" is/g)?.length, 8);
  assertEquals(message.includes('; and 290 more: "en10", "en11", '), true, message);
  assertEquals(message.endsWith(', "en298", "en299"'), true, message);
  assertEquals(system.subscriptions, 0);
});

Deno.test("waitFor: several names are looked at when all of them know what has changed", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "a", index: 1 });
  system.set({ name: "eth0", index: 2, flags: 0x1003 });
  const outcomes = Promise.allSettled([
    waitForAll(["b", "a"], "present", { timeout: 1000 }),
    waitForAll({ eth0: "down", "eth*": "up" }, { timeout: 1000 }),
  ]);
  system.set({ name: "b", index: 1 }); // there never are both
  system.set({ name: "eth0", index: 2, flags: 0x1002 });
  await time.tickAsync(1);
  await time.tickAsync(1000);
  assertEquals((await outcomes).map(({ status }) => status), ["rejected", "rejected"]);
});

Deno.test("waitFor and watch: a signal that is aborted while they begin is heeded", async () => {
  for (const begin of ["wait", "watch"] as const) {
    using system = new FakeSystem({ silentChanges: "none" });
    system.set({ name: "eth0" });
    const abort = new AbortController();
    const { signal } = abort;
    const first = waitFor("eth0", (status) => {
      if (status?.mtu === 1400) abort.abort();
      return false;
    }, { signal });
    system.setSilently({ name: "eth0", mtu: 1400 }); // found when somebody else begins
    const second = begin === "wait"
      ? waitFor("eth0", () => false, { signal })
      : watch({ addresses: true, signal }).next();
    const [one, other] = await Promise.allSettled([first, second]);
    assertEquals([one?.status, other?.status], ["rejected", begin === "wait" ? "rejected" : "fulfilled"]);
    for (let i = 0; i < 20; i++) await Promise.resolve();
    assertEquals(system.subscriptions, 0);
  }
});
