/**
 * A Linux kernel in memory, below the backend: it answers rtnetlink and nl80211 as the C library's functions do, sends
 * multicast messages, and refuses or fails where a test says so.
 */
import { Discovered } from "../../../platforms/common/discovered.ts";
import { MEMORY } from "../../../platforms/ffi/memory.ts";
import { LinuxBackend } from "../../../platforms/linux/backend.ts";
import { LINUX_CAPABILITIES } from "../../../platforms/linux/libc/capabilities.ts";
import { buildRequest, type RequestAttribute } from "../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { useBackend } from "../../../platforms/current.ts";
import { systemError, type SystemFailure } from "../../../platforms/contract/errors.ts";
import type { LinuxLibc } from "../../../platforms/linux/libc/libc.ts";
import {
  addressMessage,
  attribute,
  datagram,
  doneMessage,
  errorMessage,
  ETHTOOL_FAMILY,
  ethtoolFamilyMessage,
  type FakeLink,
  FAMILY,
  familyMessage,
  GROUPS,
  linkMessage,
  textOf,
  wirelessMessage,
} from "./messages.ts";

/** The error numbers of include/uapi/asm-generic/errno-base.h that the tests refuse with. */
export const EPERM = 1;
export const EBADF = 9;
export const EMFILE = 24;
export const EOPNOTSUPP = 95;

/** A dump in the making: each part tells of the moment at which it is read. The last one ends it. */
type Dump = Generator<Uint8Array, Uint8Array>;

/** An open socket. */
export interface FakeSocket {
  readonly protocol: number;
  readonly groups: Set<number>;
  queue: (Uint8Array | Dump)[];
  /** Whether the family that it asks or listens to has another number now. */
  stale: boolean;
  /** Whether the next call is told that messages were lost. */
  overflowed: boolean;
  /** Whether it takes no message until it has been read empty (NETLINK_S_CONGESTED). */
  congested: boolean;
  ready: (() => void) | undefined;
  failed: ((error: unknown) => void) | undefined;
}

/** The C functions that can be made to fail. */
export type FakeCall = "socket" | "bind" | "setsockopt" | "send" | "recvfrom";

/** The kernel, standing in the place of the real system until it is disposed of. */
export class FakeLinux implements Disposable {
  /** Which protocols socket(2) refuses, and with which error number. */
  readonly refused = new Map<number, number>();
  /** Which multicast groups are refused, with EPERM: 1 (links), 5, 9 (addresses). */
  readonly refusedGroups = new Set<number>();
  /** Whether link messages have no operational state, as gVisor's have none. */
  withoutOperState = false;
  /** Whether it has no alternative names, as those before 5.5 have none. */
  withoutAltNames = false;
  /** What receiving of multicast messages fails with, as long as this is set. */
  receiveErrno: number | undefined;
  /** What the next call of a function fails with, once. */
  readonly failOnce = new Map<FakeCall, number>();
  /** How many unread multicast messages a socket holds. */
  queueLimit = Infinity;
  /** How many links a datagram of a dump has. */
  partSize = 1;
  /** Called before the second and each later part of a dump is made. */
  onPart: (() => void) | undefined;
  /** Called before a request is answered. */
  onRequest: ((what: "links" | "link" | "wireless list" | "wireless") => void) | undefined;
  /** Called before a question about a wireless interface is answered: the kernel first ends what it does to it. */
  onWireless: ((link: FakeLink) => void) | undefined;
  /** Called once, after the next request was answered. */
  afterAnswer: (() => void) | undefined;
  /** How many answers to dumps say from now on that what was dumped changed meanwhile. */
  interrupted = 0;
  /** What is told of each address's lifetime: struct ifa_cacheinfo, in words. */
  cacheInfo: readonly number[] | undefined;
  /** Whether nl80211 is there. */
  hasWireless = true;
  /** Whether ethtool's family is there, as it is from 5.6 on. */
  hasEthtool = true;
  /** Whether that knows the flag that asks for statistics, as it does from 5.13 on. */
  hasEthtoolStatistics = true;
  /** Called before it answers. */
  onEthtool: ((command: number) => void) | undefined;
  /** The index and the command of each request to it. */
  readonly ethtoolRequests: (readonly [index: number, command: number])[] = [];
  /** Whether whoever waits is told of messages by {@linkcode FakeLinux.wake} alone, and not as soon as may be. */
  manual = false;
  /** How often a queue overflowed, or a call failed that was made to. */
  troubles = 0;
  /** How often the kernel would have started modprobe, for a family that it has not got. */
  modprobes = 0;
  /** How often socket(2) was called, by protocol. */
  readonly socketCalls = new Map<number, number>();
  /** What was called with a descriptor that was not open. */
  readonly strayCalls: string[] = [];
  readonly #links = new Map<number, FakeLink>();
  readonly #sockets = new Map<number, FakeSocket>();
  readonly #inUse: Disposable;
  /** How often interfaces came and went (dev_base_seq). */
  #comings = 0;
  #lastIndex = 0;
  #errno = 0;
  #lastFd = 100;

