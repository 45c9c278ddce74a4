/**
 * Runs test files as root in a machine that is there for nothing else, and counts them for machine.ts. Its arguments are
 * files in `tests`, such as live/watch/watch_test.ts; with ":loop" behind a name, its events come by the event loop.
 */
import { countWords, nothing, type Outcome, ROOT, succeeds, takeReport } from "../helpers/suites.ts";
import { COUNTED, STARTED } from "./protocol.ts";

/** No file needs so long in milliseconds, however slow the machine; machine.ts allows a minute more. */
const LIMIT = 840_000;
const REPORT = `${Deno.makeTempDirSync()}/report.xml`;

async function runFile(file: string, way: string | undefined): Promise<Outcome> {
  const lab = file.startsWith("lab/");
  const test = [Deno.execPath(), "test", "--quiet", "--no-check", "--allow-all", `--junit-path=${REPORT}`];
  const words = [...(lab ? [] : ["unshare", "--net"]), ...test, `${ROOT}tests/${file}`];
  const process = new Deno.Command(words[0]!, {
    args: words.slice(1),
    cwd: ROOT,
    env: {
      NETFLAGS_LIVE: "1",
      NETFLAGS_ROUNDS: "4",
      ...(lab ? { NETFLAGS_LAB: "1" } : {}),
      ...(way === undefined ? {} : { NETFLAGS_WAIT: way }),
    },
    stdin: "null",
  }).spawn();
  const tooLong = setTimeout(() => process.kill("SIGKILL"), LIMIT);
  const { success, signal } = await process.status;
  clearTimeout(tooLong);
  const outcome = takeReport(REPORT) ?? nothing();
  const outside = !success && outcome.failed === 0;
  const failures = outside
    ? [`${file}: ${signal === null ? "failed outside of a test" : "did not end"}`]
    : outcome.failures;
  return {
    ...outcome,
    failed: outside ? 1 : outcome.failed,
    failures: failures.map((name) => `${way === undefined ? "" : `by ${way}: `}${name}`),
  };
}

// There is no network here.
if (!(await succeeds("ln", "-sfn", "std1", `${ROOT}offline/std`))) throw new Error("the stand-ins cannot be chosen");
if (!(await succeeds("unshare", "--net", "true"))) throw new Error("no private network namespace here");
console.log(`${STARTED}${JSON.stringify({ release: Deno.osRelease(), processor: Deno.build.arch })}`);
for (const argument of Deno.args) {
  const started = performance.now();
  const [file, way] = argument.split(":");
  console.log(`# ${argument}`);
  const outcome = await runFile(file!, way);
  console.log(`# ${argument}: ${countWords(outcome)}, ${Math.round((performance.now() - started) / 1000)} s`);
  console.log(`${COUNTED}${JSON.stringify(outcome)}`);
}
