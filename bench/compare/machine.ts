/** Where it was measured, and by which versions. */
import { run } from "./programs.ts";

async function first(argv: readonly string[]): Promise<string> {
  const { ok, out } = await run(argv);
  return (ok ? out.trim().split("\n")[0] : undefined) || "missing";
}

function debian(name: string): Promise<string> {
  return first(["dpkg-query", "-W", "-f", "${Version}", name]);
}

/** The lines of the report's header: what, and which. */
export async function describeMachine(): Promise<[string, string][]> {
  const model = /^model name\s*:\s*(.*)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1] ?? "unknown";
  return [
    ["CPU", `${model}, ${navigator.hardwareConcurrency} cores`],
    ["kernel", (await first(["uname", "-srm"])).replace(/-\S+/, "")], // without a distribution's own suffix
    ["Deno", `${Deno.version.deno} (V8 ${Deno.version.v8})`],
    ["gcc", await first(["cc", "-dumpfullversion"])],
    ["libmnl", await debian("libmnl-dev")],
    ["Go", (await first(["go", "version"])).replace(/^go version go/, "")],
    ["vishvananda/netlink", await debian("golang-github-vishvananda-netlink-dev")],
    ["pyroute2", await debian("python3-pyroute2")],
    ["iproute2", (await first(["ip", "-V"])).replace(/^ip utility, /, "")],
    ["date", new Date().toISOString().slice(0, 10)],
  ];
}
