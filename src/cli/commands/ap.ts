import { InvalidInputError } from "../../../platforms/contract/errors.ts";
import { watchAccessPoints } from "../../watch/access_points.ts";
import type { AccessPointEvent } from "../../watch/running_points.ts";
import { type Command, EXIT } from "../options/command.ts";
import { Ending } from "../terminal/ending.ts";
import { accessPointLine } from "../terminal/lines.ts";
import { NETNS_UNTIL_GONE } from "../options/netns.ts";
import { flag, whole } from "../options/option.ts";
import { readOptions } from "../options/parse.ts";
import { plain, printLine, quoted } from "../terminal/output.ts";
import { Stamps, TIME } from "../options/stamp.ts";
import { checkWords } from "../options/words.ts";
import { tellTrouble } from "../terminal/trouble.ts";

const OPTIONS = {
  count: whole("N", "End after N events", 1),
  time: TIME,
  json: flag("Print one object for each event, in a line. netflags schema ap describes it."),
  netns: NETNS_UNTIL_GONE,
};

/** An event in a line, without its time. */
function eventText(event: AccessPointEvent): string {
  const { type, name, index, ssid, previousSsid, frequency, previousFrequency, mloLinkId } = event;
  const before = previousSsid === undefined || previousSsid === ssid ? "" : ` (was ${quoted(previousSsid)})`;
  const link = mloLinkId === undefined ? "" : ` on link ${mloLinkId}`;
  const from = previousFrequency === undefined || previousFrequency === frequency ? "" : `${previousFrequency} -> `;
  const where = frequency === undefined ? "" : ` at ${from}${frequency} MHz`;
  return `${plain(name ?? String(index))} ${type}: ${quoted(ssid)}${before}${link}${where}`;
}

export const apCommand: Command = {
  usage: ["[OPTION...]"],
  description: ["It begins with the access points that are running. SIGINT and SIGTERM end the command."],
  options: OPTIONS,
  examples: [["netflags ap", "The access points that are running, then each change"]],
  async run(args) {
    const { json, count = Infinity, time, netns, words } = readOptions(args, OPTIONS);
    checkWords(words, []);
    const stamps = new Stamps(time);
    if (json && time !== undefined) throw new InvalidInputError("Option --time is for lines: leave it out with --json");
    using ending = new Ending({ output: true });
    using watcher = watchAccessPoints({ signal: ending.signal, onTrouble: tellTrouble, netns });
    let printed = 0;
    for await (const event of watcher) {
      if (json) await ending.written(printLine(accessPointLine(event)));
      else {
        await ending.written(printLine(stamps.line(event.time, eventText(event))));
      }
      if (++printed >= count) break;
    }
    return EXIT.done;
  },
};
