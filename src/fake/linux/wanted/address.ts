import type { InterfaceAddress } from "../../../../platforms/contract/status.ts";
import { SCOPE_NUMBERS } from "../../../../platforms/linux/wire/address.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import { addressBytes, checkPrefixLength, refuse } from "../../texts.ts";
import { inOrder, isSameAddress, usualScope } from "../addresses.ts";
import type { DeviceAddress } from "../device.ts";

/** Refuses an address that no interface has, or none of this type (inet_insert_ifa(), inet6_rtm_newaddr(), ipv6_add_addr()). */
export function checkAddress(bytes: readonly number[], text: string, type: number): void {
  const last = bytes.length - 1;
  const upTo = (value: number): boolean => bytes.every((byte, i) => byte === (i === last ? value : 0));
  if (upTo(0)) refuse(text, "an address that is not zero");
  if (bytes.length === 4) return;
  if (bytes[0] === 0xff) refuse(text, "an address of one interface, and no group's");
  if (upTo(1) && type !== N.ARPHRD_LOOPBACK) {
    refuse(text, "another address: Linux takes ::1 of a loopback interface alone");
  }
}

/** An address as the kernel keeps it, of an interface of a type. */
function addressOf(
  { family, address, prefixLength, scope, peer, broadcast, label, flags }: InterfaceAddress,
  type: number,
): DeviceAddress {
  const local = addressBytes(family, address);
  checkAddress(local, address, type);
  checkPrefixLength(prefixLength, local);
  const bytes = (text: string | undefined): Uint8Array | undefined =>
    text === undefined ? undefined : Uint8Array.from(addressBytes(family, text));
  return {
    family: family === "inet" ? N.AF_INET : N.AF_INET6,
    local: Uint8Array.from(local),
    peer: bytes(peer),
    broadcast: bytes(broadcast),
    prefixLength,
    scope: scopeOf(local, scope, address),
    flags: flags.reduce((bits, flag) => bits | flagBit(flag), 0),
    label,
  };
}

export function addressesOf(list: readonly InterfaceAddress[], type: number): readonly DeviceAddress[] {
  const addresses = list.map((address) => addressOf(address, type));
  for (const [i, address] of addresses.entries()) {
    if (addresses.findIndex((one) => isSameAddress(one, address)) !== i) {
      refuse(list[i]!.address, "each address once");
    }
  }
  return inOrder(addresses);
}

function scopeOf(bytes: readonly number[], scope: string | undefined, address: string): number {
  const usual = usualScope(bytes);
  if (scope === undefined) return usual;
  const number = Object.hasOwn(SCOPE_NUMBERS, scope)
    ? SCOPE_NUMBERS[scope]!
    : /^\d{1,3}$/.test(scope)
    ? Number(scope)
    : NaN;
  if (!(number < 256)) refuse(scope, `a scope: ${Object.keys(SCOPE_NUMBERS).join(", ")}, or its number`);
  if (bytes.length > 4 && number !== usual) {
    refuse(`${address} of scope ${scope}`, "the scope that follows from an address of IPv6, or leave it out");
  }
  return number;
}

function flagBit(flag: string): number {
  const found = N.IFA_F_NAMES.find(([, name]) => name === flag);
  if (found === undefined) refuse(flag, `a flag of an address: ${N.IFA_F_NAMES.map(([, name]) => name).join(", ")}`);
  return found[0];
}
