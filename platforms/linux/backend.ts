import type {
  Backend,
  Capabilities,
  Drained,
  Sink,
  SubscribeOptions,
  Subscription,
  WirelessSubscription,
} from "../../src/backend.ts";
import { InvalidInputError, MalformedMessageError, noSuchInterface, UnsupportedError } from "../../src/errors.ts";
import type { Registration } from "../../src/ffi/poller.ts";
import { type LinuxLibc, linuxLibc } from "../../src/ffi/linux.ts";
import {
  type InterfaceAddress,
  type InterfaceStatus,
  sameAddresses,
  sameWireless,
  withAddress,
  withoutAddress,
} from "../../src/interface_status.ts";
import type { LinkChange } from "../../src/set_state.ts";
import { nameRelations } from "../../src/relations.ts";
import { AddressReader } from "./address.ts";
import { LinkReader } from "./link.ts";
import { buildRequest, type RequestAttribute, textPayload, u32Payload } from "./netlink.ts";
import * as N from "./numbers.ts";
import { LOST, NetlinkSocket, NOTHING } from "./socket.ts";
import type { WirelessMessage } from "./nl80211.ts";
import { LinuxWireless, WirelessRequests } from "./wireless.ts";

/**
 * Room for unread events: the kernel's default of 208 KiB holds 92 of them, one boot-time burst holds thousands. Root
 * gets this; anyone else as much as net.core.rmem_max allows.
 */
const RECEIVE_BUFFER = 8 * 1024 * 1024;
/** More datagrams than such a queue holds: each is charged at least 768 bytes. */
const QUEUE_LIMIT = 65536;
/** How often a dump is repeated that the kernel says changed while it was read. */
const DUMPS = 5;
/** Without IPv6's statistics a link message is a quarter shorter; the interface's own cannot be left out. */
const SKIP_STATISTICS: RequestAttribute = [N.IFLA_EXT_MASK, u32Payload(N.RTEXT_FILTER_SKIP_STATS)];
const NO_ADDRESSES: readonly InterfaceAddress[] = Object.freeze([]);

const CAPABILITIES: Capabilities = {
  platform: "linux",
  flagBits: 32,
  operState: true,
  setOperState: true,
  carrierCounters: true,
  overflowDetection: true,
  announcements: true,
  silentChanges: "while-down",
  altNames: true,
  /** Asked for only where somebody wants to know: wireless support is a module that may be loaded at any time. */
  get accessPoints(): boolean {
    const requests = WirelessRequests.open(linuxLibc());
    requests?.close();
    return requests !== undefined;
  },
};

/** struct ifinfomsg with an index, and flags to change */
function linkHeader(index: number, flags = 0, mask = 0): Uint8Array {
  return new Uint8Array(new Uint32Array([N.AF_UNSPEC, index, flags, mask]).buffer);
}

/** struct ifaddrmsg with an index; 0 asks for those of every interface */
function addressHeader(index: number): Uint8Array {
  return new Uint8Array(new Uint32Array([N.AF_UNSPEC, index]).buffer);
}

/** The socket for questions, with the decoders on its buffer. */
class Requests {
  readonly #socket: NetlinkSocket;
  readonly #links: LinkReader;
  readonly #addresses: AddressReader;
  readonly #libc: LinuxLibc;

  constructor(libc: LinuxLibc) {
    this.#libc = libc;
    this.#socket = new NetlinkSocket(libc, N.NETLINK_ROUTE, "read interfaces");
    this.#links = new LinkReader(this.#socket.messages.packet);
    this.#addresses = new AddressReader(this.#socket.messages.packet);
  }

  close(): void {
    this.#socket.close();
  }

