import { assert, assertEquals } from "@std/assert";
import { capabilities, get, type InterfaceEvent, list, waitFor, watch } from "../../mod.ts";
import { type AccessPointEvent, watchAccessPoints } from "../../src/linux.ts";
import { Random } from "../helpers/random.ts";
import { eventually, liveTest, otherNamespace, run, sleep } from "../helpers/live/system.ts";
import { exists, hostapd, LAB, Told } from "../helpers/lab/radio.ts";

const WIRELESS = LAB && exists("hostapd") && exists("iw");
if (LAB && !WIRELESS) console.error("SKIPPED: no hostapd or no iw, so no access points");

const [MAJOR, MINOR] = Deno.osRelease().split(".").map(Number);
/** Whether the kernel tells that an access point starts (NL80211_CMD_START_AP). */
const STARTS_TOLD = MAJOR! > 6 || (MAJOR === 6 && MINOR! >= 3);
if (WIRELESS && !STARTS_TOLD) {
  console.error("SKIPPED: before 6.3 no start is told, so of two within a second one is seen");
}

/** Blocks and unblocks every radio. */
function rfkill(blocked: boolean): void {
  for (const { name } of Deno.readDirSync("/sys/class/rfkill")) {
    Deno.writeTextFileSync(`/sys/class/rfkill/${name}/soft`, blocked ? "1" : "0");
  }
}

const BEACON_HEAD = "80000000ffffffffffff0200000000000200000000000000000000000000000064000104";
const start = (ssid: string): string =>
  run("iw", "dev", "wlan0", "ap", "start", ssid, "2412", "100", "2", "head", BEACON_HEAD);
const stop = (): string => run("iw", "dev", "wlan0", "ap", "stop");
const words = (events: readonly AccessPointEvent[]): string[] => events.map(({ type, ssid }) => `${type} ${ssid}`);

liveTest("lab: access points are told with their SSID, however they start and end", async () => {
  run("modprobe", "mac80211_hwsim", "radios=2");
  await waitFor("wlan1", "present", { timeout: 5000 });
  assertEquals(capabilities().accessPoints, true);
  await using told = new Told(watchAccessPoints());
  const seen = (list: string[]) => eventually(() => assertEquals(words(told.events), list), 8000);

  const first = await hostapd("wlan0", "foo");
  await seen(["started foo"]);
  assertEquals([told.events[0]!.name, told.events[0]!.frequency, told.events[0]!.initial], ["wlan0", 2412, false]);
  {
    await using late = new Told(watchAccessPoints());
    await eventually(() => assertEquals(words(late.events), ["started foo"]));
    assertEquals(late.events[0]!.initial, true);
  }
  first.kill("SIGKILL"); // no message tells that it stopped
  await first.status;
  await seen(["started foo", "stopped foo"]);
  const second = await hostapd("wlan0", "bar");
  await seen(["started foo", "stopped foo", "started bar"]);
  run("ip", "link", "set", "wlan0", "down");
  await seen(["started foo", "stopped foo", "started bar", "stopped bar"]);
  second.kill("SIGTERM");
  await second.status;
}, WIRELESS);

/** Two networks within a second, after another one that has long been there. */
function twoNetworks(): void {
  stop();
  start("foo");
  stop();
  start("bar");
}

/** Starts the one before, long enough ago: the kernel holds back link events within a second of each other. */
async function oldNetwork(): Promise<void> {
  run("ip", "link", "set", "wlan0", "down");
  run("iw", "dev", "wlan0", "set", "type", "__ap");
  run("ip", "link", "set", "wlan0", "up");
  start("old");
  await sleep(5500);
}

liveTest("lab: two networks within a second are two starts", async () => {
  await oldNetwork();
  await using told = new Told(watchAccessPoints());
  await using links = new Told<InterfaceEvent>(watch({ names: ["wlan0"] }));
  twoNetworks();
  await eventually(() => assertEquals(told.events.at(-1)?.ssid, "bar"));
  await eventually(() => assertEquals(links.events.flatMap(({ ssids }) => ssids), ["foo", "bar"]));
  const started = told.events.filter(({ type, initial }) => type === "started" && !initial).map(({ ssid }) => ssid);
  assertEquals(started, ["foo", "bar"]);
  // The link's events say both: how much was hidden, and which networks came meanwhile.
  const hidden = links.events.filter(({ hiddenFlaps }) => hiddenFlaps! >= 1);
  assert(hidden.some(({ ssids }) => ssids.includes("bar")), JSON.stringify(hidden.map(({ ssids }) => ssids)));
}, WIRELESS && STARTS_TOLD);

liveTest(
  "lab: after two networks within a second the last one is told, and the link says that it hid something",
  async () => {
    await oldNetwork();
    await using told = new Told(watchAccessPoints());
    await using links = new Told<InterfaceEvent>(watch({ names: ["wlan0"] }));
    twoNetworks();
    await eventually(() => assertEquals(told.events.at(-1)?.ssid, "bar"));
    assert(["started", "changed"].includes(told.events.at(-1)!.type));
    await eventually(() => assert(links.events.some(({ hiddenFlaps }) => hiddenFlaps! >= 1)));
    assertEquals(links.events.at(-1)?.status.wireless, {
      type: "ap",
      ssid: "bar",
      ssidHex: "626172",
      frequency: 2412,
    });
    assert(links.events.some(({ changed }) => changed.includes("wireless")));
    assertEquals(get("wlan0")?.wireless?.ssid, "bar");
    assertEquals(list().find(({ name }) => name === "wlan1")?.wireless?.type, "station");
  },
  WIRELESS,
);

