import type { Drained, Extras, Sink, SubscribeOptions, Subscription, Unwanted } from "../../contract/backend.ts";
import type { Capabilities } from "../../contract/capabilities.ts";
import { isPassing } from "../../contract/errors.ts";
import { type InterfaceStatus, NO_ADDRESSES } from "../../contract/status.ts";
import type { WirelessMessage } from "../../contract/wireless.ts";
import type { Registration } from "../../ffi/poller.ts";
import { RouteEvents } from "./route_events.ts";
import { EventReader } from "./event_reader.ts";
import { EventSocket } from "./event_socket.ts";
import { LinkFilter } from "./filter.ts";
import { optional } from "../ask/generic.ts";
import type { NetlinkCalls } from "../libc/calls.ts";
import { mayBeWireless, Requests, wirelessState } from "../ask/requests.ts";
import { LinuxWireless } from "./wireless.ts";

/**
 * Room for unread events: the kernel's default of 208 KiB holds 92 of them, one boot-time burst holds thousands. Root
 * gets this size, and other users as much as net.core.rmem_max allows.
 */
const RECEIVE_BUFFER = 8 * 1024 * 1024;

/**
 * Live changes of Linux's interfaces. It reads two sources, one after the other: rtnetlink reports links and addresses,
 * and nl80211, if the kernel has it, reports wireless interfaces. Neither asks or reads the other.
 */
export class LinuxSubscription implements Subscription {
  readonly events: Capabilities["events"];
  readonly #events: EventSocket;
  readonly #requests: Requests;
  readonly #reader: EventReader;
  readonly #extras: Extras;
  /** undefined if nobody asked for routes, or if the kernel does not report them. */
  readonly #routes: RouteEvents | undefined;
  readonly #registration: Registration;
  readonly #openWireless: () => LinuxWireless | undefined;
  #wireless: LinuxWireless | undefined;
  /** The interfaces whose wireless state may have changed with their link. */
  readonly #unqueried = new Set<number>();
  readonly #filter: LinkFilter;
  /** Interfaces about which the kernel may have dropped messages that are wanted now. */
  readonly #unheard = new Set<number>();
  /** Whether everything was listed once. */
  #listed = false;

  constructor(libc: NetlinkCalls, options: SubscribeOptions) {
    this.#extras = { addresses: options.addresses, routes: options.routes };
    this.#openWireless = () => optional(() => LinuxWireless.open(libc, options), true);
    const events = this.#events = EventSocket.open(libc, options.addresses);
    let requests: Requests | undefined;
    let routes: RouteEvents | undefined;
    try {
      events.setReceiveBuffer(RECEIVE_BUFFER);
      this.#requests = requests = new Requests(libc);
      this.#routes = routes = options.routes ? RouteEvents.open(libc, options) : undefined;
      this.#registration = events.listen(options);
    } catch (error) {
      void routes?.close();
      requests?.close();
      events.close();
      throw error;
    }
    const silent = options.routes === true && routes === undefined && events.events === "kernel";
    this.events = silent ? "partial" : events.events;
    this.#reader = new EventReader(events, this.#unqueried);
    this.#filter = new LinkFilter(events);
  }

  snapshot(): InterfaceStatus[] | undefined {
    this.#reader.forget();
    try {
      const statuses = this.#requests.whole(() => this.#requests.list(this.#extras, this.#listed));
      this.#listed = true;
      // Asks once more for what nl80211 reported before this subscription listened.
      if (this.#wireless === undefined) {
        for (const { index, wireless } of statuses) if (wireless !== undefined) this.#unqueried.add(index);
      }
      return statuses;
    } catch (error) {
      if (this.#listed && isPassing(error)) return undefined;
      throw error;
    }
  }

  drain(sink: Sink, limit: number): Drained {
    const links = this.#reader.drain(sink, limit);
    const answered = this.#askOrphans(sink) && (links !== "empty" || this.#askUnheard(sink));
    const wireless = this.#drainWireless(sink, limit);
    const lost = links === "lost" || wireless === "lost" || !answered;
    const routes = lost ? "empty" : this.#drainRoutes(sink, limit);
    const drained = lost ? "lost" : [links, routes].find((one) => one !== "empty") ?? wireless;
    if (drained === "lost") this.#reader.forget(); // the next states come from a list
    return drained;
  }

  /**
   * Asks what interfaces refer to now that referred to one that is gone. The kernel answers after it has finished its
   * work on that one. Returns false if it cannot be asked at the moment.
   */
  #askOrphans(sink: Sink): boolean {
    try {
      for (const index of sink.orphans()) {
        const relations = this.#requests.whole(() => this.#requests.link(index));
        this.#reader.tellMissed(sink, index);
        this.#reader.forgetLink(index);
        if (relations !== undefined) sink.apply(index, { relations });
      }
      return true;
    } catch (error) {
      if (isPassing(error)) return false;
      throw error;
    }
  }

