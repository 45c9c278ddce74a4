/** Bytes written as text: plain hexadecimal, and what xxd, hexdump -C, od and tcpdump -x print. */

/** Why a text is no hexadecimal. */
export class HexError extends Error {}

/** Bytes that a text says. */
export interface HexBytes {
  readonly bytes: Uint8Array;
  /** Whether they begin a packet: only tcpdump's output has several. */
  readonly first: boolean;
}

/** How a line begins that has its offset: `00000000: `, `00000000  ` or tcpdump's `0x0000:  `. */
const OFFSET = /^\s*(0x)?([0-9a-f]{4,16})(:|[ \t])[ \t]*(.*)$/i;
/** The end of a dump: the offset alone. */
const LAST_OFFSET = /^\s*([0-9a-f]{4,16})\s*$/i;
/** Plain hexadecimal, as far as a comment. */
const PLAIN = /^[\s0-9a-fx:,;-]*$/i;
/** White space, and what is written between bytes: ":", ",", ";", "-". */
const SEPARATORS: readonly number[] = [0x09, 0x0b, 0x0c, 0x0d, 0x20, 0x3a, 0x2c, 0x3b, 0x2d];
const X = 0x78;
const HASH = 0x23;
/** The longest line that may be anything but plain hexadecimal, and how much of that is read at once. */
const LINE = 1 << 16;
/** For how many bytes all "*" of a text may stand: equal lines that were left out. A short text shall not be endless. */
const MOST_REPEATED = 1 << 20;

type Style = "plain" | "xxd" | "dump" | "tcpdump";

/** Reads a text line by line; what it says it hands on at once. */
export class HexReader {
  #style: Style | undefined;
  #line = "";
  #number = 1;
  /** Whether the beginning of the line was read already: it was too long. */
  #within = false;
  /** Within plain hexadecimal: the digit that is no byte yet, how many the word has, and whether it began with 0x. */
  #nibble = -1;
  #digits = 0;
  #prefixed = false;
  #comment = false;
  /** Within a dump: how many bytes the packet has, the last line's, and whether a "*" was read. */
  #count = 0;
  #last: Uint8Array = new Uint8Array(0);
  #repeat = false;
  #repeatable = MOST_REPEATED;
  #first = true;
  /** What was no hexadecimal before anything was: packets of tcpdump have a line of their own. */
  #foreign: string | undefined;

