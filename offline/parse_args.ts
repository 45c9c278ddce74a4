/** Stands in for `@std/cli/parse-args` by minimist, which it is a child of: only what src/cli/ uses of it. */
// @ts-types="npm:@types/minimist@1.2.5"
import minimist from "npm:minimist@1.2.8";

/** The options in use. */
export interface ParseOptions {
  boolean?: readonly string[];
  string?: readonly string[];
  collect?: readonly string[];
  alias?: Readonly<Record<string, string>>;
  stopEarly?: boolean;
  unknown?: (arg: string) => unknown;
}

/** Takes arguments apart. An option that is given twice has its last value, unless it collects them. */
export function parseArgs(args: string[], options: ParseOptions = {}): Record<string, unknown> & { _: string[] } {
  const { collect = [], boolean = [], string = [], alias = {}, stopEarly = false, unknown } = options;
  const parsed = minimist(args, {
    boolean: [...boolean],
    string: [...string, "_"],
    alias,
    stopEarly,
    ...(unknown === undefined ? {} : { unknown: (arg: string) => unknown(arg) as boolean }),
  });
  for (const [key, value] of Object.entries(parsed)) {
    if (key === "_") continue;
    if (collect.includes(key)) parsed[key] = value === undefined ? [] : [value].flat();
    else if (Array.isArray(value)) parsed[key] = value.at(-1);
  }
  for (const key of collect) parsed[key] ??= [];
  return parsed as Record<string, unknown> & { _: string[] };
}
