/** Stands in for `@std/cli/unicode-width`, from a table of the widths that the real one gives. */
import widths from "./widths.json" with { type: "json" };

/** Where each run of code points of one width begins, and that width. */
let runs: { readonly starts: readonly number[]; readonly widths: readonly number[] } | undefined;

/** The table is run after run: how many code points in base 36, and A, B or C for 0, 1 or 2 columns. */
function readRuns(): NonNullable<typeof runs> {
  let start = 0;
  const starts: number[] = [];
  const found: number[] = [];
  for (const [, length, width] of widths.matchAll(/([0-9a-z]+)([ABC])/g)) {
    starts.push(start);
    found.push("ABC".indexOf(width!));
    start += parseInt(length!, 36);
  }
  return { starts, widths: found };
}

/** How many columns of a terminal a text takes. */
export function unicodeWidth(str: string): number {
  if (/^[\x20-\x7e]*$/.test(str)) return str.length;
  const { starts, widths } = runs ??= readRuns();
  let columns = 0;
  for (const char of str) {
    const code = char.codePointAt(0)!;
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= code) low = middle;
      else high = middle;
    }
    columns += widths[low]!;
  }
  return columns;
}