  filter(unwanted: Unwanted | undefined): boolean {
    const freed = this.#filter.change(unwanted);
    if (unwanted === undefined) return false; // everything is listed next
    for (const index of freed) this.#unheard.add(index);
    return freed.length > 0;
  }

  /**
   * Asks for interfaces about which messages were dropped. Every message that was queued while they were dropped has been
   * read by now, so that none of them can come after the answer. Returns false if it cannot be asked at the moment.
   */
  #askUnheard(sink: Sink): boolean {
    try {
      for (const index of this.#unheard) {
        const link = this.#requests.whole(() => this.#requests.link(index));
        const name = link?.name;
        const addresses = this.#extras.addresses && link !== undefined
          ? this.#requests.whole(() => this.#requests.addresses(index, () => name))
          : undefined;
        this.#unheard.delete(index);
        if (link === undefined) continue; // its end was not dropped
        this.#reader.tellMissed(sink, index);
        this.#reader.forgetLink(index);
        if (mayBeWireless(link)) this.#unqueried.add(index);
        sink.apply(index, link);
        if (addresses !== undefined) sink.apply(index, { addresses: addresses.get(index) ?? NO_ADDRESSES });
      }
      return true;
    } catch (error) {
      if (isPassing(error)) return false;
      throw error;
    }
  }

  /**
   * Reads nl80211's messages, and asks for the state of the interfaces that they or the links mention. If it cannot ask
   * at the moment, this counts as a loss.
   *
   * Links and access points are reported on two sockets, in either order. The kernel does not answer a request about an
   * interface while it starts an access point there. So after the answer, the start is in the queue. It is read after
   * the request, and belongs to the link's events that were read before.
   */
  #drainWireless(sink: Sink, limit: number): Drained {
    const unqueried = this.#unqueried;
    try {
      if (unqueried.size > 0) this.#wireless ??= this.#openWireless();
      const wireless = this.#wireless;
      if (wireless === undefined) {
        unqueried.clear();
        return "empty";
      }
      for (const index of unqueried) optional(() => wireless.synchronize(index), true);
      const drained = wireless.drain(({ message, index, ssid }: WirelessMessage) => {
        if (index === undefined) return;
        if (message === "NL80211_CMD_START_AP" && ssid !== undefined) sink.started(index, ssid);
        unqueried.add(index);
      }, limit);
      for (const index of unqueried) {
        this.#reader.tellMissed(sink, index);
        const answer = optional(() => ({ wireless: wirelessState(wireless.get(index)) }), true);
        if (answer !== undefined) sink.apply(index, answer);
      }
      unqueried.clear();
      return drained;
    } catch (error) {
      if (isPassing(error)) return "lost";
      throw error;
    }
  }

  /**
   * Asks by which interfaces the default traffic leaves, if anything was said that may move it: about a link, or a route.
   * Neither alone tells it: a kernel says nothing of a route over a link that lost its carrier, and little of the routes
   * that go with an interface that is set down. If it cannot be asked at the moment, this counts as a loss.
   */
  #drainRoutes(sink: Sink, limit: number): Drained {
    if (this.#extras.routes !== true) return "empty";
    const more = this.#routes?.drain(limit) === false;
    const changed = this.#reader.takeChanged();
    if (!changed && this.#routes?.dirty !== true) return more ? "more" : "empty";
    try {
      const found = this.#requests.whole(() => {
        this.#requests.routes.synchronize();
        return this.#requests.defaults();
      });
      this.#routes?.settled();
      if (found !== undefined) sink.route(found);
      return more ? "more" : "empty";
    } catch (error) {
      if (isPassing(error)) return "lost";
      throw error;
    }
  }

  pause(paused: boolean): void {
    this.#registration.pause(paused);
    this.#routes?.pause(paused);
    this.#wireless?.pause(paused);
  }

  async close(): Promise<void> {
    this.#requests.close();
    await Promise.all([this.#registration.close(), this.#routes?.close(), this.#wireless?.close()]);
    this.#events.release();
  }
}
