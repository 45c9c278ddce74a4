/** What the drivers of a Linux kernel in memory do: each sets the carrier of its interfaces in its own way. */
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { openBridge, stopBridge } from "./bridge.ts";
import { type Device, isUp } from "./device.ts";
import { type Net, transferState } from "./net.ts";

/** What makes the carrier of an interface come and go. */
export type CarrierSource =
  /** Something is plugged in: a cable, a radio's network, a program that holds a tap. */
  | "plug"
  /** Both ends of a pair are up. */
  | "ends"
  /** The interface below has one. */
  | "parent"
  /** A port forwards. */
  | "ports"
  /** Its driver never reports one. */
  | "never";

/** One kind of driver. */
export interface Driver {
  readonly carrier: CarrierSource;
  /** What an interface has when it is made. */
  readonly born: Pick<Device, "type" | "flags" | "mtu" | "carrier" | "carrierDowns" | "operState">;
  /** ndo_open: an error number, or 0. */
  open?(net: Net, device: Device): number;
  /** ndo_stop */
  stop?(net: Net, device: Device): void;
}

const ETHERNET = N.IFF_BROADCAST | N.IFF_MULTICAST;

/** A driver that has a carrier from the start, and has not reported one. */
const SILENT: Driver["born"] = {
  type: N.ARPHRD_ETHER,
  flags: ETHERNET,
  mtu: 1500,
  carrier: true,
  carrierDowns: 0,
  operState: N.IF_OPER_UNKNOWN,
};

/** A card: its driver says before it is registered that there is no carrier, which is not counted. */
const CARD: Driver = { carrier: "plug", born: { ...SILENT, carrier: false, operState: N.IF_OPER_DOWN } };

const LOOPBACK: Driver = {
  carrier: "never",
  born: { ...SILENT, type: N.ARPHRD_LOOPBACK, flags: N.IFF_LOOPBACK, mtu: 65536 },
};

/** drivers/net/veth.c */
const VETH: Driver = {
  carrier: "ends",
  born: { ...SILENT, carrier: false, carrierDowns: 1, operState: N.IF_OPER_DOWN },
  open: (net, device) => {
    const peer = peerOf(net, device);
    if (peer !== undefined && isUp(peer)) { for (const end of [device, peer]) net.setCarrier(end, true); }
    return 0;
  },
  stop: (net, device) => {
    for (const end of [device, peerOf(net, device)]) if (end !== undefined) net.setCarrier(end, false);
  },
};

/** net/8021q: its carrier goes with its own IFF_UP too. */
const VLAN: Driver = {
  carrier: "parent",
  born: SILENT,
  open: (net, device) => {
    const lower = net.at(device.parent);
    if (lower === undefined) return 0;
    if (!isUp(lower)) return N.ENETDOWN;
    if (lower.carrier) net.setCarrier(device, true);
    return 0;
  },
  stop: (net, device) => net.setCarrier(device, false),
};

const DRIVERS: Readonly<Record<string, Driver>> = {
  veth: VETH,
  vlan: VLAN,
  macvlan: { carrier: "parent", born: SILENT },
  ipvlan: { carrier: "parent", born: SILENT },
  bridge: {
    carrier: "ports",
    born: SILENT,
    open: (net, device) => (openBridge(net, device), 0),
    stop: stopBridge,
  },
  dummy: { carrier: "plug", born: { ...SILENT, flags: N.IFF_BROADCAST | N.IFF_NOARP } },
  tun: { carrier: "plug", born: SILENT },
  bond: {
    carrier: "ports",
    born: { ...SILENT, flags: ETHERNET | N.IFF_MASTER, carrier: false, carrierDowns: 1, operState: N.IF_OPER_DOWN },
  },
};

/** A driver of any other virtual kind: ifb, vxlan, wireguard, ... */
const VIRTUAL: Driver = { carrier: "never", born: SILENT };

/** The flags of an interface without Ethernet's addresses, such as a tun. */
const POINT_TO_POINT = N.IFF_POINTOPOINT | N.IFF_NOARP | N.IFF_MULTICAST;

/** The driver of an interface. */
export function driverOf({ kind, type }: Pick<Device, "kind" | "type">): Driver {
  if (kind !== undefined) return Object.hasOwn(DRIVERS, kind) ? DRIVERS[kind]! : VIRTUAL;
  return type === N.ARPHRD_LOOPBACK ? LOOPBACK : CARD;
}

/** The flags of a new interface. */
export function bornFlags({ kind, type }: Pick<Device, "kind" | "type">): number {
  return type === N.ARPHRD_NONE ? POINT_TO_POINT : driverOf({ kind, type }).born.flags;
}

/** The other end of a veth pair, if it is in this network namespace. */
export function peerOf(net: Net, device: Device): Device | undefined {
  if (device.kind !== "veth" || device.parentNetnsId !== undefined) return undefined;
  const peer = net.at(device.parent);
  return peer?.kind === "veth" && peer.parent === device.index ? peer : undefined;
}

/** The interfaces that stand on another one. */
export function uppersOf(net: Net, lower: Device): Device[] {
  return [...net.all].filter((one) =>
    one.parent === lower.index && one.parentNetnsId === undefined && driverOf(one).carrier === "parent"
  );
}

/** What the interfaces above one do when it was set up (NETDEV_UP). */
export function lowerOpened(net: Net, lower: Device): void {
  for (const upper of uppersOf(net, lower)) {
    if (upper.kind === "vlan" && !isUp(upper)) net.open(upper);
    transferState(net, lower, upper);
  }
}

/** When it was set down (NETDEV_DOWN). */
export function lowerStopped(net: Net, lower: Device): void {
  for (const upper of uppersOf(net, lower)) {
    if (upper.kind === "vlan") {
      if (!isUp(upper)) continue;
      net.stop(upper);
    }
    transferState(net, lower, upper);
  }
}

/** When its state is another one (NETDEV_CHANGE). */
export function lowerChanged(net: Net, lower: Device): void {
  for (const upper of uppersOf(net, lower)) transferState(net, lower, upper);
}
