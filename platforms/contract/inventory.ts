import type { PortState } from "./details.ts";

/** What an interface has received or sent since it was made, by its own counters (`IFLA_STATS64`). */
export interface Traffic {
  /** The bytes. */
  readonly bytes: number;
  /** The packets. */
  readonly packets: number;
  /** The packets that were lost to errors. */
  readonly errors: number;
  /** The packets that were dropped, for want of room or of anybody who takes them. */
  readonly dropped: number;
}

/** The counters of an interface. */
export interface TrafficCounters {
  /** What came in. */
  readonly received: Traffic;
  /** What went out. */
  readonly sent: Traffic;
}

/** What drives an interface (`ETHTOOL_GDRVINFO`). */
export interface DriverInfo {
  /** The name of the driver. */
  readonly name: string;
  /** The driver's own version: of most drivers, that of the kernel. */
  readonly version: string | undefined;
  /** The version of the hardware's firmware. */
  readonly firmware: string | undefined;
  /** Where the hardware is, such as the address of its PCI slot. */
  readonly bus: string | undefined;
}

/** What a VXLAN was made with (`IFLA_VXLAN_*`). */
export interface VxlanParameters {
  /** Its number, the VNI. */
  readonly id: number | undefined;
  /** The multicast group that stands for all others. */
  readonly group: string | undefined;
  /** The address of the other end, if that is one machine. */
  readonly remote: string | undefined;
  /** The own address of the tunnel. */
  readonly local: string | undefined;
  /** The name of the interface that the tunnel's packets leave by; undefined if the routes decide. */
  readonly device: string | undefined;
  /** That interface's index. */
  readonly deviceIndex: number | undefined;
  /** The UDP port of the other ends. */
  readonly port: number | undefined;
}

/** What a tunnel was made with: one of the kinds gre, gretap, erspan, ipip, sit, ip6tnl, vti, and those of IPv6. */
export interface TunnelParameters {
  /** The own address of the tunnel; undefined if it is any. */
  readonly local: string | undefined;
  /** The address of the other end; undefined if it is any. */
  readonly remote: string | undefined;
  /** The name of the interface that the tunnel's packets leave by; undefined if the routes decide. */
  readonly device: string | undefined;
  /** That interface's index. */
  readonly deviceIndex: number | undefined;
  /** The key that packets must come with; undefined if they need none. */
  readonly inputKey: number | undefined;
  /** The key that packets are sent with; undefined if they have none. */
  readonly outputKey: number | undefined;
  /** How many routers its packets may pass; `"inherit"` if as many as the packets inside may. */
  readonly ttl: number | "inherit" | undefined;
}

/** A port of a bridge, bond, team or VRF. */
export interface MasteredPort {
  /** Its name. */
  readonly name: string;
  /** Its index. */
  readonly index: number;
  /** Whether it is connected, by itself. */
  readonly connected: boolean | undefined;
  /** What its master says about it. */
  readonly port: PortState | undefined;
}

/** What a message about a link says of how it was made, and what it has carried. */
export interface LinkParameters {
  /** The hardware address that the card was made with (`IFLA_PERM_ADDRESS`); undefined for tunnels. Linux only. */
  readonly permanentAddress: string | undefined;
  /** A VLAN's protocol: `"802.1Q"` or `"802.1ad"`; the kernel's number if it is another one. Linux only. */
  readonly vlanProtocol: string | undefined;
  /** What a VXLAN was made with; undefined for other kinds. Linux only. */
  readonly vxlan: VxlanParameters | undefined;
  /** What a tunnel was made with; undefined for other kinds. Linux only. */
  readonly tunnel: TunnelParameters | undefined;
  /** What it has received and sent. Linux only. */
  readonly counters: TrafficCounters | undefined;
}

/** What a person looks for in an interface, beyond its state and the causes of that. Only `show` asks for it. */
export interface Inventory extends LinkParameters {
  /** What drives it; undefined if its driver says nothing. Linux only. */
  readonly driver: DriverInfo | undefined;
  /** Its ports, by index; undefined for an interface that can have none. Linux only. */
  readonly ports: readonly MasteredPort[] | undefined;
}
