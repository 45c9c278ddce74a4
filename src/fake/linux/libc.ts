import { Discovered } from "../../../platforms/common/discovered.ts";
import { type NetflagsError, systemError } from "../../../platforms/contract/errors.ts";
import type { Memory, Pointer, PointerValue } from "../../../platforms/ffi/memory.ts";
import type { Registration } from "../../../platforms/ffi/poller.ts";
import type { CallFailure, NetlinkCalls } from "../../../platforms/linux/libc/calls.ts";
import type { Gatherer } from "../../../platforms/linux/libc/gatherer.ts";
import { LINUX_CAPABILITIES } from "../../../platforms/linux/libc/capabilities.ts";
import type { Packet } from "../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { checkedProgram } from "./filter.ts";
import type { FakeSocket, FakeSockets } from "./sockets.ts";

/** What strerror(3) says of the error numbers that this kernel refuses with. */
const TEXTS: Readonly<Record<number, string>> = {
  [N.EPERM]: "Operation not permitted",
  [N.EBADF]: "Bad file descriptor",
  [N.EEXIST]: "File exists",
  [N.ENODEV]: "No such device",
  [N.EINVAL]: "Invalid argument",
  [N.EOPNOTSUPP]: "Operation not supported",
  [N.ENETDOWN]: "Network is down",
  [N.ENETUNREACH]: "Network is unreachable",
};

/** The C functions, by their names. To receive several datagrams at once is to receive. */
export type CallName = keyof NetlinkCalls["symbols"];

/** What a test does to the calls of the library. */
export interface CallHooks {
  /** Called before a call is made: an error number makes it fail. The number is a protocol, a group, or unused. */
  before?(call: CallName, socket: FakeSocket | undefined, number: number): number | undefined;
  /** Called before the second and each later part of a dump is made. */
  onPart?(): void;
}

/** Stands for the protocol of a socket that is not one of netlink. */
const NO_PROTOCOL = -1;

/** What a kernel does with what comes from a program. */
export interface Answering {
  /** Queues the answer to a request at the socket that asked. */
  answer(socket: FakeSocket, request: Uint8Array): void;
  /** Writes the answer into the request itself, or into what it points to. Returns an error number, or 0. */
  ioctl(request: number, ifreq: Uint8Array, data?: Uint8Array): number;
}

/** Bytes by their place: an object stands for an address, so that no foreign function is needed. */
class FakeMemory implements Memory {
  readonly #bytes = new WeakMap<Pointer, Uint8Array>();

  pointerTo(bytes: Uint8Array<ArrayBuffer>): Pointer {
    const place = Object.freeze({}) as Pointer;
    this.#bytes.set(place, bytes);
    return place;
  }

  bytesAt(place: PointerValue): Uint8Array {
    const bytes = place === null ? undefined : this.#bytes.get(place);
    if (bytes === undefined) throw new TypeError("No bytes of this memory are at this place");
    return bytes;
  }
}

/** Linux's C library in memory, over the sockets of a kernel. */
export class FakeLibc implements NetlinkCalls {
  readonly places: FakeMemory = new FakeMemory();
  readonly discovered: Discovered = new Discovered(LINUX_CAPABILITIES);
  readonly around = undefined;
  readonly #sockets: FakeSockets;
  readonly #kernel: Answering;
  readonly #hooks: CallHooks;
  #errno = 0;

  constructor(sockets: FakeSockets, kernel: Answering, hooks: CallHooks = {}) {
    this.#sockets = sockets;
    this.#kernel = kernel;
    this.#hooks = hooks;
  }

  readonly errno = (): number => this.#errno;

