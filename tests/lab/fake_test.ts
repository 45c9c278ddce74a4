/** The fake system of Linux beside a kernel that has every kind of interface, and radios. */
import { assert, assertEquals } from "@std/assert";
import { get, waitFor } from "../../mod.ts";
import { type AccessPointEvent, watchAccessPoints } from "../../src/linux.ts";
import { FakeSystem } from "../../src/testing.ts";
import { eventually, liveTest, run } from "../live/system.ts";
import { Mirror } from "../live/mirror.ts";

const LAB = Deno.env.get("NETFLAGS_LAB") === "1";

function exists(program: string): boolean {
  return new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).outputSync().success;
}

const WIRELESS = LAB && exists("hostapd");
if (LAB && !WIRELESS) console.error("SKIPPED: no hostapd, so no access points");

liveTest("lab: fake and kernel: a dummy whose carrier comes and goes, and what stands on it", async () => {
  await using mirror = await Mirror.begin();
  await mirror.add("d9", { kind: "dummy" });
  await mirror.up("d9");
  // Linux looks at carriers in the order in which they changed, but up to a second later where the interface is down, and
  // says nothing of that. After the carrier of another one, which it tells, it has looked at all.
  const looked = async () => {
    await mirror.unplug("d9");
    await mirror.plug("d9");
  };
  await mirror.add("d0", { kind: "dummy" });
  await mirror.up("d0");
  await mirror.unplug("d0");
  await mirror.plug("d0");
  await mirror.setLinkMode("d0", "dormant");
  await mirror.unplug("d0");
  await mirror.plug("d0");
  await mirror.setOperState("d0", "up");
  await mirror.setLinkMode("d0", "default");
  await mirror.add("d0.7", { kind: "vlan", parent: "d0" }, false);
  await mirror.up("d0.7");
  await mirror.unplug("d0");
  await mirror.plug("d0");
  await mirror.down("d0"); // and the VLAN with it
  await looked();
  await mirror.up("d0");
  await mirror.down("d0.7");
  await mirror.down("d0");
  await looked();
  await mirror.up("d0"); // which sets the VLAN up again
  await mirror.setOperState("d0", "dormant");
  await mirror.setOperState("d0", "up");
  await mirror.rename("d0", "d1");
  await mirror.remove("d1"); // and the VLAN with it
  await mirror.add("d2", { kind: "dummy" });
  await mirror.add("m0", { kind: "macvlan", parent: "d2" });
  await mirror.up("m0");
  await mirror.up("d2");
  await mirror.unplug("d2");
  await mirror.plug("d2");
  await mirror.down("d2");
  await mirror.up("d2");
  await mirror.remove("m0");
  await mirror.add("br0", { kind: "bridge" }, false);
  await mirror.up("br0");
  await mirror.join("d2", "br0");
  await mirror.unplug("d2");
  await mirror.plug("d2");
  await mirror.down("d2");
  await mirror.up("d2");
  await mirror.remove("d2");
  await mirror.add("d3", { kind: "dummy" });
  await mirror.unplug("d3");
  await mirror.add("d3.7", { kind: "vlan", parent: "d3" }, false);
  await mirror.up("d3");
  await mirror.up("d3.7");
  await mirror.plug("d3");
  assert(mirror.compared > 90, `${mirror.compared} events`);
}, LAB);

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
