import { watchAccessPoints } from "../watch/access_points.ts";
import { checkWords, type Command, EXIT, readNumber, readOptions } from "./command.ts";
import { accessPointLine } from "./lines.ts";
import { NETNS_END_HELP, NETNS_HELP, NETNS_USAGE, readNetnsOption } from "./netns.ts";
import { plain, printLine, quoted } from "./output.ts";
import { onOutputClosed, tellTrouble } from "./trouble.ts";
import { clock, endOnSignals } from "./watch.ts";

/** `netflags ap` */
export const apCommand: Command = {
  usage: `[--json] [--count N] ${NETNS_USAGE}`,
  details: [
    "It begins with those that are there. SIGINT and SIGTERM end it.",
    "--count N       end after N events",
    "--json          one object a line; netflags schema ap says what is in it",
    ...NETNS_HELP,
    NETNS_END_HELP,
  ],
  async run(args) {
    const { json, count: text, netns, words } = readOptions(args, { boolean: ["json"], string: ["count", "netns"] });
    checkWords(words, []);
    const count = readNumber("count", text, { least: 1, whole: true }) ?? Infinity;
    using watcher = watchAccessPoints({ onTrouble: tellTrouble, netns: readNetnsOption(netns) });
    endOnSignals();
    onOutputClosed(() => Deno.exit(EXIT.done));
    let told = 0;
    for await (const event of watcher) {
      if (json) await printLine(accessPointLine(event));
      else {
        const before = event.type !== "stopped" && event.previousSsid !== undefined
          ? ` (was ${quoted(event.previousSsid)})`
          : "";
        const where = event.frequency === undefined ? "" : ` at ${event.frequency} MHz`;
        const name = plain(event.name ?? String(event.index));
        await printLine(`${clock(event.time)} ${name} ${event.type}: ${quoted(event.ssid)}${before}${where}`);
      }
      if (++told >= count) break;
    }
    return EXIT.done;
  },
};
