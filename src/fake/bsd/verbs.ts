/** What a person does to an interface of a BSD's kernel in memory, in the fields and bytes of that kernel. */
import { IFF_BROADCAST, IFF_RUNNING, IFF_UP } from "../../../platforms/bsd/systems/common.ts";
import type { SystemNumbers, WirelessNumbers } from "../../../platforms/bsd/systems/layout.ts";
import { formatHex } from "../../../platforms/common/address_text.ts";
import { bytesOfText } from "../../../platforms/common/byte_text.ts";
import { InvalidInputError, UnsupportedError } from "../../../platforms/contract/errors.ts";
import type { InterfaceAddress, InterfaceStatus } from "../../../platforms/contract/status.ts";
import type { FakeAddressOptions, FakeDevice, FakeFields } from "../fake.ts";
import { addressBytes, readPrefix, refuse } from "../texts.ts";
import { unsupported } from "./texts.ts";
import type { BuiltAddress } from "./builder.ts";
import type { KernelInterface } from "./kernel.ts";

/** IFM_ETHER, the medium of a card that says no more. */
const IFM_ETHER = 0x20;
/** The longest SSID, in bytes (IEEE80211_NWID_LEN). */
const MOST = 32;

/** Refuses a new name on a system that cannot rename. */
export function checkRename({ announces, platform }: SystemNumbers, name: string): void {
  if (announces.name) return;
  throw new UnsupportedError(
    `Cannot rename interface "${name}": ${platform} cannot rename interfaces; remove it, and set another`,
    { operation: "rename an interface", interfaceName: name },
  );
}

/** Refuses to add what is there, or what only Linux has. */
export function checkDevice(
  numbers: SystemNumbers,
  name: string,
  { kind, peer, parent, wireless }: FakeDevice,
  there: KernelInterface | undefined,
): void {
  if (there !== undefined) {
    throw new InvalidInputError(
      `Cannot add interface ${JSON.stringify(name)}: it is there already; remove it first, or take another name`,
    );
  }
  for (const [option, value] of Object.entries({ kind, peer, parent })) {
    if (value !== undefined) unsupported(numbers, "add", name, `it reports no ${option} of an interface; leave it out`);
  }
  if (wireless) wirelessNumbers(numbers, "add", name);
}

function wirelessNumbers(numbers: SystemNumbers, what: string, name: string): WirelessNumbers {
  return numbers.wireless ?? unsupported(numbers, what, name, "it says nothing of wireless networks to programs");
}

/** The fields of a new interface. */
export function deviceFields({ wireless }: SystemNumbers, device: FakeDevice): Omit<FakeFields, "name"> {
  const radio = device.wireless && wireless !== undefined
    ? { wireless: WITHOUT_NETWORK, media: { active: wireless.is80211, link: false } }
    : {};
  const { type, index } = device;
  return { ...type === undefined ? {} : { type }, ...index === undefined ? {} : { index }, ...radio };
}

const WITHOUT_NETWORK = { type: "station", ssid: undefined, ssidHex: undefined, frequency: undefined } as const;

/** The fields of an interface that has a link, or none. */
export function plugFields(
  numbers: SystemNumbers,
  { name, type, media }: InterfaceStatus,
  plugged: boolean,
): Omit<FakeFields, "name"> {
  if (type === "loopback") {
    unsupported(numbers, plugged ? "plug" : "unplug", name, "nothing is plugged into a loopback interface");
  }
  // Where there is no link state, the driver says by its medium whether there is a link.
  const bare = numbers.layouts[0]!.linkStates.length === 0;
  const medium = media ?? (bare ? { active: IFM_ETHER } : undefined);
  return { linkState: plugged ? "up" : "down", ...medium && { media: { active: medium.active, link: plugged } } };
}

/** An address as the kernel keeps it. */
export function builtAddress(
  numbers: SystemNumbers,
  one: KernelInterface,
  text: string,
  { broadcast, peer, tentative }: FakeAddressOptions,
): BuiltAddress {
  const { family, bytes: ip, prefixLength } = readPrefix(text);
  const flags = tentative ? tentativeBit(numbers, one.name, family, "add an address to") : 0;
  if (one.ips?.some((other) => other.ip.join() === ip.join())) refuse(text, "an address that it does not have already");
  if (family === "inet6") return { ip, prefixLength, flags };
  const far = (one.flags & IFF_BROADCAST) === 0 ? peer ?? text.replace(/\/.*/, "") : broadcast;
  return { ip, prefixLength, flags, ...far === undefined ? undefined : { far: addressBytes("inet", far) } };
}

/** The bit of a tentative address. */
function tentativeBit(
  numbers: SystemNumbers,
  name: string,
  family: InterfaceAddress["family"],
  what: string,
): number {
  const found = numbers.addressFlags[family].infos.find((info) => info.name === "tentative");
  return found?.bit ?? unsupported(numbers, what, name, "it does not say which addresses of IPv4 are tentative");
}

/** The flags of an address of which was found out that nobody else has it. */
export function confirmedFlags(numbers: SystemNumbers, one: KernelInterface, text: string): number {
  const { ip, flags = 0 } = addressOf(one, text, "confirm");
  const bit = tentativeBit(numbers, one.name, ip.length === 4 ? "inet" : "inet6", "confirm an address of");
  if ((flags & bit) !== 0) return flags & ~bit;
  throw new InvalidInputError(
    `Cannot confirm address ${JSON.stringify(text)} of interface ${JSON.stringify(one.name)}: it is not tentative`,
  );
}

/** The address of an interface that a text means, with or without its prefix. */
export function addressOf({ name, ips = [] }: KernelInterface, text: string, what = "remove"): BuiltAddress {
  const { bytes, prefixLength } = readPrefix(text);
  const found = ips.find(({ ip, prefixLength: length }) =>
    ip.join() === bytes.join() && (!text.includes("/") || length === prefixLength)
  );
  if (found !== undefined) return found;
  throw new InvalidInputError(
    `Cannot ${what} address ${JSON.stringify(text)} of interface ${JSON.stringify(name)}: it does not have it`,
  );
}

/** The flags of an interface that its driver runs. */
export function setUp(flags: number): number {
  return flags | IFF_UP | IFF_RUNNING;
}

/** The fields of an interface that runs an access point. */
export function accessPointFields(numbers: SystemNumbers, name: string, ssid: string): Omit<FakeFields, "name"> {
  const { is80211, modes } = wirelessNumbers(numbers, "start an access point on", name);
  const bytes = bytesOfText(ssid);
  if (bytes.length === 0 || bytes.length > MOST) refuse(ssid, `an SSID of 1 to ${MOST} bytes`);
  const [option = 0] = modes.find(([, mode]) => mode === "ap") ?? [];
  return {
    wireless: { type: "ap", ssid, ssidHex: formatHex(bytes), frequency: undefined },
    media: { active: is80211 | option, link: true },
    linkState: "up",
  };
}

/** The fields of an interface whose access point was stopped. */
export function stoppedFields(
  numbers: SystemNumbers,
  { name, wireless, media }: InterfaceStatus,
): Omit<FakeFields, "name"> {
  wirelessNumbers(numbers, "stop the access point of", name);
  if (wireless?.type !== "ap" || wireless.ssid === undefined) {
    throw new InvalidInputError(`Cannot stop the access point of interface ${JSON.stringify(name)}: none runs there`);
  }
  return {
    wireless: { ...WITHOUT_NETWORK, type: "ap" },
    ...media && { media: { active: media.active, link: false } },
    linkState: "down",
  };
}
