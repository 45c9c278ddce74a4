import { InvalidInputError } from "../../../platforms/contract/errors.ts";
import type { Route } from "../../../platforms/contract/route.ts";
import { route } from "../../query.ts";
import { type Command, EXIT } from "../options/command.ts";
import { NETNS } from "../options/netns.ts";
import { flag } from "../options/option.ts";
import { readOptions } from "../options/parse.ts";
import { asJson, connectedWord, plain, print, printError, terminalWidth } from "../terminal/output.ts";
import { formatTable } from "../terminal/table.ts";

/** What stands in a cell for something that there is not. */
const NONE = "-";

function tableLines(routes: readonly Route[]): string[] {
  const cells = (cell: (route: Route) => string | number | undefined): string[] =>
    routes.map((one) => plain(String(cell(one) ?? NONE)));
  return formatTable([
    { heading: "DESTINATION", cells: cells(({ destination, family }) => destination ?? `default (${family})`) },
    { heading: "INTERFACE", cells: cells(({ name }) => name) },
    { heading: "CONNECTED", cells: cells(({ connected }) => connectedWord(connected)) },
    { heading: "GATEWAY", cells: cells(({ gateway }) => gateway) },
    { heading: "SOURCE", cells: cells(({ source }) => source), optional: 2 },
    { heading: "TYPE", cells: cells(({ type }) => type), optional: 1 },
    { heading: "TABLE", cells: cells(({ table }) => table), optional: 1 },
  ], terminalWidth());
}

const OPTIONS = { json: flag("Print one array, with an element for each route"), netns: NETNS };

export const routeCommand: Command = {
  usage: ["[DESTINATION] [OPTION...]"],
  description: [
    "DESTINATION is an IPv4 or IPv6 address. A link-local one may have a zone, as in fe80::1%eth0. No name is looked up, " +
    "and no packet is sent. Without DESTINATION, the default traffic of each family is meant.",
    "The answer is the kernel's own, by all of its rules and tables. The kernel goes on sending to an interface that is " +
    "not connected, and those packets are lost: see CONNECTED.",
    "The exit status is 1 if a packet would go nowhere, or if this system does not say.",
  ],
  options: OPTIONS,
  examples: [
    ["netflags route", "By which interfaces the default traffic leaves"],
    ["netflags route 192.0.2.1", "By which interface a packet to this address leaves"],
  ],
  words: () => [],
  async run(args) {
    const { json, netns, words: [destination, extra] } = readOptions(args, OPTIONS);
    if (extra !== undefined) throw new InvalidInputError(`Unexpected "${extra}"`);
    const routes = route(destination, { netns });
    if (json) await print(`[${routes.map((one) => `\n${asJson(one)}`).join(",")}\n]\n`);
    else if (routes.length > 0) await print(`${tableLines(routes).join("\n")}\n`);
    else printError(destination === undefined ? "There is no default route" : `There is no route to ${destination}`);
    return routes.length === 0 ? EXIT.no : EXIT.done;
  },
};
