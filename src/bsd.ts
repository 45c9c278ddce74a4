/**
 * The BSDs' decoders: bytes in, values out, on any machine, without any permission.
 *
 * @example
 * ```ts
 * import { decodeRoute } from "@netflags/netflags/bsd";
 *
 * for (const message of decodeRoute(new Uint8Array(0), "netbsd")) { // what a routing socket was read
 *   if (message.message === "RTM_IFINFO") console.log(message.index, message.flagNames);
 * }
 * ```
 *
 * @module
 */
import { FREEBSD_NETLINK } from "../platforms/bsd/freebsd_netlink.ts";
import { decodeDialect, type DecodedMessage } from "../platforms/linux/decode.ts";

export type { BsdPlatform, Platform } from "../platforms/contract/platform.ts";
export type { InterfaceAddress, InterfaceMedia, LinkState } from "../platforms/contract/status.ts";
export type { UndecodedMessage } from "../platforms/contract/walk.ts";
export {
  type AnnounceMessage,
  type DecodedRouteMessage,
  decodeRoute,
  type InterfaceMessage,
  type OtherRouteMessage,
  type OtherRouteName,
  type RouteAddressMessage,
} from "../platforms/bsd/decode.ts";
export type { OtherName } from "../platforms/bsd/layout.ts";
export { bsdConnected } from "../platforms/bsd/status.ts";
export type {
  AcknowledgementMessage,
  AddressMessage,
  DecodedMessage,
  LinkMessage,
  OtherMessage,
} from "../platforms/linux/decode.ts";

/**
 * Decodes messages of FreeBSD's netlink (13.2 and later), which are laid out as Linux's, with numbers of its own.
 *
 * @example
 * ```ts
 * import { decodeFreebsdNetlink } from "@netflags/netflags/bsd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeFreebsdNetlink(new Uint8Array(0)), []);
 * ```
 *
 * @param bytes The messages, each padded to 4 bytes.
 * @returns What each says; what cannot be decoded is an element with `error`.
 */
export function decodeFreebsdNetlink(bytes: Uint8Array): DecodedMessage[] {
  return decodeDialect(bytes, FREEBSD_NETLINK);
}
