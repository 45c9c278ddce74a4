import * as N from "./numbers.ts";
import { formatIpv4, formatIpv6 } from "../../common/address_text.ts";
import type { AddressLifetime } from "../../contract/details.ts";
import type { InterfaceAddress } from "../../contract/status.ts";
import { Attributes, type Packet, readText, tooShort } from "./netlink.ts";

/** RT_SCOPE_* as words. */
export const SCOPES: Readonly<Record<number, string>> = {
  [N.RT_SCOPE_UNIVERSE]: "global",
  [N.RT_SCOPE_SITE]: "site",
  [N.RT_SCOPE_LINK]: "link",
  [N.RT_SCOPE_HOST]: "host",
  [N.RT_SCOPE_NOWHERE]: "nowhere",
};

/** The content of an address message, and its interface. */
export interface AddressFacts {
  /** ifa_index */
  readonly index: number;
  /** The address; undefined for a family other than IPv4 and IPv6. */
  readonly address: InterfaceAddress | undefined;
}

/** Decodes RTM_NEWADDR and RTM_DELADDR messages (struct ifaddrmsg and its attributes) of one packet. */
export class AddressReader {
  readonly #packet: Packet;
  readonly #attributes: Attributes;

  constructor(packet: Packet) {
    this.#packet = packet;
    this.#attributes = new Attributes(packet, N.IFA_FLAGS + 1);
  }

  /**
   * Decodes the message whose payload stands between two offsets.
   *
   * @throws {MalformedMessageError} It is too short, an attribute is torn, or an address does not have its family's
   * length.
   */
  read(start: number, end: number): AddressFacts {
    if (end - start < N.IFADDRMSG_LEN) throw tooShort("address message", start, end - start, N.IFADDRMSG_LEN);
    const { u8, u32 } = this.#packet;
    this.#attributes.index(start + N.IFADDRMSG_LEN, end);
    const index = u32[(start >> 2) + 1]!;
    const family = u8[start]!;
    if (family !== N.AF_INET && family !== N.AF_INET6) return { index, address: undefined };
    // On a point-to-point link IFA_ADDRESS is the peer's and IFA_LOCAL the interface's own (if_addr.h).
    const far = this.#ip(N.IFA_ADDRESS, family);
    const own = this.#ip(N.IFA_LOCAL, family) ?? far;
    if (own === undefined) return { index, address: undefined };
    const wide = this.#attributes.u32(N.IFA_FLAGS); // the header's byte has no room for the newer flags
    const flags = wide < 0 ? u8[start + 2]! : wide;
    const labelAt = this.#attributes.at(N.IFA_LABEL);
    return {
      index,
      address: {
        family: family === N.AF_INET ? "inet" : "inet6",
        address: own,
        prefixLength: u8[start + 1]!,
        scope: SCOPES[u8[start + 3]!] ?? String(u8[start + 3]),
        peer: far === own ? undefined : far,
        broadcast: this.#ip(N.IFA_BROADCAST, family),
        label: labelAt === 0 ? undefined : readText(u8, labelAt, this.#attributes.end(N.IFA_LABEL), undefined),
        flags: N.IFA_F_NAMES.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name),
      },
    };
  }

  /** How long the address of the last message lives; undefined if the message does not say. */
  get lifetime(): AddressLifetime | undefined {
    const at = this.#attributes.at(N.IFA_CACHEINFO);
    if (at === 0 || this.#attributes.length(N.IFA_CACHEINFO) < N.IFA_CACHEINFO_LEN) return undefined;
    const seconds = (word: number): number | "forever" => word === N.INFINITY_LIFE_TIME ? "forever" : word;
    const { u32 } = this.#packet;
    return { preferred: seconds(u32[at >> 2]!), valid: seconds(u32[(at >> 2) + 1]!) };
  }

  #ip(type: number, family: number): string | undefined {
    const at = this.#attributes.at(type);
    if (at === 0) return undefined;
    const length = this.#attributes.length(type);
    const needs = family === N.AF_INET ? 4 : 16;
    if (length !== needs) throw tooShort(`address attribute ${type}`, at, length, needs, "address message");
    const bytes = this.#packet.u8.subarray(at, at + length);
    return family === N.AF_INET ? formatIpv4(bytes) : formatIpv6(bytes);
  }
}

/** The same, the other way round. */
export const SCOPE_NUMBERS: Readonly<Record<string, number>> = {
  global: N.RT_SCOPE_UNIVERSE,
  site: N.RT_SCOPE_SITE,
  link: N.RT_SCOPE_LINK,
  host: N.RT_SCOPE_HOST,
  nowhere: N.RT_SCOPE_NOWHERE,
};

function scopeOf({ scope }: InterfaceAddress): number {
  return SCOPE_NUMBERS[scope ?? "global"] ?? Number(scope);
}

function isSecondary({ flags }: InterfaceAddress): boolean {
  return flags.includes("secondary");
}

/**
 * Whether a new address stands before another one of its interface: Linux lists IPv4 first.
 *
 * - An IPv4 address stands behind those whose scope is as narrow, and before the secondary ones; a secondary one is the
 *   last (__inet_insert_ifa() in net/ipv4/devinet.c).
 * - An IPv6 address stands before those whose scope is as wide: the newest is the first (ipv6_link_dev_addr() in
 *   net/ipv6/addrconf.c; so it is from 2.6 to 7.2).
 */
export function standsBefore(address: InterfaceAddress, other: InterfaceAddress): boolean {
  if (address.family !== other.family) return address.family === "inet";
  if (address.family === "inet6") return scopeOf(address) <= scopeOf(other);
  if (isSecondary(address)) return false;
  return isSecondary(other) || scopeOf(address) > scopeOf(other);
}
