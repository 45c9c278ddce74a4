/**
 * The command-line tool: `deno run --allow-ffi jsr:@netflags/netflags/cli COMMAND`.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import {
  InvalidInputError,
  NetflagsError,
  NotPermittedError,
  WaitTimeoutError,
} from "../../platforms/contract/errors.ts";
import { EXIT } from "./command.ts";
import { type CommandEntry, COMMANDS } from "./commands.ts";
import { OutputClosed, plain, print } from "./output.ts";

function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  return [
    "netflags: the real state of network interfaces, and each change of it",
    "",
    "Usage: netflags COMMAND ...",
    "",
    ...Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    "netflags COMMAND --help tells more of one.",
    "Exit status: 0 done or true; 1 no such interface, or the condition is false, or this system cannot tell;",
    "2 usage; 3 not permitted; 124 timed out.",
    "",
  ].join("\n");
}

async function commandHelp(name: string, { summary, load }: CommandEntry): Promise<string> {
  const { usage, details } = await load();
  return [`Usage: netflags ${name} ${usage}`, "", `${summary}.`, ...details.map((line) => `  ${line}`), ""].join("\n");
}

function findCommand(name: string): CommandEntry {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return command;
  throw new InvalidInputError(
    `Unknown command "${name}": it is one of ${Object.keys(COMMANDS).join(", ")}; netflags help tells more`,
  );
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).some((arg) => arg === "--help" || arg === "-h");
}

async function run(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    throw new InvalidInputError(
      `No command: it is one of ${Object.keys(COMMANDS).join(", ")}; netflags help tells more`,
    );
  }
  if (name === "--version") {
    await print(`netflags ${config.version}\n`);
    return EXIT.done;
  }
  if (name === "help" || name === "--help" || name === "-h") {
    await print(rest[0] === undefined ? overview() : await commandHelp(rest[0], findCommand(rest[0])));
    return EXIT.done;
  }
  const command = findCommand(name);
  if (asksForHelp(rest)) {
    await print(await commandHelp(name, command));
    return EXIT.done;
  }
  const { run } = await command.load();
  const status = await run(rest);
  // Whoever asked the system has loaded this module.
  const { tellRefusals } = await import("./trouble.ts");
  tellRefusals();
  return status;
}

function exitStatus(error: NetflagsError): number {
  if (error instanceof InvalidInputError) return EXIT.usage;
  if (error instanceof NotPermittedError) return EXIT.notPermitted;
  if (error instanceof WaitTimeoutError) return EXIT.timedOut;
  return EXIT.no;
}

/**
 * Runs a command line and returns its exit status. Errors go to standard error, in one line.
 *
 * @param args The command and its arguments, without the program's name.
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await run(args);
  } catch (error) {
    if (error instanceof OutputClosed) return EXIT.done;
    console.error(`netflags: ${plain(error instanceof Error ? error.message : String(error))}`);
    return error instanceof NetflagsError ? exitStatus(error) : EXIT.no;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
