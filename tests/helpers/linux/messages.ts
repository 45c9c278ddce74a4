/** The messages of the Linux kernel in memory. */
import { textOfBytes } from "../../../platforms/common/byte_text.ts";
import { buildRequest, type RequestAttribute, textPayload, u32Payload } from "../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";

/** nl80211's number and its groups' in this kernel. */
export const FAMILY = 0x17;
export const GROUPS = { config: 22, mlme: 9 } as const;
/** The number of ethtool's family. */
export const ETHTOOL_FAMILY = 0x15;

/** An interface of the kernel in memory. */
export interface FakeLink {
  index: number;
  name: string;
  altNames?: readonly string[] | undefined;
  /** ARPHRD_* */
  type: number;
  kind?: string;
  flags: number;
  /** IF_OPER_* */
  operState: number;
  carrier: boolean;
  changes: number;
  mtu: number;
  /** The index of the interface that it is enslaved to. */
  master?: number | undefined;
  /** The index of the interface below it, and the id of the namespace that this one is in. */
  parent?: number;
  parentNetnsId?: number | undefined;
  /** More attributes of its link messages. */
  extra?: readonly RequestAttribute[];
  /** What is nested in IFLA_LINKINFO behind the kind. */
  info?: readonly RequestAttribute[];
  /** What ethtool's family answers of it, by the command; what is not there it refuses to answer. */
  hardware?: Readonly<Record<number, readonly RequestAttribute[]>>;
  /** IPv4 addresses, each with a prefix of 24 bits. */
  addresses?: readonly (readonly number[])[];
  /** What nl80211 knows of it. */
  wireless?: FakeWireless;
}

/** A wireless interface of the kernel in memory. */
export interface FakeWireless {
  /** NL80211_IFTYPE_* */
  type: number;
  ssid?: string;
  /** The channel's frequency in MHz. */
  frequency?: number;
  /** The links of a multi-link device. */
  links?: readonly FakeWirelessLink[];
}

/** A link of a multi-link device. */
export interface FakeWirelessLink {
  id: number;
  frequency?: number;
  ssid?: string;
}

/** What a link has under NL80211_ATTR_MLO_LINKS. */
export function mloLink({ id, frequency, ssid }: FakeWirelessLink): RequestAttribute {
  return [
    id + 1,
    nest(
      [N.NL80211_ATTR_MLO_LINK_ID, Uint8Array.of(id)],
      ...(frequency === undefined ? [] : [[N.NL80211_ATTR_WIPHY_FREQ, u32Payload(frequency)] as const]),
      ...(ssid === undefined ? [] : [[N.NL80211_ATTR_SSID, new TextEncoder().encode(ssid)] as const]),
    ),
  ];
}

/** The text of a string attribute. */
export function textOf(bytes: Uint8Array): string {
  return textOfBytes(bytes).replace(/\0.*$/s, "");
}

/** The payload of a request's attribute. */
export function attribute(bytes: Uint8Array, start: number, type: number): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = start; at + N.NLA_HDRLEN <= bytes.length; at += (view.getUint16(at, true) + 3) & ~3) {
    if (view.getUint16(at + 2, true) === type) {
      return bytes.slice(at + N.NLA_HDRLEN, at + view.getUint16(at, true));
    }
  }
  return undefined;
}

/** Nested attributes: a request of no header is what stands in a nest. */
export function nest(...attributes: RequestAttribute[]): Uint8Array {
  return buildRequest(0, 0, 0, new Uint8Array(0), attributes).slice(N.NLMSG_HDRLEN);
}

/** RTM_NEWLINK or RTM_DELLINK; `operState`: whether the kernel tells one. */
export function linkMessage(
  link: FakeLink,
  seq: number,
  flags: number,
  type: number,
  operState: boolean,
): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(new Uint32Array([link.type << 16, link.index, link.flags, 0]).buffer);
  const attributes: RequestAttribute[] = [[N.IFLA_IFNAME, textPayload(link.name)]];
  if (operState) attributes.push([N.IFLA_OPERSTATE, Uint8Array.of(link.operState)]);
  attributes.push(
    [N.IFLA_LINKMODE, Uint8Array.of(0)],
    [N.IFLA_MTU, u32Payload(link.mtu)],
    [N.IFLA_CARRIER, Uint8Array.of(link.carrier ? 1 : 0)],
    [N.IFLA_CARRIER_CHANGES, u32Payload(link.changes)],
    [N.IFLA_CARRIER_UP_COUNT, u32Payload((link.changes + 1) >> 1)],
    [N.IFLA_CARRIER_DOWN_COUNT, u32Payload(link.changes >> 1)],
  );
  if (link.master !== undefined) attributes.push([N.IFLA_MASTER, u32Payload(link.master)]);
  if (link.parent !== undefined) attributes.push([N.IFLA_LINK, u32Payload(link.parent)]);
  if (link.parentNetnsId !== undefined) attributes.push([N.IFLA_LINK_NETNSID, u32Payload(link.parentNetnsId)]);
  const info: RequestAttribute[] = [...link.info ?? []];
  if (link.kind !== undefined) info.unshift([N.IFLA_INFO_KIND, textPayload(link.kind)]);
  if (info.length > 0) attributes.push([N.IFLA_LINKINFO, nest(...info)]);
  attributes.push(...link.extra ?? []);
  const names = (link.altNames ?? []).map((name): RequestAttribute => [N.IFLA_ALT_IFNAME, textPayload(name)]);
  if (names.length > 0) attributes.push([N.IFLA_PROP_LIST, nest(...names)]);
  return buildRequest(type, flags, seq, header, attributes);
}

