import { levenshteinDistance } from "@std/text/levenshtein-distance";

/** The word that was meant by one that is mistyped; undefined where none is close enough to it. */
export function closestWord(word: string, known: readonly string[]): string | undefined {
  const given = word.toLowerCase();
  // Two letters that changed places are two edits, and in "lsit" half of the word.
  const most = Math.max(1, Math.floor(given.replace(/^-+/, "").length / 2));
  const [closest] = known
    .map((one) => ({ one, distance: levenshteinDistance(given, one.toLowerCase()) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance);
  return closest?.one;
}
