import { MalformedMessageError } from "../contract/errors.ts";
import type { InterfaceAddress, InterfaceStatus } from "../contract/status.ts";
import type { Platform } from "../contract/platform.ts";
import { AddressReader } from "./address.ts";
import { LinkReader } from "./link.ts";
import { Messages, Packet, readAcknowledgement } from "./netlink.ts";
import * as N from "./numbers.ts";

/** An RTM_NEWLINK or RTM_DELLINK message: what of {@linkcode InterfaceStatus} it says. */
export interface LinkMessage extends Partial<InterfaceStatus> {
  /** The kernel's name of the message. */
  readonly message: "RTM_NEWLINK" | "RTM_DELLINK";
  /** The address family: 0 for the interface itself, 7 (AF_BRIDGE) for what a bridge says of its port. */
  readonly family: number;
  /** Whether it tells the interface's state; a bridge's and a wireless extension's message does not. */
  readonly whole: boolean;
  /** The interface's index. */
  readonly index: number;
}

/** An RTM_NEWADDR or RTM_DELADDR message. */
export interface AddressChange {
  /** The kernel's name of the message. */
  readonly message: "RTM_NEWADDR" | "RTM_DELADDR";
  /** The interface's index. */
  readonly index: number;
  /** The address; none where it is of another family than IPv4 and IPv6. */
  readonly addresses: readonly InterfaceAddress[];
}

/** Another message, by its name or its number. */
export interface OtherMessage {
  /** The kernel's name of the message, or its number. */
  readonly message: string | number;
  /** The error number of an NLMSG_ERROR or NLMSG_DONE. */
  readonly errno?: number;
}

/** What cannot be decoded, with the reason. */
export interface UndecodedMessage {
  /** The name or number of the message, where it has a whole header. */
  readonly message?: string | number;
  /** Why it cannot be decoded. */
  readonly error: string;
}

/** What {@linkcode decodeNetlink} makes of a message. */
export type DecodedMessage = LinkMessage | AddressChange | OtherMessage | UndecodedMessage;

const MESSAGE_NAMES: Readonly<Record<number, string>> = {
  [N.NLMSG_NOOP]: "NLMSG_NOOP",
  [N.NLMSG_ERROR]: "NLMSG_ERROR",
  [N.NLMSG_DONE]: "NLMSG_DONE",
  [N.NLMSG_OVERRUN]: "NLMSG_OVERRUN",
  [N.RTM_NEWLINK]: "RTM_NEWLINK",
  [N.RTM_DELLINK]: "RTM_DELLINK",
  [N.RTM_NEWADDR]: "RTM_NEWADDR",
  [N.RTM_DELADDR]: "RTM_DELADDR",
};

/**
 * Decodes rtnetlink messages: one or more whole ones, each padded to 4 bytes, as they are received or captured, on any
 * machine. It throws nothing: what cannot be decoded is an element with `error`.
 *
 * @example
 * ```ts
 * import { decodeNetlink } from "@netflags/netflags/linux";
 * import { assertEquals } from "@std/assert";
 *
 * const wirelessEvent = Uint8Array.fromHex(
 *   "4000000010000000000000000000000000000100030000000310000000000000" +
 *     "0a000300776c616e310000001400" + "0b001000198b000000000000000000000000",
 * );
 * const [message] = decodeNetlink(wirelessEvent);
 * assertEquals(message?.message, "RTM_NEWLINK");
 * assertEquals((message as { whole: boolean }).whole, false);
 * ```
 *
 * @param bytes The messages.
 * @param platform Whose flags are in them: "freebsd" for those of FreeBSD's netlink, which speaks as Linux's does.
 */
export function decodeNetlink(bytes: Uint8Array, platform: Platform = "linux"): DecodedMessage[] {
  const packet = Packet.of(bytes);
  const messages = new Messages(packet).begin(bytes.length);
  const links = new LinkReader(packet, platform);
  const addresses = new AddressReader(packet);
  const decoded: DecodedMessage[] = [];
  for (;;) {
    let message: string | number | undefined;
    try {
      if (!messages.next()) return decoded;
      message = MESSAGE_NAMES[messages.type] ?? messages.type;
      decoded.push(decodeOne(messages, message, links, addresses));
    } catch (error) {
      if (!(error instanceof MalformedMessageError)) throw error;
      decoded.push({ ...(message === undefined ? {} : { message }), error: error.message });
    }
  }
}

function decodeOne(
  messages: Messages,
  message: string | number,
  links: LinkReader,
  addresses: AddressReader,
): DecodedMessage {
  const { type, start, end } = messages;
  switch (type) {
    case N.RTM_NEWLINK:
    case N.RTM_DELLINK: {
      const link = links.load(start, end);
      return {
        message: type === N.RTM_NEWLINK ? "RTM_NEWLINK" : "RTM_DELLINK",
        family: link.family,
        whole: link.whole,
        ...link.status(undefined),
      };
    }
    case N.RTM_NEWADDR:
    case N.RTM_DELADDR: {
      const { index, address } = addresses.read(start, end);
      return {
        message: type === N.RTM_NEWADDR ? "RTM_NEWADDR" : "RTM_DELADDR",
        index,
        addresses: address === undefined ? [] : [address],
      };
    }
    case N.NLMSG_ERROR:
    case N.NLMSG_DONE:
      return { message, errno: readAcknowledgement(messages).errno };
    default:
      return { message };
  }
}
