import { IFF_BROADCAST, IFNAMSIZ, IFT_NAMES } from "../../../platforms/bsd/systems/common.ts";
import type { SystemNumbers } from "../../../platforms/bsd/systems/layout.ts";
import { bytesOfText, textOfBytes } from "../../../platforms/common/byte_text.ts";
import { UnsupportedError } from "../../../platforms/contract/errors.ts";
import type { InterfaceAddress, LinkState } from "../../../platforms/contract/status.ts";
import { addressBytes, checkPrefixLength, refuse } from "../texts.ts";
import type { BuiltAddress } from "./builder.ts";

/** LINK_STATE_* of OpenBSD's sys/net/if.h: drivers use these of its seven; the other systems have three. */
const OPENBSD_LINK_STATES: Readonly<Record<LinkState, number>> = { unknown: 0, down: 2, up: 4 };

/** Refuses what a system does not have. */
export function unsupported({ platform }: SystemNumbers, what: string, name: string, why: string): never {
  throw new UnsupportedError(`Cannot ${what} interface ${JSON.stringify(name)} on ${platform}: ${why}`, {
    operation: `${what} an interface`,
    interfaceName: name,
  });
}

/** Refuses a name that struct ifreq cannot hold. */
export function checkName(name: string): void {
  const bytes = bytesOfText(name);
  const { length } = bytes;
  if (length === 0 || length >= IFNAMSIZ || name.includes("\0") || textOfBytes(bytes) !== name) {
    refuse(name, `a name of 1 to ${IFNAMSIZ - 1} bytes without NUL`);
  }
}

export function typeNumber({ layouts }: SystemNumbers, type: string): number {
  for (const names of [layouts[0]!.types, IFT_NAMES]) {
    const found = Object.keys(names).find((number) => names[Number(number)] === type);
    if (found !== undefined) return Number(found);
  }
  const number = /^\d{1,3}$/.test(type) ? Number(type) : NaN;
  return number < 256 ? number : refuse(type, `the name of a type, as netflags spells it, or its number`);
}

export function linkStateNumber({ platform, layouts }: SystemNumbers, state: LinkState): number {
  if (platform === "openbsd") return OPENBSD_LINK_STATES[state];
  return layouts[0]!.linkStates.indexOf(state);
}

/**
 * An address as the kernel keeps it. The kernel has one field for both the broadcast address and the other end, and
 * fills it in itself: with the network's highest address or, if the interface has no broadcast, with the address
 * itself.
 */
export function builtAddress(numbers: SystemNumbers, address: InterfaceAddress, flags: number): BuiltAddress {
  const { family, prefixLength, broadcast, peer } = address;
  const own = addressFlags(numbers, address);
  const ip = addressBytes(family, address.address);
  checkPrefixLength(prefixLength, ip);
  if (family === "inet6") return { ip, prefixLength, flags: own };
  const far = (flags & IFF_BROADCAST) !== 0 ? broadcast : peer ?? address.address;
  return {
    ip,
    prefixLength,
    flags: own,
    ...(far === undefined ? undefined : { far: addressBytes(family, far) }),
  };
}

/** The flags of an address in a kernel's own numbers. It has none of what another system calls a flag. */
function addressFlags(numbers: SystemNumbers, { family, flags }: InterfaceAddress): number {
  const { infos } = numbers.addressFlags[family];
  return infos.reduce((word, { name, bit }) => flags.includes(name) ? word | bit : word, 0);
}
