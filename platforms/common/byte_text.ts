/**
 * Texts that a kernel takes as bytes: the name of an interface may hold any but NUL, "/", ":" and white space
 * (dev_valid_name). A byte that is not UTF-8 becomes a lone surrogate, U+DC80 to U+DCFF, as in Python's PEP 383. So
 * different names have different texts, and a text can be turned back into its bytes.
 */

/** U+DC00: added to a byte that is not UTF-8. */
const ESCAPE = 0xdc00;
/** The greatest length of most names, in bytes. */
const SHORT = 32;
const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ENCODER = new TextEncoder();
const ESCAPED = /[\udc80-\udcff]/u;

/** The character that stands for a byte that is not UTF-8. */
export function byteEscape(byte: number): string {
  return String.fromCharCode(ESCAPE + byte);
}

/** The byte that a character stands for; undefined for an ordinary character. */
export function escapedByte(character: string): number | undefined {
  return ESCAPED.test(character) ? character.charCodeAt(0) - ESCAPE : undefined;
}

/** The UTF-8 character that begins at a place; undefined if there is none. */
function characterAt(bytes: Uint8Array, at: number): { readonly text: string; readonly length: number } | undefined {
  const first = bytes[at]!;
  const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  try {
    return { text: STRICT.decode(bytes.subarray(at, at + length)), length };
  } catch {
    return undefined;
  }
}

/** The text of a few ASCII bytes, for which a decoder would cost more; undefined for others. */
function asciiText(bytes: Uint8Array): string | undefined {
  if (bytes.length > SHORT) return undefined;
  let text = "";
  for (const byte of bytes) {
    if (byte >= 0x80) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

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

/** The bytes of a text from {@linkcode textOfBytes}, or of any other text. */
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
