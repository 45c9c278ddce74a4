import { noSuchInterface } from "../../platforms/contract/errors.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import { capabilities, list } from "../query.ts";
import { Selection } from "../watch/selection.ts";
import { type Command, EXIT, readOptions } from "./command.ts";
import { inOrder } from "./order.ts";
import { NETNS_HELP, NETNS_USAGE, readNetnsOption } from "./netns.ts";
import { asJson, connectedWord, paintConnected, plain, print, terminalWidth } from "./output.ts";
import { isSelective, readSelection, SELECTING, SELECTING_HELP, SELECTING_USAGE } from "./selecting.ts";
import { formatTable } from "./table.ts";

/** What stands in a cell for something that the kernel does not tell. */
const NONE = "-";

function tableLines(statuses: readonly InterfaceStatus[]): string[] {
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
    { heading: "MASTER", cells: cells((s) => s.master), optional: 4 },
    { heading: "ADDRESS", cells: cells((s) => s.hardwareAddress), optional: 1 },
    { heading: "FLAGS", cells: cells((s) => s.flagNames.join(",")) },
  ], terminalWidth());
}

/** `netflags list` */
export const listCommand: Command = {
  usage: `[NAME...] [--json] [--active] ${SELECTING_USAGE} ${NETNS_USAGE}`,
  details: [
    "CONNECTED says whether packets can really flow; UP among the flags says only that somebody wants it.",
    "--active        only those that are connected",
    "--json          one array with everything known of each",
    ...SELECTING_HELP,
    ...NETNS_HELP,
    "The exit status is 1 where a NAME is no interface's, and where options leave none.",
  ],
  async run(args) {
    const options = readOptions(args, {
      boolean: ["json", "active", ...SELECTING.boolean],
      string: ["netns"],
      list: SELECTING.list,
    });
    const { json, active, words } = options;
    const filter = readSelection(options);
    const { platform } = capabilities();
    const every = list({ addresses: json, netns: readNetnsOption(options.netns) });
    const missing = words.find((name) => !every.some((status) => new Selection({ names: name }).has(status)));
    const selection = new Selection({ ...filter, names: words.length > 0 ? words : undefined }, platform);
    const shown = every.filter((status) => selection.has(status) && (!active || status.connected === true));
    if (json) await print(`[${shown.map((status) => `\n${asJson(inOrder(status))}`).join(",")}\n]\n`);
    else if (shown.length > 0) await print(`${tableLines(shown).join("\n")}\n`);
    if (missing !== undefined) throw noSuchInterface(missing);
    return shown.length === 0 && (active || isSelective(filter)) ? EXIT.no : EXIT.done;
  },
};
