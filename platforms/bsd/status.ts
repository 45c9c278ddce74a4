import { flagNames } from "../../src/flags.ts";
import type { InterfaceMedia, InterfaceStatus, LinkState } from "../contract/status.ts";
import { IFF_RUNNING, IFF_UP } from "./common.ts";
import type { BsdPlatform } from "./layout.ts";

/**
 * The rule of `connected` on the BSDs. IFF_RUNNING says that the driver has its resources, not that there is a link; the
 * link state says that, and UNKNOWN means a driver that never reports it (lo, tun, tap), which counts as connected.
 * Two exceptions: a Wi-Fi interface of UNKNOWN state is not associated; and where the driver answers SIOCGIFMEDIA with
 * a valid status, that is right where the two differ (FreeBSD's vtnet keeps an old link state). macOS has no link
 * state: there the medium tells, or IFF_RUNNING for what is no Ethernet.
 */
export function bsdConnected(
  flags: number,
  type: string | undefined,
  linkState: LinkState | undefined,
  media: InterfaceMedia | undefined,
): boolean | "unknown" {
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
      return type === "ether" || type === undefined ? "unknown" : true;
  }
}

/** What a routing socket and its ioctls tell of an interface. */
export interface BsdInterface {
  readonly index: number;
  readonly name: string;
  readonly type: string | undefined;
  readonly flags: number;
  readonly linkState: LinkState | undefined;
  readonly mtu: number | undefined;
  readonly address: string | undefined;
  readonly media: InterfaceMedia | undefined;
  readonly addresses: InterfaceStatus["addresses"];
}

const NO_NAMES: readonly string[] = Object.freeze([]);

/** Makes a status; `previous` itself where it would be the same. */
export function bsdStatus(
  platform: BsdPlatform,
  told: BsdInterface,
  previous: InterfaceStatus | undefined,
): InterfaceStatus {
  const { index, name, type, flags, linkState, mtu, address, media, addresses } = told;
  if (
    previous !== undefined && previous.index === index && previous.name === name && previous.flags === flags &&
    previous.linkState === linkState && previous.mtu === mtu && previous.address === address &&
    previous.type === type && previous.media?.active === media?.active && previous.media?.link === media?.link &&
    previous.addresses === addresses
  ) {
    return previous;
  }
  return {
    index,
    name,
    altNames: NO_NAMES,
    type,
    kind: undefined,
    flags,
    flagNames: flagNames(flags, platform),
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
    address,
    master: undefined,
    masterIndex: undefined,
    parent: undefined,
    parentIndex: undefined,
    parentNetnsId: undefined,
    addresses,
    media,
    wireless: undefined,
  };
}
