/** Makes the programs that are compared: compiles what is to be compiled, and finds out what is missing. */

/** How a program is started, or what must be installed first. */
export type Program = { readonly argv: readonly string[] } | { readonly missing: string };

/** Every program of the comparison. The first two do the measuring itself, and must be there. */
export interface Programs {
  readonly floor: Program;
  readonly changes: Program;
  readonly netflags: Program;
  /** The same in Node.js. */
  readonly node: Program;
  readonly mnl: Program;
  readonly go: Program;
  readonly pyroute2: Program;
}

const HERE = new URL(".", import.meta.url).pathname;
/** The programs that are not netflags. */
const PEERS = `${HERE}peers/`;
const DEBIAN_GO = "/usr/share/gocode";

/** What came of a program that ran to its end. */
export interface Ran {
  readonly ok: boolean;
  readonly out: string;
  readonly error: string;
}

/** Runs a program to its end; one that is not there has failed. */
export async function run(
  argv: readonly string[],
  options: { stdin?: string; cwd?: string; env?: Record<string, string> } = {},
): Promise<Ran> {
  const [command = "", ...args] = argv;
  const { stdin, ...rest } = options;
  try {
    const child = new Deno.Command(command, {
      args,
      ...rest,
      stdin: stdin === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    if (stdin !== undefined) await ReadableStream.from([new TextEncoder().encode(stdin)]).pipeTo(child.stdin);
    const { success, stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    return { ok: success, out: decoder.decode(stdout), error: decoder.decode(stderr).trim() };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { ok: false, out: "", error: `there is no ${command}` };
    throw error;
  }
}

/** Node.js, and the npm package in a folder of its own. */
export interface NodePackage {
  readonly program: string;
  readonly folder: string;
}

/** A file in Node.js; the warning that foreign functions are experimental is left out. */
export function inNode(node: NodePackage | undefined, file: string, env: readonly string[] = []): Program {
  if (node === undefined) return { missing: "install Node.js 26.9 or later (NETFLAGS_NODE)" };
  return { argv: [...(env.length > 0 ? ["env", ...env] : []), node.program, "--no-warnings", file] };
}

/** A program in Deno beside this file. */
export function deno(file: string): Program {
  return { argv: [Deno.execPath(), "run", "-A", "--quiet", "--no-lock", `${HERE}${file}`] };
}

async function compile(directory: string, name: string, libraries: readonly string[] = []): Promise<Program> {
  const program = `${directory}/${name}`;
  const { ok, error } = await run(["cc", "-O2", "-o", program, `${PEERS}${name}.c`, ...libraries]);
  if (ok) return { argv: [program] };
  console.error(error);
  return { missing: `install gcc libc6-dev${libraries.length > 0 ? " libmnl-dev" : ""}` };
}

async function compileGo(directory: string): Promise<Program> {
  const program = `${directory}/vishvananda`;
  const { ok, error } = await run(["go", "build", "-o", program, "main.go"], {
    cwd: `${PEERS}vishvananda`,
    // Debian has its Go libraries as a GOPATH; nothing is fetched.
    env: { GOPATH: DEBIAN_GO, GO111MODULE: "off", GOFLAGS: "", GOCACHE: `${directory}/gocache` },
  });
  if (ok) return { argv: [program] };
  console.error(error);
  return { missing: "install golang-go golang-github-vishvananda-netlink-dev" };
}

/** The system's Python first: that of a version manager does not see Debian's packages. */
async function findPython(): Promise<Program> {
  for (const python of ["/usr/bin/python3", "python3"]) {
    if ((await run([python, "-c", "import pyroute2"])).ok) return { argv: [python, `${PEERS}pyroute2_peer.py`] };
  }
  return { missing: "install python3-pyroute2" };
}

/** Makes them all, into a directory that is there. */
export async function makePrograms(directory: string, node: NodePackage | undefined): Promise<Programs> {
  return {
    floor: await compile(directory, "floor"),
    changes: await compile(directory, "changes"),
    netflags: deno("netflags.ts"),
    node: inNode(node, `${HERE}node.ts`),
    mnl: await compile(directory, "mnl", ["-lmnl"]),
    go: await compileGo(directory),
    pyroute2: await findPython(),
  };
}
