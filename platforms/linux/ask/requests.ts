import type { Extras } from "../../contract/backend.ts";
import type { AddressDetails } from "../../contract/details.ts";
import { noSuchInterface } from "../../contract/errors.ts";
import type { DefaultRoutes } from "../../contract/route.ts";
import {
  familiesBy,
  frozen,
  type InterfaceAddress,
  type InterfaceStatus,
  type LinkFacts,
  nameRelations,
  NO_ADDRESSES,
  onInterface,
  type Related,
  type WirelessState,
} from "../../contract/status.ts";
import type { WirelessMessage } from "../../contract/wireless.ts";
import { AddressReader } from "../wire/address.ts";
import { optional } from "./generic.ts";
import type { NetlinkCalls } from "../libc/calls.ts";
import { LinkReader } from "../wire/link.ts";
import { buildRequest, type Messages, type RequestAttribute, textPayload, u32Payload } from "../wire/netlink.ts";
import * as N from "../wire/numbers.ts";
import { RouteRequests } from "./route.ts";
import { isLostAnswer, NetlinkSocket } from "../libc/socket.ts";
import { WirelessRequests } from "./wireless.ts";

/** How often to ask again if an answer is lost. */
const TRIES = 4;
/** How often to repeat a dump that changed while it was read, as the kernel says. */
const DUMPS = 5;
/** Without IPv6's statistics a link message is a quarter shorter. The interface's own statistics cannot be left out. */
const SKIP_STATISTICS: RequestAttribute = [N.IFLA_EXT_MASK, u32Payload(N.RTEXT_FILTER_SKIP_STATS)];

/**
 * The links that were there when the kernel had no nl80211, by index, with their hardware addresses. An interface is
 * wireless from its registration on, so none of them is: as long as no other one comes, nl80211 is not looked for again.
 */
const wired = new WeakMap<NetlinkCalls, ReadonlyMap<number, string | undefined>>();

/** struct ifinfomsg with an index, and flags to change */
function linkHeader(index: number, flags = 0, mask = 0): Uint8Array {
  return new Uint8Array(new Uint32Array([N.AF_UNSPEC, index, flags, mask]).buffer);
}

/** struct ifaddrmsg with an index; 0 asks for those of every interface */
function addressHeader(index: number): Uint8Array {
  return new Uint8Array(new Uint32Array([N.AF_UNSPEC, index]).buffer);
}

/** Receives a link, with the message about it. */
export type LinkSeen = (link: LinkFacts, messages: Messages) => void;

/** The name of a link, as far as it is known. */
export type NameOf = (index: number) => string | undefined;

/** The socket for requests, with the decoders on its buffer. */
export class Requests {
  #socket: NetlinkSocket;
  #links: LinkReader;
  #addresses: AddressReader;
  readonly #libc: NetlinkCalls;
  /** Made for those who ask about routes. */
  #routes: RouteRequests | undefined;
  /** Whether the rest of an answer may be unread. */
  #torn = false;
  /** Whether the kernel said last that it has no nl80211. */
  #withoutWireless = false;

  constructor(libc: NetlinkCalls) {
    this.#libc = libc;
    this.#socket = new NetlinkSocket(libc, N.NETLINK_ROUTE, "read interfaces");
    this.#links = new LinkReader(this.#socket.messages.packet);
    this.#addresses = new AddressReader(this.#socket.messages.packet);
  }

  /**
   * Asks, and asks a few more times if the answer is lost or incomplete. After a failure it uses a new socket, because
   * the kernel does not begin another dump on a socket while the rest of the last one is unread (EBUSY).
   */
  whole<T>(ask: () => T): T {
    for (let tries = 1;; tries++) {
      if (this.#torn) this.#renew();
      try {
        return ask();
      } catch (error) {
        this.#torn = true;
        if (tries >= TRIES || !isLostAnswer(error)) throw error;
      }
    }
  }

  #renew(): void {
    const socket = new NetlinkSocket(this.#libc, N.NETLINK_ROUTE, "read interfaces");
    this.#socket.close();
    this.#socket = socket;
    this.#links = new LinkReader(socket.messages.packet);
    this.#addresses = new AddressReader(socket.messages.packet);
    this.#routes = undefined;
    this.#torn = false;
  }

  /** Asks about routes, on the same socket. */
  get routes(): RouteRequests {
    return this.#routes ??= new RouteRequests(this.#libc, this.#socket);
  }

  /** By which interfaces the default traffic leaves; undefined if this kernel does not say. */
  defaults(): DefaultRoutes | undefined {
    return optional(() => this.routes.defaults(), true);
  }

  close(): void {
    this.#socket.close();
  }

  /** Every link by index. */
  links(): Map<number, LinkFacts> {
    let earlier: Map<number, LinkFacts> | undefined;
    for (let dumps = 1;; dumps++) {
      const found = new Map<number, LinkFacts>();
      const interrupted = this.#dump(
        (seq) => buildRequest(N.RTM_GETLINK, N.NLM_F_REQUEST | N.NLM_F_DUMP, seq, linkHeader(0), [SKIP_STATISTICS]),
        () => {
          const { type, start, end } = this.#socket.messages;
          if (type !== N.RTM_NEWLINK) return;
          const link = this.#links.load(start, end);
          found.set(link.index, link.facts());
        },
      );
      if (!interrupted) return found;
      if (dumps < DUMPS) {
        earlier = found;
        continue;
      }
      // Interfaces come and go faster than they can be listed. The only possible error is that the last dump skipped an
      // existing interface. So ask for those that the previous dump had.
      for (const index of earlier?.keys() ?? []) {
        if (found.has(index)) continue;
        const now = this.link(index);
        if (now !== undefined) found.set(index, now);
      }
      return found;
    }
  }

