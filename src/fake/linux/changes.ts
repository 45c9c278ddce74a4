/** Sets the state of an interface directly, and sends the messages that the kernel sends about the differences. */
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { isSameAddress } from "./addresses.ts";
import { type Device, type DeviceAddress, type DeviceWireless, isUp } from "./device.ts";
import type { LinuxKernel } from "./kernel.ts";
import { sendWireless } from "./radio.ts";

/** What Linux does not announce of an interface that is not up. */
const SILENT: ReadonlySet<keyof Device> = new Set([
  "altNames",
  "linkMode",
  "carrier",
  "carrierUps",
  "carrierDowns",
  "operState",
  "dormant",
]);
/** What has messages of its own, or none. */
const ELSEWHERE: ReadonlySet<keyof Device> = new Set(["addresses", "wireless", "addressSet", "forwarding"]);

function equal(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The fields of its link messages in which two states of an interface differ. */
function differences(before: Device, after: Device): (keyof Device)[] {
  const fields = Object.keys(after) as (keyof Device)[];
  return fields.filter((field) => !ELSEWHERE.has(field) && !equal(before[field], after[field]));
}

/** Adds an interface in a state of its own. Returns it. */
export function create(kernel: LinuxKernel, { addresses, ...wanted }: Device): Device {
  const device: Device = { ...wanted, addresses: [] };
  kernel.register(device);
  if (device.wireless !== undefined) sendWireless(kernel, N.NL80211_CMD_NEW_INTERFACE, device);
  kernel.send(device);
  changeAddresses(kernel, device, addresses);
  return device;
}

/** Brings an interface into a state. A change that says nothing new sends a message, too. Returns the interface. */
export function change(kernel: LinuxKernel, device: Device, { addresses, wireless, ...wanted }: Device): Device {
  const before = { ...device };
  Object.assign(device, wanted);
  const changed = differences(before, device);
  const elsewhere = !equal(before.addresses, addresses) || !equal(before.wireless, wireless);
  const loud = isUp(before) || isUp(device) || changed.some((field) => !SILENT.has(field));
  if (changed.length === 0 ? !elsewhere : loud || kernel.announcesAll) kernel.send(device);
  if (isUp(before) && !isUp(device)) kernel.routes.flush(device);
  changeWireless(kernel, device, wireless);
  changeAddresses(kernel, device, addresses);
  return device;
}

function changeAddresses(kernel: LinuxKernel, device: Device, wanted: readonly DeviceAddress[]): void {
  const before = device.addresses;
  device.addresses = wanted;
  for (const address of before) {
    if (!wanted.some((one) => isSameAddress(one, address))) kernel.sendAddress(device, address, N.RTM_DELADDR);
  }
  for (const address of wanted) {
    if (!before.some((one) => equal(one, address))) kernel.sendAddress(device, address, N.RTM_NEWADDR);
  }
}

function changeWireless(kernel: LinuxKernel, device: Device, wanted: DeviceWireless | undefined): void {
  const before = device.wireless;
  const command = wirelessNews(before, wanted);
  device.wireless = wanted;
  if (command !== undefined) sendWireless(kernel, command, device);
}

/** The command of the message about a wireless interface whose state is another one now. */
function wirelessNews(before: DeviceWireless | undefined, after: DeviceWireless | undefined): number | undefined {
  if (equal(before, after)) return undefined;
  if (before === undefined) return N.NL80211_CMD_NEW_INTERFACE;
  if (after === undefined) return N.NL80211_CMD_DEL_INTERFACE;
  const station = after.type !== N.NL80211_IFTYPE_AP;
  if (!equal(before.ssid, after.ssid)) {
    if (after.ssid === undefined) return station ? N.NL80211_CMD_DISCONNECT : N.NL80211_CMD_STOP_AP;
    return station ? N.NL80211_CMD_CONNECT : N.NL80211_CMD_START_AP;
  }
  return before.type === after.type ? N.NL80211_CMD_CH_SWITCH_NOTIFY : N.NL80211_CMD_SET_INTERFACE;
}
