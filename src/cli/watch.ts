import type { InterfaceEvent } from "../watch/event.ts";
import type { InterfaceStatus, StatusField } from "../../platforms/contract/status.ts";
import { watch, type WatchOptions } from "../watch/watch.ts";
import { type Command, EXIT, readNumber, readOptions, readSeconds } from "./command.ts";
import { eventLine } from "./lines.ts";
import { showLive } from "./timeline/live.ts";
import { readSelection, SELECTING, SELECTING_HELP, SELECTING_USAGE } from "./selecting.ts";
import { NETNS_END_HELP, NETNS_HELP, NETNS_USAGE, readNetnsOption } from "./netns.ts";
import { asJson, mediaText, paintConnected, plain, printLine, quoted, word } from "./output.ts";
import { onOutputClosed, tellHowChangesCome, tellRefusals, tellTrouble } from "./trouble.ts";

/** Fields whose change is told by others: the flags' names by +FLAG and -FLAG, the rest by what they derive from. */
const IMPLIED: readonly StatusField[] = [
  "flags",
  "flagNames",
  "up",
  "running",
  "lowerUp",
  "dormant",
  "masterIndex",
  "parentIndex",
  "carrierUps",
  "carrierDowns",
];

function valueText(status: InterfaceStatus, field: StatusField): string {
  const value = status[field];
  if (field === "addresses") {
    return status.addresses?.map((one) => `${one.address}/${one.prefixLength}`).join(",") || "none";
  }
  if (field === "wireless") {
    return status.wireless === undefined ? "none" : `${status.wireless.type} ${quoted(status.wireless.ssid ?? "")}`;
  }
  if (field === "media") return status.media === undefined ? "none" : plain(mediaText(status.media));
  if (Array.isArray(value)) return value.map((one) => word(String(one))).join(",") || "none";
  if (field === "connected" && value === undefined) return "unknown";
  return typeof value === "object" ? asJson(value) : plain(String(value ?? "none"));
}

function changeText(event: InterfaceEvent): string {
  const { previous, interface: now } = event;
  if (previous === undefined || event.type !== "changed") {
    return `${now.operState ?? now.linkState ?? ""} <${now.flagNames.join(",")}>`;
  }
  const fields = event.changed
    .filter((field) => !IMPLIED.includes(field))
    .map((field) => `${field} ${valueText(previous, field)} -> ${valueText(now, field)}`);
  const flags = [...event.flagsSet.map((flag) => `+${flag}`), ...event.flagsCleared.map((flag) => `-${flag}`)];
  return [...flags, ...fields].join(", ") || event.changed.join(", ");
}

function notes(event: InterfaceEvent): string {
  return [
    event.hiddenFlaps ? `${event.hiddenFlaps} hidden carrier changes` : "",
    event.ssids.length > 0 ? `access points started: ${event.ssids.map(quoted).join(", ")}` : "",
    event.resync ? "after an overflow" : "",
    event.left ? `it is not what was asked for any more: another ${event.changed[0] ?? "name"}` : "",
    event.moved ? `moved to network namespace ${event.moved.netnsId}` : "",
  ].filter((note) => note !== "").map((note) => ` (${note})`).join("");
}

/** An event in a line, behind the time that is given. */
function eventText(event: InterfaceEvent, stamp: string, name = plain(event.interface.name)): string {
  return `${stamp} ${name} ${event.type}: ${changeText(event)}${notes(event)}`;
}

/** The time of day. */
export function clock(time: number): string {
  const date = new Date(time);
  const two = (value: number, digits = 2): string => String(value).padStart(digits, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${
    two(date.getMilliseconds(), 3)
  }`;
}

/** Times as seconds since the start, and since the interface's last event. */
class Timeline {
  readonly #start = performance.timeOrigin + performance.now();
  readonly #last = new Map<number, number>();

  stamp({ time, type, interface: { index } }: InterfaceEvent): string {
    const since = time - (this.#last.get(index) ?? this.#start);
    if (type === "removed") this.#last.delete(index);
    else this.#last.set(index, time);
    return `${((time - this.#start) / 1000).toFixed(6).padStart(12)} +${(since / 1000).toFixed(6)}`;
  }
}

/** `netflags watch` */
export const watchCommand: Command = {
  usage:
    `[NAME...] [--json] [--initial] [--addresses] [--count N] [--poll S] [--settle S] [--timeline] ${SELECTING_USAGE} ${NETNS_USAGE}`,
  details: [
    "A NAME need not exist yet. One that comes to be as asked for by a new name is told as added, one that is so no more",
    "as removed. SIGINT and SIGTERM end it.",
    "--initial       begin with those that are there",
    "--addresses     tell addresses and their changes too",
    "--count N       end after N events",
    "--poll S        also compare everything every S seconds, for changes that no kernel message tells",
    "--settle S      tell an interface's changes when it has been quiet for S seconds, as one",
    "--timeline      on a terminal, a line for each interface, drawn as it happens: high with a carrier, low without; the",
    "                administrative state (U, D) and the operational one by letters; networks; hidden carrier changes as",
    "                a mark with their number. q and Ctrl-C end it, + and - zoom. Elsewhere: seconds since the start, and",
    "                since the interface's last event, in place of the time of day. Without UTF-8 in LC_ALL, LC_CTYPE or",
    "                LANG it is ASCII; without --allow-env=LC_ALL,LC_CTYPE,LANG it takes the terminal to have UTF-8",
    "--json          one object a line; netflags schema watch says what is in it",
    ...SELECTING_HELP,
    ...NETNS_HELP,
    NETNS_END_HELP,
  ],
  async run(args) {
    const options = readOptions(args, {
      boolean: ["json", "initial", "addresses", "timeline", ...SELECTING.boolean],
      string: ["count", "poll", "settle", "netns"],
      list: SELECTING.list,
    });
    const count = readNumber("count", options.count, { least: 1, whole: true }) ?? Infinity;
    const watching: WatchOptions = {
      ...readSelection(options),
      names: options.words.length > 0 ? options.words : undefined,
      initial: options.initial,
      addresses: options.addresses,
      poll: readSeconds("poll", options.poll),
      settle: readSeconds("settle", options.settle),
      onTrouble: tellTrouble,
      netns: readNetnsOption(options.netns),
    };
    if (options.timeline && !options.json && Deno.stdout.isTerminal()) {
      await showLive({ watching, count, textOf: (event) => eventText(event, clock(event.time)) });
      return EXIT.done;
    }
    const timeline = options.timeline ? new Timeline() : undefined;
    tellHowChangesCome();
    using watcher = watch(watching);
    tellRefusals();
    endOnSignals();
    onOutputClosed(() => Deno.exit(EXIT.done));
    let told = 0;
    for await (const event of watcher) {
      if (options.json) await printLine(eventLine(event));
      else {
        const name = paintConnected(plain(event.interface.name), event.interface.connected);
        await printLine(eventText(event, timeline?.stamp(event) ?? clock(event.time), name));
      }
      if (++told >= count) break;
    }
    return EXIT.done;
  },
};

/** A write may be waiting for a slow reader, so the process ends without waiting for anything. */
export function endOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => Deno.exit(EXIT.done));
}
