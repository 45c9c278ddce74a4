/** A BSD kernel in memory: it keeps interfaces, and sends what the real ones were seen to send, lies and silence included. */
import type { MediaAnswer, RouteKernel } from "../../platforms/bsd/kernel.ts";
import type { RouteSocket } from "../../platforms/bsd/route_socket.ts";
import type { Waiter } from "../../platforms/contract/backend.ts";
import { LOST, NOTHING } from "../../platforms/contract/drain.ts";
import type { BsdPlatform } from "../../platforms/contract/platform.ts";
import { SYSTEMS } from "../../platforms/bsd/systems.ts";
import { BsdBackend } from "../../platforms/bsd/backend.ts";
import { useBackend } from "../../platforms/current.ts";
import type { InterfaceMedia } from "../../mod.ts";
import type { Version } from "./versions.ts";
import { Builder, type Built, type BuiltAddress } from "./builder.ts";

const UP = 0x1;
const RUNNING = 0x40;
const DYING = 0x200000;
/** BROADCAST, SIMPLEX, MULTICAST */
export const BORN = 0x8802;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What a fake kernel is made of. */
export interface FakeKernelOptions {
  /** Whether SO_RERROR is there, or RTM_DESYNC. */
  readonly detectsOverflow?: boolean;
  /** How many messages the queue holds; what comes after is dropped. */
  readonly capacity?: number;
  /** The system's version; its newest one without. */
  readonly version?: Version;
}

/** The kernel, standing in the place of the real system until it is disposed of. */
export class FakeKernel implements RouteKernel, Disposable {
  /** Makes messages. */
  readonly build: Builder;
  /** What each driver answers to SIOCGIFMEDIA. */
  readonly mediaOf = new Map<string, InterfaceMedia>();
  /** The network that each wireless driver names, through a C library. */
  readonly networkOf = new Map<string, Uint8Array>();
  /** Makes the older messages that are sent beside the newer ones. */
  readonly #buildOld: Builder | undefined;
  readonly #platform: BsdPlatform;
  readonly #interfaces = new Map<number, Mutable<Built>>();
  readonly #sockets = new Set<FakeSocket>();
  readonly #options: FakeKernelOptions;
  readonly #inUse: Disposable;

  constructor(platform: BsdPlatform, options: FakeKernelOptions = {}) {
    const { version } = options;
    this.#platform = platform;
    this.#options = options;
    this.build = new Builder(SYSTEMS[platform], version?.layout, version?.addresses === "old");
    if (version?.addresses === "both") this.#buildOld = new Builder(SYSTEMS[platform], version.layout, true);
    this.#inUse = useBackend(new BsdBackend(SYSTEMS[platform], this));
  }

  [Symbol.dispose](): void {
    this.#inUse[Symbol.dispose]();
  }

  /** Whether an overflow tells itself. */
  get detectsOverflow(): boolean {
    return this.#options.detectsOverflow ?? false;
  }

  /** How many routing sockets are open. */
  get sockets(): number {
    return this.#sockets.size;
  }

