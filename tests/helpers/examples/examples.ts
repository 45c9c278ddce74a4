/** The published examples, and how each says that it is run. */
import { assert } from "@std/assert";

const FOLDER = "tests/examples/";
const ROOT = new URL("../../../", import.meta.url).pathname;

/** How an example is run: the command in its header, taken apart. */
export interface PrintedCommand {
  readonly permissions: readonly string[];
  /** The file's path in this checkout. */
  readonly file: string;
  readonly args: readonly string[];
}

/** Reads the command in the header of an example: `deno run --allow-ffi example.ts eth0`. */
export function printedCommand(name: string): PrintedCommand {
  const text = Deno.readTextFileSync(`${ROOT}${FOLDER}${name}`);
  const [, words] = /^ \* {5}deno (?:run|test) (.*)$/m.exec(text) ?? [];
  assert(words !== undefined, `${name} does not say how it is run`);
  const all = words.split(" ");
  const at = all.indexOf(name);
  assert(at >= 0, `${name} says how another file is run`);
  return { permissions: all.slice(0, at), file: FOLDER + name, args: all.slice(at + 1) };
}
