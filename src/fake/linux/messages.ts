/** The messages of a Linux kernel in memory, in the kernel's bytes. */
import type { RequestAttribute } from "../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { type Device, type DeviceAddress, type DeviceWirelessLink, flagWord, shownOperState } from "./device.ts";
import { MessageWriter } from "./writer.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The numbers of nl80211 and of its groups in this kernel: they differ from boot to boot. */
export const FAMILY = 0x17;
export const GROUPS = { config: 22, mlme: 9 } as const;
/** The number of ethtool's family. */
export const ETHTOOL_FAMILY = 0x15;
/** struct ifa_cacheinfo of an address that lives for ever. */
export const FOR_EVER: readonly number[] = [N.INFINITY_LIFE_TIME, N.INFINITY_LIFE_TIME, 0, 0];

/** What a message is besides its content. */
export interface Envelope {
  /** nlmsg_type */
  readonly type: number;
  /** nlmsg_seq; 0 for an event. */
  readonly seq?: number;
  /** nlmsg_flags */
  readonly flags?: number;
}

/** What an older or a smaller kernel leaves out. */
export interface LinkMessageForm {
  /** Whether there is an operational state: gVisor has none. */
  readonly operState: boolean;
  /** Whether there are counters of the carrier: from 3.15 on. */
  readonly carrierCounters: boolean;
  /** Whether there are alternative names: from 5.5 on. */
  readonly altNames: boolean;
}

/** Where an interface went (IFLA_NEW_NETNSID, IFLA_NEW_IFINDEX). */
export interface Departure {
  readonly netnsId: number;
  readonly index: number | undefined;
}

/** A 32-bit attribute. */
export function wordOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}

/** The payload of the first attribute of a type, from an offset on. */
export function attribute(bytes: Uint8Array, start: number, type: number): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = start; at + N.NLA_HDRLEN <= bytes.length; at += (view.getUint16(at, true) + 3) & ~3) {
    if (view.getUint16(at + 2, true) === type) {
      return bytes.slice(at + N.NLA_HDRLEN, at + view.getUint16(at, true));
    }
  }
  return undefined;
}

/** A message is whole before the next one begins. */
const out = new MessageWriter();

/** RTM_NEWLINK or RTM_DELLINK (rtnl_fill_ifinfo()). */
export function linkMessage(
  device: Device,
  { type, seq = 0, flags = 0 }: Envelope,
  form: LinkMessageForm,
  departure?: Departure,
): Bytes {
  const { carrier, carrierUps, carrierDowns, master, parent, parentNetnsId, hardwareAddress, extra = [] } = device;
  out.begin(type, flags, seq).words(device.type << 16, device.index, flagWord(device), 0);
  out.text(N.IFLA_IFNAME, device.name);
  if (form.operState) out.u8(N.IFLA_OPERSTATE, shownOperState(device));
  out.u8(N.IFLA_LINKMODE, device.linkMode).u32(N.IFLA_MTU, device.mtu).u8(N.IFLA_CARRIER, carrier ? 1 : 0);
  if (form.carrierCounters) {
    out.u32(N.IFLA_CARRIER_CHANGES, carrierUps + carrierDowns);
    out.u32(N.IFLA_CARRIER_UP_COUNT, carrierUps).u32(N.IFLA_CARRIER_DOWN_COUNT, carrierDowns);
  }
  if (hardwareAddress.length > 0) out.bytes(N.IFLA_ADDRESS, hardwareAddress);
  if (master !== undefined) out.u32(N.IFLA_MASTER, master);
  if (parent !== undefined) out.u32(N.IFLA_LINK, parent);
  if (parentNetnsId !== undefined) out.u32(N.IFLA_LINK_NETNSID, parentNetnsId);
  writeLinkInfo(device);
  for (const [attribute, payload] of extra) out.bytes(attribute, payload);
  if (form.altNames && device.altNames.length > 0) {
    out.nest(N.IFLA_PROP_LIST, () => device.altNames.forEach((name) => out.text(N.IFLA_ALT_IFNAME, name)));
  }
  if (departure !== undefined) {
    out.u32(N.IFLA_NEW_NETNSID, departure.netnsId);
    if (departure.index !== undefined) out.u32(N.IFLA_NEW_IFINDEX, departure.index);
  }
  return out.end();
}

function writeLinkInfo({ kind, info = [] }: Device): void {
  if (kind === undefined && info.length === 0) return;
  out.nest(N.IFLA_LINKINFO, () => {
    if (kind !== undefined) out.text(N.IFLA_INFO_KIND, kind);
    for (const [attribute, payload] of info) out.bytes(attribute, payload);
  });
}

