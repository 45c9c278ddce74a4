import type { Moment } from "../../platforms/contract/clock.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import { type InterfaceChange, type InterfaceEvent, isEnd } from "../table/event.ts";
import { dated } from "../table/moment.ts";
import { FlapWindows, type WindowIndex } from "./windows.ts";

/** How often the carrier changed (on the BSDs the link state). */
export interface Flaps {
  /** The changes that an event showed. */
  readonly seen: number;
  /** Those between the two states of an event, by the kernel's counter; undefined if the kernel has no counter. */
  readonly hidden: number | undefined;
}

/** A time without a connection. Both ends are in milliseconds since the Unix epoch, as in {@linkcode History}. */
export interface Outage {
  /** When it began. */
  readonly start: number;
  /** When it was over; undefined while it lasts. */
  readonly end: number | undefined;
}

/**
 * Since when an interface has been connected or not, and how often that changed, for as long as a watcher has watched
 * it: the result of {@linkcode InterfaceWatcher.history}. Times are milliseconds since the Unix epoch, by the system's
 * clock as it is set when you ask: `Date.now() - since` is right also where the clock was set meanwhile. Durations are
 * by the clock of `elapsed` in events, which nobody sets.
 *
 * @example
 * ```ts
 * import { type History, watch } from "@netflags/netflags";
 *
 * function inWords({ connected, since, sinceKnown, flaps, downs }: History): string {
 *   const state = connected === true ? "connected" : "not connected";
 *   const when = `${sinceKnown ? "since" : "at least since"} ${new Date(since).toISOString()}`;
 *   return `${state} ${when}, ${flaps.hour.seen} carrier changes in the last hour, lost ${downs} times`;
 * }
 * using watcher = watch();
 * const past = watcher.history("lo");
 * console.log(past === undefined ? "not watched" : inWords(past));
 * ```
 */
export interface History {
  /** Whether it is {@linkcode InterfaceStatus.connected} now, or was when it was removed. */
  readonly connected: boolean | undefined;
  /** Since when it has been so. */
  readonly since: number;
  /** False if this began before the interface was watched; then `since` is when watching it began. */
  readonly sinceKnown: boolean;
  /** When anything about it last changed; undefined if nothing has since watching began. */
  readonly lastChange: number | undefined;
  /**
   * Changes of the carrier in the last 1, 10 and 60 minutes, and in all. A window may include changes that are older by
   * a sixtieth of its length.
   */
  readonly flaps: {
    /** In the last minute. */
    readonly minute: Flaps;
    /** In the last ten minutes. */
    readonly tenMinutes: Flaps;
    /** In the last hour. */
    readonly hour: Flaps;
    /** In all. */
    readonly total: Flaps;
  };
  /** How often the connection or the carrier was lost, hidden losses included. */
  readonly downs: number;
  /** How many outages are over, of those whose beginning was seen. */
  readonly outages: number;
  /**
   * The longest outage in milliseconds, including one that still lasts; undefined if there was none.
   *
   * @format double
   */
  readonly longestOutage: number | undefined;
  /**
   * How long all outages took in milliseconds, one that still lasts included.
   *
   * @format double
   */
  readonly outageTime: number;
  /** The last outage whose beginning was seen. */
  readonly lastOutage: Outage | undefined;
}

/** The fields of a state that its history uses. */
export type Linked = Pick<InterfaceStatus, "connected" | "carrier" | "linkState" | "carrierChanges">;

/** The fields of an event that a history uses. */
export type Happening = Pick<InterfaceChange, "hiddenFlaps" | "time" | "elapsed"> & {
  readonly type: InterfaceEvent["type"];
  readonly status: Linked;
  readonly previous: Linked | undefined;
  readonly changed: readonly string[];
};

/** Whether the link is there, by the field that the system has for it. */
export function hasCarrier({ carrier, linkState }: Linked): boolean | undefined {
  return carrier ?? (linkState === undefined ? undefined : linkState !== "down");
}

/**
 * One interface's past, from the first look at it on. Its size does not grow with time: it has numbers, and windows
 * with a fixed number of parts. The windows are made when the carrier first changes.
 */
export class LifeHistory {
  readonly generation: number;
  #connected: boolean | undefined;
  #since: Moment;
  #sinceKnown: boolean;
  #lastChange: Moment | undefined;
  /** The latest moment. */
  #last: Moment;
  #counts: boolean;
  #seen = 0;
  #hidden = 0;
  #windows: FlapWindows | undefined;
  #downs = 0;
  #outages = 0;
  #longest: number | undefined;
  /** How long those took that are over. */
  #over = 0;
  #lost: Moment | undefined;
  #back: Moment | undefined;

  /** `known`: whether its state began at this moment, and not before. */
  constructor(status: Linked, generation: number, moment: Moment, known: boolean) {
    this.generation = generation;
    this.#connected = status.connected;
    this.#since = this.#last = moment;
    this.#sinceKnown = known;
    this.#lastChange = known ? moment : undefined;
    this.#counts = status.carrierChanges !== undefined;
  }

