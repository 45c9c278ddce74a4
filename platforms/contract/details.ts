import type { InterfaceAddress, InterfaceStatus } from "./status.ts";

/** How long an address lives (`IFA_CACHEINFO`), in seconds from the time of the call. */
export interface AddressLifetime {
  /** The time until it is deprecated, and no longer used for new connections. */
  readonly preferred: number | "forever";
  /** The time until it is removed. */
  readonly valid: number | "forever";
}

/** An address with its lifetime. */
export interface AddressDetails extends InterfaceAddress {
  /** How long the address lives. Linux only. */
  readonly lifetime?: AddressLifetime | undefined;
}

/**
 * What a driver says about its hardware. A field is undefined if the driver or its kernel does not report it. On the
 * BSDs this follows from the medium: link and, for Ethernet, speed, duplex and connector.
 */
export interface HardwareState {
  /** Whether the driver sees a link. Most drivers answer with the carrier. */
  readonly link: boolean | undefined;
  /**
   * Why there is no link, in the kernel's words (`ETHTOOL_LINK_EXT_STATE_*`): `"no-cable"`, `"autoneg"`,
   * `"link-training-failure"`, ...; the kernel's number if netflags has no name for it. Few drivers report it.
   */
  readonly extendedState: string | undefined;
  /** More about that reason (`ETHTOOL_LINK_EXT_SUBSTATE_*`): `"no-partner-detected"`, `"remote-fault"`, ... */
  readonly extendedSubstate: string | undefined;
  /** How often the driver saw the physical link go down (`ETHTOOL_A_LINKSTATE_EXT_DOWN_CNT`). */
  readonly linkDowns: number | undefined;
  /** The speed in Mb/s. */
  readonly speed: number | undefined;
  /** Whether both ends may send at once. */
  readonly duplex: "half" | "full" | undefined;
  /** Whether speed and duplex are negotiated. */
  readonly autonegotiation: boolean | undefined;
  /** The connector (`PORT_*`): `"tp"` (twisted pair), `"fibre"`, `"da"` (direct attach), `"none"`, `"other"`, ... */
  readonly port: string | undefined;
}

/** What the master of an interface (a bond, bridge, team or VRF) says about it as its port. Linux only. */
export interface PortState {
  /** The kind of the master (`IFLA_INFO_SLAVE_KIND`): `"bond"`, `"bridge"`, `"team"`, `"vrf"`, ... */
  readonly kind: string;
  /**
   * A bond's port is `"active"` or `"backup"`; a bridge's port has a spanning tree state: `"disabled"`,
   * `"listening"`, `"learning"`, `"forwarding"` or `"blocking"`. undefined for others.
   */
  readonly state: string | undefined;
  /** What the bond's own link monitor says: `"up"`, `"going-down"`, `"down"`, `"going-back"`. Not the operational state. */
  readonly miiStatus: string | undefined;
  /** How often the bond's link monitor saw this port fail. */
  readonly linkFailures: number | undefined;
  /** The number of the VRF's routing table. */
  readonly vrfTable: number | undefined;
}

/** The state of a bond. Linux only. */
export interface BondState {
  /** `"active-backup"`, `"802.3ad"`, ...; the kernel's number if netflags has no name for it. */
  readonly mode: string | undefined;
  /** The name of the port in use, in modes that use only one. */
  readonly activePort: string | undefined;
  /** That port's index. */
  readonly activePortIndex: number | undefined;
}

/**
 * Why an interface is not connected, as a code:
 *
 * - `"down"`: nobody has set it up, or somebody has set it down.
 * - `"proto-down"`: a program holds it down (`IFLA_PROTO_DOWN`).
 * - `"lower-down"`: the interface below it is not connected; `"peer-down"`: a veth's other end is not;
 *   `"other-namespace"`: that interface is in another network namespace, and this process is told nothing about it.
 * - `"no-ports"`: a bond, bridge or team has none; `"ports-down"`: it can use none of its ports.
 * - `"link-monitor"`: a bond's link monitor finds that its port does not work, whatever the port's own state is;
 *   `"blocked"`: a bridge's spanning tree blocks its port.
 * - `"no-carrier"`: no cable, or the other end is down, or the driver reports no link for a reason of its own.
 * - `"not-associated"`: a wireless station has no network; `"no-access-point"`: its access point is not running.
 * - `"dormant"`: it waits for an external event, such as an 802.1X supplicant; `"testing"`: it is being tested;
 *   `"not-present"`: parts are missing.
 * - `"undecided"`: the kernel has not checked its carrier yet; `"not-running"`: the kernel says no more.
 *
 * Linux has all of them. On the BSDs they are down, no-carrier, not-associated, no-access-point and not-running.
 */
