import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { FakeKernel } from "../bsd/kernel.ts";
import { btpand } from "../examples/btpand.ts";

Deno.test("btpand: on a NetBSD kernel it publishes addresses, notices what nobody announces, and ends with its tap", async () => {
  using time = new FakeTime();
  using kernel = new FakeKernel("netbsd");
  kernel.create("tap0");
  const lines: string[] = [];
  const daemon = btpand("tap0", (line) => lines.push(line));
  await time.tickAsync(1);
  kernel.up("tap0");
  await time.tickAsync(1);
  kernel.addAddress("tap0", { ip: [10, 0, 0, 1], prefixLength: 24 });
  await time.tickAsync(1);
  kernel.of("tap0").flags |= 0x1080;
  kernel.mediaOf.set("tap0", { active: 0x20, link: undefined });
  await time.tickAsync(1000);
  kernel.down("tap0");
  assertEquals(await daemon, "tap0 was marked down");
  assertEquals(lines, [
    "addresses: none",
    "UP is set",
    "RUNNING is set",
    "addresses: 10.0.0.1/24",
    "NOARP is set",
    "LINK0 is set",
    "medium 0x20, link ?",
  ]);
  assertEquals(kernel.sockets, 0);
});

Deno.test("btpand: a tap that is destroyed ends it too", async () => {
  using kernel = new FakeKernel("netbsd");
  kernel.create("tap0");
  const daemon = btpand("tap0", () => {});
  for (let i = 0; i < 10; i++) await Promise.resolve();
  kernel.destroy("tap0");
  assertEquals(await daemon, "tap0 is gone");
});