  /** Takes an event. Events that are later merged for a slow consumer count too. */
  take(event: Happening): void {
    const { previous, status: now, time, elapsed } = event;
    // The lines of a record may be mixed.
    const moment = this.#last = elapsed < this.#last.elapsed ? this.#last : { time, elapsed };
    const carrier = hasCarrier(now);
    const seen = previous === undefined || hasCarrier(previous) === carrier ? 0 : 1;
    const hidden = event.hiddenFlaps ?? 0;
    this.#counts = event.hiddenFlaps !== undefined;
    if (event.type === "changed") this.#lastChange = moment;
    if (seen + hidden > 0) this.#flap(moment.elapsed, seen, hidden);
    // The carrier comes and goes in turn, and the last change led to its present state.
    const losses = carrier === false ? Math.ceil((seen + hidden) / 2) : Math.floor((seen + hidden) / 2);
    const was = this.#connected;
    const turned = event.type === "changed" && event.changed.includes("connected");
    if (was !== now.connected) this.#turn(now.connected, moment);
    // The states of merged events are the first and the last: in between, the carrier went and came back.
    else if (turned) this.#begin(was, moment);
    const lost = was === true && turned ? 1 : 0;
    this.#downs += Math.max(losses, lost);
  }

  /** How long an outage has lasted at a moment; undefined while there is none. */
  lasting(at: Moment): number | undefined {
    if (this.#lost === undefined || this.#back !== undefined) return undefined;
    return Math.max(at.elapsed, this.#last.elapsed) - this.#lost.elapsed;
  }

  /** The history at a moment. `wall` says what the wall clock, as it is set then, says of an earlier one. */
  tell(at: Moment, wall: (moment: Moment) => number = (moment) => dated(moment, at)): History {
    const now = Math.max(at.elapsed, this.#last.elapsed);
    const lasting = this.lasting(at);
    const wallOrNone = (moment: Moment | undefined): number | undefined => moment && wall(moment);
    return {
      connected: this.#connected,
      since: wall(this.#since),
      sinceKnown: this.#sinceKnown,
      lastChange: wallOrNone(this.#lastChange),
      flaps: {
        minute: this.#flaps(now, 0),
        tenMinutes: this.#flaps(now, 1),
        hour: this.#flaps(now, 2),
        total: { seen: this.#seen, hidden: this.#counts ? this.#hidden : undefined },
      },
      downs: this.#downs,
      outages: this.#outages,
      longestOutage: lasting === undefined ? this.#longest : Math.max(lasting, this.#longest ?? 0),
      outageTime: this.#over + (lasting ?? 0),
      lastOutage: this.#lost === undefined ? undefined : { start: wall(this.#lost), end: wallOrNone(this.#back) },
    };
  }

  #turn(connected: boolean | undefined, moment: Moment): void {
    if (this.#connected === true && connected === false) {
      this.#lost = moment;
      this.#back = undefined;
    } else if (connected === true && this.#lost !== undefined && this.#back === undefined) {
      const outage = moment.elapsed - this.#lost.elapsed;
      this.#back = moment;
      this.#outages++;
      this.#over += outage;
      this.#longest = Math.max(outage, this.#longest ?? 0);
    }
    this.#begin(connected, moment);
  }

  #begin(connected: boolean | undefined, moment: Moment): void {
    this.#connected = connected;
    this.#since = moment;
    this.#sinceKnown = true;
  }

  #flap(elapsed: number, seen: number, hidden: number): void {
    this.#seen += seen;
    this.#hidden += hidden;
    this.#windows ??= new FlapWindows();
    this.#windows.add(elapsed, seen, hidden);
  }

  #flaps(elapsed: number, window: WindowIndex): Flaps {
    const hidden = this.#counts ? this.#windows?.count(window, elapsed, true) ?? 0 : undefined;
    return { seen: this.#windows?.count(window, elapsed, false) ?? 0, hidden };
  }
}

/**
 * The past of the interfaces that a watcher watches. An interface that never changed has no entry: its history is made
 * when somebody asks for it. An interface that is gone has none.
 */
export class Histories {
  readonly #lives = new Map<number, LifeHistory>();
  readonly #start: Moment;

  /** `start` is when watching began. */
  constructor(start: Moment) {
    this.#start = start;
  }

  /**
   * Takes an event as it happened. `joined` means that the interface existed before, and is watched only from now on.
   */
  take(event: InterfaceEvent, joined: boolean): void {
    const { status: { index }, previous, generation } = event;
    if (isEnd(event.type)) return void this.#lives.delete(index);
    let life = this.#lives.get(index);
    if (life === undefined || life.generation !== generation || event.type === "added") {
      const known = event.type === "added" && !joined;
      life = new LifeHistory(
        previous ?? event.status,
        generation,
        event.type === "added" ? { time: event.time, elapsed: event.elapsed } : this.#start,
        known,
      );
      this.#lives.set(index, life);
    }
    if (event.type === "changed") life.take(event);
  }

  /** The history of a watched interface, whose state is `status` if it never changed. */
  tell(status: InterfaceStatus, at: Moment): History {
    return (this.#lives.get(status.index) ?? new LifeHistory(status, 0, this.#start, false)).tell(at);
  }
}
