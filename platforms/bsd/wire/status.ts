import {
  type InterfaceMedia,
  type InterfaceStatus,
  type LinkFacts,
  type LinkState,
  NO_NAMES,
} from "../../contract/status.ts";
import { IFF_RUNNING, IFF_UP } from "../systems/common.ts";
import type { SystemNumbers } from "../systems/layout.ts";

/**
 * The rule of `connected` on the BSDs. IFF_RUNNING means that the driver has its resources, not that there is a link.
 * The link state and the medium (a valid status of SIOCGIFMEDIA) decide. If they contradict each other, the one that
 * says "no" is right: on FreeBSD a vtnet keeps a link state of up after its cable is pulled while it is down, and the
 * medium of an epair or a vxlan is active at any time. A link state of UNKNOWN means a driver that never reports it (lo,
 * tun, tap). Such an interface counts as connected if it has IFF_RUNNING: a gif without a tunnel, a vlan without a parent
 * and a tun that no program has opened do not. Only a Wi-Fi interface in this state is not associated. macOS has no link
 * state: there the medium decides, or IFF_RUNNING for an interface that is not Ethernet.
 *
 * @example
 * ```ts
 * import { bsdConnected } from "@netflags/netflags/bsd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(bsdConnected(0x8843, "ether", "down", undefined), false); // UP and RUNNING, without a cable
 * assertEquals(bsdConnected(0x8843, "ether", "up", undefined), true);
 * ```
 *
 * @param flags The flag word.
 * @param type The hardware type.
 * @param linkState The link state, if the system has one.
 * @param media What the driver says about its medium, if it says anything.
 * @returns Whether it is connected; undefined if the system reports too little.
 */
export function bsdConnected(
  flags: number,
  type: string | undefined,
  linkState: LinkState | undefined,
  media: Pick<InterfaceMedia, "link"> | undefined,
): boolean | undefined {
  if ((flags & IFF_UP) === 0) return false;
  const carrier = bsdCarrier(linkState, media);
  if (carrier !== undefined) return carrier;
  if ((flags & IFF_RUNNING) === 0) return false;
  if (linkState === "unknown") return type !== "ieee80211";
  return type === "ether" || type === undefined ? undefined : true;
}

/** Whether there is a carrier; undefined if neither the link state nor the medium says. */
function bsdCarrier(
  linkState: LinkState | undefined,
  media: Pick<InterfaceMedia, "link"> | undefined,
): boolean | undefined {
  if (linkState === "down" || media?.link === false) return false;
  return linkState === "up" || media?.link === true ? true : undefined;
}

/** What a routing socket and its ioctls report about an interface. */
export type BsdInterface = Pick<
  InterfaceStatus,
  "index" | "name" | "type" | "flags" | "linkState" | "mtu" | "hardwareAddress" | "media" | "wireless"
>;

/** The facts of a link, with the fields that follow from them. */
export function bsdFacts(system: SystemNumbers, reported: BsdInterface): LinkFacts {
  const { index, name, type, flags, linkState, mtu, hardwareAddress, media, wireless } = reported;
  return {
    index,
    name,
    altNames: NO_NAMES,
    type,
    kind: undefined,
    flags,
    flagNames: system.flags.names(flags),
    up: (flags & IFF_UP) !== 0,
    running: (flags & IFF_RUNNING) !== 0,
    lowerUp: undefined,
    dormant: undefined,
    operState: undefined,
    linkMode: undefined,
    carrier: bsdCarrier(linkState, media),
    carrierChanges: undefined,
    carrierUps: undefined,
    carrierDowns: undefined,
    linkState,
    connected: bsdConnected(flags, type, linkState, media),
    mtu,
    hardwareAddress,
    master: undefined,
    masterIndex: undefined,
    masterKind: undefined,
    parent: undefined,
    parentIndex: undefined,
    parentNetnsId: undefined,
    addresses: undefined,
    defaultRoute: undefined,
    media,
    wireless,
  };
}