  /**
   * Takes some of the text, and returns the bytes that it says.
   *
   * @throws {HexError} It is no hexadecimal.
   */
  *push(text: string): Generator<HexBytes, void> {
    for (let at = 0; at < text.length;) {
      const end = text.indexOf("\n", at);
      this.#line += text.slice(at, end < 0 ? undefined : end);
      at = end < 0 ? text.length : end + 1;
      if (end < 0 && this.#line.length < LINE) return;
      const line = this.#line;
      this.#line = "";
      yield* this.#take(line, end >= 0);
      if (end >= 0) this.#number++;
    }
  }

  /**
   * Takes that the text has ended.
   *
   * @throws {HexError} It ended within a byte, or there was no hexadecimal in it.
   */
  *end(): Generator<HexBytes, void> {
    const line = this.#line;
    this.#line = "";
    yield* this.#take(line, true);
    if (this.#style === undefined && this.#foreign !== undefined) throw new HexError(this.#foreign);
    if (this.#repeat) throw this.#error(`"*" with no offset behind it`);
  }

  *#take(line: string, whole: boolean): Generator<HexBytes, void> {
    if (!this.#within) this.#style ??= this.#styleOf(line);
    const beginning = !this.#within;
    this.#within = !whole;
    switch (this.#style) {
      case undefined:
        return;
      case "plain":
        return yield* this.#plain(line, beginning, whole);
      default:
        if (!whole || !beginning) throw this.#error("the line is too long for a dump");
        yield* this.#dump(line, this.#style);
    }
  }

  /** The first line that says bytes decides; a dump's has offset 0. */
  #styleOf(line: string): Style | undefined {
    if (/^\s*(#|$)/.test(line)) return undefined;
    const [, prefix, offset, colon, rest] = OFFSET.exec(line) ?? [];
    if (offset !== undefined && Number.parseInt(offset, 16) === 0 && rest !== "") {
      return colon === ":" ? prefix === undefined ? "xxd" : "tcpdump" : "dump";
    }
    if (PLAIN.test(line.replace(/#.*/, ""))) {
      if (this.#foreign !== undefined) throw new HexError(this.#foreign);
      return "plain";
    }
    this.#foreign ??= this.#error(`${JSON.stringify(foreign(line))} is no hexadecimal`).message;
    return undefined;
  }

  *#plain(line: string, beginning: boolean, whole: boolean): Generator<HexBytes, void> {
    if (beginning) this.#comment = false;
    const bytes = new Uint8Array(line.length / 2 + 1);
    let length = 0;
    const endWord = (): void => {
      if (this.#nibble >= 0 && !(this.#prefixed && this.#digits === 1)) throw this.#error("an odd number of digits");
      if (this.#nibble >= 0) bytes[length++] = this.#nibble; // 0x4
      [this.#nibble, this.#digits, this.#prefixed] = [-1, 0, false];
    };
    for (let i = 0; i < line.length && !this.#comment; i++) {
      const code = line.charCodeAt(i);
      const digit = digitOf(code);
      if (digit >= 0) {
        this.#digits++;
        if (this.#nibble >= 0) bytes[length++] = this.#nibble << 4 | digit;
        this.#nibble = this.#nibble >= 0 ? -1 : digit;
      } else if (SEPARATORS.includes(code)) endWord();
      else if ((code | 0x20) === X && this.#digits === 1 && this.#nibble === 0 && !this.#prefixed) {
        [this.#nibble, this.#digits, this.#prefixed] = [-1, 0, true];
      } else if (code === HASH) this.#comment = true;
      else throw this.#error(`${JSON.stringify(line[i])} is no hexadecimal`);
    }
    if (whole) endWord();
    if (length > 0) yield this.#hand(bytes.subarray(0, length));
  }

  *#dump(line: string, style: Style): Generator<HexBytes, void> {
    if (/^\s*(#|$)/.test(line)) return;
    if (/^\s*\*\s*$/.test(line)) {
      this.#repeat = true;
      return;
    }
    const match = OFFSET.exec(line);
    const ours = match !== null && (style !== "tcpdump" || match[1] !== undefined) &&
      (match[3] === ":") === (style !== "dump");
    const last = ours ? undefined : LAST_OFFSET.exec(line)?.[1];
    if (!ours && last === undefined) {
      if (style === "tcpdump") return; // what tcpdump says of the packet
      throw this.#error(`${JSON.stringify(foreign(line))} is no line of such a dump`);
    }
    const offset = Number.parseInt(last ?? match![2]!, 16);
    if (offset === 0 && this.#count > 0) {
      if (style !== "tcpdump") throw this.#error("the offset begins again");
      [this.#count, this.#first] = [0, true];
    }
    if (this.#repeat) yield* this.#repeated(offset);
    if (offset !== this.#count) {
      throw this.#error(`offset 0x${offset.toString(16)} where 0x${this.#count.toString(16)} was expected`);
    }
    if (last !== undefined) return;
    this.#last = this.#columns(match![4]!, style);
    this.#count += this.#last.length;
    if (this.#last.length > 0) yield this.#hand(this.#last);
  }

  /** The lines for which a "*" stands: each is the one before it again. */
  *#repeated(offset: number): Generator<HexBytes, void> {
    this.#repeat = false;
    const missing = offset - this.#count;
    if (this.#last.length === 0 || missing < 0 || missing > this.#repeatable || missing % this.#last.length !== 0) {
      throw this.#error(`"*" before offset 0x${offset.toString(16)} stands for no lines`);
    }
    this.#repeatable -= missing;
    for (; this.#count < offset; this.#count += this.#last.length) yield this.#hand(this.#last);
  }

  /** The bytes of a line behind its offset, without the characters that they are. */
  #columns(text: string, style: Style): Uint8Array {
    // hexdump and od have the characters between bars; xxd and tcpdump behind two spaces, which hexdump has in the middle.
    const columns = style === "dump" ? text.replace(/\s[|>].*$/, "") : text.replace(/(\s\s|\t).*$/, "");
    if (style === "dump" && /[0-9a-f]{3}/i.test(columns)) {
      throw this.#error("its words are in some machine's byte order: give what hexdump -C or xxd prints");
    }
    const digits = columns.replace(/\s+/g, "");
    if (!/^[0-9a-f]*$/i.test(digits)) throw this.#error(`${JSON.stringify(foreign(columns))} is no hexadecimal`);
    if (digits.length % 2 !== 0) throw this.#error("an odd number of digits");
    return Uint8Array.fromHex(digits);
  }

  #hand(bytes: Uint8Array): HexBytes {
    const first = this.#first;
    this.#first = false;
    return { bytes, first };
  }

  #error(what: string): HexError {
    return new HexError(`Cannot read hexadecimal in line ${this.#number}: ${what}`);
  }
}

/** The beginning of what is no hexadecimal. */
function foreign(line: string): string {
  return line.trim().slice(0, 20);
}

/** What a digit is worth; -1: it is none. */
function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
