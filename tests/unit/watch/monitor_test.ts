/** The monitor on a backend of few words, for what no system in memory does. */
import { assertEquals, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { type InterfaceEvent, SystemError, waitFor, watch } from "../../../mod.ts";
import { fakeStatus, FakeSystem } from "../../../src/testing.ts";
import type { Backend, Sink, Subscription } from "../../../platforms/contract/backend.ts";
import { NO_CAPABILITIES } from "../../../platforms/contract/capabilities.ts";
import { useBackend } from "../../../platforms/current.ts";

/** A backend with these subscriptions. */
function backendOf(subscription: Partial<Subscription>): Backend {
  const refuse = (): never => {
    throw new Error("not asked for");
  };
  return {
    capabilities: { ...NO_CAPABILITIES, overflowDetection: true, silentChanges: "none" },
    list: refuse,
    get: refuse,
    setFlags: refuse,
    subscribe: () => ({
      events: "kernel",
      snapshot: () => [],
      drain: () => "empty",
      pause: () => {},
      close: () => Promise.resolve(),
      ...subscription,
    }),
  };
}

Deno.test("monitor: a subscription learns which interfaces anybody wants, by each of their names", async () => {
  let sink: Sink | undefined;
  let ready = (): void => {};
  const backend = backendOf({
    snapshot: () => [
      fakeStatus({ name: "eth0", index: 1 }),
      fakeStatus({ name: "eth1", index: 2 }),
      fakeStatus({ name: "eth2", index: 3, altNames: ["eth9"] }),
    ],
    drain: (into) => (sink = into, "empty"),
  });
  const { subscribe } = backend;
  backend.subscribe = (options) => (ready = options.ready, subscribe(options));
  using _ = useBackend(backend);
  const wanted = (): (boolean | undefined)[] => {
    ready();
    return [1, 2, 3, 4].map((index) => sink?.wants(index));
  };
  const first = watch({ names: "eth0" });
  assertEquals(wanted(), [true, false, false, true]); // of one that is not known, nobody knows the name
  const second = watch({ names: ["eth9"] });
  assertEquals(wanted(), [true, false, true, true]);
  await first.return();
  assertEquals(wanted(), [false, false, true, true]);
  await second.return();
});

Deno.test("monitor: who begins while everything cannot be asked for the moment is told so, and nothing is left open", () => {
  let closed = 0;
  using _ = useBackend(backendOf({ snapshot: () => undefined, close: () => (closed++, Promise.resolve()) }));
  assertThrows(() => watch(), SystemError, "Cannot list interfaces for the moment: try again");
  assertEquals(closed, 1);
});

Deno.test("monitor: a comparison that was due while nobody took anything is made when somebody does", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", mtu: 1000 });
  await using watcher = watch({ poll: 60_000 });
  for (let i = 0; i < 9000; i++) system.set({ name: "eth0", mtu: 2000 + i });
  await time.tickAsync(1);
  system.setSilently({ name: "eth0", mtu: 68 });
  await time.tickAsync(60_000); // due now, and nobody has taken any of the events
  let mtu: number | undefined;
  for (let taken = 0; taken < 5 && mtu !== 68; taken++) {
    mtu = (await watcher.next()).value?.status.mtu;
    await time.tickAsync(1);
    await time.tickAsync(1);
  }
  assertEquals(mtu, 68);
});

Deno.test("monitor: who waits for a name that two have in a list finds the one that keeps it", async () => {
  const eth1 = { name: "eth1", flags: 0x1002 };
  const snapshot = () => [fakeStatus({ ...eth1, index: 2, flags: 0x1003 }), fakeStatus({ ...eth1, index: 3 })];
  let ready = (): void => {};
  const renamed = { ...fakeStatus({ name: "br0", index: 2, flags: 0x1003 }) };
  let told = false;
  const backend = backendOf({
    snapshot,
    drain: (sink) => {
      if (told) sink.apply(2, renamed);
      return "empty";
    },
  });
  const { subscribe } = backend;
  backend.subscribe = (options) => (ready = options.ready, subscribe(options));
  using _ = useBackend(backend);
  const waiting = waitFor("eth1", "down");
  told = true;
  ready();
  assertEquals((await waiting).index, 3);
});

Deno.test("monitor: while events go on without a pause, everything is compared every five seconds", async () => {
  using time = new FakeTime();
  let snapshots = 0;
  let mtu = 1000;
  let ready = (): void => {};
  const eth0 = () => fakeStatus({ name: "eth0", index: 1, mtu: mtu++ });
  const backend = backendOf({
    snapshot: () => (snapshots++, [eth0()]),
    drain: (sink) => (sink.apply(1, { ...eth0() }), "empty"),
  });
  const { subscribe } = backend;
  const capabilities = { ...backend.capabilities, silentChanges: "some" } as const;
  using _ = useBackend({
    ...backend,
    capabilities,
    subscribe: (options) => (ready = options.ready, subscribe(options)),
  });
  const watcher = watch();
  void (async () => {
    for await (const _event of watcher); // takes them all
  })();
  const counts: number[] = [];
  for (let second = 0; second < 16; second++) {
    for (let i = 0; i < 10; i++) {
      ready();
      await time.tickAsync(100);
    }
    counts.push(snapshots);
  }
  assertEquals([counts[3], counts[5], counts[10], counts[15]], [1, 2, 3, 4]);
  await watcher.return();
});

