import { within } from "./within.ts";

/** What one command is run with. */
export interface HookCommand {
  /** What the shell gets. */
  readonly command: string;
  /** What is added to its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What it may read on its standard input. */
  readonly input: string;
  /** How long it may run, in milliseconds. */
  readonly limit: number;
  /** Ends it. */
  readonly end: AbortSignal;
  /** Reports what went wrong with it, in words that follow its name. */
  readonly report: (what: string) => void;
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

/**
 * Asks whether any process of a group lives. A signal alone cannot tell: it also finds those that are dead, and stay so
 * until their new parent asks for their status, which the first process of a container may do late or never.
 */
const ANY_LIVES = `kill -s 0 -- -"$0" || exit 1
list=$(ps -A -o pgid= -o stat=) || exit 0
while read -r group state; do case "$group $state" in "$0 Z"*) ;; "$0 "*) exit 0 ;; esac; done <<END
$list
END
exit 1`;

/** Starts a program: `sh`, in tests also something that fails. */
export type StartProgram = (options: Deno.CommandOptions) => Deno.ChildProcess;

function startShell(options: Deno.CommandOptions): Deno.ChildProcess {
  return new Deno.Command("sh", options).spawn();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isTemporary(error: unknown): boolean {
  return error instanceof Error && "code" in error && PASSING.includes(error.code);
}

/** How a process ended, in words that follow its name. */
export function endText({ signal, code }: Deno.CommandStatus): string {
  return signal === null ? `ended with status ${code}` : `was ended by ${signal}`;
}

/**
 * Runs commands, each at the head of a process group of its own, and ends them with all that they started: by SIGTERM,
 * and by SIGKILL what is still there after a while.
 */
export class HookProcesses {
  readonly #grace: number;
  readonly #start: StartProgram;
  readonly #hurry = new AbortController();

  /** `grace`: how long a command has to end after SIGTERM, in milliseconds. `start` starts the shell. */
  constructor(grace: number, start: StartProgram = startShell) {
    this.#grace = grace;
    this.#start = start;
  }

  /**
   * Runs a command until it has ended, or has been ended. Resolves with how it ended; undefined if it could not be
   * started, or does not end. It does not throw.
   */
  async run(hook: HookCommand): Promise<Deno.CommandStatus | undefined> {
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
        hook.end,
      );
    } catch (error) {
      hook.report(`could not be started: ${messageOf(error)}`);
    }
    if (process === undefined) return undefined;
    // Not waited for: what the hook has started may hold the pipe open, and never read it.
    void feed(process.stdin, hook.input);
    const status = process.status;
    if (!await endsInTime(status, hook)) await this.#stop(process, hook);
    const ended = await within(KILL_TIME, status);
    if (ended === undefined) hook.report("does not end, and is left alone");
    return ended;
  }

  /** Leaves no more time to what is being ended: it is killed. */
  hurry(): void {
    this.#hurry.abort();
  }

  /** Ends a process and all that it started: its own end need not be theirs. */
  async #stop(process: Deno.ChildProcess, hook: HookCommand): Promise<void> {
    const { signal } = this.#hurry;
    const deadline = performance.now() + this.#grace;
    const left = (): number => signal.aborted ? 0 : Math.max(0, deadline - performance.now());
    await this.#shell(kill("TERM"), process, () => {});
    await within(left(), process.status, signal);
    while (left() > 0) {
      if (await this.#shell(ANY_LIVES, process, () => {}) === false) return;
      await within(Math.min(LOOK_EVERY, left()), undefined, signal);
    }
    await this.#shell(kill("KILL"), process, (what) => {
      hook.report(`is killed without what it started: ${what}`);
      killAlone(process);
    });
  }

  /**
   * Runs a script about the group of a process, and returns whether it says yes; undefined if it could not be started. A
   * shell does it, because Deno.kill needs leave for every program.
   */
  async #shell(
    script: string,
    leader: Deno.ChildProcess,
    failed: (what: string) => void,
  ): Promise<boolean | undefined> {
    const args = ["-c", script, String(leader.pid)];
    try {
      const shell = await tryToStart(
        this.#start,
        { args, stdin: "null", stdout: "null", stderr: "null" },
        SIGNAL_TRIES,
      );
      return (await shell?.status)?.success;
    } catch (error) {
      failed(messageOf(error));
      return undefined;
    }
  }
}

function kill(signal: "TERM" | "KILL"): string {
  return `kill -s ${signal} -- -"$0"`;
}

/** Whether a process ends before its time is up and before it is to end. */
async function endsInTime(status: Promise<Deno.CommandStatus>, { limit, end, report }: HookCommand): Promise<boolean> {
  if (await within(limit, status, end) !== undefined) return true;
  if (!end.aborted) report(`ran longer than ${limit / 1000} s, and is ended`);
  return false;
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
      if (left === 0 || !isTemporary(error)) throw error;
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