  /** Every link by index. */
  links(known: (index: number) => InterfaceStatus | undefined): Map<number, InterfaceStatus> {
    let earlier: Map<number, InterfaceStatus> | undefined;
    for (let dumps = 1;; dumps++) {
      const found = new Map<number, InterfaceStatus>();
      const interrupted = this.#dump(
        (seq) => buildRequest(N.RTM_GETLINK, N.NLM_F_REQUEST | N.NLM_F_DUMP, seq, linkHeader(0), [SKIP_STATISTICS]),
        () => {
          const { type, start, end } = this.#socket.messages;
          if (type !== N.RTM_NEWLINK) return;
          const link = this.#links.load(start, end);
          found.set(link.index, link.status(known(link.index)));
        },
      );
      if (!interrupted) return found;
      if (dumps < DUMPS) {
        earlier = found;
        continue;
      }
      // Interfaces come and go faster than they can be listed. The one thing that may be wrong is that the last dump
      // skipped one that is there: ask for those that the dump before it had.
      for (const [index, status] of earlier ?? []) {
        if (found.has(index)) continue;
        const now = this.link(index, status);
        if (now !== undefined) found.set(index, now);
      }
      return found;
    }
  }

  /** One link, or undefined where there is none. */
  link(nameOrIndex: string | number, known?: InterfaceStatus): InterfaceStatus | undefined {
    let found: InterfaceStatus | undefined;
    const attributes = [SKIP_STATISTICS];
    if (typeof nameOrIndex === "string") {
      const name = textPayload(nameOrIndex);
      // The kernel looks a short name up among the alternative ones too; a long one has an attribute of its own.
      attributes.push([name.length <= N.IFNAMSIZ ? N.IFLA_IFNAME : N.IFLA_ALT_IFNAME, name]);
    }
    const { errno, text } = this.#socket.request(
      (seq) =>
        buildRequest(
          N.RTM_GETLINK,
          N.NLM_F_REQUEST,
          seq,
          linkHeader(typeof nameOrIndex === "number" ? nameOrIndex : 0),
          attributes,
        ),
      () => {
        const { type, start, end } = this.#socket.messages;
        if (type === N.RTM_NEWLINK) found = this.#links.load(start, end).status(known);
      },
    );
    // EINVAL: no interface can have such a name, or the kernel (before 5.5) has no alternative names.
    if (errno !== 0 && errno !== N.ENODEV && errno !== N.EINVAL) {
      throw this.#libc.failureOf(errno, { operation: "read the state", interface: String(nameOrIndex), text });
    }
    return found;
  }

  /** The addresses of every interface, or of one, by index; undefined where that one is gone. */
  addresses(index: number): Map<number, InterfaceAddress[]> | undefined {
    for (let dumps = 1;; dumps++) {
      const found = new Map<number, InterfaceAddress[]>();
      const interrupted = this.#dump(
        (seq) => buildRequest(N.RTM_GETADDR, N.NLM_F_REQUEST | N.NLM_F_DUMP, seq, addressHeader(index), []),
        () => {
          const { type, start, end } = this.#socket.messages;
          if (type !== N.RTM_NEWADDR) return;
          const message = this.#addresses.read(start, end);
          // A kernel without strict checking (before 4.20) answers for every interface.
          if (message.address === undefined || (index !== 0 && message.index !== index)) return;
          const list = found.get(message.index);
          if (list === undefined) found.set(message.index, [message.address]);
          else list.push(message.address);
        },
      );
      if (interrupted === undefined) return undefined;
      if (!interrupted || dumps >= DUMPS) return found;
    }
  }

  /** Whether what was dumped changed meanwhile; undefined where the interface that was asked for is gone. */
  #dump(build: (seq: number) => Uint8Array<ArrayBuffer>, each: () => void): boolean | undefined {
    const { errno, text, interrupted } = this.#socket.request(build, each);
    if (errno === N.ENODEV) return undefined;
    if (errno !== 0) throw this.#libc.failureOf(errno, { operation: "list interfaces", text });
    return interrupted;
  }

  /** Changes a link: the flags that struct ifinfomsg's ifi_change names, and what the attributes say. */
  change(name: string, operation: string, flags: number, mask: number, attributes: readonly RequestAttribute[]): void {
    const status = this.link(name);
    if (status === undefined) throw noSuchInterface(name, operation);
    const header = linkHeader(status.index, flags, mask);
    const { errno, text } = this.#socket.request(
      (seq) => buildRequest(N.RTM_SETLINK, N.NLM_F_REQUEST | N.NLM_F_ACK, seq, header, attributes),
      () => {},
    );
    if (errno !== 0) throw this.#libc.failureOf(errno, { operation, interface: name, text });
  }

  /** Asks nl80211; undefined where the kernel has none. */
  #wireless<T>(ask: (requests: WirelessRequests) => T): T | undefined {
    const requests = WirelessRequests.open(this.#libc);
    try {
      return requests && ask(requests);
    } finally {
      requests?.close();
    }
  }

  /** A link with what nl80211 says of it. */
  completed(status: InterfaceStatus): InterfaceStatus {
    if (!mayBeWireless(status)) return status;
    return withWireless(status, this.#wireless((requests) => requests.get(status.index)));
  }

  /** Every interface with the names that it points to and, if asked for, its addresses. */
  list(known: (index: number) => InterfaceStatus | undefined, addresses: boolean): InterfaceStatus[] {
    const links = this.links(known);
    const byIndex = addresses ? this.addresses(0) : undefined;
    const wireless = [...links.values()].some(mayBeWireless)
      ? this.#wireless((requests) => requests.list())
      : undefined;
    return Array.from(links.values(), (link) => {
      const status = mayBeWireless(link)
        ? withWireless(link, wireless?.find(({ index }) => index === link.index))
        : link;
      const named = nameRelations(status, (index) => links.get(index)?.name);
      return byIndex === undefined ? named : withAddresses(named, byIndex.get(status.index) ?? NO_ADDRESSES);
    });
  }
}

