/** The npm package, as whoever installs it has it: a tarball, in an empty folder. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import ts from "typescript";
import config from "../../deno.json" with { type: "json" };
import { findNode, NO_NODE, runNode } from "../helpers/node.ts";
import { makePackage } from "../npm.ts";

const LIVE = Deno.env.get("NETFLAGS_LIVE") === "1";
const NODE = LIVE ? findNode(false) : undefined;
if (NODE === undefined) {
  console.error(`SKIPPED: ${LIVE ? NO_NODE : "live tests need a network namespace of their own"}`);
}

/** What somebody writes who has installed it. */
const JAVASCRIPT = `
import { list, setFlags, waitFor, watch } from "@netflags/netflags";
import { decodeRoute } from "@netflags/netflags/bsd";
import { decodeNetlink } from "@netflags/netflags/linux";
import { FakeSystem } from "@netflags/netflags/testing";

setFlags("lo", { up: false });
const watcher = watch({ names: "lo" });
const seen = [];
for (const up of [true, false]) {
  setFlags("lo", { up });
  let event;
  do event = (await watcher.next()).value; while (!event.changed.includes("flags"));
  seen.push([event.type, event.status.name, event.status.flagNames.includes("UP")]);
}
watcher.close();
const names = list().map(({ name }) => name);
using system = new FakeSystem();
system.set({ name: "eth0", flags: 0x11043, operState: "up" });
seen.push((await waitFor("eth0", "connected")).name, decodeNetlink(new Uint8Array(0)), decodeRoute(new Uint8Array(0), "netbsd"));
console.log(JSON.stringify([names, seen]));
`;
const TYPESCRIPT = `
import { type InterfaceEvent, type InterfaceStatus, NetflagsError, setFlags, watch } from "@netflags/netflags";
import type { DecodedRouteMessage } from "@netflags/netflags/bsd";
import { decodeNetlink } from "@netflags/netflags/linux";
import { FakeSystem } from "@netflags/netflags/testing";

setFlags("lo", { up: false });
async function first(names: string): Promise<InterfaceEvent | undefined> {
  using watcher = watch({ names, addresses: true });
  const next = watcher.next();
  setFlags("lo", { up: true });
  const { value } = await next;
  return value;
}
const event = await first("lo");
const status: InterfaceStatus | undefined = event?.status;
const text: string = event?.type === "removed" ? String(event.moved) : event?.changed.join() ?? "";
const route: DecodedRouteMessage[] = [];
const facts: number = decodeNetlink(new Uint8Array(0)).length + route.length;
export const system: () => FakeSystem = () => new FakeSystem({ platform: "freebsd" });
console.log(JSON.stringify([status?.name, text.includes("flags"), facts, typeof NetflagsError]));
// @ts-expect-error: there is no such option
export const wrong = (): unknown => watch({ nmaes: "lo" });
`;

function npm(cwd: string, ...args: string[]): string {
  const { success, stdout, stderr } = new Deno.Command("npm", {
    args: [...args, "--offline", "--no-audit", "--no-fund", "--no-update-notifier"],
    cwd,
  }).outputSync();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

/** Packs the package and installs it; returns where. */
function installed(folder: string): string {
  const [made, used] = [`${folder}/made`, `${folder}/used`];
  makePackage(made);
  Deno.mkdirSync(used);
  const tarball = npm(made, "pack", "--silent", `--pack-destination=${folder}`).split("\n").at(-1)!;
  assertEquals(tarball, `netflags-netflags-${config.version}.tgz`);
  Deno.writeTextFileSync(`${used}/package.json`, JSON.stringify({ private: true, type: "module" }));
  npm(used, "install", "--silent", `${folder}/${tarball}`);
  Deno.writeTextFileSync(`${used}/watching.js`, JAVASCRIPT);
  Deno.writeTextFileSync(`${used}/watching.ts`, TYPESCRIPT);
  return used;
}

Deno.test({
  name: "npm package: installed from its tarball, JavaScript and TypeScript watch an interface, and types are strict",
  ignore: NODE === undefined,
  fn: async () => {
    const folder = Deno.makeTempDirSync();
    try {
      const used = installed(folder);
      const packed = `${used}/node_modules/@netflags/netflags`;
      const { dependencies, engines, exports } = JSON.parse(Deno.readTextFileSync(`${packed}/package.json`));
      assertEquals([dependencies, engines], [undefined, { node: ">=26.9" }]);
      assertEquals(Object.keys(exports), Object.keys(config.exports).filter((name) => name !== "./cli"));
      assertEquals([...Deno.readDirSync(`${used}/node_modules`)].map(({ name }) => name).sort(), [
        ".package-lock.json",
        "@netflags",
      ]);

      const program = ts.createProgram([`${used}/watching.ts`], {
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false, // the declarations are held to it too
        target: ts.ScriptTarget.ESNext,
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        lib: ["lib.esnext.d.ts", "lib.dom.d.ts"],
        types: [],
        noEmit: true,
      });
      const complaints = ts.getPreEmitDiagnostics(program);
      assertEquals(
        complaints.map(({ file, messageText }) => [file?.fileName, ts.flattenDiagnosticMessageText(messageText, "\n")]),
        [],
      );

      const expected = {
        "watching.js": [["lo"], [["changed", "lo", true], ["changed", "lo", false], "eth0", [], []]],
        "watching.ts": ["lo", true, 0, "function"],
      };
      for (const [file, value] of Object.entries(expected)) {
        const { code, signal, stdout, stderr } = await runNode(NODE!, [`${used}/${file}`]);
        assertMatch(stderr, /^\(node:\d+\) ExperimentalWarning: FFI is an experimental feature/);
        assertEquals([code, signal, JSON.parse(stdout)], [0, null, value], file);
      }
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
