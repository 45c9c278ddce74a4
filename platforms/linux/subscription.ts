import type { Drained, Sink, SubscribeOptions, Subscription } from "../contract/backend.ts";
import { MalformedMessageError } from "../contract/errors.ts";
import type { Registration } from "../ffi/poller.ts";
import type { LinuxLibc } from "./libc.ts";
import { type InterfaceStatus, withAddress, withoutAddress } from "../contract/status.ts";
import { AddressReader } from "./address.ts";
import { LinkReader } from "./link.ts";
import { LinkMemory, REPEATED, STATE } from "./link_news.ts";
import type { WirelessMessage } from "./nl80211.ts";
import * as N from "./numbers.ts";
import { mayBeWireless, NO_ADDRESSES, Requests, withAddresses, withWireless } from "./requests.ts";
import { LOST, NetlinkSocket, NOTHING } from "./socket.ts";
import { LinuxWireless, optional } from "./wireless.ts";

/**
 * Room for unread events: the kernel's default of 208 KiB holds 92 of them, one boot-time burst holds thousands. Root
 * gets this; anyone else as much as net.core.rmem_max allows.
 */
const RECEIVE_BUFFER = 8 * 1024 * 1024;
/** More datagrams than such a queue holds: each is charged at least 768 bytes. */
const QUEUE_LIMIT = 65536;

/** Live changes of Linux's interfaces: rtnetlink's events, nl80211's where there are any, and the questions beside them. */
export class LinuxSubscription implements Subscription {
  readonly #events: NetlinkSocket;
  readonly #requests: Requests;
  readonly #links: LinkReader;
  readonly #memory: LinkMemory;
  readonly #addresses: AddressReader;
  readonly #withAddresses: boolean;
  readonly #registration: Registration;
  readonly #openWireless: () => LinuxWireless | undefined;
  #wireless: LinuxWireless | undefined;
  #wirelessLost = false;