/** Whether an interface may be a wireless one: these are hardware to the link layer, of no kind. */
function mayBeWireless(status: InterfaceStatus): boolean {
  return status.kind === undefined && status.type === "ether";
}

function withWireless(status: InterfaceStatus, message: WirelessMessage | undefined): InterfaceStatus {
  const wireless = message && {
    type: message.wirelessType,
    ssid: message.ssid,
    ssidHex: message.ssidHex,
    frequency: message.frequency,
  };
  return sameWireless(status.wireless, wireless) ? status : { ...status, wireless };
}

function withAddresses(status: InterfaceStatus, addresses: readonly InterfaceAddress[]): InterfaceStatus {
  return sameAddresses(status.addresses, addresses) ? status : { ...status, addresses };
}

class LinuxSubscription implements Subscription {
  readonly #events: NetlinkSocket;
  readonly #requests: Requests;
  readonly #links: LinkReader;
  readonly #addresses: AddressReader;
  readonly #withAddresses: boolean;
  readonly #registration: Registration;
  readonly #openWireless: () => LinuxWireless | undefined;
  #wireless: LinuxWireless | undefined;
  #wirelessLost = false;

  constructor(libc: LinuxLibc, options: SubscribeOptions) {
    this.#withAddresses = options.addresses;
    this.#openWireless = () => LinuxWireless.open(libc, options.ready, options.failed);
    const events = this.#events = new NetlinkSocket(libc, N.NETLINK_ROUTE, "watch interfaces");
    let requests: Requests | undefined;
    try {
      events.setReceiveBuffer(RECEIVE_BUFFER);
      events.join(N.RTNLGRP_LINK);
      if (options.addresses) events.join(N.RTNLGRP_IPV4_IFADDR, N.RTNLGRP_IPV6_IFADDR);
      this.#requests = requests = new Requests(libc);
      this.#registration = libc.poller.add(events.fd, options.ready, options.failed);
    } catch (error) {
      requests?.close();
      events.close();
      throw error;
    }
    this.#links = new LinkReader(events.messages.packet);
    this.#addresses = new AddressReader(events.messages.packet);
  }

  snapshot(known: (index: number) => InterfaceStatus | undefined): InterfaceStatus[] {
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
    return lost ? "lost" : links;
  }

  /** What changed for a wireless interface: its message says that, and the kernel is asked what is now. */
  #applyWireless(sink: Sink, { message, index, ssid }: WirelessMessage): void {
    if (index === undefined) return;
    if (message === "NL80211_CMD_START_AP" && ssid !== undefined) sink.started?.(index, ssid);
    const known = sink.get(index);
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
    this.#wireless.get(index);
    if (this.#wireless.drain((message) => this.#applyWireless(sink, message)) === "lost") this.#wirelessLost = true;
    return sink.get(index);
  }

