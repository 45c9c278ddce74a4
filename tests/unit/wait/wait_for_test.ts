import { assertEquals, assertRejects, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import {
  get,
  holds,
  InvalidInputError,
  list,
  type NamedCondition,
  UnsupportedError,
  usable,
  waitFor,
  waitForAll,
  waitForAny,
  type WaitOptions,
  WaitTimeoutError,
} from "../../../mod.ts";
import { NAMED_CONDITIONS } from "../../../src/wait/conditions.ts";
import { type FakeInterface, FakeSystem } from "../../../src/testing.ts";
import { ADDRESS } from "../../helpers/made_up.ts";
import { still } from "../../helpers/still.ts";

const CONNECTED = { name: "eth0", flags: 0x11043, operState: "up" } as const;

const STATES: Readonly<Record<NamedCondition, FakeInterface | undefined>> = {
  present: { name: "eth0" },
  absent: undefined,
  up: { name: "eth0", flags: 0x1003 },
  down: { name: "eth0", flags: 0x1002 },
  running: { name: "eth0", flags: 0x11043, operState: "unknown" },
  connected: { name: "eth0", flags: 0x11043, operState: "up" },
  disconnected: { name: "eth0", flags: 0x1003, operState: "down" },
  ipv4: { name: "eth0", addresses: [ADDRESS] },
  ipv6: { name: "eth0", addresses: [{ ...ADDRESS, family: "inet6", address: "fe80::1", scope: "link" }] },
  "global-address": { name: "eth0", addresses: [ADDRESS] },
  "default-route": { ...CONNECTED, defaultRoute: ["inet6"] },
  "default-route-ipv4": { ...CONNECTED, defaultRoute: ["inet"] },
  "default-route-ipv6": { ...CONNECTED, defaultRoute: ["inet", "inet6"] },
  unknown: { name: "eth0", operState: "unknown" },
  notpresent: { name: "eth0", operState: "notpresent" },
  lowerlayerdown: { name: "eth0", operState: "lowerlayerdown" },
  testing: { name: "eth0", operState: "testing" },
  dormant: { name: "eth0", operState: "dormant" },
  "oper-unknown": { name: "eth0", operState: "unknown" },
  "oper-notpresent": { name: "eth0", operState: "notpresent" },
  "oper-down": { name: "eth0", operState: "down" },
  "oper-lowerlayerdown": { name: "eth0", operState: "lowerlayerdown" },
  "oper-testing": { name: "eth0", operState: "testing" },
  "oper-dormant": { name: "eth0", operState: "dormant" },
  "oper-up": { name: "eth0", operState: "up" },
};

/** A state in which the condition does not hold. */
const OTHERS: Partial<Record<NamedCondition, FakeInterface>> = {
  absent: { name: "eth0" },
  up: { name: "eth0", flags: 0x1002 },
  down: { name: "eth0", flags: 0x1003 },
  running: { name: "eth0", flags: 0x1003 },
  connected: { name: "eth0", flags: 0x1003, operState: "down" },
  disconnected: { name: "eth0", flags: 0x11043, operState: "up" },
  ipv4: { name: "eth0", addresses: [{ ...ADDRESS, family: "inet6", address: "fd00::1" }] },
  ipv6: { name: "eth0", addresses: [ADDRESS] },
  "global-address": { name: "eth0", addresses: [{ ...ADDRESS, scope: "link" }] },
  "default-route": { ...CONNECTED, flags: 0x1003, operState: "down", defaultRoute: ["inet"] }, // dead
  "default-route-ipv4": { ...CONNECTED, defaultRoute: ["inet6"] },
  "default-route-ipv6": { ...CONNECTED, defaultRoute: ["inet"] },
  "oper-down": { name: "eth0", operState: "up" },
};

/** Brings an interface into a state, with default routes by it. */
function put(system: FakeSystem, { defaultRoute = [], ...fields }: FakeInterface): void {
  const { name } = system.set(fields);
  const there = get(name, { routes: true })?.defaultRoute;
  for (const family of defaultRoute) {
    if (!there?.includes(family)) system.addRoute(name, family === "inet" ? "0.0.0.0/0" : "::/0");
  }
}

for (const condition of NAMED_CONDITIONS) {
  still(`waitFor: "${condition}" holds at once, and when it comes`, async () => {
    using system = new FakeSystem();
    const wanted = STATES[condition];
    if (wanted !== undefined) put(system, wanted);
    assertEquals((await waitFor("eth0", condition))?.name, wanted?.name);
    assertEquals(holds(get("eth0", { routes: true }), condition), true);
    assertEquals(system.subscriptions, 0);

    if (wanted !== undefined) system.remove("eth0");
    const other = condition === "present" ? undefined : OTHERS[condition] ?? { name: "eth0", operState: "down" };
    if (other !== undefined) put(system, other);
    assertEquals(holds(get("eth0", { routes: true }), condition), false);
    let over = false;
    const waiting = waitFor("eth0", condition).finally(() => over = true);
    for (let i = 0; i < 20; i++) await Promise.resolve();
    assertEquals(over, false);
    if (wanted === undefined) system.remove("eth0");
    else put(system, wanted);
    assertEquals((await waiting)?.name, wanted?.name);
    assertEquals(system.subscriptions, 0);
  });
}

still("waitFor: a state that is over before anybody looks still counts", async () => {
  using system = new FakeSystem();
  system.set({ name: "tap0", flags: 0x1003 });
  const waiting = waitFor("tap0", "down");
  system.set({ name: "tap0", flags: 0x1002 });
  system.set({ name: "tap0", flags: 0x1003 });
  assertEquals((await waiting).flags, 0x1002);
});

still('waitFor: "disconnected" holds where there is no interface, and is undefined then', async () => {
  using system = new FakeSystem();
  assertEquals(await waitFor("eth0", "disconnected"), undefined);
  system.set({ name: "eth0", flags: 0x11043, operState: "up" });
  const gone = waitFor("eth0", "disconnected");
  system.remove("eth0"); // it goes down first
  assertEquals((await gone)?.up, false);
  const moved = waitFor("eth1", ["absent", "disconnected"]);
  assertEquals(await moved, undefined);
  assertEquals(system.subscriptions, 0);
});

Deno.test("waitFor: where nobody knows whether it is connected, it is neither connected nor disconnected", async () => {
  using system = new FakeSystem({ platform: "darwin" }); // which tells no link state
  system.set({ name: "en0", flags: 0x8843 });
  for (const condition of ["connected", "disconnected"] as const) {
    await assertRejects(() => waitFor("en0", condition, { timeout: 0 }), WaitTimeoutError, `is not ${condition}`);
  }
  const waiting = waitFor("en0", "disconnected", { timeout: 1000 });
  system.set({ name: "en0", flags: 0x8802 });
  assertEquals((await waiting)?.up, false);
});

still("waitFor: a function is asked about each state, with addresses, and sees absence as undefined", async () => {
  using system = new FakeSystem();
  const seen: (number | undefined | string)[] = [];
  const waiting = waitFor("eth0", (status) => {
    seen.push(status === undefined ? "absent" : status.mtu);
    return status?.mtu === 9000 && status.addresses !== undefined;
  });
  for (const mtu of [1500, 1400]) system.set({ name: "eth0", mtu });
  for (let i = 0; i < 20; i++) await Promise.resolve();
  system.remove("eth0");
  system.set({ name: "eth0", mtu: 9000 });
  assertEquals((await waiting)?.mtu, 9000);
  assertEquals(seen, ["absent", 1500, 1400, "absent", 9000]);
  assertEquals(await waitFor("eth1", (status) => status === undefined), undefined);
});

still("waitFor: a function that answers with a promise or another object is refused", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0" });
  const answers: Readonly<Record<string, () => unknown>> = {
    "a promise": () => Promise.resolve(false),
    "a promise ": () => Promise.reject(new Error("nobody else hears of it")),
    " a promise": () => ({ then: (): void => {} }),
    "an object": () => ({ connected: false }),
    "a function": () => () => false,
  };
  for (const [what, answer] of Object.entries(answers)) {
    const condition = answer as () => boolean;
    for (const one of [condition, ["present", condition]] as const) {
      await assertRejects(
        () => waitFor("eth0", one),
        InvalidInputError,
        `that returns ${what.trim()}: give a function`,
      );
      assertThrows(() => holds(get("eth0"), one), InvalidInputError, what.trim());
    }
    await assertRejects(() => waitForAny(["eth0", "x"], condition), InvalidInputError, what.trim());
  }
  for (const truthy of [1, "x"]) assertEquals(holds(undefined, (() => truthy) as unknown as () => boolean), true);
  for (const falsy of [0, "", null, undefined]) {
    assertEquals(holds(undefined, (() => falsy) as unknown as () => boolean), false);
  }
  assertEquals(system.subscriptions, 0);
});

