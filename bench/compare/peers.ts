/** Who decodes and who lists, and the running of them. */
import { SYSTEMS } from "../../platforms/bsd/systems/systems.ts";
import { deno, inNode, type NodePackage, type Program, type Programs, run } from "./programs.ts";

/** One row of a table: a program with its arguments. */
export interface Peer {
  readonly id: string;
  /** Whose work it is. */
  readonly name: string;
  /** What it does. */
  readonly what: string;
  readonly program: Program;
  /** The arguments before the number of rounds, and those behind it. */
  readonly args: readonly string[];
  readonly rest?: readonly string[];
  readonly rounds: number;
}

/** What was measured of one: a figure for each round of each pass. */
export interface Measured {
  readonly id: string;
  readonly name: string;
  readonly what: string;
  readonly samples: number[];
  /** Why there is nothing. */
  missing?: string;
}

/** The decoders, on the bytes of one file. */
export function decodePeers({ floor, netflags, mnl, go, pyroute2 }: Programs, file: string): Peer[] {
  const peer = (id: string, name: string, what: string, program: Program, rounds: number, command = "scan"): Peer => ({
    id,
    name,
    what,
    program,
    args: [command, file],
    rounds,
  });
  return [
    peer("floor", "C, by hand", "index, flags, name", floor, 400),
    peer("mnl", "libmnl (C)", "all attributes, state fields read", mnl, 100),
    peer("status", "netflags, as `list()` does", "whole `InterfaceStatus`, a new object", netflags, 60, "status"),
    peer("status-new", "netflags, as `list()` does", "the same, no text seen before", netflags, 60, "status-new"),
    peer(
      "unchanged",
      "netflags, as `poll` does",
      "each compared with the known one, nothing new",
      netflags,
      60,
      "unchanged",
    ),
    peer("go", "vishvananda/netlink (Go)", "`LinkDeserialize`, all attributes", go, 30),
    peer("pyroute2", "pyroute2 (Python)", "`MarshalRtnl.parse`; index, flags, name read", pyroute2, 1),
  ];
}

/** What netflags spends on a message, by what becomes of it; there is no peer that tells these apart. */
export function hotPeers({ netflags }: Programs, file: string): Peer[] {
  const own = (id: string, name: string, what: string, ...args: string[]): Peer => ({
    id,
    name,
    what,
    program: netflags,
    args,
    rounds: 200,
  });
  return [
    own("event", "Linux", "RTM_NEWLINK or RTM_NEWADDR, to the event that a watcher gets", "event"),
    own("repeated", "Linux", "RTM_NEWLINK again, whatever its statistics say", "repeated", file),
    own("other", "Linux", "RTM_NEWLINK of an interface that nobody asked for, its state changed", "other", file),
    own("wireless", "Linux", "RTM_NEWLINK of the wireless extensions, without a state", "wireless"),
    ...Object.keys(SYSTEMS).map((system) =>
      own(`ifinfo ${system}`, system, "RTM_IFINFO to index, flags, link state", "ifinfo", system)
    ),
  ];
}

const ROOT = new URL("../../", import.meta.url).pathname;
const HERE = new URL(".", import.meta.url).pathname;

/** A command of the command-line tool, as `deno run` starts it. */
function command(line: string): Program {
  return { argv: [Deno.execPath(), "run", "-A", "--quiet", `${ROOT}src/cli/main.ts`, ...line.split(" ")] };
}

