/**
 * Fuzzes every decoder for `--minutes N` (10), each file of tests/fuzz in a process of its own, and counts the messages.
 * It ends with status 1 where a decoder failed.
 */
import { parseArgs } from "@std/cli/parse-args";

const ROOT = new URL("../", import.meta.url).pathname;
/** The files, with how many of their tests go on for a time, one after the other. */
const FILES = { decode_test: 3, agreement_test: 3 } as const;

const args = parseArgs(Deno.args, { string: ["minutes"] });
const minutes = Number(args.minutes ?? 10);
if (!(minutes > 0)) {
  console.error(`Cannot fuzz for "${args.minutes}" minutes: give a number above 0`);
  Deno.exit(1);
}
const report = Deno.makeTempFileSync({ prefix: "netflags-fuzz-" });

async function fuzz(file: string, tests: number): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "--no-check", "--allow-all", `tests/fuzz/${file}.ts`],
    cwd: ROOT,
    env: { NO_COLOR: "1", NETFLAGS_FUZZ_SECONDS: String(60 * minutes / tests), NETFLAGS_FUZZ_REPORT: report },
    stdin: "null",
  }).spawn().status;
  return success;
}

const passed = await Promise.all(Object.entries(FILES).map(([file, tests]) => fuzz(file, tests)));
const messages = Deno.readTextFileSync(report).trim().split("\n").reduce((sum, one) => sum + Number(one), 0);
Deno.removeSync(report);
console.log(`${messages} messages in ${minutes} minutes, ${passed.includes(false) ? "failed" : "no failure"}`);
Deno.exit(passed.includes(false) ? 1 : 0);
