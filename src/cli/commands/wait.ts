import { InvalidInputError, NetflagsError, WaitTimeoutError } from "../../../platforms/contract/errors.ts";
import { currentBackend } from "../../../platforms/current.ts";
import { asksForAddresses, NAMED_CONDITIONS, type NamedCondition } from "../../wait/conditions.ts";
import { waitOn, type Wanted } from "../../wait/wait.ts";
import { type Command, EXIT } from "../options/command.ts";
import { QUIET } from "../options/quiet.ts";
import { NETNS_UNTIL_GONE } from "../options/netns.ts";
import { flag, time } from "../options/option.ts";
import { readOptions } from "../options/parse.ts";
import { checkWords, MissingWordError, readWord } from "../options/words.ts";
import { tellHowChangesCome } from "../terminal/trouble.ts";
import { GLOBS, readSelection, SELECTING } from "../options/selecting.ts";

/** One condition, or several with a plus between them. */
function readConditions(text: string): NamedCondition | readonly NamedCondition[] {
  const [first, ...more] = text.split("+").map((one) => readWord("condition", NAMED_CONDITIONS, one));
  return more.length === 0 ? first! : [first!, ...more];
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
    if (named.length === 1) throw new MissingWordError("CONDITION is missing");
    throw new InvalidInputError(`"${last[0]}" has no condition: give NAME:CONDITION, or a NAME before it`);
  }
  const common = bare ? readConditions(last[0]) : undefined;
  return (bare ? named.slice(0, -1) : named).map(([name, condition]): Wanted => {
    if (condition !== undefined) return [name, readConditions(condition)];
    if (common === undefined) throw new InvalidInputError(`"${name}" has no condition: give it as "${name}:CONDITION"`);
    return [name, common];
  });
}

const OPTIONS = {
  all: flag("Wait until it holds for all interfaces at once. This is the default."),
  any: flag("Wait until it holds for one interface. Of those that a glob matches, one is enough."),
  timeout: time(
    "S",
    "Give up after S seconds, with exit status 124. With 0, ask whether it holds now: the exit status is 0 or 1.",
  ),
  quiet: QUIET,
  ...SELECTING,
  netns: NETNS_UNTIL_GONE,
};

export const waitCommand: Command = {
  usage: ["NAME... CONDITION [OPTION...]", "NAME:CONDITION... [OPTION...]"],
  description: [
    `CONDITION is one of ${NAMED_CONDITIONS.join(", ")}; or several with a plus between them, which must all hold: ` +
    "connected+global-address.",
    "A CONDITION that stands last is that of each NAME without a condition of its own. A name with a colon in it needs a " +
    "condition of its own: NAME:CONDITION.",
    "up and down are the flag IFF_UP. oper-up and oper-down are the operational states of that name.",
    "disconnected also holds if there is no such interface. If the system does not say, an interface is neither " +
    "connected nor disconnected.",
    "ipv4, ipv6 and global-address ask for a valid address. A tentative, duplicate or detached address is not valid; an " +
    "optimistic or deprecated one is. A global address is neither of the link (169.254.0.0/16, fe80::/10) nor of the machine (127.0.0.0/8, ::1).",
    "default-route holds if the default traffic of IPv4 or IPv6 leaves by the interface, and it is connected. " +
    "default-route-ipv4 and default-route-ipv6 ask for one family.",
    "A glob stands for all interfaces that it matches at that moment. There must be at least one, unless " +
    "the condition is absent or disconnected.",
    "Only Linux has operational states. On other systems, waiting for one is refused, with exit status 1.",
    GLOBS,
  ],
  options: OPTIONS,
  examples: [
    ["netflags wait eth0 connected --timeout 30", "At most half a minute, until packets can flow"],
    ["netflags wait eth0:connected wlan0:ipv4 --any", "Until one of the two can be used"],
    ["netflags wait --any '*:default-route'", "Until the default traffic leaves by an interface that is connected"],
  ],
  words: (before, word) => {
    const at = Math.max(word.lastIndexOf(":"), word.lastIndexOf("+"));
    if (at >= 0) return NAMED_CONDITIONS.map((condition) => `${word.slice(0, at + 1)}${condition}`);
    return before.length === 0 ? ["<interfaces>"] : ["<interfaces>", ...NAMED_CONDITIONS];
  },
  async run(args) {
    const options = readOptions(args, OPTIONS);
    const wanted = readWanted(options.words);
    if (options.any && options.all) throw new InvalidInputError("Options --any and --all exclude each other: give one");
    const { any, timeout, netns, quiet } = options;
    const now = timeout?.ms === 0;
    try {
      const addresses = wanted.some(([, condition]) => asksForAddresses(condition));
      const how = {
        ...readSelection(options),
        any,
        addresses,
        timeout: timeout?.ms,
        timeoutText: timeout?.text,
        netns,
      };
      const waiting = waitOn(currentBackend(), wanted, how);
      if (!now && !quiet) tellHowChangesCome(); // it listens by now
      await waiting;
    } catch (error) {
      if (!(error instanceof WaitTimeoutError)) throw error;
      // That it does not hold is an answer, and the status says it.
      if (quiet) return now ? EXIT.no : EXIT.timedOut;
      if (!now) throw error;
      // Without a time to wait there is none that could pass: the condition is false.
      const { operation, interfaceName: name } = error;
      throw new NetflagsError(error.message, { operation, interfaceName: name, cause: error });
    }
    return EXIT.done;
  },
};
