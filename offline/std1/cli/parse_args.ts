/** Stands in for `@std/cli/parse-args`: the options of it that this project uses, and of these all that it does. */

/** The options in use. */
export interface ParseOptions {
  /** Options that are there or not. */
  readonly boolean?: readonly string[];
  /** Options with a text for their value. Those of neither list get a number where their value is one. */
  readonly string?: readonly string[];
  /** Options that have a list of values. */
  readonly collect?: readonly string[];
  /** Options that `--no-NAME` makes false. */
  readonly negatable?: readonly string[];
  /** What an option is that is not given. */
  readonly default?: Readonly<Record<string, unknown>>;
  /** Gets every other argument, and drops it by returning false. */
  readonly unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The arguments, taken apart. */
export type Args = Record<string, unknown> & { _: (string | number)[] };

type Value = string | number | boolean;
type Tree = Record<string, unknown>;

function numberOr(text: string): string | number {
  return /\S/.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Whether a name may not be put into an object, because it would reach what all objects have. */
function isInherited(tree: Tree, name: string): boolean {
  return name === "__proto__" || (name === "constructor" && typeof tree[name] === "function");
}

/** Puts a value in, below as many objects as its name has dots; to a list if it is to be collected. */
function put(into: Tree, path: string, value: unknown, collected: boolean): void {
  const names = path.split(".");
  const last = names.pop()!;
  let tree = into;
  for (const name of names) {
    if (isInherited(tree, name)) return;
    tree = (tree[name] ??= {}) as Tree;
  }
  if (isInherited(tree, last)) return;
  const before = tree[last];
  if (!collected) tree[last] = value;
  else if (Array.isArray(before)) before.push(value);
  else tree[last] = before ? [before, value] : [value];
}

function isThere(tree: Tree, path: string): boolean {
  let at: unknown = tree;
  for (const name of path.split(".")) {
    const inside = (at as Tree)[name];
    if (!Object.hasOwn(at as Tree, name)) return false;
    at = inside;
  }
  return true;
}

/** The letters of `-xyz` but the last, which may have the next argument for its value; undefined where they end it. */
function readLetters(
  arg: string,
  isString: (name: string) => boolean,
  set: (name: string, value: Value) => void,
): boolean {
  for (let i = 1; i < arg.length - 1; i++) {
    const [letter, rest] = [arg[i]!, arg.slice(i + 1)];
    if (rest === "-") {
      set(letter, "-");
      continue;
    }
    const isLetter = /[a-z]/i.test(letter);
    const [, assigned] = /=([^\n\r\u2028\u2029]+)/.exec(rest) ?? [];
    if (rest === "=") set(letter, "");
    else if (isLetter && assigned !== undefined) set(letter, assigned);
    else if (isLetter && /-?\d+(\.\d*)?(e-?\d+)?$/.test(rest)) set(letter, rest);
    else if (i + 1 < arg.length - 1 && /\W/.test(rest[0]!)) set(letter, rest);
    else {
      set(letter, isString(letter) ? "" : true);
      continue;
    }
    return false;
  }
  return !arg.endsWith("-");
}

/** Takes arguments apart. */
export function parseArgs(
  args: readonly string[],
  { boolean = [], string = [], collect = [], negatable = [], default: defaults = {}, unknown }: ParseOptions = {},
): Args {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const options: Args = { _: [] };
  const isString = (name: string): boolean => string.includes(name);
  for (let i = 0; i < end; i++) {
    const arg = args[i]!;
    const set = (name: string, value: Value, collected = true): void => {
      const known = [boolean, string, collect].some((names) => names.includes(name));
      if (!known && unknown?.(arg, name, value) === false) return;
      const typed = typeof value === "string" && !isString(name) ? numberOr(value) : value;
      put(options, name, typed, collected && collect.includes(name));
    };
    const [whole, long, negated, given, assigned] = /^-(-(no-)?)?([^]+?)(?:=([^]*))?$/.exec(arg) ?? [];
    if (whole === undefined) {
      if (unknown?.(arg) !== false) options._.push(isString("_") ? arg : numberOr(arg));
      continue;
    }
    if (long === undefined && !readLetters(arg, isString, set)) continue;
    if (long !== undefined && assigned !== undefined) {
      set(given!, boolean.includes(given!) ? assigned !== "false" : assigned);
      continue;
    }
    if (negated !== undefined && negatable.includes(given!)) {
      set(given!, false, false);
      continue;
    }
    const name = long === undefined ? arg.slice(-1) : `${negated ?? ""}${given}`;
    const next = i + 1 < end ? args[i + 1]! : "";
    const isOption = long === undefined ? /^--?[^-]/.test(next) : next.startsWith("-");
    if (next !== "" && !isOption && !boolean.includes(name)) set(name, args[++i]!);
    else if (next === "true" || next === "false") set(name, args[++i] === "true");
    else set(name, isString(name) ? "" : true);
  }
  for (const [name, value] of Object.entries(defaults)) if (!isThere(options, name)) put(options, name, value, false);
  for (const name of [...boolean, ...string]) {
    const absent = collect.includes(name) ? [] : boolean.includes(name) ? false : undefined;
    if (absent !== undefined && !isThere(options, name)) put(options, name, absent, false);
  }
  options._.push(...args.slice(end + 1));
  return options;
}