  failure(what: CallFailure): NetflagsError {
    return this.failureOf(this.#errno, what);
  }

  failureOf(errno: number, what: CallFailure): NetflagsError {
    return systemError({
      ...what,
      code: N.ERRNO_NAMES[errno] ?? `errno ${errno}`,
      privilege: "root or CAP_NET_ADMIN",
      text: what.text ?? TEXTS[errno],
    });
  }

  attachFilter(fd: number, program: Uint8Array): boolean {
    const socket = this.#socket("setsockopt", fd);
    const filter = this.#sockets.hasFilters ? checkedProgram(program) : undefined;
    if (socket === undefined || filter === undefined) return false;
    socket.filter = filter;
    return true;
  }

  ioctlWith(fd: number, request: number, ifreq: Uint8Array<ArrayBuffer>, data: Uint8Array<ArrayBuffer>): boolean {
    return this.#ioctl(fd, request, ifreq, data) === 0;
  }

  close(fd: number): void {
    this.#sockets.close(fd);
  }

  readonly symbols: NetlinkCalls["symbols"] = {
    socket: (domain, _type, number) => {
      const protocol = domain === N.AF_NETLINK ? number : NO_PROTOCOL;
      return this.#fails("socket", undefined, protocol) ? -1 : this.#sockets.open(protocol);
    },
    bind: (fd) => this.#socket("bind", fd) === undefined ? -1 : 0,
    setsockopt: (fd, level, name, value) => {
      const joins = level === N.SOL_NETLINK && name === N.NETLINK_ADD_MEMBERSHIP;
      const group = joins ? new DataView(value.buffer).getInt32(0, true) : 0;
      const socket = this.#socket("setsockopt", fd, group);
      if (joins) socket?.groups.add(group);
      if (socket === undefined) return -1;
      if (level === N.SOL_SOCKET && name === N.SO_DETACH_FILTER) socket.filter = undefined;
      return 0;
    },
    send: (fd, bytes) => {
      const socket = this.#socket("send", fd);
      if (socket === undefined) return -1;
      this.#kernel.answer(socket, bytes);
      return bytes.length;
    },
    recvfrom: (fd, at, size, _flags, sender) => {
      const message = this.#receive(fd);
      if (message === undefined) return -1;
      this.places.bytesAt(at).set(message.subarray(0, Number(size)));
      this.places.bytesAt(sender).fill(0);
      return message.length;
    },
  };

  gatherer(packet: Packet, slots: number): Gatherer {
    const room = packet.u8.length / slots;
    const lengths: number[] = [];
    let late = 0;
    return {
      receive: (fd, most) => {
        lengths.length = 0;
        if (late !== 0) {
          this.#fail(late);
          late = 0;
          return -1;
        }
        while (lengths.length < most) {
          const message = this.#receive(fd);
          if (message === undefined) {
            if (lengths.length === 0) return -1;
            if (this.#errno !== N.EAGAIN) late = this.#errno; // the next call says it
            break;
          }
          packet.u8.set(message.subarray(0, room), lengths.length * room);
          lengths.push(message.length);
        }
        return lengths.length;
      },
      lengthOf: (slot) => lengths[slot]!,
      portOf: () => 0,
    };
  }

  /** The next datagram; undefined, with errno, if there is none or if messages were lost. */
  #receive(fd: number): Uint8Array | undefined {
    const socket = this.#socket("recvfrom", fd);
    if (socket === undefined) return undefined;
    const lost = socket.takeOverflow();
    const message = lost ? undefined : socket.take(() => this.#hooks.onPart?.());
    if (message === undefined) this.#fail(lost ? N.ENOBUFS : N.EAGAIN);
    return message;
  }

  readonly more: NetlinkCalls["more"] = {
    ioctl: (fd, request, ifreq) => this.#ioctl(fd, request, ifreq),
  };

  readonly waiter: NetlinkCalls["waiter"] = {
    add: (fd, ready, failed): Registration => {
      const socket = this.#sockets.get(fd);
      if (socket === undefined) throw this.failureOf(N.EBADF, { operation: "wait for interface events" });
      socket.ready = () => void ready();
      socket.failed = failed;
      return {
        pause: (paused) => {
          socket.paused = paused;
          if (!paused) socket.announce();
        },
        close: () => {
          this.#sockets.close(fd);
          return Promise.resolve();
        },
      };
    },
  };

  #ioctl(fd: number, request: number, ifreq: Uint8Array, data?: Uint8Array): number {
    const errno = this.#sockets.get(fd) === undefined ? N.EBADF : this.#kernel.ioctl(request, ifreq, data);
    return errno === 0 ? 0 : this.#fail(errno);
  }

  /** The socket of a call; undefined, with errno, if the call fails. */
  #socket(call: CallName, fd: number, number = 0): FakeSocket | undefined {
    const socket = this.#sockets.get(fd);
    if (this.#fails(call, socket, number)) return undefined;
    if (socket === undefined) this.#errno = N.EBADF;
    return socket;
  }

  #fails(call: CallName, socket: FakeSocket | undefined, number: number): boolean {
    const errno = this.#hooks.before?.(call, socket, number);
    if (errno !== undefined) this.#errno = errno;
    return errno !== undefined;
  }

  #fail(errno: number): -1 {
    this.#errno = errno;
    return -1;
  }
}
