import { type InterfaceEvent, mergeEvents } from "./event.ts";
import { LONGEST_TIMER } from "./timer.ts";
import { lifeOf } from "./queue.ts";

/** An interface that never comes to rest is told after so many times the quiet that was asked for. */
const MOST_QUIETS = 10;

interface Unsettled {
  event: InterfaceEvent;
  /** The name that it gave up, if it did. */
  gave: string | undefined;
  /** Ends when it has been quiet. */
  quiet: ReturnType<typeof setTimeout>;
  /** Ends when it is told in any case. */
  readonly latest: ReturnType<typeof setTimeout>;
}

/** Whether of two events, one of whom gave up a name that the other has, the first is to be told first. */
function comesFirst(event: InterfaceEvent, other: InterfaceEvent): boolean {
  // A later life of the same index cannot come first, whatever name it had.
  return event.interface.index !== other.interface.index || event.generation < other.generation;
}

/** Holds an interface's events back until it has been quiet for a while, merged into one. */
export class Settler {
  readonly #quiet: number;
  readonly #tell: (event: InterfaceEvent) => void;
  readonly #unsettled = new Map<string, Unsettled>();
  /** The lives that gave up a name, by that name: whoever has it now is told behind them. */
  readonly #givers = new Map<string, Set<string>>();

  /** `quiet` is in milliseconds. */
  constructor(quiet: number, tell: (event: InterfaceEvent) => void) {
    this.#quiet = quiet;
    this.#tell = tell;
  }

  /** Takes an event. */
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
    clearTimeout(held.quiet);
    held.quiet = this.#timer(life, this.#quiet);
  }

  /** Tells what it holds, as there will be no more. */
  flush(): void {
    for (const life of this.#unsettled.keys()) this.#release(life);
  }

  /** Forgets what it holds. */
  close(): void {
    for (const life of this.#unsettled.keys()) this.#forget(life);
  }

  #timer(life: string, time: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.#release(life), Math.min(time, LONGEST_TIMER));
  }

  /** Tells what it holds of a life, behind those who gave up the name that this one has now. */
  #release(life: string): void {
    const held = this.#unsettled.get(life);
    this.#forget(life); // first: of names that swap, one must begin
    if (held === undefined) return;
    for (const other of [...this.#givers.get(held.event.interface.name) ?? []]) {
      const first = this.#unsettled.get(other)?.event;
      if (first !== undefined && comesFirst(first, held.event)) this.#release(other);
    }
    this.#tell(held.event);
  }

  /** Notes whether a life gave a name up. */
  #note(life: string, held: Unsettled): void {
    const { type, interface: { name: now }, previous } = held.event;
    const name = type === "removed" ? now : previous?.name === now ? undefined : previous?.name;
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
    clearTimeout(held?.quiet);
    clearTimeout(held?.latest);
    if (held !== undefined) this.#unnote(life, held);
    this.#unsettled.delete(life);
  }
}
