import { InvalidInputError, NotPermittedError } from "../../platforms/contract/errors.ts";
import { type Hook, HookLines, HOOKS } from "./hooks.ts";
import type { InterfaceEvent } from "../watch/event.ts";
import { watch } from "../watch/watch.ts";
import { type Command, EXIT, readOptions, readSeconds } from "./command.ts";
import { asJson, plain, quoted, tellHowChangesCome, tellTrouble } from "./output.ts";

/** How long a hook may run, in seconds, and how long it has to end after SIGTERM, in milliseconds. */
const TIME_LIMIT = 60;
const GRACE = 2000;

function environment(hook: Hook, event: InterfaceEvent): Record<string, string> {
  const { interface: card } = event;
  return {
    NETFLAGS_HOOK: hook,
    NETFLAGS_EVENT: event.type,
    NETFLAGS_INTERFACE: card.name,
    NETFLAGS_INDEX: String(card.index),
    NETFLAGS_FLAGS: card.flagNames.join(","),
    NETFLAGS_CONNECTED: card.connected === undefined ? "unknown" : String(card.connected),
    NETFLAGS_OPERSTATE: card.operState ?? "",
    NETFLAGS_LINKSTATE: card.linkState ?? "",
    NETFLAGS_HIDDEN_FLAPS: String(event.hiddenFlaps ?? ""),
  };
}

function report(hook: Hook, event: InterfaceEvent, what: string): void {
  console.error(`netflags: Hook on-${hook} of interface ${quoted(event.interface.name)} ${plain(what)}`);
}

/** The commands that run now, to be ended when the program is. */
const running = new Set<Deno.ChildProcess>();

/**
 * Signals a command and all that it started: it leads a process group of its own. The shell does it, because Deno.kill
 * needs leave for every program. The group may have ended just now.
 */
function kill(process: Deno.ChildProcess, signal: "TERM" | "KILL"): void {
  const args = ["-c", `kill -s ${signal} -- -${process.pid}`];
  try {
    new Deno.Command("sh", { args, stdin: "null", stdout: "null", stderr: "null" }).outputSync();
  } catch (error) {
    console.error(`netflags: Cannot end a hook: ${plain(error instanceof Error ? error.message : String(error))}`);
  }
}

/** Starts a command by the shell, at the head of a process group; undefined where that fails. */
function start(command: string, hook: Hook, event: InterfaceEvent): Deno.ChildProcess | undefined {
  try {
    return new Deno.Command("sh", {
      args: ["-c", command],
      env: environment(hook, event),
      stdin: "piped",
      stdout: "inherit",
      stderr: "inherit",
      detached: true,
    }).spawn();
  } catch (error) {
    report(hook, event, `could not be started: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/** Runs a command to its end, the event in its environment and on its standard input. */
async function runCommand(command: string, hook: Hook, event: InterfaceEvent, limit: number): Promise<void> {
  const process = start(command, hook, event);
  if (process === undefined) return;
  running.add(process);
  let last: ReturnType<typeof setTimeout> | undefined;
  const timer = setTimeout(() => {
    report(hook, event, `ran longer than ${limit / 1000} s, and is ended`);
    kill(process, "TERM");
    last = setTimeout(() => kill(process, "KILL"), GRACE);
  }, limit);
  try {
    const writer = process.stdin.getWriter();
    // A hook need not read what it is given.
    await writer.write(new TextEncoder().encode(`${asJson({ hook, ...event })}\n`)).catch(() => {});
    await writer.close().catch(() => {});
    const { code, signal } = await process.status;
    if (code !== 0) report(hook, event, signal === null ? `ended with status ${code}` : `was ended by ${signal}`);
  } finally {
    clearTimeout(timer);
    clearTimeout(last);
    running.delete(process);
  }
}

function checkPermission(): void {
  if (Deno.permissions.querySync({ name: "run", command: "sh" }).state === "granted") return;
  throw new NotPermittedError("Cannot run hooks: run with --allow-run=sh beside --allow-ffi", {
    operation: "run hooks",
  });
}

/** `netflags run` */
export const runCommandLine: Command = {
  usage: "[NAME...] --on-up CMD --on-down CMD ... [--delay S] [--limit S] [--no-initial]",
  summary: "Runs commands when interfaces change; needs --allow-run=sh",
  details: [
    ...HOOKS.map((hook) => `--on-${hook} CMD`),
    "CMD is run by sh with NETFLAGS_HOOK, _INTERFACE, _INDEX, _EVENT, _FLAGS, _CONNECTED, _OPERSTATE, _LINKSTATE and",
    "_HIDDEN_FLAPS in its environment, and the whole event as JSON on its standard input; one at a time for each interface.",
    "On the start, the state of each interface is told as if it had just come; --no-initial leaves that out.",
    "--delay S  wait until an interface has been quiet for so many seconds, and tell what happened as one step",
    `--limit S  end a command that runs longer; by default ${TIME_LIMIT}`,
  ],
  async run(args) {
    const onHooks = HOOKS.map((hook) => `on-${hook}` as const);
    const options = readOptions(args, { boolean: ["no-initial"], string: [...onHooks, "delay", "limit"] });
    const commands = new Map(HOOKS.flatMap((hook) => {
      const command = options[`on-${hook}`];
      return command === undefined ? [] : [[hook, command] as const];
    }));
    if (commands.size === 0) {
      throw new InvalidInputError(`No hook: give one of ${onHooks.map((on) => `--${on}`).join(", ")}`);
    }
    const delay = readSeconds("delay", options.delay) ?? 0;
    const limit = readSeconds("limit", options.limit, 0.001) ?? TIME_LIMIT * 1000;
    checkPermission();
    const lines = new HookLines(
      async (hook, event) => {
        const command = commands.get(hook);
        if (command !== undefined) await runCommand(command, hook, event, limit);
      },
      delay,
      (hook, event, error) => report(hook, event, `failed: ${error instanceof Error ? error.message : error}`),
    );
    const names = options.words.length > 0 ? options.words : undefined;
    tellHowChangesCome();
    using watcher = watch({ names, initial: true, addresses: true, onTrouble: tellTrouble });
    const end = (): void => {
      watcher.close();
      for (const process of running) kill(process, "TERM");
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, end);
    for await (const event of watcher) {
      if (event.type === "present" && options["no-initial"]) lines.accept(event);
      else lines.take(event);
    }
    await lines.close();
    return EXIT.done;
  },
};
