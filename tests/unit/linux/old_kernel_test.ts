/** Access points of a kernel before 6.3, which tells no start of one: only the link's messages say that something was. */
import { assertEquals } from "@std/assert";
import { type AccessPointEvent, watchAccessPoints } from "../../../src/linux.ts";
import { FakeLinux } from "../../helpers/linux/kernel.ts";

const SENDING = { flags: 0x11043, operState: 6, carrier: true } as const;
const IFTYPE_AP = 3;

async function next(watcher: AsyncIterator<AccessPointEvent>): Promise<unknown> {
  const { value } = await watcher.next();
  return [value.type, value.ssid, value.previousSsid];
}

Deno.test("old kernel: an SSID that changed while the kernel merged the carrier's coming and going is told", async () => {
  using kernel = new FakeLinux();
  kernel.set("wlan0", { ...SENDING, changes: 1, wireless: { type: IFTYPE_AP, ssid: "one" } });
  await using watcher = watchAccessPoints();
  assertEquals(await next(watcher), ["started", "one", undefined]);
  kernel.set("wlan0", { ...SENDING, changes: 3, wireless: { type: IFTYPE_AP, ssid: "two" } });
  assertEquals(await next(watcher), ["changed", "two", "one"]);
});

Deno.test("old kernel: an SSID that changed is told with any message of the link", async () => {
  using kernel = new FakeLinux();
  kernel.set("wlan0", { ...SENDING, wireless: { type: IFTYPE_AP, ssid: "one" } });
  await using watcher = watchAccessPoints();
  assertEquals(await next(watcher), ["started", "one", undefined]);
  kernel.set("wlan0", { ...SENDING, mtu: 1400, wireless: { type: IFTYPE_AP, ssid: "two" } }); // any message of the link
  assertEquals(await next(watcher), ["changed", "two", "one"]);
});
