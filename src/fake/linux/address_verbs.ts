import { InvalidInputError } from "../../../platforms/contract/errors.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import type { FakeAddressOptions } from "../fake.ts";
import { addressBytes, readPrefix } from "../texts.ts";
import { isSameAddress, usualScope } from "./addresses.ts";
import type { Device, DeviceAddress } from "./device.ts";
import type { LinuxKernel } from "./kernel.ts";
import { checkAddress } from "./wanted/address.ts";

function refuse(what: string, text: string, { name }: Device, why: string): never {
  throw new InvalidInputError(
    `Cannot ${what} address ${JSON.stringify(text)} of interface ${JSON.stringify(name)}: ${why}`,
  );
}

/** An address as `ip address add` makes it. */
function madeOf(
  device: Device,
  text: string,
  { broadcast, peer, tentative = false }: FakeAddressOptions,
): DeviceAddress {
  const { family, bytes, prefixLength } = readPrefix(text);
  checkAddress(bytes, text, device.type);
  const ipv6 = family === "inet6";
  if (ipv6 && broadcast !== undefined) refuse("add", text, device, "IPv6 has no broadcast addresses; leave it out");
  if (!ipv6 && tentative) refuse("add", text, device, "only an address of IPv6 is tentative; leave it out");
  const other = (address: string | undefined): Uint8Array | undefined =>
    address === undefined ? undefined : Uint8Array.from(addressBytes(family, address));
  return {
    family: ipv6 ? N.AF_INET6 : N.AF_INET,
    local: Uint8Array.from(bytes),
    peer: other(peer),
    broadcast: other(broadcast),
    prefixLength,
    scope: usualScope(bytes),
    flags: N.IFA_F_PERMANENT | (tentative ? N.IFA_F_TENTATIVE : 0),
    label: ipv6 ? undefined : device.name,
  };
}

/** The address of an interface that a text means, with or without its prefix. */
function find(what: string, device: Device, text: string): DeviceAddress {
  const { family, bytes, prefixLength } = readPrefix(text);
  const whole = !text.includes("/");
  const found = device.addresses.find((one) =>
    one.family === (family === "inet" ? N.AF_INET : N.AF_INET6) &&
    one.local.every((byte, i) => byte === bytes[i]) && (whole || one.prefixLength === prefixLength)
  );
  return found ?? refuse(what, text, device, "it does not have it");
}

/** Adds an address. */
export function addAddress(kernel: LinuxKernel, device: Device, text: string, options: FakeAddressOptions): void {
  const address = madeOf(device, text, options);
  if (device.addresses.some((one) => isSameAddress(one, address))) refuse("add", text, device, "it has it already");
  kernel.addAddress(device, address);
}

/** Ends the test whether somebody else has the address: nobody has. */
export function confirmAddress(kernel: LinuxKernel, device: Device, text: string): void {
  const address = find("confirm", device, text);
  if ((address.flags & N.IFA_F_TENTATIVE) === 0) refuse("confirm", text, device, "it is not tentative");
  kernel.changeAddress(device, { ...address, flags: address.flags & ~N.IFA_F_TENTATIVE });
}

/** Removes an address. */
export function removeAddress(kernel: LinuxKernel, device: Device, text: string): void {
  kernel.removeAddress(device, find("remove", device, text));
}
