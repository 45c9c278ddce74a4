/** What the programs that run test files have in common: which files there are, and what their reports count. */

/** This checkout, as an address and as a path. */
export const ROOT_URL = new URL("../../", import.meta.url).href;
export const ROOT = new URL(ROOT_URL).pathname;

/** How many tests did what. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** What came of tests, with the names of those that did not pass. */
export interface Outcome extends Counts {
  readonly failures: readonly string[];
  /** Those that were skipped, or why many of them were. */
  readonly skips: readonly string[];
}

/** What comes of no tests. */
export function nothing(): Outcome {
  return { passed: 0, failed: 0, skipped: 0, failures: [], skips: [] };
}

/** Adds one count to another. */
export function addCounts(to: Counts, more: Readonly<Counts>): void {
  to.passed += more.passed;
  to.failed += more.failed;
  to.skipped += more.skipped;
}

/** The counts in words. */
export function countWords({ passed, failed, skipped }: Readonly<Counts>): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** The test files of a folder of `tests` and of those in it, by their paths from there. */
export function filesOf(folder: string): string[] {
  return [...Deno.readDirSync(`${ROOT}tests/${folder}`)]
    .flatMap(({ name, isDirectory }) =>
      isDirectory ? filesOf(`${folder}/${name}`).map((file) => `${name}/${file}`) : [name]
    )
    .filter((name) => name.endsWith("_test.ts"))
    .sort();
}

/** The folders of a folder of `tests`. */
export function foldersOf(folder: string): string[] {
  return [...Deno.readDirSync(`${ROOT}tests/${folder}`)].filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => name).sort();
}

/** Live test files that are run a second time, by the event loop from the start: few events come to most tests. */
export const ALSO_BY_LOOP: readonly string[] = [
  "netns/netns_test.ts",
  "watch/lifecycle_test.ts",
  "watch/watch_test.ts",
];

/** Whether a command can be run, and ends well. */
export async function succeeds(...command: string[]): Promise<boolean> {
  try {
    const [program, ...args] = command;
    return (await new Deno.Command(program!, { args, stdout: "null", stderr: "null", stdin: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** How XML writes what may stand in a test's name. */
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", apos: "'", gt: ">", lt: "<", quot: '"' };

/** What a report in the form of JUnit says, and removes it. Undefined where there is none. */
export function takeReport(path: string): Outcome | undefined {
  let report: string;
  try {
    report = Deno.readTextFileSync(path);
    Deno.removeSync(path);
  } catch {
    return undefined;
  }
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [element] of report.matchAll(/<testsuite [^>]*>/g)) {
    const count = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(element)?.[1] ?? 0);
    const failed = count("failures") + count("errors");
    addCounts(counts, { passed: count("tests") - failed - count("disabled"), failed, skipped: count("disabled") });
  }
  const named = (element: string): string[] =>
    Array.from(
      report.matchAll(new RegExp(`<testcase name="([^"]*)"[^>]*>\\s*<(?:${element})`, "g")),
      ([, name]) => name!.replace(/&(\w+);/g, (entity, word: string) => ENTITIES[word] ?? entity),
    );
  return { ...counts, failures: named("failure|error"), skips: named("skipped") };
}