  #asked(status: InterfaceStatus): InterfaceStatus {
    if (!mayBeWireless(status)) return status;
    this.#wireless ??= this.#openWireless();
    return this.#wireless === undefined ? status : withWireless(status, this.#wireless.get(status.index));
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
      lost = true;
      left = QUEUE_LIMIT;
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
          case N.RTM_NEWLINK: {
            const link = this.#links.load(messages.start, messages.end);
            if (!link.whole) break;
            const known = this.#prepared(sink, link.index);
            const status = link.status(known);
            // An access point that a program stopped itself tells it by its carrier alone.
            const asks = known === undefined || known.wireless !== undefined;
            if (status !== known) sink.set(this.#complete(asks ? this.#asked(status) : status));
            break;
          }
          case N.RTM_DELLINK: {
            const link = this.#links.load(messages.start, messages.end);
            if (link.family === N.AF_UNSPEC) sink.delete(link.index, link.move);
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

  #applyAddress(sink: Sink, type: number): void {
    const { start, end } = this.#events.messages;
    const { index, address } = this.#addresses.read(start, end);
    const known = sink.get(index);
    if (known === undefined || address === undefined) return;
    const before = known.addresses ?? NO_ADDRESSES;
    const status = withAddresses(
      known,
      type === N.RTM_NEWADDR ? withAddress(before, address) : withoutAddress(before, address),
    );
    if (status !== known) sink.set(status);
  }

  /** An interface that is new has no addresses yet: each comes with a message of its own. */
  #complete(status: InterfaceStatus): InterfaceStatus {
    return this.#withAddresses && status.addresses === undefined ? { ...status, addresses: NO_ADDRESSES } : status;
  }
}

/** Linux, by rtnetlink. */
export class LinuxBackend implements Backend {
  readonly capabilities: Capabilities = CAPABILITIES;

  list(options: { readonly addresses: boolean }): InterfaceStatus[] {
    const requests = new Requests(linuxLibc());
    try {
      return requests.list(() => undefined, options.addresses);
    } finally {
      requests.close();
    }
  }

  get(nameOrIndex: string | number): InterfaceStatus | undefined {
    checkNameOrIndex(nameOrIndex);
    const requests = new Requests(linuxLibc());
    try {
      const status = requests.link(nameOrIndex);
      if (status === undefined) return undefined;
      const named = nameRelations(requests.completed(status), (index) => requests.link(index)?.name);
      const addresses = requests.addresses(status.index);
      return addresses && withAddresses(named, addresses.get(status.index) ?? NO_ADDRESSES);
    } finally {
      requests.close();
    }
  }

  setFlags(name: string, set: number, clear: number): void {
    this.#change(name, "set flags", set, set | clear, []);
  }

  setLink(name: string, { operState, linkMode }: LinkChange): void {
    const attributes: RequestAttribute[] = [];
    if (linkMode !== undefined) {
      attributes.push([N.IFLA_LINKMODE, Uint8Array.of(N.IF_LINK_MODE_NAMES.indexOf(linkMode))]);
    }
    if (operState !== undefined) {
      attributes.push([N.IFLA_OPERSTATE, Uint8Array.of(N.IF_OPER_NAMES.indexOf(operState))]);
    }
    this.#change(name, "set the state", 0, 0, attributes);
  }

  #change(name: string, operation: string, flags: number, mask: number, attributes: RequestAttribute[]): void {
    checkNameOrIndex(name);
    const requests = new Requests(linuxLibc());
    try {
      requests.change(name, operation, flags, mask, attributes);
    } finally {
      requests.close();
    }
  }

  watchWireless(ready: () => void, failed: (error: unknown) => void): WirelessSubscription {
    const wireless = LinuxWireless.open(linuxLibc(), ready, failed);
    if (wireless !== undefined) return wireless;
    throw new UnsupportedError(
      "Cannot watch access points: this kernel has no wireless support (no nl80211): load cfg80211, or use another machine",
      { operation: "watch access points" },
    );
  }

  subscribe(options: SubscribeOptions): Subscription {
    return new LinuxSubscription(linuxLibc(), options);
  }
}

function checkNameOrIndex(nameOrIndex: string | number): void {
  const fits = typeof nameOrIndex === "number"
    ? Number.isInteger(nameOrIndex) && nameOrIndex > 0 && nameOrIndex <= 0x7fffffff
    : nameOrIndex !== "" && !nameOrIndex.includes("\0") && textPayload(nameOrIndex).length <= N.ALTIFNAMSIZ;
  if (!fits) {
    throw new InvalidInputError(
      `Cannot read interface ${JSON.stringify(nameOrIndex)}: give a name of 1 to 127 bytes or an index from 1 on`,
      { operation: "read the state", interface: String(nameOrIndex) },
    );
  }
}
