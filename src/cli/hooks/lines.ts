import type { InterfaceEvent } from "../../table/event.ts";
import { now } from "../../table/moment.ts";
import { SIDES } from "../../steps/hooks.ts";
import type { Life } from "../../steps/life.ts";
import { Lives } from "../../steps/lives.ts";
import type { Delays } from "../../steps/motion.ts";
import { Line, type Neighbours, type Runner } from "./line.ts";
import type { Slots } from "./slots.ts";

/** How the steps of many interfaces are run. */
export interface LinesOptions {
  readonly delays: Delays;
  /** Whether hooks are run for the state of what is found at the start. */
  readonly initial: boolean;
  readonly slots: Slots;
  /** Asks the kernel whether an interface still exists. */
  readonly exists: (index: number) => boolean;
  /** How long commands that are ended may go on, in milliseconds, and then the hooks that are run at the end. */
  readonly grace: number;
}

/** Runs hooks for the events of many interfaces: one at a time for each name, side by side for several. */
export class HookLines implements Neighbours {
  readonly slots: Slots;
  readonly runner: Runner;
  readonly #lives: Lives;
  readonly #lines = new Map<Life, Line>();
  /** Those that wait for another interface that had their name. */
  readonly #behind = new Set<Line>();
  readonly #initial: "initial" | "accepted";
  readonly #grace: number;
  #over = false;

  constructor(runner: Runner, { delays, initial, slots, exists, grace }: LinesOptions) {
    this.#grace = grace;
    this.slots = slots;
    this.runner = runner;
    this.#initial = initial ? "initial" : "accepted";
    const hooks = new Set([...runner.hooks, ...[...runner.programs].map((pair) => SIDES[pair].gain)]);
    this.#lives = new Lives({ hooks, delays, exists, now: () => now() });
  }

  get over(): boolean {
    return this.#over;
  }

  take(event: InterfaceEvent): void {
    for (const life of this.#lives.take(event, performance.now(), this.#initial)) this.#lineOf(life).look();
  }

  mustWait(line: Line): boolean {
    const waits = this.#lives.mustWait(line.life, (other) => this.#lines.get(other)?.working !== true);
    if (waits) this.#behind.add(line);
    else this.#behind.delete(line);
    return waits;
  }

  rested({ life }: Line): void {
    if (life.done(performance.now()) || this.#over) {
      this.#lives.forget(life);
      this.#lines.delete(life);
    }
    for (const line of [...this.#behind]) line.look();
  }

  /** Resolves when nothing is left to do for now. */
  async idle(): Promise<void> {
    const busy = (): Line[] => [...this.#lines.values()].filter(({ working }) => working);
    // A hook may bring an event of an interface whose work had ended.
    for (let lines = busy(); lines.length > 0; lines = busy()) await Promise.all(lines.map(({ work }) => work));
  }

  /**
   * Ends what runs, and then runs the hooks of losses for what hooks have begun; none with `keep`. Resolves when nothing
   * of it is left.
   */
  async close(keep: boolean): Promise<void> {
    if (keep) this.stop();
    for (const line of [...this.#lines.values()]) {
      line.life.close();
      line.look();
    }
    const timer = setTimeout(() => this.hurry(), 2 * this.#grace);
    await this.idle();
    clearTimeout(timer);
  }

  /** There is no time left: ends what runs, and starts nothing more. */
  hurry(): void {
    if (this.#over) return;
    for (const { life } of this.#lines.values()) this.runner.left(life);
    this.stop();
  }

  /** Ends what runs, and starts nothing more. */
  stop(): void {
    this.#over = true;
    this.slots.close();
    for (const line of this.#lines.values()) line.end();
  }

  #lineOf(life: Life): Line {
    let line = this.#lines.get(life);
    if (line === undefined) this.#lines.set(life, line = new Line(life, this));
    return line;
  }
}
