import { flagTable, formatFlags, parseFlags } from "../../flags.ts";
import { type Platform, PLATFORMS } from "../../../platforms/contract/platform.ts";
import { usualPlatform } from "../../../platforms/current.ts";
import type { FlagWord } from "../json/outputs.ts";
import { checkWords, type Command, EXIT, readOptions, readWord } from "../options/command.ts";
import { asJson, printLine, terminalWidth } from "../terminal/output.ts";
import { formatTable } from "../terminal/table.ts";

/**
 * Reads --platform.
 *
 * @throws {InvalidInputError} It is not a platform's name.
 */
export function readPlatform(text: string | undefined): Platform {
  if (text === undefined) return usualPlatform();
  return readWord("platform", PLATFORMS, text);
}

/** `netflags flags` */
export const flagsCommand: Command = {
  usage: ["VALUE [OPTION...]"],
  description: ['VALUE is 4163, 0x1043, UP,RUNNING or "flags=4163<UP,...>".'],
  options: [
    ["--platform P", `Whose flags: ${PLATFORMS.join(", ")}. By default it is this machine's.`, PLATFORMS],
    ["--json", "Print one object"],
  ],
  examples: [
    ["netflags flags 4163", "What the flags of a number mean"],
    ["netflags flags UP,RUNNING --platform netbsd", "Their number, on another system"],
  ],
  async run(args) {
    const { platform: name, json, words } = readOptions(args, { boolean: ["json"], string: ["platform"] });
    checkWords(words, ["VALUE"]);
    const platform = readPlatform(name);
    const value = parseFlags(words[0]!, platform);
    const set = flagTable(platform).filter((flag) => (value & flag.bit) !== 0);
    if (json) {
      const names = formatFlags(value, platform).slice(1, -1);
      const word: FlagWord = { platform, flags: value, flagNames: names ? names.split(",") : [], set };
      await printLine(asJson(word));
      return EXIT.done;
    }
    await printLine(`${value} = 0x${value.toString(16)} = ${formatFlags(value, platform)} on ${platform}`);
    if (set.length > 0) {
      const table = formatTable([
        { heading: "FLAG", cells: set.map((flag) => flag.name) },
        { heading: "BIT", cells: set.map((flag) => `0x${flag.bit.toString(16)}`) },
        { heading: "CHANGED BY", cells: set.map((flag) => flag.settable ? "users" : "the kernel") },
        { heading: "MEANING", cells: set.map((flag) => flag.meaning), wraps: true },
      ], terminalWidth());
      for (const line of table) await printLine(line);
    }
    return EXIT.done;
  },
};
