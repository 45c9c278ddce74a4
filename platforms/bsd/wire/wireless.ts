import { formatHex } from "../../common/address_text.ts";
import type { InterfaceMedia, WirelessState } from "../../contract/status.ts";
import type { SystemNumbers, WirelessNumbers } from "../systems/layout.ts";

/** IEEE80211_NWID_LEN: the greatest length of a network's name. */
const NWID_LEN = 32;
/** sys/net80211/ieee80211_ioctl.h of FreeBSD and DragonFly */
const IEEE80211_IOC_SSID = 1;
/** struct ieee80211req: name[16], uint16_t type, int16_t val, int16_t len, void *data; 64-bit */
const REQ_SIZE = 32;
const REQ_DATA = 24;
/** ifr_data of struct ifreq */
const IFR_DATA = 16;

/** A request for the network of a wireless interface. */
export interface NetworkRequest {
  readonly argument: Uint8Array<ArrayBuffer>;
  /** The data that the argument points to, and the offset of the pointer. */
  readonly data: readonly [bytes: Uint8Array<ArrayBuffer>, at: number];
  /** The network's name in the answer. */
  name(): Uint8Array;
}

/** Whether a medium is that of a wireless interface. On some systems, wireless interfaces have an ordinary type. */
export function isWireless(numbers: WirelessNumbers, { active }: Pick<InterfaceMedia, "active">): boolean {
  return (active & numbers.mask) === numbers.is80211;
}

/** Makes a request for a network, by the system's structure. */
export function networkRequest({ wireless, ifreq }: SystemNumbers): NetworkRequest {
  if (wireless?.form === "nwid") {
    // struct ieee80211_nwid { u_int8_t i_len; u_int8_t i_nwid[IEEE80211_NWID_LEN]; }
    const nwid = new Uint8Array(new ArrayBuffer(1 + NWID_LEN));
    return {
      argument: new Uint8Array(new ArrayBuffer(ifreq)),
      data: [nwid, IFR_DATA],
      name: () => nwid.slice(1, 1 + nwid[0]!),
    };
  }
  const argument = new Uint8Array(new ArrayBuffer(REQ_SIZE));
  const view = new DataView(argument.buffer);
  view.setUint16(16, IEEE80211_IOC_SSID, true);
  view.setInt16(18, -1, true); // the one in use
  view.setUint16(20, NWID_LEN, true);
  const bytes = new Uint8Array(new ArrayBuffer(NWID_LEN));
  return { argument, data: [bytes, REQ_DATA], name: () => bytes.slice(0, view.getUint16(20, true)) };
}

/**
 * The state of a wireless interface. Without a link, the kernels return the wanted network, not a present one. An empty
 * name means none.
 */
export function bsdWireless(
  { modes }: WirelessNumbers,
  { active }: Pick<InterfaceMedia, "active">,
  network: Uint8Array | undefined,
): WirelessState {
  const named = network === undefined || network.length === 0 ? undefined : network;
  return {
    type: modes.find(([option]) => (active & option) !== 0)?.[1] ?? "station",
    ssid: named && new TextDecoder().decode(named),
    ssidHex: named && formatHex(named),
    frequency: undefined,
  };
}
