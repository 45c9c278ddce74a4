import { InvalidInputError, NetflagsError, WaitTimeoutError } from "../../platforms/contract/errors.ts";
import { currentBackend } from "../../platforms/current.ts";
import { isWaitCondition, WAIT_CONDITIONS, type WaitCondition } from "../watch/conditions.ts";
import { waitOn, type Wanted } from "../watch/wait.ts";
import { checkWords, type Command, EXIT, readOptions, readSeconds } from "./command.ts";
import { NETNS_END_HELP, NETNS_HELP, NETNS_USAGE, readNetnsOption } from "./netns.ts";
import { tellHowChangesCome } from "./trouble.ts";
import { readSelection, SELECTING, SELECTING_HELP, SELECTING_USAGE } from "./selecting.ts";

function readCondition(text: string): WaitCondition {
  if (isWaitCondition(text)) return text;
  throw new InvalidInputError(`Unknown condition "${text}": give one of ${WAIT_CONDITIONS.join(", ")}`);
}

/** What each word waits for: `NAME:CONDITION`, or `NAME` with the condition that stands behind all of them. */
function readWanted(words: readonly string[]): Wanted[] {
  checkWords(words.slice(0, 1), ["NAME"]);
  const named = words.map((word): readonly [string, string | undefined] => {
    const at = word.lastIndexOf(":");
    return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
  });
  const last = named.at(-1)!;
  const bare = last[1] === undefined && named.slice(0, -1).some(([, condition]) => condition === undefined);
  if (!bare && last[1] === undefined) {
    throw new InvalidInputError(
      named.length === 1
        ? "CONDITION is missing"
        : `"${last[0]}" has no condition: give NAME:CONDITION, or a NAME before it`,
    );
  }
  const common = bare ? readCondition(last[0]) : undefined;
  return (bare ? named.slice(0, -1) : named).map(([name, condition]): Wanted => {
    if (condition !== undefined) return [name, readCondition(condition)];
    if (common === undefined) throw new InvalidInputError(`"${name}" has no condition: give it as "${name}:CONDITION"`);
    return [name, common];
  });
}

/** `netflags wait` */
export const waitCommand: Command = {
  usage: `NAME...|NAME:CONDITION... [CONDITION] [--any | --all] [--timeout SECONDS] ${SELECTING_USAGE} ${NETNS_USAGE}`,
  details: [
    "CONDITION is of each NAME that has none of its own. A name with a colon in it takes one of its own behind another.",
    `It is one of ${WAIT_CONDITIONS.join(", ")}.`,
    "disconnected holds also where there is no such interface; where the system cannot tell, neither connected nor it does.",
    "up and down are IFF_UP; oper-up and oper-down are the operational states of that name.",
    "ipv4, ipv6 and global-address hold of an address that is valid: a tentative or duplicate one is not, a deprecated one",
    "is. A global one is neither of the link (169.254.0.0/16, fe80::/10) nor of the machine (127.0.0.0/8, ::1).",
    "A glob stands for all that it matches at that moment, of which there must be one; absent and disconnected hold of none.",
    "operational states are Linux's: where the system tells none, waiting for one is refused, with status 1.",
    "--all           it must hold for all at once: so it is where nothing is said",
    "--any           one is enough, also of those that a glob matches",
    "--timeout S     give up after S seconds, with exit status 124; 0 asks whether it holds now: status 0 or 1",
    ...SELECTING_HELP,
    ...NETNS_HELP,
    NETNS_END_HELP,
  ],
  async run(args) {
    const options = readOptions(args, {
      boolean: ["any", "all", ...SELECTING.boolean],
      string: ["timeout", "netns"],
      list: SELECTING.list,
    });
    const wanted = readWanted(options.words);
    if (options.any && options.all) throw new InvalidInputError("Options --any and --all exclude each other: give one");
    const time = readSeconds("timeout", options.timeout);
    if (time !== 0) tellHowChangesCome();
    try {
      const netns = readNetnsOption(options.netns);
      await waitOn(currentBackend(), wanted, { ...readSelection(options), any: options.any, timeout: time, netns });
    } catch (error) {
      // Without a time to wait there is none that could pass: the condition is false.
      if (time !== 0 || !(error instanceof WaitTimeoutError)) throw error;
      const { operation, interface: name } = error;
      throw new NetflagsError(error.message, { operation, interface: name, cause: error });
    }
    return EXIT.done;
  },
};
