import { IFF_RUNNING, IFF_UP, RTM_GET } from "../../../platforms/bsd/systems/common.ts";
import type { MediaAnswer, RouteKernel } from "../../../platforms/bsd/ask/kernel.ts";
import type { BsdPlatform } from "../../../platforms/contract/platform.ts";
import type { SystemNumbers } from "../../../platforms/bsd/systems/layout.ts";
import { atRelease } from "../../../platforms/bsd/systems/release.ts";
import { MediaWords } from "../../../platforms/bsd/systems/media.ts";
import { ROUTE_TYPES, type RouteSocket, wantedTypes } from "../../../platforms/bsd/libc/route_socket.ts";
import type { InterfaceMedia, WirelessState } from "../../../platforms/contract/status.ts";
import { type AddressType, Builder, type Built, type BuiltAddress } from "./builder.ts";
import { announcesFlags, flagsBySetting } from "./flags.ts";
import { KernelRoutes } from "./routes.ts";
import type { FakeRouteSocket } from "./socket.ts";
import { FakeSockets } from "./sockets.ts";

/** BROADCAST, SIMPLEX, MULTICAST */
const BORN = 0x8802;
// sys/netinet/in_var.h and sys/netinet6/in6_var.h of NetBSD
const IN_IFF_DETACHED = 0x4;
const IN6_IFF_DETACHED = 0x8;
// sys/net80211/ieee80211_ioctl.h
const RTM_IEEE80211_ASSOC = 100;
// sys/net/if_types.h
const IFT_ETHER = 6;

export type KernelInterface = { -readonly [K in keyof Built]: Built[K] };

/** The options of a kernel in memory. */
export interface FakeKernelOptions {
  /** Whether it has SO_RERROR or RTM_DESYNC. */
  readonly detectsOverflow?: boolean;
  /** How many messages a socket's queue holds; later ones are dropped. */
  readonly capacity?: number;
  /** The system's version; by default its newest one. */
  readonly version?: KernelVersion;
  /** Whether it sends no messages at all. */
  readonly mute?: boolean;
}

/** One version of a system. */
export interface KernelVersion {
  /** Which of the layouts in the system's numbers file it uses. */
  readonly layout: number;
  /** Whether it has the older form of address messages, the newer one, or sends both. */
  readonly addresses: "old" | "new" | "both";
  /** kern.osreldate of FreeBSD, or kern.osrevision of NetBSD; by default that of the newest one that was run. */
  readonly release?: number;
}

/** The newest versions that were run. */
const NEWEST: Readonly<Partial<Record<BsdPlatform, number>>> = { netbsd: 1099001200, freebsd: 1501000 };

/**
 * A BSD's kernel in memory. It keeps interfaces, and sends for each change the messages that the real kernel was seen
 * to send, with its false and its missing ones. platforms/bsd works on it as on any other kernel.
 */
export class FakeBsdKernel implements RouteKernel {
  /** Makes messages. */
  readonly build: Builder;
  readonly sockets: FakeSockets;
  /** What each driver answers to SIOCGIFMEDIA. */
  readonly mediaOf = new Map<string, Omit<InterfaceMedia, "text">>();
  /** What each wireless driver says in addition. */
  readonly wirelessOf = new Map<string, WirelessState>();
  readonly routes: KernelRoutes;
  readonly table: number = 0;
  /** Makes the older messages that are sent in addition to the newer ones. */
  readonly #buildOld: Builder | undefined;
  /** Whether an address is announced before its broadcast address is set (in_ifinit() of NetBSD 7's sys/netinet/in.c). */
  readonly #early: boolean;
  /** kern.osreldate, or kern.osrevision; 0 where it makes no difference. */
  readonly #release: number;
  readonly #numbers: SystemNumbers;
  readonly #words: MediaWords;
  readonly #interfaces = new Map<number, KernelInterface>();
  /** Indexes of interfaces that are in another network of this kernel. */
  readonly #elsewhere = new Set<number>();
  /** Whether it can filter messages. */
  readonly #filters: boolean;

