import { flagTable, formatFlags, parseFlags } from "../../flags.ts";
import type { FlagInfo } from "../../../platforms/contract/flag_table.ts";
import { type Platform, PLATFORMS } from "../../../platforms/contract/platform.ts";
import { usualPlatform } from "../../../platforms/current.ts";
import { type Command, EXIT } from "../options/command.ts";
import { choice, flag } from "../options/option.ts";
import { readOptions } from "../options/parse.ts";
import { checkWords } from "../options/words.ts";
import { asJson, printLine, terminalWidth } from "../terminal/output.ts";
import { formatTable } from "../terminal/table.ts";

/** A flag word in words: what `flags --json` prints. */
export interface FlagWord {
  /** Whose flags they are. */
  readonly platform: Platform;
  /** The word. */
  readonly flags: number;
  /** The names of the bits set in it; those without a name are one number. */
  readonly flagNames: readonly string[];
  /** Each flag that is set and has a name. */
  readonly set: readonly FlagInfo[];
}

const OPTIONS = {
  platform: choice(
    "P",
    `${PLATFORMS.join(", ")}. The default is this machine's.`,
    PLATFORMS,
  ),
  json: flag("Print one object"),
};

export const flagsCommand: Command = {
  usage: ["VALUE [OPTION...]"],
  description: ['VALUE is 4163, 0x1043, UP,RUNNING or "flags=4163<UP,...>".'],
  options: OPTIONS,
  examples: [
    ["netflags flags 4163", "What the flags of a number mean"],
    ["netflags flags UP,RUNNING --platform netbsd", "Their number, on another system"],
  ],
  async run(args) {
    const { platform = usualPlatform(), json, words } = readOptions(args, OPTIONS);
    checkWords(words, ["VALUE"]);
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
