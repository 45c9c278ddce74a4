/** What README prints for others to run. */
import { assert } from "@std/assert";

/** README as it is. */
export const README = Deno.readTextFileSync(new URL("../../README.md", import.meta.url));

/** Its blocks of commands and of code. */
export const BLOCKS: readonly { readonly language: string; readonly text: string }[] = [
  ...README.matchAll(/^```(sh|ts)\n([^]*?)^```$/gm),
].map(([, language, text]) => ({ language: language!, text: text! }));

/** The line that begins with these words. */
export function lineOf(begin: string): string {
  const line = README.split("\n").find((line) => line.startsWith(begin));
  assert(line !== undefined, `README has no line "${begin}..."`);
  return line;
}

/** A command: the line of a block for the shell that begins with these words. */
export function recipe(begin: string): string {
  const lines = BLOCKS.filter(({ language }) => language === "sh").flatMap(({ text }) => text.split("\n"));
  const line = lines.find((line) => line.startsWith(begin));
  assert(line !== undefined, `README has no command "${begin}..."`);
  return line;
}

/** A program: the block of code that has this in it. */
export function program(part: string): string {
  const block = BLOCKS.find(({ language, text }) => language === "ts" && text.includes(part));
  assert(block !== undefined, `README has no program with "${part}"`);
  return block.text;
}
