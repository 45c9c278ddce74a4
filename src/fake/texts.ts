/** Values that a user writes, as the bytes and numbers that a kernel keeps. */
import { readIp } from "../../platforms/common/address_text.ts";
import { InvalidInputError } from "../../platforms/contract/errors.ts";
import type { InterfaceAddress } from "../../platforms/contract/status.ts";

/** The error for a value that no kernel can hold. */
export function refuse(what: unknown, wanted: string): never {
  throw new InvalidInputError(`Cannot make an interface with ${JSON.stringify(what)}: give ${wanted}`);
}

/** The error for a route that no kernel adds or removes. */
export function refuseRoute(what: string, destination: string, name: string, why: string): never {
  throw new InvalidInputError(
    `Cannot ${what} the route to ${JSON.stringify(destination)} by interface ${JSON.stringify(name)}: ${why}`,
  );
}

/** Refuses a value that an unsigned number of this many bits cannot hold. */
export function checkNumber(what: number, least: number, bits: number): void {
  if (!Number.isInteger(what) || what < least || what >= 2 ** bits) {
    refuse(what, `a whole number from ${least} to ${2 ** bits - 1}`);
  }
}

/** The bytes of a hardware address; none without one. */
export function hardwareAddressBytes(text: string | undefined): Uint8Array {
  if (text === undefined) return new Uint8Array(0);
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2})*$/i.test(text)) refuse(text, `a hardware address such as 02:00:00:00:00:01`);
  return Uint8Array.from(text.split(":"), (byte) => parseInt(byte, 16));
}

/** An address with the length of its prefix. */
export interface Prefix {
  readonly family: InterfaceAddress["family"];
  readonly bytes: number[];
  readonly prefixLength: number;
}

/** Reads an address as `ip` takes it: `10.0.0.1/24`; without a length, the prefix is the whole address. */
export function readPrefix(text: string): Prefix {
  const [, address = "", length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = address.includes(":") ? "inet6" : "inet";
  const bytes = bytesOf(family, address);
  if (bytes === undefined) refuse(text, "an address such as 10.0.0.1/24 or 2001:db8::1/64");
  const prefixLength = length === undefined ? 8 * bytes.length : Number(length);
  checkPrefixLength(prefixLength, bytes);
  return { family, bytes, prefixLength };
}

/** Refuses a length of a prefix that an address cannot have. */
export function checkPrefixLength(length: number, bytes: readonly number[]): void {
  if (!(Number.isInteger(length) && length >= 0 && length <= 8 * bytes.length)) {
    refuse(length, `a prefix length from 0 to ${8 * bytes.length}`);
  }
}

export function addressBytes(family: InterfaceAddress["family"], text: string): number[] {
  return bytesOf(family, text) ?? refuse(text, `an address of the family ${family}`);
}

function bytesOf(family: InterfaceAddress["family"], text: string): number[] | undefined {
  const ip = readIp(text);
  return ip?.family === family && ip.zone === undefined ? [...ip.bytes] : undefined;
}

/** Whether two addresses agree in their first bits. */
export function agree(one: ArrayLike<number>, other: ArrayLike<number>, bits: number): boolean {
  for (let at = 0; at < bits; at++) {
    const mask = 0x80 >> at % 8;
    if ((one[at >> 3]! & mask) !== (other[at >> 3]! & mask)) return false;
  }
  return true;
}
