/**
 * Runs every test, each suite where it belongs: pure ones here, live ones in network namespaces of their own, those of
 * kinds of interfaces that need a kernel of their own in the laboratory. What a machine cannot run is said and counted
 * as skipped. The last line counts them all.
 *
 * NETFLAGS_LAB_SH names a program that runs a command in a laboratory kernel: `lab.sh COMMAND`. What the command leaves
 * in the folder LAB_JOB is then in the folder LAB_COLLECT of this machine. NETFLAGS_VM_SH names one that starts an
 * emulated machine: see kernels/machine.ts.
 */
import { testKernel, whyNot } from "./kernels/machine.ts";
import { addCounts, ALSO_BY_LOOP, countWords, filesOf, ROOT, succeeds, takeReport } from "./helpers/suites.ts";

const LAB_SH = Deno.env.get("NETFLAGS_LAB_SH") ?? `${ROOT}../shared/lab/lab.sh`;
/** Where each suite leaves its report. */
const REPORTS = Deno.makeTempDirSync({ prefix: "netflags-" });
const REPORT = `${REPORTS}/report.xml`;
globalThis.addEventListener("unload", () => Deno.removeSync(REPORTS, { recursive: true }));

const total = { passed: 0, failed: 0, skipped: 0 };

function skip(suite: string, why: string, count = 1): void {
  console.log(`SKIPPED ${suite}: ${why}`);
  total.skipped += count;
}

/** Runs a command that leaves a report, and adds up what that counts. */
async function suite(name: string, command: readonly string[], env: Record<string, string> = {}): Promise<void> {
  console.log(`\n# ${name}`);
  const started = performance.now();
  const { success } = await new Deno.Command(command[0]!, {
    args: command.slice(1),
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).spawn().status;
  const counts = takeReport(REPORT);
  total.passed += counts?.passed ?? 0;
  total.skipped += counts?.skipped ?? 0;
  // A report counts no error outside of a test; and a suite that leaves no report has failed.
  total.failed += Math.max(counts?.failed ?? 0, success && counts !== undefined ? 0 : 1);
  console.log(`# ${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function denoTest(...args: string[]): string[] {
  return [Deno.execPath(), "test", "--quiet", "--no-check", "--allow-all", `--junit-path=${REPORT}`, ...args];
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
  for (const file of files.filter((name) => ALSO_BY_LOOP.includes(name))) {
    await suite(`live ${file}, by the event loop`, [...unshare, ...denoTest(`tests/live/${file}`)], {
      NETFLAGS_LIVE: "1",
      NETFLAGS_WAIT: "loop",
    });
  }
}

/** A minute of watching interfaces that come, go and change all the time. */
async function soak(): Promise<void> {
  if (!(await succeeds("unshare", "--net", "ip", "-V"))) return skip("soak", "needs root, unshare and ip");
  console.log("\n# soak");
  const args = ["run", "--quiet", "--no-check", "--allow-all", "tests/soak.ts", "--minutes", "1"];
  const { success } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdin: "null" }).spawn().status;
  if (success) total.passed++;
  else total.failed++;
}

async function lab(): Promise<void> {
  const files = filesOf("lab");
  const exists = await succeeds("test", "-x", LAB_SH);
  if (!exists) return skip("lab", `no laboratory kernel (NETFLAGS_LAB_SH, ${LAB_SH})`, files.length);
  if (!(await succeeds(LAB_SH, "true"))) return skip("lab", `${LAB_SH} does not start a kernel here`, files.length);
  const handBack = ["sh", "-c", `"$@"; status=$?; cp "${REPORT}" "$LAB_JOB"; exit $status`, "sh"];
  for (const file of files) {
    await suite(`lab ${file}`, [LAB_SH, ...handBack, ...denoTest(`tests/lab/${file}`)], {
      LAB_COLLECT: REPORTS,
      NETFLAGS_LIVE: "1",
      NETFLAGS_LAB: "1",
    });
  }
}

/** The smoke test of one old kernel, where a machine can be emulated. */
async function oldKernel(): Promise<void> {
  const why = await whyNot("amd64");
  if (why !== undefined) return skip("old kernel", why);
  console.log("\n# old kernel: smoke test under Linux 5.10, emulated");
  const tested = await testKernel("bullseye", "amd64", ["smoke"]);
  addCounts(total, tested);
  console.log(`# old kernel: ${tested.seconds} s`);
}

await suite("unit", denoTest("tests/unit"));
// Five tests of so many seconds each, and the simulation.
await suite("fuzz", denoTest("tests/fuzz"), { NETFLAGS_FUZZ_SECONDS: "6", NETFLAGS_SCHEDULES: "10000" });
await suite("cli", denoTest("tests/cli"));
await suite("examples", denoTest("tests/examples"));
await suite("documentation", [
  ...denoTest("--doc", "mod.ts", "src", "platforms").filter((word) => word !== "--no-check"),
]);
if (Deno.build.os === "linux") {
  await live();
  await soak();
  await lab();
  await oldKernel();
} else skip("live, soak, lab and old kernel", "written for Linux; tests/bsd/machine.sh has what a BSD can run");

console.log(`\n${countWords(total)}`);
Deno.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
