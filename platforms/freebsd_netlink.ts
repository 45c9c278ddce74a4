import { FREEBSD_NETLINK } from "./bsd/systems/freebsd_netlink.ts";
import { decodeDialect, type DecodedMessage } from "./linux/wire/decode.ts";

/**
 * Decodes messages of FreeBSD's netlink (13.2 and later), which are laid out as Linux's, with numbers of its own.
 *
 * @example
 * ```ts
 * import { decodeFreebsdNetlink } from "@netflags/netflags/bsd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeFreebsdNetlink(new Uint8Array(0)), []);
 * ```
 *
 * @param bytes The messages, each padded to 4 bytes.
 * @returns What each says; what cannot be decoded is an element with `error`.
 */
export function decodeFreebsdNetlink(bytes: Uint8Array): DecodedMessage[] {
  return decodeDialect(bytes, FREEBSD_NETLINK);
}