liveTest("lab: whoever configures by the last SSID told ends on the right one, with any pauses", async () => {
  const random = new Random();
  await using told = new Told(watchAccessPoints());
  const last = (): string | undefined => told.events.at(-1)?.type === "stopped" ? undefined : told.events.at(-1)?.ssid;
  for (let round = 0; round < 10; round++) {
    const pause = () => sleep(random.below(300));
    stop();
    await pause();
    start("foo");
    await pause();
    stop();
    await pause();
    start("bar");
    await eventually(() => assertEquals(last(), "bar", `round ${round} with NETFLAGS_SEED=${random.seed}`));
    await sleep(random.below(200));
    assertEquals(last(), "bar", `round ${round} with NETFLAGS_SEED=${random.seed}`);
  }
  stop();
  await eventually(() => assertEquals(last(), undefined));
}, WIRELESS);

liveTest("lab: a station that joins and leaves is told with its network, dormant first and then up", async () => {
  const host = await hostapd("wlan0", "net");
  await using links = new Told<InterfaceEvent>(watch({ names: ["wlan1"], initial: true }));
  const config = await Deno.makeTempFile();
  await Deno.writeTextFile(config, 'network={\n ssid="net"\n key_mgmt=NONE\n}\n');
  await waitFor("wlan0", "connected", { timeout: 10000 });
  const dormant = waitFor(
    "wlan1",
    (status) => status?.operState === "dormant" && status.lowerUp === true,
    { timeout: 20000 },
  );
  const station = new Deno.Command("wpa_supplicant", {
    args: ["-i", "wlan1", "-D", "nl80211", "-c", config],
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    await waitFor("wlan1", "connected", { timeout: 20000 });
    await eventually(() => assertEquals(links.events.at(-1)?.status.wireless?.ssid, "net"));
    const phase = await dormant; // over within milliseconds, and seen
    assertEquals([phase?.running, phase?.connected], [false, false]);
    run("ip", "link", "set", "wlan1", "down");
    await eventually(() => assertEquals(get("wlan1")?.wireless?.ssid, undefined));
    await eventually(() => assertEquals(links.events.at(-1)?.status.wireless?.ssid, undefined));
  } finally {
    station.kill("SIGTERM");
    host.kill("SIGTERM");
    await Promise.all([station.status, host.status]);
  }
}, WIRELESS && exists("wpa_supplicant"));

liveTest("lab: two access points on one radio, rfkill, a change of type, a radio that moves away", async () => {
  run("iw", "dev", "wlan0", "interface", "add", "ap1", "type", "__ap");
  const config = await Deno.makeTempFile();
  await Deno.writeTextFile(
    config,
    "interface=wlan0\ndriver=nl80211\nssid=one\nhw_mode=g\nchannel=1\nbss=ap2\nssid=two\n",
  );
  await using told = new Told(watchAccessPoints());
  const host = new Deno.Command("hostapd", { args: [config], stdout: "null", stderr: "null" }).spawn();
  await eventually(() => assertEquals(words(told.events).sort(), ["started one", "started two"]), 10000);
  assertEquals(new Set(told.events.map(({ wiphy }) => wiphy)).size, 1);
  assertEquals(told.events.map(({ name }) => name).sort(), ["ap2", "wlan0"]);
  host.kill("SIGTERM");
  await host.status;
  await eventually(() => assertEquals(words(told.events).slice(2).sort(), ["stopped one", "stopped two"]));

  run("ip", "link", "set", "wlan0", "down");
  run("iw", "dev", "wlan0", "set", "type", "__ap");
  run("ip", "link", "set", "wlan0", "up");
  start("three");
  await eventually(() => assertEquals(words(told.events).at(-1), "started three"));
  run("ip", "link", "set", "wlan0", "down");
  await eventually(() => assertEquals(words(told.events).at(-1), "stopped three"));
  run("ip", "link", "set", "wlan0", "up");
  start("four");
  await eventually(() => assertEquals(words(told.events).at(-1), "started four"));
  rfkill(true);
  await eventually(() => assertEquals(words(told.events).at(-1), "stopped four"));
  rfkill(false);
  run("ip", "link", "set", "wlan0", "up");
  start("five");
  await eventually(() => assertEquals(words(told.events).at(-1), "started five"));
  run("ip", "link", "set", "wlan0", "down");
  run("iw", "dev", "wlan0", "set", "type", "managed");
  await eventually(() => assertEquals(words(told.events).at(-1), "stopped five"));
  run("iw", "dev", "ap1", "del");
  assertEquals(get("wlan0")?.wireless?.type, "station");

  // A radio that moves to another network namespace takes its access point along.
  run("iw", "dev", "wlan0", "set", "type", "__ap");
  run("ip", "link", "set", "wlan0", "up");
  start("six");
  await eventually(() => assertEquals(words(told.events).at(-1), "started six"));
  const other = await otherNamespace();
  run("iw", "phy", `phy${told.events.at(-1)!.wiphy}`, "set", "netns", String(other.pid));
  await eventually(() => assertEquals(words(told.events).at(-1), "stopped six"));
  assertEquals(get("wlan0"), undefined);
  other.kill("SIGKILL");
  await other.status;
}, WIRELESS);
