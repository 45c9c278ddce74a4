/** `settle`: a state is told when it has held, with what bounced meanwhile. */
import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { type InterfaceEvent, watch, type WatchOptions } from "../../../mod.ts";
import { FakeSystem } from "../../../src/testing.ts";

const UP = { flags: 0x11043, operState: "up", carrier: true } as const;
const DOWN = { flags: 0x1003, operState: "down", carrier: false } as const;

/** Everything that a watcher tells, as it does. */
function listen(options: WatchOptions): { readonly told: InterfaceEvent[]; close(): void } {
  const told: InterfaceEvent[] = [];
  const watcher = watch(options);
  void (async () => {
    for await (const event of watcher) told.push(event);
  })();
  return { told, close: () => watcher.close() };
}

Deno.test("settle: a carrier that bounced and is as before is told once, with its flaps and what changed", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", ...UP, carrierChanges: 2, carrierUps: 1, carrierDowns: 1 });
  const { told, close } = listen({ settle: 300 });
  let carrierChanges = 2;
  for (let i = 0; i < 4; i++) {
    system.set({ name: "eth0", ...DOWN, carrierChanges: ++carrierChanges, carrierDowns: 2 + i });
    await time.tickAsync(100);
    system.set({ name: "eth0", ...UP, carrierChanges: ++carrierChanges, carrierUps: 2 + i });
    await time.tickAsync(100);
  }
  assertEquals(told, []);
  await time.tickAsync(200);
  const [event, ...more] = told;
  assertEquals([event?.type, event?.hiddenFlaps, event?.previous?.connected, event?.status.connected, more.length], [
    "changed",
    8,
    true,
    true,
    0,
  ]);
  assertEquals(["connected", "carrier", "operState"].map((field) => event?.changed.includes(field as "carrier")), [
    true,
    true,
    true,
  ]);
  close();
});

Deno.test("settle: a carrier that stays away is told when it has been so long, with the flaps that the end does not show", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", ...UP, carrierChanges: 2 });
  const { told, close } = listen({ settle: 300 });
  system.set({ name: "eth0", ...DOWN, carrierChanges: 3 });
  await time.tickAsync(200);
  system.set({ name: "eth0", ...UP, carrierChanges: 4 });
  await time.tickAsync(200);
  system.set({ name: "eth0", ...DOWN, carrierChanges: 5 });
  await time.tickAsync(299);
  assertEquals(told, []);
  await time.tickAsync(1);
  assertEquals(told.map(({ status: { connected }, hiddenFlaps }) => [connected, hiddenFlaps]), [[false, 2]]);
  close();
});