  constructor(numbers: SystemNumbers, options: FakeKernelOptions = {}) {
    const { version, detectsOverflow = false, capacity = Infinity, mute = false } = options;
    this.#release = version?.release ?? NEWEST[numbers.platform] ?? 0;
    numbers = this.#numbers = atRelease(numbers, this.#release);
    this.#words = new MediaWords(numbers.mediaWords());
    this.build = new Builder(numbers, version?.layout, version?.addresses === "old");
    if (version?.addresses === "both") this.#buildOld = new Builder(numbers, version.layout, true);
    this.#early = version?.addresses === "old" && numbers.platform === "netbsd";
    const desync = numbers.desync ? this.build.desync() : undefined;
    const answer = (message: Uint8Array) => this.routes.answer(message);
    this.sockets = new FakeSockets({ detectsOverflow, capacity, desync, answer }, mute);
    this.#filters = numbers.filter !== undefined && version?.addresses !== "old"; // NetBSD 7 has no filter
    this.routes = new KernelRoutes(numbers, this.build, this.#release, {
      all: { [Symbol.iterator]: () => this.#interfaces.values() },
      at: (index) => this.#interfaces.get(index),
      send: (message) => this.send(message),
    });
  }

  get release(): number | undefined {
    return this.#numbers.release === undefined ? undefined : this.#release;
  }

