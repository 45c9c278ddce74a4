/** A BSD's C library over a kernel in memory: each call can be made to fail, and every descriptor is counted. */
import { textOfBytes } from "../../../platforms/common/byte_text.ts";
import type { Clock } from "../../../platforms/contract/clock.ts";
import type { BsdCalls } from "../../../platforms/bsd/libc/libc.ts";
import { BsdBackend } from "../../../platforms/bsd/backend.ts";
import * as C from "../../../platforms/bsd/systems/common.ts";
import { SystemKernel } from "../../../platforms/bsd/ask/kernel.ts";
import { LOST, NOTHING } from "../../../platforms/common/drain.ts";
import type { SystemNumbers } from "../../../platforms/bsd/systems/layout.ts";
import type { BsdPlatform } from "../../../platforms/contract/platform.ts";
import { SYSTEMS } from "../../../platforms/bsd/systems/systems.ts";
import { useBackend } from "../../../platforms/current.ts";
import type { Version } from "./versions.ts";
import type { FakeKernelOptions } from "../../../src/fake/bsd/kernel.ts";
import type { FakeRouteSocket } from "../../../src/fake/bsd/socket.ts";
import { FakeKernel } from "./kernel.ts";

/** The error numbers of sys/sys/errno.h that the tests fail with. */
export const EPERM = 1;
export const EBADF = 9;
export const ENOMEM = 12;
export const EINVAL = 22;
export const EMFILE = 24;
export const ENOTTY = 25;
export const EIO = 5;
const EFAULT = 14;
const ENOPROTOOPT = 42;

/** What can be made to fail. */
export type Call = "socket" | "ioctl" | "sysctl" | "read" | "write" | "wait";

/** The library, in the place of the real one until it is disposed of. */
export class FakeLibc implements BsdCalls, Disposable {
  /** The kernel that it calls. */
  readonly kernel: FakeKernel;
  /** The error number that each call fails with from now on; undefined lets it through. */
  readonly fails: { -readonly [call in Call]?: number | undefined } = {};
  /** How often each was called. */
  readonly calls: Record<Call, number> = { socket: 0, ioctl: 0, sysctl: 0, read: 0, write: 0, wait: 0 };
  /** The lists (NET_RT_IFLIST and its like) that this kernel has; the others are EINVAL. */
  kinds: readonly number[];
  /** How many sockets for ioctls were opened so far. */
  ioctlSockets = 0;
  /** The descriptors that are open, with the routing socket behind those that are one. */
  readonly open = new Map<number, FakeRouteSocket | undefined>();
  /** The domain of each descriptor. */
  readonly domains = new Map<number, number>();
  /** Called before each ioctl, with its number as `calls` counts them and with its request. */
  onIoctl: ((number: number, request: number, name: string) => void) | undefined;
  /** The clocks of this library; those of the runtime if it has none. */
  clock: Clock | undefined;
  /** The interfaces whose driver does not know SIOCGIFXMEDIA. */
  readonly plainMedia = new Set<string>();
  /** The instance of each medium, on OpenBSD. */
  instance = 0;
  /** The error number that SIOCGIFMEDIA fails with; undefined lets it through. */
  mediaFails: number | undefined;
  /** The error number that the request for a network fails with. */
  networkFails: number | undefined;
  /** The error number that the request for the flags of an address fails with. */
  addressFails: number | undefined;
  /** The error number that if_nametoindex fails with. */
  nameFails: number | undefined;
  /** The kernel calls of netflags over it. */
  readonly system: SystemKernel;
  /** The kinds of lists that were given, and the filters that were set. */
  readonly given: { lists: number[]; filters: Uint8Array[]; flags: Uint8Array[] } = {
    lists: [],
    filters: [],
    flags: [],
  };
  readonly #system: SystemNumbers;
  readonly #version: Version | undefined;
  readonly #at = new Map<string, number>();
  readonly #inUse: Disposable;
  #last = 2;
  #errno = 0;

