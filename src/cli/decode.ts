import { decodeNetlink } from "../../platforms/linux/decode.ts";
import { InvalidInputError, UnsupportedError } from "../errors.ts";
import { type Command, EXIT, readOptions } from "./command.ts";
import { readPlatform } from "./flags.ts";
import { print, printLine } from "./output.ts";

const KINDS: readonly string[] = ["message", "dump"];

async function readInput(file: string | undefined): Promise<Uint8Array> {
  try {
    return file === undefined
      ? new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer())
      : await Deno.readFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      throw new InvalidInputError(`Cannot read file "${file}": run with --allow-read, or give it on standard input`);
    }
    throw new InvalidInputError(`Cannot read file "${file}": ${error instanceof Error ? error.message : error}`);
  }
}

/** `netflags decode` */
export const decodeCommand: Command = {
  usage: "--platform P [--kind message|dump] [--json] [FILE]",
  summary: "Decodes captured messages, of any platform on any machine",
  details: [
    "FILE, or standard input, holds one or more whole messages as the kernel sent them.",
    "--kind dump  the answer to a request for the whole list",
    "--json       one array, an element a message",
    "The exit status is 1 where a message cannot be decoded.",
  ],
  async run(args) {
    const { platform: name, kind, json, words } = readOptions(args, {
      boolean: ["json"],
      string: ["platform", "kind"],
    });
    if (name === undefined) throw new InvalidInputError("Option --platform is missing: whose messages are they?");
    const platform = readPlatform(name);
    if (kind !== undefined && !KINDS.includes(kind)) {
      throw new InvalidInputError(`Unknown kind "${kind}": give one of ${KINDS.join(", ")}`);
    }
    if (words[1] !== undefined) throw new InvalidInputError(`Unexpected "${words[1]}"`);
    if (platform !== "linux") {
      throw new UnsupportedError(`Cannot decode messages of ${platform}: this version has no decoder for it`);
    }
    const messages = decodeNetlink(await readInput(words[0]));
    if (json) await print(`[${messages.map((message) => `\n${JSON.stringify(message)}`).join(",")}\n]\n`);
    else {
      for (const { message, ...rest } of messages) await printLine(`${message ?? "?"} ${JSON.stringify(rest)}`);
    }
    return messages.some((message) => "error" in message) ? EXIT.no : EXIT.done;
  },
};
