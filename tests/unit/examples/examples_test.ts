/** The examples that wait for times, on a system in memory and with a clock that is set. */
import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { get } from "../../../mod.ts";
import { FakeSystem } from "../../../src/testing.ts";
import { dhcpClient } from "../../examples/dhcp_client.ts";
import { ifplugd } from "../../examples/ifplugd.ts";

const UP = { flags: 0x11043, operState: "up", carrier: true } as const;
const DOWN = { flags: 0x1003, operState: "down", carrier: false } as const;

Deno.test("example dhcp_client: a lease is of one interface, and a link that came back quickly is confirmed", async () => {
  using time = new FakeTime();
  using system = new FakeSystem();
  const lines: string[] = [];
  const end = new AbortController();
  const tell = (what: string) => () => void lines.push(what);
  const client = { discover: tell("discover"), confirm: tell("confirm"), pause: tell("pause") };
  const running = dhcpClient("eth0", client, end.signal);
  /** What it does within a second. */
  const does = async (): Promise<string[]> => {
    await time.tickAsync(1000);
    return lines.splice(0);
  };
  system.set({ name: "eth0", ...DOWN, carrierChanges: 0 });
  assertEquals(await does(), []);
  system.set({ name: "eth0", ...UP, carrierChanges: 1 });
  await time.tickAsync(200);
  assertEquals(lines, []); // not yet at rest
  assertEquals(await does(), ["discover"]);
  system.set({ name: "eth0", mtu: 1400 });
  assertEquals(await does(), []);
  system.set({ name: "eth0", ...DOWN, carrierChanges: 2 });
  await time.tickAsync(100);
  system.set({ name: "eth0", ...UP, carrierChanges: 3 });
  assertEquals(await does(), ["confirm"]); // seen, and merged
  system.set({ name: "eth0", carrierChanges: 5 });
  assertEquals(await does(), ["confirm"]); // merged by the kernel
  system.set({ name: "eth0", ...DOWN, carrierChanges: 6 });
  assertEquals(await does(), ["pause"]);
  system.set({ name: "eth0", ...UP, carrierChanges: 7 });
  assertEquals(await does(), ["confirm"]);
  system.remove("eth0");
  assertEquals(await does(), ["pause"]);
  system.set({ name: "eth0", ...UP });
  assertEquals(await does(), ["discover"]);
  end.abort();
  await running;
  assertEquals(system.subscriptions, 0);
});

Deno.test("example ifplugd: it sets its card up, lets a short absence pass, and runs one program at a time", async () => {
  using time = new FakeTime();
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: 0x1002 });
  const lines: string[] = [];
  let finish = (): void => {};
  const end = new AbortController();
  const act = (what: string): Promise<void> => {
    lines.push(what);
    return new Promise((resolve) => finish = resolve);
  };
  const running = ifplugd("eth0", act, end.signal);
  await time.tickAsync(1);
  assertEquals([get("eth0")?.up, lines], [true, []]);
  system.set({ name: "eth0", ...UP });
  await time.tickAsync(1);
  assertEquals(lines, ["up"]);
  finish();
  system.set({ name: "eth0", ...DOWN });
  await time.tickAsync(4000);
  system.set({ name: "eth0", mtu: 1400 }); // the five seconds go on
  await time.tickAsync(500);
  system.set({ name: "eth0", ...UP });
  await time.tickAsync(10_000);
  assertEquals(lines, ["up"]);
  system.set({ name: "eth0", ...DOWN });
  await time.tickAsync(4000);
  system.set({ name: "eth0", mtu: 1500 });
  await time.tickAsync(1500);
  assertEquals(lines, ["up", "down"]);
  system.set({ name: "eth0", ...UP });
  await time.tickAsync(1);
  assertEquals(lines, ["up", "down"]); // "down" has not ended
  finish();
  await time.tickAsync(1);
  assertEquals(lines, ["up", "down", "up"]);
  finish();
  system.remove("eth0");
  system.set({ name: "eth0", ...UP }); // another card, at once
  await time.tickAsync(1);
  assertEquals(lines, ["up", "down", "up", "down"]);
  finish();
  await time.tickAsync(1);
  assertEquals(lines, ["up", "down", "up", "down", "up"]);
  finish();
  end.abort();
  await time.tickAsync(1);
  assertEquals(lines, ["up", "down", "up", "down", "up", "down"]);
  finish();
  await running;
  assertEquals(system.subscriptions, 0);
});
