import type { Drained, Sink, SubscribeOptions, Subscription } from "../../contract/backend.ts";
import { clockOf } from "../../common/clock.ts";
import { drainQueue, QUEUE_LIMIT } from "../../common/drain.ts";
import type { Clock } from "../../contract/clock.ts";
import { isPassing, NetflagsError } from "../../contract/errors.ts";
import { familiesBy, type InterfaceAddress, type InterfaceStatus, type LinkFacts } from "../../contract/status.ts";
import { applyEach } from "../../common/walk.ts";
import type { Asker } from "../ask/asker.ts";
import * as C from "../systems/common.ts";
import type { RouteKernel } from "../ask/kernel.ts";
import type { RouteSocket } from "../libc/route_socket.ts";
import { lacksBroadcast, PendingAddresses } from "./pending_addresses.ts";
import type { AddressForms, AddressLayout, InterfaceForms, SystemNumbers, WirelessForm } from "../systems/layout.ts";
import type { Lister } from "../ask/lister.ts";
import { MediaMemory } from "../ask/media_memory.ts";
import { Later } from "./later.ts";
import { Questions } from "./questions.ts";
import { RouteEvents } from "./route_events.ts";
import type { RouteRequests } from "../ask/route.ts";
import { RouteReader, withFlags } from "../wire/route.ts";
import { bsdFacts } from "../wire/status.ts";

/** A message has at most a few hundred bytes. What does not fit into one read is lost silently. */
const BUFFER = 16384;
/** RUNNING and OACTIVE belong to the driver, and may differ in a message without an error. */
const DRIVER_FLAGS = C.IFF_RUNNING | C.IFF_OACTIVE;
/** How often in one drain to ask and read again, while messages keep coming that make the answers void. */
const ROUNDS = 4;
/**
 * How long to read before what was read is handed over, in milliseconds, and how many messages between two looks. With a
 * list, the whole queue belongs together: it has more time.
 */
const SLICE = 50;
const LONG_SLICE = 500;
const CHUNK = 16;

/** Those that ask a kernel. */
export interface Askers {
  readonly lister: Lister;
  readonly asker: Asker;
  readonly requests: () => RouteRequests;
}

/** Live changes of a BSD's interfaces: the messages of its routing socket, and the kernel's answers about each. */
export class BsdSubscription implements Subscription {
  readonly events = "kernel";
  readonly #system: SystemNumbers;
  readonly #lister: Lister;
  readonly #asker: Asker;
  readonly #clock: Clock;
  readonly #media: MediaMemory;
  readonly #socket: RouteSocket;
  readonly #addresses: boolean;
  readonly #requests: () => RouteRequests;
  /** undefined if nobody asked for routes. */
  readonly #routes: RouteEvents | undefined;
  readonly #buffer = new Uint8Array(new ArrayBuffer(BUFFER));
  readonly #reader: RouteReader;
  /** Indexes of interfaces that said that they are being destroyed. */
  readonly #dying = new Set<number>();
  /**
   * Indexes of which what is queued is about interfaces that are gone. If one has the index by now, its arrival is queued
   * behind that.
   */
  readonly #ahead = new Set<number>();
  /** What has to be asked, because the last message about an interface had a state that is over. */
  readonly #questions = new Questions();
  readonly #later: Later;
  /** Whether the messages of this kernel do not have the flags of an address, so that it does not say when they change. */
  #asksFlags = false;
  /** Addresses that were reported before they were complete. */
  readonly #early = new PendingAddresses();
  /** Addresses that a message said to be gone, on a system that says so of some that stay. */
  readonly #leaving = new PendingAddresses();
  /** Whether everything was listed once. */
  #listed = false;

