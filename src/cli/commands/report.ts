import { InvalidInputError, NotPermittedError } from "../../../platforms/contract/errors.ts";
import { eventTime } from "../../watch/event.ts";
import { watch } from "../../watch/watch.ts";
import { type Progress, progressAtTerminal } from "../capture/progress.ts";
import { type Command, EXIT, MissingWordError, readBytes, readOptions, readSeconds } from "../options/command.ts";
import { NETNS_UNTIL_GONE, readNetnsOption } from "../options/netns.ts";
import { asJson, connectedWord, paintConnected, plain, printLine, terminalWidth } from "../terminal/output.ts";
import { Ending } from "../terminal/ending.ts";
import { tellHowChangesCome, tellRefusals, tellTrouble } from "../terminal/trouble.ts";
import { GLOBS, isSelective, readSelection, SELECTING, SELECTING_OPTIONS } from "../options/selecting.ts";
import { formatTable } from "../terminal/table.ts";
import { Model, type Row } from "../timeline/model.ts";
import { openRecord, readRecord } from "../timeline/record.ts";
import { svgOf } from "../timeline/svg.ts";
import { isoTime } from "../options/time.ts";
import { cannotWrite } from "../terminal/writing.ts";
import { duration, shortTime } from "../timeline/time.ts";

/** So many wrong lines are told one by one. */
const MOST_TOLD = 10;

/** What a report is made of. */
interface Watched {
  readonly model: Model;
  readonly end: number;
  /** Whether all that was given could be read. */
  readonly complete: boolean;
}

/** The same bytes; how many there were is told as they pass. */
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
  const { bytes, size } = await openRecord(file);
  using progress = progressAtTerminal(size);
  await readRecord(counted(bytes, progress), {
    event: (event) => {
      events++;
      model.take(event);
    },
    wrong: (line, why, torn) => {
      if (!torn) wrong++;
      progress?.clear();
      if (torn || wrong <= MOST_TOLD) console.error(`netflags: Line ${line} ${shown} ${why}: it is passed over`);
    },
  });
  progress?.clear();
  if (model.outOfOrder > 0) {
    console.error(
      `netflags: In the record ${shown}, ${model.outOfOrder} events stand behind later ones of the same interface: ` +
        "its lines were mixed, it is of several runs, or the clock was set back. They count as if they had come at the later time",
    );
  }
  if (wrong > MOST_TOLD) console.error(`netflags: ${wrong - MOST_TOLD} more lines ${shown} were passed over`);
  if (events === 0) console.error(`netflags: There is no event in the record ${shown}: make one with watch --json`);
  return { model, end: model.end, complete: wrong === 0 && events > 0 };
}

async function watchedFor(time: number, selection: Parameters<typeof watch>[0]): Promise<Watched> {
  const model = new Model(false, eventTime());
  if (Deno.stderr.isTerminal()) console.error(`netflags: Watching for ${time / 1000} s; Ctrl-C ends it sooner`);
  using ending = new Ending({ output: false });
  using watcher = watch({ ...selection, initial: true, onTrouble: tellTrouble, signal: ending.signal });
  tellHowChangesCome();
  tellRefusals();
  const timer = setTimeout(() => watcher.close(), time);
  try {
    for await (const event of watcher) model.take(event);
  } finally {
    clearTimeout(timer);
  }
  return { model, end: eventTime(), complete: true };
}

function rowAsObject(row: Row, end: number): unknown {
  const { since, lastChange, lastOutage, ...rest } = row.history.tell(row.gone ?? end);
  const dated = (time: number | undefined): string | undefined => time === undefined ? undefined : isoTime(time);
  return {
    name: row.name,
    index: row.index,
    generation: row.generation,
    removed: dated(row.gone),
    ...rest,
    since: isoTime(since),
    lastChange: dated(lastChange),
    lastOutage: lastOutage && { start: isoTime(lastOutage.start), end: dated(lastOutage.end) },
  };
}

function tableLines({ model, end }: Watched): string[] {
  const rows = model.rows().map((row) => ({ row, past: row.history.tell(row.gone ?? end) }));
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
        row.gone === undefined ? `${sinceKnown ? "" : "before "}${shortTime(since)}` : shortTime(row.gone)
      ),
    },
    { heading: "DOWNS", cells: cells(({ past }) => String(past.downs)) },
    { heading: "SEEN", cells: cells(({ past }) => String(past.flaps.total.seen)), optional: 2 },
    { heading: "HIDDEN", cells: cells(({ past }) => String(past.flaps.total.hidden ?? "-")), optional: 3 },
    { heading: "OUTAGES", cells: cells(({ past }) => String(past.outages)), optional: 1 },
    {
      heading: "LONGEST OUTAGE",
      cells: cells(({ row, past: { longestOutage, lastOutage } }) => {
        if (longestOutage === undefined) return "-";
        const lasts = row.gone === undefined && lastOutage !== undefined && lastOutage.end === undefined;
        return `${duration(longestOutage)}${lasts && end - lastOutage.start >= longestOutage ? ", and lasts" : ""}`;
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

/** `netflags report` */
export const reportCommand: Command = {
  usage: ["[FILE] [OPTION...]", "--for S [NAME...] [OPTION...]"],
  description: [
    "FILE holds what netflags watch --json wrote. Without FILE, or for -, it is read from standard input. A record that " +
    "was made with --initial has the interfaces that did not change, too. Lines that are no events are told and passed " +
    "over; the exit status is 1 then.",
    "SINCE says since when an interface is connected or not, and DOWNS how often it was lost. SEEN counts carrier changes " +
    "that an event told, HIDDEN those between two events, by the kernel's counter. OUTAGES counts those that are over; the " +
    "longest may still last.",
    GLOBS,
  ],
  options: [
    ["--for S", "Watch for S seconds, or until SIGINT or SIGTERM, in place of reading a record"],
    [
      "--json",
      "Print one object with everything known of each. Times have their offset, durations are in milliseconds.",
    ],
    ["--svg FILE", "Draw it too. Needs --allow-write=FILE beside the other permissions.", ["<files>"]],
    ...SELECTING_OPTIONS,
    NETNS_UNTIL_GONE,
  ],
  examples: [
    ["netflags report record --svg picture.svg", "A table and a picture of a record"],
    ["netflags report --for 60 eth0", "Watch eth0 for a minute, then report"],
  ],
  words: () => ["<files>", "<interfaces>"],
  async run(args) {
    const options = readOptions(args, {
      boolean: ["json", ...SELECTING.boolean],
      string: ["for", "svg", "netns"],
      list: SELECTING.list,
      files: true,
    });
    const { words, svg } = options;
    const time = readSeconds("for", options.for, 0.001);
    const selection = { ...readSelection(options), netns: readNetnsOption(options.netns) };
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
    const { model, end } = watched;
    if (svg !== undefined) await writePicture(svg, svgOf(model, end));
    if (options.json) {
      const interfaces = model.rows().map((row) => rowAsObject(row, end));
      await printLine(
        asJson({
          start: isoTime(model.start ?? end),
          end: isoTime(end),
          leftOut: model.leftOut,
          outOfOrder: model.outOfOrder,
          interfaces,
        }),
      );
    } else {
      for (const line of tableLines(watched)) await printLine(line);
      if (model.leftOut > 0) console.error(`netflags: ${model.leftOut} interfaces or events of such are left out`);
    }
    return watched.complete ? EXIT.done : EXIT.no;
  },
};