  constructor(libc: LinuxLibc, options: SubscribeOptions) {
    this.#withAddresses = options.addresses;
    this.#openWireless = () => optional(() => LinuxWireless.open(libc, options.ready, options.failed));
    const events = this.#events = new NetlinkSocket(libc, N.NETLINK_ROUTE, "watch interfaces");
    let requests: Requests | undefined;
    try {
      events.setReceiveBuffer(RECEIVE_BUFFER);
      events.join(N.RTNLGRP_LINK);
      if (options.addresses) events.join(N.RTNLGRP_IPV4_IFADDR, N.RTNLGRP_IPV6_IFADDR);
      this.#requests = requests = new Requests(libc);
      this.#registration = libc.waiter.add(events.fd, () => {
        const before = events.received;
        options.ready();
        return events.received - before;
      }, options.failed);
    } catch (error) {
      requests?.close();
      events.close();
      throw error;
    }
    this.#links = new LinkReader(events.messages.packet);
    this.#memory = new LinkMemory(events.messages.packet);
    this.#addresses = new AddressReader(events.messages.packet);
  }

  snapshot(known: (index: number) => InterfaceStatus | undefined): InterfaceStatus[] {
    this.#memory.settle();
    const statuses = this.#requests.list(known, this.#withAddresses);
    if (this.#wireless === undefined && statuses.some(({ wireless }) => wireless !== undefined)) {
      this.#wireless = this.#openWireless();
    }
    return statuses;
  }

  drain(sink: Sink, limit: number): Drained {
    const links = this.#drainLinks(sink, limit);
    const wireless = this.#wireless?.drain((message) => this.#applyWireless(sink, message));
    const lost = wireless === "lost" || this.#wirelessLost;
    this.#wirelessLost = false;
    // nl80211 went away, and may come back under another number. Not before here: nothing of it is being read now.
    if (this.#wireless?.gone) {
      void this.#wireless.close();
      this.#wireless = undefined;
    }
    return lost ? "lost" : links;
  }

  /** What changed for a wireless interface: its message says that, and the kernel is asked what is now. */
  #applyWireless(sink: Sink, { message, index, ssid }: WirelessMessage): void {
    if (index === undefined) return;
    if (message === "NL80211_CMD_START_AP" && ssid !== undefined) sink.started?.(index, ssid);
    const known = this.#catchUp(sink, index);
    if (known !== undefined) this.#set(sink, known, this.#asked(known));
  }

  /**
   * What is known of an interface before a link message of it is taken. Links and access points are told on two sockets,
   * in either order. A question about a wireless interface is not answered while the kernel starts an access point on
   * it, so that after the answer the start is in the queue: it is read before, and the link's event can tell it.
   */
  #prepared(sink: Sink, index: number): InterfaceStatus | undefined {
    const known = sink.get(index);
    if (known?.wireless === undefined || this.#wireless === undefined) return known;
    optional(() => this.#wireless?.get(index));
    if (this.#wireless.drain((message) => this.#applyWireless(sink, message)) === "lost") this.#wirelessLost = true;
    return sink.get(index);
  }

  #asked(status: InterfaceStatus): InterfaceStatus {
    if (!mayBeWireless(status)) return status;
    const wireless = this.#wireless ??= this.#openWireless();
    if (wireless === undefined) return status;
    const answer = optional(() => ({ message: wireless.get(status.index) }));
    return answer === undefined ? status : withWireless(status, answer.message);
  }

  #set(sink: Sink, known: InterfaceStatus | undefined, status: InterfaceStatus): void {
    if (status !== known) sink.set(status);
  }

  #drainLinks(sink: Sink, limit: number): Drained {
    let lost = false;
    // After an overflow the kernel drops everything until the queue has been read empty. What is in it is older than
    // what was dropped, and so older than whatever is asked next: it must all be read before.
    for (let left = limit; left > 0; left--) {
      const length = this.#events.receive();
      if (length === NOTHING) return lost ? "lost" : "empty";
      if (length !== LOST && this.#apply(sink)) continue;
      if (!lost) left = QUEUE_LIMIT; // once: a loss that repeats must not hold up the loop
      lost = true;
    }
    return lost ? "lost" : "more";
  }

  pause(paused: boolean): void {
    this.#registration.pause(paused);
    this.#wireless?.pause(paused);
  }

  async close(): Promise<void> {
    this.#requests.close();
    await Promise.all([this.#registration.close(), this.#wireless?.close()]);
    this.#events.release();
  }

  /** Hands on what a datagram says; false where a message cannot be decoded, which is as good as lost. */
  #apply(sink: Sink): boolean {
    const { messages } = this.#events;
    try {
      while (messages.next()) {
        switch (messages.type) {
          case N.RTM_NEWLINK:
            this.#applyLink(sink, messages.start, messages.end);
            break;
          case N.RTM_DELLINK: {
            const link = this.#links.load(messages.start, messages.end);
            if (link.family !== N.AF_UNSPEC) break;
            this.#memory.forget(link.index);
            sink.delete(link.index, link.move);
            break;
          }
          case N.RTM_NEWADDR:
          case N.RTM_DELADDR:
            this.#applyAddress(sink, messages.type);
            break;
          case N.NLMSG_OVERRUN:
            return false;
        }
      }
      return true;
    } catch (error) {
      if (error instanceof MalformedMessageError) return false;
      throw error;
    }
  }

  #applyLink(sink: Sink, start: number, end: number): void {
    const link = this.#links.at(start, end);
    if (link.family !== N.AF_UNSPEC) return;
    const { index } = link;
    const said = this.#memory.compare(start, end, index, sink.get(index));
    if (said === REPEATED) return;
    if (said === STATE && sink.wants?.(index) === false) {
      this.#memory.passOver(start, index);
      sink.passedOver?.((link.flags & N.IFF_UP) !== 0);
      return;
    }
    this.#catchUp(sink, index);
    if (!link.load(start, end).whole) return;
    const known = this.#prepared(sink, index);
    const status = link.status(known);
    // An access point that a program stopped itself tells it by its carrier alone.
    const asks = known === undefined || known.wireless !== undefined;
    if (status !== known) sink.set(this.#complete(asks ? this.#asked(status) : status));
    this.#memory.remember(start, end, index, sink.get(index), said);
  }

  /** What is known of an interface, with what was passed over. */
  #catchUp(sink: Sink, index: number): InterfaceStatus | undefined {
    const missed = this.#memory.caughtUp(index, sink.get(index));
    if (missed !== undefined) sink.set(missed);
    return sink.get(index);
  }

  #applyAddress(sink: Sink, type: number): void {
    const { start, end } = this.#events.messages;
    const { index, address } = this.#addresses.read(start, end);
    const known = this.#catchUp(sink, index);
    if (known === undefined || address === undefined) return;
    const before = known.addresses ?? NO_ADDRESSES;
    const status = withAddresses(
      known,
      type === N.RTM_NEWADDR ? withAddress(before, address) : withoutAddress(before, address),
    );
    this.#set(sink, known, status);
  }

  /** An interface that is new has no addresses yet: each comes with a message of its own. */
  #complete(status: InterfaceStatus): InterfaceStatus {
    return this.#withAddresses && status.addresses === undefined ? { ...status, addresses: NO_ADDRESSES } : status;
  }
}
