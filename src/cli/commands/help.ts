/** What is printed for help: of all commands, and of one. */
import type { Command } from "../options/command.ts";
import { letterWord, type Option, optionWord } from "../options/option.ts";
import { type CommandEntry, COMMANDS } from "./commands.ts";
import { terminalWidth } from "../terminal/output.ts";
import { cut } from "../terminal/table.ts";
import { hanging, wrap } from "../terminal/wrap.ts";

/** How wide help is where no terminal says so, at most where it does, and at least. */
const USUAL = 80;
const MOST = 100;
const LEAST = 30;
/** A name that is longer than this stands on a line of its own, above its text. */
const LONGEST_NAME = 21;

/** The columns that help may take. */
function helpWidth(): number {
  return Math.max(LEAST, Math.min(MOST, terminalWidth() ?? USUAL));
}

/** Names with their texts beside them. */
function twoColumns(rows: readonly (readonly [name: string, text: string])[], width: number): string[] {
  const longest = Math.max(...rows.map(([name]) => name.length).filter((length) => length <= LONGEST_NAME));
  return rows.flatMap(([name, text]) => {
    if (name.length <= longest) return hanging(`  ${name.padEnd(longest)}  `, text, width);
    return [`  ${name}`, ...hanging(" ".repeat(longest + 4), text, width)];
  });
}

const HELP = ["-h, --help", "Show help: -h in short, --help all of it"] as const;
const HELP_ALL = ["--help", "Show all help of this command"] as const;

/** An option with its value, and what it does. */
function optionRow([name, option]: readonly [string, Option]): readonly [string, string] {
  const letter = letterWord(name);
  const word = `${letter === undefined ? "" : `${letter}, `}${optionWord(name, option)}`;
  return [option.form === "switch" ? word : `${word} ${option.value}`, option.text];
}

/** The help of one command: how it is used, what it does, its options, examples. */
export async function commandHelp(name: string, { summary, load }: CommandEntry): Promise<string> {
  const { usage, description, options, examples } = await load();
  const width = helpWidth();
  return [
    ...usage.flatMap((form, i) => hanging(`${i === 0 ? "Usage:" : "      "} netflags ${name} `, form, width)),
    "",
    ...[`${summary}.`, ...description].flatMap((paragraph) => [...wrap(paragraph, width), ""]),
    "Options:",
    ...twoColumns([...Object.entries(options).map(optionRow), HELP], width),
    "",
    "Examples:",
    ...examples.flatMap(([line, text]) => [`  ${line}`, ...hanging("      ", text, width)]),
    "",
  ].join("\n");
}

/** What `-h` prints of one command: how it is used, its options in a line each, and two examples. */
export async function shortHelp(name: string, { summary, load }: CommandEntry): Promise<string> {
  const { usage, options, examples } = await load();
  const width = helpWidth();
  const rows = [...Object.entries(options).map(optionRow), HELP_ALL];
  const longest = Math.max(...rows.map(([name]) => name.length));
  return [
    ...usage.flatMap((form, i) => hanging(`${i === 0 ? "Usage:" : "      "} netflags ${name} `, form, width)),
    ...wrap(`${summary}.`, width),
    "",
    ...rows.map(([name, text]) => cut(`  ${name.padEnd(longest)}  ${firstSentence(text)}`, width)),
    "",
    ...examples.slice(0, 2).flatMap(([line, text]) => [`  ${line}`, ...hanging("      ", text, width)]),
    "",
  ].join("\n");
}

/** The first sentence of a text, without its full stop. */
export function firstSentence(text: string): string {
  return text.split(/\. |[.:;]$/)[0]!;
}

/** How a command is used, in a line. */
export function usageLine(name: string, { usage }: Command): string {
  return usage.map((form) => `netflags ${name} ${form}`).join(" or ");
}

/** The help of all commands. */
export function overview(): string {
  const width = helpWidth();
  return [
    "Usage: netflags COMMAND [WORD...] [OPTION...]",
    "",
    ...wrap("Which network interfaces are connected, why others are not, and each change.", width),
    "",
    "Commands:",
    ...twoColumns(Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary]), width),
    "",
    "Options:",
    ...twoColumns([HELP, ["-V, --version", "Show the version"]], width),
    "",
    ...wrap("S in an option is a time: seconds, or with a unit, as in 500ms, 5s, 2m and 1h.", width),
    "",
    ...wrap(
      "The exit status is 0 if it is done or true, and 1 if there is no such interface, the condition is false, or this " +
        "system does not say. It is 2 if the command line is wrong, 3 if something is not permitted, and 124 if the time " +
        "is over.",
      width,
    ),
    "",
    "Examples:",
    ...twoColumns([
      ["netflags list", "Every interface"],
      ["netflags watch", "Each change, as it happens"],
      ["netflags help list", "More of one command"],
    ], width),
    "",
  ].join("\n");
}
