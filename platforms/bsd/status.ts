import {
  type InterfaceMedia,
  type InterfaceStatus,
  type LinkFacts,
  type LinkState,
  NO_NAMES,
} from "../contract/status.ts";
import { IFF_RUNNING, IFF_UP } from "./common.ts";
import type { SystemNumbers } from "./layout.ts";

/**
 * The rule of `connected` on the BSDs. IFF_RUNNING says that the driver has its resources, not that there is a link; the
 * link state says that, and UNKNOWN means a driver that never reports it (lo, tun, tap), which counts as connected.
 * Two exceptions: a Wi-Fi interface of UNKNOWN state is not associated; and where the driver answers SIOCGIFMEDIA with
 * a valid status, that is right where the two differ (FreeBSD's vtnet keeps an old link state). macOS has no link
 * state: there the medium tells, or IFF_RUNNING for what is no Ethernet.
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
 * @param linkState The link state, where the system has one.
 * @param media What the driver says of its medium, where it says anything.
 * @returns Whether it is connected; undefined where the system tells too little.
 */
export function bsdConnected(
  flags: number,
  type: string | undefined,
  linkState: LinkState | undefined,
  media: Pick<InterfaceMedia, "link"> | undefined,
): boolean | undefined {
  if ((flags & IFF_UP) === 0) return false;
  if (media?.link !== undefined) return media.link;
  switch (linkState) {
    case "up":
      return true;
    case "down":
      return false;
    case "unknown":
      return type !== "ieee80211";
    default:
      if ((flags & IFF_RUNNING) === 0) return false;
      return type === "ether" || type === undefined ? undefined : true;
  }
}

/** What a routing socket and its ioctls tell of an interface. */
export type BsdInterface = Pick<
  InterfaceStatus,
  "index" | "name" | "type" | "flags" | "linkState" | "mtu" | "hardwareAddress" | "media" | "wireless"
>;

/** The facts of a link, with all that follows from what is told. */
export function bsdFacts(system: SystemNumbers, told: BsdInterface): LinkFacts {
  const { index, name, type, flags, linkState, mtu, hardwareAddress, media, wireless } = told;
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
    carrier: media?.link ?? (linkState === "up" ? true : linkState === "down" ? false : undefined),
    carrierChanges: undefined,
    carrierUps: undefined,
    carrierDowns: undefined,
    linkState,
    connected: bsdConnected(flags, type, linkState, media),
    mtu,
    hardwareAddress,
    master: undefined,
    masterIndex: undefined,
    parent: undefined,
    parentIndex: undefined,
    parentNetnsId: undefined,
    addresses: undefined,
    media,
    wireless,
  };
}
