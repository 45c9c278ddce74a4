/**
 * Netlink framing (RFC 3549; include/uapi/linux/netlink.h): the walk over messages and over attributes. Each length
 * from outside is checked here, once, so that the code after it can rely on the bounds.
 */
import { bytesOfText, textOfBytes } from "../../common/byte_text.ts";
import { MalformedMessageError } from "../../contract/errors.ts";
import {
  NLA_HDRLEN,
  NLA_TYPE_MASK,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLMSG_DONE,
  NLMSG_HDRLEN,
  NLMSGERR_ATTR_MSG,
} from "./numbers.ts";

// #define NLMSG_ALIGN(len) (((len) + NLMSG_ALIGNTO - 1) & ~(NLMSG_ALIGNTO - 1)), with NLMSG_ALIGNTO 4; NLA_ALIGN is the same
function align(length: number): number {
  return (length + 3) & ~3;
}

/**
 * Bytes received in one call, with the views that the decoders use. Netlink has the host's byte order. Every machine
 * that Deno runs on is little-endian, and so are its typed arrays.
 */
export class Packet {
  /** The bytes. */
  readonly u8: Uint8Array<ArrayBuffer>;
  /** The same bytes as unsigned words of 16 bits. */
  readonly u16: Uint16Array<ArrayBuffer>;
  /** The same bytes as unsigned words of 32 bits. */
  readonly u32: Uint32Array<ArrayBuffer>;
  /** The same bytes as signed words of 32 bits. */
  readonly i32: Int32Array<ArrayBuffer>;

  /** Makes room for `size` bytes. */
  constructor(size: number) {
    const buffer = new ArrayBuffer(align(size));
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i32 = new Int32Array(buffer);
  }

  /** A packet with a copy of these bytes: captured bytes may start at any offset, but the views need an aligned one. */
  static of(bytes: Uint8Array): Packet {
    const packet = new Packet(bytes.length);
    packet.u8.set(bytes);
    return packet;
  }
}

/** Walks the messages of a packet (struct nlmsghdr). The fields are those of the message that `next` came to. */
export class Messages {
  /** Where the bytes are. */
  readonly packet: Packet;
  /** nlmsg_type */
  type = 0;
  /** nlmsg_flags */
  flags = 0;
  /** nlmsg_seq */
  seq = 0;
  /** Where the payload starts. */
  start = 0;
  /** Where the message ends, before its padding. */
  end = 0;
  #next = 0;
  #end = 0;

  constructor(packet: Packet) {
    this.packet = packet;
  }

  /** Starts over with `length` bytes of the packet, from a place on. */
  begin(length: number, at = 0): this {
    this.#next = at;
    this.#end = at + length;
    return this;
  }

  /**
   * Goes to the next message, or returns false at the end.
   *
   * @throws {MalformedMessageError} The next bytes are not a whole message.
   */
  next(): boolean {
    const at = this.#next;
    const left = this.#end - at;
    if (left <= 0) return false;
    const length = left < NLMSG_HDRLEN ? 0 : this.packet.u32[at >> 2]!;
    if (length < NLMSG_HDRLEN || length > left) {
      this.#next = this.#end; // nothing after it can be trusted
      throw new MalformedMessageError(
        `Cannot decode netlink message at byte ${at}: length ${length} with ${left} bytes left`,
        { operation: "decode netlink message" },
      );
    }
    this.type = this.packet.u16[(at >> 1) + 2]!;
    this.flags = this.packet.u16[(at >> 1) + 3]!;
    this.seq = this.packet.u32[(at >> 2) + 2]!;
    this.start = at + NLMSG_HDRLEN;
    this.end = at + length;
    this.#next = at + align(length);
    return true;
  }
}

/** The places of a message's attributes, by type, so that a decoder can ask for those that it wants. */
export class Attributes {
  readonly #packet: Packet;
  /**
   * Where each type's payload starts. One number for each attribute is enough: its length is before it in the packet.
   */
  readonly #at: Int32Array;

