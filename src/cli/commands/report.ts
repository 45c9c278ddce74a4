import { InvalidInputError, NotPermittedError } from "../../../platforms/contract/errors.ts";
import type { Moment } from "../../../platforms/contract/clock.ts";
import { now } from "../../table/moment.ts";
import type { History } from "../../watch/history.ts";
import { watch } from "../../watch/watch.ts";
import { type Progress, progressAtTerminal } from "../capture/progress.ts";
import { type Command, EXIT } from "../options/command.ts";
import { NETNS_UNTIL_GONE } from "../options/netns.ts";
import { flag, seconds, word } from "../options/option.ts";
import { readOptions } from "../options/parse.ts";
import { MissingWordError, readBytes } from "../options/words.ts";
import { openInput } from "../terminal/input.ts";
import {
  asJson,
  connectedWord,
  paintConnected,
  plain,
  printLine,
  terminalWidth,
  withinTime,
} from "../terminal/output.ts";
import { Ending } from "../terminal/ending.ts";
import { tellHowChangesCome, tellRefusals, tellTrouble } from "../terminal/trouble.ts";
import { GLOBS, isSelective, readSelection, SELECTING } from "../options/selecting.ts";
import { formatTable } from "../terminal/table.ts";
import { Model, type Row } from "../timeline/model.ts";
import { readRecord } from "../timeline/record.ts";
import { svgOf } from "../timeline/svg.ts";
import { type IsoTime, isoTime } from "../options/time.ts";
import { cannotWrite } from "../terminal/writing.ts";
import { duration, shortTime } from "../timeline/time.ts";

/** What a report without an event begins and ends with. */
const EPOCH: Moment = { time: 0, elapsed: 0 };
/** How long a report may take to be written where a signal ended the watching. In milliseconds. */
const LAST_WORDS = 500;
/** So many wrong lines are reported one by one. */
const MOST_REPORTED = 10;

/** What a report is made of. */
interface Watched {
  readonly model: Model;
  readonly end: Moment;
  /** Whether all that was given could be read. */
  readonly complete: boolean;
  /** Whether a signal ended it. */
  readonly interrupted: boolean;
}

/** The same bytes; how many there were is reported as they pass. */
async function* counted(bytes: AsyncIterable<Uint8Array>, progress: Progress | undefined): AsyncGenerator<Uint8Array> {
  let count = 0;
  for await (const chunk of bytes) {
    progress?.at(count += chunk.length);
    yield chunk;
  }
}

async function watchedInFile(file: string): Promise<Watched> {
  const model = new Model(false);
  const shown = file === "-" ? "of standard input" : `of "${plain(file)}"`;
  let wrong = 0;
  let events = 0;
  let old = 0;
  const { bytes, size } = await openInput(file);
  using progress = progressAtTerminal(size);
  await readRecord(counted(bytes, progress), {
    event: (event) => {
      events++;
      if (event.elapsed === undefined) old++;
      model.take(event);
    },
    wrong: (line, why, torn) => {
      if (!torn) wrong++;
      progress?.clear();
      if (torn || wrong <= MOST_REPORTED) console.error(`netflags: Line ${line} ${shown} ${why}: it is passed over`);
    },
  });
  progress?.clear();
  if (model.outOfOrder > 0) {
    console.error(
      `netflags: In the record ${shown}, ${model.outOfOrder} events stand behind later ones of the same interface: ` +
        "its lines were mixed, or an older netflags wrote them and the clock was set back. They count as if they had come at the later time",
    );
  }
  if (old > 0) {
    console.error(
      `netflags: In the record ${shown}, ${old} events have no steady time, because an older netflags wrote them: ` +
        "durations are by the system's clock, and wrong where it was set",
    );
  }
  if (wrong > MOST_REPORTED) console.error(`netflags: ${wrong - MOST_REPORTED} more lines ${shown} were passed over`);
  if (events === 0) console.error(`netflags: There is no event in the record ${shown}: make one with watch --json`);
  return { model, end: model.end ?? EPOCH, complete: wrong === 0 && events > 0, interrupted: false };
}

