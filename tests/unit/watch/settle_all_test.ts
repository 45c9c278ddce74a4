/** `settle: { all }` and `batches()`: what happened to the whole is handed out when all of it has come to rest. */
import { assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { type InterfaceEvent, type InterfaceWatcher, watch } from "../../../mod.ts";
import { FakeSystem } from "../../../src/testing.ts";
import { still } from "../../helpers/still.ts";

const UP = { flags: 0x11043, operState: "up", carrier: true } as const;

/** Takes the batches of a watcher as they come, each event as its type and name. */
function collect(watcher: InterfaceWatcher): { readonly batches: string[][]; readonly end: Promise<unknown> } {
  const batches: string[][] = [];
  const take = async (): Promise<void> => {
    for await (const events of watcher.batches()) batches.push(events.map(text));
  };
  return { batches, end: take().catch((error) => error) };
}

/** Lets some milliseconds pass, and the consumers take what was reported. */
async function pass(time: FakeTime, milliseconds: number): Promise<void> {
  await time.tickAsync(milliseconds);
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

function text({ type, status: { name } }: InterfaceEvent): string {
  return `${type} ${name}`;
}

Deno.test("settle all: the events of all are reported together, when none has changed for so long", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", index: 1 });
  await using watcher = watch({ settle: { all: 300 } });
  const { batches } = collect(watcher);
  for (let i = 0; i < 3; i++) {
    system.set({ name: "eth0", index: 1, mtu: 1400 + i });
    await pass(time, 200);
    system.set({ name: `tap${i}`, index: 2 + i });
    await pass(time, 200);
  }
  await pass(time, 99);
  assertEquals(batches, []);
  await pass(time, 1);
  assertEquals(batches, [["changed eth0", "added tap0", "added tap1", "added tap2"]]);
  system.set({ name: "tap0", index: 2, mtu: 1400 });
  await pass(time, 300);
  assertEquals(batches.slice(1), [["changed tap0"]]);
});

Deno.test("settle all: a network that never rests is reported after ten times as long", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  await using watcher = watch({ settle: { all: 100 } });
  const { batches } = collect(watcher);
  for (let i = 0; i < 25; i++) {
    system.set({ name: `eth${i % 2}`, index: 1 + i % 2, mtu: 1400 + i });
    await pass(time, 50);
  }
  assertEquals(batches, [["added eth0", "added eth1"]]);
  await pass(time, 100);
  assertEquals(batches.slice(1), [["changed eth0", "changed eth1"]]);
});

Deno.test("settle all: what came and went is nothing, and what exists at the start is reported at once", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "lo", index: 1 });
  await using watcher = watch({ settle: { all: 100 }, initial: true });
  const { batches } = collect(watcher);
  await pass(time, 0);
  assertEquals(batches, [["present lo"]]);
  system.set({ name: "tap0", index: 2 });
  await pass(time, 10);
  system.remove("tap0");
  await pass(time, 1000);
  assertEquals(batches.length, 1);
});

Deno.test("settle all: a name that passed on is reported first of who gave it up; who left and came back has changed", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "en0", index: 1 });
  system.set({ name: "x0", index: 2 });
  await using watcher = watch({ names: "en*", settle: { all: 100 } });
  const { batches } = collect(watcher);
  const step = async (index: number, name: string): Promise<void> => {
    system.set({ index, name });
    await pass(time, 10);
  };
  await step(1, "x1");
  await step(2, "en0");
  await pass(time, 100);
  assertEquals(batches.splice(0), [["left en0", "added en0"]]);
  await step(2, "x2");
  await step(2, "en2");
  await pass(time, 100);
  assertEquals(batches.splice(0), [["changed en2"]]);
});

Deno.test("settle all: with next, the events come one after the other without a pause", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  await using watcher = watch({ settle: { all: 100 } });
  for (const index of [1, 2, 3]) system.set({ name: `eth${index}`, index });
  const taken: string[] = [];
  void (async () => {
    for await (const event of watcher) taken.push(text(event));
  })();
  await pass(time, 99);
  assertEquals(taken, []);
  await pass(time, 1);
  assertEquals(taken, ["added eth1", "added eth2", "added eth3"]);
});

Deno.test("settle all: a consumer that is slow gets one list of what happened meanwhile, each interface once", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", index: 1 });
  await using watcher = watch({ settle: { all: 100 } });
  const batches = watcher.batches();
  for (let i = 0; i < 5; i++) { // five times the network comes to rest
    system.set({ name: "eth0", index: 1, mtu: 1400 + i });
    system.set({ name: "eth1", index: 2, mtu: 1400 + i });
    system.set({ name: `tap${i}`, index: 9 });
    await pass(time, 100);
    system.remove(`tap${i}`);
    await pass(time, 100);
  }
  const { value } = await batches.next();
  assertEquals(value?.map(text), ["changed eth0", "added eth1"]);
  assertEquals(value?.map(({ status: { mtu }, previous }) => [previous?.mtu, mtu]), [[1500, 1404], [undefined, 1404]]);
  await batches.return?.();
  assertEquals(system.subscriptions, 0);
});

Deno.test("settle all: closing drops what is held, and a failure reports it first", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  const closed = watch({ settle: { all: 100 } });
  const failed = watch({ settle: { all: 100 } });
  const [one, other] = [collect(closed), collect(failed)];
  system.set({ name: "eth0" });
  await pass(time, 50);
  closed.close();
  system.fail(new RangeError("for good"));
  await pass(time, 1000);
  assertEquals([await one.end, one.batches], [undefined, []]);
  assertEquals([String(await other.end), other.batches], ["RangeError: for good", [["added eth0"]]]);
  assertEquals(system.subscriptions, 0);
});

still("batches: without settle they are what waits; break closes the watcher, and an end is one of both", async () => {
  using system = new FakeSystem();
  const watcher = watch();
  system.set({ name: "eth0", index: 1 });
  system.set({ name: "eth0", index: 1, ...UP });
  system.set({ name: "eth1", index: 2 });
  for await (const events of watcher.batches()) {
    assertEquals(events.map(text), ["added eth0", "added eth1"]);
    assertEquals(events[0]?.status.up, true);
    break;
  }
  assertEquals([system.subscriptions, (await watcher.next()).done], [0, true]);
  const aborted = watch({ signal: AbortSignal.abort() });
  assertEquals((await aborted.batches().next()).done, true);
  const refused = watch();
  const next = refused.batches().next();
  system.fail(new RangeError("for good"));
  await assertRejects(() => next, RangeError);
});