/** RTM_NEWADDR or RTM_DELADDR (inet_fill_ifaddr(), inet6_fill_ifaddr()). */
export function addressMessage(
  index: number,
  { family, local, peer, broadcast, prefixLength, scope, flags: addressFlags, label }: DeviceAddress,
  { type, seq = 0, flags = 0 }: Envelope,
  cacheInfo: readonly number[] | undefined,
): Bytes {
  out.begin(type, flags, seq).header(family, prefixLength, addressFlags & 0xff, scope).words(index);
  out.bytes(N.IFA_ADDRESS, peer ?? local);
  if (family === N.AF_INET || peer !== undefined) out.bytes(N.IFA_LOCAL, local);
  if (broadcast !== undefined) out.bytes(N.IFA_BROADCAST, broadcast);
  if (label !== undefined) out.text(N.IFA_LABEL, label);
  out.u32(N.IFA_FLAGS, addressFlags);
  if (cacheInfo !== undefined) out.bytes(N.IFA_CACHEINFO, new Uint8Array(new Uint32Array(cacheInfo).buffer));
  return out.end();
}

/** An nl80211 message about an interface (nl80211_send_iface(), nl80211_send_ap_started() and its like). */
export function wirelessMessage(
  command: number,
  { index, wireless }: Device,
  { seq = 0, flags = 0 }: Omit<Envelope, "type">,
  extra: readonly RequestAttribute[] = [],
): Bytes {
  const { type = N.NL80211_IFTYPE_STATION, ssid, frequency, links } = wireless ?? {};
  const event = command === N.NL80211_CMD_START_AP || command === N.NL80211_CMD_STOP_AP;
  out.begin(FAMILY, flags, seq).header(command, 1, 0, 0);
  out.u32(N.NL80211_ATTR_WIPHY, 0).u32(N.NL80211_ATTR_IFINDEX, index);
  if (!event) out.u32(N.NL80211_ATTR_IFTYPE, type);
  if (!event && frequency !== undefined) out.u32(N.NL80211_ATTR_WIPHY_FREQ, frequency);
  if (ssid !== undefined && command !== N.NL80211_CMD_STOP_AP) out.bytes(N.NL80211_ATTR_SSID, ssid);
  if (command === N.NL80211_CMD_NEW_INTERFACE && links !== undefined) writeLinks(links);
  for (const [attribute, payload] of extra) out.bytes(attribute, payload);
  return out.end();
}

/** The links of a multi-link device: each is nested by its id and one. */
function writeLinks(links: readonly DeviceWirelessLink[]): void {
  out.nest(N.NL80211_ATTR_MLO_LINKS, () => {
    for (const { id, ssid, frequency, hardwareAddress } of links) {
      out.nest(id + 1, () => {
        out.u8(N.NL80211_ATTR_MLO_LINK_ID, id);
        if (hardwareAddress !== undefined) out.bytes(N.NL80211_ATTR_MAC, hardwareAddress);
        if (frequency !== undefined) out.u32(N.NL80211_ATTR_WIPHY_FREQ, frequency);
        if (ssid !== undefined) out.bytes(N.NL80211_ATTR_SSID, ssid);
      });
    }
  });
}

/** What nlctrl answers about a family. */
export function familyMessage(
  name: string,
  id: number,
  groups: Readonly<Record<string, number>>,
  { seq = 0, flags = 0 }: Omit<Envelope, "type">,
): Bytes {
  const named = Object.entries(groups);
  out.begin(N.GENL_ID_CTRL, flags, seq).header(N.CTRL_CMD_NEWFAMILY, 2, 0, 0);
  out.text(N.CTRL_ATTR_FAMILY_NAME, name).u16(N.CTRL_ATTR_FAMILY_ID, id);
  if (named.length > 0) {
    out.nest(N.CTRL_ATTR_MCAST_GROUPS, () => {
      for (const [i, [group, number]] of named.entries()) {
        out.nest(i + 1, () => out.text(N.CTRL_ATTR_MCAST_GRP_NAME, group).u32(N.CTRL_ATTR_MCAST_GRP_ID, number));
      }
    });
  }
  return out.end();
}

/** The end of a dump. */
export function doneMessage(seq: number, flags = 0): Bytes {
  return out.begin(N.NLMSG_DONE, N.NLM_F_MULTI | flags, seq).words(0).end();
}

/** A refusal, or with errno 0 an acknowledgement; the request's header follows, empty. */
export function errorMessage(seq: number, errno: number, flags = 0): Bytes {
  return out.begin(N.NLMSG_ERROR, flags, seq).words(-errno, 0, 0, 0, 0).end();
}

/** Several messages in one datagram, each padded to 4 bytes. */
export function datagram(...messages: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(messages.reduce((sum, { length }) => sum + ((length + 3) & ~3), 0));
  let at = 0;
  for (const message of messages) {
    bytes.set(message, at);
    at += (message.length + 3) & ~3;
  }
  return bytes;
}
