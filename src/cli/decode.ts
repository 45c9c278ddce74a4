import { decodeRoute } from "../../platforms/bsd/decode.ts";
import { decodeNetlink } from "../../platforms/linux/decode.ts";
import { decodeNl80211 } from "../../platforms/linux/nl80211.ts";
import { InvalidInputError } from "../../platforms/contract/errors.ts";
import type { Platform } from "../../platforms/contract/platform.ts";
import { type Command, EXIT, readOptions } from "./command.ts";
import { readPlatform } from "./flags.ts";
import { print, printLine } from "./output.ts";

/** A list by sysctl is made of the same messages as a socket tells; FreeBSD speaks netlink too. */
const KINDS: Readonly<Record<string, readonly Platform[]>> = {
  message: ["linux", "netbsd", "freebsd", "openbsd", "dragonfly", "darwin"],
  dump: ["linux", "netbsd", "freebsd", "openbsd", "dragonfly", "darwin"],
  netlink: ["linux", "freebsd"],
  nl80211: ["linux"],
};

interface Decoded {
  readonly message?: string | number;
  readonly error?: string;
}

function decode(bytes: Uint8Array, platform: Platform, kind: string): readonly Decoded[] {
  if (kind === "nl80211") return decodeNl80211(bytes);
  return platform === "linux" || kind === "netlink" ? decodeNetlink(bytes, platform) : decodeRoute(bytes, platform);
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
    const { platform: name, kind = "message", json, words } = readOptions(args, {
      boolean: ["json"],
      string: ["platform", "kind"],
    });
    if (name === undefined) throw new InvalidInputError("Option --platform is missing: whose messages are they?");
    const platform = readPlatform(name);
    const platforms = Object.hasOwn(KINDS, kind) ? KINDS[kind]! : undefined;
    if (platforms === undefined) {
      throw new InvalidInputError(`Unknown kind "${kind}": give one of ${Object.keys(KINDS).join(", ")}`);
    }
    if (!platforms.includes(platform)) {
      throw new InvalidInputError(`Kind "${kind}" is not of ${platform}: it is of ${platforms.join(", ")}`);
    }
    if (words[1] !== undefined) throw new InvalidInputError(`Unexpected "${words[1]}"`);
    const messages = decode(await readInput(words[0]), platform, kind);
    if (json) await print(`[${messages.map((message) => `\n${JSON.stringify(message)}`).join(",")}\n]\n`);
    else {
      for (const { message, ...rest } of messages) await printLine(`${message ?? "?"} ${JSON.stringify(rest)}`);
    }
    return messages.some(({ error }) => error !== undefined) ? EXIT.no : EXIT.done;
  },
};
