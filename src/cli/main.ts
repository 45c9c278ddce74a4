/**
 * Ask, watch and wait for network interfaces from a shell or a script. `netflags help` lists the commands.
 *
 * @example
 * ```sh
 * deno install --global --allow-ffi --name netflags jsr:@netflags/netflags/cli
 * netflags list                              # every interface, and whether it really works
 * netflags wait eth0 connected --timeout 60  # ends when it does
 * netflags watch                             # each change, at once
 * ```
 *
 * @example A command in a program of your own
 * ```ts
 * import { main } from "@netflags/netflags/cli";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await main(["flags", "0x1043", "--platform", "linux"]), 0); // it prints the names of these flags
 * ```
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
import { type Command, EXIT } from "./command.ts";
import { apCommand } from "./ap.ts";
import { decodeCommand } from "./decode.ts";
import { explainCommand } from "./explain.ts";
import { flagsCommand } from "./flags.ts";
import { listCommand } from "./list.ts";
import { metricsCommand } from "./metrics.ts";
import { OutputClosed, plain, print, tellRefusals } from "./output.ts";
import { reportCommand } from "./report.ts";
import { runCommandLine } from "./run.ts";
import { schemaCommand } from "./schema.ts";
import { setCommand } from "./set.ts";
import { showCommand } from "./show.ts";
import { waitCommand } from "./wait.ts";
import { watchCommand } from "./watch.ts";

const COMMANDS: Readonly<Record<string, Command>> = {
  list: listCommand,
  show: showCommand,
  watch: watchCommand,
  wait: waitCommand,
  set: setCommand,
  ap: apCommand,
  run: runCommandLine,
  report: reportCommand,
  metrics: metricsCommand,
  explain: explainCommand,
  decode: decodeCommand,
  flags: flagsCommand,
  schema: schemaCommand,
};

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

function commandHelp(name: string, { usage, summary, details }: Command): string {
  return [`Usage: netflags ${name} ${usage}`, "", `${summary}.`, ...details.map((line) => `  ${line}`), ""].join("\n");
}

function findCommand(name: string): Command {
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
    await print(rest[0] === undefined ? overview() : commandHelp(rest[0], findCommand(rest[0])));
    return EXIT.done;
  }
  const command = findCommand(name);
  if (asksForHelp(rest)) {
    await print(commandHelp(name, command));
    return EXIT.done;
  }
  const status = await command.run(rest);
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
 * @example
 * ```ts
 * import { main } from "@netflags/netflags/cli";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await main(["flags", "4163", "--platform", "linux"]), 0); // prints what the bits mean
 * assertEquals(await main(["flags", "WARP", "--platform", "linux"]), 2); // tells the error
 * ```
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
