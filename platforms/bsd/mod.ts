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
} from "./decode.ts";
export { bsdConnected } from "./status.ts";
export type { BsdPlatform } from "./layout.ts";
export type {
  InterfaceAddress,
  InterfaceMedia,
  InterfaceStatus,
  LinkMode,
  LinkState,
  OperState,
  WirelessState,
} from "../../src/interface_status.ts";
export type { Platform } from "../../src/platform.ts";
