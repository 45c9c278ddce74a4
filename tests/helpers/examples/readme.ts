/** What README prints for others to run, and the pages of the library and of the command line. */
import { assert } from "@std/assert";

function page(name: string): string {
  return Deno.readTextFileSync(new URL(`../../../${name}`, import.meta.url));
}

interface Block {
  readonly language: string;
  readonly text: string;
}

/** The blocks of commands and of code of a page. "ignore": `deno test --doc` leaves it out, because it has no end. */
function blocks(text: string): Block[] {
  return [...text.matchAll(/^```(sh|ts)(?: ignore)?\n([^]*?)^```$/gm)].map(([, language, text]) => ({
    language: language!,
    text: text!,
  }));
}

/** README as it is. */
export const README = page("README.md");

/** Its blocks, and those of the page of the library, which is its second half. */
export const BLOCKS: readonly Block[] = [README, page("src/README.md")].flatMap(blocks);

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
