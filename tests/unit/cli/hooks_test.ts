import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { HookLines, hooksFor } from "../../../src/cli/hooks/hooks.ts";
import { fakeStatus } from "../../../src/testing.ts";
import { makeEvent } from "../../../src/table/event.ts";
import type { InterfaceStatus } from "../../../mod.ts";

const DOWN = fakeStatus({ name: "eth0", index: 1, flags: 0x1002, operState: "down", carrier: false });
const NO_CARRIER = fakeStatus({ name: "eth0", index: 1, flags: 0x1003, operState: "down", carrier: false });
const WORKING = fakeStatus({ name: "eth0", index: 1, flags: 0x11043, operState: "up", carrier: true });
const OTHER = { ...WORKING, name: "eth1", index: 2 };

const ORIGIN = { generation: 1, resync: false, time: 0, elapsed: 0 };
const step = (before: InterfaceStatus | undefined, after: InterfaceStatus) =>
  makeEvent(before === undefined ? "added" : "changed", before, after, ORIGIN);

function unexpected(_hook: unknown, _event: unknown, error: unknown): void {
  throw error;
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

Deno.test("hooks: which are for a step", () => {
  assertEquals(hooksFor(undefined, DOWN), ["added", "disconnected", "no-carrier", "down"]);
  assertEquals(hooksFor(undefined, WORKING), ["added", "up", "carrier", "connected"]);
  assertEquals(hooksFor(DOWN, NO_CARRIER), ["up"]);
  assertEquals(hooksFor(NO_CARRIER, WORKING), ["carrier", "connected"]);
  assertEquals(hooksFor(WORKING, NO_CARRIER), ["disconnected", "no-carrier"]);
  assertEquals(hooksFor(WORKING, undefined), ["disconnected", "no-carrier", "down", "removed"]);
  assertEquals(hooksFor(DOWN, undefined), ["removed"]);
  assertEquals(hooksFor(WORKING, { ...WORKING, mtu: 1400 }), []);
  assertEquals(hooksFor(undefined, undefined), []);
  const untold = { ...WORKING, carrier: undefined }; // a BSD's tap: no hook for what nobody knows
  assertEquals(hooksFor(undefined, untold), ["added", "up", "connected"]);
  assertEquals(hooksFor(WORKING, untold), []);
});

Deno.test("hooks: one at a time for an interface, side by side for two; what happens meanwhile is one step", async () => {
  const log: string[] = [];
  const ends: (() => void)[] = [];
  const lines = new HookLines(
    (hook, { status: { name } }) => {
      log.push(`${name} ${hook}`);
      return new Promise((resolve) => ends.push(resolve));
    },
    0,
    unexpected,
  );
  lines.accept(step(undefined, DOWN));
  lines.take(step(DOWN, NO_CARRIER));
  await settle();
  assertEquals(log, ["eth0 up"]);
  lines.take(step(NO_CARRIER, WORKING));
  lines.take(step(WORKING, DOWN)); // there and back, while the hook runs
  lines.take(step(undefined, OTHER));
  await settle();
  assertEquals(log, ["eth0 up", "eth1 added"]);
  ends.shift()!();
  await settle();
  assertEquals(log, ["eth0 up", "eth1 added", "eth0 down"]);
  ends.splice(0).forEach((end) => end());
  await settle();
  assertEquals(log.slice(3), ["eth1 up"]);
  const closed = lines.close();
  ends.splice(0).forEach((end) => end());
  await closed;
  assertEquals(log.length, 4); // no more after close
});

Deno.test("hooks: with a delay, an interface that bounces is told when it is quiet", async () => {
  using time = new FakeTime();
  const log: string[] = [];
  const lines = new HookLines(
    (hook) => {
      log.push(hook);
      return Promise.resolve();
    },
    100,
    unexpected,
  );
  lines.accept(step(undefined, WORKING));
  for (let i = 0; i < 5; i++) {
    lines.take(step(WORKING, NO_CARRIER));
    lines.take(step(NO_CARRIER, WORKING));
  }
  await time.tickAsync(50);
  assertEquals(log, []);
  lines.take(step(WORKING, NO_CARRIER));
  const started = performance.now();
  while (log.length === 0 && performance.now() - started < 2000) await time.tickAsync(100);
  assertEquals(log, ["disconnected", "no-carrier"]);
});

Deno.test("hooks: close does not wait for a delay", async () => {
  const lines = new HookLines(() => Promise.resolve(), 3_600_000, unexpected);
  lines.take(step(undefined, WORKING));
  await lines.close();
});

Deno.test("hooks: a change that has no hook does not silence what comes after it", async () => {
  const log: string[] = [];
  const lines = new HookLines(
    (hook) => {
      log.push(hook);
      return Promise.resolve();
    },
    0,
    unexpected,
  );
  lines.accept(step(undefined, DOWN));
  lines.take(step(DOWN, NO_CARRIER));
  await settle();
  const resized = { ...NO_CARRIER, mtu: 1400 };
  lines.take(step(NO_CARRIER, resized));
  await settle();
  lines.take(step(resized, DOWN));
  await settle();
  assertEquals(log, ["up", "down"]);
  await lines.idle();
  await lines.close();
});

for (
  const [how, fail] of [
    ["rejects", () => Promise.reject(new Error("a hook failed"))],
    ["throws", (): Promise<void> => {
      throw new Error("a hook failed");
    }],
  ] as const
) {
  Deno.test(`hooks: a runner that ${how} is reported, and the next hooks are run`, async () => {
    const log: string[] = [];
    const failures: string[] = [];
    const lines = new HookLines(
      (hook) => {
        log.push(hook);
        return fail();
      },
      0,
      (hook, { status: { name } }, error) => failures.push(`${name} ${hook} ${error}`),
    );
    lines.take(step(undefined, NO_CARRIER));
    await lines.idle();
    assertEquals(log, ["added", "up", "disconnected", "no-carrier"]);
    lines.take(step(NO_CARRIER, DOWN));
    await lines.idle();
    await lines.close();
    assertEquals(log.slice(4), ["down"]);
    assertEquals(failures, log.map((hook) => `eth0 ${hook} Error: a hook failed`));
  });
}

Deno.test("hooks: idle waits for what was taken while it waits", async () => {
  const log: string[] = [];
  const lines = new HookLines(
    async (hook, { status: { name } }) => {
      await settle();
      log.push(`${name} ${hook}`);
      if (hook === "no-carrier") lines.take(step(DOWN, NO_CARRIER));
    },
    0,
    unexpected,
  );
  lines.accept(step(undefined, DOWN));
  lines.take(step(DOWN, { ...DOWN, mtu: 1400 }));
  lines.take(step(undefined, { ...NO_CARRIER, name: "eth1", index: 2 }));
  await lines.idle();
  assertEquals(log.filter((line) => line.startsWith("eth0")), ["eth0 up"]);
  assertEquals(log.filter((line) => line.startsWith("eth1")).length, 4);
});
