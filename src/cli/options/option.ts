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
  const read = (given: string, name: string): number => readNumber(name, given, { least, whole: true });
  return { form: "value", text, value, read };
}

/** The longest time that a timer takes, in whole seconds. */
const MOST_SECONDS = 2147483;

/** An option with a time in seconds, from `least` on. The command gets it in milliseconds. */
export function seconds(value: string, text: string, least = 0): Valued<number> {
  const range = { least, most: MOST_SECONDS, whole: false };
  const read = (given: string, name: string): number => Math.ceil(readNumber(name, given, range) * 1000);
  return { form: "value", text, value, read };
}

function readNumber(
  name: string,
  given: string,
  { least, most = Infinity, whole }: { readonly least: number; readonly most?: number; readonly whole: boolean },
): number {
  const value = /^[0-9]+(\.[0-9]+)?$/.test(given) ? Number(given) : NaN;
  if (value >= least && value <= most && (!whole || Number.isSafeInteger(value))) return value;
  const range = most === Infinity ? "on" : `to ${most}`;
  throw new InvalidInputError(
    `Option "--${name}" is "${given}": give a ${whole ? "whole " : ""}number from ${least} ${range}`,
  );
}
