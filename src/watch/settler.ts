import { cancel, type Timer } from "../../platforms/common/clock.ts";
import { LONGEST_TIMER } from "../../platforms/common/options.ts";
import { type InterfaceEvent, isEnd, mergeEvents } from "../table/event.ts";
import { EventQueue, lifeOf } from "./queue.ts";

/** What never comes to rest is reported after this many times the requested quiet time. */
export const MOST_QUIETS = 10;

/** Holds events back for a while. */
export interface Settling {
  take(event: InterfaceEvent): void;
  /** Reports what it holds, because there will be no more events. */
  flush(): void;
  /** Drops what it holds. */
  close(): void;
}

interface Unsettled {
  event: InterfaceEvent;
  /** The name that it gave up, if any. */
  gave: string | undefined;
  /** Runs out when the interface has been quiet. */
  quiet: ReturnType<typeof setTimeout>;
  /** Runs out when the interface is reported in any case. */
  readonly latest: ReturnType<typeof setTimeout>;
}

/** Whether the first of two events must be reported first, because its interface gave up a name that the other has. */
function comesFirst(event: InterfaceEvent, other: InterfaceEvent): boolean {
  // A later interface with the same index cannot come first, whatever its name was.
  return event.status.index !== other.status.index || event.generation < other.generation;
}

/** Holds an interface's events back until it has been quiet for a while, merged into one. */
export class Settler implements Settling {
  readonly #quiet: number;
  readonly #tell: (event: InterfaceEvent) => void;
  readonly #unsettled = new Map<string, Unsettled>();
  /** The interfaces that gave up a name, by that name. The interface that has the name now is reported after them. */
  readonly #givers = new Map<string, Set<string>>();

  /** `quiet` is in milliseconds. */
  constructor(quiet: number, tell: (event: InterfaceEvent) => void) {
    this.#quiet = quiet;
    this.#tell = tell;
  }

  take(event: InterfaceEvent): void {
    const life = lifeOf(event);
    const held = this.#unsettled.get(life);
    if (held === undefined) {
      const quiet = this.#timer(life, this.#quiet);
      const latest = this.#timer(life, MOST_QUIETS * this.#quiet);
      const taken: Unsettled = { event, gave: undefined, quiet, latest };
      this.#unsettled.set(life, taken);
      return this.#note(life, taken);
    }
    const merged = mergeEvents(held.event, event);
    if (merged === undefined) return this.#forget(life); // it came and went
    held.event = merged;
    this.#note(life, held);
    cancel(held.quiet);
    held.quiet = this.#timer(life, this.#quiet);
  }

  flush(): void {
    for (const life of this.#unsettled.keys()) this.#release(life);
  }

  close(): void {
    for (const life of this.#unsettled.keys()) this.#forget(life);
  }

  #timer(life: string, time: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.#release(life), Math.min(time, LONGEST_TIMER));
  }

  /** Reports what it holds about an interface, after those that gave up its present name. */
  #release(life: string): void {
    const held = this.#unsettled.get(life);
    this.#forget(life); // before the others: if names are swapped, one must begin
    if (held === undefined) return;
    for (const other of [...this.#givers.get(held.event.status.name) ?? []]) {
      const first = this.#unsettled.get(other)?.event;
      if (first !== undefined && comesFirst(first, held.event)) this.#release(other);
    }
    this.#tell(held.event);
  }

  /** Notes whether an interface gave up a name. */
  #note(life: string, held: Unsettled): void {
    const { type, status: { name: now }, previous } = held.event;
    const name = isEnd(type) ? now : previous?.name === now ? undefined : previous?.name;
    if (name === held.gave) return;
    this.#unnote(life, held);
    held.gave = name;
    if (name === undefined) return;
    const givers = this.#givers.get(name);
    if (givers === undefined) this.#givers.set(name, new Set([life]));
    else givers.add(life);
  }

  #unnote(life: string, { gave }: Unsettled): void {
    if (gave === undefined) return;
    const givers = this.#givers.get(gave);
    givers?.delete(life);
    if (givers?.size === 0) this.#givers.delete(gave);
  }

  #forget(life: string): void {
    const held = this.#unsettled.get(life);
    cancel(held?.quiet);
    cancel(held?.latest);
    if (held !== undefined) this.#unnote(life, held);
    this.#unsettled.delete(life);
  }
}

/**
 * Holds the events of all interfaces back until none of them has changed for a while, and reports them together, those
 * of one interface merged into one. It waits in the queue that a slow consumer has too, so it does not grow with the
 * events, and a name that passed on is reported first of the interface that gave it up.
 */
export class SettlerOfAll implements Settling {
  readonly #quiet: number;
  readonly #report: (event: InterfaceEvent) => void;
  readonly #held = new EventQueue();
  /** Runs out when all has been quiet. */
  #quietTimer: Timer;
  /** Runs out when the events are reported in any case. */
  #latest: Timer;

  /** `quiet` is in milliseconds. */
  constructor(quiet: number, report: (event: InterfaceEvent) => void) {
    this.#quiet = quiet;
    this.#report = report;
  }

  take(event: InterfaceEvent): void {
    this.#held.push(event);
    this.#held.age();
    cancel(this.#quietTimer);
    this.#quietTimer = this.#timer(this.#quiet);
    this.#latest ??= this.#timer(MOST_QUIETS * this.#quiet);
  }

  flush(): void {
    this.#stop();
    for (const event of this.#held.drain()) this.#report(event);
  }

  close(): void {
    this.#stop();
    this.#held.clear();
  }

  #timer(time: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.flush(), Math.min(time, LONGEST_TIMER));
  }

  #stop(): void {
    cancel(this.#quietTimer);
    cancel(this.#latest);
    this.#quietTimer = this.#latest = undefined;
  }
}
