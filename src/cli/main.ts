/**
 * Ask, watch and wait for network interfaces from a shell or a script. `netflags help` lists the commands.
 *
 * @example
 * ```sh
 * deno install -gf -A -n netflags jsr:@netflags/netflags/cli
 * netflags list                              # every interface, and whether it is connected, and why not
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
  NoSuchInterfaceError,
  NotPermittedError,
  WaitTimeoutError,
} from "../../platforms/contract/errors.ts";
import { EXIT } from "./options/command.ts";
import { MissingWordError, UnknownWordError } from "./options/words.ts";
import { type CommandEntry, COMMANDS } from "./commands/commands.ts";
import { errorsPrinted, OutputClosed, plain, print, printError } from "./terminal/output.ts";

function findCommand(name: string): CommandEntry {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return command;
  if (name.startsWith("-")) {
    const advice = "a command stands before its options: netflags list --json";
    throw new UnknownWordError("option", name, ["--help", "--version"], advice);
  }
  const names = Object.keys(COMMANDS);
  throw new UnknownWordError("command", name, names, `it is one of ${names.join(", ")}; netflags help says more`);
}

/** Whether one of these words stands among the options. */
function has(args: readonly string[], ...words: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).some((arg) => words.includes(arg));
}

/** Prints the help of all commands, or of one. Its module is loaded for this alone. */
async function printHelp(name?: string, short = false): Promise<number> {
  const { commandHelp, overview, shortHelp } = await import("./commands/help.ts");
  await print(name === undefined ? overview() : await (short ? shortHelp : commandHelp)(name, findCommand(name)));
  return EXIT.done;
}

/** What a shell asks while somebody types: it is silent whatever fails. */
async function printCompletions(words: readonly string[]): Promise<number> {
  try {
    const { complete } = await import("./commands/complete.ts");
    await print((await complete(words)).join(""));
  } catch { /* nothing can be offered */ }
  return EXIT.done;
}

/** Runs a command that is not help. What its words lack is reported with what it takes. */
async function runCommand(name: string, args: string[]): Promise<number> {
  const command = await findCommand(name).load();
  if (command.options.kind?.form === "list" && args.some((arg) => /^--(kind|type)(=|$)/.test(arg))) {
    const { noteWords } = await import("./commands/meant.ts");
    noteWords(args);
  }
  try {
    const status = await command.run(args);
    if (command.options.quiet === undefined || !has(args, "--quiet", "-q")) {
      // Whoever asked the system has loaded this module.
      const { tellRefusals } = await import("./terminal/trouble.ts");
      tellRefusals();
    }
    return status;
  } catch (error) {
    if (!(error instanceof MissingWordError)) throw error;
    const { usageLine } = await import("./commands/help.ts");
    throw new InvalidInputError(`${error.message}: ${usageLine(name, command)}`, { cause: error });
  }
}

async function run(args: readonly string[]): Promise<number> {
  const [name = "list", ...rest] = args;
  if (name === "--version" || name === "-V") {
    await print(`netflags ${config.version}\n`);
    return EXIT.done;
  }
  if (name === "help" || name === "--help" || name === "-h") return await printHelp(rest[0]);
  if (name === "__complete") return await printCompletions(rest);
  if (has(rest, "--help")) return await printHelp(name);
  return has(rest, "-h") ? await printHelp(name, true) : await runCommand(name, rest);
}

/** The line that installs the command with all that it needs. */
const INSTALLED = "deno install -gf -A -n netflags jsr:@netflags/netflags/cli";

/** What went wrong, in a line; with the word that was meant, where one was mistyped. */
async function errorText(error: unknown, args: readonly string[]): Promise<string> {
  if (error instanceof UnknownWordError || error instanceof NoSuchInterfaceError) {
    const { meant } = await import("./commands/meant.ts");
    return meant(error, args) ?? error.message;
  }
  const text = error instanceof Error ? error.message : String(error);
  const refused = error instanceof NotPermittedError && text.includes("run with --allow-");
  return refused ? `${text}; ${INSTALLED} has every permission that it needs` : text;
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
 * A program that calls it goes on afterwards: nothing listens to signals any more, and what was opened is closed. While a
 * command such as `watch` goes on, SIGINT and SIGTERM end the command, and not the program. Only a write to a reader that
 * takes nothing outlasts it.
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
    printError(plain(await errorText(error, args)));
    return error instanceof NetflagsError ? exitStatus(error) : EXIT.no;
  } finally {
    await errorsPrinted();
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
