/**
 * Runs tests under other kernels and processors, in emulated machines (kernels/machine.ts), and prints a table.
 *
 *   deno task test:kernels [KERNEL|PROCESSOR|SUITE ...]
 *
 * KERNEL is what NETFLAGS_VM_SH takes for one, such as bullseye; PROCESSOR amd64 or arm64; SUITE smoke, live or lab.
 * Of each kind those that are named, or all. What cannot be run is said and counted as skipped. Correctness only:
 * nothing can be measured there.
 */
import { PROCESSORS, SUITES, type Tested, testKernel, whyNot } from "./kernels/machine.ts";
import { addCounts, countWords, nothing } from "./helpers/suites.ts";

/** Linux 5.10, 6.1, 6.12 and 7.x. */
const KERNELS = ["bullseye", "bookworm", "trixie", "sid"];
const HEADINGS = ["KERNEL", "PROCESSOR", "PASSED", "FAILED", "SKIPPED", "SECONDS"];

function named(words: readonly string[], all: readonly string[]): readonly string[] {
  return words.length > 0 ? words : all;
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows) console.log(row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd());
}

const words = Deno.args;
const processors = words.filter((word) => PROCESSORS.includes(word));
const suites = words.filter((word) => word in SUITES);
const kernels = words.filter((word) => !processors.includes(word) && !suites.includes(word));

const total = { passed: 0, failed: 0, skipped: 0 };
const rows = [HEADINGS];
const failures: string[] = [];
for (const processor of named(processors, PROCESSORS)) {
  const why = await whyNot(processor);
  for (const kernel of named(kernels, KERNELS)) {
    const what = named(suites, Object.keys(SUITES));
    let tested: Tested;
    if (why === undefined) {
      console.log(`\n# ${kernel}, ${processor}: ${what.join(", ")}`);
      tested = await testKernel(kernel, processor, what);
    } else {
      const skipped = what.flatMap((suite) => SUITES[suite]!).flat().length;
      console.log(`SKIPPED ${kernel}, ${processor}: ${why}`);
      tested = { ...nothing(), skipped, started: undefined, failures: [], skips: [], seconds: 0 };
    }
    addCounts(total, tested);
    const { started, passed, failed, skipped, seconds } = tested;
    rows.push([
      started?.release ?? `${kernel} (not started)`,
      started?.processor ?? processor,
      ...[passed, failed, skipped, seconds].map(String),
    ]);
    failures.push(...tested.failures.map((name) => `FAILED ${started?.release} ${started?.processor}: ${name}`));
  }
}
console.log("");
printTable(rows);
for (const failure of failures) console.log(failure);
console.log(`\n${countWords(total)}`);
Deno.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
