/**
 * Read captured messages of a BSD kernel about its interfaces: routing messages, interface lists and FreeBSD's netlink.
 * The decoders work on any machine, without any permission: bytes in, values out.
 *
 * @example What captured routing messages say
 * ```ts
 * import { decodeRoute } from "@netflags/netflags/bsd";
 *
 * for (const message of decodeRoute(new Uint8Array(0), "netbsd")) { // what was read from a routing socket
 *   if (message.message === "RTM_IFINFO") console.log(message.index, message.flagNames);
 * }
 * ```
 *
 * @module
 */

export type { BsdPlatform, Platform } from "../platforms/contract/platform.ts";
export type {
  InterfaceAddress,
  InterfaceMedia,
  InterfaceMove,
  InterfaceStatus,
  LinkMode,
  LinkState,
  OperState,
  WirelessLink,
  WirelessState,
} from "../platforms/contract/status.ts";
export type { UndecodedMessage } from "../platforms/common/walk.ts";
export {
  type AnnounceMessage,
  type BsdRouteHead,
  type BsdRouteMessage,
  type DecodedRouteMessage,
  decodeRoute,
  type InterfaceMessage,
  type OtherRouteMessage,
  type OtherRouteName,
  type RouteAddressMessage,
} from "../platforms/bsd/wire/decode.ts";
export type { OtherName, RouteName } from "../platforms/bsd/systems/layout.ts";
export type { BsdRouteFacts } from "../platforms/bsd/wire/route.ts";
export { bsdConnected } from "../platforms/bsd/wire/status.ts";
export type {
  AcknowledgementMessage,
  AddressMessage,
  DecodedMessage,
  LinkMessage,
  OtherMessage,
  RouteMessage,
} from "../platforms/linux/wire/decode.ts";
export type { RouteFacts, RouteHop, RouteType } from "../platforms/linux/wire/route.ts";
export { decodeFreebsdNetlink } from "../platforms/freebsd_netlink.ts";
