/** What a person does to an interface of a Linux kernel in memory. */
import { InvalidInputError, UnsupportedError } from "../../../platforms/contract/errors.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { type Device, networkOf } from "./device.ts";
import { type CarrierSource, driverOf, uppersOf } from "./drivers.ts";
import type { LinuxKernel } from "./kernel.ts";
import { beginAccessPoint, leaveNetwork } from "./radio.ts";
import { checkName, checkNames } from "./wanted/names.ts";
import { ssidBytes } from "./wanted/radio.ts";

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

/** Stops it. */
export function stopAccessPoint(kernel: LinuxKernel, device: Device): void {
  const { wireless, name } = device;
  if (wireless?.type !== N.NL80211_IFTYPE_AP || networkOf(wireless) === undefined) {
    throw new InvalidInputError(`Cannot stop the access point of interface ${JSON.stringify(name)}: none runs there`);
  }
  leaveNetwork(kernel, device, false);
}
