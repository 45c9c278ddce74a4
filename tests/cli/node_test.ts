/** The decoders and the fake system in another runtime: Node.js from 24 on takes TypeScript with its types stripped. */
import { assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url).href;
const LEAST = 24;

/** How to start a Node.js that is new enough: the machine's own, or the npm registry's. */
const NODE = [["node"], ["npx", "-y", "-p", `node@${LEAST}`, "node"]].find(([program, ...args]) => {
  try {
    const { success, stdout } = new Deno.Command(program!, { args: [...args, "--version"], stderr: "null" })
      .outputSync();
    return success && Number(/^v(\d+)/.exec(new TextDecoder().decode(stdout))?.[1]) >= LEAST;
  } catch {
    return false;
  }
});
if (NODE === undefined) console.error(`SKIPPED: no Node.js ${LEAST}, on this machine or from the npm registry`);

const PROGRAM = `
const { decodeRoute } = await import("${ROOT}src/bsd.ts");
const { decodeNetlink, decodeNl80211 } = await import("${ROOT}src/linux.ts");
const { FakeSystem } = await import("${ROOT}src/testing.ts");
const { capabilities, get, list, watch } = await import("${ROOT}mod.ts");
const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
const told = [];
told.push(decodeRoute(bytes("180004100300746170300000000000000000000000000000"), "netbsd")[0].name);
told.push(decodeNetlink(bytes("2c00000010000000000000000000000000000100030000000310000000000000" + "0a000300776c616e31000000"))[0].name);
told.push(decodeNl80211(bytes("380000001700000000000000000000000f010000080001000000000008000300020000000c009900010000000000000007003400666f6f00"))[0].ssid);
try { list(); } catch (error) { told.push(error.name); }
const system = new FakeSystem({ platform: "netbsd" });
system.set({ name: "wm0", flags: 0x8843, linkState: "up" });
const watcher = watch({ poll: 0 });
system.set({ name: "wm0", flags: 0x8802 });
told.push(get("wm0").flagNames.includes("SIMPLEX"), (await watcher.next()).value.flagsCleared, capabilities().platform);
watcher.close();
console.log(JSON.stringify(told));
`;

Deno.test({
  name:
    `runtimes: Node.js ${LEAST} decodes, and tests daemons on the fake system; it says that it cannot ask the kernel`,
  ignore: NODE === undefined,
  fn: () => {
    const [program, ...args] = NODE!;
    const { stdout, stderr } = new Deno.Command(program!, {
      args: [...args, "--input-type=module", "--eval", PROGRAM],
    }).outputSync();
    const said = new TextDecoder().decode(stdout);
    assertEquals(
      said === "" ? new TextDecoder().decode(stderr) : JSON.parse(said),
      ["tap0", "wlan1", "foo", "UnsupportedError", true, ["UP", "RUNNING"], "netbsd"],
    );
  },
});
