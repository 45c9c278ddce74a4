/** Packets of an nlmon interface: netlink messages of every family, in both directions. */
import { formatHex } from "../../../platforms/common/address_text.ts";
import { MalformedMessageError } from "../../../platforms/contract/errors.ts";
import { isDate, isoTime } from "../options/time.ts";
import type { Decoded } from "../../../platforms/contract/system.ts";
import { readFamilyName } from "../../../platforms/linux/ask/generic.ts";
import { Packet } from "../../../platforms/linux/wire/netlink.ts";
import { decodeNl80211 } from "../../../platforms/linux/wire/nl80211.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { shifted } from "./shift.ts";

/** LINKTYPE_NETLINK: packets with a cooked header of 16 bytes, as Linux's nlmon gives them. */
export const LINKTYPE_NETLINK = 253;
/** The cooked header: packet type, ARPHRD_NETLINK, 10 bytes of no meaning, netlink family; all in network byte order. */
const COOKED_HEADER = 16;
const ARPHRD_NETLINK = 824;
/** NETLINK_* of include/uapi/linux/netlink.h */
const FAMILIES: Readonly<Record<number, string>> = {
  0: "NETLINK_ROUTE",
  2: "NETLINK_USERSOCK",
  4: "NETLINK_SOCK_DIAG",
  5: "NETLINK_NFLOG",
  6: "NETLINK_XFRM",
  7: "NETLINK_SELINUX",
  9: "NETLINK_AUDIT",
  10: "NETLINK_FIB_LOOKUP",
  11: "NETLINK_CONNECTOR",
  12: "NETLINK_NETFILTER",
  15: "NETLINK_KOBJECT_UEVENT",
  16: "NETLINK_GENERIC",
  18: "NETLINK_SCSITRANSPORT",
  20: "NETLINK_RDMA",
  21: "NETLINK_CRYPTO",
  22: "NETLINK_SMC",
};

/** The longest name of a family: include/uapi/linux/genetlink.h. */
const GENL_NAMSIZ = 16;

/** Whether bytes begin with a cooked header. No netlink message does: it would have 900 MiB. */
function isCooked(bytes: Uint8Array): boolean {
  return bytes.length >= COOKED_HEADER && bytes[0] === 0 && bytes[2]! * 256 + bytes[3]! === ARPHRD_NETLINK;
}

/** Where a packet was, and when. */
export interface PacketPlace {
  /** Where in the file it starts. */
  readonly offset: number;
  readonly time?: number | undefined;
  /** How many bytes it had before some were cut off. */
  readonly length: number;
}

/**
 * Decodes packets with their cooked headers. The families of generic netlink have other numbers after each boot: they are
 * learned from what the kernel says of them (CTRL_CMD_NEWFAMILY) in the capture itself.
 */
export class NetlinkPackets {
  readonly #route: (bytes: Uint8Array) => readonly Decoded[];
  /** What a family is taken for that the capture does not name. */
  readonly #unnamed: string | undefined;
  readonly #names = new Map<number, string>([[N.GENL_ID_CTRL, "nlctrl"]]);

  constructor(route: (bytes: Uint8Array) => readonly Decoded[], unnamed?: string) {
    this.#route = route;
    this.#unnamed = unnamed;
  }

  /** What the messages of a packet say; beside each, when it was, and whether somebody asked the kernel with it. */
  decode(packet: Uint8Array, { offset, time, length }: PacketPlace): Decoded[] {
    const when = time === undefined || !isDate(time) ? {} : { time: isoTime(time) };
    if (!isCooked(packet)) {
      const start = formatHex(packet.subarray(0, COOKED_HEADER)) || "no bytes";
      return [{ error: `Cannot read packet at byte ${offset}: no netlink header in ${start}`, ...when }];
    }
    const family = packet[14]! * 256 + packet[15]!;
    const bytes = packet.subarray(COOKED_HEADER);
    const base = offset + COOKED_HEADER;
    const cut = length > packet.length ? ` (the capture kept ${packet.length} of ${length} bytes)` : "";
    if (family !== N.NETLINK_ROUTE && family !== N.NETLINK_GENERIC) {
      return [{ ...undecoded(FAMILIES[family] ?? `netlink family ${family}`, bytes.length), ...when }];
    }
    if (isForeign(bytes)) {
      return [{ error: `Cannot decode netlink message at byte ${base}: it is in the other byte order`, ...when }];
    }
    const decoded: Decoded[] = [];
    for (const { at, message, type, request } of messagesOf(bytes)) {
      const said = family === N.NETLINK_GENERIC && type !== undefined
        ? this.#generic(message, type)
        : this.#route(message);
      const beside = request ? { request, ...when } : when;
      for (const one of said) {
        const { error } = shifted(one, base + at, 0);
        decoded.push({ ...one, ...(error === undefined ? {} : { error: error + cut }), ...beside });
      }
    }
    return decoded;
  }

  #generic(bytes: Uint8Array, type: number): readonly Decoded[] {
    if (type < N.GENL_ID_CTRL) return this.#route(bytes); // an acknowledgement, or the end of a list
    if (type === N.GENL_ID_CTRL) return [this.#control(bytes)];
    const name = this.#names.get(type) ?? this.#unnamed;
    if (name === N.NL80211_GENL_NAME) return decodeNl80211(bytes);
    return [undecoded(name ?? `generic netlink family ${type}, which the capture does not name`, bytes.length)];
  }

  /** What the kernel, or who asks it, says of families. */
  #control(bytes: Uint8Array): Decoded {
    try {
      const family = readFamilyName(Packet.of(bytes), N.NLMSG_HDRLEN, bytes.length);
      if (family === undefined) return undecoded("nlctrl", bytes.length);
      if (family.name.length <= GENL_NAMSIZ) this.#names.set(family.id, family.name);
      const told = { message: "CTRL_CMD_NEWFAMILY", id: family.id, family: family.name };
      return told;
    } catch (error) {
      if (error instanceof MalformedMessageError) return { error: error.message };
      throw error;
    }
  }
}

/** A message of a packet; without a type: what is left, and is none. */
interface OneMessage {
  readonly at: number;
  readonly message: Uint8Array;
  readonly type?: number;
  /** Whether it has NLM_F_REQUEST: what the kernel tells by itself, or answers, has not. */
  readonly request: boolean;
}

/** The messages of a packet, one by one. */
function* messagesOf(bytes: Uint8Array): Generator<OneMessage, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length;) {
    const left = bytes.length - at;
    const length = left < N.NLMSG_HDRLEN ? 0 : view.getUint32(at, true);
    if (length < N.NLMSG_HDRLEN || length > left) return yield { at, message: bytes.subarray(at), request: false };
    const request = (view.getUint16(at + 6, true) & N.NLM_F_REQUEST) !== 0;
    yield { at, message: bytes.subarray(at, at + length), type: view.getUint16(at + 4, true), request };
    at += (length + 3) & ~3;
  }
}

/** What is none of netflags' business: said, and no error. */
function undecoded(message: string, length: number): Decoded {
  const told = { message, length };
  return told;
}

/** Whether the first length of a packet makes sense in the other byte order alone. */
function isForeign(bytes: Uint8Array): boolean {
  if (bytes.length < N.NLMSG_HDRLEN) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const fits = (length: number): boolean => length >= N.NLMSG_HDRLEN && length <= bytes.length;
  return !fits(view.getUint32(0, true)) && fits(view.getUint32(0));
}
