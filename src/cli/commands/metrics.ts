import {
  InvalidInputError,
  NetflagsError,
  noSuchInterface,
  NotPermittedError,
} from "../../../platforms/contract/errors.ts";
import { list } from "../../query.ts";
import { Selection } from "../../select/selection.ts";
import { type Command, EXIT, readOptions, readSeconds, readWord } from "../options/command.ts";
import { collect, type Measurement } from "../metrics/collect.ts";
import { Past } from "../metrics/past.ts";
import { readAddress, serve } from "../metrics/server.ts";
import { metricsText } from "../metrics/text.ts";
import { checkWriting, writeWhole } from "../metrics/textfile.ts";
import { NETNS_UNTIL_GONE, readNetnsOption } from "../options/netns.ts";
import { OutputClosed, print, printLine } from "../terminal/output.ts";
import { tellHowChangesCome, tellRefusals, tellTrouble } from "../terminal/trouble.ts";
import { within } from "../hooks/within.ts";
import { GLOBS, readSelection, SELECTING, SELECTING_OPTIONS } from "../options/selecting.ts";

/** The shortest interval at which a file is written, in seconds. */
const LEAST_INTERVAL = 1;

/** Whether node_exporter's names are told too: not in a file, because node_exporter tells them beside it. */
function readNames(text: string | undefined, file: boolean): boolean {
  if (text === undefined) return !file;
  return readWord("value of --names", ["all", "own"], text) === "all";
}

/** A name that is asked for and is no interface's is told behind the others. */
function checkNames(names: readonly string[], netns: string | number | undefined): void {
  if (names.length === 0) return;
  const every = list({ addresses: false, netns });
  const missing = names.find((name) => !every.some((status) => new Selection({ names: name }).has(status)));
  if (missing !== undefined) throw noSuchInterface(missing);
}

/** Writes the file again and again. A failure is told, and tried again; only the first, or a refusal, ends it. */
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

/** SIGINT and SIGTERM, while it is not disposed of. */
class EndSignals implements Disposable {
  readonly #control = new AbortController();
  readonly #abort = (): void => this.#control.abort();

  constructor() {
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, this.#abort);
  }

  /** Aborted by the first of them. */
  get end(): AbortSignal {
    return this.#control.signal;
  }

  [Symbol.dispose](): void {
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(signal, this.#abort);
  }
}

/** Whoever does not read where it listens is answered all the same. */
function tellAddress(url: string): void {
  printLine(url).catch((error) => error instanceof OutputClosed || console.error(`netflags: ${error.message}`));
}

/** `netflags metrics` */
export const metricsCommand: Command = {
  usage: ["[NAME...] [OPTION...]"],
  description: [
    "Without an option the metrics are printed once.",
    "Names that begin with node_network_ are those of node_exporter, with its meanings. Names that begin with netflags_ " +
    "are what it does not tell.",
    "Flaps, outages and since when is counted from the start of --listen or --interval on. Without these it is left out.",
    GLOBS,
  ],
  options: [
    [
      "--listen ADDR:PORT",
      "Answer GET /metrics at 127.0.0.1:9100, say, or [::1]:9100. Port 0 is any free one; the address is printed. Needs " +
      "--allow-net. SIGINT and SIGTERM end the command.",
    ],
    [
      "--textfile PATH",
      "Write a file for the collector textfile of node_exporter, whole or not at all, in the older format 0.0.4, which " +
      "it reads. Needs --allow-write and --allow-read.",
      ["<files>"],
    ],
    ["--interval S", "Write the file again every S seconds"],
    [
      "--names all|own",
      "With own, only names that begin with netflags_. This is the default of --textfile, because node_exporter tells " +
      "the others.",
      ["all", "own"],
    ],
    ...SELECTING_OPTIONS,
    NETNS_UNTIL_GONE,
  ],
  examples: [
    ["netflags metrics", "Print them once"],
    ["netflags metrics --listen 127.0.0.1:9100", "Answer Prometheus"],
  ],
  words: () => ["<interfaces>"],
  async run(args) {
    const options = readOptions(args, {
      boolean: SELECTING.boolean,
      string: ["listen", "textfile", "interval", "names", "netns"],
      list: SELECTING.list,
    });
    const { listen, textfile, words } = options;
    const interval = readSeconds("interval", options.interval, LEAST_INTERVAL);
    if (listen !== undefined && textfile !== undefined) {
      throw new InvalidInputError("Give --listen or --textfile, not both");
    }
    if (interval !== undefined && textfile === undefined) {
      throw new InvalidInputError("--interval is of --textfile only");
    }
    const selection = { ...readSelection(options), names: words.length > 0 ? words : undefined };
    const netns = readNetnsOption(options.netns);
    const measurement: Measurement = { selection, netns, node: readNames(options.names, textfile !== undefined) };
    const address = listen === undefined ? undefined : readAddress(listen);
    if (textfile !== undefined) checkWriting(textfile);
    if (address === undefined && interval === undefined) {
      const families = collect(measurement);
      if (textfile === undefined) await print(metricsText(families, "openmetrics"));
      else writeWhole(textfile, metricsText(families, "prometheus"));
      checkNames(words, netns);
      return EXIT.done;
    }
    await using past = new Past({ ...selection, netns });
    tellHowChangesCome();
    tellRefusals();
    using signals = new EndSignals();
    const watched = { ...measurement, past };
    if (textfile !== undefined) await writeAgain(textfile, interval!, watched, past, signals.end);
    else await serve(address!, watched, tellAddress, signals.end);
    if (past.failure !== undefined) throw past.failure;
    return EXIT.done;
  },
};