/** How long it takes until a new process has its first answer. */
export function startupPeers({ floor }: Programs, node: NodePackage | undefined): Peer[] {
  const startup = deno("startup.ts");
  const process = (id: string, name: string, what: string, program: Program): Peer => ({
    id,
    name,
    what,
    program: "missing" in floor ? floor : { argv: [...floor.argv, "spawn"] },
    args: [],
    rest: "missing" in program ? [] : program.argv,
    rounds: 6,
  });
  return [
    {
      id: "import",
      name: "netflags",
      what: "`import` of mod.ts to the first answer of `list()`",
      program: startup,
      args: [],
      rounds: 1,
    },
    process("process", "netflags", "the whole process that does only that", startup),
    ...["list", "show lo", "explain lo", "wait lo present", "set lo up --dry-run", "flags 4163"].map((line) =>
      process(`command ${line}`, "netflags", `\`netflags ${line}\`, the whole process`, command(line))
    ),
    process("node ts", "netflags in Node.js", "the same, from its sources", inNode(node, `${HERE}startup.ts`)),
    process(
      "node js",
      "netflags in Node.js",
      "the same, from the npm package",
      inNode(node, `${node?.folder}/startup.js`),
    ),
    process(
      "node cache",
      "netflags in Node.js",
      "the same, with NODE_COMPILE_CACHE",
      inNode(node, `${node?.folder}/startup.js`, [`NODE_COMPILE_CACHE=${node?.folder}/cache`]),
    ),
    process("node nothing", "Node.js", "a process that does nothing", inNode(node, `${node?.folder}/nothing.js`)),
    process("nothing", "Deno", "a process that does nothing", deno("nothing.ts")),
    process("ip", "iproute2", "`ip -o link`, a process", { argv: ["ip", "-o", "link"] }),
  ];
}

/** Who lists every interface of the system. */
export function listPeers({ floor, netflags, node, mnl, go, pyroute2 }: Programs): Peer[] {
  return [
    {
      id: "receive",
      name: "C, by hand",
      what: "the dump received only",
      program: floor,
      args: ["receive"],
      rounds: 15,
    },
    { id: "mnl", name: "libmnl (C)", what: "dump, all attributes", program: mnl, args: ["list"], rounds: 15 },
    {
      id: "links",
      name: "netflags",
      what: "`list({ addresses: false })`",
      program: netflags,
      args: ["links"],
      rounds: 15,
    },
    { id: "list", name: "netflags", what: "`list()`", program: netflags, args: ["list"], rounds: 15 },
    {
      id: "node links",
      name: "netflags in Node.js",
      what: "`list({ addresses: false })`",
      program: node,
      args: ["links"],
      rounds: 15,
    },
    { id: "node list", name: "netflags in Node.js", what: "`list()`", program: node, args: ["list"], rounds: 15 },
    { id: "go", name: "vishvananda/netlink (Go)", what: "`LinkList()`", program: go, args: ["list"], rounds: 8 },
    { id: "pyroute2", name: "pyroute2 (Python)", what: "`get_links()`", program: pyroute2, args: ["list"], rounds: 1 },
    {
      id: "ip",
      name: "iproute2",
      what: "`ip -o link`, a process, output to /dev/null",
      program: floor,
      args: ["spawn"],
      rest: ["ip", "-o", "link"],
      rounds: 8,
    },
    {
      id: "networkInterfaces",
      name: "Deno",
      what: "`Deno.networkInterfaces()`: those with an address",
      program: netflags,
      args: ["networkInterfaces"],
      rounds: 8,
    },
  ];
}

/**
 * Runs each as a process of its own, one after the other, and all of them again in each pass: so a noisy minute hits all
 * alike, and no figure rests on how the memory of one process happened to lie.
 */
export async function measure(peers: readonly Peer[], passes: number, rounds: number | undefined): Promise<Measured[]> {
  const measured = peers.map(({ id, name, what, program }): Measured => ({
    id,
    name,
    what,
    samples: [],
    ...("missing" in program ? { missing: program.missing } : {}),
  }));
  for (let pass = 1; pass <= passes; pass++) {
    console.error(`  pass ${pass} of ${passes}`);
    for (const [i, { program, args, rest = [], rounds: own }] of peers.entries()) {
      const row = measured[i]!;
      if (row.missing !== undefined || "missing" in program) continue;
      // pyroute2 takes a second for what others do in milliseconds: its one round stays one.
      const count = own === 1 ? own : rounds ?? own;
      const { ok, out, error } = await run([...program.argv, ...args, String(count), ...rest]);
      if (ok) row.samples.push(...out.trim().split("\n").map(Number));
      else row.missing = `failed: ${error.split("\n").at(-1)}`;
    }
  }
  return measured;
}
