/**
 * Runs the tests, several suites side by side, and prints each when it is done. At the end it names what failed and what
 * was skipped, and counts them all in its last line.
 *
 *   deno task test             each kind of test that needs no other kernel, in minutes
 *   deno task test --more      that, and what takes longer: .ci/run
 *   deno task test:more        what takes longer alone
 *   deno task test unit "live watch"   of these, the suites whose names begin so
 *
 * NETFLAGS_LAB_SH names a program that runs a command in a laboratory kernel: `lab.sh COMMAND`. What the command leaves
 * in the folder LAB_JOB is then in the folder LAB_COLLECT of this machine. NETFLAGS_VM_SH names one that starts an
 * emulated machine: see kernels/machine.ts.
 */
import { addCounts, countWords, filesOf, nothing, type Outcome, ROOT, takeReport } from "./helpers/suites.ts";
import { type Command, type Suite, Suites } from "./suites.ts";

const MORE = "--more";
const ONLY_MORE = "--only-more";
/** How the names of the suites begin that are run; empty: all of them. */
const names = Deno.args.filter((arg) => arg !== MORE && arg !== ONLY_MORE);

/** Tests wait more often than they compute. */
const CORES = navigator.hardwareConcurrency;
const LANES = 2 * CORES;
/** Where each suite leaves its report. */
const REPORTS = Deno.makeTempDirSync({ prefix: "netflags-" });
globalThis.addEventListener("unload", () => Deno.removeSync(REPORTS, { recursive: true }));

let reports = 0;

/** Runs a command that leaves a report, and returns what that counts. */
async function runTests(
  command: Command,
  env: Readonly<Record<string, string>>,
  print: (text: string) => void,
): Promise<Outcome> {
  const report = `${REPORTS}/${++reports}.xml`;
  const [program, ...args] = command(report);
  const { success, stdout, stderr } = await new Deno.Command(program!, {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  for (const bytes of [stdout, stderr]) print(new TextDecoder().decode(bytes));
  const counts = takeReport(report);
  if (success && counts !== undefined) return counts;
  // A report counts no error outside of a test; and a suite that leaves no report has failed.
  if (counts !== undefined && counts.failed > 0) return counts;
  return { ...(counts ?? nothing()), failed: 1, failures: ["it failed outside of a test"] };
}

/** A suite with what came of it. */
interface Done extends Outcome {
  readonly name: string;
}

async function runSuite(suite: Suite): Promise<Done> {
  const started = performance.now();
  const texts: string[] = [];
  let outcome: Outcome;
  try {
    outcome = await suite.run((text) => texts.push(text));
  } catch (error) {
    outcome = { ...nothing(), failed: 1, failures: [String(error)] };
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`\n# ${suite.name}: ${seconds} s, ${countWords(outcome)}\n${texts.join("").trimEnd()}`);
  return { ...outcome, name: suite.name };
}

/** Runs suites in so many lanes, in their order. */
async function runAll(suites: readonly Suite[], lanes: number): Promise<Done[]> {
  const left = suites.filter(({ name }) => names.length === 0 || names.some((begun) => name.startsWith(begun)));
  const done: Done[] = [];
  const lane = async (): Promise<void> => {
    for (let suite = left.shift(); suite !== undefined; suite = left.shift()) done.push(await runSuite(suite));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return done;
}

// Live tests have no network of others: what they import is fetched before.
const imports = ["live", "cli", "lab", "node"].flatMap((room) => filesOf(room).map((file) => `tests/${room}/${file}`));
await new Deno.Command(Deno.execPath(), { args: ["cache", "--quiet", ...imports], cwd: ROOT, stdin: "null" }).output();

const suites = new Suites(runTests);
const done = Deno.args.includes(ONLY_MORE) ? [] : await runAll(await suites.usual(), LANES);
// Machines of their own and long runs keep a processor busy, each.
if (Deno.args.includes(MORE) || Deno.args.includes(ONLY_MORE)) done.push(...await runAll(await suites.more(), CORES));

const total = nothing();
for (const one of done) addCounts(total, one);
console.log("");
for (const { name, skips } of done) for (const skip of skips) console.log(`SKIPPED ${name}: ${skip}`);
for (const { name, failures } of done) for (const failure of failures) console.log(`FAILED ${name}: ${failure}`);
console.log(`\n${(performance.now() / 1000).toFixed()} s\n${countWords(total)}`);
Deno.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
