/** How many characters to insert, delete or replace to make one text from another (Levenshtein's distance). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++) {
      const replaced = row[j]! + (from[i] === to[j] ? 0 : 1);
      next.push(Math.min(replaced, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}

/** The word that was meant by one that is mistyped; undefined if none is close enough to it. */
export function closestWord(word: string, known: readonly string[]): string | undefined {
  const given = word.toLowerCase();
  // Two letters that changed places are two edits, and in "lsit" half of the word.
  const most = Math.max(1, Math.floor(given.replace(/^-+/, "").length / 2));
  let closest: string | undefined;
  let least = most + 1;
  for (const one of known) {
    // A text that differs by more characters in length than are allowed is not compared: a caller may give any text.
    if (Math.abs(one.length - given.length) >= least) continue;
    const edits = distance(given, one.toLowerCase());
    if (edits < least) [closest, least] = [one, edits];
  }
  return closest;
}
