import { type InterfaceEvent, mergeEvents } from "./event.ts";
import { LONGEST_TIMER } from "./timer.ts";
import { lifeOf } from "./queue.ts";

/** An interface that never comes to rest is told after so many times the quiet that was asked for. */
const MOST_QUIETS = 10;

interface Unsettled {
  event: InterfaceEvent;
  /** Ends when it has been quiet. */
  quiet: ReturnType<typeof setTimeout>;
  /** Ends when it is told in any case. */
  readonly latest: ReturnType<typeof setTimeout>;
}

/** Whether an interface had a name and has it no more. Of a removed one, its last name is in both states. */
function gaveUp({ type, interface: { name: now }, previous }: InterfaceEvent, name: string): boolean {
  return type === "removed" ? now === name : now !== name && previous?.name === name;
}

/** Whether an event is to be told before another: it gave the name up that the other has, and is no later life of it. */
function comesFirst(event: InterfaceEvent, other: InterfaceEvent): boolean {
  const later = event.interface.index === other.interface.index && event.generation > other.generation;
  return !later && gaveUp(event, other.interface.name);
}

/** Holds an interface's events back until it has been quiet for a while, merged into one. */
export class Settler {
  readonly #quiet: number;
  readonly #tell: (event: InterfaceEvent) => void;
  readonly #unsettled = new Map<string, Unsettled>();

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
      this.#unsettled.set(life, { event, quiet, latest: this.#timer(life, MOST_QUIETS * this.#quiet) });
      return;
    }
    const merged = mergeEvents(held.event, event);
    if (merged === undefined) return this.#forget(life); // it came and went
    held.event = merged;
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
    return setTimeout(() => {
      const held = this.#unsettled.get(life);
      // Its name may have been another's, who gave it up and is held back too.
      for (const [other, { event }] of this.#unsettled) {
        if (other !== life && held !== undefined && comesFirst(event, held.event)) this.#release(other);
      }
      this.#release(life);
    }, Math.min(time, LONGEST_TIMER));
  }

  #release(life: string): void {
    const held = this.#unsettled.get(life);
    this.#forget(life);
    if (held !== undefined) this.#tell(held.event);
  }

  #forget(life: string): void {
    const held = this.#unsettled.get(life);
    clearTimeout(held?.quiet);
    clearTimeout(held?.latest);
    this.#unsettled.delete(life);
  }
}
