/**
 * The BSDs' decoders: bytes in, values out, on any machine, without any permission.
 *
 * @module
 */
export {
  type AnnounceMessage,
  type DecodedRouteMessage,
  decodeRoute,
  type InterfaceMessage,
  type OtherRouteMessage,
  type RouteAddressMessage,
  type UndecodedRouteMessage,
} from "../platforms/bsd/decode.ts";
export { bsdConnected } from "../platforms/bsd/status.ts";
export type { BsdPlatform } from "../platforms/bsd/layout.ts";
export type {
  InterfaceAddress,
  InterfaceMedia,
  InterfaceStatus,
  LinkMode,
  LinkState,
  OperState,
  WirelessState,
} from "../platforms/contract/status.ts";
export type { Platform } from "../platforms/contract/platform.ts";