still("holds: it answers nothing about addresses that were not read, and refuses what is no condition", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", addresses: [ADDRESS] });
  const [bare] = list({ addresses: false });
  for (const condition of ["ipv4", "ipv6", "global-address", ["present", "ipv4"]] as const) {
    assertThrows(() => holds(bare, condition), InvalidInputError, "read with addresses: false");
  }
  for (const condition of ["default-route", "default-route-ipv4", ["present", "default-route-ipv6"]] as const) {
    assertThrows(() => holds(get("eth0"), condition), InvalidInputError, "read without routes: true");
  }
  assertEquals([holds(bare, "present"), holds(bare, ["absent", "ipv4"]), holds(undefined, "ipv4")], [
    true,
    false,
    false,
  ]);
  for (const wrong of ["upp", "", 7, null, undefined, {}, [[]], []]) {
    assertThrows(() => holds(bare, wrong as "up"), InvalidInputError, "Cannot wait for");
    await assertRejects(() => waitFor("eth0", wrong as "up"), InvalidInputError, "Cannot wait for");
  }
});

Deno.test("holds and usable: what is no status and no address is refused, and not answered with false", () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", addresses: [ADDRESS] });
  for (const wrong of ["eth0", "", 1, null, true, [], {}, { status: get("eth0") }]) {
    assertThrows(() => holds(wrong as never, "up"), InvalidInputError, "give a status, or undefined");
  }
  for (const wrong of ["10.0.0.1", 1, null, undefined, [], {}, { address: "10.0.0.1" }, { flags: "permanent" }]) {
    assertThrows(() => usable(wrong as never), InvalidInputError, "give one of the addresses of a status");
  }
  assertEquals(get("eth0")?.addresses?.map(usable), [true]);
});

