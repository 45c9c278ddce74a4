/** An interface of a Linux kernel in memory, and what the kernel works out from its parts. */
import type { RequestAttribute } from "../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";

/** The flags that dev_get_flags() works out, whatever somebody set. */
export const WORKED_OUT: number = N.IFF_RUNNING | N.IFF_LOWER_UP | N.IFF_DORMANT;

/** An interface (struct net_device). */
export interface Device {
  readonly index: number;
  name: string;
  altNames: readonly string[];
  /** ARPHRD_* */
  type: number;
  /** The kind of its driver (struct rtnl_link_ops); undefined for hardware and lo. */
  kind: string | undefined;
  /** Those of its flags that are kept: IFF_UP, and what it can do. */
  flags: number;
  /** The opposite of __LINK_STATE_NOCARRIER. */
  carrier: boolean;
  /** __LINK_STATE_DORMANT: its driver waits for something. */
  dormant: boolean;
  /** IF_OPER_*, as link_watch.c last worked it out. */
  operState: number;
  /** IF_LINK_MODE_* */
  linkMode: number;
  carrierUps: number;
  carrierDowns: number;
  mtu: number;
  hardwareAddress: Uint8Array;
  /** The index of the interface that it is a port of. */
  master: number | undefined;
  /** The index of the interface below it, or of the other end of a pair; 0 if that is gone (dev_get_iflink). */
  parent: number | undefined;
  /** The id of the network namespace that the parent is in, if it is another one. */
  parentNetnsId: number | undefined;
  /** In the kernel's order: those of IPv4, then those of IPv6. */
  addresses: readonly DeviceAddress[];
  /** What nl80211 knows of it. */
  wireless: DeviceWireless | undefined;
  /** Whether somebody set its hardware address: that of another bridge follows from its ports (NET_ADDR_SET). */
  addressSet?: boolean;
  /** Whether it is a bridge's port that forwards (BR_STATE_FORWARDING). */
  forwarding?: boolean;
  /** More attributes of its link messages. */
  extra?: readonly RequestAttribute[];
  /** What is nested in IFLA_LINKINFO behind the kind. */
  info?: readonly RequestAttribute[];
  /** What its driver writes when it is asked what it is (struct ethtool_drvinfo); undefined: it refuses. */
  drvinfo?: Uint8Array;
  /** What ethtool's family answers about it, by the command; the driver refuses the other commands. */
  hardware?: Readonly<Record<number, readonly RequestAttribute[]>>;
}

/** An address of an interface (struct in_ifaddr, struct inet6_ifaddr). */
export interface DeviceAddress {
  /** AF_INET or AF_INET6 */
  readonly family: number;
  /** The interface's own. */
  readonly local: Uint8Array;
  /** The other end's on a point-to-point link. */
  readonly peer: Uint8Array | undefined;
  readonly broadcast: Uint8Array | undefined;
  readonly prefixLength: number;
  /** RT_SCOPE_* */
  readonly scope: number;
  /** IFA_F_* */
  readonly flags: number;
  /** IPv4 only. */
  readonly label: string | undefined;
}

/** A wireless interface (struct wireless_dev). */
export interface DeviceWireless {
  /** NL80211_IFTYPE_* */
  readonly type: number;
  /** The network that it runs, or is connected to. */
  readonly ssid?: Uint8Array | undefined;
  /** In MHz. */
  readonly frequency?: number | undefined;
  /** The links of a multi-link device. */
  readonly links?: readonly DeviceWirelessLink[] | undefined;
}

/** One link of a multi-link device. */
export interface DeviceWirelessLink {
  readonly id: number;
  /** Its network, if it has one of its own. */
  readonly ssid?: Uint8Array | undefined;
  readonly frequency?: number | undefined;
  readonly hardwareAddress?: Uint8Array | undefined;
}

/** The network of a wireless interface, or of one of its links. */
export function networkOf({ ssid, links = [] }: DeviceWireless): Uint8Array | undefined {
  return ssid ?? links.find((link) => link.ssid !== undefined)?.ssid;
}

export function isUp({ flags }: Pick<Device, "flags">): boolean {
  return (flags & N.IFF_UP) !== 0;
}

/** netif_oper_up(): whether packets may be sent, in one of these states. */
export function isOperational(operState: number): boolean {
  return operState === N.IF_OPER_UP || operState === N.IF_OPER_UNKNOWN;
}

/** The flag word of its messages (dev_get_flags()). */
export function flagWord(device: Pick<Device, "flags" | "carrier" | "dormant" | "operState">): number {
  let word = device.flags & ~WORKED_OUT;
  if (!isUp(device)) return word >>> 0;
  if (isOperational(device.operState)) word |= N.IFF_RUNNING;
  if (device.carrier) word |= N.IFF_LOWER_UP;
  if (device.dormant) word |= N.IFF_DORMANT;
  return word >>> 0;
}

/** The operational state of its messages (rtnl_fill_ifinfo()). */
export function shownOperState(device: Pick<Device, "flags" | "operState">): number {
  return isUp(device) ? device.operState : N.IF_OPER_DOWN;
}

/**
 * The operational state that follows from the rest (rfc2863_policy() in link_watch.c).
 *
 * @param lower The interface below it, if it has one.
 */
export function operStateOf(
  { carrier, dormant, linkMode }: Pick<Device, "carrier" | "dormant" | "linkMode">,
  lower: Pick<Device, "carrier"> | undefined,
): number {
  if (!carrier) return lower?.carrier === false ? N.IF_OPER_LOWERLAYERDOWN : N.IF_OPER_DOWN;
  if (dormant || linkMode === N.IF_LINK_MODE_DORMANT) return N.IF_OPER_DORMANT;
  return linkMode === N.IF_LINK_MODE_TESTING ? N.IF_OPER_TESTING : N.IF_OPER_UP;
}

/** The operational state after a program asked for another one (set_operstate()): the kernel honours only some. */
export function operStateAsked({ operState, dormant }: Pick<Device, "operState" | "dormant">, asked: number): number {
  switch (asked) {
    case N.IF_OPER_UP: {
      const waiting = operState === N.IF_OPER_DORMANT || operState === N.IF_OPER_TESTING;
      return (waiting || operState === N.IF_OPER_UNKNOWN) && !dormant ? asked : operState;
    }
    case N.IF_OPER_TESTING:
    case N.IF_OPER_DORMANT:
      return isOperational(operState) ? asked : operState;
    default:
      return operState;
  }
}