  open(): RouteSocket {
    const desync = SYSTEMS[this.#platform].desync ? this.build.desync() : undefined;
    const socket = new FakeSocket(this.#options, desync, () => this.#sockets.delete(socket));
    this.#sockets.add(socket);
    return socket;
  }

  list(index: number, newest = true): Uint8Array<ArrayBuffer> {
    const asked = [...this.#interfaces.values()].filter((one) => index === 0 || one.index === index);
    return this.build.list(asked, newest);
  }

  index(name: string): number {
    return [...this.#interfaces.values()].find((one) => one.name === name)?.index ?? 0;
  }

  flags(name: string): number | undefined {
    const found = [...this.#interfaces.values()].find((one) => one.name === name);
    if (found === undefined) return undefined;
    return SYSTEMS[this.#platform].flagsHigh ? found.flags : found.flags & 0xffff;
  }

  setFlags(name: string, flags: number): void {
    this.of(name).flags = flags;
  }

  media(name: string): MediaAnswer | undefined {
    return this.index(name) === 0 ? undefined : { media: this.mediaOf.get(name), wireless: undefined };
  }

  /** An interface as the kernel has it: to be changed without a word. */
  of(name: string): Mutable<Built> {
    const found = [...this.#interfaces.values()].find((one) => one.name === name);
    if (found === undefined) throw new Error(`No ${name}`);
    return found;
  }

  /** A wait that has fallen asleep: what comes wakes nobody, until it is made anew. */
  fallAsleep(): void {
    for (const socket of this.#sockets) socket.asleep = true;
  }

  /** Sends a message to every socket. */
  send(message: Uint8Array): void {
    for (const socket of this.#sockets) socket.receive(message);
  }

  /** Sends an RTM_IFINFO of an interface as it is, or with other flags. */
  tell(name: string, flags = this.of(name).flags): void {
    this.send(this.build.interface({ ...this.of(name), flags }, false));
  }

  #announce(index: number, name: string, what: 0 | 1): void {
    if (SYSTEMS[this.#platform].announcements) this.send(this.build.announce(index, name, what));
  }

  /** Makes an interface: only its arrival is announced. */
  create(name: string, fields: Partial<Built> = {}): void {
    let index = 1;
    while (this.#interfaces.has(index)) index++; // the lowest free one, at once
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

  /** NetBSD tells "up" before the driver has run and after; the others after. */
  up(name: string): void {
    const one = this.of(name);
    one.flags |= UP;
    if (this.#platform === "netbsd") this.tell(name);
    one.flags |= RUNNING;
    this.tell(name);
  }

  /** Every one tells "down" before the driver clears RUNNING. */
  down(name: string): void {
    const one = this.of(name);
    one.flags &= ~UP;
    this.tell(name);
    one.flags &= ~RUNNING;
  }

  /** A new link state, in the system's own number. */
  link(name: string, state: number): void {
    this.of(name).linkState = state;
    this.tell(name);
  }

  /** Something happened on a wireless interface. */
  tellWireless(name: string): void {
    this.send(this.build.wireless(this.of(name).index));
  }

  /** Another hardware address: NetBSD adds it, and then makes it the one in use. */
  setHardwareAddress(name: string, address: Uint8Array): void {
    const one = this.of(name);
    one.address = address;
    this.send(this.build.hardwareAddress("RTM_NEWADDR", one));
    if (this.#platform === "netbsd") this.send(this.build.hardwareAddress("RTM_CHGADDR", one));
  }

  /** Adds an address. NetBSD tells it before it sets the broadcast address (in_ifinit() of sys/netinet/in.c). */
  addAddress(name: string, address: BuiltAddress): void {
    const one = this.of(name);
    one.ips = [...one.ips ?? [], address];
    const told = this.#platform === "netbsd" ? { ...address, far: [0, 0, 0, 0] as const } : address;
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

  /** Destroys it: FreeBSD says that it is dying, in any case; NetBSD only that it goes down. */
  destroy(name: string): void {
    const one = this.of(name);
    const { index } = one;
    if (this.#platform === "freebsd") this.tell(name, one.flags & ~UP | DYING);
    else if ((one.flags & UP) !== 0) {
      this.tell(name, one.flags & ~UP);
      this.tell(name, one.flags & ~UP);
    }
    this.#interfaces.delete(index);
    this.#announce(index, name, 1);
  }

  /** FreeBSD's renaming: a departure and an arrival on one index, and no more. */
  rename(name: string, to: string): void {
    const one = this.of(name);
    one.name = to;
    this.#announce(one.index, name, 1);
    this.#announce(one.index, to, 0);
  }
}

class FakeSocket implements RouteSocket {
  readonly detectsOverflow: boolean;
  readonly #capacity: number;
  /** The message that says that others were lost, where one does. */
  readonly #desync: Uint8Array | undefined;
  readonly #closed: () => void;
  #queue: Uint8Array[] = [];
  #overflowed = false;
  #waiter: Waiter | undefined;
  #paused = false;
  /** Whether what comes wakes nobody. */
  asleep = false;

  constructor(options: FakeKernelOptions, desync: Uint8Array | undefined, closed: () => void) {
    this.#desync = desync;
    this.detectsOverflow = options.detectsOverflow ?? false;
    this.#capacity = options.capacity ?? Infinity;
    this.#closed = closed;
  }

  receive(message: Uint8Array): void {
    if (this.#queue.length < this.#capacity) this.#queue.push(message);
    else this.#overflowed = true;
    this.#announce();
  }

  /** Queued messages first, then RTM_DESYNC or ENOBUFS once where the kernel tells it, then nothing. */
  read(buffer: Uint8Array<ArrayBuffer>): number {
    if (this.#queue.length === 0 && this.#overflowed && this.detectsOverflow && this.#desync !== undefined) {
      this.#overflowed = false;
      this.#queue.push(this.#desync);
    }
    const message = this.#queue.shift();
    if (message !== undefined) {
      buffer.set(message.subarray(0, buffer.length));
      return Math.min(message.length, buffer.length);
    }
    if (!this.#overflowed) return NOTHING;
    this.#overflowed = false;
    return this.detectsOverflow ? LOST : NOTHING;
  }

  listen(waiter: Waiter): void {
    this.#waiter = waiter;
  }

  pause(paused: boolean): void {
    this.#paused = paused;
    if (paused) return;
    this.asleep = false;
    if (this.#queue.length > 0) this.#announce();
  }

  #announce(): void {
    queueMicrotask(() => {
      if (!this.#paused && !this.asleep) this.#waiter?.ready();
    });
  }

  close(): Promise<void> {
    this.#waiter = undefined;
    this.#closed();
    return Promise.resolve();
  }
}
