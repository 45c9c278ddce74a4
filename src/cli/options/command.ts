import { parseArgs } from "@std/cli/parse-args";
import { byteEscape } from "../../../platforms/common/byte_text.ts";
import { InvalidInputError } from "../../../platforms/contract/errors.ts";

/**
 * What may stand in a place, for completions: words as they are, and in angle brackets what is looked up then:
 * `<interfaces>`, `<namespaces>`, `<kinds>`, `<types>` and, by the shell, `<files>`.
 */
export type Candidates = readonly string[];

/** An option as help tells it: as it is given (`"--count N"`), what it does, and which values it takes. */
export type OptionHelp = readonly [option: string, text: string, values?: Candidates | undefined];

/** A command of the command-line tool. */
export interface Command {
  /** The forms that it takes, behind its name: `"NAME [OPTION...]"`. */
  readonly usage: readonly string[];
  /** What its help says below its summary, in paragraphs. */
  readonly description: readonly string[];
  readonly options: readonly OptionHelp[];
  /** Whole command lines, each with what it does. */
  readonly examples: readonly (readonly [line: string, text: string])[];
  /** What may stand in the place of a word that is begun, behind other words. */
  words?(before: readonly string[], word: string): Candidates;
  /** Does it. Returns the exit status. */
  run(args: string[]): Promise<number> | number;
}

/** Thrown where a word is missing. Whoever tells it adds the usage. */
export class MissingWordError extends InvalidInputError {}

/** Thrown for a word that is none of those that it may be. Whoever tells it adds the one that was meant. */
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

/** Exit statuses: a contract with scripts. */
export const EXIT = {
  done: 0,
  /** No such interface, the condition is false, or this system cannot tell. */
  no: 1,
  usage: 2,
  notPermitted: 3,
  /** As timeout(1) has it. */
  timedOut: 124,
} as const;

/** Options that a command takes: those that are there or not, those with a value, and those with several. */
export interface OptionNames<B extends string, S extends string, L extends string> {
  readonly boolean?: readonly B[];
  readonly string?: readonly S[];
  readonly list?: readonly L[];
  /** Whether the words beside them are paths, and not names of interfaces. */
  readonly files?: boolean;
}

/** What was given: the options, and the words beside them. */
export type Options<B extends string, S extends string, L extends string> =
  & { readonly [name in B]: boolean }
  & { readonly [name in S]: string | undefined }
  & { readonly [name in L]: readonly string[] | undefined }
  & { readonly words: readonly string[] };

/**
 * Takes a command's arguments apart.
 *
 * @throws {InvalidInputError} An option is not among the command's, or lacks its value.
 */
export function readOptions<B extends string = never, S extends string = never, L extends string = never>(
  args: readonly string[],
  names: OptionNames<B, S, L>,
): Options<B, S, L> {
  const boolean: string[] = [...names.boolean ?? []];
  const collect: string[] = [...names.list ?? []];
  const string: string[] = [...names.string ?? [], ...collect];
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  checkOptions(args.slice(0, end), boolean, string);
  const parsed: Record<string, unknown> = parseArgs(
    // A boolean option would take a following "true" or "false" for its value: an interface may have that name.
    args.map((arg, i) => i < end && arg.startsWith("--") && boolean.includes(arg.slice(2)) ? `${arg}=true` : arg),
    { boolean, string: [...string, "_"], collect },
  );
  const options: Record<string, unknown> = {
    words: (parsed._ as unknown[]).map((word) => names.files ? String(word) : readBytes(String(word))),
  };
  for (const name of boolean) options[name] = parsed[name] === true;
  for (const name of string) {
    const value = parsed[name];
    const several = Array.isArray(value) ? value.flatMap((one) => String(one).split(/,(?![^[]*\])/)) : undefined;
    if (value === "" || several?.includes("")) throw new InvalidInputError(`Option "--${name}" needs a value`);
    options[name] = several === undefined ? value : several.length > 0 ? several : undefined;
  }
  return options as Options<B, S, L>;
}

/** The bytes of a name that are no UTF-8, as the output writes them: `\xff`, and `\\xff` for these four characters. */
const WRITTEN_BYTE = /\\(\\x[89a-f][0-9a-f])|\\x([89a-f][0-9a-f])/g;

/** A name as a kernel has it, from one as the output writes it: an argument cannot hold bytes that are no UTF-8. */
export function readBytes(word: string): string {
  return word.replace(WRITTEN_BYTE, (_, literal?: string, hex?: string) => literal ?? byteEscape(parseInt(hex!, 16)));
}

/** Every option must be one of the command's, spelled in full: `--name`, or with a value `--name=value`. */
function checkOptions(args: readonly string[], boolean: readonly string[], string: readonly string[]): void {
  args.forEach((arg, i) => {
    const before = args[i - 1];
    const isValue = before !== undefined && before.startsWith("--") && string.includes(before.slice(2));
    if (isValue || !/^-./.test(arg)) return;
    const [, name, value] = /^--([^=]+)(=.*)?$/.exec(arg) ?? [];
    if (name !== undefined && (string.includes(name) || (value === undefined && boolean.includes(name)))) return;
    const known = [...boolean, ...string, "help"].map((one) => `--${one}`);
    throw new UnknownWordError("option", arg, known, `this command has ${known.join(", ")}`);
  });
}

/**
 * Reads an option that is a number.
 *
 * @throws {InvalidInputError} It is not a number from `least` on, or has a fraction where it may not have one.
 */
export function readNumber(
  name: string,
  text: string | undefined,
  { least, most = Infinity, whole }: { readonly least: number; readonly most?: number; readonly whole: boolean },
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most) || (whole && !Number.isSafeInteger(value))) {
    throw new InvalidInputError(
      `Option "--${name}" is "${text}": give a ${whole ? "whole " : ""}number from ${least} ${
        most === Infinity ? "on" : `to ${most}`
      }`,
    );
  }
  return value;
}

/** The longest time that a timer takes, in whole seconds. */
const MOST_SECONDS = 2147483;

/**
 * Reads an option that is a time in seconds, and returns it in milliseconds.
 *
 * @throws {InvalidInputError} It is not a number of seconds that a timer can take.
 */
export function readSeconds(name: string, text: string | undefined, least = 0): number | undefined {
  const seconds = readNumber(name, text, { least, most: MOST_SECONDS, whole: false });
  return seconds === undefined ? undefined : Math.ceil(seconds * 1000);
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
