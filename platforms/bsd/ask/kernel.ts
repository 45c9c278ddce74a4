import type { Clock } from "../../contract/clock.ts";
import { isPassing, NetflagsError, UnsupportedError } from "../../contract/errors.ts";
import { type BsdCalls, BsdLibc } from "../libc/libc.ts";
import {
  ROUTE_TYPES,
  type RouteQuestions,
  type RouteSocket,
  SystemQuestions,
  SystemSocket,
  wantedTypes,
} from "../libc/route_socket.ts";
import type { InterfaceMedia, WirelessState } from "../../contract/status.ts";
import * as C from "../systems/common.ts";
import { bsdFailure } from "../libc/failure.ts";
import { IoctlSocket } from "../libc/ioctl_socket.ts";
import type { SystemNumbers, WirelessNumbers } from "../systems/layout.ts";
import { MediaWords } from "../systems/media.ts";
import { bsdWireless, isWireless, networkRequest } from "../wire/wireless.ts";

/** What the BSD backend needs from a kernel. Tests provide scripted ones. */
export interface RouteKernel {
  /** The system's clocks, if its C library has them. */
  readonly clock?: Clock | undefined;
  /** The number of this kernel's release, if the system has one that netflags reads, and the kernel says it. */
  readonly release: number | undefined;
  /** The routing table of this process. */
  readonly table: number;
  /** Opens a routing socket that hears of interfaces. */
  open(): RouteSocket;
  /**
   * Opens one that hears of routes alone, so that they cannot fill the other one's queue; undefined if this kernel sends
   * everything to all of them.
   */
  openRoutes(): RouteSocket | undefined;
  /** Opens one that asks. */
  ask(): RouteQuestions;
  /** The interface list by sysctl: of every interface, or of one. */
  list(index: number): Uint8Array<ArrayBuffer>;
  /** The present index of a name; 0 if no interface has it. Throws if there is no answer. */
  index(name: string): number;
  /** SIOCGIFFLAGS: the present flags; undefined if the interface is gone. Throws if there is no answer. */
  flags(name: string): number | undefined;
  /** SIOCSIFFLAGS. */
  setFlags(name: string, flags: number): void;
  /** SIOCGIFMEDIA; undefined if the interface is gone. Throws if there is no answer. */
  media(name: string): MediaAnswer | undefined;
  /** Forgets what was found out about the driver of an interface: the name may be another one's from now on. */
  forget?(name: string): void;
  /**
   * SIOCGIFAFLAG_IN6: the flags of an IPv6 address; undefined if it is gone, or if the kernel does not say. Throws if
   * there is no answer at the moment.
   */
  addressFlags(name: string, ipv6: Uint8Array): number | undefined;
}

/** What a driver says about its media, and about its network if it is wireless. A field is undefined if it has none. */
export interface MediaAnswer {
  readonly media: InterfaceMedia | undefined;
  readonly wireless: WirelessState | undefined;
}

/** The answer of a driver that has no media. */
export const NO_MEDIA: MediaAnswer = { media: undefined, wireless: undefined };

/** How many names are remembered, because interfaces come and go. */
const MOST_NAMES = 256;

/** How often to ask for a list that grows between its two calls, or for which there is no memory. */
const LISTS = 8;

/** The kernel that a C library calls. */
export class SystemKernel implements RouteKernel {
  readonly #system: SystemNumbers;
  readonly #ioctls = new IoctlSocket(() => this.#libc, C.AF_INET);
  /** For requests that the IPv6 of the kernel answers. */
  readonly #ioctls6: IoctlSocket;
  /** The structures of the ioctls. Their content is read at once. */
  readonly #ifreq: DataView<ArrayBuffer>;
  readonly #ifmediareq: DataView<ArrayBuffer>;
  readonly #in6Ifreq = new DataView(new ArrayBuffer(C.IN6_IFREQ));
  readonly #words: MediaWords;
  #opened: BsdCalls | undefined;
  /** The newest kind of list that this kernel has, after it returned one. */
  #list: number | undefined;
  /** The names of interfaces whose driver knows the last kind of request for its media at most. */
  readonly #plain = new Set<string>();
  /** null before it was asked for. */
  #release: number | undefined | null = null;

