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
} from "../platforms/linux/decode.ts";
export { devGetFlags, type FlagInputs } from "../platforms/linux/dev_get_flags.ts";
export { decodeNl80211, type WirelessMessage, type WirelessType } from "../platforms/linux/nl80211.ts";
export { linuxConnected } from "../platforms/linux/link.ts";
export { LinkScan } from "../platforms/linux/link_scan.ts";
export { Packet } from "../platforms/linux/netlink.ts";
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