still("waitFor: what a function throws rejects", async () => {
  using system = new FakeSystem();
  await assertRejects(
    () =>
      waitFor("eth0", () => {
        throw new Error("asked wrongly");
      }),
    Error,
    "asked wrongly",
  );
  assertEquals(system.subscriptions, 0);
});

still("waitFor: a name that passes from one interface to another is followed", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", index: 1, flags: 0x1002 });
  system.set({ name: "eth1", index: 2, flags: 0x11043, operState: "up" });
  const waiting = waitFor("eth0", "connected");
  system.set({ name: "old", index: 1 });
  system.set({ name: "eth0", index: 2 });
  assertEquals((await waiting).index, 2);
});

Deno.test("waitFor: a timeout says what was waited for, and leaves nothing behind", async () => {
  using time = new FakeTime();
  using system = new FakeSystem();
  const waiting = assertRejects(
    () => waitFor("eth0", "running", { timeout: 5000 }),
    WaitTimeoutError,
    `Interface "eth0" is not running after 5000 ms`,
  );
  await time.tickAsync(5000);
  await waiting;
  assertEquals(system.subscriptions, 0);
});

still("waitFor: an aborted signal rejects with its reason, before and while waiting", async () => {
  using system = new FakeSystem();
  await assertRejects(() => waitFor("eth0", "up", { signal: AbortSignal.abort(new Error("early")) }), Error, "early");
  const controller = new AbortController();
  const waiting = assertRejects(() => waitFor("eth0", "up", { signal: controller.signal }), Error, "late");
  await Promise.resolve();
  controller.abort(new Error("late"));
  await waiting;
  assertEquals(system.subscriptions, 0);
});

