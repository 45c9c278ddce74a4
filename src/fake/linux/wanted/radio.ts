import { bytesOfText } from "../../../../platforms/common/byte_text.ts";
import type { WirelessLink, WirelessState } from "../../../../platforms/contract/status.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import type { FakeFields } from "../../fake.ts";
import { checkNumber, hardwareAddressBytes, refuse } from "../../texts.ts";
import { type Device, type DeviceWireless, type DeviceWirelessLink, isUp, networkOf } from "../device.ts";
import { contradict } from "./contradict.ts";

const MOST = N.IEEE80211_MAX_SSID_LEN;

export function ssidBytes(ssid: string): Uint8Array {
  const bytes = bytesOfText(ssid);
  return bytes.length > 0 && bytes.length <= MOST ? bytes : refuse(ssid, `an SSID of 1 to ${MOST} bytes`);
}

/**
 * What nl80211 is to know of an interface.
 *
 * @param known Whether the interface is there already. Its driver said that it is a radio's when it made it.
 */
export function radioOf(device: Device, fields: FakeFields, known: boolean): DeviceWireless | undefined {
  const wanted = possibleRadio(device, fields);
  if (known && wanted !== undefined && device.wireless === undefined) {
    contradict(
      fields.name,
      "wireless",
      "an interface without a radio",
      "it gets none later; remove it, and set it anew",
    );
  }
  if (known && wanted === undefined && device.wireless !== undefined) {
    contradict(fields.name, "wireless undefined", "its radio", 'it stays; without a network, give { type: "station" }');
  }
  return wanted;
}

/**
 * The radio that the fields want, if an interface can have it. A network ends with IFF_UP, and that of an access point
 * with its carrier too, unless it is said to be there.
 */
function possibleRadio(device: Device, { name, ...fields }: FakeFields): DeviceWireless | undefined {
  const wanted = "wireless" in fields ? wantedRadio(name, fields.wireless) : device.wireless;
  if (wanted === undefined) return undefined;
  if (device.kind !== undefined) {
    contradict(name, "wireless", `kind ${JSON.stringify(device.kind)}`, "a radio's interface has no kind");
  }
  if (!N.ARPHRD_WIRELESS.includes(device.type)) {
    const type = JSON.stringify(N.ARPHRD_NAMES[device.type] ?? device.type);
    contradict(name, "wireless", `type ${type}`, "a radio's interface has type ether");
  }
  const runs = isUp(device) && (device.carrier || wanted.type !== N.NL80211_IFTYPE_AP);
  const network = networkOf(wanted);
  if (runs || network === undefined) return wanted;
  if (fields.wireless === undefined) return { type: wanted.type };
  const ssid = `wireless.ssid ${JSON.stringify(new TextDecoder().decode(network))}`;
  if (!isUp(device)) contradict(name, ssid, "flags without UP", "going down ends it; set UP too");
  return contradict(name, ssid, "carrier false", "an access point has a carrier as long as it runs");
}

function wantedRadio(name: string, wireless: FakeFields["wireless"]): DeviceWireless | undefined {
  if (wireless === undefined) return undefined;
  const { type = "station", links } = wireless;
  const number = N.NL80211_IFTYPE_NAMES.findIndex((one) => one === type);
  if (number < 0) refuse(type, `a type of a wireless interface: ${N.NL80211_IFTYPE_NAMES.join(", ")}`);
  return { type: number, ...channelOf(name, wireless), links: links && linksOf(name, links) };
}

/** The network and the channel of a device, or of one of its links. */
function channelOf(
  name: string,
  { ssid, ssidHex, frequency }: Partial<WirelessState>,
): Pick<DeviceWireless, "ssid" | "frequency"> {
  if (frequency !== undefined) checkNumber(frequency, 1, 32);
  const bytes = ssidHex === undefined ? ssid === undefined ? undefined : ssidBytes(ssid) : hexBytes(ssidHex);
  if (bytes !== undefined && ssid !== undefined && new TextDecoder().decode(bytes) !== ssid) {
    contradict(name, `wireless.ssid ${JSON.stringify(ssid)}`, `ssidHex ${ssidHex}`, "the text is made of these bytes");
  }
  return { ssid: bytes, frequency };
}

/** The links of a multi-link device, in the order of their ids. */
function linksOf(name: string, links: readonly WirelessLink[]): DeviceWirelessLink[] {
  const ids = links.map(({ mloLinkId }) => mloLinkId);
  for (const id of ids) checkNumber(id, 0, 4);
  if (new Set(ids).size < ids.length) refuse(ids, "each link of a device once");
  return links.map((link) => ({
    id: link.mloLinkId,
    ...channelOf(name, link),
    hardwareAddress: link.hardwareAddress === undefined ? undefined : hardwareAddressBytes(link.hardwareAddress),
  })).sort((one, other) => one.id - other.id);
}

function hexBytes(text: string): Uint8Array {
  if (!/^([0-9a-f]{2}){1,32}$/i.test(text)) refuse(text, `an SSID of 1 to ${MOST} bytes in hexadecimal`);
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
