import type { LinkFacts } from "../../contract/status.ts";
import { LinkReader } from "../wire/link.ts";
import { afterAttribute, attributeEnd, Packet } from "../wire/netlink.ts";
import * as N from "../wire/numbers.ts";

/** The message may say anything new. */
export const NEWS = 0;
/** It has another state of an interface with the same names and attributes. */
export const STATE = 1;
/** It says the same as the message before it. */
export const REPEATED = 2;

/** An attribute that a selection looks at. The rest of IFLA_LINKINFO is timers and settings. */
const NAMES = 1;
/** An attribute with another field that LinkReader reads. */
const STATES = 2;
const DECIDES = new Uint8Array(N.IFLA_INDEXED);
for (const type of [N.IFLA_IFNAME, N.IFLA_PROP_LIST, N.IFLA_LINKINFO, N.IFLA_MASTER]) DECIDES[type] = NAMES;
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
    N.IFLA_LINK,
    N.IFLA_LINK_NETNSID,
  ]
) DECIDES[type] = STATES;

interface Entry {
  /** Bytes of the message. */
  length: number;
  /**
   * Where each relevant word is, in words from the message's start: first the words that do not change with the state.
   */
  places: Int32Array;
  words: Uint32Array;
  /** How many words do not change with the state. */
  fixed: number;
  /** Whether messages of another state were skipped, so that nobody knows the state in `words`. */
  behind: boolean;
}

/**
 * Finds out whether a message says anything new, before it is decoded. For each interface it remembers the words of the
 * last message that decide on its status: every attribute's header, and the payload of the attributes that are read. A
 * message with the same words says the same, whatever its statistics, timers and queue lengths are. The comparison is a
 * loop over some sixty words at known places, without a walk, a chain of lengths or an object.
 */
export class LinkDeduplicator {
  readonly #packet: Packet;
  readonly #entries = new Map<number, Entry>();
  /** The places in the current message; `#count` of them are valid. */
  #places = new Int32Array(128);
  #count = 0;
  #fixed = 0;

  /** Compares messages in this packet. */
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
   * Remembers a message that was reported, after {@linkcode LinkReader.load} has checked it. `said` is the result of
   * {@linkcode LinkDeduplicator.compare}: the words of another state are in the same places.
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

  /** Notes a message of another state without decoding it, after {@linkcode LinkDeduplicator.compare} found that it is one. */
  passOver(start: number, index: number): void {
    const entry = this.#entries.get(index);
    if (entry === undefined) return;
    this.#copy(entry, start, entry.fixed);
    entry.behind = true;
  }

  /**
   * The state after the skipped messages; undefined if there were none. It puts the relevant words into a message
   * again, and decodes that like any other.
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

  /** Forgets every message, because the known states came from elsewhere meanwhile. */
  clear(): void {
    this.#entries.clear();
  }

  /** Copies the words from the message; those before `from` are already there. */
  #copy({ places, words }: Entry, start: number, from: number): void {
    const { u32 } = this.#packet;
    const base = start >> 2;
    for (let i = from; i < words.length; i++) words[i] = u32[base + places[i]!]!;
  }

  /** Lists the places of a checked message: those of names, kind and headers, then those of the state. */
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

  /** The end of the part of an attribute that does not change with the state. */
  #fixedEnd(at: number): number {
    const payload = at + N.NLA_HDRLEN;
    if (DECIDES[this.#type(at)] !== NAMES) return payload;
    const end = attributeEnd(this.#packet, at);
    // The kernel writes the kind first. If a sender does not, everything nested counts.
    const kindFirst = this.#type(at) === N.IFLA_LINKINFO && end - payload >= N.NLA_HDRLEN &&
      this.#type(payload) === N.IFLA_INFO_KIND;
    return kindFirst ? Math.min(attributeEnd(this.#packet, payload), end) : end;
  }

  #type(at: number): number {
    return this.#packet.u16[(at >> 1) + 1]! & N.NLA_TYPE_MASK;
  }

  /** Adds the words that contain `bytes` bytes from `at` on. */
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
