import { bytesOfText } from "../../../platforms/common/byte_text.ts";
import { NLA_HDRLEN, NLMSG_HDRLEN } from "../../../platforms/linux/wire/numbers.ts";

/** Writes netlink messages, one at a time, into memory that is used again: a test may make a hundred thousand. */
export class MessageWriter {
  #view = new DataView(new ArrayBuffer(1024));
  #bytes = new Uint8Array(this.#view.buffer);
  #at = 0;

  /** Begins a message (struct nlmsghdr); its family's header comes next. */
  begin(type: number, flags: number, seq: number): this {
    this.#bytes.fill(0, 0, NLMSG_HDRLEN);
    this.#at = NLMSG_HDRLEN;
    this.#view.setUint16(4, type, true);
    this.#view.setUint16(6, flags, true);
    this.#view.setUint32(8, seq, true);
    return this;
  }

  /** Adds the words of a header. */
  words(...words: readonly number[]): this {
    for (const word of words) {
      this.#room(4);
      this.#view.setUint32(this.#at, word >>> 0, true);
      this.#at += 4;
    }
    return this;
  }

  /** Adds the bytes of a header. */
  header(...bytes: readonly number[]): this {
    this.#room(bytes.length);
    for (const byte of bytes) this.#bytes[this.#at++] = byte;
    return this;
  }

  /** Adds an attribute of 8 bits. */
  u8(type: number, value: number): this {
    const at = this.#attribute(type, 1);
    this.#bytes[at] = value;
    return this;
  }

  /** Adds one of 16 bits. */
  u16(type: number, value: number): this {
    this.#view.setUint16(this.#attribute(type, 2), value, true);
    return this;
  }

  /** Adds one of 32 bits. */
  u32(type: number, value: number): this {
    this.#view.setUint32(this.#attribute(type, 4), value >>> 0, true);
    return this;
  }

  /** Adds one of bytes. */
  bytes(type: number, payload: ArrayLike<number>): this {
    this.#bytes.set(payload, this.#attribute(type, payload.length));
    return this;
  }

  /** Adds a string, with its NUL. */
  text(type: number, text: string): this {
    for (let i = 0; i < text.length; i++) {
      if (text.charCodeAt(i) >= 0x80) return this.bytes(type, bytesOfText(`${text}\0`));
    }
    const at = this.#attribute(type, text.length + 1);
    for (let i = 0; i < text.length; i++) this.#bytes[at + i] = text.charCodeAt(i);
    return this;
  }

  /** Adds one whose content the function writes. */
  nest(type: number, write: () => void): this {
    const start = this.#attribute(type, 0);
    write();
    this.#view.setUint16(start - NLA_HDRLEN, this.#at - start + NLA_HDRLEN, true);
    return this;
  }

  /** The whole message. */
  end(): Uint8Array<ArrayBuffer> {
    this.#view.setUint32(0, this.#at, true);
    return this.#bytes.slice(0, this.#at);
  }

  /** Writes the header of an attribute, and returns where its payload stands: zeros, up to the next attribute. */
  #attribute(type: number, length: number): number {
    const size = (NLA_HDRLEN + length + 3) & ~3;
    this.#room(size);
    const at = this.#at;
    this.#view.setUint16(at, NLA_HDRLEN + length, true);
    this.#view.setUint16(at + 2, type, true);
    this.#bytes.fill(0, at + NLA_HDRLEN, at + size);
    this.#at = at + size;
    return at + NLA_HDRLEN;
  }

  #room(size: number): void {
    if (this.#at + size <= this.#bytes.length) return;
    const bytes = new Uint8Array(new ArrayBuffer(2 * (this.#at + size)));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}
