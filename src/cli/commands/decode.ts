import { InvalidInputError } from "../../../platforms/contract/errors.ts";
import { type Platform, PLATFORMS } from "../../../platforms/contract/platform.ts";
import type { MessageKind, PacketDecoder } from "../../../platforms/contract/system.ts";
import type { WirelessMessage } from "../../../platforms/contract/wireless.ts";
import {
  type Direction,
  type FamilyMessage,
  type ForeignMessage,
  type PacketMessage,
  REGISTRY,
  type SocketMessage,
} from "../../../platforms/registry.ts";
import type { DecodedRouteMessage } from "../../bsd.ts";
import type {
  AcknowledgementMessage,
  AddressMessage,
  LinkMessage,
  OtherMessage,
  RouteMessage,
  UndecodedMessage,
} from "../../linux.ts";
import { type Captured, decodeCapture, type Timed } from "../capture/decode.ts";
import { progressAtTerminal } from "../capture/progress.ts";
import { Source } from "../capture/source.ts";
import { type Command, EXIT } from "../options/command.ts";
import { choice, flag } from "../options/option.ts";
import { readOptions } from "../options/parse.ts";
import { MissingWordError } from "../options/words.ts";
import { openInput } from "../terminal/input.ts";
import { asJson, print } from "../terminal/output.ts";

const KINDS: readonly MessageKind[] = ["message", "dump", "netlink", "nl80211"];
/** How many characters are written at once, where more can be had without waiting. */
const WRITTEN = 1 << 16;
const FORMATS = ["auto", "binary", "hex", "pcap"] as const;

/** An RTM_NEWLINK or RTM_DELLINK message: the fields of a status that it has. */
type LinkLine = Pick<LinkMessage, "message" | "family" | "whole"> & LinkMessage;

/** A message that the kernel sent or got: an element of what `decode --json` prints. */
export type DecodedLine =
  | DecodedRouteMessage
  | (
    & (
      | LinkLine
      | AddressMessage
      | RouteMessage
      | AcknowledgementMessage
      | WirelessMessage
      | FamilyMessage
      | ForeignMessage
      | OtherMessage
      | UndecodedMessage
    )
    & Direction
    & Timed
  );

/** Whose messages they are, and how they stand in a capture. */
function readCaptured(
  platform: Platform,
  kind: MessageKind,
  format: typeof FORMATS[number],
): Captured<SocketMessage, PacketMessage> {
  const { decoders, packets: make } = REGISTRY[platform];
  const decode = decoders[kind];
  if (decode === undefined) {
    const others = PLATFORMS.filter((one) => REGISTRY[one].decoders[kind] !== undefined);
    throw new InvalidInputError(`Kind "${kind}" is not of ${platform}: it is of ${others.join(", ")}`);
  }
  const framing = platform === "linux" || kind === "netlink" ? "netlink" : "route";
  const packets = (): PacketDecoder<PacketMessage> => {
    if (make === undefined) {
      throw new InvalidInputError(
        `A capture of packets holds netlink messages, and ${platform} has none: give what a routing socket was read`,
      );
    }
    return make(kind);
  };
  return { format: format === "auto" ? undefined : format, framing, decode, packets };
}

const OPTIONS = {
  platform: choice("P", `${PLATFORMS.join(", ")}. It is the system of the messages.`, PLATFORMS),
  kind: choice(
    "K",
    "message (the default), dump, netlink or nl80211. dump is the answer to a request for the whole list. netlink stands " +
      "for netlink messages of Linux or FreeBSD, and nl80211 for those of Linux about wireless interfaces.",
    KINDS,
  ),
  format: choice(
    "F",
    "auto (the default), binary, hex or pcap. auto looks at the first bytes. binary is the messages' bytes. hex is plain " +
      "hexadecimal, as xxd -p prints it. pcap is a pcap or pcapng file of netlink packets.",
    FORMATS,
  ),
  json: flag("Print one array, with an element for each message"),
};

export const decodeCommand: Command = {
  usage: ["--platform P [OPTION...] [FILE]"],
  description: [
    "FILE, or standard input, holds one or more whole messages as the kernel sent them. The exit status is 1 if a " +
    "message cannot be decoded.",
    "On Linux the kernel sends messages only if a program listens: let ip monitor or netflags watch run during a capture. " +
    "Wireless messages in a capture are decoded if the kernel's answer about their family is in it too (iw dev asks for " +
    "that), or with --kind nl80211.",
    "On a BSD, messages of a routing socket cannot be captured. Give what a program read from one, as ktrace(1) of " +
    "route(8) monitor records it.",
  ],
  options: OPTIONS,
  examples: [
    ["ip link add nlmon0 type nlmon", "To capture on Linux: make an nlmon interface,"],
    ["ip link set nlmon0 up; tcpdump -i nlmon0 -w FILE", "and record its messages"],
    ["netflags decode --platform linux FILE", "Decode the capture"],
  ],
  words: () => ["<files>"],
  async run(args) {
    const { platform, kind = "message", format = "auto", json, words } = readOptions(args, OPTIONS, { files: true });
    if (platform === undefined) {
      throw new MissingWordError("Option --platform is missing, which says whose messages they are");
    }
    const captured = readCaptured(platform, kind, format);
    if (words[1] !== undefined) throw new InvalidInputError(`Unexpected "${words[1]}"`);
    const { bytes, size } = await openInput(words[0]);
    const source = new Source(bytes);
    // Where the messages themselves are on the terminal, they are the progress.
    using progress = Deno.stdout.isTerminal() ? undefined : progressAtTerminal(size);
    let [text, between, failed] = [json ? "[\n" : "", "", false];
    for await (const messages of decodeCapture(source, captured)) {
      progress?.at(source.offset);
      for (const line of messages) {
        const { message, ...rest }: DecodedLine = line;
        failed ||= "error" in rest;
        text += json ? between + asJson({ message, ...rest }) : `${message ?? "?"} ${asJson(rest)}\n`;
        between = ",\n";
      }
      if (text.length < WRITTEN && source.ready > 0) continue;
      await print(text);
      text = "";
    }
    await print(json ? `${text}${between && "\n"}]\n` : text);
    return failed ? EXIT.no : EXIT.done;
  },
};