  /** `libc`: by default the system's own, opened when it is first called. */
  constructor(system: SystemNumbers, libc?: BsdCalls) {
    this.#system = system;
    this.#ifreq = new DataView(new ArrayBuffer(system.ifreq));
    this.#ifmediareq = new DataView(new ArrayBuffer(system.media.size));
    this.#words = new MediaWords(system.mediaWords());
    this.#ioctls6 = new IoctlSocket(() => this.#libc, system.layouts[0]!.inet6);
    this.#opened = libc;
  }

  get #libc(): BsdCalls {
    return this.#opened ??= new BsdLibc(this.#system);
  }

  get clock(): Clock | undefined {
    return this.#libc.clock;
  }

  get release(): number | undefined {
    if (this.#release === null) this.#release = this.#askRelease();
    return this.#release;
  }

  #askRelease(): number | undefined {
    if (this.#system.release === undefined) return undefined;
    const word = new DataView(new ArrayBuffer(4));
    const length = this.#libc.sysctl(this.#system.release, new Uint8Array(word.buffer));
    return length === 4 ? word.getInt32(0, true) : undefined;
  }

  get table(): number {
    return this.#libc.table;
  }

  ask(): RouteQuestions {
    return new SystemQuestions(this.#libc, this.#system);
  }

  openRoutes(): RouteSocket | undefined {
    if (this.#system.filter === undefined) return undefined;
    const socket = new SystemSocket(this.#libc, this.#system, ROUTE_TYPES);
    if (socket.filtered) {
      socket.onlyDefaults(this.#system);
      return socket;
    }
    void socket.close();
    return undefined;
  }

  open(): RouteSocket {
    const held = [this.#ioctls.hold(), this.#ioctls6.hold()];
    const release = (): void => held.forEach((one) => one());
    try {
      return new SystemSocket(this.#libc, this.#system, wantedTypes(this.#system), release);
    } catch (error) {
      release();
      throw error;
    }
  }

  list(index: number): Uint8Array<ArrayBuffer> {
    const kinds = this.#list === undefined ? this.#system.lists : [this.#list];
    for (const kind of kinds) {
      const bytes = this.#readList(kind, index);
      if (bytes === undefined) continue;
      // An index that no interface has gives an empty list of any kind.
      if (bytes.length > 0) this.#list = kind;
      return bytes;
    }
    throw new UnsupportedError(
      `Cannot list interfaces: this kernel has none of the lists ${
        kinds.join(", ")
      } that ${this.#system.platform} is known for`,
      { operation: "list interfaces" },
    );
  }

  /** The list, or undefined where the kernel has no list of this kind. */
  #readList(kind: number, index: number): Uint8Array<ArrayBuffer> | undefined {
    const mib = [C.CTL_NET, this.#system.route, 0, C.AF_UNSPEC, kind, index];
    for (let tries = 1;; tries++) {
      const estimate = this.#libc.sysctl(mib, null);
      if (estimate >= 0) {
        const buffer = new Uint8Array(new ArrayBuffer(estimate + (estimate >> 2) + 1024));
        const length = this.#libc.sysctl(mib, buffer);
        if (length >= 0) return buffer.subarray(0, length);
      }
      const errno = this.#libc.errno();
      if (errno === C.ENOMEM && tries < LISTS) continue; // the list grew, or there was no memory for it
      // EINVAL is what the error of sysctl_rtable (NetBSD, OpenBSD) and sysctl_rtsock (FreeBSD, DragonFly, macOS) starts
      // as, and stays where no list is of this kind. A kernel that has given a list of a kind has it.
      if (errno === C.EINVAL && this.#list === undefined) return undefined;
      throw bsdFailure(this.#libc, { operation: "list interfaces" }, errno);
    }
  }

  index(name: string): number {
    if (name === "" || name.includes("\0")) return 0;
    const operation = "read the index";
    const { SIOCGIFINDEX, gone } = this.#system;
    let errno = C.ENOTTY;
    if (SIOCGIFINDEX !== undefined) {
      errno = this.#ioctl(SIOCGIFINDEX, name, this.#ifreq, operation);
      if (errno === 0) return this.#ifreq.getUint16(16, true); // ifr_index is an int or a short; no index needs more
    }
    if (errno === C.ENOTTY) { // this kernel has no such request
      const index = this.#libc.nameToIndex(name);
      if (index !== 0) return index;
      errno = this.#libc.errno();
    }
    if (gone.includes(errno)) return 0;
    throw bsdFailure(this.#libc, { operation, interfaceName: name }, errno);
  }

  flags(name: string): number | undefined {
    const operation = "read the flags";
    const errno = this.#ioctl(this.#system.SIOCGIFFLAGS, name, this.#ifreq, operation);
    // Any other error says nothing about the interface: macOS answers EPERM for those that it keeps to itself
    // (ifioctl_restrict_intcoproc() of bsd/net/if.c).
    if (this.#system.gone.includes(errno)) return undefined;
    if (errno !== 0) throw bsdFailure(this.#libc, { operation, interfaceName: name }, errno);
    const high = this.#system.flagsHigh ? this.#ifreq.getUint16(18, true) : 0;
    return ((high << 16) | this.#ifreq.getUint16(16, true)) >>> 0;
  }

  setFlags(name: string, flags: number): void {
    this.#ifreq.setUint16(16, flags & 0xffff, true);
    this.#ifreq.setUint16(18, this.#system.flagsHigh ? flags >>> 16 : 0, true);
    const operation = "set flags";
    const errno = this.#ioctl(this.#system.SIOCSIFFLAGS, name, this.#ifreq, operation);
    if (errno !== 0) throw bsdFailure(this.#libc, { operation, interfaceName: name }, errno);
  }

  media(name: string): MediaAnswer | undefined {
    const { mediaRequests, gone, noMedia, wireless, media: { status, active } } = this.#system;
    const operation = "read the media";
    for (const kind of this.#plain.has(name) ? mediaRequests.slice(-1) : mediaRequests) {
      new Uint8Array(this.#ifmediareq.buffer).fill(0); // no room for the list of all media
      const errno = this.#ioctl(kind, name, this.#ifmediareq, operation);
      if (gone.includes(errno)) return undefined;
      if (noMedia.includes(errno)) {
        if (this.#plain.size >= MOST_NAMES) this.#plain.clear();
        this.#plain.add(name);
        continue;
      }
      if (errno !== 0) throw bsdFailure(this.#libc, { operation, interfaceName: name }, errno);
      const valid = this.#ifmediareq.getUint32(status, true);
      const link = (valid & C.IFM_AVALID) === 0 ? undefined : (valid & C.IFM_ACTIVE) !== 0;
      const media = this.#words.read(this.#ifmediareq, active, link);
      if (wireless === undefined || !isWireless(wireless, media)) return { media, wireless: undefined };
      return { media, wireless: bsdWireless(wireless, media, link ? this.#network(name, wireless) : undefined) };
    }
    return NO_MEDIA;
  }

  forget(name: string): void {
    this.#plain.delete(name);
  }

  addressFlags(name: string, ipv6: Uint8Array): number | undefined {
    const operation = "read the flags of an address";
    const argument = new Uint8Array(this.#in6Ifreq.buffer);
    argument.fill(0);
    // struct sockaddr_in6 at 16; the kernel knows the scope of a link-local address by the interface's name
    argument.set([28, this.#system.layouts[0]!.inet6], 16);
    argument.set(ipv6, 24);
    try {
      const errno = this.#ioctls6.call(C.SIOCGIFAFLAG_IN6, name, argument, operation);
      if (errno === 0) return this.#in6Ifreq.getInt32(16, true); // ifru_flags6
      throw bsdFailure(this.#libc, { operation, interfaceName: name }, errno);
    } catch (error) {
      if (!(error instanceof NetflagsError) || isPassing(error)) throw error;
      return undefined; // EADDRNOTAVAIL, ENXIO: it is gone; any other error: this kernel does not say
    }
  }

  /** The network of a wireless interface that has a link; undefined if the driver does not report it. */
  #network(name: string, wireless: WirelessNumbers): Uint8Array | undefined {
    const operation = "read the network";
    const request = networkRequest(this.#system);
    const errno = this.#ioctls.call(wireless.request, name, request.argument, operation, request.data);
    if (errno === 0) return request.name();
    if (this.#system.gone.includes(errno) || this.#system.noMedia.includes(errno)) return undefined;
    throw bsdFailure(this.#libc, { operation, interfaceName: name }, errno);
  }

  #ioctl(request: number, name: string, argument: DataView<ArrayBuffer>, operation: string): number {
    return this.#ioctls.call(request, name, new Uint8Array(argument.buffer), operation);
  }
}
