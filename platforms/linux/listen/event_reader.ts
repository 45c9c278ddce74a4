import type { Drained, Sink } from "../../contract/backend.ts";
import { drainQueue } from "../../common/drain.ts";
import { applyEach } from "../../common/walk.ts";
import { AddressReader, standsBefore } from "../wire/address.ts";
import { LinkReader } from "../wire/link.ts";
import { LinkDeduplicator, REPEATED, STATE } from "./deduplicator.ts";
import type { Messages } from "../wire/netlink.ts";
import * as N from "../wire/numbers.ts";
import { mayBeWireless } from "../ask/requests.ts";

/** Where rtnetlink's datagrams come from: a socket. */
export interface EventSource {
  /** The walk over the last datagram. */
  readonly messages: Messages;
  /** Receives the next datagram: its length, NOTHING or LOST. It may ask the kernel for up to `most` at once. */
  receive(most: number): number;
}

/** Reads rtnetlink's events about links and addresses, and finds out whether they are new. */
export class EventReader {
  readonly #source: EventSource;
  /** The interfaces whose wireless state may have changed with their link. */
  readonly #unqueried: Set<number>;
  readonly #links: LinkReader;
  readonly #deduplicator: LinkDeduplicator;
  readonly #addresses: AddressReader;
  /** Whether anything was said since this was last asked that was not known. */
  #changed = false;

  /** `unqueried` receives the interfaces whose wireless state must be asked for. */
  constructor(source: EventSource, unqueried: Set<number>) {
    const { packet } = source.messages;
    this.#source = source;
    this.#unqueried = unqueried;
    this.#links = new LinkReader(packet);
    this.#deduplicator = new LinkDeduplicator(packet);
    this.#addresses = new AddressReader(packet);
  }

  /** Reads at most `limit` queued datagrams into a sink, in order, without waiting. */
  drain(sink: Sink, limit: number): Drained {
    return drainQueue((most) => this.#source.receive(most), () => this.#apply(sink), limit);
  }

  /** Whether anything was said since the last call that was not known: of any interface, wanted or not. */
  takeChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  /** Forgets the last messages: the next states come from a list. */
  forget(): void {
    this.#deduplicator.clear();
  }

  /** Hands on the content of a datagram. Returns false if a message cannot be decoded, which counts as a loss. */
  #apply(sink: Sink): boolean {
    const { messages } = this.#source;
    return applyEach(messages, () => {
      switch (messages.type) {
        case N.RTM_NEWLINK:
          this.#applyLink(sink, messages.start, messages.end);
          return true;
        case N.RTM_DELLINK:
          this.#applyRemoval(sink, messages.start, messages.end);
          return true;
        case N.RTM_NEWADDR:
        case N.RTM_DELADDR: {
          const { index, address } = this.#addresses.read(messages.start, messages.end);
          this.tellMissed(sink, index);
          if (address !== undefined) {
            sink.apply(index, { address, gone: messages.type === N.RTM_DELADDR, standsBefore });
          }
          return true;
        }
        default:
          return messages.type !== N.NLMSG_OVERRUN;
      }
    });
  }

  #applyLink(sink: Sink, start: number, end: number): void {
    const link = this.#links.at(start, end);
    if (link.family !== N.AF_UNSPEC) return;
    const { index } = link;
    const said = this.#deduplicator.compare(start, end, index);
    if (said === REPEATED) return;
    this.#changed = true;
    if (said === STATE && !sink.wants(index)) {
      this.#deduplicator.passOver(start, index);
      sink.passOver((link.flags & N.IFF_UP) !== 0);
      return;
    }
    this.tellMissed(sink, index);
    if (!link.load(start, end).whole) return;
    const known = sink.get(index);
    const facts = link.facts();
    // If a program stops its access point itself, only the carrier shows it.
    if (known === undefined ? mayBeWireless(facts) : known.wireless !== undefined) this.#unqueried.add(index);
    sink.apply(index, facts);
    this.#deduplicator.remember(start, end, index, said);
  }

  #applyRemoval(sink: Sink, start: number, end: number): void {
    const link = this.#links.load(start, end);
    if (link.family !== N.AF_UNSPEC) return;
    this.#changed = true;
    this.#deduplicator.forget(link.index);
    this.#unqueried.delete(link.index);
    sink.remove(link.index, link.move);
  }

  /** Forgets the last message about one interface: something that it said is known from elsewhere. */
  forgetLink(index: number): void {
    this.#deduplicator.forget(index);
  }

  /** Reports the skipped state, so that the next change starts from it. */
  tellMissed(sink: Sink, index: number): void {
    const missed = this.#deduplicator.missed(index);
    if (missed !== undefined) sink.apply(index, missed);
  }
}
