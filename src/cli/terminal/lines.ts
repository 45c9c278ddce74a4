import type { Moment } from "../../../platforms/contract/clock.ts";
import type { InterfaceMove, InterfaceStatus } from "../../../platforms/contract/status.ts";
import type { Hook } from "../../steps/hooks.ts";
import type { AccessPointEvent } from "../../watch/running_points.ts";
import type { InterfaceChange, InterfaceEvent } from "../../table/event.ts";
import { inOrder } from "./order.ts";
import { asJson } from "./output.ts";
import { VERSION } from "../json/version.ts";
import { type IsoTime, isoTime } from "../options/time.ts";

/** What each line begins with. */
interface Start {
  /** The version of this form. New fields do not change it. */
  readonly schema: typeof VERSION;
  /** When netflags read of it, by the system's clock as it was set then. */
  readonly time: IsoTime;
}

/** What each line ends with. */
interface End {
  /**
   * The time in milliseconds since watching began, by a clock that nobody sets and that goes on during sleep. If
   * `started` is the same, the difference of two is the time between them.
   *
   * @format double
   */
  readonly elapsed: number;
  /** When this run of netflags was started, by the system's clock as it was set then. */
  readonly started: IsoTime;
}

/** What lines of watch and run have of an event. */
interface Change extends Omit<InterfaceChange, keyof Moment> {
  /**
   * present: it existed when watching began; added: it came, or it entered the selection; changed: its state changed;
   * removed: it is gone; left: it still exists, and left the selection.
   */
  readonly type: "present" | "added" | "changed" | "removed" | "left";
  /** The state before it: of changed, removed and left. */
  readonly previous: InterfaceStatus | undefined;
  /** Where a removed one went, if it is in another network namespace now. */
  readonly moved: InterfaceMove | undefined;
}

/** A change of one interface: a line of `watch --json`. */
export interface EventLine extends Start, Pick<Change, "type" | "status" | "previous">, Change, End {}

/** The first line of `watch --json`: nothing that happens from then on is missed. */
export interface WatchingLine extends Start, Watching, End {}

interface Watching {
  /** It watches. */
  readonly type: "watching";
}

/** What lines of run have of it. */
interface Hooked extends Omit<Change, "type"> {
  /** Which hook it is: the option that gave the command, without on-. */
  readonly hook: Hook | "while-up" | "while-connected";
  /** As in EventLine; end: nothing happened, and the hook is run because netflags ends. */
  readonly type: "present" | "added" | "changed" | "removed" | "left" | "end";
  /** How often what the hook is for came or went since its last hook, without a hook of its own. */
  readonly missed: number;
}

/** What a hook reads from its standard input. */
export interface HookLine
  extends
    Pick<Start, "schema">,
    Pick<Hooked, "hook">,
    Start,
    Pick<Hooked, "type" | "status" | "previous">,
    Hooked,
    End {}

/** What happened to an access point: a line of `ap --json`. */
export interface AccessPointLine extends Start, Omit<AccessPointEvent, keyof Moment>, End {}

/** When this run of netflags began: every line of it has the same. */
const started = isoTime(performance.timeOrigin);

/** What each line ends with: when it happened by the steady clock, to the microsecond, and of which run that is. */
function steady({ elapsed }: Moment): End {
  return { elapsed: Math.round(elapsed * 1000) / 1000, started };
}

function lineOf(event: InterfaceEvent): EventLine {
  return {
    schema: VERSION,
    time: isoTime(event.time),
    type: event.type,
    status: inOrder(event.status),
    previous: event.previous && inOrder(event.previous),
    changed: event.changed,
    flagsSet: event.flagsSet,
    flagsCleared: event.flagsCleared,
    hiddenFlaps: event.hiddenFlaps,
    ssids: event.ssids,
    generation: event.generation,
    resync: event.resync,
    moved: event.type === "removed" ? event.moved : undefined,
    ...steady(event),
  };
}

/** What `watch --json` prints when it watches. */
export function watchingLine(moment: Moment): string {
  const line: WatchingLine = { schema: VERSION, time: isoTime(moment.time), type: "watching", ...steady(moment) };
  return asJson(line);
}

/** What `watch --json` prints of an event. */
export function eventLine(event: InterfaceEvent): string {
  return asJson(lineOf(event));
}

/** What a hook gets beside the event. `end`: there is none, and the hook is run because there will be no more. */
export type HookReason = Pick<HookLine, "hook" | "missed"> & { readonly end: boolean };

/** What `run` tells a hook of an event. */
export function hookLine(event: InterfaceEvent, { hook, end, missed }: HookReason): string {
  const { schema, elapsed, started, ...change } = lineOf(event);
  const line: HookLine = { schema, hook, ...change, type: end ? "end" : change.type, missed, elapsed, started };
  return asJson(line);
}

/** What `ap --json` prints of an event. */
export function accessPointLine(event: AccessPointEvent): string {
  const line: AccessPointLine = {
    schema: VERSION,
    time: isoTime(event.time),
    type: event.type,
    index: event.index,
    name: event.name,
    ssid: event.ssid,
    ssidHex: event.ssidHex,
    previousSsid: event.previousSsid,
    frequency: event.frequency,
    previousFrequency: event.previousFrequency,
    mloLinkId: event.mloLinkId,
    wiphy: event.wiphy,
    initial: event.initial,
    status: event.status && inOrder(event.status),
    ...steady(event),
  };
  return asJson(line);
}
