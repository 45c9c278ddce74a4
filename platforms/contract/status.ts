/** RFC 2863 ifOperStatus as Linux spells it (`IF_OPER_*` in include/uapi/linux/if.h), in lower case. */
export type OperState =
  | "unknown"
  | "notpresent"
  | "down"
  | "lowerlayerdown"
  | "testing"
  | "dormant"
  | "up";

/** Linux's link mode (`IF_LINK_MODE_*`): whether a carrier alone makes the interface operational. */
export type LinkMode = "default" | "dormant" | "testing";

/** The BSDs' `ifi_link_state`. */
export type LinkState = "unknown" | "down" | "up";

/** An address of an interface. */
export interface InterfaceAddress {
  /** The address family, spelled as `ip` and `ifconfig` do. */
  readonly family: "inet" | "inet6";
  /** The interface's own address, in its usual text form (RFC 5952 for IPv6). */
  readonly address: string;
  /** The length of the network's prefix in bits, 0 to 32 or 0 to 128. */
  readonly prefixLength: number;
  /** How far the address is valid: `"global"`, `"site"`, `"link"`, `"host"`, `"nowhere"`, or the kernel's number. */
  readonly scope: string | undefined;
  /** The other end's address on a point-to-point link, where it differs. */
  readonly peer: string | undefined;
  /** The broadcast address, IPv4 only. */
  readonly broadcast: string | undefined;
  /** The address's label (Linux, IPv4), where it differs from the interface's name. */
  readonly label: string | undefined;
  /** The names of the address's flags, in lower case: `"tentative"`, `"permanent"`, ... */
  readonly flags: readonly string[];
}

/**
 * Everything that the kernel tells of one interface. What a platform or a kernel cannot tell is `undefined`, never a
 * guess. A status is a snapshot: it never changes after it was handed out.
 */
export interface InterfaceStatus {
  /** The kernel's index (`ifi_index`, `ifm_index`). It is reused after an interface is gone. */
  readonly index: number;
  /** The interface's name. */
  readonly name: string;
  /** Linux's alternative names (`IFLA_ALT_IFNAME`). */
  readonly altNames: readonly string[];
  /** The hardware type: `"ether"`, `"loopback"`, `"none"`, ...; the kernel's number where it has no usual name. */
  readonly type: string | undefined;
  /** The kind of a virtual interface (`IFLA_INFO_KIND`): `"veth"`, `"bridge"`, ... undefined for hardware and lo. */
  readonly kind: string | undefined;
  /** The flag word, unsigned: 32 bits on Linux, and as many as the system has elsewhere. */
  readonly flags: number;
  /** The names of the bits set in {@linkcode InterfaceStatus.flags}, without `IFF_`. */
  readonly flagNames: readonly string[];
  /** `IFF_UP`: somebody wants the interface up. It does not say that it works. */
  readonly up: boolean;
  /** `IFF_RUNNING`. On Linux: operational (state UP or UNKNOWN); on the BSDs: the driver has its resources. */
  readonly running: boolean;
  /** `IFF_LOWER_UP`: the driver signals a carrier. Linux only. */
  readonly lowerUp: boolean | undefined;
  /** `IFF_DORMANT`: the driver itself waits for something. Linux only, and not the same as operState "dormant". */
  readonly dormant: boolean | undefined;
  /** RFC 2863 operational state. Linux only. */
  readonly operState: OperState | undefined;
  /** Linux's link mode. */
  readonly linkMode: LinkMode | undefined;
  /** Whether there is a carrier (`IFLA_CARRIER`). It may read true on an interface that was never up. */
  readonly carrier: boolean | undefined;
  /** How often the carrier came or went since the interface was made. */
  readonly carrierChanges: number | undefined;
  /** How often the carrier came. */
  readonly carrierUps: number | undefined;
  /** How often the carrier went. */
  readonly carrierDowns: number | undefined;
  /** The BSDs' link state. */
  readonly linkState: LinkState | undefined;
  /**
   * Whether the interface really works, by its platform's rule. On Linux: operational state UP, or UNKNOWN with
   * `IFF_RUNNING` and `IFF_LOWER_UP` (a driver that never reports a carrier, such as lo, stays UNKNOWN); an unplugged
   * card is UP but not RUNNING and has state DOWN, so it is not connected. On the BSDs: `IFF_UP`, and a link state that
   * is not down; a valid status of the medium goes before it. "unknown" where the kernel tells too little.
   */
  readonly connected: boolean | "unknown";
  /** The largest payload in bytes. */
  readonly mtu: number | undefined;
  /** The hardware address, as colon-separated lower-case hexadecimal; tunnels have an IP address here. */
  readonly address: string | undefined;
  /** The name of the interface that this one is enslaved to (bridge, bond, team, VRF). */
  readonly master: string | undefined;
  /** That interface's index. */
  readonly masterIndex: number | undefined;
  /**
   * The name of the interface below this one (`IFLA_LINK`): a VLAN's or macvlan's lower device, a veth's other end;
   * undefined where it is in another network namespace.
   */
  readonly parent: string | undefined;
  /** That interface's index, in its own network namespace. */
  readonly parentIndex: number | undefined;
  /** The id of the namespace that the parent is in, where it is not this one (`IFLA_LINK_NETNSID`). */
  readonly parentNetnsId: number | undefined;
  /** The addresses; undefined where they were not asked for. */
  readonly addresses: readonly InterfaceAddress[] | undefined;
  /** The media in use (BSD's SIOCGIFMEDIA). */
  readonly media: InterfaceMedia | undefined;
  /** What a wireless interface is used for, and its network; undefined of others. Linux only. */
  readonly wireless: WirelessState | undefined;
}

