/**
 * Texts that a kernel takes as bytes: the name of an interface may hold any but NUL, "/", ":" and white space
 * (dev_valid_name). A byte that is no UTF-8 becomes the lone surrogate U+DC80 to U+DCFF, as in Python's PEP 383: so two
 * names that differ are two texts that differ, and a text gives back its bytes.
 */

/** U+DC00: what a byte that is no UTF-8 is added to. */
const ESCAPE = 0xdc00;
/** As long as most names are at the most, in bytes. */
const SHORT = 32;
const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ENCODER = new TextEncoder();
const ESCAPED = /[\udc80-\udcff]/u;

/** The character that stands for a byte that is no UTF-8. */
export function byteEscape(byte: number): string {
  return String.fromCharCode(ESCAPE + byte);
}

/** The byte that a character stands for; undefined where it stands for itself. */
export function escapedByte(character: string): number | undefined {
  return ESCAPED.test(character) ? character.charCodeAt(0) - ESCAPE : undefined;
}

/** A character of UTF-8 that begins at a place; undefined where none does. */
function characterAt(bytes: Uint8Array, at: number): { readonly text: string; readonly length: number } | undefined {
  const first = bytes[at]!;
  const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  try {
    return { text: STRICT.decode(bytes.subarray(at, at + length)), length };
  } catch {
    return undefined;
  }
}

/** The text of a few bytes of ASCII, for which a decoder costs more than it does; undefined of others. */
function asciiText(bytes: Uint8Array): string | undefined {
  if (bytes.length > SHORT) return undefined;
  let text = "";
  for (const byte of bytes) {
    if (byte >= 0x80) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** The text of bytes. */
export function textOfBytes(bytes: Uint8Array): string {
  const ascii = asciiText(bytes);
  if (ascii !== undefined) return ascii;
  try {
    return STRICT.decode(bytes);
  } catch {
    let text = "";
    for (let at = 0; at < bytes.length;) {
      const character = characterAt(bytes, at);
      text += character?.text ?? byteEscape(bytes[at]!);
      at += character?.length ?? 1;
    }
    return text;
  }
}

/** The bytes of a text that {@linkcode textOfBytes} gave, or of any other. */
export function bytesOfText(text: string): Uint8Array<ArrayBuffer> {
  if (!ESCAPED.test(text)) return ENCODER.encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const byte = escapedByte(character);
    if (byte === undefined) bytes.push(...ENCODER.encode(character));
    else bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}