  constructor(platform: BsdPlatform, options?: FakeKernelOptions & { readonly version?: Version }) {
    this.#system = SYSTEMS[platform];
    this.#version = options?.version;
    this.kinds = options?.version?.lists ?? this.#system.lists;
    this.kernel = new FakeKernel(platform, options);
    this.system = new SystemKernel(this.#system, this);
    this.#inUse = useBackend(new BsdBackend(this.#system, this.system));
  }

  [Symbol.dispose](): void {
    this.#inUse[Symbol.dispose]();
    this.kernel[Symbol.dispose]();
  }

  readonly errno = (): number => this.#errno;

  errorText(errno: number): string {
    return `error ${errno}`;
  }

  socket(domain: number, _type: number): number {
    if (this.#failed("socket")) return -1;
    const fd = ++this.#last;
    const routing = domain === this.#system.route;
    if (!routing) this.ioctlSockets++;
    const socket = routing ? this.kernel.open() : undefined;
    if (socket !== undefined) socket.types = undefined; // until an option sets a filter
    this.open.set(fd, socket);
    this.domains.set(fd, domain);
    return fd;
  }

  get table(): number {
    return this.kernel.table;
  }

  setOption(fd: number, level: number, name: number, value: Uint8Array<ArrayBuffer>): number {
    if (level === C.SOL_SOCKET) {
      const refused = name === this.#system.SO_RERROR && !this.kernel.sockets.options.detectsOverflow;
      return refused ? this.#fail(ENOPROTOOPT) : 0;
    }
    const flags = this.#system.filter?.flags;
    if (flags !== undefined && name === flags.option) {
      this.given.flags.push(value);
      return 0;
    }
    if (this.#version?.filter === "none" || name !== this.#system.filter?.option) return this.#fail(ENOPROTOOPT);
    this.given.filters.push(value);
    this.open.get(fd)!.types = new Set(this.#system.filter!.form === "bytes" ? value : typesOf(value));
    return 0;
  }

  write(fd: number, bytes: Uint8Array<ArrayBuffer>): number {
    if (this.#failed("write")) return -1;
    const errno = this.open.get(fd)!.send(bytes);
    return errno === 0 ? bytes.length : this.#fail(errno);
  }

  wait(fd: number): boolean {
    return !this.#failed("wait") && this.open.get(fd)!.wait();
  }

  read(fd: number, buffer: Uint8Array<ArrayBuffer>): number {
    if (this.#failed("read")) return -1;
    const length = this.open.get(fd)!.read(buffer);
    if (length === NOTHING) return this.#fail(C.EAGAIN);
    return length === LOST ? this.#fail(C.ENOBUFS) : length;
  }

  ioctl(fd: number, request: number, argument: Uint8Array<ArrayBuffer>): number {
    const name = textOfBytes(argument.subarray(0, C.IFNAMSIZ)).replace(/\0.*/s, "");
    this.onIoctl?.(this.calls.ioctl + 1, request, name);
    if (this.#failed("ioctl")) return -1;
    if (!this.open.has(fd)) return this.#fail(EBADF);
    const flags = this.kernel.flags(name);
    if (flags === undefined) return this.#fail(C.ENXIO);
    const view = new DataView(argument.buffer);
    switch (request) {
      case this.#system.SIOCGIFFLAGS:
        view.setUint16(16, flags & 0xffff, true);
        view.setUint16(18, flags >>> 16, true);
        return 0;
      case this.#system.SIOCSIFFLAGS:
        this.kernel.setFlags(name, view.getUint16(16, true) | view.getUint16(18, true) << 16);
        return 0;
      case this.#system.SIOCGIFINDEX:
        if (this.#version?.index === "if_nametoindex") return this.#fail(ENOTTY);
        view.setUint16(16, this.kernel.index(name), true);
        return 0;
      case C.SIOCGIFAFLAG_IN6: {
        if (this.addressFails !== undefined) return this.#fail(this.addressFails);
        if (argument[16] !== 28 || argument[17] !== this.#system.layouts[0]!.inet6) return this.#fail(EINVAL);
        if (this.domains.get(fd) !== argument[17]) return this.#fail(ENOTTY); // another family does not know it
        const found = this.kernel.addressFlags(name, argument.subarray(24, 40));
        if (found === undefined) return this.#fail(C.EADDRNOTAVAIL);
        view.setInt32(16, found, true);
        return 0;
      }
      default:
        return this.#media(name, request, view);
    }
  }

  #media(name: string, request: number, view: DataView): number {
    const { mediaRequests, media: { status, active }, noMedia } = this.#system;
    if (!mediaRequests.includes(request)) return this.#fail(EINVAL);
    if (this.mediaFails !== undefined) return this.#fail(this.mediaFails);
    const media = this.kernel.mediaOf.get(name);
    if (media === undefined) return this.#fail(noMedia[0]!);
    if (this.plainMedia.has(name) && request !== mediaRequests.at(-1)) return this.#fail(EINVAL);
    view.setUint32(
      status,
      media.link === undefined ? 0 : media.link ? C.IFM_AVALID | C.IFM_ACTIVE : C.IFM_AVALID,
      true,
    );
    view.setUint32(active, media.active % 2 ** 32, true);
    if (this.#system.mediaWords().wide) {
      view.setUint32(active + 4, Math.floor(media.active / 2 ** 32) | (this.instance << 24), true);
    }
    return 0;
  }

  ioctlWith(
    fd: number,
    request: number,
    argument: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
    at: number,
  ): number {
    this.onIoctl?.(this.calls.ioctl + 1, request, "");
    if (this.#failed("ioctl")) return -1;
    if (!this.open.has(fd)) return this.#fail(EBADF);
    if (this.networkFails !== undefined) return this.#fail(this.networkFails);
    const name = textOfBytes(argument.subarray(0, C.IFNAMSIZ)).replace(/\0.*/s, "");
    const network = this.kernel.networkOf.get(name);
    const view = new DataView(argument.buffer);
    const { wireless, ifreq, noMedia } = this.#system;
    if (request !== wireless?.request || network === undefined) return this.#fail(noMedia[0]!);
    if (wireless.form === "nwid") {
      if (at !== 16 || argument.length !== ifreq || data.length !== 33) return this.#fail(EFAULT);
      data[0] = network.length;
      data.set(network, 1);
      return 0;
    }
    const asked = [view.getUint16(16, true), view.getInt16(18, true), view.getUint16(20, true)];
    if (at !== 24 || argument.length !== 32 || asked.join() !== "1,-1,32") return this.#fail(EFAULT);
    data.set(network);
    view.setUint16(20, network.length, true);
    return 0;
  }

  nameToIndex(name: string): number {
    const index = this.nameFails === undefined ? this.kernel.index(name) : 0;
    if (index === 0) this.#fail(this.nameFails ?? C.ENXIO);
    return index;
  }

  sysctl(mib: readonly number[], buffer: Uint8Array<ArrayBuffer> | null): number {
    if (this.#failed("sysctl")) return -1;
    if (mib.join() === this.#system.release?.join()) {
      new DataView(buffer!.buffer).setInt32(0, this.kernel.release!, true);
      return 4;
    }
    if (!this.kinds.includes(mib[4]!)) return this.#fail(EINVAL);
    const list = this.kernel.list(mib[5]!, this.#system.lists.length > 1 && mib[4] === this.#system.lists[0]);
    buffer?.set(list);
    if (buffer !== null) this.given.lists.push(mib[4]!);
    return list.length;
  }

  readonly poller: BsdCalls["poller"] = {
    add: (fd, ready, failed) => {
      const socket = this.open.get(fd)!;
      socket.listen({ ready: () => void guarded(ready, failed), failed });
      return {
        pause: (paused) => socket.pause(paused),
        close: () => {
          this.close(fd);
          return Promise.resolve();
        },
        release: () => {},
      };
    },
  };

  close(fd: number): void {
    void this.open.get(fd)?.close();
    this.open.delete(fd);
  }

  /** Makes one call fail: the one of this number, as `calls` counts them. */
  failAt(call: Call, errno: number, number: number): void {
    this.#at.set(`${call} ${number}`, errno);
  }

  /** Makes the next call fail. */
  failOnce(call: Call, errno: number): void {
    this.failAt(call, errno, this.calls[call] + 1);
  }

  /** Counts a call, and says whether it fails. */
  #failed(call: Call): boolean {
    const number = ++this.calls[call];
    const errno = this.#at.get(`${call} ${number}`) ?? this.fails[call];
    if (errno === undefined) return false;
    this.#fail(errno);
    return true;
  }

  #fail(errno: number): -1 {
    this.#errno = errno;
    return -1;
  }
}

/** The types in a mask of them. */
function typesOf(value: Uint8Array<ArrayBuffer>): number[] {
  const mask = new DataView(value.buffer).getUint32(0, true);
  return Array.from({ length: 32 }, (_, type) => type).filter((type) => (mask & 1 << type) !== 0);
}

/** As the real poller does: what the callback throws is a failure. */
function guarded(ready: () => number | void, failed: (error: unknown) => void): void {
  try {
    ready();
  } catch (error) {
    failed(error);
  }
}
