/** Stands in for `@std/cli/parse-args`: only what this project uses of it. node:util has the like, and is slow to load. */

/** The options in use. */
export interface ParseOptions {
  /** Options that are there or not. */
  readonly boolean?: readonly string[];
  /** Options with a value. */
  readonly string?: readonly string[];
  /** Of those with a value, the ones that may be given several times, and have a list of values. */
  readonly collect?: readonly string[];
  /** Is told every other argument; drops it by returning false. */
  readonly unknown?: (arg: string) => unknown;
}

/** Takes arguments apart. An option that is given twice has its last value. */
export function parseArgs(
  args: readonly string[],
  { boolean = [], string = [], collect = [], unknown }: ParseOptions = {},
): Record<string, unknown> & { _: string[] } {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const words: string[] = [];
  const options: Record<string, unknown> = Object.fromEntries([
    ...boolean.map((name) => [name, false]),
    ...collect.map((name) => [name, []]),
  ]);
  for (let i = 0; i < end; i++) {
    const arg = args[i]!;
    const [, name, given] = /^--?([^-=][^=]*)(?:=([^]*))?$/.exec(arg) ?? [];
    if (name === undefined) {
      if (unknown?.(arg) !== false) words.push(arg);
    } else if (boolean.includes(name)) {
      options[name] = (given ?? "true") === "true";
    } else if (string.includes(name)) {
      // What begins with a dash is no value of the option before it.
      const value = given ?? (i + 1 < end && !args[i + 1]!.startsWith("-") ? args[++i]! : "");
      if (collect.includes(name)) (options[name] as string[]).push(value);
      else options[name] = value;
    } else if (unknown?.(arg) !== false) {
      options[name] = given ?? true;
    }
  }
  return { ...options, _: [...words, ...args.slice(end + 1)] };
}
