/** What a kernel says on an nlmon interface, written by tcpdump, and read by `netflags decode`. */
import { assert, assertEquals } from "@std/assert";
import { watch } from "../../mod.ts";
import { runHere } from "../helpers/cli/in_process.ts";
import { eventually, ip, liveTest, run } from "../helpers/live/system.ts";

const LAB = Deno.env.get("NETFLAGS_LAB") === "1";

function exists(program: string): boolean {
  return new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).outputSync().success;
}

const TOOLS = LAB && exists("tcpdump") && exists("iw");
if (LAB && !TOOLS) console.error("SKIPPED: no tcpdump or iw, so no capture of nlmon");

liveTest("decode: a capture of nlmon has the messages that ip and iw made the kernel send", async () => {
  run("modprobe", "mac80211_hwsim", "radios=1");
  const folder = await Deno.makeTempDir();
  await Deno.chmod(folder, 0o777); // tcpdump gives its privileges up
  const file = `${folder}/nlmon.pcap`;
  ip("link add nlmon0 type nlmon");
  ip("link set nlmon0 up");
  const tcpdump = new Deno.Command("tcpdump", { args: ["-U", "-i", "nlmon0", "-w", file], stderr: "null" }).spawn();
  const decoded = async (): Promise<Record<string, unknown>[]> =>
    JSON.parse((await runHere(["decode", "--platform", "linux", "--json", file])).stdout);
  await using _listener = watch(); // what nobody listens to is sent to nobody, and to no nlmon either
  try {
    await eventually(() => assert(Deno.statSync(file).size >= 24), 10000);
    ip("link add cap0 type dummy");
    ip("link set cap0 up");
    run("iw", "dev", "wlan0", "info");
    ip("link del cap0");
    await eventually(async () => {
      const told = await decoded();
      const kernel = told.filter(({ request }) => request === undefined);
      const has = (message: string, name: string | undefined) =>
        assert(kernel.some((one) => one.message === message && (name === undefined || one.name === name)), message);
      has("RTM_NEWLINK", "cap0");
      has("RTM_DELLINK", "cap0");
      has("CTRL_CMD_NEWFAMILY", undefined);
      has("NL80211_CMD_NEW_INTERFACE", "wlan0");
      assert(told.some(({ message, request }) => message === "RTM_NEWLINK" && request === true));
      assertEquals(told.filter(({ error }) => error !== undefined), []);
    }, 10000);
  } finally {
    tcpdump.kill("SIGTERM");
    await tcpdump.status;
    ip("link del nlmon0");
    await Deno.remove(folder, { recursive: true });
  }
}, TOOLS);
