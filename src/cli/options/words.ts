/** The words of a command line: which may stand there, and what is wrong with those that may not. */
import { byteEscape } from "../../../platforms/common/byte_text.ts";
import { InvalidInputError } from "../../../platforms/contract/errors.ts";

/**
 * What may stand in a place, for completions: words as they are, and in angle brackets what is looked up then:
 * `<interfaces>`, `<namespaces>`, `<kinds>`, `<types>` and, by the shell, `<files>`.
 */
export type Candidates = readonly string[];

/** Thrown where a word is missing. Whoever reports it adds the usage. */
export class MissingWordError extends InvalidInputError {}

/** Thrown for a word that is none of those that it may be. Whoever reports it adds the one that was meant. */
export class UnknownWordError extends InvalidInputError {
  /** What is wrong: `'Unknown option "--jsno"'`. */
  readonly what: string;
  readonly word: string;
  readonly known: readonly string[];

  /** `known`: what it may be. `advice`: what is said where none of these is close to it. */
  constructor(kind: string, word: string, known: readonly string[], advice: string) {
    super(`Unknown ${kind} "${word}": ${advice}`);
    this.what = `Unknown ${kind} "${word}"`;
    this.word = word;
    this.known = known;
  }
}

/**
 * Finds a word among those that it may be.
 *
 * @throws {UnknownWordError} It is none of them.
 */
export function readWord<T extends string>(kind: string, words: readonly T[], text: string): T {
  const word = words.find((one) => one === text);
  if (word !== undefined) return word;
  throw new UnknownWordError(kind, text, words, `give one of ${words.join(", ")}`);
}

/**
 * Checks that a command got as many words as it takes.
 *
 * @throws {InvalidInputError} It got fewer or more.
 */
export function checkWords(words: readonly string[], names: readonly string[]): void {
  const missing = names[words.length];
  if (missing !== undefined) throw new MissingWordError(`${missing} is missing`);
  const extra = words[names.length];
  if (extra !== undefined) throw new InvalidInputError(`Unexpected "${extra}"`);
}

/** The bytes of a name that are no UTF-8, as the output writes them: `\xff`, and `\\xff` for these four characters. */
const WRITTEN_BYTE = /\\(\\x[89a-f][0-9a-f])|\\x([89a-f][0-9a-f])/g;

/** A name as a kernel has it, from one as the output writes it: an argument cannot hold bytes that are no UTF-8. */
export function readBytes(word: string): string {
  return word.replace(WRITTEN_BYTE, (_, literal?: string, hex?: string) => literal ?? byteEscape(parseInt(hex!, 16)));
}
