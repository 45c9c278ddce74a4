/**
 * Hooks that configure a DHCP server for the network on the air, with real access points: what is served is what is sent,
 * however fast one network follows another. NETFLAGS_LAB_RUNS says how many random runs there are.
 */
import { assert, assertEquals } from "@std/assert";
import { get, waitFor } from "../../mod.ts";
import { RunningHooks, saying } from "../helpers/cli/hooks.ts";
import { type Random, withSeed } from "../helpers/random.ts";
import { eventually, liveTest, run, sleep } from "../helpers/live/system.ts";

const LAB = Deno.env.get("NETFLAGS_LAB") === "1";
const RUNS = Number(Deno.env.get("NETFLAGS_LAB_RUNS") ?? 4);
const BUSY = 60_000;

function exists(program: string): boolean {
  return new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).outputSync().success;
}

const WIRELESS = LAB && exists("hostapd") && exists("iw");
if (LAB && !WIRELESS) console.error("SKIPPED: no hostapd or no iw, so no hooks of access points");

async function radio(): Promise<void> {
  run("modprobe", "mac80211_hwsim", "radios=2");
  await waitFor("wlan0", "present", { timeout: BUSY });
}

function hostapd(ssid: string): Deno.ChildProcess {
  const config = Deno.makeTempFileSync();
  Deno.writeTextFileSync(config, `interface=wlan0\ndriver=nl80211\nssid=${ssid}\nhw_mode=g\nchannel=1\n`);
  return new Deno.Command("hostapd", { args: [config], stdin: "null", stdout: "null", stderr: "null" }).spawn();
}

/** The SSID that is on the air, in the words of iw. */
function onAir(): string | undefined {
  return /^\tssid (.*)$/m.exec(run("iw", "dev", "wlan0", "info"))?.[1];
}

const BEACON_HEAD = "80000000ffffffffffff0200000000000200000000000000000000000000000064000104";
const start = (ssid: string): string =>
  run("iw", "dev", "wlan0", "ap", "start", ssid, "2412", "100", "2", "head", BEACON_HEAD);
const stop = (): string => run("iw", "dev", "wlan0", "ap", "stop");

/** A file that says what the DHCP server is configured for, and hooks that write it and take a random time. */
class Server implements AsyncDisposable {
  readonly #file: string;
  readonly #hooks: RunningHooks;

  constructor(file: string, seconds: number) {
    this.#file = file;
    const pause = `sleep $(awk "BEGIN { srand($$); print rand() * ${seconds} }")`;
    this.#hooks = new RunningHooks(
      ...["wlan0", "--on-connected", `echo "$NETFLAGS_SSID" > ${file}; ${pause}`],
      ...["--on-disconnected", `: > ${file}; ${pause}`],
    );
  }

  get network(): string {
    return Deno.readTextFileSync(this.#file).trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#hooks[Symbol.asyncDispose]();
  }
}

liveTest(
  `lab hooks: the DHCP server serves what hostapd sends, after 2 to 7 networks in a row, ${RUNS} times`,
  async () => {
    await radio();
    const file = await Deno.makeTempFile();
    await withSeed(async (random: Random) => {
      for (let round = 0; round < RUNS; round++) {
        await using server = new Server(file, random.pick([0, 0.5, 2]));
        let daemon = hostapd("first");
        await eventually(() => assertEquals(server.network, "first"), BUSY);
        for (let flips = 2 + random.below(6); flips > 0; flips--) {
          await sleep(50 + random.below(950));
          daemon.kill(random.pick(["SIGTERM", "SIGKILL"]));
          await daemon.status;
          daemon = hostapd(random.pick(["foo", "bar", "baz"]));
        }
        await eventually(() => assert(onAir() !== undefined), BUSY);
        // A hook that still runs may write what was; the last one to run must not.
        await eventually(() => assertEquals(server.network, onAir()), BUSY);
        await sleep(2500);
        assertEquals(server.network, onAir(), `round ${round}`);
        daemon.kill("SIGTERM");
        await daemon.status;
        await eventually(() => assertEquals(server.network, ""), BUSY);
      }
    });
  },
  WIRELESS,
);

liveTest("lab hooks: one network after another is a loss and a gain, also where the kernel hides both", async () => {
  await radio();
  run("ip", "link", "set", "wlan0", "down");
  run("iw", "dev", "wlan0", "set", "type", "__ap");
  run("ip", "link", "set", "wlan0", "up");
  start("old");
  await sleep(5500); // the kernel holds back link events within a second of each other
  const hook = 'echo "$NETFLAGS_HOOK $NETFLAGS_SSID, before $NETFLAGS_PREVIOUS_SSID"';
  await using hooks = new RunningHooks(
    ...["wlan0", ...saying(["added"]), "--on-network", hook],
    ...["--on-connected", 'echo "connected $NETFLAGS_SSID"', ...saying(["disconnected"])],
  );
  await eventually(() => assertEquals(hooks.lines.at(-1), "connected old"), BUSY);
  for (const [ssid, ...more] of [["foo", "bar"], ["baz"], ["foo", "old", "baz"]] as const) {
    const last = more.at(-1) ?? ssid;
    hooks.lines.length = 0;
    for (const one of [ssid, ...more]) {
      stop();
      start(one);
    }
    await eventually(() => assert(hooks.lines.includes(`connected ${last}`)), BUSY);
    await sleep(2500); // until the last carrier change of them is reported
    assertEquals(hooks.lines.filter((line) => !line.startsWith("network")).at(-1), `connected ${last}`);
    assertEquals(get("wlan0")?.wireless?.ssid, last);
    const pairs = hooks.lines.filter((line) => !line.startsWith("network")).map((line) => line.split(" ")[0]);
    assert(pairs.every((hook, i) => hook === (i % 2 === 0 ? "disconnected" : "connected")), hooks.lines.join("\n"));
  }
  stop();
  await hooks.end();
}, WIRELESS);
