import type { LinkChange, SettableOperState } from "../../../platforms/contract/backend.ts";
import { InvalidInputError, noSuchInterface } from "../../../platforms/contract/errors.ts";
import { flagNames, flagTable } from "../../flags.ts";
import type { InterfaceStatus, LinkMode } from "../../../platforms/contract/status.ts";
import type { Platform } from "../../../platforms/contract/platform.ts";
import { get, list } from "../../query.ts";
import { type FlagChanges, readFlagChanges, setFlags } from "../../set_flags.ts";
import { checkLinkMode, checkOperState, linkModeSteps, setLinkMode, setOperState } from "../../set_state.ts";
import { knownPlatform, usualPlatform } from "../../../platforms/current.ts";
import { type Command, EXIT } from "../options/command.ts";
import { NETNS } from "../options/netns.ts";
import { flag, word } from "../options/option.ts";
import { readOptions } from "../options/parse.ts";
import { QUIET } from "../options/quiet.ts";
import { MissingWordError, UnknownWordError } from "../options/words.ts";
import { printLine } from "../terminal/output.ts";

/** A flag to clear: a single dash and more than a letter start no option here. */
const CLEARED = /^-[a-z][a-z0-9_]/i;

/** Takes "-flag" out of the arguments, as far as options go: behind `--` the first word may be a name. */
function takeCleared(args: readonly string[]): { cleared: string[]; rest: string[] } {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const isCleared = (arg: string, i: number): boolean => i < end && CLEARED.test(arg);
  return { cleared: args.filter(isCleared), rest: args.filter((arg, i) => !isCleared(arg, i)) };
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
  for (const word of words.filter((one) => !CLEARED.test(one))) {
    if (word.toLowerCase() === "down") change("up", false);
    else change(word, true);
  }
  for (const flag of [...cleared, ...words.filter((one) => CLEARED.test(one))]) change(flag.slice(1), false);
  return changes as FlagChanges;
}

/** What other tools set of an interface, and netflags does not. */
const NOT_HERE: readonly string[] = [
  ...["mtu", "address", "addr", "name", "txqueuelen", "master", "nomaster", "alias", "type", "netns", "group", "vf"],
  ...["inet", "inet6", "netmask", "broadcast", "ether", "lladdr", "hw", "media", "mediaopt", "ssid", "metric", "dev"],
];

/** Says of the first word that is no flag of the system what is wrong with it. */
function checkFlags(name: string, words: readonly string[], platform: Platform): void {
  const known = flagTable(platform).map((one) => one.name.toLowerCase());
  const flagOf = (word: string): string => word.toLowerCase().replace(/^-/, "").replace(/^iff_/, "");
  const wrong = words.find((word) => flagOf(word) !== "down" && !known.includes(flagOf(word)));
  if (wrong === undefined) return;
  if (NOT_HERE.includes(wrong.toLowerCase())) {
    const how = [platform === "linux" ? "ip link set" : "ifconfig", name, ...words].join(" ");
    throw new InvalidInputError(`netflags sets flags and states, and not the ${wrong}: use ${how}`);
  }
  if (list({ addresses: false }).some((status) => status.name === wrong)) {
    throw new InvalidInputError(`"${wrong}" is an interface too: netflags set takes one, so run it for each`);
  }
  const settable = ["down", ...flagTable(platform).filter((one) => one.settable).map((one) => one.name.toLowerCase())];
  throw new UnknownWordError("flag", flagOf(wrong), settable, `${platform} has ${settable.join(", ")}`);
}

type Netns = string | number | undefined;

/** What a command line asks for, checked. */
interface Plan {
  /** The interface as it is. */
  readonly status: InterfaceStatus;
  readonly platform: Platform;
  readonly changes: FlagChanges;
  /** What these mean as words of flags. */
  readonly flags: { readonly set: number; readonly clear: number };
  readonly linkMode: LinkMode | undefined;
  readonly operState: SettableOperState | undefined;
}

/** Checks everything before anything is changed: the real call and the rehearsal both begin here. */
function checkPlan(name: string, changes: FlagChanges, netns: Netns, linkMode?: string, operState?: string): Plan {
  const platform = knownPlatform();
  const checked = {
    platform,
    changes,
    flags: readFlagChanges(name, changes, platform),
    linkMode: linkMode === undefined ? undefined : checkLinkMode(name, linkMode),
    operState: operState === undefined ? undefined : checkOperState(name, operState),
  };
  const status = get(name, { netns });
  if (status === undefined) throw noSuchInterface(name);
  return { ...checked, status };
}

