/** Tests in the form of Deno's, run one after the other, and a report of them in the form of JUnit. */
import { writeFileSync } from "node:fs";
import process from "node:process";

type Step = (name: string, run: TestBody) => Promise<boolean>;
type TestBody = (context: { readonly step: Step }) => unknown;
interface Test {
  readonly name: string;
  readonly ignore?: boolean;
  readonly fn: TestBody;
}

/** How long a test may take, in milliseconds. */
const LIMIT = 60_000;
const { setTimeout, clearTimeout } = globalThis; // a test may put its own in their place

const tests: Test[] = [];

/** What stands for `Deno.test`. */
export function testFunction(what: string | Test, ...rest: readonly unknown[]): void {
  const fn = rest.at(-1) as TestBody;
  if (typeof what !== "string") tests.push(what);
  else tests.push({ ...(rest.length > 1 ? rest[0] as object : {}), name: what, fn });
}

const step: Step = async (_name, run) => {
  await run({ step });
  return true;
};

/** Ends a test that waits for what never comes. */
async function withLimit(run: () => unknown): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not end in ${LIMIT / 1000} s`)), LIMIT);
  });
  try {
    await Promise.race([run(), limit]);
  } finally {
    clearTimeout(timer);
  }
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", '"': "&quot;", "<": "&lt;", ">": "&gt;" };
const escaped = (text: string): string => text.replace(/[&"<>]/g, (char) => ESCAPES[char]!);

/** What came of a test. */
export interface Case {
  readonly name: string;
  readonly outcome: "passed" | "failure" | "skipped";
}

/** The report of a file. */
export function reportOf(file: string, cases: readonly Case[]): string {
  const count = (outcome: Case["outcome"]): number => cases.filter((one) => one.outcome === outcome).length;
  const counts = `tests="${cases.length}" disabled="${count("skipped")}" errors="0" failures="${count("failure")}"`;
  const lines = cases.map(({ name, outcome }) =>
    `<testcase name="${escaped(name)}">${outcome === "passed" ? "" : `<${outcome}/>`}</testcase>`
  );
  return `<testsuite name="${escaped(file)}" ${counts}>\n${lines.join("\n")}\n</testsuite>\n`;
}

/** Runs what a file has registered, and writes the report. Whether all is well. */
export async function runTests(file: string, report: string): Promise<boolean> {
  const cases: Case[] = [];
  const uncaught: unknown[] = [];
  process.on("uncaughtException", (error) => uncaught.push(error));
  for (const { name, ignore, fn } of tests) {
    if (ignore) {
      cases.push({ name, outcome: "skipped" });
      continue;
    }
    try {
      await withLimit(() => fn({ step }));
      if (uncaught.length > 0) throw uncaught.shift();
      cases.push({ name, outcome: "passed" });
    } catch (error) {
      console.error(`FAILED ${name}:`, error);
      cases.push({ name, outcome: "failure" });
    }
  }
  writeFileSync(report, reportOf(file, cases));
  return cases.every(({ outcome }) => outcome !== "failure");
}