Deno.test("waitFor: a time-out is a TimeoutError by name; an abort rejects with what the signal has", async () => {
  using system = new FakeSystem();
  const late = await assertRejects(() => waitFor("eth0", "up", { timeout: 0 }), WaitTimeoutError);
  assertEquals(late.name, "TimeoutError");
  const reason = { why: "not even an error" };
  for (const wait of [waitFor, waitForAll, waitForAny]) {
    const [early] = await Promise.allSettled([wait("eth0", "up", { signal: AbortSignal.abort(reason) })]);
    assertStrictEquals(early.status === "rejected" && early.reason, reason);
    const signal = AbortSignal.timeout(1);
    const [timed] = await Promise.allSettled([wait("eth0", "up", { signal })]);
    assertStrictEquals(timed.status === "rejected" && timed.reason, signal.reason);
  }
  assertEquals(system.subscriptions, 0);
});

still("waitFor: bad input is refused", async () => {
  using system = new FakeSystem();
  await assertRejects(() => waitFor("", "up"), InvalidInputError, "give its name");
  await assertRejects(() => waitFor("eth0", "upp" as "up"), InvalidInputError, `"upp"`);
  await assertRejects(() => waitFor("eth0", "toString" as "up"), InvalidInputError, `"toString"`);
  for (const timeout of [-1, NaN, Infinity, null, "5"]) {
    const options = { timeout: timeout as number };
    const message = `Cannot wait with timeout ${typeof timeout === "string" ? `"${timeout}"` : timeout}: give a time`;
    await assertRejects(() => waitFor("eth0", "up", options), InvalidInputError, message);
    await assertRejects(() => waitForAll(["eth0"], "up", options), InvalidInputError, message);
    await assertRejects(() => waitForAny({ eth0: "up" }, options), InvalidInputError, message);
  }
  const names = ["eth0"] as unknown as string;
  await assertRejects(() => waitFor(names, "up"), InvalidInputError, "use waitForAll or waitForAny");
  await assertRejects(
    () => waitForAll(["eth0"], undefined as unknown as "up"),
    InvalidInputError,
    "without a condition",
  );
  await assertRejects(
    () => waitForAny({ eth0: "up" }, "up" as unknown as WaitOptions),
    InvalidInputError,
    "one more condition",
  );
  for (const name of [undefined, null, 1]) {
    await assertRejects(() => waitFor(name as unknown as string, "up"), InvalidInputError, "give its name");
  }
  assertEquals(system.subscriptions, 0);
});

still("waitFor: an abort in the same turn as an event is not lost", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: 0x1002 });
  const controller = new AbortController();
  const waiting = assertRejects(() => waitFor("eth0", "up", { signal: controller.signal }), Error, "enough");
  await Promise.resolve();
  system.set({ name: "eth0", mtu: 1400 });
  queueMicrotask(() => controller.abort(new Error("enough")));
  await waiting;
  assertEquals(system.subscriptions, 0);
});

still("waitFor: a failure in the same turn as an event is told", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: 0x1002 });
  const waiting = assertRejects(() => waitFor("eth0", "up"), Error, "the kernel is gone");
  await Promise.resolve();
  system.onSnapshot = () => {
    throw new Error("the kernel is gone");
  };
  system.set({ name: "eth0", mtu: 1400 });
  system.overflow();
  await waiting;
});

