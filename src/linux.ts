/**
 * Follow access points, control an interface's operational state as an 802.1X supplicant does, and read captured
 * netlink messages. Only Linux has these features. The decoders work on any machine, without any permission.
 *
 * @example Which networks start and stop on this machine
 * ```ts
 * import { UnsupportedError } from "@netflags/netflags";
 * import { watchAccessPoints } from "@netflags/netflags/linux";
 *
 * try {
 *   for await (const { type, name, ssid } of watchAccessPoints({ signal: AbortSignal.timeout(50) })) {
 *     console.log(name, type, ssid);
 *   }
 * } catch (error) {
 *   if (!(error instanceof UnsupportedError)) throw error; // a machine without wireless support
 * }
 * ```
 *
 * @example What captured messages say
 * ```ts
 * import { decodeNetlink } from "@netflags/netflags/linux";
 *
 * for (const message of decodeNetlink(new Uint8Array(0))) { // the bytes that a netlink socket received
 *   if (message.message === "RTM_NEWLINK") console.log(message.name, message.flagNames);
 * }
 * ```
 *
 * @module
 */
export type { SettableOperState } from "../platforms/contract/backend.ts";
export { MalformedMessageError, NetflagsError } from "../platforms/contract/errors.ts";
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
export type { Netns, NetnsOptions } from "../platforms/contract/netns.ts";
export type { UndecodedMessage } from "../platforms/common/walk.ts";
export type { WirelessMessage, WirelessMessageLink, WirelessType } from "../platforms/contract/wireless.ts";
export {
  type AcknowledgementMessage,
  type AddressMessage,
  type DecodedMessage,
  decodeNetlink,
  type LinkMessage,
  type OtherMessage,
  type RouteMessage,
} from "../platforms/linux/wire/decode.ts";
export type { RouteFacts, RouteHop, RouteType } from "../platforms/linux/wire/route.ts";
export { linuxConnected } from "../platforms/linux/wire/link.ts";
export { decodeNl80211 } from "../platforms/linux/wire/nl80211.ts";
export { ioctlFlags } from "./ioctl_flags.ts";
export { setLinkMode, setOperState } from "./set_state.ts";
export { type AccessPointOptions, type AccessPointWatcher, watchAccessPoints } from "./watch/access_points.ts";
export type { AccessPointEvent } from "./watch/running_points.ts";
