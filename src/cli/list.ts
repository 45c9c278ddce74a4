import { noSuchInterface } from "../../platforms/contract/errors.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import { list } from "../query.ts";
import { hasName } from "../watch/selection.ts";
import { type Command, EXIT, readOptions } from "./command.ts";
import { asJson, connectedWord, paintConnected, plain, print, printLine, terminalWidth } from "./output.ts";
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
  usage: "[NAME...] [--json] [--active]",
  summary: "Shows every interface, or those named, up or down",
  details: [
    "CONNECTED says whether packets can really flow; UP among the flags says only that somebody wants it.",
    "--active  only those that are connected; exit status 1 where none is",
    "--json    one array with everything known of each",
  ],
  async run(args) {
    const { json, active, words } = readOptions(args, { boolean: ["json", "active"] });
    const named = list({ addresses: json, names: words.length > 0 ? words : undefined });
    const missing = words.find((name) => !named.some((status) => hasName(status, name)));
    const shown = named.filter((status) => !active || status.connected === true);
    if (json) await print(`[${shown.map((status) => `\n${asJson(status)}`).join(",")}\n]\n`);
    else if (shown.length > 0) { for (const line of tableLines(shown)) await printLine(line); }
    if (missing !== undefined) throw noSuchInterface(missing);
    return active && shown.length === 0 ? EXIT.no : EXIT.done;
  },
};
