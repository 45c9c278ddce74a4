import { formatHex } from "../../common/address_text.ts";
import { decodeEach, type UndecodedMessage } from "../../common/walk.ts";
import type { WirelessMessage, WirelessMessageLink } from "../../contract/wireless.ts";
import { afterAttribute, attributeEnd, Attributes, Messages, Packet, readText, tooShort } from "./netlink.ts";
import * as N from "./numbers.ts";

/** The attributes of an nl80211 message, or those nested in one of its attributes. */
class Fields {
  readonly #packet: Packet;
  readonly #attributes: Attributes;

  constructor(packet: Packet) {
    this.#packet = packet;
    this.#attributes = new Attributes(packet, N.NL80211_INDEXED);
  }

  /**
   * Goes to the attributes between two offsets.
   *
   * @throws {MalformedMessageError} One of them is torn.
   */
  at(start: number, end: number): this {
    this.#attributes.index(start, end);
    return this;
  }

  u8(type: number): number | undefined {
    const value = this.#attributes.u8(type);
    return value < 0 ? undefined : value;
  }

  u16(type: number): number | undefined {
    const at = this.#attributes.at(type);
    const { u8 } = this.#packet;
    return at === 0 || this.#attributes.length(type) < 2 ? undefined : u8[at]! | u8[at + 1]! << 8;
  }

  u32(type: number): number | undefined {
    const value = this.#attributes.u32(type);
    return value < 0 ? undefined : value;
  }

  bytes(type: number): Uint8Array | undefined {
    const at = this.#attributes.at(type);
    return at === 0 ? undefined : this.#packet.u8.subarray(at, this.#attributes.end(type));
  }

  text(type: number): string | undefined {
    const at = this.#attributes.at(type);
    return at === 0 ? undefined : readText(this.#packet.u8, at, this.#attributes.end(type), undefined);
  }

  /** Where the payload of each attribute stands that is nested in one. The fields are those nested ones afterwards. */
  enter(type: number): (readonly [start: number, end: number])[] | undefined {
    const start = this.#attributes.at(type);
    if (start === 0) return undefined;
    const end = this.#attributes.end(type);
    this.at(start, end); // checks each of them
    const places: (readonly [number, number])[] = [];
    for (let header = start; end - header >= N.NLA_HDRLEN; header = afterAttribute(this.#packet, header)) {
      places.push([header + N.NLA_HDRLEN, attributeEnd(this.#packet, header)]);
    }
    return places;
  }

  /** The network and the channel of a device, or of one of its links. */
  network(): Pick<WirelessMessage, "ssid" | "ssidHex" | "frequency" | "width" | "mac"> {
    const ssid = this.bytes(N.NL80211_ATTR_SSID);
    const mac = this.bytes(N.NL80211_ATTR_MAC);
    const width = this.u32(N.NL80211_ATTR_CHANNEL_WIDTH);
    return {
      ssid: ssid === undefined ? undefined : new TextDecoder().decode(ssid),
      ssidHex: ssid && formatHex(ssid),
      frequency: this.u32(N.NL80211_ATTR_WIPHY_FREQ),
      width: width === undefined ? undefined : N.NL80211_CHAN_WIDTHS[width],
      mac: mac === undefined ? undefined : formatHex(mac, ":"),
    };
  }
}

/** Decodes nl80211 messages (struct genlmsghdr and its attributes) of one packet, in place. */
export class WirelessReader {
  readonly #packet: Packet;
  readonly #fields: Fields;

  constructor(packet: Packet) {
    this.#packet = packet;
    this.#fields = new Fields(packet);
  }

  /** The command of the message whose payload stands between two offsets. */
  command(start: number, end: number): number {
    if (end - start < N.GENL_HDRLEN) throw tooShort("nl80211 message", start, end - start, N.GENL_HDRLEN);
    return this.#packet.u8[start]!;
  }

  /**
   * Decodes the message whose payload stands between two offsets.
   *
   * @throws {MalformedMessageError} It is too short, or an attribute is torn.
   */
  read(start: number, end: number): WirelessMessage {
    const command = this.command(start, end);
    const fields = this.#fields.at(start + N.GENL_HDRLEN, end);
    const wdev = fields.bytes(N.NL80211_ATTR_WDEV);
    const type = fields.u32(N.NL80211_ATTR_IFTYPE);
    const { ssid, ssidHex, frequency, width, mac } = fields.network();
    return {
      message: N.NL80211_CMD_NAMES[command] ?? command,
      wiphy: fields.u32(N.NL80211_ATTR_WIPHY),
      index: fields.u32(N.NL80211_ATTR_IFINDEX),
      name: fields.text(N.NL80211_ATTR_IFNAME),
      wirelessType: type === undefined ? undefined : N.NL80211_IFTYPE_NAMES[type],
      wdev: wdev === undefined || wdev.length < 8 ? undefined : u64(wdev),
      ssid,
      ssidHex,
      mloLinkId: fields.u8(N.NL80211_ATTR_MLO_LINK_ID),
      frequency,
      width,
      mac,
      reason: fields.u16(N.NL80211_ATTR_REASON_CODE),
      status: fields.u16(N.NL80211_ATTR_STATUS_CODE),
      links: this.#links(), // last: afterwards, the fields are those of a link
    };
  }

  /** The links of a multi-link device. The kernel gives each its id. */
  #links(): WirelessMessageLink[] | undefined {
    const fields = this.#fields;
    return fields.enter(N.NL80211_ATTR_MLO_LINKS)?.flatMap(([start, end]) => {
      const mloLinkId = fields.at(start, end).u8(N.NL80211_ATTR_MLO_LINK_ID);
      if (mloLinkId === undefined) return [];
      const { mac: hardwareAddress, width, ...network } = fields.network();
      return [{ mloLinkId, ...network, hardwareAddress, width }];
    });
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
