/** Node.js with foreign functions: which one the tests run, and how. */

/** The oldest one that can ask a kernel: node:ffi without a flag, and with the event loop of a thread. */
const LEAST = [26, 9] as const;
/** Where npm's registry has it as a package of its own. */
const PACKAGE = `node-${Deno.build.os}-${Deno.build.arch === "x86_64" ? "x64" : "arm64"}@${LEAST[0]}`;

/** The program itself, if what a command starts is new enough: what npx starts cannot be started without a network. */
function programOf(...command: readonly string[]): string | undefined {
  const [program, ...args] = command;
  try {
    const ask = [...args, "-p", "`${process.versions.node} ${process.execPath}`"];
    const { success, stdout } = new Deno.Command(program!, { args: ask, stderr: "null" }).outputSync();
    const [, major, minor, path] = /^(\d+)\.(\d+)\.\S+ (.+)$/m.exec(new TextDecoder().decode(stdout)) ?? [];
    const fits = Number(major) > LEAST[0] || (Number(major) === LEAST[0] && Number(minor) >= LEAST[1]);
    return success && fits ? path : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Such a Node.js: that of NETFLAGS_NODE, the machine's own, or the npm registry's where `fetch` says so. undefined: there
 * is none.
 */
export function findNode(fetch: boolean): string | undefined {
  const named = Deno.env.get("NETFLAGS_NODE");
  if (named !== undefined && named !== "") return programOf(named);
  return programOf("node") ?? (fetch ? programOf("npx", "-y", "--fetch-retries=0", "-p", PACKAGE, "node") : undefined);
}

/** Why there is none, in words. */
export const NO_NODE = `no Node.js ${
  LEAST.join(".")
} or later, on this machine or from the npm registry (NETFLAGS_NODE)`;

/** What came of a program. */
export interface Ended {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in Node.js. One that does not end is ended, with SIGKILL: nothing is waited for in vain. */
export async function runNode(
  node: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  limit = 60_000,
): Promise<Ended> {
  const signal = AbortSignal.timeout(limit);
  const process = new Deno.Command(node, { args: [...args], env, stdin: "null", stdout: "piped", stderr: "piped" })
    .spawn();
  const end = (): void => process.kill("SIGKILL");
  signal.addEventListener("abort", end);
  const { code, signal: by, stdout, stderr } = await process.output();
  signal.removeEventListener("abort", end);
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, signal: by, stdout: text(stdout), stderr: text(stderr) };
}
