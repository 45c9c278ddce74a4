import { HEX } from "../../common/address_text.ts";
import { type Packet, readText } from "./netlink.ts";
import { NLA_HDRLEN } from "./numbers.ts";

/** Words per interface: its index, lengths, then the bytes of its name and of its hardware address. */
const STRIDE = 8;
const NAME = 2;
const NAME_WORDS = 4; // IFNAMSIZ
const ADDRESS = 6;
const FIRST_SLOTS = 64;
const MOST_SLOTS = 16384; // 512 KiB, for as many interfaces

/**
 * The last texts, by interface index, with the bytes that they were read from. The same bytes give the same string
 * object again, after a comparison of a few words. Names seldom change, and making a string is the most expensive part
 * of decoding a link. This is only a cache: its result depends only on the bytes, and indexes that share a place only
 * decode again.
 */
class LinkTexts {
  #words = new Uint32Array(FIRST_SLOTS * STRIDE);
  #names: string[] = new Array(FIRST_SLOTS).fill("");
  #addresses: string[] = new Array(FIRST_SLOTS).fill("");
  #mask = FIRST_SLOTS - 1;

  /**
   * The name with its attribute at `header`. Its `length` bytes of payload must be inside the packet.
   */
  name(packet: Packet, index: number, header: number, length: number): string {
    const { u32 } = packet;
    const words = this.#words;
    const slot = index & this.#mask;
    const place = slot * STRIDE;
    const from = (header + NLA_HDRLEN) >> 2;
    if (words[place] === index && words[place + 1] === length) {
      // A name has at most 16 bytes. The bytes after it in its last word are padding, which the kernel sets to zero. If
      // a sender does not, the words differ, and the name is decoded again.
      const last = (length + 3) >> 2;
      let i = 0;
      while (i < last && words[place + NAME + i] === u32[from + i]) i++;
      if (i === last) return this.#names[slot]!;
    }
    const at = header + NLA_HDRLEN;
    const known = words[place] === index ? this.#names[slot] : undefined;
    const name = readText(packet.u8, at, at + length, known);
    if (length <= NAME_WORDS * 4) {
      const to = this.#place(index);
      this.#words[to + 1] = length;
      for (let i = 0; i < NAME_WORDS; i++) this.#words[to + NAME + i] = 4 * i < length ? u32[from + i]! : 0;
      this.#names[to / STRIDE] = name;
    }
    return name;
  }

  /** A hardware address of six bytes at a checked place: lower-case hexadecimal with colons. */
  address6(packet: Packet, index: number, at: number): string {
    const { u32, u16 } = packet;
    const first = u32[at >> 2]!;
    const rest = u16[(at >> 1) + 2]!;
    const slot = index & this.#mask;
    const place = slot * STRIDE;
    const known = this.#addresses[slot]!;
    if (
      words6(this.#words, place, index, first, rest) && known !== ""
    ) return known;
    const text = HEX[first & 0xff]! + ":" + HEX[(first >> 8) & 0xff]! + ":" + HEX[(first >> 16) & 0xff]! + ":" +
      HEX[first >>> 24]! + ":" + HEX[rest & 0xff]! + ":" + HEX[rest >> 8]!;
    const to = this.#place(index);
    this.#words[to + ADDRESS] = first;
    this.#words[to + ADDRESS + 1] = rest;
    this.#addresses[to / STRIDE] = text;
    return text;
  }

  /**
   * The place of an interface's words, emptied if another interface had it. If two interfaces need the same place,
   * there are more places.
   */
  #place(index: number): number {
    for (;;) {
      const slot = index & this.#mask;
      const place = slot * STRIDE;
      if (this.#words[place] === index) return place;
      if (this.#words[place] !== 0 && this.#mask < MOST_SLOTS - 1) {
        this.#grow();
        continue;
      }
      this.#words[place] = index;
      this.#words[place + 1] = 0;
      this.#names[slot] = "";
      this.#addresses[slot] = "";
      return place;
    }
  }

  #grow(): void {
    const [words, names, addresses] = [this.#words, this.#names, this.#addresses];
    const size = 2 * names.length;
    this.#mask = size - 1;
    this.#words = new Uint32Array(size * STRIDE);
    this.#names = new Array(size).fill("");
    this.#addresses = new Array(size).fill("");
    names.forEach((name, from) => {
      const to = words[from * STRIDE]! & this.#mask;
      this.#words.set(words.subarray(from * STRIDE, (from + 1) * STRIDE), to * STRIDE);
      this.#names[to] = name;
      this.#addresses[to] = addresses[from]!;
    });
  }
}

function words6(words: Uint32Array, place: number, index: number, first: number, rest: number): boolean {
  return words[place] === index && words[place + ADDRESS] === first && words[place + ADDRESS + 1] === rest;
}

/** The cache of this thread. All readers of links share it, so that a list every second makes no strings. */
export const linkTexts = new LinkTexts();
