/** Packets of an nlmon interface: netlink messages of every family, in both directions (drivers/net/nlmon.c). */
import { formatHex } from "../../common/address_text.ts";
import { MalformedMessageError } from "../../contract/errors.ts";
import type { PacketDecoder } from "../../contract/system.ts";
import type { UndecodedMessage } from "../../common/walk.ts";
import type { WirelessMessage } from "../../contract/wireless.ts";
import type { DecodedMessage } from "./decode.ts";
import { readFamilyName } from "./family.ts";
import { Packet } from "./netlink.ts";
import { decodeNl80211 } from "./nl80211.ts";
import * as N from "./numbers.ts";

/** The cooked header: packet type, ARPHRD_NETLINK, 10 bytes of no meaning, netlink family; all in network byte order. */
const COOKED_HEADER = 16;

/** A family of generic netlink, as the kernel reports it. */
export interface FamilyMessage {
  /** The kernel's name of the message. */
  readonly message: "CTRL_CMD_NEWFAMILY";
  /** The family's number, which it has since the last boot. */
  readonly id: number;
  /** Its name. */
  readonly family: string;
}

/** A message of a family that says nothing about interfaces. */
export interface ForeignMessage {
  /** The family of netlink, or of generic netlink. */
  readonly message: string;
  /** How many bytes it has. */
  readonly length: number;
}

/** Who sent a message. */
export interface Direction {
  /** True if somebody asked the kernel with it. Messages of the kernel do not have this field. */
  readonly request?: true;
}

/** A message of a packet. */
export type PacketMessage = (DecodedMessage | WirelessMessage | FamilyMessage | ForeignMessage) & Direction;

/** Whether bytes begin with a cooked header. No netlink message does: it would have 900 MiB. */
function isCooked(bytes: Uint8Array): boolean {
  return bytes.length >= COOKED_HEADER && bytes[0] === 0 && bytes[2]! * 256 + bytes[3]! === N.ARPHRD_NETLINK;
}

/**
 * Makes a decoder of packets with their cooked headers. The families of generic netlink have other numbers after each
 * boot: they are learned from what the kernel says of them (CTRL_CMD_NEWFAMILY) in the capture itself.
 *
 * @param route Decodes messages of NETLINK_ROUTE.
 * @param unnamed What a family is taken for that the capture does not name.
 */
export function nlmonDecoder(
  route: (bytes: Uint8Array) => readonly DecodedMessage[],
  unnamed?: string,
): PacketDecoder<PacketMessage> {
  const names = new Map<number, string>([[N.GENL_ID_CTRL, "nlctrl"]]);

  function generic(bytes: Uint8Array, type: number): readonly PacketMessage[] {
    if (type < N.GENL_ID_CTRL) return route(bytes); // an acknowledgement, or the end of a list
    if (type === N.GENL_ID_CTRL) return [control(bytes)];
    const name = names.get(type) ?? unnamed;
    if (name === N.NL80211_GENL_NAME) return decodeNl80211(bytes);
    return [foreign(name ?? `generic netlink family ${type}, which the capture does not name`, bytes.length)];
  }

  /** What the kernel, or who asks it, says of families. */
  function control(bytes: Uint8Array): FamilyMessage | ForeignMessage | UndecodedMessage {
    try {
      const family = readFamilyName(Packet.of(bytes), N.NLMSG_HDRLEN, bytes.length);
      if (family === undefined) return foreign("nlctrl", bytes.length);
      if (family.name.length <= N.GENL_NAMSIZ) names.set(family.id, family.name);
      return { message: "CTRL_CMD_NEWFAMILY", id: family.id, family: family.name };
    } catch (error) {
      if (error instanceof MalformedMessageError) return { error: error.message };
      throw error;
    }
  }

  return (packet) => {
    if (!isCooked(packet)) {
      const start = formatHex(packet.subarray(0, COOKED_HEADER)) || "no bytes";
      return [{ at: 0, decoded: { error: `Cannot read packet at byte 0: no netlink header in ${start}` } }];
    }
    const family = packet[14]! * 256 + packet[15]!;
    const bytes = packet.subarray(COOKED_HEADER);
    if (family !== N.NETLINK_ROUTE && family !== N.NETLINK_GENERIC) {
      return [{ at: 0, decoded: foreign(N.NETLINK_NAMES[family] ?? `netlink family ${family}`, bytes.length) }];
    }
    if (isForeign(bytes)) {
      const error = "Cannot decode netlink message at byte 0: it is in the other byte order";
      return [{ at: COOKED_HEADER, decoded: { error } }];
    }
    return messagesOf(bytes).flatMap(({ at, message, type, request }) => {
      const decoded = family === N.NETLINK_GENERIC && type !== undefined ? generic(message, type) : route(message);
      return decoded.map((one) => ({ at: COOKED_HEADER + at, decoded: request ? { ...one, request } : one }));
    });
  };
}

/** A message of a packet; without a type: what is left, and is none. */
interface OneMessage {
  readonly at: number;
  readonly message: Uint8Array;
  readonly type?: number;
  /** Whether it has NLM_F_REQUEST: what the kernel sends by itself, or answers, has not. */
  readonly request: boolean;
}

/** The messages of a packet, one by one. */
function messagesOf(bytes: Uint8Array): OneMessage[] {
  const messages: OneMessage[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length;) {
    const left = bytes.length - at;
    const length = left < N.NLMSG_HDRLEN ? 0 : view.getUint32(at, true);
    if (length < N.NLMSG_HDRLEN || length > left) {
      messages.push({ at, message: bytes.subarray(at), request: false });
      break;
    }
    const request = (view.getUint16(at + 6, true) & N.NLM_F_REQUEST) !== 0;
    messages.push({ at, message: bytes.subarray(at, at + length), type: view.getUint16(at + 4, true), request });
    at += (length + 3) & ~3;
  }
  return messages;
}

/** What is none of netflags' business: said, and no error. */
function foreign(message: string, length: number): ForeignMessage {
  return { message, length };
}

/** Whether the first length of a packet makes sense in the other byte order alone. */
function isForeign(bytes: Uint8Array): boolean {
  if (bytes.length < N.NLMSG_HDRLEN) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const fits = (length: number): boolean => length >= N.NLMSG_HDRLEN && length <= bytes.length;
  return !fits(view.getUint32(0, true)) && fits(view.getUint32(0));
}
