/**
 * A Linux kernel in memory, below the backend: it answers rtnetlink and nl80211 as the C library's functions do, sends
 * multicast messages, and refuses or fails where a test says so.
 */
import { LinuxBackend } from "../../platforms/linux/backend.ts";
import { buildRequest, type RequestAttribute, textPayload, u32Payload } from "../../platforms/linux/netlink.ts";
import * as N from "../../platforms/linux/numbers.ts";
import { useBackend } from "../../platforms/current.ts";
import { systemError, type SystemFailure } from "../../platforms/contract/errors.ts";
import type { LinuxLibc } from "../../platforms/linux/libc.ts";

/** nl80211's number and its groups' in this kernel. */
const FAMILY = 0x17;
const GROUPS = { config: 22, mlme: 9 } as const;
/** The error numbers of include/uapi/asm-generic/errno-base.h that the tests refuse with. */
export const EPERM = 1;
export const EMFILE = 24;

/** An interface of the fake kernel. */
export interface FakeLink {
  index: number;
  name: string;
  /** ARPHRD_* */
  type: number;
  kind?: string;
  flags: number;
  /** IF_OPER_* */
  operState: number;
  carrier: boolean;
  changes: number;
  mtu: number;
  /** What nl80211 knows of it. */
  wireless?: FakeWireless;
}

/** A wireless interface of the fake kernel. */
export interface FakeWireless {
  /** NL80211_IFTYPE_* */
  type: number;
  ssid?: string;
}

interface FakeSocket {
  readonly protocol: number;
  readonly groups: Set<number>;
  queue: Uint8Array[];
  /** Whether the family that it asks or listens to has another number now. */
  stale: boolean;
  overflowed: boolean;
  ready: (() => void) | undefined;
}

type Send = (bytes: Uint8Array<ArrayBuffer>) => void;

/** The kernel, standing in the place of the real system until it is disposed of. */
export class FakeLinux implements Disposable {
  /** Which protocols socket(2) refuses, and with which error number. */
  readonly refused = new Map<number, number>();
  /** Which multicast groups are refused, with EPERM: 1 (links), 5, 9 (addresses). */
  readonly refusedGroups = new Set<number>();
  /** Whether link messages have no operational state, as gVisor's have none. */
  withoutOperState = false;
  /** What receiving of multicast messages fails with, as long as this is set. */
  receiveErrno: number | undefined;
  /** Called before a request is answered. */
  onRequest: ((what: "links" | "link" | "wireless list" | "wireless") => void) | undefined;
  /** Called once, after the next request was answered. */
  afterAnswer: (() => void) | undefined;
  /** How many answers to dumps say from now on that what was dumped changed meanwhile. */
  interrupted = 0;
  /** Whether nl80211 is there. */
  hasWireless = true;
  /** What was called with a descriptor that was not open. */
  readonly strayCalls: string[] = [];
  readonly #links = new Map<number, FakeLink>();
  readonly #sockets = new Map<number, FakeSocket>();
  readonly #inUse: Disposable;
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

