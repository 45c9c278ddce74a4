/** Channels and links as a kernel with simulated radios tells them, compared with what iw says. */
import { assert, assertEquals } from "@std/assert";
import { get, type InterfaceEvent, list, waitFor, watch, type WirelessState } from "../../mod.ts";
import { type AccessPointEvent, watchAccessPoints } from "../../src/linux.ts";
import { runHere } from "../helpers/cli/in_process.ts";
import { eventually, liveTest, run } from "../helpers/live/system.ts";
import { exists, hostapd, LAB, MultiLinkAccessPoint, Told } from "../helpers/lab/radio.ts";

const WIRELESS = LAB && ["hostapd", "hostapd_cli", "iw", "wpa_supplicant"].every(exists);
if (LAB && !WIRELESS) console.error("SKIPPED: no hostapd, iw or wpa_supplicant, so no channels");

const [MAJOR, MINOR] = Deno.osRelease().split(".").map(Number);
/** Whether the kernel tells that a link starts, and its radios have several. */
const MULTI_LINK = MAJOR! > 6 || (MAJOR === 6 && MINOR! >= 3);
if (WIRELESS && !MULTI_LINK) console.error("SKIPPED: before 6.3 no start of a link is told, so no links of Wi-Fi 7");

const points = (events: readonly AccessPointEvent[]) =>
  events.map(({ type, mloLinkId, previousFrequency, frequency }) => [type, mloLinkId, previousFrequency, frequency]);

/** The channel of an interface as iw says it: with the interface, or with its connection. */
function channelByIw(name: string): number | undefined {
  const said = /channel \d+ \((\d+) MHz\)/.exec(run("iw", "dev", name, "info"))?.[1] ??
    /freq: (\d+)/.exec(run("iw", "dev", name, "link"))?.[1];
  return said === undefined ? undefined : Number(said);
}

/** The channel of one interface after each change of its network or channel that a watcher told. */
function channelsTold(events: readonly InterfaceEvent[], name: string): (number | undefined)[] {
  return events.filter(({ status, changed }) => status.name === name && changed.includes("wireless"))
    .map(({ status }) => status.wireless?.frequency);
}

liveTest(
  "lab: a channel switch is told of the access point and of its station, and one that is called off is not",
  async () => {
    run("modprobe", "mac80211_hwsim", "radios=3", "mlo=1"); // the third for the test after this one
    await waitFor("wlan2", "present", { timeout: 5000 });
    const folder = await Deno.makeTempDir();
    const host = await hostapd("wlan0", "foo", `ctrl_interface=${folder}`);
    const config = await Deno.makeTempFile();
    await Deno.writeTextFile(config, 'network={\n ssid="foo"\n key_mgmt=NONE\n}\n');
    const station = new Deno.Command("wpa_supplicant", {
      args: ["-i", "wlan1", "-D", "nl80211", "-c", config],
      stdout: "null",
      stderr: "null",
    }).spawn();
    const chanSwitch = (beacons: number, frequency: number): void => {
      const answer = run("hostapd_cli", "-p", folder, "-i", "wlan0", "chan_switch", `${beacons}`, `${frequency}`);
      assertEquals(answer, "OK\n");
    };
    try {
      await waitFor("wlan1", "connected", { timeout: 30_000 });
      await eventually(() => assertEquals(get("wlan1")?.wireless?.ssid, "foo"));
      await using told = new Told<InterfaceEvent>(watch());
      await using access = new Told(watchAccessPoints());
      await eventually(() => assertEquals(points(access.events), [["started", undefined, undefined, 2412]]));
      chanSwitch(5, 2437);
      await eventually(() => {
        assertEquals([channelsTold(told.events, "wlan0"), channelsTold(told.events, "wlan1")], [[2437], [2437]]);
        assertEquals(points(access.events).slice(1), [["changed", undefined, 2412, 2437]]);
      }, 10_000);
      for (const name of ["wlan0", "wlan1"]) {
        assertEquals([get(name)?.wireless?.frequency, channelByIw(name)], [2437, 2437], name);
      }
      // One is announced for so long that the access point stops first.
      chanSwitch(200, 2462);
      run("iw", "dev", "wlan0", "ap", "stop");
      await eventually(
        () => assertEquals(points(access.events).slice(2), [["stopped", undefined, 2437, 2437]]),
        10_000,
      );
      assertEquals(told.events.filter(({ status }) => status.wireless?.frequency === 2462), []);
      assertEquals(channelByIw("wlan0"), get("wlan0")?.wireless?.frequency);
    } finally {
      station.kill("SIGTERM");
      host.kill("SIGTERM");
      await Promise.all([station.status, host.status]);
    }
  },
  WIRELESS,
);

/** The links of an interface: id, SSID, frequency and address. */
const linksOf = (wireless: WirelessState | undefined) =>
  wireless?.links?.map(({ mloLinkId, ssid, frequency, hardwareAddress }) => [
    mloLinkId,
    ssid,
    frequency,
    hardwareAddress,
  ]);

liveTest("lab: the links of a Wi-Fi 7 access point, as they start, switch, stop and go", async () => {
  run("ip", "link", "set", "wlan2", "down");
  run("iw", "dev", "wlan2", "set", "type", "__ap");
  run("ip", "link", "set", "wlan2", "up");
  using radio = new MultiLinkAccessPoint(get("wlan2")!.index);
  await using told = new Told(watchAccessPoints());
  await using links = new Told<InterfaceEvent>(watch({ names: ["wlan2"], poll: 500 })); // that a link was stopped is not announced
  let seen = 0;
  const next = (...expected: unknown[][]) =>
    eventually(() => assertEquals(points(told.events.slice(seen)), expected), 8000).then(() => seen += expected.length);
  const state = () => linksOf(get("wlan2")?.wireless);
  radio.start(0, 2412, "mld");
  await next(["started", 0, undefined, 2412]);
  radio.start(1, 2437, "mld");
  await next(["started", 1, undefined, 2437]);
  const both = [[0, "mld", 2412, "02:00:00:00:09:00"], [1, "mld", 2437, "02:00:00:00:09:01"]];
  assertEquals(state(), both);
  assertEquals(linksOf(list().find(({ name }) => name === "wlan2")?.wireless), both);
  await eventually(() => assertEquals(linksOf(links.events.at(-1)?.status.wireless), both));
  {
    await using late = new Told(watchAccessPoints());
    await eventually(() =>
      assertEquals(points(late.events), [["started", 0, undefined, 2412], ["started", 1, undefined, 2437]])
    );
  }
  const shown = (await runHere(["show", "wlan2"])).stdout;
  assert(/links +0: 2412 MHz, 02:00:00:00:09:00\n +1: 2437 MHz, 02:00:00:00:09:01\n/.test(shown), shown);
  radio.switch(1, 2462, 11);
  await next(["changed", 1, 2437, 2462]);
  assertEquals(state()?.[1], [1, "mld", 2462, "02:00:00:00:09:01"]);
  radio.stop(0);
  await next(["stopped", 0, 2412, 2412]);
  assertEquals(state(), [[0, undefined, undefined, "02:00:00:00:09:00"], [1, undefined, 2462, "02:00:00:00:09:01"]]);
  radio.remove(0);
  assertEquals(state(), [[1, undefined, 2462, "02:00:00:00:09:01"]]);
  run("ip", "link", "set", "wlan2", "down");
  await next(["stopped", 1, 2462, 2462]);
}, WIRELESS && MULTI_LINK);
