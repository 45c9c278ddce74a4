/** README's recipe for access points, and the example that watches over hostapd, run as they are printed. */
import { assertEquals, assertMatch } from "@std/assert";
import { waitFor } from "../../mod.ts";
import { printedCommand } from "../helpers/examples/examples.ts";
import { Running } from "../helpers/cli/netflags.ts";
import { program, recipe } from "../helpers/examples/readme.ts";
import { liveTest, run } from "../helpers/live/system.ts";

const LAB = Deno.env.get("NETFLAGS_LAB") === "1";
const HOSTAPD = LAB &&
  new Deno.Command("sh", { args: ["-c", "command -v hostapd"], stdout: "null" }).outputSync().success;
if (LAB && !HOSTAPD) console.error("SKIPPED: no hostapd, so no access point");

const FOLDER = LAB ? Deno.makeTempDirSync() : "";

function hostapd(ssid: string): Deno.ChildProcess {
  const config = `${FOLDER}/hostapd.conf`;
  Deno.writeTextFileSync(config, `interface=wlan0\ndriver=nl80211\nssid=${ssid}\nhw_mode=g\nchannel=1\n`);
  return new Deno.Command("hostapd", { args: [config], stdout: "null", stderr: "null" }).spawn();
}

/** README's command and program, which print each start and each stop. */
async function printsEach(): Promise<void> {
  await Deno.writeTextFile(`${FOLDER}/program.ts`, program("watchAccessPoints"));
  const [, words] = /^netflags (.*)$/.exec(recipe("netflags ap"))!;
  let point = hostapd("foo");
  await waitFor("wlan0", "running", { timeout: 20_000 });
  await using command = new Running(words!.split(" "), ["--allow-ffi"]);
  await using code = new Running([], ["--allow-ffi"], `${FOLDER}/program.ts`);
  // What is there when they begin shows that they listen.
  assertMatch(await command.line(), / wlan0 \w+: "foo"/);
  assertMatch(await code.line(), /^\w+ wlan0 foo$/);
  for (const ssid of ["bar", "foo"]) {
    point.kill("SIGTERM");
    await point.status;
    point = hostapd(ssid);
    assertMatch(await command.line(), / wlan0 stopped: /);
    assertMatch(await code.line(), /^stopped wlan0 \w+$/);
    assertMatch(await command.line(), new RegExp(` wlan0 started: "${ssid}"`));
    assertEquals(await code.line(), `started wlan0 ${ssid}`);
  }
  point.kill("SIGTERM");
  await point.status;
}

/** The example, which tells each network, and an access point that has been away for ten seconds. */
async function watchesOver(): Promise<void> {
  const { args, permissions, file } = printedCommand("hostapd_watcher.ts");
  const point = hostapd("foo");
  await waitFor("wlan0", "running", { timeout: 20_000 });
  await using watcher = new Running(args, permissions, file);
  const next = async (): Promise<string> => (await watcher.line()).replace(/^\S+ /, ""); // the time is before it
  assertEquals(await next(), '"foo" on 2412 MHz');
  point.kill("SIGTERM");
  await point.status;
  assertEquals([await next(), await next()], ['"foo" stopped', "ALARM: wlan0 sends no network"]);
  watcher.signal("SIGTERM");
  assertEquals(await watcher.status(), 0);
}

liveTest("lab readme: each start of an access point is printed with its SSID, by command and program", async () => {
  run("modprobe", "mac80211_hwsim", "radios=1");
  await waitFor("wlan0", "present", { timeout: 5000 });
  await printsEach();
}, HOSTAPD);

liveTest(
  "lab readme: the example hostapd_watcher runs as it says, and tells one that stays away",
  watchesOver,
  HOSTAPD,
);
