/** Operating mode and network of wireless interfaces, by each system's medium and request. Not verified on hardware. */
import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { get, type InterfaceEvent, type InterfaceWatcher, watch } from "../../../../mod.ts";
import { decodeRoute } from "../../../../src/bsd.ts";
import { SYSTEMS } from "../../../../platforms/bsd/systems/systems.ts";
import { BORN } from "../../../helpers/bsd/kernel.ts";
import { EIO, EPERM, FakeLibc } from "../../../helpers/bsd/libc.ts";

const PLATFORMS = ["netbsd", "freebsd", "openbsd", "dragonfly"] as const;
const UP_RUNNING = BORN | 0x41;
const NAME = new TextEncoder().encode("a network");

/** The media of a station, with a rate of its own, by each system's if_media.h. */
const STATION = { netbsd: 0x20080, freebsd: 0x20080, openbsd: 0x100000400, dragonfly: 0x20080 } as const;
/** What a host access point, an ad-hoc interface and a monitor have beside that. */
const MODES = {
  netbsd: { ap: 0x200, adhoc: 0x100, monitor: 0x400 },
  freebsd: { ap: 0x200, adhoc: 0x100, monitor: 0x2000 },
  openbsd: { ap: 0x20000, adhoc: 0x10000, monitor: 0x100000 },
  dragonfly: { ap: 0x200, adhoc: 0x100, monitor: 0x2000 },
} as const;

async function next(watcher: InterfaceWatcher): Promise<InterfaceEvent> {
  const { done, value } = await watcher.next();
  assert(!done);
  return value;
}

for (const platform of PLATFORMS) {
  const station = STATION[platform] % 2 ** 32;

  Deno.test(`bsd wireless ${platform}: a station has its network while it has a link, and each mode its name`, () => {
    using libc = new FakeLibc(platform);
    const { kernel } = libc;
    kernel.create("wlan0", { flags: UP_RUNNING });
    kernel.create("em0");
    kernel.mediaOf.set("em0", { active: platform === "openbsd" ? 0x100 : 0x20, link: true });
    kernel.mediaOf.set("wlan0", { active: station, link: true });
    kernel.networkOf.set("wlan0", NAME);
    assertEquals([get("wlan0")?.wireless, get("em0")?.wireless], [
      { type: "station", ssid: "a network", ssidHex: "61206e6574776f726b", frequency: undefined },
      undefined,
    ]);
    kernel.mediaOf.set("wlan0", { active: station, link: false }); // what it looks for is no network that it has
    assertEquals(get("wlan0")?.wireless?.ssid, undefined);
    for (const [type, option] of Object.entries(MODES[platform])) {
      kernel.mediaOf.set("wlan0", { active: station | option, link: true });
      assertEquals(get("wlan0")?.wireless?.type, type);
    }
    kernel.networkOf.set("wlan0", new Uint8Array(32).fill(0xff));
    assertEquals(get("wlan0")?.wireless?.ssidHex, "ff".repeat(32));
    kernel.networkOf.set("wlan0", new Uint8Array(0));
    assertEquals(get("wlan0")?.wireless?.ssid, undefined);
    kernel.networkOf.delete("wlan0"); // a driver that knows no such request
    assertEquals(get("wlan0")?.wireless?.type, "monitor");
  });

  Deno.test(`bsd wireless ${platform}: an association, and a message of its own, are told with the network`, async () => {
    using _ = new FakeTime(); // so that no comparison finds it
    using libc = new FakeLibc(platform, { detectsOverflow: true });
    const { kernel } = libc;
    kernel.create("wlan0", { flags: UP_RUNNING, linkState: platform === "openbsd" ? 2 : 1 });
    kernel.mediaOf.set("wlan0", { active: station, link: false });
    await using watcher = watch({ poll: 0 });
    kernel.networkOf.set("wlan0", NAME);
    kernel.mediaOf.set("wlan0", { active: station, link: true });
    kernel.link("wlan0", platform === "openbsd" ? 4 : 2);
    const joined = await next(watcher);
    assertEquals([joined.status.wireless?.ssid, joined.status.connected], ["a network", true]);
    kernel.networkOf.set("wlan0", new TextEncoder().encode("another"));
    kernel.tellWireless("wlan0");
    const roamed = await next(watcher);
    assertEquals([roamed.changed, roamed.status.wireless?.ssid], [["wireless"], "another"]);
  });

  Deno.test(`bsd wireless ${platform}: a network that cannot be had for a moment is not gone`, async () => {
    for (const errno of [EIO, EPERM]) {
      using time = new FakeTime();
      using libc = new FakeLibc(platform, { detectsOverflow: true });
      const { kernel } = libc;
      kernel.create("wlan0", { flags: UP_RUNNING });
      kernel.mediaOf.set("wlan0", { active: station, link: true });
      kernel.networkOf.set("wlan0", NAME);
      await using watcher = watch({ poll: 0 });
      libc.networkFails = errno;
      kernel.down("wlan0");
      assertEquals((await next(watcher)).status.wireless?.ssid, "a network");
      libc.networkFails = undefined;
      kernel.networkOf.set("wlan0", new TextEncoder().encode("another"));
      await time.tickAsync(1000);
      assertEquals((await next(watcher)).status.wireless?.ssid, "another");
    }
  });

  Deno.test(`bsd wireless ${platform}: the message that tells of it decodes to its name and index`, () => {
    using libc = new FakeLibc(platform);
    const name = platform === "openbsd" ? "RTM_80211INFO" : "RTM_IEEE80211";
    assertEquals(decodeRoute(libc.kernel.build.wireless(7), platform), [{ message: name, index: 7 }]);
    const types = SYSTEMS[platform].layouts[0]!.messages;
    assert(Object.values(types).some((message) => message.name === name));
  });
}
