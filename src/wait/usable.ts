import type { InterfaceAddress } from "../../platforms/contract/status.ts";

/** Addresses of a link or of the machine itself, whatever scope somebody gave them. */
const NOT_GLOBAL = /^(169\.254\.|127\.|fe[89ab][0-9a-f]:|::1$)/;

/**
 * Whether an address can be used, as {@linkcode waitFor} decides it: it is valid in the sense of RFC 4862.
 *
 * - A tentative address is not valid: its uniqueness is still being verified, and packets to it are discarded. An
 *   optimistic one (RFC 4429) is tentative too, and can be used meanwhile.
 * - A duplicate address (Linux: dadfailed) is not valid.
 * - A deprecated address is valid: it may be the source of new connections as long as there is no better one.
 *
 * If a system does not report these flags, as the BSDs do not, the address counts as valid. Linux keeps addresses on an
 * interface that is down: whether packets can flow is {@linkcode InterfaceStatus.connected}.
 *
 * @example
 * ```ts
 * import { get, usable } from "@netflags/netflags";
 *
 * const addresses = get("eth0")?.addresses?.filter(usable) ?? [];
 * console.log(addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`));
 * ```
 *
 * @param address The address.
 * @returns Whether it can be used.
 */
export function usable({ flags }: InterfaceAddress): boolean {
  return !flags.includes("dadfailed") && (!flags.includes("tentative") || flags.includes("optimistic"));
}

/** Whether an address reaches beyond its link. */
export function isGlobal({ address, scope }: InterfaceAddress): boolean {
  return (scope === undefined || scope === "global") && !NOT_GLOBAL.test(address);
}
