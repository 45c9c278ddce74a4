import { InvalidInputError } from "../../contract/errors.ts";
import type { FlagTable } from "../../contract/flag_table.ts";
import type { BsdPlatform } from "../../contract/platform.ts";
import type { InterfaceAddress, LinkState } from "../../contract/status.ts";
import { decodeEach, type UndecodedMessage } from "../../common/walk.ts";
import type { OtherName, RouteName } from "../systems/layout.ts";
import { type BsdRouteFacts, RouteReader } from "./route.ts";
import { isBsdPlatform, SYSTEMS } from "../systems/systems.ts";

/** An RTM_IFINFO (or macOS's RTM_IFINFO2). */
export interface InterfaceMessage {
  /** The kernel's name of the message. */
  readonly message: "RTM_IFINFO" | "RTM_IFINFO2";
  /** The interface's index. */
  readonly index: number;
  /** Its name. Lists have it, live messages do not. */
  readonly name: string | undefined;
  /** The flag word. RUNNING in it is stale: kernels send "down" before the driver clears it, and "up" before it sets it. */
  readonly flags: number;
  /** The names of the flags set. */
  readonly flagNames: readonly string[];
  /** The hardware type. */
  readonly type: string;
  /** The link state; undefined on macOS. */
  readonly linkState: LinkState | undefined;
  /** The largest payload in bytes. */
  readonly mtu: number;
  /** The hardware address; in a list only. */
  readonly hardwareAddress: string | undefined;
}

/** An RTM_NEWADDR, RTM_DELADDR or RTM_CHGADDR. */
export interface RouteAddressMessage {
  /** The kernel's name of the message. */
  readonly message: "RTM_NEWADDR" | "RTM_DELADDR" | "RTM_CHGADDR" | "RTM_CHGADDRATTR";
  /** The interface's index. */
  readonly index: number;
  /** Its name, if the message has it. */
  readonly name: string | undefined;
  /** The address; none if its family is neither IPv4 nor IPv6. */
  readonly addresses: readonly InterfaceAddress[];
  /** The hardware address, if the message is about one (NetBSD); undefined for another family. */
  readonly hardwareAddress: string | undefined;
}

/** An RTM_IFANNOUNCE. */
export interface AnnounceMessage {
  /** The kernel's name of the message. */
  readonly message: "RTM_IFANNOUNCE";
  /** The interface's index. */
  readonly index: number;
  /** Its name. */
  readonly name: string;
  /** Whether the interface came or went; a number if it is neither. */
  readonly what: "arrival" | "departure" | number;
}

/** What a message about a route is. */
export interface BsdRouteHead {
  /** The kernel's name of the message. */
  readonly message: RouteName;
}

/** An RTM_ADD, RTM_DELETE, RTM_CHANGE or RTM_GET: the change of a route, or the answer to a question about one. */
export interface BsdRouteMessage extends BsdRouteHead, BsdRouteFacts {
  /** The process that asked for it; 0 if none did. */
  readonly pid: number;
  /** That process's number of what it asked for. */
  readonly seq: number;
  /** The error number of what was asked for; 0 if it was done. Every listener hears of failures too. */
  readonly errno: number;
}

/**
 * A message without an interface's state, by its name or number. RTM_DESYNC means that messages were lost.
 * RTM_IEEE80211 and RTM_80211INFO mean that something happened on a wireless interface.
 */
export interface OtherRouteMessage {
  /** The kernel's name of the message, or its number. */
  readonly message: OtherRouteName | number;
  /** The wireless interface's index. */
  readonly index?: number;
}

/** The kernels' names of messages without an interface's state. */
export type OtherRouteName = OtherName | "RTM_DESYNC" | "RTM_IEEE80211" | "RTM_80211INFO";

/** The result of {@linkcode decodeRoute} for a message; `message` says which of these it is. */
export type DecodedRouteMessage =
  | InterfaceMessage
  | RouteAddressMessage
  | AnnounceMessage
  | BsdRouteMessage
  | OtherRouteMessage
  | UndecodedMessage;

/**
 * Decodes routing messages of a BSD, on any machine: one or more messages, as read from a routing socket or from an
 * interface list by sysctl. It never throws because of the bytes: a message that cannot be decoded is an element with
 * `error`.
 *
 * @example
 * ```ts
 * import { decodeRoute } from "@netflags/netflags/bsd";
 * import { assertEquals } from "@std/assert";
 *
 * const arrival = Uint8Array.fromHex("1800041003007461703000000000000000000000000000" + "00");
 * assertEquals(decodeRoute(arrival, "netbsd"), [
 *   { message: "RTM_IFANNOUNCE", index: 3, name: "tap0", what: "arrival" },
 * ]);
 * ```
 *
 * @param bytes The messages.
 * @param platform The system that sent them.
 * @returns The content of each message.
 * @throws {InvalidInputError} There is no such platform.
 */
export function decodeRoute(bytes: Uint8Array, platform: BsdPlatform): DecodedRouteMessage[] {
  if (!isBsdPlatform(platform)) {
    throw new InvalidInputError(
      `Cannot decode routing messages of "${platform}": give one of ${Object.keys(SYSTEMS).join(", ")}`,
    );
  }
  const system = SYSTEMS[platform];
  const reader = new RouteReader(system, new Uint8Array(bytes)).begin(bytes.length);
  return decodeEach(reader, () => reader.name, () => decodeOne(reader, system.flags));
}

function decodeOne(reader: RouteReader, table: FlagTable): DecodedRouteMessage {
  const { message } = reader;
  if (message === undefined) return { message: reader.otherName };
  if ("desync" in message) return { message: message.name };
  if ("wireless" in message) return { message: message.name, index: reader.index(message.wireless) };
  if ("interface" in message) {
    const layout = reader.interfaceLayout(message);
    const flags = reader.flags;
    reader.walkInterface(layout);
    return {
      message: message.name,
      index: reader.interfaceIndex,
      name: reader.linkName(),
      flags,
      flagNames: table.names(flags),
      type: reader.interfaceType(layout),
      linkState: reader.linkState,
      mtu: reader.mtu(layout),
      hardwareAddress: reader.linkAddress(),
    };
  }
  if ("address" in message) {
    const layout = reader.addressLayout(message);
    reader.walkAddress(layout);
    const address = reader.ipAddress();
    return {
      message: message.name,
      index: reader.index(layout),
      name: reader.linkName(),
      addresses: address === undefined ? [] : [address],
      hardwareAddress: reader.ownLinkAddress(),
    };
  }
  if ("route" in message) {
    const { route } = message;
    reader.walkRoute(route);
    const [pid, seq, errno] = [reader.number(route.pid), reader.number(route.seq), reader.number(route.errno)];
    return { message: message.name, ...reader.routeFacts(route), pid, seq, errno };
  }
  const { announce } = message;
  const what = reader.what(announce);
  return {
    message: message.name,
    index: reader.index(announce),
    name: reader.announcedName(announce.name),
    what: what === 0 ? "arrival" : what === 1 ? "departure" : what,
  };
}
