/**
 * Runs every test, each suite where it belongs: pure ones here, live ones in network namespaces of their own, those of
 * kinds of interfaces that need a kernel of their own in the laboratory. What a machine cannot run is said and counted
 * as skipped. The last line counts them all.
 *
 * NETFLAGS_LAB_SH names a program that runs a command in a laboratory kernel: `lab.sh COMMAND`.
 */
import { parseArgs } from "@std/cli/parse-args";

const ROOT = new URL("../", import.meta.url).pathname;
const TESTS = `${ROOT}tests`;
const importMap = parseArgs(Deno.args, { string: ["import-map"] })["import-map"] as string | undefined;
const MAP = importMap ? [`--import-map=${importMap}`] : [];
const LAB_SH = Deno.env.get("NETFLAGS_LAB_SH") ?? `${ROOT}../shared/lab/lab.sh`;

const total = { passed: 0, failed: 0, skipped: 0 };

function skip(suite: string, why: string, count = 1): void {
  console.log(`SKIPPED ${suite}: ${why}`);
  total.skipped += count;
}

async function succeeds(...command: string[]): Promise<boolean> {
  try {
    const [program, ...args] = command;
    return (await new Deno.Command(program!, { args, stdout: "null", stderr: "null", stdin: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** Runs a command, shows what it prints, and adds up the line in which `deno test` closes. */
async function suite(name: string, command: readonly string[], env: Record<string, string> = {}): Promise<void> {
  console.log(`\n# ${name}`);
  const started = performance.now();
  const process = new Deno.Command(command[0]!, {
    args: command.slice(1),
    cwd: ROOT,
    env: { NO_COLOR: "1", ...(importMap ? { NETFLAGS_IMPORT_MAP: importMap } : {}), ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  for await (const chunk of process.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    Deno.stdout.writeSync(new TextEncoder().encode(chunk));
  }
  const { success } = await process.status;
  const closing = /(?:ok|FAILED) \| (\d+) passed[^|]*\| (\d+) failed(?:[^|]*\| (\d+) ignored)?/.exec(text);
  total.passed += Number(closing?.[1] ?? 0);
  total.skipped += Number(closing?.[3] ?? 0);
  // A suite that ends badly without counting anything has failed all the same.
  total.failed += Math.max(Number(closing?.[2] ?? 0), success && closing !== null ? 0 : 1);
  console.log(`# ${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function denoTest(...args: string[]): string[] {
  return [Deno.execPath(), "test", "--quiet", "--no-check", "--allow-all", ...MAP, ...args];
}

function filesOf(folder: string): string[] {
  return [...Deno.readDirSync(`${TESTS}/${folder}`)]
    .map(({ name }) => name)
    .filter((name) => name.endsWith("_test.ts"))
    .sort();
}

async function live(): Promise<void> {
  const unshare = (await succeeds("unshare", "--net", "true"))
    ? ["unshare", "--net"]
    : (await succeeds("unshare", "--user", "--map-root-user", "--net", "true"))
    ? ["unshare", "--user", "--map-root-user", "--net"]
    : undefined;
  const files = filesOf("live");
  if (unshare === undefined) {
    return skip("live", "no private network namespace: needs root or user namespaces", files.length);
  }
  if (!(await succeeds("ip", "-V"))) return skip("live", "no ip: install iproute2", files.length);
  for (const file of files) {
    await suite(`live ${file}`, [...unshare, ...denoTest(`tests/live/${file}`)], { NETFLAGS_LIVE: "1" });
  }
  // Few events come to most tests, and those by the poll: once more with the event loop from the start.
  for (const file of files.filter((name) => ["lifecycle_test.ts", "watch_test.ts"].includes(name))) {
    await suite(`live ${file}, by the event loop`, [...unshare, ...denoTest(`tests/live/${file}`)], {
      NETFLAGS_LIVE: "1",
      NETFLAGS_WAIT: "loop",
    });
  }
}

async function lab(): Promise<void> {
  const files = filesOf("lab");
  const exists = await succeeds("test", "-x", LAB_SH);
  if (!exists) return skip("lab", `no laboratory kernel (NETFLAGS_LAB_SH, ${LAB_SH})`, files.length);
  if (!(await succeeds(LAB_SH, "true"))) return skip("lab", `${LAB_SH} does not start a kernel here`, files.length);
  for (const file of files) {
    await suite(`lab ${file}`, [LAB_SH, ...denoTest(`tests/lab/${file}`)], { NETFLAGS_LIVE: "1", NETFLAGS_LAB: "1" });
  }
}

await suite("unit", denoTest("tests/unit"));
await suite("fuzz", denoTest("tests/fuzz"));
await suite("cli", denoTest("tests/cli"));
await suite("documentation", [
  ...denoTest("--doc", "mod.ts", "src", "platforms").filter((word) => word !== "--no-check"),
]);
if (Deno.build.os === "linux") {
  await live();
  await lab();
} else skip("live and lab", "written for Linux");

console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
Deno.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
