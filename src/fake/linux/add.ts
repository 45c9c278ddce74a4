import { InvalidInputError } from "../../../platforms/contract/errors.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import type { FakeDevice, FakeFields } from "../fake.ts";
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

/** Adds an interface as its driver makes it. Returns it. */
export function addDevice(kernel: LinuxKernel, name: string, device: FakeDevice): Device {
  const { kind, peer, parent, wireless } = device;
  const taken = [name, peer].find((one) => one !== undefined && kernel.find(one) !== undefined);
  if (taken !== undefined) {
    refuse(name, `${JSON.stringify(taken)} is there already; remove it first, or take another name`);
  }
  if (peer !== undefined && kind !== "veth") refuse(name, `only a veth has a peer; leave it out, or give kind "veth"`);
  if (wireless && kind !== undefined) refuse(name, `a radio's interface has no kind; leave one of them out`);
  if (kind === "veth") return addPair(kernel, name, peer);
  const stands = driverOf({ kind, type: N.ARPHRD_ETHER }).carrier === "parent";
  if (stands !== (parent !== undefined)) {
    refuse(
      name,
      stands ? `a ${kind} stands on another interface; give its parent` : `a ${kind ?? "card"} has no parent`,
    );
  }
  return parent === undefined ? addPlain(kernel, name, device) : addAbove(kernel, name, device, parent);
}

function addPlain(kernel: LinuxKernel, name: string, { kind, type, wireless }: FakeDevice): Device {
  const fields = { name, ...(kind === undefined ? {} : { kind }), ...(type === undefined ? {} : { type }) };
  const made = newDevice(kernel.nextIndex, fields);
  const radio = wireless ? { ...made, wireless: { type: N.NL80211_IFTYPE_STATION } } : made;
  return register(kernel, wireless === undefined ? bornWith(radio, fields) : radio, fields);
}

/** Checks a new interface, and adds it. */
function register(kernel: LinuxKernel, device: Device, fields: FakeFields): Device {
  const made = create(kernel, wantedDevice(device, fields, kernel));
  kernel.settle();
  return made;
}

/** The other end comes first, and is announced before it has one (veth_newlink()). */
function addPair(kernel: LinuxKernel, name: string, peer: string | undefined): Device {
  if (peer === undefined) refuse(name, "a veth is one of a pair; give the name of its peer");
  if (peer === name) refuse(name, "its peer has the same name; give another");
  const other = register(kernel, { ...newDevice(kernel.nextIndex, { name: peer, kind: "veth" }), parent: 0 }, {
    name: peer,
  });
  const device = register(
    kernel,
    { ...newDevice(kernel.nextIndex, { name, kind: "veth" }), parent: other.index },
    { name },
  );
  other.parent = device.index;
  for (const end of [device, other]) kernel.fire(end);
  kernel.settle();
  return device;
}

/** register_vlan_dev(), macvlan_common_newlink() */
function addAbove(kernel: LinuxKernel, name: string, { kind }: FakeDevice, parent: string): Device {
  const lower = kernel.find(parent);
  if (lower === undefined) {
    refuse(name, `there is no interface ${JSON.stringify(parent)} for it to stand on; add it first`);
  }
  const device = newDevice(kernel.nextIndex, { name, kind });
  const above: Device = { ...device, parent: lower.index, mtu: lower.mtu };
  if (kind === "vlan") {
    above.flags = lower.flags & ~NOT_INHERITED;
    above.hardwareAddress = lower.hardwareAddress;
  }
  const carrier = lower.carrier;
  const made = register(kernel, { ...above, carrier, carrierDowns: carrier ? 0 : 1 }, { name });
  transferState(kernel, lower, made);
  kernel.fire(made);
  kernel.settle();
  return made;
}
