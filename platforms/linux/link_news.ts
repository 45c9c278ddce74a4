import type { LinkFacts } from "../contract/status.ts";
import { LinkReader } from "./link.ts";
import { afterAttribute, attributeEnd, Packet } from "./netlink.ts";
import * as N from "./numbers.ts";

/** The message may say anything new. */
export const NEWS = 0;
/** It tells another state of an interface with the same names and attributes. */
export const STATE = 1;
/** It says what the one before it said. */
export const REPEATED = 2;

/** An attribute that holds names, or the kind: what else is in IFLA_LINKINFO are timers and settings. */
const NAMES = 1;
/** An attribute that holds another field which LinkReader reads. */
const STATES = 2;
const DECIDES = new Uint8Array(N.IFLA_INDEXED);
for (const type of [N.IFLA_IFNAME, N.IFLA_PROP_LIST, N.IFLA_LINKINFO]) DECIDES[type] = NAMES;
for (
  const type of [
    N.IFLA_OPERSTATE,
    N.IFLA_LINKMODE,
    N.IFLA_CARRIER,
    N.IFLA_CARRIER_CHANGES,
    N.IFLA_CARRIER_UP_COUNT,
    N.IFLA_CARRIER_DOWN_COUNT,
    N.IFLA_MTU,
    N.IFLA_ADDRESS,
    N.IFLA_MASTER,
    N.IFLA_LINK,
    N.IFLA_LINK_NETNSID,
  ]
) DECIDES[type] = STATES;

interface Entry {
  /** Bytes of the message. */
  length: number;
  /** Where each word that counts stands, in words from the message's start: first those that the state does not change. */
  places: Int32Array;
  words: Uint32Array;
  /** How many those are. */
  fixed: number;
  /** Whether messages of another state were passed over, so that nobody was told what `words` say. */
  behind: boolean;
}

/**
 * Tells messages that are news from those that are not, before anything is decoded. It remembers of each interface the
 * words of its last message that decide on its status: every attribute's header, and the payload of those attributes
 * that are read. A message with the same words says the same, whatever its statistics, timers and queue lengths are;
 * finding that out is a loop over some sixty words at known places, without a walk, a chain of lengths or an object.
 */
export class LinkNews {
  readonly #packet: Packet;
  readonly #entries = new Map<number, Entry>();
  /** The places of the message in hand, as many as `#count`. */
  #places = new Int32Array(128);
  #count = 0;
  #fixed = 0;

  /** Tells of messages that stand in this packet. */
  constructor(packet: Packet) {
    this.#packet = packet;
  }

  /** Compares the message between two offsets with the last one of this interface. */
  compare(start: number, end: number, index: number): number {
    const entry = this.#entries.get(index);
    if (entry === undefined || entry.length !== end - start) return NEWS;
    const { places, words, fixed } = entry;
    const { u32 } = this.#packet;
    const base = start >> 2;
    let i = 0;
    while (i < words.length && u32[base + places[i]!] === words[i]) i++;
    return i < fixed ? NEWS : i < words.length || entry.behind ? STATE : REPEATED;
  }

  /**
   * Remembers a message that was told, after {@linkcode LinkReader.load} has checked it; `said` is what
   * {@linkcode LinkNews.compare} found: words of another state stand in the same places.
   */
  remember(start: number, end: number, index: number, said: number): void {
    let entry = this.#entries.get(index);
    if (said !== NEWS && entry !== undefined) {
      entry.behind = false;
      this.#copy(entry, start, entry.fixed);
      return;
    }
    this.#collect(start, end);
    if (entry === undefined || entry.places.length !== this.#count) {
      const places = new Int32Array(this.#count);
      const words = new Uint32Array(this.#count);
      entry = { length: 0, places, words, fixed: 0, behind: false };
      this.#entries.set(index, entry);
    }
    entry.length = end - start;
    entry.fixed = this.#fixed;
    entry.behind = false;
    for (let i = 0; i < this.#count; i++) entry.places[i] = this.#places[i]!;
    this.#copy(entry, start, 0);
  }

  /** Notes a message of another state without decoding it, after {@linkcode LinkNews.compare} found it to be that. */
  passOver(start: number, index: number): void {
    const entry = this.#entries.get(index);
    if (entry === undefined) return;
    this.#copy(entry, start, entry.fixed);
    entry.behind = true;
  }

  /**
   * What the messages that were passed over came to; undefined where there were none. The words that count stand in
   * a message again, and that is decoded as any other.
   */
  missed(index: number): LinkFacts | undefined {
    const entry = this.#entries.get(index);
    if (entry === undefined || !entry.behind) return undefined;
    entry.behind = false;
    const { places, words, length } = entry;
    const packet = new Packet(length);
    for (let i = 0; i < words.length; i++) packet.u32[places[i]!] = words[i]!;
    packet.i32[1] = index;
    return new LinkReader(packet).load(0, length).facts();
  }

  /** Forgets an interface. */
  forget(index: number): void {
    this.#entries.delete(index);
  }

  /** Forgets every message: what is known came from elsewhere meanwhile. */
  clear(): void {
    this.#entries.clear();
  }

  /** Takes the words from the message, those before `from` being there already. */
  #copy({ places, words }: Entry, start: number, from: number): void {
    const { u32 } = this.#packet;
    const base = start >> 2;
    for (let i = from; i < words.length; i++) words[i] = u32[base + places[i]!]!;
  }

  /** Lists the places of a message that was checked: those of names, kind and headers, then those of the state. */
  #collect(start: number, end: number): void {
    this.#count = 0;
    this.#add(start, start, 4); // ifi_family, ifi_type
    const first = start + N.IFINFOMSG_LEN;
    for (let at = first; end - at >= N.NLA_HDRLEN; at = afterAttribute(this.#packet, at)) {
      this.#add(start, at, this.#fixedEnd(at) - at);
    }
    this.#fixed = this.#count;
    this.#add(start, start + 8, 4); // ifi_flags
    for (let at = first; end - at >= N.NLA_HDRLEN; at = afterAttribute(this.#packet, at)) {
      if (DECIDES[this.#type(at)] !== STATES) continue;
      this.#add(start, at + N.NLA_HDRLEN, attributeEnd(this.#packet, at) - at - N.NLA_HDRLEN);
    }
  }

  /** Where the part of an attribute ends that does not change with the state. */
  #fixedEnd(at: number): number {
    const payload = at + N.NLA_HDRLEN;
    if (DECIDES[this.#type(at)] !== NAMES) return payload;
    const end = attributeEnd(this.#packet, at);
    // The kernel writes the kind first. Where somebody does not, all that is nested counts.
    const kindFirst = this.#type(at) === N.IFLA_LINKINFO && end - payload >= N.NLA_HDRLEN &&
      this.#type(payload) === N.IFLA_INFO_KIND;
    return kindFirst ? Math.min(attributeEnd(this.#packet, payload), end) : end;
  }

  #type(at: number): number {
    return this.#packet.u16[(at >> 1) + 1]! & N.NLA_TYPE_MASK;
  }

  /** Adds the words that `bytes` bytes from `at` on stand in. */
  #add(start: number, at: number, bytes: number): void {
    for (let place = (at - start) >> 2; bytes > 0; bytes -= 4) {
      if (this.#count === this.#places.length) {
        const more = new Int32Array(2 * this.#count);
        more.set(this.#places);
        this.#places = more;
      }
      this.#places[this.#count++] = place++;
    }
  }
}
