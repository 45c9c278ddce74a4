import { IFF_RUNNING, IFF_UP } from "../../../platforms/bsd/common.ts";
import type { MediaAnswer, RouteKernel } from "../../../platforms/bsd/kernel.ts";
import type { SystemNumbers } from "../../../platforms/bsd/layout.ts";
import { MediaWords } from "../../../platforms/bsd/media.ts";
import type { RouteSocket } from "../../../platforms/bsd/route_socket.ts";
import type { InterfaceMedia, WirelessState } from "../../../platforms/contract/status.ts";
import { Builder, type Built, type BuiltAddress } from "./builder.ts";
import { flagsBySetting, tellsFlags } from "./flags.ts";
import { FakeSockets } from "./sockets.ts";

/** BROADCAST, SIMPLEX, MULTICAST */
const BORN = 0x8802;

/** An interface as the kernel has it. */
export type KernelInterface = { -readonly [K in keyof Built]: Built[K] };

/** What a kernel in memory is made of. */
export interface FakeKernelOptions {
  /** Whether SO_RERROR is there, or RTM_DESYNC. */
  readonly detectsOverflow?: boolean;
  /** How many messages a socket's queue holds; what comes after is dropped. */
  readonly capacity?: number;
  /** The system's version; its newest one without. */
  readonly version?: KernelVersion;
  /** Whether it sends no message of anything. */
  readonly mute?: boolean;
}

/** Of the versions of a system, one. */
export interface KernelVersion {
  /** Which of the system's layouts it speaks, as they stand in its numbers file. */
  readonly layout: number;
  /** Whether it has the older form of address messages, the newer one, or sends both. */
  readonly addresses: "old" | "new" | "both";
}

/**
 * A BSD's kernel in memory: it keeps interfaces, and sends of each change what the real one was seen to send, lies and
 * silence included. platforms/bsd works on it as on any other.
 */
export class FakeBsdKernel implements RouteKernel {
  /** Makes messages. */
  readonly build: Builder;
  /** What each driver answers to SIOCGIFMEDIA. */
  readonly mediaOf = new Map<string, Omit<InterfaceMedia, "text">>();
  /** What each wireless driver says beside that. */
  readonly wirelessOf = new Map<string, WirelessState>();
  /** Makes the older messages that are sent beside the newer ones. */
  readonly #buildOld: Builder | undefined;
  readonly #numbers: SystemNumbers;
  readonly #words: MediaWords;
  readonly #interfaces = new Map<number, KernelInterface>();
  readonly #sockets: FakeSockets;

  constructor(numbers: SystemNumbers, options: FakeKernelOptions = {}) {
    const { version, detectsOverflow = false, capacity = Infinity, mute = false } = options;
    this.#numbers = numbers;
    this.#words = new MediaWords(numbers.mediaWords);
    this.build = new Builder(numbers, version?.layout, version?.addresses === "old");
    if (version?.addresses === "both") this.#buildOld = new Builder(numbers, version.layout, true);
    const desync = numbers.desync ? this.build.desync() : undefined;
    this.#sockets = new FakeSockets({ detectsOverflow, capacity, desync }, mute);
  }

  /** Whether an overflow tells itself. */
  get detectsOverflow(): boolean {
    return this.#sockets.options.detectsOverflow;
  }

  /** How many routing sockets are open. */
  get sockets(): number {
    return this.#sockets.size;
  }

