import type { InterfaceStatus } from "../contract/status.ts";
import { LinkReader } from "./link.ts";
import { afterAttribute, attributeEnd, Packet } from "./netlink.ts";
import * as N from "./numbers.ts";

/** What a message says beside the one before it: something that may matter, */
export const NEWS = 0;
/** another state of an interface with the same names and attributes, */
export const STATE = 1;
/** or nothing new. */
export const REPEATED = 2;

/** What an attribute decides on: nothing, */
const NAMES = 1; // names, alternative names and kind (what else is in IFLA_LINKINFO are timers and settings),
const STATES = 2; // or another field that LinkReader.status reads.
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
  /** The status that the message came to; if another one is known now, the message says nothing any more. */
  status: InterfaceStatus | undefined;
  /** Bytes of the message. */
  length: number;
  /** Where each word that counts stands, in words from the message's start: first those that the state does not change. */
  places: Int32Array;
  words: Uint32Array;
  /** How many those are. */
  fixed: number;
  /** Whether `words` is newer than `status`: messages of another state were passed over. */
  behind: boolean;
}

/**
 * Remembers of each interface the words of its last message that decide on its status: every attribute's header, and the
 * payload of those attributes that are read. A message with the same words says the same, whatever its statistics,
 * timers and queue lengths are; finding that out is a loop over some sixty words at known places, without a walk, a
 * chain of lengths or an object.
 */
export class LinkMemory {
  readonly #packet: Packet;
  readonly #entries = new Map<number, Entry>();
  /** The places of the message in hand, as many as `#count`. */
  #places = new Int32Array(128);
  #count = 0;
  #fixed = 0;

  /** Remembers messages that stand in this packet. */
  constructor(packet: Packet) {
    this.#packet = packet;
  }

  /** Compares the message between two offsets with the last one of this interface, of which `known` is known. */
  compare(start: number, end: number, index: number, known: InterfaceStatus | undefined): number {
    const entry = this.#entries.get(index);
    if (known === undefined || entry?.status !== known || entry.length !== end - start) return NEWS;
    const { places, words, fixed } = entry;
    const { u32 } = this.#packet;
    const base = start >> 2;
    let i = 0;
    while (i < words.length && u32[base + places[i]!] === words[i]) i++;
    return i < fixed ? NEWS : i < words.length || entry.behind ? STATE : REPEATED;
  }

  /**
   * Remembers a message that {@linkcode LinkReader.load} has checked, and the status that it came to; `said` is what
   * {@linkcode LinkMemory.compare} found: words of another state stand in the same places.
   */
  remember(start: number, end: number, index: number, status: InterfaceStatus | undefined, said: number): void {
    let entry = this.#entries.get(index);
    if (said !== NEWS && entry !== undefined) {
      entry.status = status;
      entry.behind = false;
      this.#copy(entry, start, entry.fixed);
      return;
    }
    this.#collect(start, end);
    if (entry === undefined || entry.places.length !== this.#count) {
      const places = new Int32Array(this.#count);
      const words = new Uint32Array(this.#count);
      entry = { status, length: 0, places, words, fixed: 0, behind: false };
      this.#entries.set(index, entry);
    }
    entry.status = status;
    entry.length = end - start;
    entry.fixed = this.#fixed;
    entry.behind = false;
    for (let i = 0; i < this.#count; i++) entry.places[i] = this.#places[i]!;
    this.#copy(entry, start, 0);
  }

  /** Notes a message of another state without decoding it, after {@linkcode LinkMemory.compare} found it to be that. */
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
  caughtUp(index: number, known: InterfaceStatus | undefined): InterfaceStatus | undefined {
    const entry = this.#entries.get(index);
    if (entry === undefined || !entry.behind || entry.status !== known) return undefined;
    const { places, words, length } = entry;
    const packet = new Packet(length);
    for (let i = 0; i < words.length; i++) packet.u32[places[i]!] = words[i]!;
    packet.i32[1] = index;
    return new LinkReader(packet).load(0, length).status(known);
  }

  /** Forgets an interface. */
  forget(index: number): void {
    this.#entries.delete(index);
  }

  /** Forgets what was passed over: everything was asked anew, and what the messages said is older. */
  settle(): void {
    for (const [index, { behind }] of this.#entries) if (behind) this.#entries.delete(index);
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
