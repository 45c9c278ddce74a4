/** Bytes written as plain hexadecimal. */
import type { Source } from "./source.ts";

/** Why a text is no hexadecimal. */
export class HexError extends Error {}

const NEWLINE = 0x0a;
/** White space, and what is written between bytes: ":", ",", ";", "-". */
const SEPARATORS: readonly number[] = [0x09, NEWLINE, 0x0b, 0x0c, 0x0d, 0x20, 0x3a, 0x2c, 0x3b, 0x2d];
const X = 0x78;
const HASH = 0x23;
/** U+FEFF as UTF-8: the mark that some editors write at the beginning of a text. */
const MARK: readonly number[] = [0xef, 0xbb, 0xbf];
/** An offset has at least so many digits. */
const LEAST_OFFSET = 4;

/** Reads a text character by character. */
class HexReader {
  #line = 1;
  #comment = false;
  /** The digit that is no byte yet, how many the word has, whether it began with 0x, and whether it is zero so far. */
  #nibble = -1;
  #digits = 0;
  #prefixed = false;
  #zero = true;
  #firstWord = true;

  /**
   * The byte that is whole with a character; -1: none is.
   *
   * @throws {HexError} Such a character is not part of hexadecimal, or a word has half a byte.
   */
  next(code: number): number {
    if (this.#comment && code !== NEWLINE) return -1;
    const digit = digitOf(code);
    if (digit >= 0) {
      this.#digits++;
      this.#zero &&= digit === 0;
      const before = this.#nibble;
      this.#nibble = before >= 0 ? -1 : digit;
      return before >= 0 ? before << 4 | digit : -1;
    }
    if (code === HASH) this.#comment = true;
    if (code === HASH || SEPARATORS.includes(code)) {
      const byte = this.endWord();
      if (code === NEWLINE) [this.#line, this.#comment] = [this.#line + 1, false];
      return byte;
    }
    if ((code | 0x20) === X && this.#digits === 1 && this.#nibble === 0 && !this.#prefixed) {
      [this.#nibble, this.#digits, this.#prefixed] = [-1, 0, true];
      return -1;
    }
    throw this.#error(`${JSON.stringify(String.fromCharCode(code))} is no digit`);
  }

  /**
   * The byte that is whole where a word ends, as in 0x4; -1: none is.
   *
   * @throws {HexError} It has half a byte, or is no byte at all.
   */
  endWord(): number {
    if (this.#digits === 0 && !this.#prefixed) return -1;
    // No message and no file of packets begins with zeros, and every dump does.
    if (this.#firstWord && this.#zero && this.#digits >= LEAST_OFFSET) throw this.#error("it begins with an offset");
    const byte = this.#nibble;
    if (byte >= 0 && !(this.#prefixed && this.#digits === 1)) throw this.#error("an odd number of digits");
    [this.#nibble, this.#digits, this.#prefixed, this.#firstWord] = [-1, 0, false, false];
    return byte; // of 0x4
  }

  #error(what: string): HexError {
    return new HexError(
      `Cannot read hexadecimal in line ${this.#line}: ${what}: give plain hexadecimal, as xxd -p prints it, or the bytes`,
    );
  }
}

/**
 * The bytes that a text says, in the pieces in which it comes.
 *
 * @throws {HexError} It is no hexadecimal; what stands before that was returned.
 */
export async function* readHex(source: Source): AsyncGenerator<Uint8Array, void> {
  const reader = new HexReader();
  await source.fill(MARK.length);
  if (MARK.every((byte, i) => source.peek(MARK.length)[i] === byte)) source.take(MARK.length);
  for await (const text of source.rest()) {
    const out = new Uint8Array((text.length >> 1) + 1);
    let length = 0;
    try {
      for (const code of text) {
        const byte = reader.next(code);
        if (byte >= 0) out[length++] = byte;
      }
    } finally {
      // Where the text is no hexadecimal further on, too.
      if (length > 0) yield out.subarray(0, length);
    }
  }
  const last = reader.endWord();
  if (last >= 0) yield Uint8Array.of(last);
}

/** What a digit is worth; -1: it is none. */
function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
