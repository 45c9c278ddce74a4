import { explainFlags, explainRule, explainState, type Explanation } from "../json/explanation.ts";
import { askIn, knownPlatform } from "../../../platforms/current.ts";
import type { InterfaceDetails } from "../../../platforms/contract/details.ts";
import type { Netns } from "../../../platforms/contract/netns.ts";
import type { SysfsView } from "../../../platforms/contract/host.ts";
import { type Command, EXIT } from "../options/command.ts";
import { NETNS } from "../options/netns.ts";
import { flag } from "../options/option.ts";
import { readOptions } from "../options/parse.ts";
import { GLOBS } from "../options/selecting.ts";
import { inOrder } from "../terminal/order.ts";
import { asJson, connectedWord, defaultRouteText, plain, printLine, terminalWidth } from "../terminal/output.ts";
import { formatTable } from "../terminal/table.ts";
import { remedy } from "../terminal/remedy.ts";
import { checkNamed, inspectNamed } from "./named.ts";
import { hanging, wrap } from "../terminal/wrap.ts";

function cell(value: boolean | undefined): string {
  return value === undefined ? "?" : value ? "yes" : "no";
}

function hex(word: number | undefined): string {
  return word === undefined ? "?" : `${word} (0x${word.toString(16)})`;
}

/** Why the word of sysfs is not shown. */
const NOT_SHOWN: Readonly<Record<SysfsView, string>> = {
  this: "not there: it cannot be read",
  another: "not shown: sysfs is of another network namespace",
  unknown: "not shown: no interface here has an address that shows whether sysfs is of this network namespace",
  none: "not there: sysfs is not mounted, or is of another network namespace",
};

/** Everything about one, as `--json` prints it. */
function explained(status: InterfaceDetails, netns: Netns | undefined): Explanation {
  const platform = knownPlatform();
  const other = askIn(netns, (backend) => backend.otherWords?.(status));
  const words = { full: status.flags, ioctl: other?.ioctl, sysfs: other?.sysfs };
  const root = status.causes.at(-1);
  return {
    name: status.name,
    connected: status.connected,
    sentence: explainState(status, status.causes),
    causes: status.causes,
    remedy: root && remedy(root, status, platform),
    words,
    sysfs: other?.sysfsView,
    flags: explainFlags(words, platform),
    status: inOrder(status),
  };
}

function row(label: string, text: string): string[] {
  return hanging(label.padEnd(19), plain(text), terminalWidth() ?? Infinity);
}

/** The sentence, the chain of causes, and what to do. */
function shortLines({ sentence, causes, remedy, status }: Explanation): string[] {
  const lines = causes.length > 1 ? causes.flatMap(({ text }) => row("because", text)) : [];
  const carries = defaultRouteText(status);
  if (carries !== undefined) {
    const lost = status.connected === false ? ": the kernel goes on sending it there, and it is lost" : " leaves by it";
    lines.push(...row("default traffic", `${carries}${lost}`));
  }
  if (remedy !== undefined) lines.push(...row("what to do", remedy));
  return [...wrap(`${plain(sentence)}.`, terminalWidth() ?? Infinity), ...lines];
}

/** The states and the words of flags, side by side. */
function verboseLines({ status, words, sysfs: view, flags }: Explanation): string[] {
  const linux = knownPlatform() === "linux";
  const lines = row("connected", `${connectedWord(status.connected)}: ${explainRule(status)}`);
  if (status.operState !== undefined) {
    const { operState, linkMode, carrier } = status;
    lines.push(...row("operational state", `${operState}, link mode ${linkMode}, carrier ${cell(carrier)}`));
  } else lines.push(...row("link state", status.linkState ?? "not known"));
  if (status.media !== undefined) {
    const { text, active, link } = status.media;
    lines.push(...row("medium", `${text} (0x${active.toString(16)}), link ${cell(link)}`));
  }
  lines.push(...row(linux ? "netlink word" : "if_flags", hex(words.full)));
  if (view !== undefined) {
    lines.push(...row("ioctl word", `${hex(words.ioctl)}, 16 bits`));
    lines.push(...row("sysfs word", words.sysfs === undefined ? NOT_SHOWN[view] : hex(words.sysfs)));
  }
  const columns = [
    { heading: "FLAG", cells: flags.map(({ name }) => name) },
    { heading: linux ? "NETLINK" : "IF_FLAGS", cells: flags.map(({ full }) => cell(full)) },
    ...(linux
      ? [
        { heading: "IOCTL", cells: flags.map(({ ioctl }) => cell(ioctl)) },
        { heading: "SYSFS", cells: flags.map(({ sysfs: inSysfs }) => cell(inSysfs)) },
      ]
      : []),
    { heading: "SET BY", cells: flags.map(({ setBy }) => setBy), optional: 1 },
    { heading: "WHY", cells: flags.map(({ why }) => plain(why)), wraps: true, least: 24 },
  ];
  return ["", ...lines, "", ...formatTable(columns, terminalWidth())];
}

const OPTIONS = {
  verbose: flag(
    "Print the states too, and the flag words of each source. These are netlink, ioctl and sysfs. It says why they differ.",
  ),
  json: flag(
    "Print one object for each interface, in a line. Its causes are a chain, and the last one is the root cause. sysfs " +
      "says whose interface sysfs shows: this, another, unknown or none.",
  ),
  netns: NETNS,
};

export const explainCommand: Command = {
  usage: ["NAME... [OPTION...]"],
  description: [
    "The first sentence names the root cause, even if it is another interface: the one below a VLAN, or a port of a bond. " +
    "Then come the causes that lead to it, and what to do.",
    "With --verbose, the flag word of sysfs is shown only if sysfs is known to show this interface, and not one of another " +
    "network namespace.",
    GLOBS,
  ],
  options: OPTIONS,
  examples: [
    ["netflags explain eth0", "Why eth0 is connected or not, and what to do"],
    ["netflags explain 'en*' --verbose", "The same of several, with all that the kernel says"],
  ],
  words: () => ["<interfaces>"],
  async run(args) {
    const { json, verbose, netns, words } = readOptions(args, OPTIONS);
    const named = inspectNamed(words, netns);
    for (const [i, status] of named.found.entries()) {
      const explanation = explained(status, netns);
      if (json) await printLine(asJson(explanation));
      else {
        const lines = [...shortLines(explanation), ...(verbose ? verboseLines(explanation) : [])];
        await printLine(`${i === 0 ? "" : "\n"}${lines.join("\n")}`);
      }
    }
    checkNamed(named);
    return EXIT.done;
  },
};
