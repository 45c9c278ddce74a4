/**
 * Runs files of unit tests in Node.js, each in a process of its own: run.ts REPORT FILE... It stands in for what the tests
 * use of Deno, for which they are written; what is tested is the same module in this runtime.
 */
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { registerHooks } from "node:module";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { STAND_IN } from "./deno.ts";
import { reportOf, runTests, testFunction } from "./tests.ts";

const ROOT = new URL("../../../", import.meta.url);
/** The packages that the tests use: their stand-ins need no registry. */
const PACKAGES: Readonly<Record<string, string>> = {
  "@std/assert": "offline/std1/assert/mod.ts",
  "@std/cli/parse-args": "offline/std1/cli/parse_args.ts",
  "@std/cli/unicode-width": "offline/std1/cli/unicode_width.ts",
  "@std/testing/time": "offline/std1/testing/time.ts",
};

/** Runs a file in this process. Whether all is well. */
async function runHere(file: string, report: string): Promise<boolean> {
  registerHooks({
    resolve: (specifier, context, next) => {
      const stands = PACKAGES[specifier];
      return next(stands === undefined ? specifier : new URL(stands, ROOT).href, context);
    },
  });
  Object.assign(globalThis, { Deno: { ...STAND_IN, test: testFunction } });
  await import(pathToFileURL(file).href);
  return await runTests(file, report);
}

/** Runs a file in a process of its own, and adds its report. Whether all is well. */
function runApart(file: string, report: string): boolean {
  const part = `${report}.part`;
  const own = process.argv[1]!;
  const { status } = spawnSync(process.execPath, [...process.execArgv, own, part, file], { stdio: "inherit" });
  const ended = existsSync(part);
  appendFileSync(
    report,
    ended ? readFileSync(part) : reportOf(file, [{ name: `${file} as a whole`, outcome: "failure" }]),
  );
  rmSync(part, { force: true });
  return ended && status === 0;
}

const [report, ...files] = process.argv.slice(2);
let well: boolean;
if (files.length === 1) well = await runHere(files[0]!, report!);
else {
  writeFileSync(report!, "");
  well = files.map((file) => runApart(file, report!)).every(Boolean);
}
process.exit(well ? 0 : 1);