  constructor() {
    const libc = this.#libc() as unknown as LinuxLibc;
    this.#inUse = useBackend(new LinuxBackend(() => libc));
  }

  [Symbol.dispose](): void {
    this.#inUse[Symbol.dispose]();
  }

  /** How many sockets are open. */
  get sockets(): number {
    return this.#sockets.size;
  }

  /** Every interface, by index. */
  get links(): ReadonlyMap<number, FakeLink> {
    return this.#links;
  }

  /** The interface of a name. */
  find(name: string): FakeLink | undefined {
    for (const link of this.#links.values()) if (link.name === name) return link;
    return undefined;
  }

  /** Makes an interface or changes one, without a word. */
  setSilently(name: string, fields: Partial<FakeLink> = {}): FakeLink {
    let link = this.find(name);
    if (link === undefined) {
      link = {
        index: fields.index ?? this.#lastIndex + 1,
        name,
        type: 1,
        flags: 0x1002,
        operState: 2,
        carrier: false,
        changes: 0,
        mtu: 1500,
      };
      this.#comings++;
      this.#lastIndex = Math.max(this.#lastIndex, link.index);
      this.#links.set(link.index, link);
    }
    return Object.assign(link, fields);
  }

  /** The same, told by an RTM_NEWLINK. */
  set(name: string, fields: Partial<FakeLink> = {}): FakeLink {
    const link = this.setSilently(name, fields);
    this.tell(link);
    return link;
  }

  /** Tells the state of an interface by an RTM_NEWLINK. */
  tell(link: FakeLink): void {
    this.#multicast(N.NETLINK_ROUTE, N.RTNLGRP_LINK, this.#link(link, 0, 0));
  }

  /** Removes an interface, with its addresses. */
  remove(name: string): void {
    const link = this.find(name)!;
    for (const address of link.addresses ?? []) this.removeAddress(link, address);
    this.#links.delete(link.index);
    this.#comings++;
    this.#multicast(N.NETLINK_ROUTE, N.RTNLGRP_LINK, this.#link(link, 0, 0, N.RTM_DELLINK));
  }

  /** Gives an interface an address, and tells it. */
  addAddress(link: FakeLink, address: readonly number[]): void {
    link.addresses = [...link.addresses ?? [], address];
    this.#tellAddress(link, address, N.RTM_NEWADDR);
  }

  /** Takes an address away, and tells it. */
  removeAddress(link: FakeLink, address: readonly number[]): void {
    link.addresses = (link.addresses ?? []).filter((one) => one !== address);
    this.#tellAddress(link, address, N.RTM_DELADDR);
  }

  #tellAddress(link: FakeLink, address: readonly number[], type: number): void {
    this.#multicast(N.NETLINK_ROUTE, N.RTNLGRP_IPV4_IFADDR, addressMessage(link.index, address, 0, 0, type));
  }

  /** Sends an nl80211 message of an interface. */
  tellWireless(command: number, name: string, extra: readonly RequestAttribute[] = []): void {
    const link = this.find(name)!;
    const group = command === N.NL80211_CMD_NEW_INTERFACE ? GROUPS.config : GROUPS.mlme;
    this.#multicast(N.NETLINK_GENERIC, group, wirelessMessage(command, link, 0, 0, extra));
  }

  /** Starts an access point: what nl80211 answers from now on, and its message. */
  startAccessPoint(name: string, ssid: string, mloLinkId?: number): void {
    this.setSilently(name, { wireless: { type: 3, ssid } });
    const link: RequestAttribute[] = mloLinkId === undefined
      ? []
      : [[N.NL80211_ATTR_MLO_LINK_ID, Uint8Array.of(mloLinkId)]];
    this.tellWireless(N.NL80211_CMD_START_AP, name, link);
  }