  /** `limit` is one more than the highest type of interest; attributes above it are skipped. */
  constructor(packet: Packet, limit: number) {
    this.#packet = packet;
    this.#at = new Int32Array(limit);
  }

  /**
   * Notes the attributes between two offsets. If a type occurs more than once, the last one counts.
   *
   * @throws {MalformedMessageError} An attribute is shorter than its header or reaches beyond the end.
   */
  index(start: number, end: number): void {
    const { u32 } = this.#packet;
    const at = this.#at;
    const limit = at.length;
    at.fill(0);
    for (let next = start; end - next >= NLA_HDRLEN;) {
      const header = u32[next >> 2]!; // struct nlattr in one read: nla_len, then nla_type
      const length = header & 0xffff;
      if (length < NLA_HDRLEN || length > end - next) throw tornAttribute(next, length, end - next);
      const type = (header >>> 16) & NLA_TYPE_MASK;
      if (type < limit) at[type] = next + NLA_HDRLEN;
      next += align(length);
    }
  }

  /** Where an attribute's payload starts, or 0 if the message has no such attribute. */
  at(type: number): number {
    return this.#at[type]!;
  }

  /** The length of a payload; only for an attribute that exists. */
  length(type: number): number {
    return this.#packet.u16[(this.#at[type]! - NLA_HDRLEN) >> 1]! - NLA_HDRLEN;
  }

  /** Where a payload ends; only for an attribute that exists. */
  end(type: number): number {
    return this.#at[type]! + this.length(type);
  }

  /** An 8-bit attribute, or -1 if it is absent. */
  u8(type: number): number {
    const at = this.#place(type, 1);
    return at === 0 ? -1 : this.#packet.u8[at]!;
  }

  /** A signed 32-bit attribute, or `absent`. */
  i32(type: number, absent: number): number {
    const at = this.#place(type, 4);
    return at === 0 ? absent : this.#packet.i32[at >> 2]!;
  }

  /** An unsigned 32-bit attribute, or -1 if it is absent. */
  u32(type: number): number {
    const at = this.#place(type, 4);
    return at === 0 ? -1 : this.#packet.u32[at >> 2]!;
  }

  #place(type: number, needs: number): number {
    const at = this.#at[type]!;
    if (at !== 0 && this.length(type) < needs) {
      throw tooShort(`netlink attribute ${type}`, at, this.length(type), needs, "netlink message");
    }
    return at;
  }
}

/** The error where something has fewer bytes than it needs. `message`: what it belongs to, if it is no message itself. */
export function tooShort(
  what: string,
  at: number,
  length: number,
  needs: number,
  message: string = what,
): MalformedMessageError {
  return new MalformedMessageError(
    `Cannot decode ${what} at byte ${at}: ${length} bytes where ${needs} are needed`,
    { operation: `decode ${message}` },
  );
}

function tornAttribute(at: number, length: number, left: number): MalformedMessageError {
  return new MalformedMessageError(
    `Cannot decode netlink attribute at byte ${at}: length ${length} with ${left} bytes left`,
    { operation: "decode netlink message" },
  );
}

/**
 * Steps over attributes that may repeat. Returns where the next attribute of this type starts (its header) at or after
 * `next`, or -1.
 *
 * @throws {MalformedMessageError} An attribute is shorter than its header or reaches beyond the end.
 */
export function nextAttribute(packet: Packet, type: number, next: number, end: number): number {
  const { u16 } = packet;
  while (end - next >= NLA_HDRLEN) {
    const length = u16[next >> 1]!;
    if (length < NLA_HDRLEN || length > end - next) throw tornAttribute(next, length, end - next);
    if ((u16[(next >> 1) + 1]! & NLA_TYPE_MASK) === type) return next;
    next += align(length);
  }
  return -1;
}

/** The end of the payload of an attribute whose header {@linkcode nextAttribute} found. */
export function attributeEnd(packet: Packet, header: number): number {
  return header + packet.u16[header >> 1]!;
}

/** Where the next attribute starts. */
export function afterAttribute(packet: Packet, header: number): number {
  return header + align(packet.u16[header >> 1]!);
}

