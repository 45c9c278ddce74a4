import { InvalidInputError } from "../../platforms/contract/errors.ts";
import type { InterfaceAddress } from "../../platforms/contract/status.ts";

/** Addresses of a link or of the machine itself, whatever scope somebody gave them. */
const NOT_GLOBAL = /^(169\.254\.|127\.|fe[89ab][0-9a-f]:|::1$)/;

/**
 * Whether an address can be used, as {@linkcode waitFor} decides it: it is valid in the sense of RFC 4862.
 *
 * - A tentative address is not valid: its uniqueness is still being verified, and packets to it are discarded. An
 *   optimistic one (RFC 4429) is tentative too, and can be used meanwhile.
 * - A duplicate address (Linux: dadfailed, the BSDs: duplicated) is not valid.
 * - A detached address (NetBSD) is not valid: its interface is down or has no link, and it will be verified again.
 * - A deprecated address is valid: it may be the source of new connections as long as there is no better one.
 *
 * If a system does not report these flags, the address counts as valid: so it is with IPv4 on the BSDs, but for NetBSD 8
 * and later. Linux keeps addresses on an interface that is down: whether packets can flow is
 * {@linkcode InterfaceStatus.connected}.
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
 * @throws {InvalidInputError} This is no address of a status, but the text of one.
 */
export function usable(address: InterfaceAddress): boolean {
  checkAddress(address);
  return obstacles(address).length === 0;
}

/** Refuses what is no address: JavaScript has no types, and the text of an address has no flags. */
function checkAddress(address: unknown): void {
  if (typeof address === "object" && address !== null && "flags" in address && Array.isArray(address.flags)) return;
  const given = typeof address === "string" ? `"${address}"` : "this";
  throw new InvalidInputError(`Cannot say whether ${given} can be used: give one of the addresses of a status`);
}

/** The flags that make an address unusable as long as it has them. "trytentative" (NetBSD): it will be tentative. */
const OBSTACLES: ReadonlySet<string> = new Set(["tentative", "trytentative", "dadfailed", "duplicated", "detached"]);
const NONE: readonly string[] = Object.freeze([]);

/** Those of an address's flags for which it cannot be used. */
export function obstacles({ flags }: InterfaceAddress): readonly string[] {
  if (flags.length === 0) return NONE;
  const found = flags.filter((flag) => OBSTACLES.has(flag));
  return flags.includes("optimistic") ? found.filter((flag) => flag !== "tentative") : found;
}

/** Whether an address reaches beyond its link. */
export function isGlobal({ address, scope }: InterfaceAddress): boolean {
  return (scope === undefined || scope === "global") && !NOT_GLOBAL.test(address);
}
