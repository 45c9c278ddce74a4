import { assertEquals } from "@std/assert";
import { get, waitFor } from "../../mod.ts";
import { eventually, liveTest, run, sleep } from "../helpers/live/system.ts";
import { radvd } from "../examples/radvd.ts";

const LAB = Deno.env.get("NETFLAGS_LAB") === "1";

function exists(program: string): boolean {
  return new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).outputSync().success;
}

const HOSTAPD = LAB && exists("hostapd");
if (LAB && !HOSTAPD) console.error("SKIPPED: no hostapd, so no access point");

liveTest("walk-through: radvd announces an access point when it is RUNNING, and withdraws after", async () => {
  run("modprobe", "mac80211_hwsim", "radios=1");
  await waitFor("wlan0", "present", { timeout: 5000 });
  const config = await Deno.makeTempFile();
  await Deno.writeTextFile(config, "interface=wlan0\ndriver=nl80211\nssid=foo\nhw_mode=g\nchannel=1\n");
  const lines: string[] = [];
  const end = new AbortController();
  const daemon = radvd("wlan0", (line) => lines.push(`${line} ${get("wlan0")?.running}`), end.signal);
  run("ip", "link", "set", "wlan0", "up");
  await waitFor("wlan0", "up", { timeout: 5000 }); // told to the daemon as well, in the same turn
  await sleep(0);
  assertEquals(lines, []); // UP, and without an access point
  for (let round = 1; round <= 2; round++) {
    const hostapd = new Deno.Command("hostapd", { args: [config], stdout: "null", stderr: "null" }).spawn();
    await eventually(() => assertEquals(lines.length, 2 * round - 1), 10000);
    assertEquals(lines.at(-1), "announce wlan0 true");
    hostapd.kill("SIGTERM");
    await hostapd.status;
    await eventually(() => assertEquals(lines.length, 2 * round), 10000);
    assertEquals(lines.at(-1), "withdraw wlan0 false");
  }
  end.abort();
  await daemon;
}, HOSTAPD);
