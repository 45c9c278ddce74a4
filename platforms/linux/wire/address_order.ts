import type { InterfaceAddress } from "../../contract/status.ts";
import * as N from "./numbers.ts";

const SCOPES: Readonly<Record<string, number>> = {
  global: N.RT_SCOPE_UNIVERSE,
  site: N.RT_SCOPE_SITE,
  link: N.RT_SCOPE_LINK,
  host: N.RT_SCOPE_HOST,
  nowhere: N.RT_SCOPE_NOWHERE,
};

function scopeOf({ scope }: InterfaceAddress): number {
  return SCOPES[scope ?? "global"] ?? Number(scope);
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
