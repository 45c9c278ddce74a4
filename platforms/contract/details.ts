import type { InterfaceAddress, InterfaceStatus } from "./status.ts";

/**
 * Everything that is known of one interface: what {@linkcode get} gives with `hardware`. The types of its parts are
 * exported by `./linux`.
 */
export interface InterfaceDetails extends InterfaceStatus {
  /** The addresses. Only the interface that was asked for has them; of any other one (`parentElsewhere`), undefined. */
  readonly addresses:
    | readonly (InterfaceAddress & {
      /** How long it lives (`IFA_CACHEINFO`), in seconds from when it was asked for. Linux only. */
      readonly lifetime?:
        | {
          /** Until it is deprecated: not used for new connections any more. */
          readonly preferred: number | "forever";
          /** Until it is removed. */
          readonly valid: number | "forever";
        }
        | undefined;
    })[]
    | undefined;
  /**
   * What its driver says of the hardware; undefined where it says nothing. A field is undefined where the driver, or its
   * kernel, does not tell it. On the BSDs it is what the medium's word tells: link and, of Ethernet, speed, duplex and
   * connector.
   */
  readonly hardware:
    | {
      /** Whether the driver sees a link; most answer with the carrier. */
      readonly link: boolean | undefined;
      /**
       * Why there is no link, in the kernel's words (`ETHTOOL_LINK_EXT_STATE_*`): `"no-cable"`, `"autoneg"`,
       * `"link-training-failure"`, ...; the kernel's number where it has no name here. Few drivers tell it.
       */
      readonly extendedState: string | undefined;
      /** More of that reason (`ETHTOOL_LINK_EXT_SUBSTATE_*`): `"no-partner-detected"`, `"remote-fault"`, ... */
      readonly extendedSubstate: string | undefined;
      /** How often the driver saw the physical link go (`ETHTOOL_A_LINKSTATE_EXT_DOWN_CNT`). */
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
    | undefined;
  /** Whether a program holds the interface down, as EVPN and MLAG daemons do (`IFLA_PROTO_DOWN`). Linux only. */
  readonly protoDown: boolean | undefined;
  /** The numbers of the reasons that it gave (`IFLA_PROTO_DOWN_REASON`). /etc/iproute2 lists their meanings. Linux only. */
  readonly protoDownReasons: readonly number[];
  /** What its master (a bond, bridge, team or VRF) says of it; undefined where it has none. Linux only. */
  readonly port:
    | {
      /** The kind of the master (`IFLA_INFO_SLAVE_KIND`): `"bond"`, `"bridge"`, `"team"`, `"vrf"`, ... */
      readonly kind: string;
      /**
       * A bond's port is `"active"` or `"backup"`; a bridge's has a state of the spanning tree: `"disabled"`, `"listening"`,
       * `"learning"`, `"forwarding"` or `"blocking"`. undefined of others.
       */
      readonly state: string | undefined;
      /** What the bond's own link monitor says: `"up"`, `"going-down"`, `"down"`, `"going-back"`. Not the operational state. */
      readonly miiStatus: string | undefined;
      /** How often the bond's link monitor saw this port fail. */
      readonly linkFailures: number | undefined;
      /** The number of the VRF's routing table. */
      readonly vrfTable: number | undefined;
    }
    | undefined;
  /** What a bond says of itself; undefined for other kinds. Linux only. */
  readonly bond:
    | {
      /** `"active-backup"`, `"802.3ad"`, ...; the kernel's number where it has no name here. */
      readonly mode: string | undefined;
      /** The name of the port that is in use, in the modes that use one. */
      readonly activePort: string | undefined;
      /** That port's index. */
      readonly activePortIndex: number | undefined;
    }
    | undefined;
  /** A VLAN's number. Linux only. */
  readonly vlanId: number | undefined;
  /** The number of a VRF's own routing table. Linux only. */
  readonly vrfTable: number | undefined;
  /**
   * The interface below it where that is in another network namespace (`parentNetnsId`) and this one is not connected: what
   * the kernel tells of it to a process with CAP_NET_ADMIN there. Linux only.
   */
  readonly parentElsewhere?: Omit<InterfaceDetails, "reason"> | undefined;
  /**
   * Why it is not connected: a chain of causes, each followed by what is behind it. The last one is the root cause. Empty
   * where it is connected, and where the system does not tell whether it is.
   */
  readonly reason: readonly {
    /**
     * Why it is not connected, in a word:
     *
     * - `"down"`: nobody has set it up, or somebody has set it down.
     * - `"proto-down"`: a program holds it down (`IFLA_PROTO_DOWN`).
     * - `"lower-down"`: the interface below it is not connected; `"peer-down"`: a veth's other end is not;
     *   `"other-namespace"`: that interface is in another network namespace, and nothing of it is told to this process.
     * - `"no-ports"`: a bond, bridge or team has none; `"ports-down"`: none of them is of use to it.
     * - `"link-monitor"`: a bond's link monitor finds that its port does not work, whatever the port's own state is;
     *   `"blocked"`: a bridge's spanning tree lets nothing through its port.
     * - `"no-carrier"`: no cable, or the other end is down, or the driver reports no link for a reason of its own.
     * - `"not-associated"`: a wireless station has no network; `"no-access-point"`: its access point does not run.
     * - `"dormant"`: it waits for something outside, as for an 802.1X supplicant; `"testing"`: it is being tested;
     *   `"not-present"`: parts are missing.
     * - `"undecided"`: the kernel has not looked at its carrier yet; `"not-running"`: the kernel does not say more.
     */
    readonly code:
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
    /** The name of the interface that it is about. */
    readonly interface: string;
    /** The id of the network namespace that this interface is in, where it is another one (`ip netns list-id`). */
    readonly netnsId?: number;
    /** The same in words: a sentence without its full stop. */
    readonly text: string;
  }[];
}

/** A status with what else is known of the interface. */
export type KnownInterface = Omit<InterfaceDetails, "reason">;

/** What a kernel tells of a link beyond its status, to those who ask why it is as it is. */
export type LinkDetails = Pick<
  InterfaceDetails,
  "protoDown" | "protoDownReasons" | "port" | "bond" | "vlanId" | "vrfTable"
>;

/** What a driver says of its hardware. */
export type HardwareState = NonNullable<InterfaceDetails["hardware"]>;

/** What the master of an interface says of it as its port. */
export type PortState = NonNullable<InterfaceDetails["port"]>;

/** What a bond says of itself. */
export type BondState = NonNullable<InterfaceDetails["bond"]>;

/** An address with its lifetime. */
export type AddressDetails = NonNullable<InterfaceDetails["addresses"]>[number];

/** How long an address lives. */
export type AddressLifetime = NonNullable<AddressDetails["lifetime"]>;

/** One of the causes for which an interface is not connected. */
export type Cause = InterfaceDetails["reason"][number];

/** Why an interface is not connected, in a word. */
export type CauseCode = Cause["code"];

/** The details of a link of which a kernel tells none. */
export const NO_DETAILS: LinkDetails & Pick<KnownInterface, "hardware"> = Object.freeze({
  protoDown: undefined,
  protoDownReasons: Object.freeze([]),
  port: undefined,
  bond: undefined,
  vlanId: undefined,
  vrfTable: undefined,
  hardware: undefined,
});

/** The kinds of interfaces that are connected by what their ports are. */
export const STAND_ON_PORTS: ReadonlySet<string | undefined> = new Set(["bond", "bridge", "team"]);
