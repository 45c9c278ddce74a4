import * as N from "../../../platforms/linux/wire/numbers.ts";
import { InvalidInputError, UnsupportedError } from "../../../platforms/contract/errors.ts";
import type { FakeAddressOptions } from "../fake.ts";
import { isSameAddress, usualScope } from "./addresses.ts";
import { type Device, type DeviceAddress, networkOf } from "./device.ts";
import { type CarrierSource, driverOf, uppersOf } from "./drivers.ts";
import type { LinuxKernel } from "./kernel.ts";
import { beginAccessPoint, leaveNetwork } from "./radio.ts";
import { checkAddress } from "./wanted/address.ts";
import { checkName, checkNames } from "./wanted/names.ts";
import { ssidBytes } from "./wanted/radio.ts";
import { addressBytes, readPrefix } from "../texts.ts";

/** What a person does to an interface of a Linux kernel in memory. */

/** The channel of an access point: 1. */
const FREQUENCY = 2412;

/** Why nothing can be plugged into an interface, by what its carrier comes from. */
const NO_PLUG: Readonly<Record<Exclude<CarrierSource, "plug">, string>> = {
  ends: "a veth has a carrier while both ends are up; set its ends up or down",
  parent: "it has the carrier of the interface below; plug that one",
  ports: "it has a carrier while one of its ports works; plug a port",
  never: "its driver never reports a carrier; set it up or down",
};

function unsupported(what: string, { name }: Device, why: string): never {
  throw new UnsupportedError(`Cannot ${what} interface ${JSON.stringify(name)}: ${why}`, {
    operation: what,
    interfaceName: name,
  });
}

/** Gives an interface a carrier, or takes it away. */
export function plug(kernel: LinuxKernel, device: Device, plugged: boolean): void {
  const { carrier } = driverOf(device);
  if (carrier !== "plug") unsupported(plugged ? "plug" : "unplug", device, NO_PLUG[carrier]);
  if (!plugged) leaveNetwork(kernel, device, true);
  kernel.setCarrier(device, plugged);
}

/** Gives an interface another name. */
export function rename(kernel: LinuxKernel, device: Device, to: string): void {
  checkName(to);
  checkNames(device, [to, ...device.altNames], kernel);
  if (to !== device.name) kernel.rename(device, to);
}

/** Makes an interface a port of a bridge, or of nothing. */
export function join(kernel: LinuxKernel, device: Device, bridge: Device | undefined): void {
  if (bridge === undefined) return kernel.leave(device);
  if (bridge.kind !== "bridge") {
    unsupported("join", bridge, `only a bridge's ports are simulated; set masterIndex of ${device.name} instead`);
  }
  if (device.kind === "bridge" || device.type !== N.ARPHRD_ETHER) {
    unsupported("join", device, "a bridge's port is an Ethernet interface, and no bridge itself");
  }
  if (uppersOf(kernel, device).some(({ kind }) => kind !== "vlan")) {
    unsupported("join", device, "a macvlan stands on it and takes what it receives; remove that first");
  }
  if (device.master !== bridge.index) kernel.join(device, bridge);
}

/** Starts an access point as hostapd does: it sets the interface up, and ends the network that ran there. */
export function startAccessPoint(kernel: LinuxKernel, device: Device, ssid: string): void {
  const bytes = ssidBytes(ssid);
  if (device.wireless === undefined) {
    unsupported("start an access point on", device, "it has no radio; add it with wireless: true");
  }
  kernel.open(device);
  beginAccessPoint(kernel, device, { ssid: bytes, frequency: FREQUENCY });
}

export function stopAccessPoint(kernel: LinuxKernel, device: Device): void {
  const { wireless, name } = device;
  if (wireless?.type !== N.NL80211_IFTYPE_AP || networkOf(wireless) === undefined) {
    throw new InvalidInputError(`Cannot stop the access point of interface ${JSON.stringify(name)}: none runs there`);
  }
  leaveNetwork(kernel, device, false);
}

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

export function removeAddress(kernel: LinuxKernel, device: Device, text: string): void {
  kernel.removeAddress(device, find("remove", device, text));
}
