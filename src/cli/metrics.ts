import {
  InvalidInputError,
  NetflagsError,
  noSuchInterface,
  NotPermittedError,
} from "../../platforms/contract/errors.ts";
import { list } from "../query.ts";
import { Selection } from "../watch/selection.ts";
import { type Command, EXIT, readOptions, readSeconds } from "./command.ts";
import { collect, type Measurement } from "./metrics/collect.ts";
import { Past } from "./metrics/past.ts";
import { readAddress, serve } from "./metrics/server.ts";
import { metricsText } from "./metrics/text.ts";
import { checkWriting, writeWhole } from "./metrics/textfile.ts";
import { OutputClosed, print, printLine } from "./output.ts";
import { tellHowChangesCome, tellRefusals, tellTrouble } from "./trouble.ts";
import { readSelection, SELECTING, SELECTING_HELP, SELECTING_USAGE } from "./selecting.ts";

/** The shortest interval at which a file is written, in seconds. */
const LEAST_INTERVAL = 1;

/** Whether node_exporter's names are told too: not in a file, because node_exporter tells them beside it. */
function readNames(text: string | undefined, file: boolean): boolean {
  if (text === undefined) return !file;
  if (text === "all" || text === "own") return text === "all";
  throw new InvalidInputError(`Option "--names" is "${text}": give all or own`);
}

/** A name that is asked for and is no interface's is told behind the others. */
function checkNames(names: readonly string[]): void {
  if (names.length === 0) return;
  const every = list({ addresses: false });
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
    const { promise: pause, resolve: goOn } = Promise.withResolvers<void>();
    const timer = setTimeout(goOn, interval);
    const atEnd = (): void => goOn();
    end.addEventListener("abort", atEnd);
    await Promise.race([pause, past.ended]);
    clearTimeout(timer);
    end.removeEventListener("abort", atEnd);
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
  usage: `[NAME...] [--listen ADDR:PORT | --textfile PATH [--interval S]] [--names all|own] ${SELECTING_USAGE}`,
  details: [
    "node_network_... is what node_exporter tells under these names, with its meanings; netflags_... is what it does not.",
    "Flaps, outages and since when is known from the start of --listen or --interval on; without these, it is left out.",
    "--listen ADDR:PORT  answer GET /metrics: 127.0.0.1:9100, [::1]:9100; port 0 is any free one; the address is printed.",
    "                    Needs --allow-net. SIGINT and SIGTERM end it",
    "--textfile PATH     write them to a file, for node_exporter's collector textfile, whole or not at all; needs",
    "                    --allow-write and --allow-read. In the older format 0.0.4, which is the one that it reads",
    "--interval S        write the file again every S seconds",
    "--names all|own     own: only netflags_...; that is so for --textfile, because node_exporter tells the others",
    ...SELECTING_HELP,
  ],
  async run(args) {
    const options = readOptions(args, {
      boolean: SELECTING.boolean,
      string: ["listen", "textfile", "interval", "names"],
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
    const measurement: Measurement = { selection, node: readNames(options.names, textfile !== undefined) };
    const address = listen === undefined ? undefined : readAddress(listen);
    if (textfile !== undefined) checkWriting(textfile);
    if (address === undefined && interval === undefined) {
      const families = collect(measurement);
      if (textfile === undefined) await print(metricsText(families, "openmetrics"));
      else writeWhole(textfile, metricsText(families, "prometheus"));
      checkNames(words);
      return EXIT.done;
    }
    tellHowChangesCome();
    await using past = new Past(selection);
    tellRefusals();
    using signals = new EndSignals();
    const watched = { ...measurement, past };
    if (textfile !== undefined) await writeAgain(textfile, interval!, watched, past, signals.end);
    else await serve(address!, watched, tellAddress, signals.end);
    if (past.failure !== undefined) throw past.failure;
    return EXIT.done;
  },
};
