/**
 * Linux's decoders: bytes in, values out, on any machine, without any permission.
 *
 * @module
 */
export {
  type AddressChange,
  type DecodedMessage,
  decodeNetlink,
  type LinkMessage,
  type OtherMessage,
  type UndecodedMessage,
} from "./decode.ts";
export { devGetFlags, type FlagInputs } from "./dev_get_flags.ts";
export { decodeNl80211, type WirelessMessage, type WirelessType } from "./nl80211.ts";
export { linuxConnected } from "./link.ts";
export { LinkScan } from "./link_scan.ts";
export { Packet } from "./netlink.ts";
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