  constructor(system: SystemNumbers, kernel: RouteKernel, askers: Askers, options: SubscribeOptions) {
    const { lister, asker, requests } = askers;
    this.#system = system;
    this.#lister = lister;
    this.#asker = asker;
    this.#requests = requests;
    this.#clock = clockOf(kernel);
    this.#media = new MediaMemory(asker);
    this.#addresses = options.addresses;
    this.#reader = new RouteReader(system, this.#buffer);
    this.#later = new Later(options.ready);
    this.#socket = kernel.open();
    try {
      this.#routes = options.routes ? new RouteEvents(system, kernel, this.detectsOverflow, options) : undefined;
      this.#socket.listen(options);
    } catch (error) {
      void this.#routes?.close();
      void this.#socket.close();
      throw error;
    }
  }

  /** Whether this kernel reports an overflow. */
  get detectsOverflow(): boolean {
    return this.#socket.detectsOverflow;
  }

  snapshot(): InterfaceStatus[] | undefined {
    try {
      const statuses = this.#media.all(!this.#listed, (media) => this.#lister.list(0, this.#addresses, media));
      if (this.#routes !== undefined) this.#routed(statuses);
      this.#listed = true;
      this.#asksFlags ||= this.#lister.asksFlags;
      this.#dying.clear(); // the departures of others may have been lost
      for (const status of statuses) {
        this.#later.see(status, this.#asksFlags);
        if (this.#isDying(status)) this.#dying.add(status.index);
      }
      this.#early.clear(); // the list has them
      this.#leaving.clear();
      this.#questions.clear();
      this.#ahead.clear();
      return statuses;
    } catch (error) {
      if (this.#listed && isPassing(error)) return undefined;
      throw error;
    }
  }

  #routed(statuses: LinkFacts[]): void {
    this.#routes?.settled();
    const defaults = this.#requests().defaults(true);
    for (const status of statuses) status.defaultRoute = familiesBy(defaults, status.index);
  }

  drain(sink: Sink, limit: number): Drained {
    const links = this.#drainLinks(sink, limit);
    return links === "lost" || this.#routes === undefined ? links : this.#drainRoutes(sink, this.#routes, limit, links);
  }

  /**
   * Asks by which interfaces the default traffic leaves, if anything was said that may move it: about an interface, or a
   * route. If it cannot be asked at the moment, this counts as a loss.
   */
  #drainRoutes(sink: Sink, routes: RouteEvents, limit: number, links: Drained): Drained {
    const drained = routes.drain(limit, links === "empty") ? links : "more";
    if (!routes.dirty) return drained;
    try {
      const found = this.#requests().defaults(true);
      routes.settled();
      if (found !== undefined) sink.route(found);
      return drained;
    } catch (error) {
      if (isPassing(error)) return "lost";
      throw error;
    }
  }

  #drainLinks(sink: Sink, limit: number): Drained {
    for (const [index, wanted] of this.#later.due()) this.#questions.add(index, wanted);
    for (let round = 0; round < ROUNDS; round++) {
      const drained = this.#read(sink, limit);
      if (drained !== "empty") return drained;
      this.#useAnswers(sink);
      const answered = this.#answered(() => this.#update(sink));
      // If a driver did not answer, it is asked again soon, with everything else.
      if (!answered || this.#media.takeDoubt()) return "lost";
      if (!this.#questions.answered) return "empty";
    }
    this.#later.breathe();
    return "empty";
  }

  /**
   * Reads the queue, at most for a slice of time: each message is a reason to ask the kernel, which takes as long as it
   * takes, and more may come meanwhile than is read.
   */
  #read(sink: Sink, limit: number): Drained {
    const end = this.#clock.elapsed() + (limit < QUEUE_LIMIT ? SLICE : LONG_SLICE);
    const late = (): boolean => this.#clock.elapsed() > end;
    for (let left = limit; left > 0; left -= CHUNK) {
      const drained = drainQueue(
        () => this.#socket.read(this.#buffer),
        (length) => this.#apply(sink, length),
        Math.min(CHUNK, left),
        late,
      );
      if (drained !== "more" || late()) return drained;
    }
    return "more";
  }

  pause(paused: boolean): void {
    this.#socket.pause(paused);
    this.#routes?.pause(paused);
    this.#later.pause(paused);
  }

  async close(): Promise<void> {
    this.#later.close();
    await Promise.all([this.#socket.close(), this.#routes?.close()]);
  }

  /**
   * Hands on what was read. Returns false if it says that messages were lost, or if it counts as lost itself: it cannot
   * be decoded, or the kernel does not answer the request that it requires.
   */
  #apply(sink: Sink, length: number): boolean {
    const reader = this.#reader.begin(length);
    return this.#answered(() =>
      applyEach(reader, () => {
        const { message } = reader;
        if (message === undefined) return true;
        if ("interface" in message) this.#interface(sink, message);
        else if ("address" in message) this.#address(sink, message);
        else if ("announce" in message) {
          const { announce } = message;
          const what = reader.what(announce);
          if (what === 0) this.#arrival(sink, reader.index(announce), reader.announcedName(announce.name));
          else if (what === 1) this.#departure(sink, reader.index(announce), reader.announcedName(announce.name));
        } else if ("wireless" in message) this.#wireless(sink, message.wireless);
        else if ("route" in message) this.#routes?.hear(message, reader);
        else return false; // RTM_DESYNC
        return true;
      })
    );
  }

  /** Calls a function that asks the kernel. Returns false if the function does, or if the kernel does not answer. */
  #answered(step: () => boolean): boolean {
    try {
      return step();
    } catch (error) {
      if (error instanceof NetflagsError) return false;
      throw error;
    }
  }

  /**
   * An RTM_IFINFO has no name, and its RUNNING bit is stale: "down" is sent before the driver clears it and never again
   * after, "up" twice, before it sets it and after. So netflags asks for the flags, by the name of the index. If they
   * have changed again since, the message has a state that is over. This state is reported too, because it was real
   * (for example, for a caller that waits for "down"). The present state is reported after everything that is queued
   * has been read.
   */
  #interface(sink: Sink, message: InterfaceForms): void {
    const reader = this.#reader;
    const layout = reader.interfaceLayout(message);
    const index = reader.interfaceIndex;
    this.#questions.heard(index);
    const known = sink.get(index);
    if (this.#isDying(reader)) {
      if (known === undefined) return; // a wlan sends one more behind its departure
      this.#dying.add(index); // its departure comes next
      this.#questions.add(index, "flags"); // unless it is that one more, and the index is another one's by now
      return;
    }
    if (known === undefined) return this.#ask(sink, index);
    const said = reader.flags;
    // Something happened nevertheless. A comparison will find it when nothing more happens.
    if (said === known.flags && this.#saysNothingNew(known, reader.mtu(layout))) return sink.passOver(known.up);
    const state = this.#asker.state(known);
    if (state === undefined) return this.#missing(sink, index);
    const { flags, ...answer } = state;
    this.#media.set(known, answer);
    const over = ((said ^ flags) & ~DRIVER_FLAGS) !== 0;
    if (over) this.#questions.add(index, "flags");
    else this.#questions.settle(index);
    const type = reader.interfaceType(layout);
    if (type !== known.type) this.#questions.add(index, "facts"); // what else follows from it, no message says
    const reported = {
      ...known,
      type,
      flags: over ? ((said & C.IFF_UP) === 0 ? said & ~C.IFF_RUNNING : said) >>> 0 : flags,
      linkState: reader.linkState,
      mtu: reader.mtu(layout),
      ...answer,
    };
    this.#tell(sink, index, bsdFacts(this.#system, reported));
  }

  /** Reports the state of an interface. */
  #tell(sink: Sink, index: number, facts: LinkFacts): void {
    this.#routes?.suspect();
    sink.apply(index, facts);
    this.#later.see(sink.get(index) ?? facts, this.#asksFlags);
  }

