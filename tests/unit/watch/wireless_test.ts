import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { capabilities, get, type InterfaceEvent, type InterfaceWatcher, list, watch } from "../../../mod.ts";
import { watchAccessPoints } from "../../../src/linux.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { EMFILE, EPERM, FakeLinux } from "../../helpers/linux/kernel.ts";
import { still } from "../../helpers/still.ts";

const IFTYPE = { station: 2, ap: 3, monitor: 6 } as const;
const ARPHRD_IEEE80211_RADIOTAP = 803;
const WORKING = { flags: 0x11043, operState: 6, carrier: true } as const;

async function next(watcher: InterfaceWatcher): Promise<InterfaceEvent> {
  const { done, value } = await watcher.next();
  assert(!done);
  return value;
}

/** Lets everything that was sent be read. */
async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}

still("wireless: a monitor interface has its type, and no network of the time when it was a station", async () => {
  using kernel = new FakeLinux();
  kernel.set("wlan0", { wireless: { type: IFTYPE.station, ssid: "net" } });
  await using watcher = watch();
  kernel.set("wlan0", { type: ARPHRD_IEEE80211_RADIOTAP, wireless: { type: IFTYPE.monitor } });
  const { status: card } = await next(watcher);
  assertEquals([card.type, card.wireless?.type, card.wireless?.ssid], ["ieee802.11/radiotap", "monitor", undefined]);
  assertEquals([get("wlan0")?.wireless?.type, list()[0]?.wireless?.type], ["monitor", "monitor"]);
});

still(
  "wireless: where generic netlink is refused, list, get and watch go on without it, and capabilities say so",
  async () => {
    using kernel = new FakeLinux();
    kernel.set("eth0", { wireless: { type: IFTYPE.station } });
    kernel.refused.set(N.NETLINK_GENERIC, EPERM);
    assertEquals(capabilities().accessPoints, false);
    assertEquals([list()[0]?.name, get("eth0")?.name, get("eth0")?.wireless], ["eth0", "eth0", undefined]);
    await using watcher = watch({ initial: true });
    assertEquals((await next(watcher)).status.name, "eth0");
    kernel.set("eth0", WORKING);
    assertEquals((await next(watcher)).status.connected, true);
    kernel.set("eth1");
    assertEquals((await next(watcher)).type, "added");
  },
);

Deno.test("wireless: a list that the kernel says changed while it was dumped is asked for again", () => {
  using kernel = new FakeLinux();
  kernel.set("wlan0", { wireless: { type: IFTYPE.station } });
  kernel.interrupted = 2;
  assertEquals(list()[0]?.wireless?.type, "station");
});

still("wireless: an access point that starts while everything is asked again keeps its place in ssids", async () => {
  using kernel = new FakeLinux();
  kernel.set("wlan0", { ...WORKING, changes: 1, wireless: { type: IFTYPE.ap, ssid: "old" } });
  await using first = watch();
  kernel.onRequest = (what) => {
    if (what !== "links") return;
    kernel.onRequest = undefined;
    kernel.startAccessPoint("wlan0", "new");
  };
  await using _second = watch(); // asks for everything
  await settle();
  kernel.set("wlan0", { changes: 3 });
  let event = await next(first);
  while (!event.changed.includes("carrierChanges")) event = await next(first);
  assertEquals([event.hiddenFlaps, event.ssids], [2, ["new"]]);
});

still("wireless: nl80211 that goes away in the middle of its messages is left alone", async () => {
  using kernel = new FakeLinux();
  kernel.set("wlan0", { wireless: { type: IFTYPE.ap, ssid: "a" } });
  await using watcher = watch();
  kernel.startAccessPoint("wlan0", "b");
  kernel.startAccessPoint("wlan0", "c");
  kernel.hasWireless = false;
  await settle();
  assertEquals(kernel.strayCalls, []);
  kernel.set("wlan0", { mtu: 1400 });
  let event = await next(watcher);
  while (!event.changed.includes("mtu")) event = await next(watcher);
  assertEquals(event.status.mtu, 1400);
});

still("access points: one that starts while they are listed is started once, and not stopped", async () => {
  using kernel = new FakeLinux();
  kernel.set("wlan0", { ...WORKING, wireless: { type: IFTYPE.ap } });
  let lists = 0;
  kernel.onRequest = (what) => {
    if (what !== "wireless list" || ++lists < 2) return; // the first one is for the links
    kernel.onRequest = undefined;
    // The kernel has made its list already: what starts now is told by a message only.
    kernel.startAccessPoint("wlan0", "new");
    kernel.setSilently("wlan0", { wireless: { type: IFTYPE.ap } });
    kernel.afterAnswer = () => kernel.setSilently("wlan0", { wireless: { type: IFTYPE.ap, ssid: "new" } });
  };
  await using watcher = watchAccessPoints();
  await settle();
  const told: string[] = [];
  void (async () => {
    for await (const { type, ssid } of watcher) told.push(`${type} ${ssid}`);
  })();
  await settle();
  assertEquals(told, ["started new"]);
});

