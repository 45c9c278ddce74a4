import { InvalidInputError, optional } from "../../../platforms/contract/errors.ts";
import type { Netns } from "../../../platforms/contract/netns.ts";
import type { StatusField } from "../../../platforms/contract/status.ts";
import { inspect } from "../../query.ts";
import { STATUS_FIELDS } from "../../table/compare.ts";
import { type InterfaceEvent, isEnd } from "../../table/event.ts";
import { now } from "../../table/moment.ts";
import { watch } from "../../watch/watch.ts";
import type { WatchOptions } from "../../watch/watch_options.ts";
import { type Command, EXIT } from "../options/command.ts";
import { Ending } from "../terminal/ending.ts";
import { eventLine, watchingLine } from "../terminal/lines.ts";
import { showLive } from "../timeline/live.ts";
import { GLOBS, readSelection, SELECTING } from "../options/selecting.ts";
import { checkRoutes } from "../options/routes.ts";
import { NETNS_UNTIL_GONE } from "../options/netns.ts";
import { flag, list, seconds, whole } from "../options/option.ts";
import { readOptions } from "../options/parse.ts";
import { readWord } from "../options/words.ts";
import { happened, isLoss } from "../terminal/happened.ts";
import { shortRoot } from "../terminal/why.ts";
import { valuesInWords } from "../terminal/differences.ts";
import { paintConnected, plain, printError, printLine, quoted } from "../terminal/output.ts";
import { Stamps, TIME } from "../options/stamp.ts";
import { clock } from "../options/time.ts";
import { canDraw } from "../timeline/terminal.ts";
import { tellHowChangesCome, tellRefusals, tellTrouble } from "../terminal/trouble.ts";

/** Fields whose change is reported by others: the flags' names by +FLAG and -FLAG, the rest by what they derive from. */
const IMPLIED: readonly StatusField[] = [
  "flags",
  "flagNames",
  "up",
  "running",
  "lowerUp",
  "dormant",
  "masterIndex",
  "masterKind",
  "parentIndex",
  "carrierUps",
  "carrierDowns",
];

function changeText(event: InterfaceEvent): string {
  const { previous, status: now } = event;
  if (previous === undefined || event.type !== "changed") {
    return `${now.operState ?? now.linkState ?? ""} <${now.flagNames.join(",")}>`;
  }
  const fields = event.changed
    .filter((field) => !IMPLIED.includes(field))
    .map((field) => `${field} ${valuesInWords(previous, now, field).join(" -> ")}`);
  const flags = [...event.flagsSet.map((flag) => `+${flag}`), ...event.flagsCleared.map((flag) => `-${flag}`)];
  return [...flags, ...fields].join(", ") || event.changed.join(", ");
}

function notes(event: InterfaceEvent): string {
  return [
    event.hiddenFlaps ? `${event.hiddenFlaps} hidden carrier changes` : "",
    event.ssids.length > 0 ? `access points started: ${event.ssids.map(quoted).join(", ")}` : "",
    event.resync ? "after an overflow" : "",
    event.type === "left" ? "it is not what was asked for any more" : "",
    event.type === "removed" && event.moved ? `moved to network namespace ${event.moved.netnsId}` : "",
  ].filter((note) => note !== "").map((note) => ` (${note})`).join("");
}

/** An event by its fields, without its time. */
function fieldsText(event: InterfaceEvent, name: string): string {
  return `${name} ${event.type}: ${changeText(event)}${notes(event)}`;
}

/** Asking may take so many milliseconds at once, and a tenth of the time: a storm is not held up by its causes. */
const MOST_ASKING = 50;
const SHARE = 0.1;

/** Asks why something was lost. */
class Causes {
  readonly #netns: Netns | undefined;
  #left = MOST_ASKING;
  #asked = performance.now();

  constructor(netns: Netns | undefined) {
    this.#netns = netns;
  }

