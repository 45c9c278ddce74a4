/** One interface flag of one platform. */
export interface FlagInfo {
  /** The kernel's name without `IFF_`. */
  readonly name: string;
  /** The flag's bit, as a number with that bit set. */
  readonly bit: number;
  /** What the flag means. */
  readonly meaning: string;
  /** Whether the kernel or the driver sets it, and ignores what a user sets. */
  readonly volatile: boolean;
  /** Whether a user may set and clear it. */
  readonly settable: boolean;
}

/**
 * One flag in a numbers file: its bit, its name without IFF_, who changes it, and its meaning. "settable": a user may
 * set and clear it. "volatile": the kernel or the driver sets it, and ignores what a user sets.
 */
export type FlagRow = readonly [bit: number, name: string, change: "settable" | "volatile", meaning: string];

/** Few words occur on a machine. The limit protects against a hostile stream of words. */
const MOST_WORDS = 1024;

/** The flags of one platform. */
export class FlagTable {
  readonly #rows: readonly FlagRow[];
  /** What is made of the rows when somebody first asks for it: a program needs the flags of one system. */
  #infos: readonly FlagInfo[] | undefined;
  readonly #names = new Map<number, readonly string[]>();
  /** The last word that was asked for: interfaces with the same word often follow each other. */
  #lastWord = 0;
  #lastNames: readonly string[] = Object.freeze([]);

  constructor(rows: readonly FlagRow[]) {
    this.#rows = rows;
  }

  /** Every flag, lowest bit first; frozen. */
  get infos(): readonly FlagInfo[] {
    return this.#infos ??= Object.freeze(
      this.#rows
        .map(([bit, name, change, meaning]) =>
          Object.freeze({ name, bit, meaning, volatile: change === "volatile", settable: change === "settable" })
        )
        .sort((a, b) => a.bit - b.bit),
    );
  }

  /** A flag by its name, with or without `IFF_`, in any case. */
  find(name: string): FlagInfo | undefined {
    const wanted = name.toUpperCase().replace(/^IFF_/, "");
    return this.infos.find((info) => info.name === wanted);
  }

  /**
   * The names of the bits that are set, lowest first; bits without a name are at the end, as one hexadecimal number.
   * Each word's list is made once, frozen, and returned again.
   */
  names(word: number): readonly string[] {
    if (word === this.#lastWord) return this.#lastNames;
    let names = this.#names.get(word);
    if (names === undefined) {
      const known = this.infos.filter((info) => (word & info.bit) !== 0);
      const rest = known.reduce((left, info) => left & ~info.bit, word) >>> 0;
      names = Object.freeze([...known.map((info) => info.name), ...(rest === 0 ? [] : [`0x${rest.toString(16)}`])]);
      if (this.#names.size >= MOST_WORDS) this.#names.clear();
      this.#names.set(word, names);
    }
    this.#lastWord = word;
    this.#lastNames = names;
    return names;
  }
}
