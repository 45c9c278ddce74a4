/** What cfg80211 does with the wireless interfaces of a Linux kernel in memory, and announces by nl80211. */
import type { RequestAttribute } from "../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { type Device, type DeviceWireless, networkOf } from "./device.ts";
import { GROUPS, wirelessMessage } from "./messages.ts";
import type { Net } from "./net.ts";
import type { FakeSockets } from "./sockets.ts";

/** A kernel with sockets. */
export interface RadioNet extends Net {
  readonly sockets: FakeSockets;
}

/** Sends an nl80211 message about an interface. */
export function sendWireless(
  { sockets }: Pick<RadioNet, "sockets">,
  command: number,
  device: Device,
  extra: readonly RequestAttribute[] = [],
): void {
  const config = command === N.NL80211_CMD_NEW_INTERFACE || command === N.NL80211_CMD_DEL_INTERFACE ||
    command === N.NL80211_CMD_SET_INTERFACE;
  sockets.multicast(
    N.NETLINK_GENERIC,
    config ? GROUPS.config : GROUPS.mlme,
    () => wirelessMessage(command, device, {}, extra),
  );
}

/** A program starts an access point, on an interface that is up; one that runs there ends before. */
export function beginAccessPoint(net: RadioNet, device: Device, network: Omit<DeviceWireless, "type">): void {
  leaveNetwork(net, device, false);
  device.wireless = { ...network, type: N.NL80211_IFTYPE_AP };
  net.setCarrier(device, true);
  sendWireless(net, N.NL80211_CMD_START_AP, device);
}

/** An access point ends, or a station leaves its network. The kernel announces it only if it does this by itself. */
export function leaveNetwork(net: RadioNet, device: Device, byKernel: boolean): void {
  const { wireless } = device;
  if (wireless === undefined || networkOf(wireless) === undefined) return;
  device.wireless = { type: wireless.type };
  net.setCarrier(device, false);
  const station = wireless.type !== N.NL80211_IFTYPE_AP;
  if (byKernel) sendWireless(net, station ? N.NL80211_CMD_DISCONNECT : N.NL80211_CMD_STOP_AP, device);
}