/**
 * A string attribute: the bytes up to the first NUL or the end. Returns `previous` itself if the text is the same, so
 * that an unchanged name costs no new string.
 */
export function readText(u8: Uint8Array, start: number, end: number, previous: string | undefined): string {
  let stop = start;
  let ascii = true;
  while (stop < end && u8[stop] !== 0) ascii = u8[stop++]! < 0x80 && ascii;
  const length = stop - start;
  if (ascii && previous !== undefined && previous.length === length) {
    let i = 0;
    while (i < length && previous.charCodeAt(i) === u8[start + i]) i++;
    if (i === length) return previous;
  }
  if (!ascii || length > 32) return textOfBytes(u8.subarray(start, stop));
  let text = "";
  for (let i = start; i < stop; i++) text += String.fromCharCode(u8[i]!);
  return text;
}

/** What an acknowledgement says (struct nlmsgerr). */
export interface Acknowledgement {
  /** 0, or the positive error number. */
  readonly errno: number;
  /** The kernel's own text (NLMSGERR_ATTR_MSG), if it gave one. */
  readonly text: string | undefined;
}

/**
 * Reads an NLMSG_ERROR message: the error number, and the kernel's text from the attributes after the echoed request.
 *
 * @throws {MalformedMessageError} It is shorter than its error number.
 */
export function readAcknowledgement(messages: Messages): Acknowledgement {
  const { packet, type, start, end, flags } = messages;
  if (end - start < 4) throw tooShort("netlink acknowledgement", start, end - start, 4, "netlink message");
  const errno = 0 - packet.i32[start >> 2]!; // a unary minus would turn success into -0
  let text: string | undefined;
  if ((flags & NLM_F_ACK_TLVS) !== 0 && end - start >= (type === NLMSG_DONE ? 4 : 4 + NLMSG_HDRLEN)) {
    // The request is echoed whole unless NLM_F_CAPPED, then the attributes follow; NLMSG_DONE echoes nothing.
    const echoed = type === NLMSG_DONE
      ? 0
      : (flags & NLM_F_CAPPED) !== 0
      ? NLMSG_HDRLEN
      : align(packet.u32[(start + 4) >> 2]!);
    const first = start + 4 + echoed;
    const header = first > start && first <= end ? nextAttribute(packet, NLMSGERR_ATTR_MSG, first, end) : -1;
    if (header >= 0) {
      text = readText(packet.u8, header + NLA_HDRLEN, attributeEnd(packet, header), undefined);
    }
  }
  return { errno, text };
}

/** An attribute of a request: its type and its payload. */
export type RequestAttribute = readonly [type: number, payload: Uint8Array];

/** Builds a request: struct nlmsghdr, the family's own header, attributes. The kernel fills in who sends it. */
export function buildRequest(
  type: number,
  flags: number,
  seq: number,
  header: Uint8Array,
  attributes: readonly RequestAttribute[],
): Uint8Array<ArrayBuffer> {
  const length = attributes.reduce(
    (sum, [, payload]) => sum + align(NLA_HDRLEN + payload.length),
    NLMSG_HDRLEN + align(header.length),
  );
  const bytes = new Uint8Array(new ArrayBuffer(length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, seq, true);
  bytes.set(header, NLMSG_HDRLEN);
  let at = NLMSG_HDRLEN + align(header.length);
  for (const [attribute, payload] of attributes) {
    view.setUint16(at, NLA_HDRLEN + payload.length, true);
    view.setUint16(at + 2, attribute, true);
    bytes.set(payload, at + NLA_HDRLEN);
    at += align(NLA_HDRLEN + payload.length);
  }
  return bytes;
}

/** A 32-bit attribute's payload. */
export function u32Payload(value: number): Uint8Array {
  return new Uint8Array(new Uint32Array([value]).buffer);
}

/** A string attribute's payload, with its NUL. */
export function textPayload(text: string): Uint8Array {
  return bytesOfText(`${text}\0`);
}
