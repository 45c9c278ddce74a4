import { assertEquals } from "@std/assert";
import { waitFor } from "../../mod.ts";
import { watchHostapd } from "../examples/hostapd_watcher.ts";
import { eventually, liveTest, run } from "../helpers/live/system.ts";

const LAB = Deno.env.get("NETFLAGS_LAB") === "1";

function exists(program: string): boolean {
  return new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).outputSync().success;
}

const HOSTAPD = LAB && exists("hostapd");
if (LAB && !HOSTAPD) console.error("SKIPPED: no hostapd, so no access point");

liveTest(
  "walk-through: who watches over hostapd learns of each network, and of one that does not come back",
  async () => {
    run("modprobe", "mac80211_hwsim", "radios=1");
    await waitFor("wlan0", "present", { timeout: 5000 });
    const config = await Deno.makeTempFile();
    const hostapd = (ssid: string): Deno.ChildProcess => {
      Deno.writeTextFileSync(config, `interface=wlan0\ndriver=nl80211\nssid=${ssid}\nhw_mode=g\nchannel=1\n`);
      return new Deno.Command("hostapd", { args: [config], stdout: "null", stderr: "null" }).spawn();
    };
    const end = new AbortController();
    const lines: string[] = [];
    const watching = watchHostapd("wlan0", (line) => lines.push(line), end.signal, 500);
    const next = async (): Promise<string | undefined> => {
      await eventually(() => assertEquals(lines.length > 0, true), 20_000);
      return lines.shift();
    };
    assertEquals(await next(), "ALARM: wlan0 sends no network"); // it never started
    for (const ssid of ["foo", "bar"]) {
      const process = hostapd(ssid);
      assertEquals(await next(), `"${ssid}" on 2412 MHz`);
      process.kill("SIGTERM");
      await process.status;
      assertEquals(await next(), `"${ssid}" stopped`);
      assertEquals(await next(), "ALARM: wlan0 sends no network");
    }
    end.abort();
    await watching;
    assertEquals(lines, []);
    await Deno.remove(config);
  },
  HOSTAPD,
);
