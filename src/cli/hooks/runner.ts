import type { Hook, Lasting } from "../../steps/hooks.ts";
import type { Life, Step } from "../../steps/life.ts";
import type { InterfaceEvent } from "../../table/event.ts";
import { hookLine } from "../terminal/lines.ts";
import { plain, printError, quoted } from "../terminal/output.ts";
import { environment, type Occasion } from "./environment.ts";
import { endText, type HookProcesses } from "./hook_process.ts";
import type { Program, Runner } from "./line.ts";
import { KeptProgram } from "./program.ts";

/** The commands that were given. */
export interface Commands {
  readonly hooks: ReadonlyMap<Hook, string>;
  readonly programs: ReadonlyMap<Lasting, string>;
}

/** How commands are run. */
export interface RunnerOptions {
  readonly processes: HookProcesses;
  /** How long the command of a hook may run, in milliseconds. */
  readonly limit: number;
  /** The network namespace that was given. */
  readonly netns: string | number | undefined;
}

/** Runs what the user gave as commands. */
export class CommandRunner implements Runner {
  readonly hooks: ReadonlySet<Hook>;
  readonly programs: ReadonlySet<Lasting>;
  readonly #commands: Commands;
  readonly #options: RunnerOptions;

  constructor(commands: Commands, options: RunnerOptions) {
    this.hooks = new Set(commands.hooks.keys());
    this.programs = new Set(commands.programs.keys());
    this.#commands = commands;
    this.#options = options;
  }

  async run(step: Step, end: AbortSignal): Promise<void> {
    const command = this.#commands.hooks.get(step.hook);
    if (command === undefined) return;
    const report = (what: string): void => reportHook(step.hook, step.event, what);
    const ended = await this.#process(command, { ...step, name: step.hook }, this.#options.limit, end, report);
    if (ended === undefined || ended.success) return;
    if (!end.aborted || ended.signal === "SIGKILL") report(endText(ended));
  }

  start(pair: Lasting, event: () => InterfaceEvent): Program {
    const command = this.#commands.programs.get(pair)!;
    const name = `while-${pair}` as const;
    const report = (what: string): void => reportOn(`Program ${name}`, event(), what);
    const run = async (end: AbortSignal): Promise<string> => {
      const occasion: Occasion = { name, event: event(), gone: false, end: false, missed: 0 };
      const ended = await this.#process(command, occasion, Infinity, end, report);
      return ended === undefined ? "does not run" : endText(ended);
    };
    return new KeptProgram(run, report);
  }

  failed({ hook, event }: Step, error: unknown): void {
    reportHook(hook, event, `failed: ${error instanceof Error ? error.message : error}`);
  }

  /** Reports hooks for which there is no time. */
  left(life: Life): void {
    const hook = life.next(performance.now());
    if (hook !== undefined) reportHook(hook, life.event, "is not run: there is no time left");
  }

  #process(
    command: string,
    occasion: Occasion,
    limit: number,
    end: AbortSignal,
    report: (what: string) => void,
  ): Promise<Deno.CommandStatus | undefined> {
    const { netns, processes } = this.#options;
    const input = `${hookLine(occasion.event, { ...occasion, hook: occasion.name })}\n`;
    return processes.run({ command, env: environment(occasion, netns), input, limit, end, report });
  }
}

function reportHook(hook: Hook, event: InterfaceEvent, what: string): void {
  reportOn(`Hook on-${hook}`, event, what);
}

function reportOn(who: string, { status }: InterfaceEvent, what: string): void {
  printError(`${who} of interface ${quoted(status.name)} ${plain(what)}`);
}