  /**
   * One link, or undefined if there is none.
   *
   * @param seen Called while the kernel's message about the link is in the buffer.
   * @param netnsId The id of another network namespace.
   */
  link(nameOrIndex: string | number, seen?: LinkSeen, netnsId?: number): LinkFacts | undefined {
    let found: LinkFacts | undefined;
    const attributes = [SKIP_STATISTICS];
    if (netnsId !== undefined) attributes.push([N.IFLA_TARGET_NETNSID, u32Payload(netnsId)]);
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
        if (type !== N.RTM_NEWLINK) return;
        const link = this.#links.load(start, end);
        // A kernel that does not know the attribute (before 4.15) answers for the interface with this index here.
        if (link.targetNetnsId !== netnsId) return;
        found = link.facts();
        seen?.(found, this.#socket.messages);
      },
    );
    // EINVAL: no interface can have such a name, or the kernel (before 5.5) has no alternative names.
    if (errno !== 0 && errno !== N.ENODEV && errno !== N.EINVAL) {
      throw this.#libc.failureOf(errno, { operation: "read the state", interfaceName: String(nameOrIndex), text });
    }
    if (attributes.some(([type]) => type === N.IFLA_ALT_IFNAME)) {
      this.#libc.discovered.found({ altNames: errno !== N.EINVAL });
    }
    return found;
  }

  /** Hands on each port of an interface, while the kernel's message about it is in the buffer. */
  ports(master: number, seen: LinkSeen): void {
    this.#dump(
      (seq) =>
        buildRequest(N.RTM_GETLINK, N.NLM_F_REQUEST | N.NLM_F_DUMP, seq, linkHeader(0), [
          SKIP_STATISTICS,
          [N.IFLA_MASTER, u32Payload(master)],
        ]),
      () => {
        const { type, start, end } = this.#socket.messages;
        if (type !== N.RTM_NEWLINK) return;
        const link = this.#links.load(start, end).facts();
        // A kernel that does not know the filter (before 4.6) answers with every interface.
        if (link.masterIndex === master) seen(link, this.#socket.messages);
      },
    );
  }

  /** The addresses of every interface, or of one, by index; undefined if that one is gone. */
  addresses(index: number, nameOf: NameOf): Map<number, InterfaceAddress[]> | undefined {
    return this.#dumpAddresses(index, nameOf, (address) => address);
  }

  /** The addresses of one interface, with their lifetimes; undefined if it is gone. */
  addressDetails({ index, name }: LinkFacts): readonly AddressDetails[] | undefined {
    const found = this.#dumpAddresses(
      index,
      () => name,
      (address) => ({ ...address, lifetime: this.#addresses.lifetime }),
    );
    return found && (found.get(index) ?? []);
  }

  #dumpAddresses<T>(
    index: number,
    nameOf: NameOf,
    make: (address: InterfaceAddress) => T,
  ): Map<number, T[]> | undefined {
    for (let dumps = 1;; dumps++) {
      const found = new Map<number, T[]>();
      const interrupted = this.#dump(
        (seq) => buildRequest(N.RTM_GETADDR, N.NLM_F_REQUEST | N.NLM_F_DUMP, seq, addressHeader(index), []),
        () => {
          const { type, start, end } = this.#socket.messages;
          if (type !== N.RTM_NEWADDR) return;
          const message = this.#addresses.read(start, end);
          // A kernel without strict checking (before 4.20) answers for every interface.
          if (message.address === undefined || (index !== 0 && message.index !== index)) return;
          const list = found.get(message.index);
          const address = make(onInterface(message.address, nameOf(message.index)));
          if (list === undefined) found.set(message.index, [address]);
          else list.push(address);
        },
      );
      if (interrupted === undefined) return undefined;
      if (!interrupted || dumps >= DUMPS) return found;
    }
  }

  /** Whether the data changed during the dump; undefined if the requested interface is gone. */
  #dump(build: (seq: number) => Uint8Array<ArrayBuffer>, each: () => void): boolean | undefined {
    const { errno, text, interrupted } = this.#socket.request(build, each);
    if (errno === N.ENODEV) return undefined;
    if (errno !== 0) throw this.#libc.failureOf(errno, { operation: "list interfaces", text });
    return interrupted;
  }

  /** Changes a link: the flags in ifi_change of struct ifinfomsg, and the attributes. */
  change(name: string, operation: string, flags: number, mask: number, attributes: readonly RequestAttribute[]): void {
    const status = this.link(name);
    if (status === undefined) throw noSuchInterface(name, operation);
    const header = linkHeader(status.index, flags, mask);
    const { errno, text } = this.#socket.request(
      (seq) => buildRequest(N.RTM_SETLINK, N.NLM_F_REQUEST | N.NLM_F_ACK, seq, header, attributes),
      () => {},
    );
    if (errno !== 0) throw this.#libc.failureOf(errno, { operation, interfaceName: name, text });
  }

  /** Asks nl80211, with a separate socket. */
  #wireless<T>(ask: (requests: WirelessRequests) => T, patient: boolean): T | undefined {
    return optional(() => {
      const requests = WirelessRequests.open(this.#libc);
      this.#withoutWireless = requests === undefined;
      try {
        return requests && ask(requests);
      } finally {
        requests?.close();
      }
    }, patient);
  }

  /** What nl80211 says about a link. */
  wireless(link: LinkFacts): WirelessState | undefined {
    return mayBeWireless(link)
      ? wirelessState(this.#wireless((requests) => requests.get(link.index), false))
      : undefined;
  }

  /**
   * Every interface with the names of related interfaces and, if asked for, its addresses and the default routes.
   *
   * @param patient Whether a temporary error of nl80211 is thrown. Otherwise networks are left out.
   */
  list({ addresses, routes }: Extras, patient = false): InterfaceStatus[] {
    const links = this.links();
    const nameOf: NameOf = (index) => links.get(index)?.name;
    const byIndex = addresses ? this.addresses(0, nameOf) : undefined;
    const defaults = routes === true ? this.defaults() : undefined;
    const related: Related = (index) => links.get(index);
    const known = wired.get(this.#libc);
    const mayBe: LinkFacts[] = [];
    const all: LinkFacts[] = [];
    for (const link of links.values()) {
      if (mayBeWireless(link)) mayBe.push(link);
      nameRelations(link, related);
      link.addresses = byIndex && (byIndex.get(link.index) ?? NO_ADDRESSES);
      link.defaultRoute = familiesBy(defaults, link.index);
      all.push(link);
    }
    const doubtful = mayBe.some(({ index, hardwareAddress }) =>
      !known?.has(index) || known.get(index) !== hardwareAddress
    );
    const wireless = doubtful ? this.#wireless((requests) => requests.list(), patient) : undefined;
    if (this.#withoutWireless) {
      wired.set(this.#libc, new Map(mayBe.map(({ index, hardwareAddress }) => [index, hardwareAddress])));
    }
    if (wireless !== undefined) {
      for (const link of mayBe) link.wireless = wirelessState(wireless.find(({ index }) => index === link.index));
    }
    for (const link of all) frozen(link);
    return all;
  }
}

/** The link types of wireless interfaces: a station and an access point are Ethernet, a monitor has another type. */
const WIRELESS_TYPES: ReadonlySet<string | undefined> = new Set(N.ARPHRD_WIRELESS.map((type) => N.ARPHRD_NAMES[type]));

/** Whether an interface may be wireless: for the link layer, these are hardware without a kind. */
export function mayBeWireless({ kind, type }: InterfaceStatus): boolean {
  return kind === undefined && WIRELESS_TYPES.has(type);
}

/** What a message says about a wireless interface's state. A link without a network of its own is in the device's. */
export function wirelessState(message: WirelessMessage | undefined): WirelessState | undefined {
  if (message === undefined) return undefined;
  const { wirelessType: type, ssid, ssidHex, frequency, links } = message;
  const state = { type, ssid, ssidHex, frequency };
  if (links === undefined) return state;
  return {
    ...state,
    links: links.map(({ mloLinkId, frequency, hardwareAddress, ...own }) => {
      const network = own.ssidHex === undefined ? { ssid, ssidHex } : { ssid: own.ssid, ssidHex: own.ssidHex };
      return { mloLinkId, ...network, frequency, hardwareAddress };
    }),
  };
}
