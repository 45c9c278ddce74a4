import { explainFlags, explainRule, explainState, type Explanation } from "../json/explanation.ts";
import { askIn, knownPlatform } from "../../../platforms/current.ts";
import { noSuchInterface } from "../../../platforms/contract/errors.ts";
import type { SysfsView } from "../../../platforms/contract/host.ts";
import { inspect } from "../../query.ts";
import { type Command, EXIT } from "../options/command.ts";
import { NETNS } from "../options/netns.ts";
import { flag } from "../options/option.ts";
import { readOptions } from "../options/parse.ts";
import { checkWords } from "../options/words.ts";
import { inOrder } from "../terminal/order.ts";
import { asJson, connectedWord, defaultRouteText, plain, printLine, terminalWidth } from "../terminal/output.ts";
import { formatTable } from "../terminal/table.ts";
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

const OPTIONS = {
  json: flag(
    "Print one object. Its causes are a chain, the last being the root. Its sysfs says whose interface sysfs " +
      "shows: this, another, unknown or none.",
  ),
  netns: NETNS,
};

/** `netflags explain` */
export const explainCommand: Command = {
  usage: ["NAME [OPTION...]"],
  description: [
    "The first sentence names the root of the trouble, also where it lies with another interface: below a VLAN, or in a " +
    "bond.",
    "Then the netlink, ioctl and sysfs words of flags stand side by side, with why they differ. The word of sysfs is shown " +
    "only where it is known to be of this interface, and not of one in another network namespace.",
  ],
  options: OPTIONS,
  examples: [["netflags explain eth0", "Why eth0 is connected, or why not"]],
  words: (before) => before.length === 0 ? ["<interfaces>"] : [],
  async run(args) {
    const { json, netns, words: names } = readOptions(args, OPTIONS);
    checkWords(names, ["NAME"]);
    const status = inspect(names[0]!, { netns });
    if (status === undefined) throw noSuchInterface(names[0]!);
    const platform = knownPlatform();
    const linux = platform === "linux";
    const other = askIn(netns, (backend) => backend.otherWords?.(status));
    const view = other?.sysfsView;
    const words = { full: status.flags, ioctl: other?.ioctl, sysfs: other?.sysfs };
    const flags = explainFlags(words, platform);
    const sentence = explainState(status, status.causes);
    if (json) {
      const explanation: Explanation = {
        name: status.name,
        connected: status.connected,
        sentence,
        causes: status.causes,
        words,
        sysfs: view,
        flags,
        status: inOrder(status),
      };
      await printLine(asJson(explanation));
      return EXIT.done;
    }
    const width = terminalWidth();
    const row = (label: string, text: string): string[] => hanging(label.padEnd(19), plain(text), width ?? Infinity);
    const lines = [
      ...wrap(`${plain(sentence)}.`, width ?? Infinity),
      "",
      ...row("connected", `${connectedWord(status.connected)}: ${explainRule(status)}`),
    ];
    const carries = defaultRouteText(status);
    if (carries !== undefined) {
      const lost = status.connected === false
        ? ": the kernel goes on sending it there, and it is lost"
        : " leaves by it";
      lines.push(...row("default traffic", `${carries}${lost}`));
    }
    if (status.operState !== undefined) {
      const { operState, linkMode, carrier } = status;
      lines.push(...row("operational state", `${operState}, link mode ${linkMode}, carrier ${cell(carrier)}`));
    } else lines.push(...row("link state", status.linkState ?? "not known"));
    if (status.media !== undefined) {
      const { text, active, link } = status.media;
      lines.push(...row("medium", `${text} (0x${active.toString(16)}), link ${cell(link)}`));
    }
    for (const { text } of status.causes.length > 1 ? status.causes : []) lines.push(...row("because", text));
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
    lines.push("", ...formatTable(columns, width));
    for (const line of lines) await printLine(line);
    return EXIT.done;
  },
};
