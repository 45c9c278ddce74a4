import { assert, assertEquals } from "@std/assert";
import { type AccessPointEvent, type InterfaceEvent, waitFor, watch, watchAccessPoints } from "../../mod.ts";
import { Random } from "../random.ts";
import { eventually, liveTest, run, sleep } from "../live/system.ts";

const LAB = Deno.env.get("NETFLAGS_LAB") === "1";

function exists(program: string): boolean {
  return new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).outputSync().success;
}

const WIRELESS = LAB && exists("hostapd") && exists("iw");
if (LAB && !WIRELESS) console.error("SKIPPED: no hostapd or no iw, so no access points");

/** What a watcher told, taken in the background. */
class Told<T> {
  readonly events: T[] = [];
  readonly #over: Promise<void>;
  readonly #watcher: AsyncIterableIterator<T> & AsyncDisposable;

  constructor(watcher: AsyncIterableIterator<T> & AsyncDisposable) {
    this.#watcher = watcher;
    this.#over = (async () => {
      for await (const event of watcher) this.events.push(event);
    })();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher[Symbol.asyncDispose]();
    await this.#over;
  }
}

async function hostapd(name: string, ssid: string): Promise<Deno.ChildProcess> {
  const config = await Deno.makeTempFile();
  await Deno.writeTextFile(config, `interface=${name}\ndriver=nl80211\nssid=${ssid}\nhw_mode=g\nchannel=1\n`);
  return new Deno.Command("hostapd", { args: [config], stdout: "null", stderr: "null" }).spawn();
}

const BEACON_HEAD = "80000000ffffffffffff0200000000000200000000000000000000000000000064000104";
const start = (ssid: string): string =>
  run("iw", "dev", "wlan0", "ap", "start", ssid, "2412", "100", "2", "head", BEACON_HEAD);
const stop = (): string => run("iw", "dev", "wlan0", "ap", "stop");
const words = (events: readonly AccessPointEvent[]): string[] => events.map(({ type, ssid }) => `${type} ${ssid}`);

liveTest("lab: access points are told with their SSID, however they start and end", async () => {
  run("modprobe", "mac80211_hwsim", "radios=2");
  await waitFor("wlan1", "present", { timeout: 5000 });
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

liveTest("lab: two networks within a second are two starts, and the link says what it hid", async () => {
  run("ip", "link", "set", "wlan0", "down");
  run("iw", "dev", "wlan0", "set", "type", "__ap");
  run("ip", "link", "set", "wlan0", "up");
  start("old");
  await sleep(5500); // the kernel holds back link events within a second of each other
  await using told = new Told(watchAccessPoints());
  await using links = new Told<InterfaceEvent>(watch({ names: ["wlan0"] }));
  stop();
  start("foo");
  stop();
  start("bar");
  await eventually(() => assertEquals(told.events.at(-1)?.ssid, "bar"));
  await eventually(() => assert(links.events.some(({ hiddenFlaps }) => hiddenFlaps! >= 1)));
  const started = told.events.filter(({ type, initial }) => type === "started" && !initial).map(({ ssid }) => ssid);
  assertEquals(started, ["foo", "bar"]);
}, WIRELESS);

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
