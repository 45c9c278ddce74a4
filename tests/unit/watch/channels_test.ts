/** What is told of channels and of the links of multi-link devices, on a kernel in memory. */
import { assertEquals } from "@std/assert";
import { get, type InterfaceEvent, watch } from "../../../mod.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { u32Payload } from "../../../platforms/linux/wire/netlink.ts";
import { watchAccessPoints } from "../../../src/linux.ts";
import { FakeLinux, type FakeWirelessLink } from "../../helpers/linux/kernel.ts";
import { still } from "../../helpers/still.ts";

const STATION = 2;
const AP = 3;
const NL80211_CMD_CH_SWITCH_STARTED_NOTIFY = 110;
const WORKING = { flags: 0x11043, operState: 6, carrier: true } as const;

/** Everything that is told of a wireless interface, in words, since the last time. */
class Heard implements AsyncDisposable {
  readonly kernel: FakeLinux;
  readonly #links = watch();
  readonly #points = watchAccessPoints();
  #told: unknown[] = [];
  /** How often the kernel was asked about wireless interfaces. */
  asked = 0;

  constructor(kernel: FakeLinux) {
    this.kernel = kernel;
    kernel.onRequest = (what) => void (what.startsWith("wireless") && this.asked++);
    void (async () => {
      for await (const event of this.#links) this.#told.push([event.type, ...event.changed, ...channelsOf(event)]);
    })();
    void (async () => {
      for await (const { type, ssid, mloLinkId, previousFrequency, frequency } of this.#points) {
        this.#told.push([`ap ${type}`, ssid, ...(mloLinkId === undefined ? [] : [mloLinkId]), [
          previousFrequency,
          frequency,
        ]]);
      }
    })();
  }

  async told(): Promise<unknown[]> {
    for (let i = 0; i < 40; i++) await Promise.resolve();
    return this.#told.splice(0);
  }

  /** Says that an interface is on another channel, as the kernel does when it is there. */
  switched(frequency: number, mloLinkId?: number): void {
    const link = mloLinkId === undefined ? [] : [[N.NL80211_ATTR_MLO_LINK_ID, Uint8Array.of(mloLinkId)] as const];
    this.kernel.tellWireless(N.NL80211_CMD_CH_SWITCH_NOTIFY, "wlan0", [
      [N.NL80211_ATTR_WIPHY_FREQ, u32Payload(frequency)],
      ...link,
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#links.return(), this.#points.return()]);
  }
}

function channelsOf({ previous, status }: InterfaceEvent): unknown[] {
  return [previous?.wireless, status.wireless].map((one) =>
    one?.links?.map(({ mloLinkId, ssid, frequency }) => [mloLinkId, ssid, frequency]) ?? one?.frequency
  );
}

for (const [name, type] of [["a station", STATION], ["an access point", AP]] as const) {
  still(`channels: a switch of ${name} is told once, with the channel before`, async () => {
    using kernel = new FakeLinux();
    const on = (frequency: number) => kernel.setSilently("wlan0", { wireless: { type, ssid: "net", frequency } });
    kernel.set("wlan0", { ...WORKING, wireless: { type, ssid: "net", frequency: 2412 } });
    await using heard = new Heard(kernel);
    await heard.told();
    on(2437);
    heard.switched(2437);
    const ofPoint = type === AP ? [["ap changed", "net", [2412, 2437]]] : [];
    assertEquals(new Set(await heard.told()), new Set([["changed", "wireless", 2412, 2437], ...ofPoint]));
    heard.switched(2437); // said again
    kernel.set("wlan0", {}); // and by its link
    assertEquals(await heard.told(), []);
  });
}

still("channels: a switch that is announced, and not carried out, is told by nobody", async () => {
  using kernel = new FakeLinux();
  kernel.set("wlan0", { ...WORKING, wireless: { type: AP, ssid: "net", frequency: 2412 } });
  await using heard = new Heard(kernel);
  await heard.told();
  heard.asked = 0;
  const announced = [N.NL80211_ATTR_WIPHY_FREQ, u32Payload(2437)] as const;
  kernel.tellWireless(NL80211_CMD_CH_SWITCH_STARTED_NOTIFY, "wlan0", [announced]);
  assertEquals([await heard.told(), heard.asked], [[], 0]);
  heard.switched(2412); // it stays where it is
  assertEquals(await heard.told(), []);
});

still("channels: a switch back at once is told to who watches access points, each way", async () => {
  using kernel = new FakeLinux();
  kernel.set("wlan0", { ...WORKING, wireless: { type: AP, ssid: "net", frequency: 2412 } });
  await using heard = new Heard(kernel);
  await heard.told();
  heard.switched(2437);
  heard.switched(2412);
  assertEquals(await heard.told(), [["ap changed", "net", [2412, 2437]], ["ap changed", "net", [2437, 2412]]]);
});

still(
  "channels: a link of a multi-link access point that switches, goes or comes is told once, by its id",
  async () => {
    using kernel = new FakeLinux();
    const on = (ssid: string | undefined, ...links: FakeWirelessLink[]) =>
      kernel.setSilently("wlan0", { wireless: { type: AP, ...(ssid === undefined ? {} : { ssid }), links } });
    kernel.set("wlan0", WORKING);
    on("mld", { id: 0, frequency: 2412 }, { id: 1, frequency: 5180 });
    await using heard = new Heard(kernel);
    assertEquals(await heard.told(), [
      ["ap started", "mld", 0, [undefined, 2412]],
      ["ap started", "mld", 1, [undefined, 5180]],
    ]);
    assertEquals(get("wlan0")?.wireless?.frequency, undefined);
    const links = [[0, "mld", 2412], [1, "mld", 5200]];
    on("mld", { id: 0, frequency: 2412 }, { id: 1, frequency: 5200 });
    heard.switched(5200, 1);
    assertEquals(
      new Set(await heard.told()),
      new Set([
        ["changed", "wireless", [[0, "mld", 2412], [1, "mld", 5180]], links],
        ["ap changed", "mld", 1, [5180, 5200]],
      ]),
    );
    // The kernel names no network once a link was stopped, and that link has no channel.
    on(undefined, { id: 0 }, { id: 1, frequency: 5200 });
    kernel.tellWireless(N.NL80211_CMD_STOP_AP, "wlan0", [[N.NL80211_ATTR_MLO_LINK_ID, Uint8Array.of(0)]]);
    const left = [[0, undefined, undefined], [1, undefined, 5200]];
    assertEquals(
      new Set(await heard.told()),
      new Set([["changed", "wireless", links, left], ["ap stopped", "mld", 0, [2412, 2412]]]),
    );
    on(undefined, { id: 1, frequency: 5200 }); // removed
    kernel.tellWireless(N.NL80211_CMD_STOP_AP, "wlan0", [[N.NL80211_ATTR_MLO_LINK_ID, Uint8Array.of(0)]]);
    assertEquals(await heard.told(), [["changed", "wireless", left, [[1, undefined, 5200]]]]);
    kernel.set("wlan0", { mtu: 1400 });
    assertEquals(await heard.told(), [["changed", "mtu", [[1, undefined, 5200]], [[1, undefined, 5200]]]]);
  },
);

still("channels: a link has its own network, else the device's, and one without any has its channel", async () => {
  using kernel = new FakeLinux();
  const links: FakeWirelessLink[] = [{ id: 0, frequency: 2412 }, { id: 3, frequency: 5180, ssid: "own" }];
  kernel.set("wlan0", { ...WORKING, wireless: { type: STATION, ssid: "net", links } });
  await using heard = new Heard(kernel);
  await heard.told();
  const seen = () =>
    get("wlan0")?.wireless?.links?.map(({ mloLinkId, ssid, frequency }) => [mloLinkId, ssid, frequency]);
  assertEquals(seen(), [[0, "net", 2412], [3, "own", 5180]]);
  kernel.setSilently("wlan0", { wireless: { type: STATION, links } });
  kernel.tellWireless(N.NL80211_CMD_DISCONNECT, "wlan0");
  const before = [[0, "net", 2412], [3, "own", 5180]];
  const after = [[0, undefined, 2412], [3, "own", 5180]];
  assertEquals(await heard.told(), [["changed", "wireless", before, after]]);
  assertEquals(seen(), after);
});
