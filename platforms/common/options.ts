import { InvalidInputError } from "../contract/errors.ts";
import type { NetnsOptions } from "../contract/netns.ts";

/** How many characters to insert, delete or replace, or to swap with the next, to make one text from another. */
function distance(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++) {
      const replaced = row[j]! + (from[i] === to[j] ? 0 : 1);
      const swapped = j > 0 && from[i] === to[j - 1] && from[i - 1] === to[j] ? before[j - 1]! + 1 : Infinity;
      next.push(Math.min(replaced, swapped, row[j + 1]! + 1, next[j]! + 1));
    }
    [before, row] = [row, next];
  }
  return row[to.length]!;
}

/** The word that was meant by one that is mistyped; undefined if none is close enough to it. */
export function closestWord(word: string, known: readonly string[]): string | undefined {
  const given = word.toLowerCase();
  const most = Math.max(1, Math.floor(given.replace(/^-+/, "").length / 2));
  let closest: string | undefined;
  let least = most + 1;
  for (const one of known) {
    // A text that differs by more characters in length than are allowed is not compared: a caller may give any text.
    if (Math.abs(one.length - given.length) >= least) continue;
    const edits = distance(given, one.toLowerCase());
    if (edits < least) [closest, least] = [one, edits];
  }
  return closest;
}

/**
 * Checks what callers give, because JavaScript has no types: an option that is not one would be passed over in silence,
 * and a program would watch every interface where it meant one.
 */

/** The longest time that a timer accepts, in milliseconds. */
export const LONGEST_TIMER = 0x7fffffff;

/** What the value of an option may be. */
export interface OptionKind {
  /** In words, after "give". */
  readonly what: string;
  /** Whether a value is of this kind. */
  is(value: unknown): boolean;
}

/** The kinds of the options of a call. Every option accepts undefined too. */
export type OptionKinds<Options> = { readonly [name in keyof Required<Options>]: OptionKind };

const isText = (value: unknown): boolean => typeof value === "string";

export const YES_NO: OptionKind = { what: "true or false", is: (value) => typeof value === "boolean" };
export const TEXTS: OptionKind = {
  what: "a text or a list of texts",
  is: (value) => isText(value) || (Array.isArray(value) && value.every(isText)),
};
export const TIME: OptionKind = {
  what: `a time from 0 to ${LONGEST_TIMER} milliseconds`,
  is: (value) => typeof value === "number" && value >= 0 && value <= LONGEST_TIMER,
};
export const CALLBACK: OptionKind = { what: "a function", is: (value) => typeof value === "function" };
export const SIGNAL: OptionKind = { what: "an AbortSignal", is: (value) => value instanceof AbortSignal };
export const NETNS: OptionKind = {
  what: "a name, a path or a process id",
  is: (value) => isText(value) || typeof value === "number",
};

/** The kinds of the options of calls that ask one thing. */
export const NETNS_KINDS: OptionKinds<NetnsOptions> = { netns: NETNS };

/** A value as a message shows it. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/**
 * Refuses an object with a key that is not among those that may be there.
 *
 * @param call What the caller wants, as the words after "Cannot".
 * @throws {InvalidInputError} With the key that was meant.
 */
export function checkKeys(call: string, given: object, keys: readonly string[]): void {
  for (const key of Object.keys(given)) {
    if (keys.includes(key)) continue;
    const meant = closestWord(key, keys);
    const advice = meant === undefined ? `give ${keys.join(", ")}` : `did you mean "${meant}"?`;
    throw new InvalidInputError(`Cannot ${call} with unknown option "${key}": ${advice}`);
  }
}

/**
 * Refuses options that are not an object, that have an unknown key, or whose value is of another kind. It returns the
 * options.
 *
 * @param call What the caller wants, as the words after "Cannot".
 * @throws {InvalidInputError} With the key that was meant.
 */
export function checkOptions<Options extends object>(
  call: string,
  options: Options,
  kinds: OptionKinds<Options>,
): Options {
  const given: unknown = options;
  const entries = Object.entries<OptionKind>(kinds);
  // What stands in place of the options may be the value of one: watch("eth0"), waitFor("eth0", "up", signal).
  const meant = entries.find(([, kind]) => kind.is(given))?.[0];
  if (meant !== undefined || typeof given !== "object" || given === null || Array.isArray(given)) {
    const value = meant === undefined || typeof given === "object" || typeof given === "function"
      ? "..."
      : shown(given);
    throw new InvalidInputError(
      `Cannot ${call} with ${shown(given)} in place of options: give { ${meant ?? entries[0]![0]}: ${value} }`,
    );
  }
  checkKeys(call, options, Object.keys(kinds));
  for (const [key, kind] of entries) {
    const value: unknown = options[key as keyof Options];
    if (value === undefined || kind.is(value)) continue;
    throw new InvalidInputError(`Cannot ${call} with ${key} ${shown(value)}: give ${kind.what}`);
  }
  return options;
}

/** Refuses a name that is no text. */
export function checkName(call: string, name: unknown): void {
  if (typeof name === "string") return;
  throw new InvalidInputError(`Cannot ${call} with name ${shown(name)}: give the name of an interface`);
}

/**
 * Refuses a word that is none of those that it may be. It returns the word.
 *
 * @param what What the word names.
 * @throws {InvalidInputError} With the word that was meant.
 */
export function checkWord<T extends string>(what: string, word: T, words: readonly T[]): T {
  if (words.includes(word)) return word;
  const meant = typeof word === "string" ? closestWord(word, words) : undefined;
  const advice = meant === undefined ? `give one of ${words.join(", ")}` : `did you mean "${meant}"?`;
  throw new InvalidInputError(`Unknown ${what} ${shown(word)}: ${advice}`);
}
