import { InvalidInputError, MalformedMessageError } from "../contract/errors.ts";
import { flagNames } from "../../src/flags.ts";
import type { InterfaceAddress, LinkState } from "../contract/status.ts";
import type { BsdPlatform } from "./layout.ts";
import { RouteReader } from "./route.ts";
import { isBsdPlatform, SYSTEMS } from "./systems.ts";

/** An RTM_IFINFO (or macOS's RTM_IFINFO2). */
export interface InterfaceMessage {
  /** The kernel's name of the message. */
  readonly message: string;
  /** The interface's index. */
  readonly index: number;
  /** Its name; a live message has none, a list has. */
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
  readonly address: string | undefined;
}

/** An RTM_NEWADDR, RTM_DELADDR or RTM_CHGADDR. */
export interface RouteAddressMessage {
  /** The kernel's name of the message. */
  readonly message: string;
  /** The interface's index. */
  readonly index: number;
  /** Its name, where the message has it. */
  readonly name: string | undefined;
  /** The address; none where it is of another family than IPv4 and IPv6. */
  readonly addresses: readonly InterfaceAddress[];
}

/** An RTM_IFANNOUNCE. */
export interface AnnounceMessage {
  /** The kernel's name of the message. */
  readonly message: string;
  /** The interface's index. */
  readonly index: number;
  /** Its name. */
  readonly name: string;
  /** Whether it came or went; a number where it is neither. */
  readonly what: "arrival" | "departure" | number;
}

/** A message that is of no interest here, by its name or number; RTM_DESYNC is one too. */
export interface OtherRouteMessage {
  /** The kernel's name of the message, or its number. */
  readonly message: string | number;
}

/** What cannot be decoded, with the reason. */
export interface UndecodedRouteMessage {
  /** The name or number of the message, where it has a whole header. */
  readonly message?: string | number;
  /** Why it cannot be decoded. */
  readonly error: string;
}

/** What {@linkcode decodeRoute} makes of a message. */
export type DecodedRouteMessage =
  | InterfaceMessage
  | RouteAddressMessage
  | AnnounceMessage
  | OtherRouteMessage
  | UndecodedRouteMessage;

/**
 * Decodes routing messages of a BSD: one or more as they are read from a routing socket or from an interface list by
 * sysctl, on any machine. It throws nothing for what is in the bytes: what cannot be decoded is an element with `error`.
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
 * @param platform Whose they are.
 * @throws {InvalidInputError} There is no such platform.
 */
export function decodeRoute(bytes: Uint8Array, platform: BsdPlatform): DecodedRouteMessage[] {
  if (!isBsdPlatform(platform)) {
    throw new InvalidInputError(
      `Cannot decode routing messages of "${platform}": give one of ${Object.keys(SYSTEMS).join(", ")}`,
    );
  }
  const reader = new RouteReader(SYSTEMS[platform], new Uint8Array(bytes)).begin(bytes.length);
  const decoded: DecodedRouteMessage[] = [];
  for (;;) {
    let whole = false;
    try {
      if (!reader.next()) return decoded;
      whole = true;
      decoded.push(decodeOne(reader, platform));
    } catch (error) {
      if (!(error instanceof MalformedMessageError)) throw error;
      decoded.push({ ...(whole ? { message: reader.name } : {}), error: error.message });
    }
  }
}

function decodeOne(reader: RouteReader, platform: BsdPlatform): DecodedRouteMessage {
  const { message } = reader;
  if (message === undefined || "desync" in message) return { message: reader.name };
  if ("interface" in message) {
    const layout = reader.interfaceLayout(message);
    const flags = reader.flags;
    reader.walkInterface(layout);
    return {
      message: message.name,
      index: reader.interfaceIndex,
      name: reader.linkName(),
      flags,
      flagNames: flagNames(flags, platform),
      type: reader.interfaceType(layout),
      linkState: reader.linkState,
      mtu: reader.mtu(layout),
      address: reader.linkAddress(),
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
    };
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
