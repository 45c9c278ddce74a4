/** The examples for access points and Wi-Fi, played as they are written, with the real daemons. */
import { assertEquals, assertMatch } from "@std/assert";
import { waitForAll } from "../../mod.ts";
import { commandLine } from "../helpers/cli/netflags.ts";
import { helpExample, unitWords } from "../helpers/examples/units.ts";
import { eventually, liveTest, run } from "../helpers/live/system.ts";

const LAB = Deno.env.get("NETFLAGS_LAB") === "1";
const BUSY = 60_000;

/** Whether programs are there; says aloud which are not. */
function has(...programs: string[]): boolean {
  const missing = programs.filter((program) =>
    !new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).outputSync().success
  );
  if (LAB && missing.length > 0) console.error(`SKIPPED: no ${missing.join(", ")}, so an example is not played`);
  return LAB && missing.length === 0;
}

/** Processes that end with a test. */
class Daemons implements AsyncDisposable {
  readonly #running: Deno.ChildProcess[] = [];

  start(program: string, args: readonly string[], env: Record<string, string> = {}): Deno.ChildProcess {
    const process = new Deno.Command(program, {
      args: [...args],
      env,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#running.push(process);
    return process;
  }

  /** `netflags`, as the command in the example has it. */
  netflags(words: readonly string[], env?: Record<string, string>, inside: readonly string[] = []): Deno.ChildProcess {
    const deno = [Deno.execPath(), ...commandLine(["--allow-ffi", "--allow-run=sh"]), ...words];
    const [program, ...args] = [...inside, ...deno];
    return this.start(program!, args, env);
  }

  hostapd(ssid: string): Deno.ChildProcess {
    const config = Deno.makeTempFileSync();
    Deno.writeTextFileSync(config, `interface=wlan0\ndriver=nl80211\nssid=${ssid}\nhw_mode=g\nchannel=1\n`);
    return this.start("hostapd", [config]);
  }

  async end(process: Deno.ChildProcess): Promise<void> {
    try {
      process.kill("SIGTERM");
    } catch { /* it has ended */ }
    await process.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#running.toReversed()) await this.end(process);
  }
}

/** The command lines of the processes with this name. */
function processes(name: string): string[] {
  const { stdout } = new Deno.Command("pgrep", { args: ["-a", "-x", name] }).outputSync();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}

/** Two radios; the second one in a network namespace of its own, where nothing but the air leads. */
async function radios(): Promise<void> {
  run("modprobe", "mac80211_hwsim", "radios=2");
  await waitForAll(["wlan0", "wlan1"], "present", { timeout: BUSY });
  const phy = Deno.readTextFileSync("/sys/class/net/wlan1/phy80211/name").trim();
  run("ip", "netns", "add", "station");
  run("iw", "phy", phy, "set", "netns", "name", "station");
}

const STATION = ["ip", "netns", "exec", "station"];
const inStation = (...words: string[]): string => run("ip", "netns", "exec", "station", ...words);

liveTest("walk-through: the access point's unit serves DHCP for the network on the air, and for no other", async () => {
  await radios();
  await using daemons = new Daemons();
  Deno.mkdirSync("/etc/netflags", { recursive: true });
  for (const [i, ssid] of ["foo", "bar"].entries()) {
    const range = `192.0.${i}.10,192.0.${i}.20`;
    Deno.writeTextFileSync(
      `/etc/netflags/${ssid}.conf`,
      `interface=wlan0\nport=0\ndhcp-range=${range},255.255.255.0\n`,
    );
    run("ip", "addr", "add", `192.0.${i}.1/24`, "dev", "wlan0");
  }
  daemons.netflags(unitWords("netflags-access-point"), { STATE_DIRECTORY: await Deno.makeTempDir() });
  const supplicant = await Deno.makeTempFile();
  const networks = ["foo", "bar"].map((ssid) => `network={\nssid="${ssid}"\nkey_mgmt=NONE\n}\n`).join("");
  await Deno.writeTextFile(supplicant, networks);
  inStation("ip", "link", "set", "wlan1", "up");
  daemons.start("ip", ["netns", "exec", "station", "wpa_supplicant", "-i", "wlan1", "-c", supplicant]);
  // Help's example, for the interface that there is here.
  daemons.netflags(helpExample("udhcpc").map((word) => word.replaceAll("eth0", "wlan1")), {}, STATION);
  const served = async (ssid: string, net: string): Promise<void> => {
    await eventually(() => {
      const [only, ...more] = processes("dnsmasq");
      assertMatch(only ?? "", new RegExp(`-C /etc/netflags/${ssid}\\.conf`));
      assertEquals(more, []);
    }, BUSY);
    await eventually(
      () => assertMatch(inStation("ip", "addr", "show", "dev", "wlan1"), new RegExp(`inet ${net}\\.`)),
      BUSY,
    );
  };
  const first = daemons.hostapd("foo");
  await served("foo", "192.0.0");
  await daemons.end(first);
  const second = daemons.hostapd("bar"); // at once
  await served("bar", "192.0.1");
  await daemons.end(second);
  await eventually(() => assertEquals(processes("dnsmasq"), []), BUSY);
  await eventually(() => assertEquals(processes("udhcpc"), []), BUSY);
}, has("hostapd", "iw", "dnsmasq", "wpa_supplicant", "udhcpc", "pgrep"));

liveTest("walk-through: help's radvd announces prefixes for as long as the network is sent", async () => {
  await using daemons = new Daemons();
  Deno.writeTextFileSync(
    "/etc/radvd.conf",
    "interface wlan0 { AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4; prefix 2001:db8:1::/64 { }; };\n",
  );
  Deno.writeTextFileSync("/proc/sys/net/ipv6/conf/all/forwarding", "1");
  daemons.netflags(helpExample("radvd"));
  const supplicant = await Deno.makeTempFile();
  await Deno.writeTextFile(supplicant, 'network={\nssid="foo"\nkey_mgmt=NONE\n}\n');
  daemons.start("ip", ["netns", "exec", "station", "wpa_supplicant", "-i", "wlan1", "-c", supplicant]);
  for (let round = 0; round < 2; round++) {
    const hostapd = daemons.hostapd("foo");
    await eventually(() => assertEquals(processes("radvd").length > 0, true), BUSY);
    await eventually(() => assertMatch(inStation("ip", "addr", "show", "dev", "wlan1"), /inet6 2001:db8:1:/), BUSY);
    await daemons.end(hostapd);
    await eventually(() => assertEquals(processes("radvd"), []), BUSY);
  }
}, has("hostapd", "iw", "radvd", "wpa_supplicant", "pgrep"));
