import { InvalidInputError } from "../../../platforms/contract/errors.ts";
import { watchAccessPoints } from "../../watch/access_points.ts";
import { checkWords, type Command, EXIT, readNumber, readOptions } from "../options/command.ts";
import { Ending } from "../terminal/ending.ts";
import { accessPointLine } from "../terminal/lines.ts";
import { NETNS_UNTIL_GONE, readNetnsOption } from "../options/netns.ts";
import { plain, printLine, quoted } from "../terminal/output.ts";
import { Stamps, TIME } from "../options/stamp.ts";
import { wallTime } from "../options/time.ts";
import { tellTrouble } from "../terminal/trouble.ts";

/** `netflags ap` */
export const apCommand: Command = {
  usage: ["[OPTION...]"],
  description: ["It begins with the access points that are there. SIGINT and SIGTERM end the command."],
  options: [
    ["--count N", "End after N events"],
    TIME,
    ["--json", "Print one object a line. netflags schema ap describes it."],
    NETNS_UNTIL_GONE,
  ],
  examples: [["netflags ap", "Those that are there, then each change"]],
  async run(args) {
    const { json, count: text, time, netns, words } = readOptions(args, {
      boolean: ["json"],
      string: ["count", "time", "netns"],
    });
    checkWords(words, []);
    const count = readNumber("count", text, { least: 1, whole: true }) ?? Infinity;
    const stamps = new Stamps(time);
    if (json && time !== undefined) throw new InvalidInputError("Option --time is for lines: leave it out with --json");
    using ending = new Ending({ output: true });
    using watcher = watchAccessPoints({
      signal: ending.signal,
      onTrouble: tellTrouble,
      netns: readNetnsOption(netns),
    });
    let told = 0;
    for await (const event of watcher) {
      if (json) await ending.written(printLine(accessPointLine(event)));
      else {
        const before = event.type !== "stopped" && event.previousSsid !== undefined
          ? ` (was ${quoted(event.previousSsid)})`
          : "";
        const where = event.frequency === undefined ? "" : ` at ${event.frequency} MHz`;
        const name = plain(event.name ?? String(event.index));
        const text = `${name} ${event.type}: ${quoted(event.ssid)}${before}${where}`;
        await ending.written(printLine(stamps.line(wallTime(event.time), text)));
      }
      if (++told >= count) break;
    }
    return EXIT.done;
  },
};
