import { IFF_BROADCAST, IFNAMSIZ, IFT_NAMES } from "../../../platforms/bsd/systems/common.ts";
import type { SystemNumbers } from "../../../platforms/bsd/systems/layout.ts";
import { bytesOfText } from "../../../platforms/common/byte_text.ts";
import { InvalidInputError } from "../../../platforms/contract/errors.ts";
import type { InterfaceAddress, LinkState } from "../../../platforms/contract/status.ts";
import type { BuiltAddress } from "./builder.ts";

/** LINK_STATE_* of OpenBSD's sys/net/if.h: drivers use these of its seven; the other systems have three. */
const OPENBSD_LINK_STATES: Readonly<Record<LinkState, number>> = { unknown: 0, down: 2, up: 4 };

/** The error for a value that no kernel can hold. */
export function refuse(what: unknown, wanted: string): never {
  throw new InvalidInputError(`Cannot make an interface with ${JSON.stringify(what)}: give ${wanted}`);
}

/** Refuses a name that struct ifreq cannot hold. */
export function checkName(name: string): void {
  const { length } = bytesOfText(name);
  if (length === 0 || length >= IFNAMSIZ || name.includes("\0")) {
    refuse(name, `a name of 1 to ${IFNAMSIZ - 1} bytes without NUL`);
  }
}

/** Refuses a value that an unsigned number of this many bits cannot hold. */
export function checkNumber(what: number, least: number, bits: number): void {
  if (!Number.isInteger(what) || what < least || what >= 2 ** bits) {
    refuse(what, `a whole number from ${least} to ${2 ** bits - 1}`);
  }
}

/** The number of an interface's type. */
export function typeNumber({ layouts }: SystemNumbers, type: string): number {
  for (const names of [layouts[0]!.types, IFT_NAMES]) {
    const found = Object.keys(names).find((number) => names[Number(number)] === type);
    if (found !== undefined) return Number(found);
  }
  const number = /^\d{1,3}$/.test(type) ? Number(type) : NaN;
  return number < 256 ? number : refuse(type, `the name of a type, as netflags spells it, or its number`);
}

/** The number of a link state. */
export function linkStateNumber({ platform, layouts }: SystemNumbers, state: LinkState): number {
  if (platform === "openbsd") return OPENBSD_LINK_STATES[state];
  return layouts[0]!.linkStates.indexOf(state);
}

/** The bytes of a hardware address; none without one. */
export function hardwareAddressBytes(text: string | undefined): Uint8Array {
  if (text === undefined) return new Uint8Array(0);
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2})*$/i.test(text)) refuse(text, `a hardware address such as 02:00:00:00:00:01`);
  return Uint8Array.from(text.split(":"), (byte) => parseInt(byte, 16));
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
  if (!(Number.isInteger(prefixLength) && prefixLength >= 0 && prefixLength <= 8 * ip.length)) {
    refuse(prefixLength, `a prefix length from 0 to ${8 * ip.length}`);
  }
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

function addressBytes(family: InterfaceAddress["family"], text: string): number[] {
  const bytes = family === "inet" ? ipv4(text) : ipv6(text);
  return bytes ?? refuse(text, `an address of the family ${family}`);
}

function ipv4(text: string): number[] | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte < 256) ? bytes : undefined;
}

function ipv6(text: string): number[] | undefined {
  // An IPv4 address at the end is two groups.
  const [, start, end] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text) ?? [];
  const bytes = end === undefined ? undefined : ipv4(end);
  if (end !== undefined && bytes === undefined) return undefined;
  const groups = (part: string): string[] => part === "" ? [] : part.split(":");
  const hex = bytes === undefined ? text : start + formatGroups(bytes);
  const halves = hex.split("::");
  const [before, after] = halves.map(groups);
  if (halves.length > 2 || before === undefined) return undefined;
  const left = 8 - before.length - (after?.length ?? 0);
  if (after === undefined ? left !== 0 : left < 1) return undefined;
  const all = [...before, ...new Array<string>(left).fill("0"), ...after ?? []];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return all.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff]);
}

function formatGroups(bytes: readonly number[]): string {
  return [0, 2].map((at) => (bytes[at]! << 8 | bytes[at + 1]!).toString(16)).join(":");
}
