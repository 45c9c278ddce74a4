import { ioctlFlags } from "../../platforms/linux/ioctl.ts";
import { sysfsFlags, type SysfsView, sysfsView } from "../../platforms/linux/sysfs.ts";
import { knownPlatform } from "../../platforms/current.ts";
import { NetflagsError, noSuchInterface } from "../../platforms/contract/errors.ts";
import { explainFlags, explainRule, explainState } from "./explanation.ts";
import { get, list } from "../query.ts";
import { checkWords, type Command, EXIT, readOptions } from "./command.ts";
import { asJson, connectedWord, plain, printLine } from "./output.ts";
import { formatTable } from "./table.ts";

function readIoctl(name: string): number | undefined {
  try {
    return ioctlFlags(name);
  } catch (error) {
    if (error instanceof NetflagsError) return undefined; // a name that an ioctl cannot take
    throw error;
  }
}

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
  unknown: "not shown: no interface here has an address that tells whether sysfs is of this network namespace",
  none: "not there: sysfs is not mounted, or is of another network namespace",
};

/** `netflags explain` */
export const explainCommand: Command = {
  usage: "NAME [--json]",
  summary: "Tells why an interface is connected or not, and what each of its flag words says",
  details: [
    "The netlink, ioctl and sysfs words side by side, and why they differ.",
    "The word of sysfs is shown only where it is known to be of this interface, and not of another network namespace.",
    "The sentence names the root of the trouble, also where it lies with another interface: below a VLAN, in a bond.",
    "--json  one object; its reason is the chain of causes, the last being the root; its sysfs says whose interface sysfs shows: this, another, unknown or none",
  ],
  async run(args) {
    const { json, words: names } = readOptions(args, { boolean: ["json"] });
    checkWords(names, ["NAME"]);
    const status = get(names[0]!, { hardware: true });
    if (status === undefined) throw noSuchInterface(names[0]!);
    const platform = knownPlatform();
    const linux = platform === "linux";
    const view = linux ? sysfsView(status, list) : undefined;
    const words = {
      full: status.flags,
      ioctl: linux ? readIoctl(status.name) : undefined,
      sysfs: view === "this" ? sysfsFlags(status.name) : undefined,
    };
    const flags = explainFlags(words, platform);
    const sentence = explainState(status, status.reason);
    if (json) {
      await printLine(
        asJson({
          name: status.name,
          connected: status.connected,
          sentence,
          reason: status.reason,
          words,
          sysfs: view,
          flags,
          status,
        }),
      );
      return EXIT.done;
    }
    const lines = [
      `${sentence}.`,
      "",
      `connected          ${connectedWord(status.connected)}: ${explainRule(status)}`,
    ];
    if (status.operState !== undefined) {
      lines.push(
        `operational state  ${status.operState}, link mode ${status.linkMode}, carrier ${cell(status.carrier)}`,
      );
    } else lines.push(`link state         ${status.linkState ?? "not told"}`);
    if (status.media !== undefined) {
      const { text, active, link } = status.media;
      lines.push(`medium             ${text} (0x${active.toString(16)}), link ${cell(link)}`);
    }
    for (const { text } of status.reason.length > 1 ? status.reason : []) lines.push(`because            ${text}`);
    lines.push(`${linux ? "netlink word       " : "if_flags           "}${hex(words.full)}`);
    if (view !== undefined) {
      lines.push(`ioctl word         ${hex(words.ioctl)}, 16 bits`);
      lines.push(`sysfs word         ${words.sysfs === undefined ? NOT_SHOWN[view] : hex(words.sysfs)}`);
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
      { heading: "SET BY", cells: flags.map(({ setBy }) => setBy) },
      { heading: "WHY", cells: flags.map(({ why }) => why) },
    ];
    lines.push("", ...formatTable(columns, undefined));
    for (const line of lines) await printLine(plain(line));
    return EXIT.done;
  },
};
