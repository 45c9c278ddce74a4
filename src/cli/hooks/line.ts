import type { InterfaceEvent } from "../../table/event.ts";
import { LONGEST_TIMER } from "../../../platforms/common/options.ts";
import type { Hook, Lasting } from "../../steps/hooks.ts";
import type { Life, Step } from "../../steps/life.ts";
import type { Slots } from "./slots.ts";

/** A program that runs for as long as something holds. */
export interface Program {
  /** Resolves when nothing of it is left. */
  readonly ended: Promise<void>;
  /** Ends it, if that was not done already. */
  end(): void;
}

/** What is run for interfaces. */
export interface Runner {
  /** The hooks that have a command. */
  readonly hooks: ReadonlySet<Hook>;
  /** What has a program that runs for as long as it holds. */
  readonly programs: ReadonlySet<Lasting>;
  /** Runs the command of a hook until it has ended. The signal ends it. */
  run(step: Step, end: AbortSignal): Promise<void>;
  /** Starts the program of a pair. It calls `event` whenever it starts the program, to pass it on. */
  start(pair: Lasting, event: () => InterfaceEvent): Program;
  /** Reports what `run` threw. It throws nothing itself. */
  failed(step: Step, error: unknown): void;
  /** Reports a hook that is due and will not be run. */
  left(life: Life): void;
}

/** What a line asks of those beside it. */
export interface Neighbours {
  readonly slots: Slots;
  readonly runner: Runner;
  /** Whether no command may be started any more. */
  readonly over: boolean;
  /** Whether it must wait for another interface that had its name. */
  mustWait(line: Line): boolean;
  /** The line has nothing to do for now. */
  rested(line: Line): void;
}

interface Running {
  readonly program: Program;
  /** Which time of holding it is for (Life.held). */
  readonly held: number;
}

/** One interface under one name: what is run for it, one command after the other. */
export class Line {
  readonly life: Life;
  readonly #beside: Neighbours;
  readonly #programs = new Map<Lasting, Running>();
  #hook: { readonly hook: Hook; readonly end: AbortController } | undefined;
  #working = false;
  #work: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(life: Life, beside: Neighbours) {
    this.life = life;
    this.#beside = beside;
  }

  /** Whether something is done for it. A program that goes on is not. */
  get working(): boolean {
    return this.#working;
  }

  /** Resolves when what is done for it now is done. */
  get work(): Promise<void> {
    return this.#work;
  }

  /** Ends what holds no longer, and does what is due: something happened, or it is time. */
  look(): void {
    const now = performance.now();
    this.life.settle(now);
    if (this.#hook !== undefined && !this.life.stands(this.#hook.hook, now)) this.#hook.end.abort();
    for (const [pair, { program, held }] of this.#programs) if (this.life.held(pair, now) !== held) program.end();
    if (!this.#working && !this.#beside.mustWait(this)) {
      // Set before the work starts: work that never waits has ended, and has cleared it, when the call returns.
      this.#working = true;
      this.#work = this.#do();
    }
    this.#wake(now);
  }

  /** Ends the command that runs. */
  end(): void {
    this.#hook?.end.abort();
  }

  async #do(): Promise<void> {
    const { life } = this;
    const { slots, runner } = this.#beside;
    for (;;) {
      const ending = this.#ending();
      if (ending !== undefined) {
        await ending;
        continue;
      }
      this.#startPrograms();
      const hook = this.#beside.over ? undefined : life.next(performance.now());
      if (hook === undefined) break;
      if (runner.hooks.has(hook)) await slots.run(() => this.#runHook());
      else life.tell(hook);
    }
    this.#working = false;
    this.#beside.rested(this);
  }

  /** Runs the hook that is due when it is its turn: what holds may have changed while it waited. */
  async #runHook(): Promise<void> {
    const hook = this.#beside.over ? undefined : this.life.next(performance.now());
    if (hook === undefined) return;
    const step = this.life.tell(hook);
    if (!this.#beside.runner.hooks.has(hook)) return;
    const end = new AbortController();
    this.#hook = { hook, end };
    try {
      await this.#beside.runner.run(step, end.signal);
    } catch (error) {
      // It must not keep what happens next from being reported.
      this.#beside.runner.failed(step, error);
    } finally {
      this.#hook = undefined;
    }
  }

  #startPrograms(): void {
    for (const pair of this.#beside.runner.programs) {
      const held = this.life.held(pair, performance.now());
      if (held === undefined || this.#programs.has(pair) || this.#beside.over) continue;
      this.#programs.set(pair, { program: this.#beside.runner.start(pair, () => this.life.event), held });
    }
  }

  /** The end of programs whose time is over; undefined if there are none. */
  #ending(): Promise<unknown> | undefined {
    const ended: Promise<void>[] = [];
    for (const [pair, { program, held }] of this.#programs) {
      if (!this.#beside.over && this.life.held(pair, performance.now()) === held) continue;
      program.end();
      ended.push(program.ended);
      this.#programs.delete(pair);
    }
    return ended.length === 0 ? undefined : Promise.all(ended);
  }

  /** Looks again when something that moves now counts. */
  #wake(now: number): void {
    clearTimeout(this.#timer);
    const at = this.life.countsAt;
    if (at === undefined || this.#beside.over) return;
    this.#timer = setTimeout(() => this.look(), Math.min(Math.max(0, Math.ceil(at - now)), LONGEST_TIMER));
  }
}
