import { parseArgs } from "@std/cli/parse-args";
import { InvalidInputError } from "../../../platforms/contract/errors.ts";
import {
  letterWord,
  type Listed,
  type Option,
  type OptionTable,
  optionWord,
  type Switch,
  type Valued,
} from "./option.ts";
import { readBytes, UnknownWordError } from "./words.ts";

/** What a command gets of an option. */
type Taken<O extends Option> = O extends Switch ? boolean
  : O extends Valued<infer T> ? T | undefined
  : readonly string[] | undefined;

/** What was given: the value of each option, and the words beside them. */
export type OptionsOf<T extends OptionTable> =
  & { readonly [name in keyof T]: Taken<T[name]> }
  & { readonly words: readonly string[] };

/**
 * Takes a command's arguments apart. `files`: the words beside the options are paths, and not names of interfaces.
 *
 * @throws {InvalidInputError} An option is not in the table, lacks its value, or has one that it cannot have.
 */
export function readOptions<T extends OptionTable>(
  given: readonly string[],
  table: T,
  { files = false }: { readonly files?: boolean } = {},
): OptionsOf<T> {
  const entries = Object.entries<Option>(table);
  const names = (form: Option["form"]): string[] =>
    entries.filter(([, option]) => option.form === form).map(([name]) => name);
  const negatable = entries.flatMap(([name, option]) => option.form === "switch" && option.initially ? [name] : []);
  const args = withoutLetters(given, entries);
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  checkOptions(args.slice(0, end), entries);
  const flags = names("switch").filter((name) => !negatable.includes(name)).map((name) => `--${name}`);
  const parsed: Record<string, unknown> = parseArgs(
    // A flag would take a following "true" or "false" for its value: an interface may have that name.
    args.map((arg, i) => i < end && flags.includes(arg) ? `${arg}=true` : arg),
    {
      boolean: names("switch"),
      negatable,
      default: Object.fromEntries(negatable.map((name) => [name, true])),
      string: [...names("value"), ...names("list"), "_"],
      collect: names("list"),
    },
  );
  const words = (parsed._ as unknown[]).map((one) => files ? String(one) : readBytes(String(one)));
  const taken = entries.map(([name, option]) => [name, takeValue(name, option, parsed[name])]);
  return Object.fromEntries([...taken, ["words", words]]) as OptionsOf<T>;
}

/**
 * Puts options in full in the place of letters: `--json --count 5` for `-j -n 5`, `-jn5` or `-jn=5`. A word of which a
 * letter is no option's stays, and so does what is an option's value. A negative number is joined to its option, for
 * which the parser would take it otherwise. The parser's own aliases do not serve: they take `-t5s` for three letters.
 */
function withoutLetters(args: readonly string[], entries: readonly (readonly [string, Option])[]): string[] {
  const letters = new Map(entries.map(([name, option]) => [letterWord(name)?.slice(1), [name, option]] as const));
  const valued = new Set(entries.filter(([, option]) => option.form !== "switch").map(([name]) => `--${name}`));
  const full: string[] = [];
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  for (const arg of args.slice(0, end)) {
    const before = full.at(-1) ?? "";
    if (valued.has(before)) {
      if (/^-[0-9.]/.test(arg)) full[full.length - 1] = `${before}=${arg}`;
      else full.push(arg);
    } else full.push(...(/^-[a-z]/i.test(arg) ? ofLetters(arg, letters) ?? [arg] : [arg]));
  }
  return [...full, ...args.slice(end)];
}

/** The options of `-jn5`; undefined where a letter is none. */
function ofLetters(
  arg: string,
  letters: ReadonlyMap<string | undefined, readonly [name: string, option: Option]>,
): string[] | undefined {
  const options: string[] = [];
  for (let i = 1; i < arg.length; i++) {
    const [name, option] = letters.get(arg[i]) ?? [];
    if (option === undefined) return undefined;
    const rest = arg.slice(i + 1).replace(/^=/, "");
    if (option.form === "switch") {
      // What is assigned to it is refused as in full.
      if (arg[i + 1] === "=") return [...options, `--${name}${arg.slice(i + 1)}`];
      options.push(`--${name}`);
    } else return [...options, ...(rest === "" ? [`--${name}`] : [`--${name}=${rest}`])];
  }
  return options;
}

/** An option's value, from what the parser has for it. */
function takeValue(name: string, option: Switch | Listed | Valued<unknown>, parsed: unknown): unknown {
  if (option.form === "switch") return parsed === true;
  const lacking = (): never => {
    throw new InvalidInputError(`Option "--${name}" needs a value`);
  };
  if (option.form === "value") {
    return parsed === undefined ? undefined : parsed === "" ? lacking() : option.read(String(parsed), name);
  }
  // A comma within brackets belongs to a glob.
  const values = (parsed as readonly string[]).flatMap((one) => one.split(/,(?![^[]*\])/));
  return values.length === 0 ? undefined : values.includes("") ? lacking() : values;
}

/**
 * Of several letters, of which the first is an option's, names the one that is none.
 *
 * @throws {UnknownWordError} There is one.
 */
function checkLetters(arg: string, letters: readonly string[]): void {
  if (!/^-[a-z]{2,3}$/i.test(arg) || !letters.includes(arg[1]!)) return;
  const wrong = arg.slice(2).split("").find((letter) => !letters.includes(letter));
  const has = letters.map((letter) => `-${letter}`).join(", ");
  throw new UnknownWordError(
    "option",
    `-${wrong}`,
    [],
    `it stands in "${arg}", and this command has the letters ${has}`,
  );
}

/** Every option must be one of the table's, spelled in full: `--name`, or with a value `--name=value`. */
function checkOptions(args: readonly string[], entries: readonly (readonly [string, Option])[]): void {
  const known = new Map([...entries.map(([name, option]) => [optionWord(name, option), option] as const)]);
  const takesValue = (word: string): boolean => (known.get(word)?.form ?? "switch") !== "switch";
  args.forEach((arg, i) => {
    const isValue = i > 0 && takesValue(args[i - 1]!);
    if (isValue || !/^-./.test(arg)) return;
    const [, given, value] = /^([^=]+)(=[^]*)?$/.exec(arg) ?? [];
    if (given !== undefined && known.has(given) && (value === undefined || takesValue(given))) return;
    const words = [...known.keys(), "--help"];
    if (given !== undefined && known.has(given)) {
      throw new InvalidInputError(`Option "${arg}" has a value, and ${given} takes none`);
    }
    checkLetters(arg, entries.flatMap(([name]) => letterWord(name)?.[1] ?? []));
    throw new UnknownWordError("option", arg, words, `this command has ${words.join(", ")}`);
  });
}
