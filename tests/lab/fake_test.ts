/** The fake system of Linux beside a kernel that has every kind of interface, and radios. */
import { assert, assertEquals } from "@std/assert";
import { get, waitFor } from "../../mod.ts";
import { type AccessPointEvent, watchAccessPoints } from "../../src/linux.ts";
import { FakeSystem } from "../../src/testing.ts";
import { eventually, liveTest, run } from "../helpers/live/system.ts";
import { ALONE, LAB_PLAYS } from "../helpers/linux/plays.ts";
import { Mirror } from "../helpers/live/mirror.ts";

const LAB = Deno.env.get("NETFLAGS_LAB") === "1";

function exists(program: string): boolean {
  return new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).outputSync().success;
}

const WIRELESS = LAB && exists("hostapd");
if (LAB && !WIRELESS) console.error("SKIPPED: no hostapd, so no access points");

for (const [name, play] of Object.entries(LAB_PLAYS)) {
  liveTest(`lab: fake and kernel: ${name}`, async () => {
    await using mirror = await Mirror.begin();
    await play(mirror, ALONE);
    mirror.record(name);
    assert(mirror.compared > 90, `${mirror.compared} events`);
  }, LAB);
}

/** What both tell of an access point. */
const words = ({ type, name, ssid, previousSsid, frequency }: AccessPointEvent): unknown[] => [
  type,
  name,
  ssid,
  previousSsid,
  frequency,
];

/** The events of access points, taken in the background. */
function listen(): { readonly told: unknown[]; close(): Promise<unknown> } {
  const watcher = watchAccessPoints();
  const told: unknown[] = [];
  void (async () => {
    for await (const event of watcher) told.push(words(event));
  })();
  return { told, close: () => watcher.return() };
}

liveTest("lab: fake and kernel: access points that start and stop", async () => {
  run("modprobe", "mac80211_hwsim", "radios=2");
  await waitFor("wlan0", "present", { timeout: 5000 });
  const state = (name: string) => {
    const { up, running, lowerUp, operState, carrier, connected, wireless } = get(name)!;
    return { up, running, lowerUp, operState, carrier, connected, wireless };
  };
  const kernel = listen();
  const states: unknown[] = [];
  const seen = (count: number) => eventually(() => assertEquals(kernel.told.length, count), 8000);
  const config = await Deno.makeTempFile();
  for (const [i, ssid] of ["foo", "bar"].entries()) {
    await Deno.writeTextFile(config, `interface=wlan0\ndriver=nl80211\nssid=${ssid}\nhw_mode=g\nchannel=1\n`);
    const hostapd = new Deno.Command("hostapd", { args: [config], stdout: "null", stderr: "null" }).spawn();
    await seen(2 * i + 1);
    await eventually(() => assertEquals(state("wlan0").connected, true), 8000);
    states.push(state("wlan0"));
    run("ip", "link", "set", "wlan0", "down"); // the kernel ends it, and says so
    await seen(2 * i + 2);
    states.push(state("wlan0"));
    hostapd.kill("SIGKILL");
    await hostapd.status;
  }
  await kernel.close();
  using system = new FakeSystem();
  system.add("wlan0");
  const fake = listen();
  const fakeStates: unknown[] = [];
  for (const [i, ssid] of ["foo", "bar"].entries()) {
    system.startAccessPoint("wlan0", ssid);
    await eventually(() => assertEquals(fake.told.length, 2 * i + 1));
    fakeStates.push(state("wlan0"));
    system.down("wlan0");
    await eventually(() => assertEquals(fake.told.length, 2 * i + 2));
    fakeStates.push(state("wlan0"));
  }
  await fake.close();
  assertEquals(fake.told, kernel.told);
  assertEquals(fakeStates, states);
}, WIRELESS);