Deno.test("waitFor: several names must all be so at once, or one of them with any", async () => {
  using system = new FakeSystem();
  const UP = { flags: 0x11043, operState: "up" } as const;
  const both = waitForAll(["eth0", "wan"], "connected", { timeout: 1000 });
  const first = waitForAny(["eth0", "wan"], "connected", { timeout: 1000 });
  system.set({ name: "eth0", ...UP });
  assertEquals((await first)?.name, "eth0");
  system.set({ name: "eth0", flags: 0x1003, operState: "down" });
  system.set({ name: "eth1", altNames: ["wan"], ...UP });
  system.set({ name: "eth0", ...UP });
  assertEquals((await both).map((status) => status?.name), ["eth0", "eth1"]);
  assertEquals(await waitForAll(["x", "y"], "absent"), [undefined, undefined]);
  await assertRejects(
    () => waitForAll(["eth0", "x"], "present", { timeout: 0 }),
    WaitTimeoutError,
    `Interfaces "eth0", "x" are not all present after 0 ms`,
  );
  await assertRejects(
    () => waitForAny(["x", "y"], "up", { timeout: 0 }),
    WaitTimeoutError,
    `None of interfaces "x", "y" is up after 0 ms`,
  );
  for (const names of [[], ["eth0", ""]]) {
    await assertRejects(() => waitForAll(names, "present"), InvalidInputError, "give its name");
  }
  assertEquals(system.subscriptions, 0);
});

Deno.test("waitFor: several conditions must all hold of one state", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: 0x11043, operState: "up", mtu: 1500 });
  const asked: (number | undefined)[] = [];
  const waiting = waitFor("eth0", ["connected", (status) => (asked.push(status?.mtu), status?.mtu === 1400)]);
  system.set({ name: "eth0", flags: 0x1003, operState: "down", mtu: 1400 });
  system.set({ name: "eth0", flags: 0x11043, operState: "up" });
  assertEquals([(await waiting)?.mtu, asked], [1400, [1500, 1400]]);
  await assertRejects(
    () => waitFor("eth0", ["up", "absent"], { timeout: 0 }),
    WaitTimeoutError,
    `is not up and absent after 0 ms`,
  );
  await assertRejects(() => waitFor("eth0", []), InvalidInputError, "empty list of conditions");
  assertEquals(system.subscriptions, 0);
});

Deno.test("waitFor: an operational state is refused at once where the system tells none", async () => {
  for (const platform of ["netbsd", "freebsd", "openbsd", "dragonfly", "darwin"] as const) {
    using system = new FakeSystem({ platform });
    system.set({ name: "tap0", flags: 0x8843 });
    for (const condition of NAMED_CONDITIONS) {
      const oper = condition.startsWith("oper-") || Object.hasOwn(STATES, `oper-${condition}`) &&
          condition !== "up" && condition !== "down";
      const answers = await Promise.allSettled([
        waitFor("tap0", condition, { timeout: 0 }),
        waitFor("tap0", ["present", condition], { timeout: 0 }),
      ]);
      for (const answer of answers) {
        const error = answer.status === "rejected" ? answer.reason : undefined;
        assertEquals(error instanceof UnsupportedError, oper, `${platform} ${condition}`);
        if (oper) assertStringIncludes(error.message, `Cannot wait for "${condition}": ${platform} reports no`);
      }
    }
    assertEquals(system.subscriptions, 0);
  }
});

still("waitFor: what comes behind the state that was waited for, or behind a failure, is not asked about", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", mtu: 1000 });
  const asked: (number | undefined)[] = [];
  const done = waitFor("eth0", (status) => asked.push(status?.mtu) > 0 && status?.mtu === 1001);
  const failed = assertRejects(
    () =>
      waitFor("eth0", (status) => {
        asked.push(status?.mtu);
        if (status?.mtu === 1001) throw new RangeError("no");
        return false;
      }),
    RangeError,
  );
  await Promise.resolve();
  for (const mtu of [1001, 1002, 1003]) system.set({ name: "eth0", mtu }); // read in one go
  await Promise.all([done, failed]);
  assertEquals(asked, [1000, 1000, 1001, 1001]);
});
