/** A part of a pattern: stars, one character, a set of them, or a character that stands for itself. */
const PART = /\*+|\?|\[([!^]?)(\][^\]]*|[^\]]+)\]|[^]/gu;

/** Whether a pattern may match a name other than itself. A bracket that is never closed stands for itself. */
export function isGlob(pattern: string): boolean {
  return /[*?]|\[(\][^\]]*|[^\]]+)\]/u.test(pattern);
}

/** A character in a regular expression, whatever it is. */
function escaped(char: string): string {
  return `\\u{${char.codePointAt(0)!.toString(16)}}`;
}

/** The members of a set: characters, and ranges of them. A range that runs backward is empty, as in a shell. */
function members(text: string): string {
  const chars = Array.from(text);
  const found: string[] = [];
  for (let i = 0; i < chars.length; i++) {
    const first = chars[i]!;
    const last = chars[i + 1] === "-" ? chars[i + 2] : undefined;
    if (last === undefined) found.push(escaped(first));
    else {
      i += 2;
      if (first.codePointAt(0)! <= last.codePointAt(0)!) found.push(`${escaped(first)}-${escaped(last)}`);
    }
  }
  return found.join("");
}

/** The regular expression of a glob: `*`, `?`, `[abc]`, `[a-z]` and `[!abc]`, for the whole of a name. */
function regularExpression(glob: string): RegExp {
  const source = glob.replace(PART, (part: string, not?: string, set?: string) => {
    if (part.startsWith("*")) return ".*";
    if (part === "?") return ".";
    return set === undefined ? escaped(part) : `[${not === "" ? "" : "^"}${members(set)}]`;
  });
  return new RegExp(`^${source}$`, "su");
}

/**
 * Names, and globs of names. Each matches the name that is spelled as it is, whatever characters that has, so that every
 * name can be given as it stands; beside that, one with `*`, `?` or `[...]` matches what the glob does.
 */
export class Patterns {
  readonly #names: ReadonlySet<string>;
  readonly #globs: readonly RegExp[];

  constructor(patterns: readonly string[]) {
    this.#names = new Set(patterns);
    this.#globs = patterns.filter(isGlob).map(regularExpression);
  }

  /** Whether one of them matches. */
  match(name: string): boolean {
    if (this.#names.has(name)) return true;
    for (const glob of this.#globs) if (glob.test(name)) return true;
    return false;
  }
}
