import { InvalidInputError } from "../../platforms/contract/errors.ts";
import { PLATFORMS } from "../../platforms/contract/platform.ts";
import type { MessageKind } from "../../platforms/contract/system.ts";
import { REGISTRY } from "../../platforms/registry.ts";
import { type Command, EXIT, readOptions } from "./command.ts";
import { readPlatform } from "./flags.ts";
import { asJson, print, printLine } from "./output.ts";

const KINDS: readonly MessageKind[] = ["message", "dump", "netlink", "nl80211"];

function readKind(text: string): MessageKind {
  const kind = KINDS.find((one) => one === text);
  if (kind !== undefined) return kind;
  throw new InvalidInputError(`Unknown kind "${text}": give one of ${KINDS.join(", ")}`);
}

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
  usage: "--platform P [--kind message|dump|netlink|nl80211] [--json] [FILE]",
  summary: "Decodes captured messages, of any platform on any machine",
  details: [
    "FILE, or standard input, holds one or more whole messages as the kernel sent them.",
    "--kind dump     the answer to a request for the whole list",
    "--kind netlink  netlink messages, of Linux or FreeBSD",
    "--kind nl80211  wireless messages of Linux",
    "--json          one array, an element a message",
    "The exit status is 1 where a message cannot be decoded.",
  ],
  async run(args) {
    const { platform: name, kind: kindName = "message", json, words } = readOptions(args, {
      boolean: ["json"],
      string: ["platform", "kind"],
      files: true,
    });
    if (name === undefined) throw new InvalidInputError("Option --platform is missing: whose messages are they?");
    const platform = readPlatform(name);
    const kind = readKind(kindName);
    const decode = REGISTRY[platform].decoders[kind];
    if (decode === undefined) {
      const others = PLATFORMS.filter((one) => REGISTRY[one].decoders[kind] !== undefined);
      throw new InvalidInputError(`Kind "${kind}" is not of ${platform}: it is of ${others.join(", ")}`);
    }
    if (words[1] !== undefined) throw new InvalidInputError(`Unexpected "${words[1]}"`);
    const messages = decode(await readInput(words[0]));
    if (json) await print(`[${messages.map((message) => `\n${asJson(message)}`).join(",")}\n]\n`);
    else {
      for (const { message, ...rest } of messages) await printLine(`${message ?? "?"} ${asJson(rest)}`);
    }
    return messages.some(({ error }) => error !== undefined) ? EXIT.no : EXIT.done;
  },
};
