/** Stands in for `@std/text/levenshtein-distance`. */

/** How many letters must be put in, taken out or replaced to make one text of the other. */
export function levenshteinDistance(str1: string, str2: string): number {
  const [from, to] = [[...str1], [...str2]];
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  from.forEach((letter, i) => {
    const next = [i + 1];
    to.forEach((other, j) => {
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (letter === other ? 0 : 1)));
    });
    row = next;
  });
  return row[to.length]!;
}