/** What nl80211 tells of a wireless interface. */
export interface WirelessState {
  /** `"station"`, `"ap"`, `"monitor"`, ... (`NL80211_IFTYPE_*`). */
  readonly type: string | undefined;
  /** The network that it runs or is connected to, as text; undefined where there is none. */
  readonly ssid: string | undefined;
  /** The SSID's bytes in hexadecimal. */
  readonly ssidHex: string | undefined;
  /** The channel's frequency in MHz. */
  readonly frequency: number | undefined;
}

/** What a BSD driver says of its medium (`SIOCGIFMEDIA`). */
export interface InterfaceMedia {
  /** The raw word of the medium in use (`ifm_active`). */
  readonly active: number;
  /** Whether the link is there: true, false, or undefined where the driver does not say (`IFM_AVALID` is clear). */
  readonly link: boolean | undefined;
}

/** The name of a field of {@linkcode InterfaceStatus}. */
export type StatusField = keyof InterfaceStatus;

/** Whether two lists of plain values hold the same in the same order. */
export function sameList(a: readonly string[], b: readonly string[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether two addresses are the same in every field. */
export function sameAddress(a: InterfaceAddress, b: InterfaceAddress): boolean {
  return a.address === b.address && a.prefixLength === b.prefixLength && a.family === b.family &&
    a.scope === b.scope && a.peer === b.peer && a.broadcast === b.broadcast && a.label === b.label &&
    sameList(a.flags, b.flags);
}

/**
 * Whether two sets of addresses are equal. Their order does not count: a dump lists them by family, events in the
 * order of their arrival.
 */
export function sameAddresses(
  a: readonly InterfaceAddress[] | undefined,
  b: readonly InterfaceAddress[] | undefined,
): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  return a.every((one) => b.some((other) => sameAddress(one, other)));
}

/** Whether two wireless states are the same. */
export function sameWireless(a: WirelessState | undefined, b: WirelessState | undefined): boolean {
  return a?.type === b?.type && a?.ssidHex === b?.ssidHex && a?.frequency === b?.frequency;
}

/** Whether two media are the same. */
export function sameMedia(a: InterfaceMedia | undefined, b: InterfaceMedia | undefined): boolean {
  return a?.active === b?.active && a?.link === b?.link;
}

type Same = (a: InterfaceStatus, b: InterfaceStatus) => boolean;

/**
 * Every field, in the order in which differences are told and JSON is printed, with the way its values are compared. A
 * function for each: one that takes the field's name looks it up anew in every status.
 */
const SAME: { readonly [field in StatusField]: Same } = {
  index: (a, b) => a.index === b.index,
  name: (a, b) => a.name === b.name,
  altNames: (a, b) => sameList(a.altNames, b.altNames),
  type: (a, b) => a.type === b.type,
  kind: (a, b) => a.kind === b.kind,
  flags: (a, b) => a.flags === b.flags,
  flagNames: (a, b) => sameList(a.flagNames, b.flagNames),
  up: (a, b) => a.up === b.up,
  running: (a, b) => a.running === b.running,
  lowerUp: (a, b) => a.lowerUp === b.lowerUp,
  dormant: (a, b) => a.dormant === b.dormant,
  operState: (a, b) => a.operState === b.operState,
  linkMode: (a, b) => a.linkMode === b.linkMode,
  carrier: (a, b) => a.carrier === b.carrier,
  carrierChanges: (a, b) => a.carrierChanges === b.carrierChanges,
  carrierUps: (a, b) => a.carrierUps === b.carrierUps,
  carrierDowns: (a, b) => a.carrierDowns === b.carrierDowns,
  linkState: (a, b) => a.linkState === b.linkState,
  connected: (a, b) => a.connected === b.connected,
  mtu: (a, b) => a.mtu === b.mtu,
  address: (a, b) => a.address === b.address,
  master: (a, b) => a.master === b.master,
  masterIndex: (a, b) => a.masterIndex === b.masterIndex,
  parent: (a, b) => a.parent === b.parent,
  parentIndex: (a, b) => a.parentIndex === b.parentIndex,
  parentNetnsId: (a, b) => a.parentNetnsId === b.parentNetnsId,
  addresses: (a, b) => sameAddresses(a.addresses, b.addresses),
  media: (a, b) => sameMedia(a.media, b.media),
  wireless: (a, b) => sameWireless(a.wireless, b.wireless),
};

/** Every field, in that order. */
export const STATUS_FIELDS: readonly StatusField[] = Object.keys(SAME) as StatusField[];
const COMPARISONS: readonly Same[] = Object.values(SAME);

/** The names of the fields in which two statuses differ, in the order of {@linkcode STATUS_FIELDS}. */
export function changedFields(before: InterfaceStatus, after: InterfaceStatus): StatusField[] {
  const changed: StatusField[] = [];
  if (before === after) return changed;
  for (let i = 0; i < COMPARISONS.length; i++) {
    if (!COMPARISONS[i]!(before, after)) changed.push(STATUS_FIELDS[i]!);
  }
  return changed;
}

/** Whether an interface answers to a name: its own or an alternative one. */
export function hasName(status: InterfaceStatus, name: string): boolean {
  return status.name === name || status.altNames.includes(name);
}

function sameKey(a: InterfaceAddress, b: InterfaceAddress): boolean {
  return a.address === b.address && a.prefixLength === b.prefixLength && a.peer === b.peer;
}

/** The addresses with this one added, or replaced where it is there already. */
export function withAddress(
  addresses: readonly InterfaceAddress[],
  address: InterfaceAddress,
): readonly InterfaceAddress[] {
  const at = addresses.findIndex((one) => sameKey(one, address));
  return at < 0 ? [...addresses, address] : addresses.with(at, address);
}

/** The addresses without this one. */
export function withoutAddress(
  addresses: readonly InterfaceAddress[],
  address: InterfaceAddress,
): readonly InterfaceAddress[] {
  return addresses.filter((one) => !sameKey(one, address));
}
