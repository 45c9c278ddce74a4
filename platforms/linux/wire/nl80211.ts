import { formatHex } from "../../common/address_text.ts";
import { MalformedMessageError } from "../../contract/errors.ts";
import { decodeEach, type UndecodedMessage } from "../../common/walk.ts";
import type { WirelessMessage } from "../../contract/wireless.ts";
import { Attributes, Messages, Packet, readText } from "./netlink.ts";
import * as N from "./numbers.ts";

/** Decodes nl80211 messages (struct genlmsghdr and its attributes) of one packet, in place. */
export class WirelessReader {
  readonly #packet: Packet;
  readonly #attributes: Attributes;

  constructor(packet: Packet) {
    this.#packet = packet;
    this.#attributes = new Attributes(packet, N.NL80211_INDEXED);
  }

  /** The command of the message whose payload stands between two offsets. */
  command(start: number, end: number): number {
    if (end - start < N.GENL_HDRLEN) {
      throw new MalformedMessageError(
        `Cannot decode nl80211 message at byte ${start}: ${end - start} bytes where ${N.GENL_HDRLEN} are needed`,
        { operation: "decode nl80211 message" },
      );
    }
    return this.#packet.u8[start]!;
  }

  /**
   * Decodes the message whose payload stands between two offsets.
   *
   * @throws {MalformedMessageError} It is too short, or an attribute is torn.
   */
  read(start: number, end: number): WirelessMessage {
    const command = this.command(start, end);
    const attributes = this.#attributes;
    const { u8 } = this.#packet;
    attributes.index(start + N.GENL_HDRLEN, end);
    const u32 = (type: number): number | undefined => {
      const value = attributes.u32(type);
      return value < 0 ? undefined : value;
    };
    const u16 = (type: number): number | undefined => {
      const at = attributes.at(type);
      return at === 0 || attributes.length(type) < 2 ? undefined : u8[at]! | u8[at + 1]! << 8;
    };
    const bytes = (type: number): Uint8Array | undefined => {
      const at = attributes.at(type);
      return at === 0 ? undefined : u8.subarray(at, attributes.end(type));
    };
    const ssid = bytes(N.NL80211_ATTR_SSID);
    const mac = bytes(N.NL80211_ATTR_MAC);
    const wdev = bytes(N.NL80211_ATTR_WDEV);
    const name = attributes.at(N.NL80211_ATTR_IFNAME);
    const type = u32(N.NL80211_ATTR_IFTYPE);
    const link = attributes.u8(N.NL80211_ATTR_MLO_LINK_ID);
    const width = u32(N.NL80211_ATTR_CHANNEL_WIDTH);
    return {
      message: N.NL80211_CMD_NAMES[command] ?? command,
      wiphy: u32(N.NL80211_ATTR_WIPHY),
      index: u32(N.NL80211_ATTR_IFINDEX),
      name: name === 0 ? undefined : readText(u8, name, attributes.end(N.NL80211_ATTR_IFNAME), undefined),
      wirelessType: type === undefined ? undefined : N.NL80211_IFTYPE_NAMES[type],
      wdev: wdev === undefined || wdev.length < 8 ? undefined : u64(wdev),
      ssid: ssid === undefined ? undefined : new TextDecoder().decode(ssid),
      ssidHex: ssid && formatHex(ssid),
      mloLinkId: link < 0 ? undefined : link,
      frequency: u32(N.NL80211_ATTR_WIPHY_FREQ),
      width: width === undefined ? undefined : N.NL80211_CHAN_WIDTHS[width],
      mac: mac === undefined ? undefined : formatHex(mac, ":"),
      reason: u16(N.NL80211_ATTR_REASON_CODE),
      status: u16(N.NL80211_ATTR_STATUS_CODE),
    };
  }
}

/** A wdev's id has the radio's number in its upper half and 32 other bits below, and is far below 2^53. */
function u64(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  return view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
}

/**
 * Decodes nl80211 messages, on any machine: one or more whole messages, each padded to 4 bytes, as received or
 * captured. The family's number differs from boot to boot, so it is ignored. It never throws: a message that cannot be
 * decoded is an element with `error`.
 *
 * @example
 * ```ts
 * import { decodeNl80211 } from "@netflags/netflags/linux";
 * import { assert } from "@std/assert";
 *
 * const [started] = decodeNl80211(Uint8Array.fromHex(
 *   "3800000017000000000000000000000" + "0" + "0f010000" + "0800010000000000" + "0800030002000000" +
 *     "0c0099000100000000000000" + "07003400666f6f00",
 * ));
 * assert(started?.message === "NL80211_CMD_START_AP" && started.ssid === "foo");
 * ```
 *
 * @param bytes The messages.
 * @returns The content of each message.
 */
export function decodeNl80211(bytes: Uint8Array): (WirelessMessage | UndecodedMessage)[] {
  const packet = Packet.of(bytes);
  const messages = new Messages(packet).begin(bytes.length);
  const reader = new WirelessReader(packet);
  return decodeEach(messages, () => undefined, () => reader.read(messages.start, messages.end));
}
