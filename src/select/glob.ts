/** A part of a pattern: stars, one character, a set of characters, or a literal character. */
const PART = /\*+|\?|\[([!^]?)(\][^\]]*|[^\]]+)\]|[^]/gu;

/** Whether a pattern may match a name other than itself. A bracket that is never closed is literal. */
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

/** Any characters, or none. */
const STAR = "*";
/** A part of a glob: a star, or what one character must be. */
type Part = typeof STAR | ((char: string) => boolean);

function partOf(text: string, not: string | undefined, set: string | undefined): Part {
  if (text.startsWith("*")) return STAR;
  if (text === "?") return () => true;
  if (set === undefined) return (char) => char === text;
  const one = new RegExp(`^[${not === "" ? "" : "^"}${members(set)}]$`, "su");
  return (char) => one.test(char);
}

/**
 * A glob: `*`, `?`, `[abc]`, `[a-z]` and `[!abc]`, for the whole of a name. If a star took too little, only the last
 * star takes more, because those before it have all that they need. So no match takes more time than the product of
 * both lengths.
 */
class Glob {
  readonly #parts: readonly Part[];

  constructor(glob: string) {
    this.#parts = Array.from(glob.matchAll(PART), ([text, not, set]) => partOf(text, not, set));
  }

  match(name: string): boolean {
    const parts = this.#parts;
    const chars = Array.from(name);
    let part = 0;
    let star = -1;
    let taken = 0;
    for (let at = 0; at < chars.length;) {
      const wanted = parts[part];
      if (wanted === STAR) {
        star = part++;
        taken = at;
      } else if (wanted?.(chars[at]!)) {
        part++;
        at++;
      } else if (star >= 0) {
        part = star + 1;
        at = ++taken;
      } else return false;
    }
    while (parts[part] === STAR) part++;
    return part === parts.length;
  }
}

/**
 * Names, and globs of names. Each matches the name with exactly its text, whatever characters it has, so that every
 * name can be given literally. One with `*`, `?` or `[...]` also matches as a glob.
 */
export class Patterns {
  readonly #names: ReadonlySet<string>;
  readonly #globs: readonly Glob[];

  constructor(patterns: readonly string[]) {
    this.#names = new Set(patterns);
    this.#globs = patterns.filter(isGlob).map((pattern) => new Glob(pattern));
  }

  /** Whether one of them matches. */
  match(name: string): boolean {
    if (this.#names.has(name)) return true;
    for (const glob of this.#globs) if (glob.match(name)) return true;
    return false;
  }
}