  /** Makes an interface or changes one, without a word. */
  setSilently(name: string, fields: Partial<FakeLink> = {}): FakeLink {
    const known = [...this.#links.values()].find((one) => one.name === name);
    const link: FakeLink = known ?? {
      index: this.#links.size + 1,
      name,
      type: 1,
      flags: 0x1002,
      operState: 2,
      carrier: false,
      changes: 0,
      mtu: 1500,
    };
    Object.assign(link, fields);
    this.#links.set(link.index, link);
    return link;
  }

  /** The same, told by an RTM_NEWLINK. */
  set(name: string, fields: Partial<FakeLink> = {}): FakeLink {
    const link = this.setSilently(name, fields);
    this.#multicast(N.NETLINK_ROUTE, N.RTNLGRP_LINK, this.#link(link, 0, 0));
    return link;
  }

  /** Removes an interface. */
  remove(name: string): void {
    const link = [...this.#links.values()].find((one) => one.name === name)!;
    this.#links.delete(link.index);
    this.#multicast(N.NETLINK_ROUTE, N.RTNLGRP_LINK, this.#link(link, 0, 0, N.RTM_DELLINK));
  }

  /** Sends an nl80211 message of an interface. */
  tellWireless(command: number, name: string, extra: readonly RequestAttribute[] = []): void {
    const link = [...this.#links.values()].find((one) => one.name === name)!;
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

  #link(link: FakeLink, seq: number, flags: number, type = N.RTM_NEWLINK): Uint8Array<ArrayBuffer> {
    return linkMessage(link, seq, flags, type, !this.withoutOperState);
  }

  #multicast(protocol: number, group: number, message: Uint8Array): void {
    for (const socket of this.#sockets.values()) {
      if (socket.protocol !== protocol || socket.stale || !socket.groups.has(group)) continue;
      socket.queue.push(message);
      this.#wake(socket);
    }
  }

  /** As a descriptor is: readable until it is read empty. */
  #wake(socket: FakeSocket): void {
    queueMicrotask(() => {
      if (socket.queue.length === 0 && !socket.overflowed) return;
      socket.ready?.();
    });
  }

  #answer(fd: number, request: Uint8Array): void {
    const view = new DataView(request.buffer, request.byteOffset, request.byteLength);
    const [type, flags, seq] = [view.getUint16(4, true), view.getUint16(6, true), view.getUint32(8, true)];
    const dump = (flags & N.NLM_F_DUMP) === N.NLM_F_DUMP;
    const socket = this.#sockets.get(fd)!;
    const send: Send = (bytes) => void socket.queue.push(bytes);
    const multi = dump ? N.NLM_F_MULTI : 0;
    switch (type) {
      case N.RTM_GETLINK: {
        this.onRequest?.(dump ? "links" : "link");
        const name = attribute(request, N.NLMSG_HDRLEN + N.IFINFOMSG_LEN, N.IFLA_IFNAME);
        const index = view.getInt32(20, true);
        const found = [...this.#links.values()].filter((one) =>
          dump || (name === undefined ? one.index === index : one.name === text(name))
        );
        if (found.length === 0 && !dump) return send(errorMessage(seq, N.ENODEV));
        for (const one of found) send(this.#link(one, seq, multi));
        break;
      }
      case N.RTM_GETADDR:
        break;
      case N.GENL_ID_CTRL:
        if (!this.hasWireless) return send(errorMessage(seq, N.ENOENT));
        return send(familyMessage(seq));
      case FAMILY: {
        if (!this.hasWireless || socket.stale) return send(errorMessage(seq, N.ENOENT));
        if (request[N.NLMSG_HDRLEN] === N.NL80211_CMD_GET_INTERFACE) {
          this.onRequest?.(dump ? "wireless list" : "wireless");
          const index = attribute(request, N.NLMSG_HDRLEN + N.GENL_HDRLEN, N.NL80211_ATTR_IFINDEX);
          const wanted = index && new DataView(index.buffer, index.byteOffset).getUint32(0, true);
          const found = [...this.#links.values()].filter((one) =>
            one.wireless !== undefined && (dump || one.index === wanted)
          );
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

  #fail(errno: number): number {
    this.#errno = errno;
    return -1;
  }

  #libc() {
    const failureOf = (errno: number, what: Omit<SystemFailure, "code">) =>
      systemError({ ...what, code: N.ERRNO_NAMES[errno] ?? `errno ${errno}`, text: what.text ?? "" });
    return {
      errno: () => this.#errno,
      failure: (what: Omit<SystemFailure, "code">) => failureOf(this.#errno, what),
      failureOf,
      close: (fd: number): void => {
        if (!this.#sockets.delete(fd)) this.strayCalls.push(`close ${fd}`);
      },
      symbols: {
        socket: (_domain: number, _type: number, protocol: number): number => {
          const refused = this.refused.get(protocol);
          if (refused !== undefined) return this.#fail(refused);
          const fd = ++this.#lastFd;
          this.#sockets.set(fd, {
            protocol,
            groups: new Set(),
            queue: [],
            stale: false,
            overflowed: false,
            ready: undefined,
          });
          return fd;
        },
        bind: (): number => 0,
        setsockopt: (fd: number, _level: number, name: number, value: Uint8Array): number => {
          if (name !== N.NETLINK_ADD_MEMBERSHIP) return 0;
          const group = new DataView(value.buffer).getInt32(0, true);
          if (this.refusedGroups.has(group)) return this.#fail(EPERM);
          this.#sockets.get(fd)?.groups.add(group);
          return 0;
        },
        send: (fd: number, bytes: Uint8Array): number => {
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
            return this.#fail(9);
          }
          if (this.receiveErrno !== undefined && socket.groups.size > 0) return this.#fail(this.receiveErrno);
          if (socket.overflowed) {
            socket.overflowed = false;
            return this.#fail(N.ENOBUFS);
          }
          const message = socket.queue.shift();
          if (message === undefined) return this.#fail(N.EAGAIN);
          new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(at, Number(size))).set(message);
          new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(sender, N.SOCKADDR_NL_LEN)).fill(0);
          return message.length;
        },
      },
      waiter: {
        add: (fd: number, ready: () => void) => {
          const socket = this.#sockets.get(fd)!;
          socket.ready = ready;
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

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replace(/\0.*$/s, "");
}

/** The payload of a request's attribute. */
function attribute(bytes: Uint8Array, start: number, type: number): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = start; at + N.NLA_HDRLEN <= bytes.length; at += (view.getUint16(at, true) + 3) & ~3) {
    if (view.getUint16(at + 2, true) === type) {
      return bytes.slice(at + N.NLA_HDRLEN, at + view.getUint16(at, true));
    }
  }
  return undefined;
}

/** Nested attributes: a request of no header is what stands in a nest. */
function nest(...attributes: RequestAttribute[]): Uint8Array {
  return buildRequest(0, 0, 0, new Uint8Array(0), attributes).slice(N.NLMSG_HDRLEN);
}

function linkMessage(
  link: FakeLink,
  seq: number,
  flags: number,
  type: number,
  operState: boolean,
): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(new Uint32Array([link.type << 16, link.index, link.flags, 0]).buffer);
  return buildRequest(type, flags, seq, header, [
    [N.IFLA_IFNAME, textPayload(link.name)],
    ...(operState ? [[N.IFLA_OPERSTATE, Uint8Array.of(link.operState)] as const] : []),
    [N.IFLA_LINKMODE, Uint8Array.of(0)],
    [N.IFLA_MTU, u32Payload(link.mtu)],
    [N.IFLA_CARRIER, Uint8Array.of(link.carrier ? 1 : 0)],
    [N.IFLA_CARRIER_CHANGES, u32Payload(link.changes)],
    [N.IFLA_CARRIER_UP_COUNT, u32Payload((link.changes + 1) >> 1)],
    [N.IFLA_CARRIER_DOWN_COUNT, u32Payload(link.changes >> 1)],
    ...(link.kind === undefined ? [] : [[N.IFLA_LINKINFO, nest([N.IFLA_INFO_KIND, textPayload(link.kind)])] as const]),
  ]);
}

function wirelessMessage(
  command: number,
  link: FakeLink,
  seq: number,
  flags: number,
  extra: readonly RequestAttribute[] = [],
): Uint8Array<ArrayBuffer> {
  const { type = 2, ssid } = link.wireless ?? {};
  return buildRequest(FAMILY, flags, seq, Uint8Array.of(command, 1, 0, 0), [
    [N.NL80211_ATTR_WIPHY, u32Payload(0)],
    [N.NL80211_ATTR_IFINDEX, u32Payload(link.index)],
    ...(command === N.NL80211_CMD_START_AP || command === N.NL80211_CMD_STOP_AP
      ? []
      : [[N.NL80211_ATTR_IFTYPE, u32Payload(type)] as const]),
    ...(ssid === undefined || command === N.NL80211_CMD_STOP_AP
      ? []
      : [[N.NL80211_ATTR_SSID, new TextEncoder().encode(ssid)] as const]),
    ...extra,
  ]);
}

function familyMessage(seq: number): Uint8Array<ArrayBuffer> {
  const groups = Object.entries(GROUPS).map(([name, id], i): RequestAttribute => [
    i + 1,
    nest([N.CTRL_ATTR_MCAST_GRP_NAME, textPayload(name)], [N.CTRL_ATTR_MCAST_GRP_ID, u32Payload(id)]),
  ]);
  return buildRequest(N.GENL_ID_CTRL, 0, seq, Uint8Array.of(1, 2, 0, 0), [
    [N.CTRL_ATTR_FAMILY_ID, new Uint8Array(new Uint16Array([FAMILY]).buffer)],
    [N.CTRL_ATTR_MCAST_GROUPS, nest(...groups)],
  ]);
}

function doneMessage(seq: number, flags: number): Uint8Array<ArrayBuffer> {
  return buildRequest(N.NLMSG_DONE, N.NLM_F_MULTI | flags, seq, new Uint8Array(4), []);
}

function errorMessage(seq: number, errno: number): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(20);
  new DataView(body.buffer).setInt32(0, -errno, true);
  return buildRequest(N.NLMSG_ERROR, 0, seq, body, []);
}
