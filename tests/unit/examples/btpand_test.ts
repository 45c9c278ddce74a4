/** A daemon that watches a tap, on the fake system that its author would test it on too. */
import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { FakeSystem } from "../../../src/testing.ts";
import { btpand } from "../../examples/btpand.ts";
import { ADDRESS } from "../../helpers/made_up.ts";

Deno.test("btpand: on NetBSD it publishes addresses, notices what nobody announces, and ends with its tap", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ platform: "netbsd" });
  system.set({ name: "tap0" });
  const lines: string[] = [];
  const daemon = btpand("tap0", (line) => lines.push(line));
  await time.tickAsync(1);
  system.set({ name: "tap0", flags: 0x8843 }); // UP, RUNNING
  await time.tickAsync(1);
  system.set({ name: "tap0", addresses: [ADDRESS] });
  await time.tickAsync(1);
  system.set({ name: "tap0", media: { active: 0x20, link: undefined } }); // no message
  await time.tickAsync(1);
  assertEquals(lines.length, 6);
  await time.tickAsync(1000);
  system.set({ name: "tap0", flags: 0x98c3 }); // NOARP, LINK0
  await time.tickAsync(1);
  system.set({ name: "tap0", flags: 0x9882 });
  assertEquals(await daemon, "tap0 was marked down");
  assertEquals(lines, [
    "BROADCAST is set",
    "SIMPLEX is set",
    "MULTICAST is set",
    "UP is set",
    "RUNNING is set",
    "addresses: 10.0.0.1/24",
    "medium autoselect, link ?",
    "NOARP is set",
    "LINK0 is set",
  ]);
  assertEquals(system.subscriptions, 0);
});

Deno.test("btpand: a tap that is destroyed ends it too", async () => {
  using system = new FakeSystem({ platform: "netbsd" });
  system.set({ name: "tap0" });
  const daemon = btpand("tap0", () => {});
  for (let i = 0; i < 10; i++) await Promise.resolve();
  system.remove("tap0");
  assertEquals(await daemon, "tap0 is gone");
});