  /** Unloads cfg80211 and loads it again: who listened to it hears nothing any more. */
  reloadWireless(): void {
    for (const socket of this.#sockets.values()) {
      if (socket.protocol === N.NETLINK_GENERIC) socket.stale = true;
    }
  }

  /** Lets every queue of a protocol overflow: what is not read is lost. */
  overflow(protocol: number): void {
    for (const socket of this.#sockets.values()) {
      if (socket.protocol !== protocol || socket.groups.size === 0) continue;
      socket.queue = [];
      socket.overflowed = true;
      this.#wake(socket);
    }
  }

  /** The sockets that somebody waits for and that have something to read. */
  get readable(): FakeSocket[] {
    return [...this.#sockets.values()].filter((socket) => socket.ready !== undefined && hasNews(socket));
  }

  /** Whom to tell that waiting has failed, of those who wait for a protocol's sockets. */
  failures(protocol: number): ((error: unknown) => void)[] {
    return [...this.#sockets.values()].flatMap((socket) =>
      socket.protocol === protocol && socket.failed !== undefined ? [socket.failed] : []
    );
  }

  /** Tells whoever waits for a socket that it has something to read. */
  wake(socket: FakeSocket): void {
    socket.ready?.();
  }

  /** As a descriptor is: readable until it is read empty. */
  #wake(socket: FakeSocket): void {
    if (this.manual) return;
    queueMicrotask(() => {
      if (hasNews(socket)) socket.ready?.();
    });
  }

