import type { Backend, Capabilities, Drained, Sink, SubscribeOptions, Subscription } from "../contract/backend.ts";
import { InvalidInputError, NetflagsError, noSuchInterface } from "../contract/errors.ts";
import {
  type InterfaceAddress,
  type InterfaceStatus,
  sameAddresses,
  sameMedia,
  withAddress,
  withoutAddress,
} from "../contract/status.ts";
import * as C from "./common.ts";
import { isPassing } from "./failure.ts";
import { LOST, NOTHING, type RouteKernel, type RouteSocket, SystemKernel } from "./kernel.ts";
import type { AddressForms, InterfaceForms, SystemNumbers } from "./layout.ts";
import { RouteReader } from "./route.ts";
import { type BsdInterface, bsdStatus } from "./status.ts";

/** A message has at most a few hundred bytes; what does not fit into one read is lost without a word. */
const BUFFER = 16384;
/** More messages than such a queue holds: the smallest is charged at least 128 bytes of at most 1 MiB. */
const QUEUE_LIMIT = 8192;
/** RUNNING and OACTIVE are the driver's, and may be otherwise in a message without anything being wrong. */
const DRIVER_FLAGS = C.IFF_RUNNING | C.IFF_OACTIVE;
const NO_ADDRESSES: readonly InterfaceAddress[] = Object.freeze([]);

/** The interface list in the form of statuses. */
class Lister {
  readonly #system: SystemNumbers;
  readonly #kernel: RouteKernel;

  constructor(system: SystemNumbers, kernel: RouteKernel) {
    this.#system = system;
    this.#kernel = kernel;
  }

  /** Every interface (index 0), or one. */
  list(
    index: number,
    addresses: boolean,
    known: (index: number) => InterfaceStatus | undefined,
  ): InterfaceStatus[] {
    const bytes = this.#kernel.list(index);
    const reader = new RouteReader(this.#system, bytes).begin(bytes.length);
    const found = new Map<number, BsdInterface>();
    const lists = new Map<number, InterfaceAddress[]>();
    while (reader.next()) {
      const { message } = reader;
      if (message === undefined) continue;
      if ("interface" in message) {
        const told = this.#interface(reader, message);
        if (told !== undefined) found.set(told.index, told);
      } else if ("address" in message && addresses) {
        const layout = reader.addressLayout(message);
        reader.walkAddress(layout);
        const address = reader.ipAddress();
        const owner = reader.index(layout);
        if (address !== undefined) lists.set(owner, [...lists.get(owner) ?? [], address]);
      }
    }
    return Array.from(found.values(), (told) => {
      const before = known(told.index);
      const now = addresses ? lists.get(told.index) ?? NO_ADDRESSES : undefined;
      const same = before !== undefined && sameAddresses(before.addresses, now);
      return this.status({ ...told, addresses: same ? before.addresses : now }, before);
    });
  }

  /** A status with its media asked for. */
  status(told: BsdInterface, before: InterfaceStatus | undefined): InterfaceStatus {
    const media = this.#kernel.media(told.name);
    return bsdStatus(
      this.#system.platform,
      { ...told, media: sameMedia(before?.media, media) ? before?.media : media },
      before,
    );
  }

  #interface(reader: RouteReader, message: InterfaceForms): BsdInterface | undefined {
    const layout = reader.interfaceLayout(message);
    reader.walkInterface(layout);
    const name = reader.linkName();
    if (name === undefined) return undefined;
    return {
      index: reader.interfaceIndex,
      name,
      type: reader.interfaceType(layout),
      flags: reader.flags,
      linkState: reader.linkState,
      mtu: reader.mtu(layout),
      address: reader.linkAddress(),
      media: undefined,
      addresses: undefined,
    };
  }
}

class BsdSubscription implements Subscription {
  readonly #system: SystemNumbers;
  readonly #kernel: RouteKernel;
  readonly #lister: Lister;
  readonly #socket: RouteSocket;
  readonly #addresses: boolean;
  readonly #buffer = new Uint8Array(new ArrayBuffer(BUFFER));
  readonly #reader: RouteReader;
  /** Indexes of interfaces that said that they are being destroyed. */
  readonly #dying = new Set<number>();
  /** Indexes of all that may be known, once everything was listed. */
  #indexes: Set<number> | undefined;
  /** Whether the last list of everything was not to be had. */
  #unanswered = false;
  /** Indexes of those of whom the last message told a state that is over. */
  readonly #outdated = new Set<number>();

  constructor(system: SystemNumbers, kernel: RouteKernel, options: SubscribeOptions) {
    this.#system = system;
    this.#kernel = kernel;
    this.#lister = new Lister(system, kernel);
    this.#addresses = options.addresses;
    this.#reader = new RouteReader(system, this.#buffer);
    this.#socket = kernel.open();
    try {
      this.#socket.listen(options);
    } catch (error) {
      void this.#socket.close();
      throw error;
    }
  }