async function watchedFor(time: number, selection: Parameters<typeof watch>[0]): Promise<Watched> {
  const model = new Model(false, now());
  if (Deno.stderr.isTerminal()) console.error(`netflags: Watching for ${time / 1000} s; Ctrl-C ends it sooner`);
  using ending = new Ending({ output: false });
  using watcher = watch({
    ...selection,
    initial: true,
    addresses: false,
    onTrouble: tellTrouble,
    signal: ending.signal,
  });
  tellHowChangesCome();
  tellRefusals();
  const timer = setTimeout(() => watcher.close(), time);
  try {
    for await (const event of watcher) model.take(event);
  } finally {
    clearTimeout(timer);
  }
  return { model, end: model.until(now()), complete: true, interrupted: ending.signal.aborted };
}

/** What is known of an interface at the end. */
function pastOf(model: Model, row: Row, end: Moment): History {
  return row.history.tell(row.gone ?? end, (moment) => model.wall(moment));
}

/** An outage. */
export interface DatedOutage {
  /** When it began. */
  readonly start: IsoTime;
  /** When it was over; undefined while it lasts. */
  readonly end: IsoTime | undefined;
}

/** Which life of an interface a row is about. */
interface Named {
  /** The interface's name, the last that it had. */
  readonly name: string;
  /** Its index. */
  readonly index: number;
  /** Which life of the index this is: a kernel gives the index of a removed interface to a new one. */
  readonly generation: number;
  /** When it was removed. */
  readonly removed: IsoTime | undefined;
}

/** What a report says about one interface. */
export interface ReportRow extends Named, Omit<History, "since" | "lastChange" | "lastOutage"> {
  /** Since when it has been connected or not; since when it has been watched, if `sinceKnown` is false. */
  readonly since: IsoTime;
  /** When anything about it last changed; undefined if nothing has since watching began. */
  readonly lastChange: IsoTime | undefined;
  /** The last outage whose beginning was seen. */
  readonly lastOutage: DatedOutage | undefined;
}

/** Since when interfaces are connected, how often they were not, and for how long: what `report --json` prints. */
export interface Report {
  /** When watching began. */
  readonly start: IsoTime;
  /** When it ended. */
  readonly end: IsoTime;
  /** How many interfaces or events of such are left out, because there are too many. */
  readonly leftOut: number;
  /** How many events stand behind later ones of the same interface, and count as if they had come then. */
  readonly outOfOrder: number;
  /** Each life of an interface. */
  readonly interfaces: readonly ReportRow[];
}

function rowAsObject(model: Model, row: Row, end: Moment): ReportRow {
  const { since, lastChange, lastOutage, ...rest } = pastOf(model, row, end);
  const dated = (time: number | undefined): IsoTime | undefined => time === undefined ? undefined : isoTime(time);
  return {
    name: row.name,
    index: row.index,
    generation: row.generation,
    removed: dated(row.gone && model.wall(row.gone)),
    ...rest,
    since: isoTime(since),
    lastChange: dated(lastChange),
    lastOutage: lastOutage && { start: isoTime(lastOutage.start), end: dated(lastOutage.end) },
  };
}

function tableLines({ model, end }: Watched): string[] {
  const rows = model.rows().map((row) => ({ row, past: pastOf(model, row, end) }));
  const cells = (cell: (one: typeof rows[number]) => string): string[] => rows.map((one) => plain(cell(one)));
  return formatTable([
    { heading: "NAME", cells: cells(({ row }) => row.name) },
    {
      heading: "CONNECTED",
      cells: cells(({ row, past }) => row.gone === undefined ? connectedWord(past.connected) : "gone"),
      paint: (cell, i) => paintConnected(cell, rows[i]!.row.gone === undefined ? rows[i]!.past.connected : undefined),
    },
    {
      heading: "SINCE",
      cells: cells(({ row, past: { since, sinceKnown } }) =>
        row.gone === undefined ? `${sinceKnown ? "" : "before "}${shortTime(since)}` : shortTime(model.wall(row.gone))
      ),
    },
    { heading: "DOWNS", cells: cells(({ past }) => String(past.downs)) },
    { heading: "SEEN", cells: cells(({ past }) => String(past.flaps.total.seen)), optional: 2 },
    { heading: "HIDDEN", cells: cells(({ past }) => String(past.flaps.total.hidden ?? "-")), optional: 3 },
    { heading: "OUTAGES", cells: cells(({ past }) => String(past.outages)), optional: 1 },
    {
      heading: "LONGEST OUTAGE",
      cells: cells(({ row, past: { longestOutage } }) => {
        if (longestOutage === undefined) return "-";
        const lasts = row.gone === undefined && row.history.lasting(end) === longestOutage;
        return `${duration(longestOutage)}${lasts ? ", and lasts" : ""}`;
      }),
    },
  ], terminalWidth());
}

