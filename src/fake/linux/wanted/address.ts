import type { InterfaceAddress } from "../../../../platforms/contract/status.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import { addressBytes, checkPrefixLength, refuse } from "../../texts.ts";
import type { DeviceAddress } from "../device.ts";

const SCOPES: Readonly<Record<string, number>> = {
  global: N.RT_SCOPE_UNIVERSE,
  site: N.RT_SCOPE_SITE,
  link: N.RT_SCOPE_LINK,
  host: N.RT_SCOPE_HOST,
  nowhere: N.RT_SCOPE_NOWHERE,
};

/** An address as the kernel keeps it. */
export function addressOf(
  { family, address, prefixLength, scope, peer, broadcast, label, flags }: InterfaceAddress,
): DeviceAddress {
  const local = addressBytes(family, address);
  checkPrefixLength(prefixLength, local);
  const bytes = (text: string | undefined): Uint8Array | undefined =>
    text === undefined ? undefined : Uint8Array.from(addressBytes(family, text));
  return {
    family: family === "inet" ? N.AF_INET : N.AF_INET6,
    local: Uint8Array.from(local),
    peer: bytes(peer),
    broadcast: bytes(broadcast),
    prefixLength,
    scope: scope === undefined ? N.RT_SCOPE_UNIVERSE : SCOPES[scope] ?? scopeNumber(scope),
    flags: flags.reduce((bits, flag) => bits | flagBit(flag), 0),
    label,
  };
}

function scopeNumber(scope: string): number {
  const number = /^\d{1,3}$/.test(scope) ? Number(scope) : NaN;
  return number < 256 ? number : refuse(scope, `a scope: ${Object.keys(SCOPES).join(", ")}, or its number`);
}

function flagBit(flag: string): number {
  const found = N.IFA_F_NAMES.find(([, name]) => name === flag);
  if (found === undefined) refuse(flag, `a flag of an address: ${N.IFA_F_NAMES.map(([, name]) => name).join(", ")}`);
  return found[0];
}
