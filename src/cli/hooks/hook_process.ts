import { within } from "./within.ts";

/** What one hook is run with. */
export interface HookCommand {
  /** What the shell gets. */
  readonly command: string;
  /** What is added to its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What it may read on its standard input. */
  readonly input: string;
  /** Told what went wrong with it, in words that follow its name. */
  readonly report: (what: string) => void;
}

/** How long a hook may run, and how long it has to end after SIGTERM, in milliseconds. */
export interface HookTimes {
  readonly limit: number;
  readonly grace: number;
}

/** How often what cannot be started for the moment is tried again: a hook, and the shell that sends a signal. */
const TRIES = 5;
const SIGNAL_TRIES = 3;
/** The pause before the first time; each further one is twice as long. */
const FIRST_PAUSE = 50;
/** The error numbers of what a system lacks for a moment: descriptors, processes, memory. */
const PASSING: readonly unknown[] = ["EMFILE", "ENFILE", "EAGAIN", "ENOMEM"];
/** How often it is asked whether what a hook had started has ended too. */
const LOOK_EVERY = 100;
/** How long the kernel may take to end what got SIGKILL. */
const KILL_TIME = 500;

/** Starts a program: `sh`, in tests also something that fails. */
export type StartProgram = (options: Deno.CommandOptions) => Deno.ChildProcess;

function startShell(options: Deno.CommandOptions): Deno.ChildProcess {
  return new Deno.Command("sh", options).spawn();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isPassing(error: unknown): boolean {
  return error instanceof Error && "code" in error && PASSING.includes(error.code);
}

/**
 * Runs the commands of hooks, each at the head of a process group of its own, and ends them with all that they started:
 * by SIGTERM, and by SIGKILL what is still there after a while.
 */
export class HookProcesses {
  readonly #times: HookTimes;
  readonly #start: StartProgram;
  readonly #end = new AbortController();

  /** `start` starts the shell. */
  constructor(times: HookTimes, start: StartProgram = startShell) {
    this.#times = times;
    this.#start = start;
  }

  /** Runs a command until it has ended, or has been ended. It does not throw. */
  async run(hook: HookCommand): Promise<void> {
    let process: Deno.ChildProcess | undefined;
    try {
      process = await tryToStart(
        this.#start,
        {
          args: ["-c", hook.command],
          env: hook.env,
          stdin: "piped",
          stdout: "inherit",
          stderr: "inherit",
          detached: true,
        },
        TRIES,
        this.#end.signal,
      );
    } catch (error) {
      hook.report(`could not be started: ${messageOf(error)}`);
    }
    if (process === undefined) return;
    // Not waited for: what the hook has started may hold the pipe open, and never read it.
    void feed(process.stdin, hook.input);
    const status = process.status;
    if (!await this.#endsInTime(status, hook)) await this.#stop(process, hook);
    const ended = await within(KILL_TIME, status);
    if (ended === undefined) hook.report("does not end, and is left alone");
    else if (ended.signal !== null) hook.report(`was ended by ${ended.signal}`);
    else if (ended.code !== 0) hook.report(`ended with status ${ended.code}`);
  }

  /** Ends every hook that runs, and starts no more. */
  end(): void {
    this.#end.abort();
  }

  /** Whether it ends before its time is up and before everything is to end. */
  async #endsInTime(status: Promise<Deno.CommandStatus>, hook: HookCommand): Promise<boolean> {
    const { limit } = this.#times;
    if (await within(limit, status, this.#end.signal) !== undefined) return true;
    if (!this.#end.signal.aborted) hook.report(`ran longer than ${limit / 1000} s, and is ended`);
    return false;
  }

  /** Ends a process and all that it started: its own end need not be theirs. */
  async #stop(process: Deno.ChildProcess, hook: HookCommand): Promise<void> {
    const deadline = performance.now() + this.#times.grace;
    const left = (): number => Math.max(0, deadline - performance.now());
    await this.#signal("TERM", process, hook);
    await within(left(), process.status);
    while (left() > 0) {
      if (!await this.#signal("0", process, hook)) return;
      await within(Math.min(LOOK_EVERY, left()));
    }
    await this.#signal("KILL", process, hook);
  }

  /**
   * Signals a process group, and returns whether any of it may be left; "0" only asks. The shell does it, because Deno.kill
   * needs leave for every program.
   */
  async #signal(signal: "TERM" | "KILL" | "0", leader: Deno.ChildProcess, hook: HookCommand): Promise<boolean> {
    const args = ["-c", `kill -s ${signal} -- -${leader.pid}`];
    try {
      const shell = await tryToStart(
        this.#start,
        { args, stdin: "null", stdout: "null", stderr: "null" },
        SIGNAL_TRIES,
      );
      return (await shell?.status)?.success === true;
    } catch (error) {
      if (signal === "KILL") {
        hook.report(`is killed without what it started: ${messageOf(error)}`);
        killAlone(leader);
      }
      return true;
    }
  }
}

/**
 * Starts a program, and tries again so many times where the system lacks something for the moment. Starts nothing after
 * the signal, and returns undefined.
 */
async function tryToStart(
  start: StartProgram,
  options: Deno.CommandOptions,
  tries: number,
  end?: AbortSignal,
): Promise<Deno.ChildProcess | undefined> {
  for (let pause = FIRST_PAUSE, left = tries; !end?.aborted; pause *= 2, left--) {
    try {
      return start(options);
    } catch (error) {
      if (left === 0 || !isPassing(error)) throw error;
    }
    await within(pause, undefined, end);
  }
  return undefined;
}

/** Kills a process without its group, for which no other program is needed. */
function killAlone(process: Deno.ChildProcess): void {
  try {
    process.kill("SIGKILL");
  } catch { /* it has ended */ }
}

/** Writes all of a text and closes. A program need not read what it is given. */
async function feed(stream: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stream.getWriter();
  await writer.write(new TextEncoder().encode(text)).catch(() => {});
  await writer.close().catch(() => {});
}
