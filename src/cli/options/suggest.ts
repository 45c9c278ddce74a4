/** How many letters must be put in, taken out or replaced to make one word of the other. */
function distanceOf(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (const letter of from) {
    const next = [row[0]! + 1];
    row.slice(1).forEach((above, i) => {
      next.push(Math.min(above + 1, next[i]! + 1, row[i]! + (letter === to[i] ? 0 : 1)));
    });
    row = next;
  }
  return row.at(-1)!;
}

/** The word that was meant by one that is mistyped; undefined where none is close enough to it. */
export function closestWord(word: string, known: readonly string[]): string | undefined {
  const given = word.toLowerCase();
  // Two letters that changed places are two edits, and in "lsit" half of the word.
  const most = Math.max(1, Math.floor(given.replace(/^-+/, "").length / 2));
  const [closest] = known
    .map((one) => ({ one, distance: distanceOf(given, one.toLowerCase()) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance);
  return closest?.one;
}
