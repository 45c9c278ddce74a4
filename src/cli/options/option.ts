/**
 * The options of a command, as a table: from it alone the command line is parsed, help is printed, completions are
 * offered, and the tests know which options there are.
 *
 * ```ts ignore
 * const OPTIONS = {
 *   initial: flag("Begin with the interfaces that are there"),
 *   loopback: negation("No loopback interface"), // given as --no-loopback
 *   count: whole("N", "End after N events", 1),
 *   exclude: list("NAME", "Not this interface", ["<interfaces>"]),
 * };
 * const { initial, count = Infinity } = readOptions(args, OPTIONS);
 * ```
 */
import { InvalidInputError } from "../../../platforms/contract/errors.ts";
import { type Candidates, readWord } from "./words.ts";

/** An option that is there or not. */
export interface Switch {
  readonly form: "switch";
  readonly text: string;
  /** Its value where it is not given. One that is true is given as `--no-NAME`, and is false then. */
  readonly initially: boolean;
}

/** An option with a value. Given several times, the last one counts. */
export interface Valued<T> {
  readonly form: "value";
  readonly text: string;
  /** What the value is called in help. */
  readonly value: string;
  readonly candidates?: Candidates | undefined;
  /**
   * Makes the value of what was given.
   *
   * @throws {InvalidInputError} It is no such value.
   */
  read(given: string, name: string): T;
}

/** An option with values: several with commas, or the option given again. */
export interface Listed {
  readonly form: "list";
  readonly text: string;
  readonly value: string;
  readonly candidates?: Candidates | undefined;
}

/** An option, without its name. */
export type Option = Switch | Valued<unknown> | Listed;

/** The options of a command by name, in the order in which help shows them. */
export type OptionTable = Readonly<Record<string, Option>>;

/** The letters by which options can be given too: the same ones in every command. */
const LETTERS: Readonly<Record<string, string>> = { json: "j", quiet: "q", verbose: "v", count: "n", timeout: "t" };

/** An option as a single dash and a letter: `-j`; undefined where it has no letter. */
export function letterWord(name: string): string | undefined {
  const letter = LETTERS[name];
  return letter === undefined ? undefined : `-${letter}`;
}

/** An option as it is given, without its value: `--count`, `--no-loopback`. */
export function optionWord(name: string, option: Option): string {
  return option.form === "switch" && option.initially ? `--no-${name}` : `--${name}`;
}

/** An option that is there or not. */
export function flag(text: string): Switch {
  return { form: "switch", text, initially: false };
}

/** An option given as `--no-NAME`: its value is true, and false where it is given. */
export function negation(text: string): Switch {
  return { form: "switch", text, initially: true };
}

/** An option with any text for its value. */
export function word(value: string, text: string, candidates?: Candidates): Valued<string> {
  return { form: "value", text, value, candidates, read: (given) => given };
}

/** An option with one of these words for its value. */
export function choice<T extends string>(value: string, text: string, words: readonly T[]): Valued<T> {
  return {
    form: "value",
    text,
    value,
    candidates: words,
    read: (given, name) => readWord(`value of --${name}`, words, given),
  };
}

/** An option with several texts. */
export function list(value: string, text: string, candidates?: Candidates): Listed {
  return { form: "list", text, value, candidates };
}

/** An option with a whole number, from `least` on. */
export function whole(value: string, text: string, least: number): Valued<number> {
  const read = (given: string, name: string): number => {
    const number = /^[0-9]+$/.test(given) ? Number(given) : NaN;
    if (number >= least && Number.isSafeInteger(number)) return number;
    throw new InvalidInputError(`Option "--${name}" is "${given}": give a whole number from ${least} on`);
  };
  return { form: "value", text, value, read };
}

/** A time as it was given. */
export interface Time {
  readonly ms: number;
  /** In the unit in which it was given: `"5 s"`. */
  readonly text: string;
}

/** The units of times, in milliseconds. */
const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** The same in words. */
const UNIT_NAMES = Object.keys(UNITS).join(", ").replace(/, (\w+)$/, " and $1");

/** The longest time that a timer takes, in whole seconds. */
const MOST_SECONDS = 2147483;

function isUnit(unit: string): unit is keyof typeof UNITS {
  return Object.hasOwn(UNITS, unit);
}

function readTime(name: string, given: string, leastMs: number): Time {
  const wrong = (why: string): never => {
    throw new InvalidInputError(`Option "--${name}" is "${given}": ${why}`);
  };
  const [, sign, digits, unit = ""] = /^(-?)([0-9]+(?:\.[0-9]+)?) *([a-z]*)$/i.exec(given) ?? [];
  if (sign === "-") return wrong("a time cannot be negative");
  if (digits === undefined) return wrong("give a time in seconds, or with a unit, such as 500ms, 5s, 2m, 1h");
  const known = unit === "" ? "s" : unit;
  if (!isUnit(known)) return wrong(`the units of time are ${UNIT_NAMES}: give ${digits}s, for example`);
  // Rounded before it is rounded up: 0.001 seconds are one millisecond, however a double writes them.
  const ms = Math.ceil(Number((Number(digits) * UNITS[known]).toFixed(6)));
  if (ms < leastMs) return wrong(`the shortest time is ${leastMs < 1000 ? `${leastMs}ms` : `${leastMs / 1000}s`}`);
  if (ms > MOST_SECONDS * 1000) return wrong(`the longest time is ${MOST_SECONDS}s`);
  return { ms, text: `${digits} ${known}` };
}

/** An option with a time, in seconds or with a unit, from `least` seconds on. */
export function time(value: string, text: string, least = 0): Valued<Time> {
  return { form: "value", text, value, read: (given, name) => readTime(name, given, least * 1000) };
}

/** The same, of which the command gets the milliseconds alone. */
export function seconds(value: string, text: string, least = 0): Valued<number> {
  const { read, ...rest } = time(value, text, least);
  return { ...rest, read: (given, name) => read(given, name).ms };
}