/** RTM_NEWADDR or RTM_DELADDR of an IPv4 address. */
export function addressMessage(
  index: number,
  address: readonly number[],
  seq: number,
  flags: number,
  type: number,
  cacheInfo?: readonly number[],
): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(8);
  header.set([N.AF_INET, 24, 0, N.RT_SCOPE_UNIVERSE]);
  new DataView(header.buffer).setUint32(4, index, true);
  return buildRequest(type, flags, seq, header, [
    [N.IFA_ADDRESS, Uint8Array.from(address)],
    [N.IFA_LOCAL, Uint8Array.from(address)],
    ...(cacheInfo === undefined ? [] : [[N.IFA_CACHEINFO, new Uint8Array(new Uint32Array(cacheInfo).buffer)] as const]),
  ]);
}

/** An nl80211 message of an interface. */
export function wirelessMessage(
  command: number,
  link: FakeLink,
  seq: number,
  flags: number,
  extra: readonly RequestAttribute[] = [],
): Uint8Array<ArrayBuffer> {
  const { type = 2, ssid, frequency, links } = link.wireless ?? {};
  return buildRequest(FAMILY, flags, seq, Uint8Array.of(command, 1, 0, 0), [
    [N.NL80211_ATTR_WIPHY, u32Payload(0)],
    [N.NL80211_ATTR_IFINDEX, u32Payload(link.index)],
    ...(command === N.NL80211_CMD_START_AP || command === N.NL80211_CMD_STOP_AP
      ? []
      : [[N.NL80211_ATTR_IFTYPE, u32Payload(type)] as const]),
    ...(ssid === undefined || command === N.NL80211_CMD_STOP_AP
      ? []
      : [[N.NL80211_ATTR_SSID, new TextEncoder().encode(ssid)] as const]),
    ...(frequency === undefined || command === N.NL80211_CMD_START_AP
      ? []
      : [[N.NL80211_ATTR_WIPHY_FREQ, u32Payload(frequency)] as const]),
    ...(links === undefined || command !== N.NL80211_CMD_NEW_INTERFACE
      ? []
      : [[N.NL80211_ATTR_MLO_LINKS, nest(...links.map(mloLink))] as const]),
    ...extra,
  ]);
}

/** What the kernel answers of the family ethtool. */
export function ethtoolFamilyMessage(seq: number, flags: number): Uint8Array<ArrayBuffer> {
  return buildRequest(N.GENL_ID_CTRL, flags, seq, Uint8Array.of(1, 2, 0, 0), [
    [N.CTRL_ATTR_FAMILY_NAME, textPayload(N.ETHTOOL_GENL_NAME)],
    [N.CTRL_ATTR_FAMILY_ID, new Uint8Array(new Uint16Array([ETHTOOL_FAMILY]).buffer)],
  ]);
}

/** What the kernel answers of the family nl80211. */
export function familyMessage(seq: number, flags: number): Uint8Array<ArrayBuffer> {
  const groups = Object.entries(GROUPS).map(([name, id], i): RequestAttribute => [
    i + 1,
    nest([N.CTRL_ATTR_MCAST_GRP_NAME, textPayload(name)], [N.CTRL_ATTR_MCAST_GRP_ID, u32Payload(id)]),
  ]);
  return buildRequest(N.GENL_ID_CTRL, flags, seq, Uint8Array.of(1, 2, 0, 0), [
    [N.CTRL_ATTR_FAMILY_NAME, textPayload(N.NL80211_GENL_NAME)],
    [N.CTRL_ATTR_FAMILY_ID, new Uint8Array(new Uint16Array([FAMILY]).buffer)],
    [N.CTRL_ATTR_MCAST_GROUPS, nest(...groups)],
  ]);
}

/** The end of a dump. */
export function doneMessage(seq: number, flags = 0): Uint8Array<ArrayBuffer> {
  return buildRequest(N.NLMSG_DONE, N.NLM_F_MULTI | flags, seq, new Uint8Array(4), []);
}

/** A refusal, or with errno 0 an acknowledgement. */
export function errorMessage(seq: number, errno: number, flags = 0): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(20);
  new DataView(body.buffer).setInt32(0, -errno, true);
  return buildRequest(N.NLMSG_ERROR, flags, seq, body, []);
}

/** Several messages in one datagram, each padded to 4 bytes. */
export function datagram(...messages: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(messages.flatMap((one) => [...one, ...new Array<number>((4 - one.length % 4) % 4).fill(0)]));
}