  open(): FakeRouteSocket {
    return this.sockets.open(this.#filters ? wantedTypes(this.#numbers) : undefined);
  }

  openRoutes(): RouteSocket | undefined {
    return this.#filters ? this.sockets.open(ROUTE_TYPES) : undefined;
  }

  ask(): FakeRouteSocket {
    return this.sockets.open(this.#filters ? [RTM_GET] : undefined);
  }

  list(index: number, newest = true): Uint8Array<ArrayBuffer> {
    const asked = [...this.#interfaces.values()].filter((one) => index === 0 || one.index === index);
    return this.build.list(asked, newest);
  }

  index(name: string): number {
    return this.find(name)?.index ?? 0;
  }

  flags(name: string): number | undefined {
    const found = this.find(name);
    if (found === undefined) return undefined;
    return this.#numbers.flagsHigh ? found.flags : found.flags & 0xffff;
  }

  setFlags(name: string, flags: number): void {
    this.changeFlags(name, flagsBySetting(this.#numbers, this.of(name).flags, flags));
  }

  media(name: string): MediaAnswer | undefined {
    if (this.find(name) === undefined) return undefined;
    const media = this.mediaOf.get(name);
    return {
      media: media && { ...media, text: this.#words.text(media.active) },
      wireless: this.wirelessOf.get(name),
    };
  }

  addressFlags(name: string, ipv6: Uint8Array): number | undefined {
    const found = this.find(name)?.ips?.find(({ ip }) => ip.join() === ipv6.join());
    return found && (found.flags ?? 0);
  }

  find(name: string): KernelInterface | undefined {
    for (const one of this.#interfaces.values()) if (one.name === name) return one;
    return undefined;
  }

  /** An interface in the kernel, for changes without a message. */
  of(name: string): KernelInterface {
    const found = this.find(name);
    if (found === undefined) throw new Error(`No ${name}`);
    return found;
  }

  at(index: number): KernelInterface | undefined {
    return this.#interfaces.get(index);
  }

  /** Sends a message to every socket. */
  send(message: Uint8Array): void {
    this.sockets.send(message);
  }

  /** Sends an RTM_IFINFO of an interface, with its present flags or with others. */
  tell(name: string, flags = this.of(name).flags): void {
    this.send(this.build.interface({ ...this.of(name), flags }, false));
  }

  #announce(index: number, name: string, what: 0 | 1): void {
    if (this.#numbers.announcements) this.send(this.build.announce(index, name, what));
  }

  /** Makes an interface: only its arrival is announced. Without an index it gets the lowest free one, at once. */
  create(name: string, fields: Partial<Built> = {}): void {
    let index = 1;
    while (this.#interfaces.has(index) || this.#elsewhere.has(index)) index++;
    const built = {
      index,
      name,
      flags: BORN,
      linkState: 0,
      mtu: 1500,
      address: Uint8Array.of(2, 0, 0, 0, 0, index),
      ...fields,
    };
    this.#interfaces.set(built.index, built);
    this.#announce(built.index, name, 0);
  }

  /** Changes flags, and sends the messages that the system sends. */
  changeFlags(name: string, flags: number): void {
    const one = this.of(name);
    const changed = one.flags ^ flags;
    if ((changed & IFF_UP) !== 0) return (flags & IFF_UP) === 0 ? this.down(name, flags) : this.up(name, flags);
    one.flags = flags;
    if (announcesFlags(this.#numbers, changed)) this.tell(name);
  }

  /** NetBSD sends "up" before and after the driver has run; the others send it after. */
  up(name: string, flags = this.of(name).flags | IFF_UP | IFF_RUNNING): void {
    const one = this.of(name);
    const before = one.flags;
    one.flags = flags;
    if (this.#numbers.platform === "netbsd") this.tell(name, flags & ~IFF_RUNNING | before & IFF_RUNNING);
    if (this.#numbers.platform === "freebsd" && this.#release < 1500000) this.#routeAddresses(one, "RTM_NEWADDR");
    this.tell(name);
    if (this.#numbers.platform === "freebsd" && this.#release >= 1500000) this.#routeAddresses(one, "RTM_NEWADDR");
    this.#attach(one, true);
  }

  /** FreeBSD says of IPv4 addresses that they went and came with the flag UP, and they stay. */
  #routeAddresses(one: KernelInterface, type: AddressType): void {
    for (const address of one.ips ?? []) if (address.ip.length === 4) this.#tellAddress(type, one, address);
  }

  /** Every system sends "down" before the driver clears RUNNING. */
  down(name: string, flags = this.of(name).flags & ~(IFF_UP | IFF_RUNNING)): void {
    const one = this.of(name);
    const before = one.flags;
    one.flags = flags;
    if (this.#numbers.platform === "freebsd") this.#routeAddresses(one, "RTM_DELADDR");
    this.tell(name, flags & ~IFF_RUNNING | before & IFF_RUNNING);
    this.#attach(one, false);
  }

  /** A new link state, in the system's own number. */
  link(name: string, state: number): void {
    const one = this.of(name);
    one.linkState = state;
    if (this.#numbers.announces.linkState) this.tell(name);
    this.#attach(one, this.#numbers.layouts[0]!.linkStates[state] !== "down");
  }

  /**
   * NetBSD 8 and later detach the addresses of an interface that goes down or has no link. When it works again, each is
   * verified before it is used, which takes no time here.
   */
  #attach({ name, flags, ips = [] }: KernelInterface, works: boolean): void {
    if (!this.#tellsAddressFlags) return;
    const attached = works && (flags & IFF_UP) !== 0;
    for (const { ip, flags = 0 } of ips) {
      const detached = ip.length === 4 ? IN_IFF_DETACHED : IN6_IFF_DETACHED;
      const wanted = attached ? flags & ~detached : detached;
      if (flags !== wanted) this.setAddressFlags(name, ip, wanted);
    }
  }

  /** Whether the messages of this version have the flags of addresses. */
  get #tellsAddressFlags(): boolean {
    const messages = Object.values(this.#numbers.layouts[0]!.messages);
    return !this.#early && messages.some((one) => "address" in one && one.address.addressFlags !== undefined);
  }

  /**
   * The flags of an address change, as when it was verified that nobody else has it. The kernels whose messages have the
   * flags send one; of the others, OpenBSD alone.
   */
  setAddressFlags(name: string, ip: readonly number[], flags: number): void {
    const one = this.of(name);
    const address = one.ips!.find((each) => each.ip.join() === ip.join())!;
    const changed = { ...address, flags };
    one.ips = one.ips!.map((each) => each === address ? changed : each);
    if (this.#tellsAddressFlags) this.#tellAddress("RTM_NEWADDR", one, changed);
    else if (this.#numbers.platform === "openbsd") this.#tellAddress("RTM_CHGADDRATTR", one, changed);
  }

  #tellAddress(type: AddressType, one: Built, address: BuiltAddress): void {
    for (const build of this.#builders) this.send(build.address(type, one, address, false));
  }

  /** Sets the mtu. NetBSD does not announce it. */
  setMtu(name: string, mtu: number): void {
    this.of(name).mtu = mtu;
    if (this.#numbers.announces.mtu) this.tell(name);
  }

  /** Something happened on a wireless interface: by default, an association. */
  tellWireless(name: string, what = RTM_IEEE80211_ASSOC): void {
    this.send(this.build.wireless(this.of(name).index, what));
  }

  /**
   * Gives a vlan of NetBSD its parent: its type and its hardware address follow without a message of their own, but it
   * comes up with them.
   */
  configureVlan(name: string, parent: string): void {
    const one = this.of(name);
    const { type = IFT_ETHER, address = new Uint8Array(0) } = this.of(parent);
    Object.assign(one, { type, address });
    this.up(name);
  }

  /** Sets the hardware address. NetBSD adds it, and then makes it the one in use; the others announce nothing. */
  setHardwareAddress(name: string, address: Uint8Array): void {
    const one = this.of(name);
    one.address = address;
    if (this.#numbers.announces.hardwareAddress) this.#tellHardwareAddress(one, "RTM_NEWADDR", "RTM_CHGADDR");
  }

  #tellHardwareAddress(one: Built, ...types: readonly ("RTM_NEWADDR" | "RTM_CHGADDR")[]): void {
    for (const type of types) for (const build of this.#builders) this.send(build.hardwareAddress(type, one));
  }

  /** Adds an address. NetBSD 7 announces it before it sets the broadcast address. */
  addAddress(name: string, address: BuiltAddress): void {
    const one = this.of(name);
    one.ips = [...one.ips ?? [], address];
    const early = this.#early && address.ip.length === 4;
    this.#tellAddress("RTM_NEWADDR", one, early ? { ...address, far: [0, 0, 0, 0] } : address);
  }

  /** NetBSD's COMPAT_70 sends each change of an address twice, the older message first. */
  get #builders(): Builder[] {
    return this.#buildOld === undefined ? [this.build] : [this.#buildOld, this.build];
  }

  removeAddress(name: string, address: BuiltAddress): void {
    const one = this.of(name);
    one.ips = one.ips?.filter(({ ip }) => ip.join() !== address.ip.join()) ?? [];
    this.routes.forgetAddress(one.index, address.ip);
    this.#tellAddress("RTM_DELADDR", one, address);
  }

  /**
   * Destroys an interface. FreeBSD always says that it is dying; the others say only that it goes down. NetBSD 8 and
   * later say so of one that is down, too.
   */
  destroy(name: string): void {
    const one = this.of(name);
    const { index } = one;
    const { IFF_DYING } = this.#numbers;
    if (IFF_DYING !== undefined) this.tell(name, one.flags & ~IFF_UP | IFF_DYING);
    else if ((one.flags & IFF_UP) !== 0 || this.#tellsAddressFlags) {
      this.tell(name, one.flags & ~IFF_UP);
      this.#attach(one, false);
      this.tell(name, one.flags & ~IFF_UP);
    }
    for (const address of one.ips ?? []) this.removeAddress(name, address);
    this.routes.forget(index);
    this.#interfaces.delete(index);
    this.mediaOf.delete(name);
    this.wirelessOf.delete(name);
    this.#announce(index, name, 1);
  }

  /**
   * Moves an interface of FreeBSD into a jail with a network of its own: it goes down and departs, and is not dying. Up
   * to 13, each such network has its own indexes, and this one is free at once.
   */
  moveAway(name: string): void {
    const one = this.of(name);
    if ((one.flags & IFF_UP) !== 0) this.down(name);
    this.routes.forget(one.index);
    for (const address of one.ips ?? []) if (address.ip.length === 16) this.removeAddress(name, address);
    this.#interfaces.delete(one.index);
    if (this.#release >= 1400000) this.#elsewhere.add(one.index);
    this.mediaOf.delete(name);
    this.#announce(one.index, name, 1);
  }

  /** Renames an interface, if the system can: only a departure and an arrival with the same index. */
  rename(name: string, to: string): void {
    const one = this.of(name);
    one.name = to;
    rekey(this.mediaOf, name, to);
    rekey(this.wirelessOf, name, to);
    this.#announce(one.index, name, 1);
    this.#announce(one.index, to, 0);
  }

  /** Makes every watcher ask for an interface again, or find it gone. No real kernel does this for silent changes. */
  reveal(index: number): void {
    const one = this.at(index);
    this.send(this.build.interface(one ?? { index, name: "", flags: 0, linkState: 0, mtu: 0 }, false));
    if (one !== undefined) this.#tellHardwareAddress(one, "RTM_NEWADDR");
  }
}

function rekey<T>(map: Map<string, T>, from: string, to: string): void {
  const value = map.get(from);
  map.delete(from);
  if (value !== undefined) map.set(to, value);
}