  /**
   * Whether a message with the known flags is about the known state, like the second of the two that NetBSD sends for
   * "up".
   */
  #saysNothingNew(known: InterfaceStatus, mtu: number): boolean {
    return mtu === known.mtu && this.#reader.linkState === known.linkState && !this.#questions.asksFlags(known.index);
  }

  /**
   * Asks, after all queued messages, for what messages reported too early: addresses that were not complete, and the
   * state of interfaces whose last message had a state that is over.
   */
  #update(sink: Sink): boolean {
    this.#askAddresses(sink);
    this.#questions.put((index, wanted) => {
      const known = sink.get(index);
      if (known === undefined) return undefined;
      if (wanted === "facts") {
        const [facts] = this.#lister.list(index, this.#addresses, this.#media.one);
        return facts?.name === known.name ? { facts } : undefined;
      }
      if (wanted === "state") return this.#asker.state(known);
      const flags = this.#asker.flags(known);
      return flags === undefined ? undefined : { flags };
    });
    return true;
  }

  /** Reports the answers that no message has made void meanwhile. */
  #useAnswers(sink: Sink): void {
    for (const [index, answer] of this.#questions.take()) {
      const known = sink.get(index);
      if (known === undefined) continue;
      if (this.#dying.has(index) && "flags" in answer && this.#isDying(answer)) continue;
      this.#dying.delete(index);
      if ("facts" in answer) this.#tell(sink, index, answer.facts);
      else {
        if ("media" in answer) this.#media.set(known, { media: undefined, wireless: undefined, ...answer });
        this.#tell(sink, index, bsdFacts(this.#system, { ...known, ...answer }));
      }
    }
  }

  /** Something happened on a wireless interface: its driver says what. */
  #wireless(sink: Sink, { index: at, what }: WirelessForm["wireless"]): void {
    const index = this.#reader.index({ index: at });
    this.#questions.heard(index);
    const isScan = what !== undefined && this.#reader.what({ what }) === C.RTM_IEEE80211_SCAN;
    if (sink.get(index) === undefined) this.#ask(sink, index);
    else if (!isScan || this.#later.scan(index)) this.#questions.add(index, "state");
  }

  #address(sink: Sink, message: AddressForms): void {
    const reader = this.#reader;
    const layout = reader.addressLayout(message);
    const index = reader.index(layout);
    this.#questions.heard(index);
    const known = sink.get(index);
    this.#routes?.suspect(); // with an address its routes go, and of some of them no message says so
    if (known === undefined) return;
    reader.walkAddress(layout);
    // NetBSD reports a hardware address first as one that came, and then as the one in use (link_control() of
    // sys/net/link_proto.c).
    if (reader.ofLink) return message.gone ? undefined : this.#ask(sink, index);
    // NetBSD's vlan has that of its parent, and no message of its own says so.
    const hardwareAddress = reader.linkAddress();
    if (hardwareAddress !== undefined && hardwareAddress !== known.hardwareAddress) this.#questions.add(index, "facts");
    // An address brings an interface up by itself, and FreeBSD 13.0 sends no RTM_IFINFO then.
    const flags = this.#asker.flags(known);
    if (flags === undefined) return this.#missing(sink, index);
    if (flags !== known.flags) this.#questions.add(index, "flags"); // they may be those of the next one of this name
    if (!this.#addresses) return;
    const address = this.#ipAddress(known, flags, layout, message.gone);
    if (address === undefined) return;
    if (!message.gone) this.#leaving.take(index, address);
    else if (this.#system.departureNeedsQuery && address.family === "inet") return this.#leaving.add(index, address);
    const early = this.#early.take(index, address);
    if (!message.gone && lacksBroadcast(address, flags)) return this.#early.add(index, address);
    if (message.gone && early !== undefined) sink.apply(index, { address: early, gone: false }); // it was there
    sink.apply(index, { address, gone: message.gone });
    const now = sink.get(index);
    if (now !== undefined) this.#later.see(now, this.#asksFlags);
  }

  /** The address that a message is about. The flags of an IPv6 address are asked for if the message has none. */
  #ipAddress(
    known: InterfaceStatus,
    flags: number,
    layout: AddressLayout,
    gone: boolean,
  ): InterfaceAddress | undefined {
    const address = this.#reader.ipAddress(flags);
    if (address === undefined || gone || layout.addressFlags !== undefined) return address;
    const ipv6 = this.#reader.ipv6();
    if (ipv6 === undefined) return address;
    this.#asksFlags = true;
    return withFlags(this.#system, address, this.#asker.addressFlags(known, ipv6));
  }

  /**
   * Reports the addresses that came before their broadcast address was set, in their present state, and those that are
   * really gone. The list decides.
   */
  #askAddresses(sink: Sink): void {
    for (const index of new Set([...this.#early.indexes(), ...this.#leaving.indexes()])) {
      const there = this.#lister.addresses(index);
      for (const address of there) {
        if (this.#early.take(index, address) !== undefined) sink.apply(index, { address, gone: false });
        this.#leaving.take(index, address); // it stays
      }
      for (const address of this.#leaving.of(index)) sink.apply(index, { address, gone: true });
      this.#leaving.drop(index);
    }
  }

  /**
   * An interface came, or got a name. If its index is nobody's by now, or has another name than that, what became of it
   * is queued, and the interface that the list has is none of that.
   */
  #arrival(sink: Sink, index: number, name: string): void {
    const known = sink.get(index);
    const [facts] = this.#lister.list(index, this.#addresses, this.#media.one);
    if (facts !== undefined && (facts.name === name || (known !== undefined && !this.#isAnother(known, facts)))) {
      this.#ahead.delete(index);
      return this.#take(sink, facts);
    }
    if (known !== undefined && facts === undefined) return; // it is gone again, and its departure is queued
    if (known !== undefined) this.#remove(sink, index);
    this.#ahead.add(index);
  }

  /** Asks for one interface again: it is not known, or what no message says has changed. */
  #ask(sink: Sink, index: number): void {
    if (this.#ahead.has(index)) return;
    const [facts] = this.#lister.list(index, this.#addresses, this.#media.one);
    if (facts !== undefined) this.#take(sink, facts); // otherwise it is gone again, and its departure is queued
  }

  #take(sink: Sink, facts: InterfaceStatus): void {
    const { index } = facts;
    this.#questions.heard(index);
    const known = sink.get(index);
    if (known !== undefined && known.name !== facts.name && this.#isAnother(known, facts)) this.#remove(sink, index);
    this.#dying.delete(index);
    this.#tell(sink, index, facts);
  }

  /**
   * FreeBSD reports a rename as a departure and an arrival with the same index. An interface that is destroyed was
   * dying before. One that was moved into a jail was not.
   */
  #departure(sink: Sink, index: number, name: string): void {
    this.#questions.heard(index);
    const known = sink.get(index);
    if (known === undefined || known.name !== name) return; // about an interface or a name that is already gone
    if (this.#system.IFF_DYING !== undefined && !this.#dying.has(index)) {
      const [facts] = this.#lister.list(index, this.#addresses, this.#media.one);
      if (facts !== undefined && !this.#isAnother(known, facts)) return this.#tell(sink, index, facts);
    }
    this.#dying.delete(index);
    this.#remove(sink, index);
    this.#ahead.add(index);
  }

  #remove(sink: Sink, index: number): void {
    const known = sink.get(index);
    this.#routes?.suspect();
    if (known !== undefined) this.#asker.forget(known.name);
    this.#early.drop(index);
    this.#leaving.drop(index);
    this.#questions.drop(index);
    this.#later.drop(index);
    sink.remove(index, undefined);
  }

  /**
   * Whether what has the index now is another interface than the one that had it. On a system that can rename, it is the
   * same one under another name, unless that was dying. One that is moved into a jail departs without dying, and up to
   * FreeBSD 13 its index is free at once: what takes it has another hardware address, or another type.
   */
  #isAnother(known: InterfaceStatus, now: LinkFacts): boolean {
    if (this.#system.IFF_DYING === undefined || this.#dying.has(known.index)) return true;
    return known.type !== now.type || known.hardwareAddress !== now.hardwareAddress;
  }

  #isDying({ flags }: { readonly flags: number }): boolean {
    return (flags & (this.#system.IFF_DYING ?? 0)) !== 0;
  }

  /** No interface has the name any more. Its departure will say so, if the system announces departures. */
  #missing(sink: Sink, index: number): void {
    if (!this.#system.announcements) this.#remove(sink, index);
  }
}