function checkWrite(file: string | undefined): void {
  if (file === undefined || Deno.permissions.querySync({ name: "write", path: file }).state === "granted") return;
  throw new NotPermittedError(`Cannot write "${file}": run with --allow-write=${file} beside the rest`, {
    operation: "write a picture",
  });
}

async function writePicture(file: string, picture: string): Promise<void> {
  try {
    await Deno.writeTextFile(file, picture);
  } catch (error) {
    throw cannotWrite(file, "write a picture", error);
  }
}

const OPTIONS = {
  for: seconds("S", "Watch for S seconds, in place of reading a record. SIGINT and SIGTERM end that earlier.", 0.001),
  json: flag(
    "Print one object with all that is known of each interface. Times have the offset of the local zone. Durations are " +
      "in milliseconds.",
  ),
  svg: word("FILE", "Draw a picture too. Needs --allow-write=FILE.", ["<files>"]),
  ...SELECTING,
  netns: NETNS_UNTIL_GONE,
};

/** The picture, and the table or the object. */
async function printReport(
  watched: Watched,
  { svg, json }: { readonly svg: string | undefined; readonly json: boolean },
): Promise<void> {
  const { model, end } = watched;
  if (svg !== undefined) await writePicture(svg, svgOf(model, end));
  if (json) {
    const report: Report = {
      start: isoTime(model.wall(model.start ?? end)),
      end: isoTime(model.wall(end)),
      leftOut: model.leftOut,
      outOfOrder: model.outOfOrder,
      interfaces: model.rows().map((row) => rowAsObject(model, row, end)),
    };
    await printLine(asJson(report));
  } else {
    for (const line of tableLines(watched)) await printLine(line);
    if (model.leftOut > 0) console.error(`netflags: ${model.leftOut} interfaces or events of such are left out`);
  }
}

export const reportCommand: Command = {
  usage: ["[FILE] [OPTION...]", "--for S [NAME...] [OPTION...]"],
  description: [
    "FILE is a record: what netflags watch --json wrote. Without FILE, or with -, the record is read from standard input. " +
    "A record that was made with --initial has the interfaces that did not change, too. Lines that are no events are " +
    "reported and skipped, and the exit status is 1 then.",
    "SINCE is the time since when an interface is connected or not. DOWNS counts how often the connection was lost. SEEN " +
    "counts the carrier changes that an event reported, and HIDDEN those between two events, by the kernel's counter. " +
    "OUTAGES counts the outages that are over. The longest one may still last.",
    GLOBS,
  ],
  options: OPTIONS,
  examples: [
    ["netflags report record --svg picture.svg", "A table and a picture of a record"],
    ["netflags report --for 60 eth0", "Watch eth0 for a minute, then report"],
  ],
  words: () => ["<files>", "<interfaces>"],
  async run(args) {
    const options = readOptions(args, OPTIONS, { files: true });
    const { for: time, words, svg, netns } = options;
    const selection = { ...readSelection(options), netns };
    if (time === undefined && isSelective(selection)) {
      throw new InvalidInputError("A record has what was asked for when it was made: select interfaces with --for S");
    }
    if (time === undefined && words[1] !== undefined) throw new InvalidInputError(`Unexpected "${words[1]}"`);
    if (time === undefined && words[0] === undefined && Deno.stdin.isTerminal()) {
      throw new MissingWordError("FILE is missing, which holds what netflags watch --json wrote");
    }
    checkWrite(svg);
    const names = words.length > 0 ? words.map(readBytes) : undefined;
    const watched = time === undefined
      ? await watchedInFile(words[0] ?? "-")
      : await watchedFor(time, { ...selection, names });
    const printed = printReport(watched, options);
    // Whoever sent the signal does not wait for a pipe or a terminal that takes nothing.
    if (!watched.interrupted) await printed;
    else if (!await withinTime(LAST_WORDS, printed)) throw new Error("Cannot write the output: nobody takes it");
    return watched.complete ? EXIT.done : EXIT.no;
  },
};