Deno.test("monitor: a wait is made anew only where a comparison found what it had slept through", async () => {
  using time = new FakeTime();
  const pauses: boolean[] = [];
  let ready = (): void => {};
  let mtu = 1000;
  const backend = backendOf({
    snapshot: () => [fakeStatus({ name: "eth0", index: 1, mtu })],
    pause: (paused) => void pauses.push(paused),
  });
  const { subscribe } = backend;
  backend.subscribe = (options) => (ready = options.ready, subscribe(options));
  using _ = useBackend(backend);
  const watcher = watch({ poll: 1000 });
  await time.tickAsync(3000);
  assertEquals(pauses, []); // nothing was missed
  mtu = 1001;
  ready(); // it is awake, whatever it says
  await time.tickAsync(1000);
  assertEquals(pauses, []);
  mtu = 1002;
  await time.tickAsync(1000);
  assertEquals(pauses, [true, false]);
  await watcher.return();
});

for (
  const [what, begin] of [
    ["a watcher that is closed", () => watch({ names: "eth1" })],
    ["a watcher whose iteration ends", () => watch({ names: "eth1", initial: true })],
    ["a wait that ends", () => waitFor("eth1", "present")],
  ] as const
) {
  Deno.test(`monitor: ${what} has no part in a reading that fails when less is wanted; it is tried again`, async () => {
    using time = new FakeTime();
    const eth = [1, 2].map((index) => fakeStatus({ name: `eth${index}`, index }));
    let fails = false;
    let opened = 0;
    const backend = backendOf({
      snapshot: () => eth,
      filter: () => fails, // there is something to read again
      drain: () => {
        if (!fails) return "empty";
        fails = false;
        throw new SystemError("Cannot watch interfaces: ENETDOWN (Network is down)", { operation: "watch interfaces" });
      },
    });
    const { subscribe } = backend;
    backend.subscribe = (options) => (opened++, subscribe(options));
    using _ = useBackend(backend);
    const troubles: string[] = [];
    await using _other = watch({ names: "eth2", onTrouble: ({ message }) => void troubles.push(message) });
    const begun = begin();
    fails = true;
    if (begun instanceof Promise) await begun;
    else if (what.includes("iteration")) { for await (const _event of begun) break; }
    else await begun.return();
    await time.tickAsync(100);
    assertEquals([troubles, opened, fails], [["Cannot watch interfaces: ENETDOWN (Network is down)"], 2, false]);
  });
}

for (
  const [what, begin] of [
    ["a watcher begins", () => watch({ names: "eth1" })],
    ["a watcher that begins with what is there", () => watch({ names: "eth1", initial: true })],
    ["a wait begins", (signal: AbortSignal) => waitFor("eth1", "absent", { signal }).catch(() => {})],
    ["a watcher is closed", () => void 0],
  ] as const
) {
  Deno.test(`monitor: what is read when ${what} is told at once, and not with the next message`, async () => {
    using time = new FakeTime();
    const eth = [1, 2].map((index) => fakeStatus({ name: `eth${index}`, index }));
    let unread = 0;
    const backend = backendOf({
      snapshot: () => eth,
      filter: () => unread > 0, // there is something to read again
      drain: (sink) => {
        if (unread-- === 1) { for (const one of eth) sink.apply(one.index, { ...one, mtu: 9000 }); }
        return "empty";
      },
    });
    using _ = useBackend(backend);
    const told: string[] = [];
    const tell = (watcher: AsyncIterable<InterfaceEvent>) =>
      void (async () => {
        for await (const { type, status } of watcher) told.push(`${type} ${status.name} ${status.mtu}`);
      })();
    await using other = watch({ names: "eth2" });
    tell(other);
    await using closed = what === "a watcher is closed" ? watch({ names: "eth1" }) : undefined;
    unread = closed === undefined ? 3 : 1; // who begins reads twice before
    await closed?.return();
    const ending = new AbortController();
    const begun = begin(ending.signal);
    if (begun !== undefined && !(begun instanceof Promise)) tell(begun);
    await time.tickAsync(0);
    const first = what.includes("what is there") ? ["present eth1 1500"] : [];
    const own = begun === undefined || begun instanceof Promise ? [] : [...first, "changed eth1 9000"];
    assertEquals([told.filter((one) => one.includes("eth2")), told.filter((one) => one.includes("eth1"))], [
      ["changed eth2 9000"],
      own,
    ]);
    ending.abort();
    await (begun instanceof Promise ? begun : begun?.return());
  });
}
