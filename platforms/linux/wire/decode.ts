import type { InterfaceAddress, InterfaceMove, InterfaceStatus } from "../../contract/status.ts";
import { decodeEach, type UndecodedMessage } from "../../common/walk.ts";
import { AddressReader } from "./address.ts";
import { type LinkDialect, LinkReader } from "./link.ts";
import { Messages, Packet, readAcknowledgement } from "./netlink.ts";
import { type RouteFacts, RouteReader } from "./route.ts";
import * as N from "./numbers.ts";

/** An RTM_NEWLINK or RTM_DELLINK message: the fields of {@linkcode InterfaceStatus} that it has. */
export interface LinkMessage extends Partial<InterfaceStatus> {
  /** The kernel's name of the message. */
  readonly message: "RTM_NEWLINK" | "RTM_DELLINK";
  /** The address family: 0 for the interface itself, 7 (AF_BRIDGE) for what a bridge says about its port. */
  readonly family: number;
  /** Whether it has the interface's state. Messages of a bridge and of the wireless extensions do not. */
  readonly whole: boolean;
  /** The interface's index. */
  readonly index: number;
  /** Where the interface went, if this RTM_DELLINK says that it was moved to another network namespace. */
  readonly moved?: InterfaceMove | undefined;
}

/** An RTM_NEWADDR or RTM_DELADDR message. */
export interface AddressMessage {
  /** The kernel's name of the message. */
  readonly message: "RTM_NEWADDR" | "RTM_DELADDR";
  /** The interface's index. */
  readonly index: number;
  /** The address; none if its family is neither IPv4 nor IPv6. */
  readonly addresses: readonly InterfaceAddress[];
}

/** An RTM_NEWROUTE or RTM_DELROUTE message. */
export interface RouteMessage extends RouteFacts {
  /** The kernel's name of the message. */
  readonly message: "RTM_NEWROUTE" | "RTM_DELROUTE";
}

/** An acknowledgement, or the end of a list. */
export interface AcknowledgementMessage {
  /** The kernel's name of the message. */
  readonly message: "NLMSG_ERROR" | "NLMSG_DONE";
  /**
   * The error number; 0 is success.
   *
   * @format int32
   */
  readonly errno: number;
  /** The kernel's own text, if it gave one. */
  readonly text: string | undefined;
}

/** A message that is not about interfaces or routes, by its name or its number. */
export interface OtherMessage {
  /** The kernel's name of the message, or its number. */
  readonly message: "NLMSG_NOOP" | "NLMSG_OVERRUN" | number;
}

/** The result of {@linkcode decodeNetlink} for a message; `message` says which of these it is. */
export type DecodedMessage =
  | LinkMessage
  | AddressMessage
  | RouteMessage
  | AcknowledgementMessage
  | OtherMessage
  | UndecodedMessage;

const OTHER_NAMES: Readonly<Record<number, "NLMSG_NOOP" | "NLMSG_OVERRUN">> = {
  [N.NLMSG_NOOP]: "NLMSG_NOOP",
  [N.NLMSG_OVERRUN]: "NLMSG_OVERRUN",
};

const NAMES: Readonly<Record<number, string>> = {
  ...OTHER_NAMES,
  [N.NLMSG_ERROR]: "NLMSG_ERROR",
  [N.NLMSG_DONE]: "NLMSG_DONE",
  [N.RTM_NEWLINK]: "RTM_NEWLINK",
  [N.RTM_DELLINK]: "RTM_DELLINK",
  [N.RTM_NEWADDR]: "RTM_NEWADDR",
  [N.RTM_DELADDR]: "RTM_DELADDR",
  [N.RTM_NEWROUTE]: "RTM_NEWROUTE",
  [N.RTM_DELROUTE]: "RTM_DELROUTE",
};

/**
 * Decodes rtnetlink messages, on any machine: one or more whole messages, each padded to 4 bytes, as received or
 * captured. It never throws: a message that cannot be decoded is an element with `error`.
 *
 * @example
 * ```ts
 * import { decodeNetlink } from "@netflags/netflags/linux";
 * import { assert } from "@std/assert";
 *
 * const wirelessEvent = Uint8Array.fromHex(
 *   "4000000010000000000000000000000000000100030000000310000000000000" +
 *     "0a000300776c616e310000001400" + "0b001000198b000000000000000000000000",
 * );
 * const [message] = decodeNetlink(wirelessEvent);
 * assert(message?.message === "RTM_NEWLINK" && !message.whole && message.name === "wlan1");
 * ```
 *
 * @param bytes The messages.
 * @returns The content of each message.
 */
export function decodeNetlink(bytes: Uint8Array): DecodedMessage[] {
  return decodeDialect(bytes, undefined);
}

/** The same, for a kernel whose link messages have other numbers; undefined means Linux's. */
export function decodeDialect(bytes: Uint8Array, dialect: LinkDialect | undefined): DecodedMessage[] {
  const packet = Packet.of(bytes);
  const messages = new Messages(packet).begin(bytes.length);
  const links = new LinkReader(packet, dialect);
  const addresses = new AddressReader(packet);
  const routes = new RouteReader(packet);
  return decodeEach(
    messages,
    () => NAMES[messages.type] ?? messages.type,
    () => decodeOne(messages, links, addresses, routes),
  );
}

function decodeOne(
  messages: Messages,
  links: LinkReader,
  addresses: AddressReader,
  routes: RouteReader,
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
        ...link.facts(),
        moved: link.move,
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
    case N.RTM_NEWROUTE:
    case N.RTM_DELROUTE:
      return {
        message: type === N.RTM_NEWROUTE ? "RTM_NEWROUTE" : "RTM_DELROUTE",
        ...routes.read(start, end),
      };
    case N.NLMSG_ERROR:
    case N.NLMSG_DONE:
      return { message: type === N.NLMSG_ERROR ? "NLMSG_ERROR" : "NLMSG_DONE", ...readAcknowledgement(messages) };
    default:
      return { message: OTHER_NAMES[type] ?? type };
  }
}