  #link(link: FakeLink, seq: number, flags: number, type = N.RTM_NEWLINK): Uint8Array<ArrayBuffer> {
    return linkMessage(link, seq, flags, type, !this.withoutOperState);
  }

  /** What does not fit into a queue is lost, with all that follows until the queue was read empty (netlink_overrun). */
  #multicast(protocol: number, group: number, message: Uint8Array): void {
    for (const socket of this.#sockets.values()) {
      if (socket.protocol !== protocol || socket.stale || !socket.groups.has(group) || socket.congested) continue;
      if (socket.queue.length < this.queueLimit) socket.queue.push(message);
      else {
        socket.congested = socket.overflowed = true;
        this.troubles++;
      }
      this.#wake(socket);
    }
  }

  /** Every interface from the lowest index on, and whether one came or went meanwhile (dev_base_seq). */
  *#dumpLinks(seq: number, master: number | undefined): Dump {
    const comings = this.#comings;
    const changed = (): number => comings === this.#comings ? 0 : N.NLM_F_DUMP_INTR;
    for (let last = 0;;) {
      const part = [...this.#links.values()].filter((one) =>
        one.index > last && (master === undefined || one.master === master)
      )
        .sort((a, b) => a.index - b.index).slice(0, this.partSize);
      if (part.length === 0) break;
      last = part.at(-1)!.index;
      yield datagram(...part.map((one) => this.#link(one, seq, N.NLM_F_MULTI | changed())));
    }
    return doneMessage(seq, changed());
  }

  #answer(fd: number, request: Uint8Array): void {
    const view = new DataView(request.buffer, request.byteOffset, request.byteLength);
    const [type, flags, seq] = [view.getUint16(4, true), view.getUint16(6, true), view.getUint32(8, true)];
    const dump = (flags & N.NLM_F_DUMP) === N.NLM_F_DUMP;
    const socket = this.#sockets.get(fd)!;
    const send = (bytes: Uint8Array): void => void socket.queue.push(bytes);
    const multi = dump ? N.NLM_F_MULTI : 0;
    // netlink_dump_start(): a socket has one dump at a time
    if (dump && socket.queue.some((one) => !(one instanceof Uint8Array))) return send(errorMessage(seq, N.EBUSY));
    switch (type) {
      case N.RTM_GETLINK: {
        this.onRequest?.(dump ? "links" : "link");
        if (dump) {
          const master = attribute(request, N.NLMSG_HDRLEN + N.IFINFOMSG_LEN, N.IFLA_MASTER);
          const parts = this.#dumpLinks(seq, master && word(master));
          const { value, done } = parts.next(); // the kernel makes the first part while it takes the request
          send(value);
          if (!done) socket.queue.push(parts);
          return;
        }
        const name = attribute(request, N.NLMSG_HDRLEN + N.IFINFOMSG_LEN, N.IFLA_IFNAME);
        const alternative = attribute(request, N.NLMSG_HDRLEN + N.IFINFOMSG_LEN, N.IFLA_ALT_IFNAME);
        if (alternative !== undefined && this.withoutAltNames) return send(errorMessage(seq, N.EINVAL));
        const found = name === undefined ? this.#links.get(view.getInt32(20, true)) : this.find(textOf(name));
        return send(found === undefined ? errorMessage(seq, N.ENODEV) : this.#link(found, seq, 0));
      }
      case N.RTM_GETADDR: {
        const index = view.getUint32(20, true);
        if (index !== 0 && !this.#links.has(index)) return send(errorMessage(seq, N.ENODEV));
        for (const link of this.#links.values()) {
          if (index !== 0 && link.index !== index) continue;
          for (const address of link.addresses ?? []) {
            send(addressMessage(link.index, address, seq, multi, N.RTM_NEWADDR, this.cacheInfo));
          }
        }
        break;
      }
      case N.GENL_ID_CTRL:
        if (!dump && !this.hasWireless) this.modprobes++;
        if (this.hasEthtool && dump) send(ethtoolFamilyMessage(seq, multi));
        if (this.hasWireless) send(familyMessage(seq, multi));
        else if (!dump) send(errorMessage(seq, N.ENOENT));
        break;
      case ETHTOOL_FAMILY:
        return send(this.#answerEthtool(request, seq));
      case FAMILY: {
        if (!this.hasWireless || socket.stale) return send(errorMessage(seq, N.ENOENT));
        if (request[N.NLMSG_HDRLEN] === N.NL80211_CMD_GET_INTERFACE) {
          this.onRequest?.(dump ? "wireless list" : "wireless");
          const index = attribute(request, N.NLMSG_HDRLEN + N.GENL_HDRLEN, N.NL80211_ATTR_IFINDEX);
          const wanted = index && word(index);
          const found = [...this.#links.values()].filter((one) =>
            one.wireless !== undefined && (dump || one.index === wanted)
          );
          for (const one of found) this.onWireless?.(one);
          if (found.length === 0 && !dump) return send(errorMessage(seq, N.ENODEV));
          const changed = dump && this.interrupted > 0 ? N.NLM_F_DUMP_INTR : 0;
          if (dump && this.interrupted > 0) this.interrupted--;
          // What changed while it was dumped is not in the dump.
          for (const one of changed ? [] : found) {
            send(wirelessMessage(N.NL80211_CMD_NEW_INTERFACE, one, seq, multi));
          }
          if (dump) return send(doneMessage(seq, changed));
        }
        break;
      }
      default:
        return send(errorMessage(seq, 0));
    }
    if (dump) send(doneMessage(seq, 0));
  }

  #answerEthtool(request: Uint8Array, seq: number): Uint8Array {
    const command = request[N.NLMSG_HDRLEN]!;
    const start = N.NLMSG_HDRLEN + N.GENL_HDRLEN;
    const header = attribute(request, start, N.ETHTOOL_A_HEADER | N.NLA_F_NESTED)!;
    const index = word(attribute(header, 0, N.ETHTOOL_A_HEADER_DEV_INDEX)!);
    const flags = word(attribute(header, 0, N.ETHTOOL_A_HEADER_FLAGS)!);
    this.ethtoolRequests.push([index, command]);
    this.onEthtool?.(command);
    const known = N.ETHTOOL_FLAG_COMPACT_BITSETS | (this.hasEthtoolStatistics ? N.ETHTOOL_FLAG_STATS : 0);
    const said = this.#links.get(index)?.hardware?.[command];
    if ((flags & ~known) !== 0 || said === undefined) return errorMessage(seq, EOPNOTSUPP);
    // Each reply has the number of its request.
    return buildRequest(ETHTOOL_FAMILY, 0, seq, Uint8Array.of(command, 1, 0, 0), said);
  }

  #fail(errno: number): number {
    this.#errno = errno;
    return -1;
  }

  /** Whether a call is to fail this time; errno is set then. */
  #failing(call: FakeCall): boolean {
    const errno = this.failOnce.get(call);
    if (errno === undefined) return false;
    this.failOnce.delete(call);
    this.troubles++;
    this.#errno = errno;
    return true;
  }

  /** The next datagram of a socket's queue: a dump's part is made now. */
  #shift(socket: FakeSocket): Uint8Array | undefined {
    const [first] = socket.queue;
    if (first === undefined || first instanceof Uint8Array) {
      socket.queue.shift();
      if (socket.queue.length === 0) socket.congested = false;
      return first;
    }
    this.onPart?.();
    const { value, done } = first.next();
    if (done) socket.queue.shift();
    return value;
  }

  #libc() {
    const failureOf = (errno: number, what: Omit<SystemFailure, "code">) =>
      systemError({ ...what, code: N.ERRNO_NAMES[errno] ?? `errno ${errno}`, text: what.text ?? "" });
    return {
      errno: () => this.#errno,
      places: MEMORY,
      discovered: new Discovered(LINUX_CAPABILITIES),
      failure: (what: Omit<SystemFailure, "code">) => failureOf(this.#errno, what),
      failureOf,
      close: (fd: number): void => {
        if (!this.#sockets.delete(fd)) this.strayCalls.push(`close ${fd}`);
      },
      symbols: {
        socket: (_domain: number, _type: number, protocol: number): number => {
          this.socketCalls.set(protocol, (this.socketCalls.get(protocol) ?? 0) + 1);
          const refused = this.refused.get(protocol);
          if (refused !== undefined) return this.#fail(refused);
          if (this.#failing("socket")) return -1;
          const fd = ++this.#lastFd;
          this.#sockets.set(fd, {
            protocol,
            groups: new Set(),
            queue: [],
            stale: false,
            overflowed: false,
            congested: false,
            ready: undefined,
            failed: undefined,
          });
          return fd;
        },
        bind: (): number => this.#failing("bind") ? -1 : 0,
        setsockopt: (fd: number, _level: number, name: number, value: Uint8Array): number => {
          if (this.#failing("setsockopt")) return -1;
          if (name !== N.NETLINK_ADD_MEMBERSHIP) return 0;
          const group = new DataView(value.buffer).getInt32(0, true);
          if (this.refusedGroups.has(group)) return this.#fail(EPERM);
          this.#sockets.get(fd)?.groups.add(group);
          return 0;
        },
        send: (fd: number, bytes: Uint8Array): number => {
          if (this.#failing("send")) return -1;
          this.#answer(fd, bytes);
          const { afterAnswer } = this;
          this.afterAnswer = undefined;
          afterAnswer?.();
          return bytes.length;
        },
        recvfrom: (
          fd: number,
          at: Deno.PointerObject,
          size: bigint,
          _flags: number,
          sender: Deno.PointerObject,
        ): number => {
          const socket = this.#sockets.get(fd);
          if (socket === undefined) {
            this.strayCalls.push(`recvfrom ${fd}`);
            return this.#fail(EBADF);
          }
          if (this.#failing("recvfrom")) return -1;
          if (this.receiveErrno !== undefined && socket.groups.size > 0) return this.#fail(this.receiveErrno);
          if (socket.overflowed) {
            socket.overflowed = false;
            return this.#fail(N.ENOBUFS);
          }
          const message = this.#shift(socket);
          if (message === undefined) return this.#fail(N.EAGAIN);
          new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(at, Number(size))).set(message);
          new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(sender, N.SOCKADDR_NL_LEN)).fill(0);
          return message.length;
        },
      },
      more: {
        // SIOCGIFFLAGS: ifr_flags behind ifr_name
        ioctl: (_fd: number, _request: number, ifreq: Uint8Array): number => {
          const link = this.find(textOf(ifreq.subarray(0, N.IFNAMSIZ)));
          if (link === undefined) return this.#fail(N.ENODEV);
          new DataView(ifreq.buffer, ifreq.byteOffset).setUint16(N.IFNAMSIZ, link.flags & 0xffff, true);
          return 0;
        },
      },
      waiter: {
        add: (fd: number, ready: () => void, failed: (error: unknown) => void) => {
          const socket = this.#sockets.get(fd)!;
          socket.ready = ready;
          socket.failed = failed;
          let paused = false;
          return {
            pause: (now: boolean): void => {
              paused = now;
              socket.ready = paused ? undefined : ready;
              if (!paused) this.#wake(socket);
            },
            close: (): Promise<void> => {
              socket.ready = undefined;
              this.#sockets.delete(fd);
              return Promise.resolve();
            },
          };
        },
      },
    };
  }
}

/** A 32-bit attribute. */
function word(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}

function hasNews({ queue, overflowed }: FakeSocket): boolean {
  return queue.length > 0 || overflowed;
}
