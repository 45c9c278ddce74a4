import { type InterfaceDetails, NO_DETAILS } from "../../../platforms/contract/details.ts";
import { noSuchInterface, optional } from "../../../platforms/contract/errors.ts";
import type { Netns } from "../../../platforms/contract/netns.ts";
import type { InterfaceStatus } from "../../../platforms/contract/status.ts";
import { capabilities, inspect, list } from "../../query.ts";
import { explainReasons } from "../../why/reason.ts";
import { Selection } from "../../select/selection.ts";
import { type Command, EXIT } from "../options/command.ts";
import { inOrder } from "../terminal/order.ts";
import { NETNS } from "../options/netns.ts";
import { flag } from "../options/option.ts";
import { readOptions } from "../options/parse.ts";
import {
  addressWords,
  asJson,
  connectedWord,
  defaultRouteText,
  paintConnected,
  plain,
  print,
  terminalWidth,
} from "../terminal/output.ts";
import { GLOBS, isSelective, readSelection, SELECTING } from "../options/selecting.ts";
import { type Column, formatTable } from "../terminal/table.ts";
import { doubt, isGuess, shortRoot } from "../terminal/why.ts";

/** What stands in a cell for something that the kernel does not tell. */
const NONE = "-";

/** As many columns as an address and its prefix take at most. */
const LONGEST_ADDRESS = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128".length;

/** For so many milliseconds the system is asked why interfaces are not connected. Of the rest, what is known says why. */
const MOST_ASKING = 200;

/** Why each is not connected, or may not be although it is; in a few words. */
function reasons(
  shown: readonly InterfaceStatus[],
  every: readonly InterfaceStatus[],
  netns: Netns | undefined,
): (string | undefined)[] {
  const known = new Map(every.map((status) => [status.index, { ...status, ...NO_DETAILS }]));
  const until = performance.now() + MOST_ASKING;
  // Without an answer, what is known already says something.
  const ask = ({ index }: InterfaceStatus): InterfaceDetails | undefined =>
    performance.now() > until ? undefined : optional(() => inspect(index, { netns }));
  return shown.map((status) => {
    const { index, up, kind, connected, master, parentIndex, parentNetnsId } = status;
    if (connected === true) {
      const below = parentIndex === undefined || parentNetnsId !== undefined ? undefined : known.get(parentIndex);
      return doubt(master === undefined ? status : ask(status) ?? status, below);
    }
    if (connected === undefined) return up ? undefined : "down";
    // Of one that is down there is nothing more to ask.
    const details = up || kind === "vlan" ? ask(status) : undefined;
    return shortRoot(details?.causes ?? explainReasons(index, known));
  });
}

function tableLines(
  statuses: readonly InterfaceStatus[],
  whys: readonly (string | undefined)[],
  { addresses, wide }: { readonly addresses: boolean; readonly wide: boolean },
): string[] {
  const cells = (cell: (status: InterfaceStatus, row: number) => string | number | undefined): string[] =>
    statuses.map((status, row) => plain(String(cell(status, row) ?? NONE)));
  // A column is there as a whole, or not at all.
  const whole = (heading: string, optional: number, cell: Parameters<typeof cells>[0]): Column => ({
    heading,
    cells: cells(cell),
    optional,
    least: Infinity,
  });
  return formatTable([
    { heading: "NAME", cells: cells((s) => s.parent === undefined ? s.name : `${s.name}@${s.parent}`) },
    {
      heading: "CONNECTED",
      cells: cells((s) => isGuess(s) ? "yes?" : connectedWord(s.connected)),
      paint: (text, row) => {
        const status = statuses[row]!;
        return paintConnected(text, isGuess(status) ? undefined : status.connected);
      },
    },
    // A mark: where nothing leaves by any of them, or no kernel says it, there is none.
    ...(statuses.some((s) => defaultRouteText(s) !== undefined) ? [whole("DEFAULT", 6, defaultRouteText)] : []),
    { heading: "WHY", cells: cells((_, row) => whys[row]) },
    whole("KIND", 5, (s) => s.kind ?? s.type),
    ...(wide ? [whole("STATE", 0, (s) => s.operState ?? s.linkState)] : []),
    whole("FLAGS", 4, (s) => s.flagNames.join(",")),
    whole("MTU", 3, (s) => s.mtu),
    // One that says nothing goes first.
    whole("MASTER", statuses.some((s) => s.master) ? 2 : 0, (s) => s.master),
    whole("MAC", 1, (s) => s.hardwareAddress),
    ...(addresses
      ? [{
        heading: "IP",
        cells: cells((s) => addressWords(s).join(" ") || undefined),
        least: Math.min(LONGEST_ADDRESS, Math.max(...statuses.map((s) => addressWords(s).join(" ").length))),
      }]
      : []),
  ], wide ? undefined : terminalWidth());
}

const OPTIONS = {
  active: flag("Only interfaces that are connected"),
  addresses: flag("Show the IP addresses too"),
  wide: flag("Show every column, and the operational state, at any width"),
  json: flag("Print one array with the whole status of each interface"),
  ...SELECTING,
  netns: NETNS,
};

export const listCommand: Command = {
  usage: ["[NAME...] [OPTION...]"],
  description: [
    "CONNECTED says whether packets can flow, by the kernel's state of the interface: yes or no. It is yes? if the driver " +
    "never reports a carrier. WHY is the root cause, or a doubt. The flag UP says only that somebody wants the interface " +
    "up.",
    "On a terminal, a column that does not fit is left out.",
    "DEFAULT shows the families whose default traffic leaves by the interface. dead means that the interface is not " +
    "connected: the kernel goes on sending to it, and the packets are lost.",
    GLOBS,
    "The exit status is 1 if no interface has a given NAME, or if the options leave none.",
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
    else if (shown.length > 0) await print(`${tableLines(shown, reasons(shown, every, netns), options).join("\n")}\n`);
    if (missing !== undefined) throw noSuchInterface(missing);
    return shown.length === 0 && (active || isSelective(filter)) ? EXIT.no : EXIT.done;
  },
};