export type CauseCode =
  | "down"
  | "proto-down"
  | "lower-down"
  | "peer-down"
  | "other-namespace"
  | "no-ports"
  | "ports-down"
  | "link-monitor"
  | "blocked"
  | "no-carrier"
  | "not-associated"
  | "no-access-point"
  | "dormant"
  | "testing"
  | "not-present"
  | "undecided"
  | "not-running";

/**
 * One of the causes why an interface is not connected.
 *
 * @example
 * ```ts
 * import { type Cause, inspect } from "@netflags/netflags";
 * import { FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * using system = new FakeSystem();
 * system.add("eth0");
 * system.up("eth0"); // without a cable
 * const root: Cause | undefined = inspect("eth0")?.causes.at(-1);
 * assertEquals([root?.interfaceName, root?.code], ["eth0", "no-carrier"]);
 * ```
 */
export interface Cause {
  /** Why it is not connected, as a code. */
  readonly code: CauseCode;
  /** The name of the interface concerned. */
  readonly interfaceName: string;
  /** The id of the network namespace of this interface, if it is another one (`ip netns list-id`). */
  readonly netnsId?: number;
  /** The same in words: a sentence without its full stop. */
  readonly text: string;
}

/**
 * Everything that is known about one interface: the result of {@linkcode inspect}.
 *
 * @example
 * ```ts
 * import { inspect, type InterfaceDetails } from "@netflags/netflags";
 *
 * function inWords({ name, hardware, causes }: InterfaceDetails): string {
 *   const speed = hardware?.speed === undefined ? "" : ` at ${hardware.speed} Mb/s`;
 *   return causes.at(-1)?.text ?? `${name} works${speed}`;
 * }
 * const card = inspect("eth0");
 * console.log(card === undefined ? "no such interface" : inWords(card));
 * ```
 */
export interface InterfaceDetails extends InterfaceStatus {
  /**
   * The addresses. Only the interface that was asked for has them. They are undefined for any other one
   * (`parentElsewhere`).
   */
  readonly addresses: readonly AddressDetails[] | undefined;
  /** Whether a program holds the interface down, as EVPN and MLAG daemons do (`IFLA_PROTO_DOWN`). Linux only. */
  readonly protoDown: boolean | undefined;
  /** The numbers of the reasons that it gave (`IFLA_PROTO_DOWN_REASON`). /etc/iproute2 lists their meanings. Linux only. */
  readonly protoDownReasons: readonly number[];
  /** What its master (a bond, bridge, team or VRF) says about it; undefined if it has none. Linux only. */
  readonly port: PortState | undefined;
  /** The state of a bond; undefined for other kinds. Linux only. */
  readonly bond: BondState | undefined;
  /** A VLAN's number. Linux only. */
  readonly vlanId: number | undefined;
  /** The number of a VRF's own routing table. Linux only. */
  readonly vrfTable: number | undefined;
  /** What its driver says about the hardware; undefined if it says nothing. */
  readonly hardware: HardwareState | undefined;
  /**
   * The interface below it, if that one is in another network namespace (`parentNetnsId`) and this interface is not
   * connected. The kernel reports it only to a process with CAP_NET_ADMIN there. Linux only.
   */
  readonly parentElsewhere?: Omit<InterfaceDetails, "causes"> | undefined;
  /**
   * Why it is not connected: a chain of causes, each followed by its own cause. The last one is the root cause. Empty
   * if the interface is connected, or if the system does not say whether it is.
   */
  readonly causes: readonly Cause[];
}

/** A status with everything else that is known about the interface. */
export type KnownInterface = Omit<InterfaceDetails, "causes">;

/** What a kernel reports about a link beyond its status, to explain its state. */
export type LinkDetails = Pick<
  InterfaceDetails,
  "protoDown" | "protoDownReasons" | "port" | "bond" | "vlanId" | "vrfTable"
>;

/** The details of a link if a kernel reports none. */
export const NO_DETAILS: LinkDetails & Pick<KnownInterface, "hardware"> = Object.freeze({
  protoDown: undefined,
  protoDownReasons: Object.freeze([]),
  port: undefined,
  bond: undefined,
  vlanId: undefined,
  vrfTable: undefined,
  hardware: undefined,
});

/** The kinds of interfaces that depend on their ports. */
export const STAND_ON_PORTS: ReadonlySet<string | undefined> = new Set(["bond", "bridge", "team"]);

/** What a driver says about its hardware that says nothing. */
export const NO_HARDWARE: HardwareState = Object.freeze({
  link: undefined,
  extendedState: undefined,
  extendedSubstate: undefined,
  linkDowns: undefined,
  speed: undefined,
  duplex: undefined,
  autonegotiation: undefined,
  port: undefined,
});