  snapshot(known: (index: number) => InterfaceStatus | undefined): InterfaceStatus[] {
    try {
      const statuses = this.#lister.list(0, this.#addresses, known);
      this.#indexes = new Set(statuses.map(({ index }) => index));
      return statuses;
    } catch (error) {
      if (this.#indexes === undefined || !isPassing(error)) throw error;
      // What is known stays, and the drain behind this says "lost": then everything is asked again soon.
      this.#unanswered = true;
      return [...this.#indexes].map(known).filter((status) => status !== undefined);
    }
  }

  drain(sink: Sink, limit: number): Drained {
    const drained = this.#drain(sink, limit);
    const unanswered = this.#unanswered;
    this.#unanswered = false;
    return unanswered ? "lost" : drained;
  }

  #drain(sink: Sink, limit: number): Drained {
    let lost = false;
    // As on Linux: what is queued behind a loss is older than what is asked next, and must be read before.
    for (let left = limit; left > 0; left--) {
      const length = this.#socket.read(this.#buffer);
      if (length === NOTHING) {
        const updated = this.#update(sink);
        return lost || !updated ? "lost" : "empty";
      }
      if (length !== LOST && this.#apply(sink, length)) continue;
      if (!lost) left = QUEUE_LIMIT; // once: OpenBSD's RTM_DESYNC is a message and may repeat
      lost = true;
    }
    return lost ? "lost" : "more";
  }

  pause(paused: boolean): void {
    this.#socket.pause(paused);
  }

  close(): Promise<void> {
    return this.#socket.close();
  }

  /**
   * Hands on what was read; false where it says that more was lost, or where it is as good as lost itself: it cannot be
   * decoded, or the kernel does not answer the question that it raises.
   */
  #apply(sink: Sink, length: number): boolean {
    const reader = this.#reader.begin(length);
    try {
      while (reader.next()) {
        const { message } = reader;
        if (message === undefined) continue;
        if ("interface" in message) this.#interface(sink, message);
        else if ("address" in message) this.#address(sink, message);
        else if ("announce" in message) {
          const { announce } = message;
          const what = reader.what(announce);
          if (what === 0) this.#ask(sink, reader.index(announce));
          else if (what === 1) this.#departure(sink, reader.index(announce), reader.announcedName(announce.name));
        } else return false;
      }
      return true;
    } catch (error) {
      if (error instanceof NetflagsError) return false;
      throw error;
    }
  }

  /**
   * An RTM_IFINFO has no name, and its RUNNING bit is stale: "down" is sent before the driver clears it and never again
   * after, "up" twice, before it sets it and after. So the flags are asked for, by the name that the index has. Where
   * they have changed again since, the message tells a state that is over: it is told too, for it was so (somebody who
   * waits for "down" wants to know), and the present one once everything that is queued has been read.
   */
  #interface(sink: Sink, message: InterfaceForms): void {
    const reader = this.#reader;
    const layout = reader.interfaceLayout(message);
    const index = reader.interfaceIndex;
    const dying = this.#system.IFF_DYING;
    if (dying !== undefined && (reader.flags & dying) !== 0) {
      this.#dying.add(index); // its departure comes next
      return;
    }
    const known = sink.get(index);
    if (known === undefined) return this.#ask(sink, index);
    const flags = this.#kernel.flags(known.name);
    if (flags === undefined) return this.#missing(sink, index);
    const said = reader.flags;
    const over = ((said ^ flags) & ~DRIVER_FLAGS) !== 0;
    if (over) this.#outdated.add(index);
    else this.#outdated.delete(index);
    const told = {
      ...known,
      flags: over ? ((said & C.IFF_UP) === 0 ? said & ~C.IFF_RUNNING : said) >>> 0 : flags,
      linkState: reader.linkState,
      mtu: reader.mtu(layout),
    };
    this.#set(sink, this.#lister.status(told, known), known);
  }

  /**
   * Asks for the flags of those of whom the last message told a state that is over. What came after it was lost. False
   * where the kernel does not answer: then everything is to be asked again.
   */
  #update(sink: Sink): boolean {
    const outdated = [...this.#outdated];
    this.#outdated.clear();
    try {
      for (const index of outdated) {
        const known = sink.get(index);
        const flags = known === undefined ? undefined : this.#kernel.flags(known.name);
        if (known === undefined || flags === undefined) continue;
        this.#set(sink, bsdStatus(this.#system.platform, { ...known, flags }, known), known);
      }
      return true;
    } catch (error) {
      if (error instanceof NetflagsError) return false;
      throw error;
    }
  }