still(
  "access points: the end of a multi-link one is told once, also where its change came without a link",
  async () => {
    using kernel = new FakeLinux();
    kernel.set("wlan0", { ...WORKING, wireless: { type: IFTYPE.ap } });
    await using watcher = watchAccessPoints();
    const told: string[] = [];
    void (async () => {
      for await (const { type, ssid } of watcher) told.push(`${type} ${ssid}`);
    })();
    kernel.startAccessPoint("wlan0", "one", 0);
    await settle();
    kernel.setSilently("wlan0", { wireless: { type: IFTYPE.ap, ssid: "two" } });
    kernel.overflow(N.NETLINK_GENERIC);
    await settle();
    kernel.setSilently("wlan0", { wireless: { type: IFTYPE.ap } });
    kernel.tellWireless(N.NL80211_CMD_STOP_AP, "wlan0");
    await settle();
    assertEquals(told, ["started one", "changed two", "stopped two"]);
  },
);

Deno.test("wireless: a network that cannot be asked for the moment is not gone", async () => {
  using time = new FakeTime();
  using kernel = new FakeLinux();
  kernel.set("wlan0", { ...WORKING, wireless: { type: IFTYPE.station, ssid: "net" } });
  await using watcher = watch({ poll: 1000 });
  kernel.refused.set(N.NETLINK_GENERIC, EMFILE);
  kernel.setSilently("wlan0", { mtu: 1400 });
  await time.tickAsync(1000);
  kernel.refused.clear();
  const event = next(watcher);
  await time.tickAsync(1000);
  const { changed, status: card } = await event;
  assertEquals([changed, card.wireless?.ssid], [["mtu"], "net"]);
});

still("wireless: a driver that is loaded again, and nl80211 with it, is listened to again", async () => {
  using kernel = new FakeLinux();
  kernel.set("wlan0", { ...WORKING, changes: 1, wireless: { type: IFTYPE.ap, ssid: "old" } });
  await using watcher = watch();
  await using accessPoints = watchAccessPoints();
  const told: string[] = [];
  void (async () => {
    for await (const { type, ssid } of accessPoints) told.push(`${type} ${ssid}`);
  })();
  await settle();
  kernel.reloadWireless();
  kernel.startAccessPoint("wlan0", "unheard");
  kernel.set("wlan0", { changes: 3 }); // the link tells that something happened
  await settle();
  kernel.startAccessPoint("wlan0", "new");
  await settle();
  assertEquals(told, ["started old", "stopped old", "started unheard", "started new"]);
  kernel.set("wlan0", { changes: 5 });
  let event = await next(watcher);
  while (event.status.carrierChanges !== 5) event = await next(watcher);
  assertEquals([event.status.wireless?.ssid, event.ssids], ["new", ["new"]]);
  assertEquals(kernel.strayCalls, []);
});

Deno.test("wireless: asking for networks makes no kernel load a module that it does without", async () => {
  using kernel = new FakeLinux();
  kernel.hasWireless = false;
  kernel.set("eth0", WORKING);
  await using watcher = watch();
  kernel.set("eth0", { mtu: 1400 });
  await next(watcher);
  assertEquals([list()[0]?.wireless, get("eth0")?.wireless, kernel.modprobes], [undefined, undefined, 0]);
});

Deno.test("wireless: a refusal for good is remembered, and one that passes is tried again", async () => {
  for (const [errno, tries] of [[EPERM, 1], [EMFILE, 3]] as const) {
    using kernel = new FakeLinux();
    kernel.set("wlan0", { ...WORKING, wireless: { type: IFTYPE.station, ssid: "net" } });
    kernel.refused.set(N.NETLINK_GENERIC, errno);
    list();
    get("wlan0");
    assertEquals(list()[0]?.wireless, undefined);
    assertEquals(kernel.socketCalls.get(N.NETLINK_GENERIC), tries);
    kernel.refused.clear();
    assertEquals(list()[0]?.wireless?.ssid, errno === EPERM ? undefined : "net");
    await settle();
  }
});

Deno.test("access points: the late end of an interface is not that of the one that has its index now", async () => {
  using kernel = new FakeLinux();
  kernel.manual = true;
  kernel.set("wlan0", { ...WORKING, index: 3, wireless: { type: IFTYPE.ap, ssid: "old" } });
  await using watcher = watchAccessPoints();
  const told: string[] = [];
  void (async () => {
    for await (const { type, ssid } of watcher) told.push(`${type} ${ssid}`);
  })();
  kernel.remove("wlan0");
  kernel.set("wlan1", { ...WORKING, index: 3, wireless: { type: IFTYPE.ap } });
  kernel.startAccessPoint("wlan1", "new");
  for (const protocol of [N.NETLINK_GENERIC, N.NETLINK_ROUTE]) { // the start is heard first
    for (const socket of kernel.readable.filter((one) => one.protocol === protocol)) kernel.wake(socket);
    await settle();
  }
  assertEquals(told, ["started old", "started new"]);
});
