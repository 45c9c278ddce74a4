import { InvalidInputError } from "../../../platforms/contract/errors.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import type { FakeDevice, FakeFields } from "../fake.ts";
import { checkNumber } from "../texts.ts";
import { newDevice } from "./born.ts";
import type { Device } from "./device.ts";
import { driverOf } from "./drivers.ts";
import type { LinuxKernel } from "./kernel.ts";
import { transferState } from "./net.ts";
import { create } from "./changes.ts";
import { wantedDevice } from "./wanted/device.ts";

/** The flags that a VLAN has of the interface below it (vlan_dev_init()). */
const NOT_INHERITED = N.IFF_UP | N.IFF_PROMISC | N.IFF_ALLMULTI | N.IFF_MASTER | N.IFF_SLAVE;

/** A new interface with its radio: Linux calls a radio's interface wlan0, and udev wlp3s0. */
export function bornWith(device: Device, fields: Pick<FakeFields, "name" | "kind" | "type" | "wireless">): Device {
  const radio = fields.kind === undefined && fields.type === undefined && /^wl/.test(fields.name);
  return radio && !("wireless" in fields) ? { ...device, wireless: { type: N.NL80211_IFTYPE_STATION } } : device;
}

function refuse(name: string, why: string): never {
  throw new InvalidInputError(`Cannot add interface ${JSON.stringify(name)}: ${why}`);
}

/** Refuses what contradicts itself, or what is there. */
function check(kernel: LinuxKernel, name: string, { kind, peer, parent, index, wireless }: FakeDevice): void {
  const taken = [name, peer].find((one) => one !== undefined && kernel.find(one) !== undefined);
  if (taken !== undefined) refuse(name, `"${taken}" is there already; remove it first, or take another name`);
  if (index !== undefined) checkNumber(index, 1, 31);
  const owner = kernel.at(index);
  if (owner !== undefined) refuse(name, `index ${index} is that of "${owner.name}"; remove it first, or leave it out`);
  if ((peer !== undefined) !== (kind === "veth")) refuse(name, "a veth has a peer, and nothing else has: give both");
  if (peer === name) refuse(name, "its peer has the same name; give another");
  if (wireless && kind !== undefined) refuse(name, "a radio's interface has no kind; leave one of them out");
  const stands = driverOf({ kind, type: N.ARPHRD_ETHER }).carrier === "parent";
  if (stands && parent === undefined) refuse(name, `a ${kind} stands on another interface; give its parent`);
  if (!stands && parent !== undefined) refuse(name, `a ${kind ?? "card"} has no parent; leave it out`);
}

/** Adds an interface as its driver makes it. Returns it. */
export function addDevice(kernel: LinuxKernel, name: string, device: FakeDevice): Device {
  check(kernel, name, device);
  const { kind, type, peer, parent, wireless } = device;
  if (peer !== undefined) return addPair(kernel, name, peer, device);
  const made = newDevice(device.index ?? kernel.nextIndex, { name, kind, type });
  if (parent !== undefined) return addAbove(kernel, made, parent);
  if (wireless) made.wireless = { type: N.NL80211_IFTYPE_STATION };
  return register(kernel, wireless === undefined ? bornWith(made, { name, kind, type }) : made);
}

/** Checks a new interface, and adds it. */
function register(kernel: LinuxKernel, device: Device): Device {
  const made = create(kernel, wantedDevice(device, { name: device.name }, kernel));
  kernel.settle();
  return made;
}

/** The other end comes first, and is announced before it has one (veth_newlink()). */
function addPair(kernel: LinuxKernel, name: string, peer: string, { index }: FakeDevice): Device {
  const end = (called: string, parent: number, at = kernel.nextIndex): Device =>
    register(kernel, { ...newDevice(at, { name: called, kind: "veth" }), parent });
  const other = end(peer, 0);
  const device = end(name, other.index, index);
  other.parent = device.index;
  for (const one of [device, other]) kernel.fire(one);
  kernel.settle();
  return device;
}

/** register_vlan_dev(), macvlan_common_newlink() */
function addAbove(kernel: LinuxKernel, device: Device, parent: string): Device {
  const lower = kernel.find(parent);
  if (lower === undefined) refuse(device.name, `there is no "${parent}" for it to stand on; add that first`);
  if (device.kind !== "vlan" && lower.master !== undefined) {
    refuse(device.name, `"${parent}" is a port, and its bridge takes what it receives; take it out first`);
  }
  const { carrier } = lower;
  const above = { ...device, parent: lower.index, mtu: lower.mtu, carrier };
  if (device.kind === "vlan") {
    above.flags = lower.flags & ~NOT_INHERITED;
    above.hardwareAddress = lower.hardwareAddress;
  }
  kernel.send(lower); // NETDEV_CHANGEUPPER
  const made = register(kernel, above);
  transferState(kernel, lower, made);
  kernel.fire(made);
  kernel.settle();
  return made;
}
