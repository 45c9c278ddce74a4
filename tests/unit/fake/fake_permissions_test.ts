/** A fake system needs no permission, and no call reaches the machine. */
import { assertEquals, assertThrows } from "@std/assert";
import {
  capabilities,
  get,
  inspect,
  list,
  NoSuchInterfaceError,
  setFlags,
  UnsupportedError,
  waitFor,
  watch,
} from "../../../mod.ts";
import { ioctlFlags, setLinkMode, setOperState, watchAccessPoints } from "../../../src/linux.ts";
import { PLATFORMS } from "../../../platforms/contract/platform.ts";
import { FakeSystem } from "../../../src/testing.ts";

for (const platform of PLATFORMS) {
  Deno.test({
    name: `fake ${platform}: every call is answered without a permission`,
    permissions: "none",
    fn: async () => {
      using system = new FakeSystem({ platform });
      const ready = waitFor("eth0", ["connected", "ipv4"], { timeout: 5000 });
      system.plug("eth0");
      system.up("eth0");
      system.addAddress("eth0", "10.0.0.1/24");
      assertEquals((await ready).name, "eth0");
      await using watcher = watch();
      system.unplug("eth0");
      assertEquals((await watcher.next()).value?.status.connected, false);
      assertEquals([inspect("eth0")?.causes.length, get("lo"), list().length], [1, undefined, 1]);
      assertEquals(setFlags("eth0", { up: false }).up, false);
      assertEquals(capabilities().platform, platform);
    },
  });
}

Deno.test({
  name: "fake linux: what Linux alone has is answered without a permission too",
  permissions: "none",
  fn: async () => {
    using system = new FakeSystem();
    await using watcher = watchAccessPoints();
    system.startAccessPoint("wlan0", "net");
    assertEquals((await watcher.next()).value?.ssid, "net");
    system.plug("eth0");
    system.up("eth0");
    system.set({ name: "eth0", altNames: ["wan"] });
    assertEquals([get("eth0")?.flags, ioctlFlags("eth0"), ioctlFlags("wan")], [0x11043, 0x1043, 0x1043]);
    assertThrows(() => ioctlFlags("eth9"), NoSuchInterfaceError, `"eth9"`);
    assertThrows(() => ioctlFlags("eth0", { netns: "blue" }), UnsupportedError, "a system in memory has one alone");
    assertEquals(setLinkMode("eth0", "dormant").linkMode, "dormant");
    assertEquals(setOperState("eth0", "dormant").running, false);
  },
});

Deno.test("fake netbsd: ioctlFlags does not ask the machine", () => {
  using system = new FakeSystem({ platform: "netbsd" });
  system.add("lo");
  assertThrows(() => ioctlFlags("lo"), UnsupportedError, "Cannot read ioctl flags on netbsd: get has the same word");
});
