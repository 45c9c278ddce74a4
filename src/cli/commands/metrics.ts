import {
  InvalidInputError,
  NetflagsError,
  noSuchInterface,
  NotPermittedError,
} from "../../../platforms/contract/errors.ts";
import type { Netns } from "../../../platforms/contract/netns.ts";
import { list } from "../../query.ts";
import { Selection } from "../../select/selection.ts";
import { type Command, EXIT } from "../options/command.ts";
import { collect, type Measurement } from "../metrics/collect.ts";
import { Past } from "../metrics/past.ts";
import { readAddress, serve } from "../metrics/server.ts";
import { metricsText } from "../metrics/text.ts";
import { checkWriting, writeWhole } from "../metrics/textfile.ts";
import { NETNS_UNTIL_GONE } from "../options/netns.ts";
import { seconds, word } from "../options/option.ts";
import { readOptions } from "../options/parse.ts";
import { Ending } from "../terminal/ending.ts";
import { OutputClosed, print, printError, printLine } from "../terminal/output.ts";
import { tellHowChangesCome, tellRefusals, tellTrouble } from "../terminal/trouble.ts";
import { within } from "../hooks/within.ts";
import { GLOBS, readSelection, SELECTING } from "../options/selecting.ts";

/** The shortest interval at which a file is written, in seconds. */
const LEAST_INTERVAL = 1;

/** A name that is asked for and is no interface's is reported behind the others. */
function checkNames(names: readonly string[], netns: Netns | undefined): void {
  if (names.length === 0) return;
  const every = list({ addresses: false, netns });
  const missing = names.find((name) => !every.some((status) => new Selection({ names: name }).has(status)));
  if (missing !== undefined) throw noSuchInterface(missing);
}

/** Writes the file again and again. A failure is reported, and tried again; only the first, or a refusal, ends it. */
async function writeAgain(
  path: string,
  interval: number,
  measurement: Measurement,
  past: Past,
  end: AbortSignal,
): Promise<void> {
  for (let first = true; !end.aborted; first = false) {
    try {
      writeWhole(path, metricsText(collect(measurement), "prometheus"));
    } catch (error) {
      if (first || !(error instanceof NetflagsError) || error instanceof NotPermittedError) throw error;
      tellTrouble(error);
    }
    await within(interval, past.ended, end);
    if (past.failure !== undefined) return;
  }
}

/** Whoever does not read where it listens is answered all the same. */
function tellAddress(url: string): void {
  printLine(url).catch((error) => error instanceof OutputClosed || printError(error.message));
}

const OPTIONS = {
  listen: word(
    "ADDR:PORT",
    "Answer GET /metrics at this address. It may be 127.0.0.1:9100 or [::1]:9100. Port 0 is any free port. The address is " +
      "printed. Needs --allow-net. SIGINT and SIGTERM end the command.",
  ),
  textfile: word(
    "PATH",
    "Write a file for node_exporter's textfile collector. It has the format that this reads (0.0.4). No half of a file is " +
      "ever seen. Needs --allow-write and --allow-read.",
    ["<files>"],
  ),
  interval: seconds("S", "Write the file again every S seconds", LEAST_INTERVAL),
  ...SELECTING,
  netns: NETNS_UNTIL_GONE,
};

export const metricsCommand: Command = {
  usage: ["[NAME...] [OPTION...]"],
  description: [
    "Without --listen and --textfile, the metrics are printed once.",
    "Their names begin with netflags_, so that they do not collide with those of node_exporter.",
    "Flaps, outages, and since when an interface is connected or not, are counted from the start of --listen or " +
    "--interval on. Without these options they are left out.",
    GLOBS,
  ],
  options: OPTIONS,
  examples: [
    ["netflags metrics", "Print them once"],
    ["netflags metrics --listen 127.0.0.1:9100", "Serve them to Prometheus"],
  ],
  words: () => ["<interfaces>"],
  async run(args) {
    const options = readOptions(args, OPTIONS);
    const { listen, textfile, interval, netns, words } = options;
    if (listen !== undefined && textfile !== undefined) {
      throw new InvalidInputError("Give --listen or --textfile, not both");
    }
    if (interval !== undefined && textfile === undefined) {
      throw new InvalidInputError("--interval is of --textfile only");
    }
    const selection = { ...readSelection(options), names: words.length > 0 ? words : undefined };
    const measurement: Measurement = { selection, netns };
    const address = listen === undefined ? undefined : readAddress(listen);
    if (textfile !== undefined) checkWriting(textfile);
    if (address === undefined && interval === undefined) {
      const families = collect(measurement);
      if (textfile === undefined) await print(metricsText(families, "openmetrics"));
      else {
        using _ending = new Ending({ output: false, files: true }); // a signal leaves no half of a file behind
        writeWhole(textfile, metricsText(families, "prometheus"));
      }
      checkNames(words, netns);
      return EXIT.done;
    }
    await using past = new Past({ ...selection, netns });
    tellHowChangesCome();
    tellRefusals();
    using ending = new Ending({ output: false, files: true });
    const watched = { ...measurement, past };
    if (textfile !== undefined) await writeAgain(textfile, interval!, watched, past, ending.signal);
    else await serve(address!, watched, tellAddress, ending.signal);
    if (past.failure !== undefined) throw past.failure;
    return EXIT.done;
  },
};
