import { noSuchInterface } from "../../../platforms/contract/errors.ts";
import type { InterfaceStatus } from "../../../platforms/contract/status.ts";
import { capabilities, list } from "../../query.ts";
import { Selection } from "../../select/selection.ts";
import { type Command, EXIT } from "../options/command.ts";
import { inOrder } from "../terminal/order.ts";
import { NETNS } from "../options/netns.ts";
import { flag } from "../options/option.ts";
import { readOptions } from "../options/parse.ts";
import {
  asJson,
  connectedWord,
  defaultRouteText,
  paintConnected,
  plain,
  print,
  terminalWidth,
} from "../terminal/output.ts";
import { GLOBS, isSelective, readSelection, SELECTING } from "../options/selecting.ts";
import { formatTable } from "../terminal/table.ts";

/** What stands in a cell for something that the kernel does not tell. */
const NONE = "-";

/** As many columns as an address and its prefix take at most. */
const LONGEST_ADDRESS = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128".length;

function addressWords(status: InterfaceStatus): string[] {
  return (status.addresses ?? []).map(({ address, prefixLength }) => `${address}/${prefixLength}`);
}

function tableLines(statuses: readonly InterfaceStatus[], addresses: boolean): string[] {
  const cells = (cell: (status: InterfaceStatus) => string | number | undefined): string[] =>
    statuses.map((status) => plain(String(cell(status) ?? NONE)));
  return formatTable([
    { heading: "NAME", cells: cells((s) => s.parent === undefined ? s.name : `${s.name}@${s.parent}`) },
    {
      heading: "CONNECTED",
      cells: cells((s) => connectedWord(s.connected)),
      paint: (text, row) => paintConnected(text, statuses[row]!.connected),
    },
    { heading: "STATE", cells: cells((s) => s.operState ?? s.linkState) },
    { heading: "MTU", cells: cells((s) => s.mtu), optional: 2 },
    { heading: "KIND", cells: cells((s) => s.kind ?? s.type), optional: 3 },
    // One that says nothing goes first.
    { heading: "MASTER", cells: cells((s) => s.master), optional: statuses.some((s) => s.master) ? 4 : 0 },
    { heading: "ADDRESS", cells: cells((s) => s.hardwareAddress), optional: 1 },
    { heading: "FLAGS", cells: cells((s) => s.flagNames.join(",")), ...(addresses ? { optional: 0.5 } : {}) },
    // A mark: where nothing leaves by any of them, or no kernel says it, there is none.
    ...(statuses.some((s) => defaultRouteText(s) !== undefined)
      ? [{ heading: "DEFAULT", cells: cells(defaultRouteText), optional: 5 }]
      : []),
    ...(addresses
      ? [{
        heading: "IP ADDRESSES",
        cells: cells((s) => addressWords(s).join(" ") || undefined),
        least: Math.min(LONGEST_ADDRESS, Math.max(...statuses.map((s) => addressWords(s).join(" ").length))),
      }]
      : []),
  ], terminalWidth());
}

const OPTIONS = {
  active: flag("Only interfaces that are connected"),
  addresses: flag("Show the IP addresses too"),
  json: flag("Print one array with everything known of each interface"),
  ...SELECTING,
  netns: NETNS,
};

/** `netflags list` */
export const listCommand: Command = {
  usage: ["[NAME...] [OPTION...]"],
  description: [
    "CONNECTED says whether packets can really flow. UP among the flags says only that somebody wants the interface up.",
    "DEFAULT says whose default traffic leaves by it, as the kernel decides. A kernel goes on sending to an interface " +
    "that is dead.",
    GLOBS,
    "The exit status is 1 where no interface has a given NAME, and where the options leave none.",
  ],
  options: OPTIONS,
  examples: [
    ["netflags list", "Every interface"],
    ["netflags list --addresses 'en*'", "Those whose name begins with en, with their IP addresses"],
    ["netflags list --physical --active", "Network cards that are connected"],
  ],
  words: () => ["<interfaces>"],
  async run(args) {
    const options = readOptions(args, OPTIONS);
    const { json, active, addresses, netns, words } = options;
    const filter = readSelection(options);
    const { platform } = capabilities();
    const every = list({ addresses: json || addresses, routes: true, netns });
    const missing = words.find((name) => !every.some((status) => new Selection({ names: name }).has(status)));
    const selection = new Selection({ ...filter, names: words.length > 0 ? words : undefined }, platform);
    const shown = every.filter((status) => selection.has(status) && (!active || status.connected === true));
    if (json) await print(`[${shown.map((status) => `\n${asJson(inOrder(status))}`).join(",")}\n]\n`);
    else if (shown.length > 0) await print(`${tableLines(shown, addresses).join("\n")}\n`);
    if (missing !== undefined) throw noSuchInterface(missing);
    return shown.length === 0 && (active || isSelective(filter)) ? EXIT.no : EXIT.done;
  },
};
