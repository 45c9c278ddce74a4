/** Values that a user writes, as the bytes and numbers that a kernel keeps. */
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
  const bytes = family === "inet" ? ipv4(address) : ipv6(address);
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

/** The bytes of an address's text. */
export function addressBytes(family: InterfaceAddress["family"], text: string): number[] {
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
