import { currentBackend } from "../system.ts";
import { InvalidInputError, noSuchInterface } from "../../platforms/contract/errors.ts";
import { flagNames } from "../flags.ts";
import type { LinkMode } from "../../platforms/contract/status.ts";
import { get } from "../query.ts";
import { type FlagChanges, readFlagChanges, setFlags } from "../set_flags.ts";
import { setLinkMode, setOperState, type SettableOperState } from "../set_state.ts";
import { type Command, EXIT, readOptions } from "./command.ts";
import { printLine } from "./output.ts";

/** Takes "-flag" out of the arguments: a single dash clears a flag here, and starts no option. */
function takeCleared(args: readonly string[]): { cleared: string[]; rest: string[] } {
  const cleared = args.filter((arg) => /^-[a-z]/i.test(arg));
  return { cleared: cleared.map((arg) => arg.slice(1)), rest: args.filter((arg) => !/^-[a-z]/i.test(arg)) };
}

function readChanges(words: readonly string[], cleared: readonly string[]): FlagChanges {
  const changes: Record<string, boolean> = {};
  const change = (flag: string, value: boolean): void => {
    const key = flag.toLowerCase().replace(/^iff_/, "");
    if (changes[key] !== undefined && changes[key] !== value) {
      throw new InvalidInputError(`Cannot both set and clear flag "${flag}"`);
    }
    changes[key] = value;
  };
  for (const word of words) {
    if (word.toLowerCase() === "down") change("up", false);
    else change(word, true);
  }
  for (const flag of cleared) change(flag, false);
  return changes as FlagChanges;
}

/** Says what would be sent, and sends nothing. */
async function rehearse(name: string, changes: FlagChanges, operState?: string, linkMode?: string): Promise<void> {
  const status = get(name);
  if (status === undefined) throw noSuchInterface(name);
  const { platform } = currentBackend().capabilities;
  const { set, clear } = readFlagChanges(name, changes, platform);
  if ((set | clear) !== 0) {
    const after = ((status.flags & ~clear) | set) >>> 0;
    await printLine(
      `flags 0x${status.flags.toString(16)} -> 0x${after.toString(16)}: set <${flagNames(set, platform).join(",")}>, ` +
        `clear <${flagNames(clear, platform).join(",")}>`,
    );
  }
  if (linkMode !== undefined) await printLine(`link mode ${status.linkMode} -> ${linkMode}`);
  if (operState !== undefined) await printLine(`operational state ${status.operState} -> ${operState}`);
}

/** `netflags set` */
export const setCommand: Command = {
  usage: "NAME [up|down] [FLAG|-FLAG ...] [--oper-state S] [--link-mode M] [--dry-run]",
  summary: "Changes flags, link mode and operational state; needs root or CAP_NET_ADMIN",
  details: [
    "FLAG sets a flag and -FLAG clears it; netflags flags VALUE tells which users may change.",
    "--link-mode M   default, dormant or testing (Linux); it is set before the operational state",
    "--oper-state S  up, dormant or testing (Linux)",
    "--dry-run       say what would be changed, and change nothing",
    "What the kernel acknowledges and ignores is an error, with what it kept.",
  ],
  async run(args) {
    const { cleared, rest } = takeCleared(args);
    const options = readOptions(rest, { boolean: ["dry-run"], string: ["oper-state", "link-mode"] });
    const [name, ...words] = options.words;
    if (name === undefined) throw new InvalidInputError("NAME is missing");
    const changes = readChanges(words, cleared);
    const operState = options["oper-state"];
    const linkMode = options["link-mode"];
    if (Object.keys(changes).length === 0 && operState === undefined && linkMode === undefined) {
      throw new InvalidInputError("Nothing to set: give up, down, a flag, --oper-state or --link-mode");
    }
    if (options["dry-run"]) {
      await rehearse(name, changes, operState, linkMode);
      return EXIT.done;
    }
    if (Object.keys(changes).length > 0) setFlags(name, changes);
    if (linkMode !== undefined) setLinkMode(name, linkMode as LinkMode);
    if (operState !== undefined) setOperState(name, operState as SettableOperState);
    return EXIT.done;
  },
};