  #address(sink: Sink, message: AddressForms): void {
    const reader = this.#reader;
    const layout = reader.addressLayout(message);
    const known = sink.get(reader.index(layout));
    if (known === undefined) return;
    // An address brings an interface up by itself, and FreeBSD 13.0 sends no RTM_IFINFO then.
    const flags = this.#kernel.flags(known.name);
    if (flags === undefined) return this.#missing(sink, known.index);
    let { addresses } = known;
    if (this.#addresses) {
      reader.walkAddress(layout);
      const address = reader.ipAddress();
      const before = addresses ?? NO_ADDRESSES;
      if (address !== undefined) {
        const after = message.gone ? withoutAddress(before, address) : withAddress(before, address);
        addresses = sameAddresses(before, after) ? before : after;
      }
    }
    this.#set(sink, bsdStatus(this.#system.platform, { ...known, flags, addresses }, known), known);
  }

  /** Asks for one interface anew: it came, or it is not known. */
  #ask(sink: Sink, index: number): void {
    const known = sink.get(index);
    const [status] = this.#lister.list(index, this.#addresses, (of) => of === index ? known : undefined);
    if (status === undefined) return; // it went again, and its departure is queued
    if (known !== undefined && known.name !== status.name && this.#isAnother(index)) sink.delete(index, undefined);
    this.#dying.delete(index);
    this.#set(sink, status, sink.get(index));
  }

  /** FreeBSD tells a renaming as a departure and an arrival on one index; what is destroyed was dying before. */
  #departure(sink: Sink, index: number, name: string): void {
    const known = sink.get(index);
    if (known === undefined || known.name !== name) return; // of a life, or of a name, that is over already
    if (!this.#isAnother(index)) {
      const [status] = this.#lister.list(index, this.#addresses, () => known);
      if (status !== undefined) return this.#set(sink, status, known);
    }
    this.#dying.delete(index);
    sink.delete(index, undefined);
  }

  /** Whether an index that has another name now belongs to another interface; not so where renaming is possible. */
  #isAnother(index: number): boolean {
    return this.#system.IFF_DYING === undefined || this.#dying.has(index);
  }

  /** The name has no interface any more: its departure will say so, where the system announces departures. */
  #missing(sink: Sink, index: number): void {
    if (!this.#system.announcements) sink.delete(index, undefined);
  }

  #set(sink: Sink, status: InterfaceStatus, known: InterfaceStatus | undefined): void {
    this.#indexes?.add(status.index);
    if (status !== known) sink.set(status);
  }
}

/** A BSD, by its routing socket. */
export class BsdBackend implements Backend {
  readonly #system: SystemNumbers;
  readonly #kernel: RouteKernel;
  readonly #lister: Lister;
  #capabilities: Capabilities | undefined;

  constructor(system: SystemNumbers, kernel: RouteKernel = new SystemKernel(system)) {
    this.#system = system;
    this.#kernel = kernel;
    this.#lister = new Lister(system, kernel);
  }

  get capabilities(): Capabilities {
    if (this.#capabilities !== undefined) return this.#capabilities;
    const overflowDetection = this.#detectsOverflow();
    const capabilities: Capabilities = {
      platform: this.#system.platform,
      flagBits: this.#system.flagsHigh ? 32 : 16,
      operState: false,
      setOperState: false,
      carrierCounters: false,
      overflowDetection: overflowDetection ?? false,
      announcements: this.#system.announcements,
      silentChanges: "some",
      accessPoints: false,
      altNames: false,
    };
    if (overflowDetection !== undefined) this.#capabilities = capabilities;
    return capabilities;
  }

  list(options: { readonly addresses: boolean }): InterfaceStatus[] {
    return this.#lister.list(0, options.addresses, () => undefined);
  }

  get(nameOrIndex: string | number): InterfaceStatus | undefined {
    if (typeof nameOrIndex === "number") {
      if (!(Number.isInteger(nameOrIndex) && nameOrIndex > 0 && nameOrIndex <= 0xffff)) refuse(nameOrIndex);
      return this.#lister.list(nameOrIndex, true, () => undefined)[0];
    }
    if (nameOrIndex === "" || nameOrIndex.includes("\0")) refuse(nameOrIndex);
    return this.list({ addresses: true }).find(({ name }) => name === nameOrIndex);
  }

  setFlags(name: string, set: number, clear: number): void {
    const bytes = new TextEncoder().encode(name);
    // The ioctl's field has 16 bytes, and what is cut off would be another interface's name.
    const fits = bytes.length > 0 && bytes.length < C.IFNAMSIZ && !bytes.includes(0);
    const flags = fits ? this.#kernel.flags(name) : undefined;
    if (flags === undefined) throw noSuchInterface(name, "set flags");
    this.#kernel.setFlags(name, ((flags & ~clear) | set) >>> 0);
  }

  subscribe(options: SubscribeOptions): Subscription {
    return new BsdSubscription(this.#system, this.#kernel, options);
  }

  /** Only the kernel knows whether it has SO_RERROR; undefined where it cannot be asked for the moment. */
  #detectsOverflow(): boolean | undefined {
    try {
      const socket = this.#kernel.open();
      void socket.close();
      return socket.detectsOverflow;
    } catch (error) {
      if (isPassing(error)) return undefined;
      if (error instanceof NetflagsError) return false;
      throw error;
    }
  }
}

function refuse(nameOrIndex: string | number): never {
  throw new InvalidInputError(
    `Cannot read interface ${JSON.stringify(nameOrIndex)}: give a name, or an index from 1 to 65535`,
    { operation: "read the state", interface: String(nameOrIndex) },
  );
}