  /** Why an interface is not connected any more; undefined where nothing was lost, or where nobody says. */
  of(event: InterfaceEvent): string | undefined {
    const start = performance.now();
    if (!isLoss(event)) return undefined;
    const left = Math.min(MOST_ASKING, this.#left + SHARE * (start - this.#asked));
    if (left <= 0) return undefined;
    try {
      // Where it cannot be asked, the event is told without.
      return optional(() => shortRoot(inspect(event.status.index, { netns: this.#netns })?.causes ?? []));
    } finally {
      this.#asked = performance.now();
      this.#left = left - (this.#asked - start);
    }
  }
}

/** Times as seconds since the start, and since the interface's last event, by the steady clock. */
class Timeline {
  readonly #last = new Map<number, number>();

  stamp({ elapsed, type, status: { index } }: InterfaceEvent): string {
    const since = elapsed - (this.#last.get(index) ?? 0);
    if (isEnd(type)) this.#last.delete(index);
    else this.#last.set(index, elapsed);
    return `${(elapsed / 1000).toFixed(6).padStart(12)} +${(since / 1000).toFixed(6)}`;
  }
}

const OPTIONS = {
  initial: flag("Begin with the interfaces that are there"),
  addresses: flag("Report addresses and their changes too"),
  routes: flag("Report by which interface the default traffic leaves. A change is an event of both interfaces."),
  changes: list(
    "FIELD",
    "Only events in which this field has changed. Changes since the last event count. An interface that comes or goes " +
      "changes all fields that it has. Fields have their names of --json: connected, operState, addresses and so on. Give " +
      "several with commas, or give the option again.",
    STATUS_FIELDS,
  ),
  count: whole("N", "End after N events", 1),
  poll: seconds(
    "S",
    "Also compare everything every S seconds. That finds changes that no message of the kernel reports.",
  ),
  settle: seconds("S", "Wait until an interface has been quiet for S seconds. Its changes are then one event."),
  time: TIME,
  timeline: flag(
    "On a terminal, draw a line for each interface as it happens. It is high with a carrier, and low without. Letters show the " +
      "administrative state (U, D) and the operational one. A mark with a number shows hidden carrier changes. It begins " +
      "zoomed in, so that what has happened so far fills the width. + and - zoom, q and Ctrl-C end it. If the output is " +
      "no terminal, or TERM is dumb, events are printed in lines, with the seconds since the start and since the " +
      "interface's last event. The picture is ASCII if LC_ALL, LC_CTYPE and LANG name no UTF-8.",
  ),
  verbose: flag("Print the fields that changed, by their names, and the flags"),
  json: flag("Print one object for each event, in a line. netflags schema watch describes it."),
  ...SELECTING,
  netns: NETNS_UNTIL_GONE,
};

export const watchCommand: Command = {
  usage: ["[NAME...] [OPTION...]"],
  description: [
    "A line says what happened. If a connection was lost, it says why. Other changes of the same event follow. As soon as " +
    'it watches, it prints "watching" on standard error; with --json, the first line says so. Whatever happens from then ' +
    "on is printed.",
    "A NAME need not exist yet. If an interface gets a name that was asked for, it is reported as added. If it loses that " +
    "name, it is reported as left.",
    "SIGINT and SIGTERM end the command.",
    GLOBS,
  ],
  options: OPTIONS,
  examples: [
    ["netflags watch", "Each change of any interface"],
    ["netflags watch --initial --addresses eth0", "The state of eth0, then its changes, with addresses"],
    ["netflags watch --json --initial > record", "A record for netflags report"],
  ],
  words: () => ["<interfaces>"],
  async run(args) {
    const options = readOptions(args, OPTIONS);
    const { count = Infinity } = options;
    const routes = options.routes || options.changes?.includes("defaultRoute") === true;
    if (routes) checkRoutes("watch routes");
    const watching: WatchOptions = {
      ...readSelection(options),
      names: options.words.length > 0 ? options.words : undefined,
      initial: options.initial,
      addresses: options.addresses || options.changes?.includes("addresses") === true,
      routes,
      changes: options.changes?.map((word) => readWord("field", STATUS_FIELDS, word)),
      poll: options.poll,
      settle: options.settle,
      onTrouble: tellTrouble,
      netns: options.netns,
    };
    const stamps = new Stamps(options.time);
    if (options.time !== undefined && (options.json || options.timeline)) {
      throw new InvalidInputError(
        "Option --time is for lines: leave out --json and --timeline, which have times of their own",
      );
    }
    if (options.changes !== undefined && options.timeline) {
      throw new InvalidInputError("Option --timeline shows every change: leave out --changes");
    }
    const causes = new Causes(options.netns);
    const textOf = (event: InterfaceEvent, paint = (name: string): string => name): string =>
      options.verbose ? fieldsText(event, paint(plain(event.status.name))) : happened(event, causes.of(event), paint);
    if (options.timeline && !options.json && canDraw()) {
      await showLive({ watching, count, textOf: (event) => `${clock(event.time)} ${textOf(event)}` });
      return EXIT.done;
    }
    const timeline = options.timeline ? new Timeline() : undefined;
    using ending = new Ending({ output: true });
    using watcher = watch({ ...watching, signal: ending.signal });
    tellHowChangesCome();
    tellRefusals();
    if (options.json) await ending.written(printLine(watchingLine(now())));
    else printError("watching");
    let printed = 0;
    for await (const event of watcher) {
      if (options.json) await ending.written(printLine(eventLine(event)));
      else {
        const text = textOf(event, (name) => paintConnected(name, event.status.connected));
        const line = timeline ? `${timeline.stamp(event)} ${text}` : stamps.line(event.time, text);
        await ending.written(printLine(line));
      }
      if (++printed >= count) break;
    }
    return EXIT.done;
  },
};
