import type { Flaps, History } from "../../watch/history.ts";
import { array, type Described, number, object, type Schema, sometimes, text, whole, yesNo } from "./words.ts";

/** A time, as lines of events have it, but to the millisecond. */
function time(description: string): Schema {
  return text(description, { format: "date-time" });
}

const FLAPS: Described<Flaps> = {
  seen: whole("Those that an event showed"),
  hidden: sometimes(whole("Those that only the kernel's counter tells")),
};

const WINDOWS: Described<History["flaps"]> = {
  minute: object("In the last minute", FLAPS),
  tenMinutes: object("In the last ten minutes", FLAPS),
  hour: object("In the last hour", FLAPS),
  total: object("In all", FLAPS),
};

/** An outage, in texts. */
interface Outage {
  readonly start: string;
  readonly end: string | undefined;
}

interface ReportRow extends Omit<History, "since" | "lastChange" | "lastOutage"> {
  readonly name: string;
  readonly index: number;
  readonly generation: number;
  readonly removed: string | undefined;
  readonly since: string;
  readonly lastChange: string | undefined;
  readonly lastOutage: Outage | undefined;
}

const ROW: Described<ReportRow> = {
  name: text("The interface's name, the last that it had"),
  index: whole("Its index"),
  generation: whole("Which life of the index this is"),
  removed: sometimes(time("When it was removed")),
  connected: sometimes(yesNo("Whether it is connected, or was at the end")),
  sinceKnown: yesNo("False where that began before it was watched"),
  flaps: object("Changes of the carrier", WINDOWS),
  downs: whole("How often the connection or the carrier was lost, hidden losses included"),
  outages: whole("How often it was connected again after an outage that was seen to begin"),
  longestOutage: sometimes(number("The longest of them in milliseconds, that which lasts included")),
  outageTime: number("How long all of them took in milliseconds, that which lasts included"),
  since: time("Since when it is connected or not; since it is watched, where sinceKnown is false"),
  lastChange: sometimes(time("When anything of it last changed")),
  lastOutage: sometimes(object<Outage>("The last outage", {
    start: time("When it began"),
    end: sometimes(time("When it ended; left out while it lasts")),
  })),
};

interface Report {
  readonly start: string;
  readonly end: string;
  readonly leftOut: number;
  readonly outOfOrder: number;
  readonly interfaces: readonly ReportRow[];
}

const REPORT: Described<Report> = {
  start: time("When watching began"),
  end: time("When it ended"),
  leftOut: whole("How many interfaces or events of such are left out, because there are too many"),
  outOfOrder: whole(
    "How many events stand behind later ones of the same interface, and count as if they had come then",
  ),
  interfaces: array("Each life of an interface", { $ref: "#/$defs/ReportRow" }),
};

/** What `report --json` prints. */
export const REPORT_DEFINITIONS: Readonly<Record<string, Schema>> = {
  Report: object("Since when interfaces are up, how often they were not, and for how long", REPORT),
  ReportRow: object("One interface", ROW),
};
