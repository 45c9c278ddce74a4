/** Stands in for `@std/cli/parse-args` by node:util: only what this project uses of it. */
import { parseArgs as parseTokens } from "node:util";

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
  // node:util would take a following option for the value; @std takes none then.
  const lacksValue = (arg: string, i: number): boolean =>
    i < end && arg.startsWith("--") && string.includes(arg.slice(2)) && args[i + 1]?.startsWith("-") === true;
  const { tokens } = parseTokens({
    args: args.map((arg, i) => lacksValue(arg, i) ? `${arg}=` : arg),
    options: Object.fromEntries([
      ...boolean.map((name) => [name, { type: "boolean" as const }]),
      ...string.map((name) => [name, { type: "string" as const }]),
    ]),
    strict: false,
    tokens: true,
  });
  const words: string[] = [];
  const options: Record<string, unknown> = Object.fromEntries([
    ...boolean.map((name) => [name, false]),
    ...collect.map((name) => [name, []]),
  ]);
  for (const token of tokens) {
    const arg = args[token.index] ?? "";
    if (token.kind === "positional") {
      if (token.index > end || unknown?.(arg) !== false) words.push(arg);
    } else if (token.kind === "option") {
      if (boolean.includes(token.name)) options[token.name] = (token.value ?? "true") === "true";
      else if (collect.includes(token.name)) (options[token.name] as string[]).push(token.value ?? "");
      else if (string.includes(token.name)) options[token.name] = token.value ?? "";
      else if (unknown?.(arg) !== false) options[token.name] = token.value ?? true;
    }
  }
  return { ...options, _: words };
}