  open(): RouteSocket {
    return this.#sockets.open();
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

  /** Whoever has a name. */
  find(name: string): KernelInterface | undefined {
    for (const one of this.#interfaces.values()) if (one.name === name) return one;
    return undefined;
  }

  /** An interface as the kernel has it: to be changed without a word. */
  of(name: string): KernelInterface {
    const found = this.find(name);
    if (found === undefined) throw new Error(`No ${name}`);
    return found;
  }

  /** Whoever has an index. */
  at(index: number): KernelInterface | undefined {
    return this.#interfaces.get(index);
  }

  /** A wait that has fallen asleep: what comes wakes nobody, until it is made anew. */
  fallAsleep(): void {
    this.#sockets.fallAsleep();
  }

  /** Loses every message that was not read yet. */
  overflow(): void {
    this.#sockets.lose();
  }

  /** Does something of which no message is sent. */
  silently(step: () => void): void {
    this.#sockets.silently(step);
  }

  /** Sends a message to every socket. */
  send(message: Uint8Array): void {
    this.#sockets.send(message);
  }

  /** Sends an RTM_IFINFO of an interface as it is, or with other flags. */
  tell(name: string, flags = this.of(name).flags): void {
    this.send(this.build.interface({ ...this.of(name), flags }, false));
  }

  #announce(index: number, name: string, what: 0 | 1): void {
    if (this.#numbers.announcements) this.send(this.build.announce(index, name, what));
  }

  /** Makes an interface: only its arrival is announced. Without an index it gets the lowest free one, at once. */
  create(name: string, fields: Partial<Built> = {}): void {
    let index = 1;
    while (this.#interfaces.has(index)) index++;
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

  /** Changes flags, and tells what the system tells of them. */
  changeFlags(name: string, flags: number): void {
    const one = this.of(name);
    const changed = one.flags ^ flags;
    if ((changed & IFF_UP) !== 0) return (flags & IFF_UP) === 0 ? this.down(name, flags) : this.up(name, flags);
    one.flags = flags;
    if (tellsFlags(this.#numbers, changed)) this.tell(name);
  }

  /** NetBSD tells "up" before the driver has run and after; the others after. */
  up(name: string, flags = this.of(name).flags | IFF_UP | IFF_RUNNING): void {
    const one = this.of(name);
    const before = one.flags;
    one.flags = flags;
    if (this.#numbers.platform === "netbsd") this.tell(name, flags & ~IFF_RUNNING | before & IFF_RUNNING);
    this.tell(name);
  }

  /** Every one tells "down" before the driver clears RUNNING. */
  down(name: string, flags = this.of(name).flags & ~(IFF_UP | IFF_RUNNING)): void {
    const one = this.of(name);
    const before = one.flags;
    one.flags = flags;
    this.tell(name, flags & ~IFF_RUNNING | before & IFF_RUNNING);
  }

  /** A new link state, in the system's own number. */
  link(name: string, state: number): void {
    this.of(name).linkState = state;
    if (this.#numbers.told.linkState) this.tell(name);
  }

  /** Another mtu: NetBSD tells it to nobody. */
  setMtu(name: string, mtu: number): void {
    this.of(name).mtu = mtu;
    if (this.#numbers.told.mtu) this.tell(name);
  }

  /** Something happened on a wireless interface. */
  tellWireless(name: string): void {
    this.send(this.build.wireless(this.of(name).index));
  }

  /** Another hardware address: NetBSD adds it, and then makes it the one in use; the others say nothing. */
  setHardwareAddress(name: string, address: Uint8Array): void {
    const one = this.of(name);
    one.address = address;
    if (this.#numbers.told.hardwareAddress) this.#tellHardwareAddress(one, "RTM_NEWADDR", "RTM_CHGADDR");
  }

  #tellHardwareAddress(one: Built, ...types: readonly ("RTM_NEWADDR" | "RTM_CHGADDR")[]): void {
    for (const type of types) for (const build of this.#builders) this.send(build.hardwareAddress(type, one));
  }

  /** Adds an address. NetBSD tells it before it sets the broadcast address (in_ifinit() of sys/netinet/in.c). */
  addAddress(name: string, address: BuiltAddress): void {
    const one = this.of(name);
    one.ips = [...one.ips ?? [], address];
    const early = this.#numbers.platform === "netbsd" && address.ip.length === 4;
    const told = early ? { ...address, far: [0, 0, 0, 0] } : address;
    for (const build of this.#builders) this.send(build.address("RTM_NEWADDR", one, told, false));
  }

  /** NetBSD's COMPAT_70 sends each change of an address twice, the older message first. */
  get #builders(): Builder[] {
    return this.#buildOld === undefined ? [this.build] : [this.#buildOld, this.build];
  }

  /** Removes one. */
  removeAddress(name: string, address: BuiltAddress): void {
    const one = this.of(name);
    one.ips = one.ips?.filter(({ ip }) => ip.join() !== address.ip.join()) ?? [];
    for (const build of this.#builders) this.send(build.address("RTM_DELADDR", one, address, false));
  }

  /** Destroys it: FreeBSD says that it is dying, in any case; the others only that it goes down. */
  destroy(name: string): void {
    const one = this.of(name);
    const { index } = one;
    const { IFF_DYING } = this.#numbers;
    if (IFF_DYING !== undefined) this.tell(name, one.flags & ~IFF_UP | IFF_DYING);
    else if ((one.flags & IFF_UP) !== 0) {
      this.tell(name, one.flags & ~IFF_UP);
      this.tell(name, one.flags & ~IFF_UP);
    }
    for (const address of one.ips ?? []) this.removeAddress(name, address);
    this.#interfaces.delete(index);
    this.mediaOf.delete(name);
    this.wirelessOf.delete(name);
    this.#announce(index, name, 1);
  }

  /** A renaming, where the system has one: a departure and an arrival on one index, and no more. */
  rename(name: string, to: string): void {
    const one = this.of(name);
    one.name = to;
    rekey(this.mediaOf, name, to);
    rekey(this.wirelessOf, name, to);
    this.#announce(one.index, name, 1);
    this.#announce(one.index, to, 0);
  }

  /** Makes every watcher ask for an interface anew, or find it gone: no kernel does, of what it is silent about. */
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