function stepText(what: string, before: string | undefined, after: string, how = ""): string {
  return before === after
    ? `${what} ${after} already: nothing would change`
    : `${what} ${before ?? "unknown"} -> ${after}${how}`;
}

/** What would be sent, in lines. */
function rehearse({ status, platform, flags: { set, clear }, linkMode, operState }: Plan): string[] {
  const lines: string[] = [];
  const hex = (word: number): string => `0x${word.toString(16)}`;
  if ((set | clear) !== 0) {
    const names = (word: number): string => `<${flagNames(word, platform).join(",")}>`;
    const after = ((status.flags & ~clear) | set) >>> 0;
    lines.push(stepText("flags", hex(status.flags), hex(after), `: set ${names(set)}, clear ${names(clear)}`));
  }
  let now: LinkChange | InterfaceStatus = status;
  const steps: LinkChange[] = linkMode === undefined ? [] : linkModeSteps(linkMode, status);
  if (operState !== undefined) steps.push({ operState });
  for (const step of steps) {
    if (step.linkMode !== undefined) lines.push(stepText("link mode", now.linkMode, step.linkMode));
    if (step.operState !== undefined) lines.push(stepText("operational state", now.operState, step.operState));
    now = { ...now, ...step };
  }
  return lines;
}

function change(name: string, { flags, changes, linkMode, operState }: Plan, netns: Netns): void {
  if ((flags.set | flags.clear) !== 0) setFlags(name, changes, { netns });
  if (linkMode !== undefined) setLinkMode(name, linkMode, { netns });
  if (operState !== undefined) setOperState(name, operState, { netns });
}

const OPTIONS = {
  "link-mode": word(
    "M",
    "Set the link mode: default, dormant or testing (Linux). It is set before the operational state.",
    ["default", "dormant", "testing"],
  ),
  "oper-state": word(
    "S",
    "Set the operational state: up, dormant or testing (Linux)",
    ["up", "dormant", "testing"],
  ),
  "dry-run": flag("Print what would be changed, and change nothing. All is checked but permission."),
  quiet: QUIET,
  netns: NETNS,
};

export const setCommand: Command = {
  usage: ["NAME [up|down] [FLAG...] [-FLAG...] [OPTION...]"],
  description: [
    "FLAG sets a flag, and -FLAG clears it. netflags flags VALUE shows which flags users may change.",
    "Everything is checked before anything is changed. Some changes the kernel acknowledges and ignores. That is an " +
    "error, which names the state that it kept.",
    "After --, a NAME may begin with a dash.",
  ],
  options: OPTIONS,
  examples: [
    ["netflags set eth0 up", "Mark eth0 up"],
    ["netflags set eth0 promisc -multicast --dry-run", "Print what setting one flag and clearing another would change"],
  ],
  words: (before, word) => {
    if (before.length === 0) return ["<interfaces>"];
    const flags = flagTable(usualPlatform()).filter(({ settable }) => settable).map(({ name }) => name.toLowerCase());
    return word.startsWith("-") ? flags.map((flag) => `-${flag}`) : ["down", ...flags];
  },
  async run(args) {
    const { cleared, rest } = takeCleared(args);
    const options = readOptions(rest, OPTIONS);
    const [name, ...words] = options.words;
    if (name === undefined) throw new MissingWordError("NAME is missing");
    checkFlags(name, [...words, ...cleared], knownPlatform());
    const changes = readChanges(words, cleared);
    const operState = options["oper-state"];
    const linkMode = options["link-mode"];
    if (Object.keys(changes).length === 0 && operState === undefined && linkMode === undefined) {
      throw new InvalidInputError("Nothing to set: give up, down, a flag, --oper-state or --link-mode");
    }
    const { netns } = options;
    const plan = checkPlan(name, changes, netns, linkMode, operState);
    if (options["dry-run"]) { for (const line of rehearse(plan)) await printLine(line); }
    else change(name, plan, netns);
    return EXIT.done;
  },
};
