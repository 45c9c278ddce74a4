import type { DescriptorCallbacks, Drained, WirelessSink, WirelessSubscription } from "../../contract/backend.ts";
import { drainQueue } from "../../common/drain.ts";
import { applyEach } from "../../common/walk.ts";
import type { WirelessMessage } from "../../contract/wireless.ts";
import type { Registration } from "../../ffi/poller.ts";
import { openGeneric, optional } from "../ask/generic.ts";
import { WirelessRequests } from "../ask/wireless.ts";
import type { NetlinkCalls } from "../libc/calls.ts";
import type { NetlinkSocket } from "../libc/socket.ts";
import { WirelessReader } from "../wire/nl80211.ts";
import * as N from "../wire/numbers.ts";

/**
 * Messages that may change the known state of a wireless interface. Scans and frames come by the hundred, and are not
 * among them.
 */
const COMMANDS: ReadonlySet<number> = new Set([
  N.NL80211_CMD_START_AP,
  N.NL80211_CMD_STOP_AP,
  N.NL80211_CMD_NEW_INTERFACE,
  N.NL80211_CMD_DEL_INTERFACE,
  N.NL80211_CMD_SET_INTERFACE,
  N.NL80211_CMD_CONNECT,
  N.NL80211_CMD_ROAM,
  N.NL80211_CMD_DISCONNECT,
  N.NL80211_CMD_CH_SWITCH_NOTIFY,
]);

/** A pair of sockets to the present nl80211. */
class Connection {
  readonly requests: WirelessRequests;
  readonly #events: NetlinkSocket;
  readonly #reader: WirelessReader;
  readonly #registration: Registration;

  constructor(libc: NetlinkCalls, requests: WirelessRequests, waiter: DescriptorCallbacks) {
    this.requests = requests;
    const events = this.#events = openGeneric(libc, "watch wireless interfaces");
    try {
      for (const name of [N.NL80211_MULTICAST_GROUP_CONFIG, N.NL80211_MULTICAST_GROUP_MLME]) {
        const group = requests.family.groups.get(name);
        if (group !== undefined) events.join(group);
      }
      this.#registration = events.listen(waiter);
    } catch (error) {
      events.close();
      throw error;
    }
    this.#reader = new WirelessReader(events.messages.packet);
  }

  /** Opens one; undefined if the kernel has no nl80211. */
  static open(libc: NetlinkCalls, waiter: DescriptorCallbacks): Connection | undefined {
    const requests = WirelessRequests.open(libc);
    if (requests === undefined) return undefined;
    try {
      return new Connection(libc, requests, waiter);
    } catch (error) {
      requests.close();
      throw error;
    }
  }

  drain(sink: WirelessSink, limit: number): Drained {
    return drainQueue((most) => this.#events.receive(most), () => this.#apply(sink), limit);
  }

  #apply(sink: WirelessSink): boolean {
    const { messages } = this.#events;
    return applyEach(messages, () => {
      if (messages.type !== this.requests.family.id) return true;
      const command = this.#reader.command(messages.start, messages.end);
      if (COMMANDS.has(command)) sink(this.#reader.read(messages.start, messages.end));
      return true;
    });
  }

  pause(paused: boolean): void {
    this.#registration.pause(paused);
  }

  async close(): Promise<void> {
    this.requests.close();
    await this.#registration.close();
    this.#events.release();
  }
}

/**
 * nl80211's events, and its answers about interfaces. When a driver is reloaded, cfg80211 may be reloaded too, and come
 * back under other numbers. Then the sockets are made again, and the next drain says that messages were lost.
 */
export class LinuxWireless implements WirelessSubscription {
  readonly #libc: NetlinkCalls;
  readonly #waiter: DescriptorCallbacks;
  #connection: Connection | undefined;
  #paused = false;
  /** Whether its queue is being read. A callback may ask meanwhile, and must not close it. */
  #draining = false;
  /** Whether messages may have been lost while there was no connection. */
  #missed = false;

  private constructor(libc: NetlinkCalls, waiter: DescriptorCallbacks, connection: Connection) {
    this.#libc = libc;
    this.#waiter = waiter;
    this.#connection = connection;
  }

  /** Starts to listen; undefined if the kernel has no nl80211. */
  static open(libc: NetlinkCalls, waiter: DescriptorCallbacks): LinuxWireless | undefined {
    const connection = Connection.open(libc, waiter);
    return connection && new LinuxWireless(libc, waiter, connection);
  }

  /** The connection, made again if nl80211 went away and is back. */
  #live(): Connection | undefined {
    if (this.#connection?.requests.gone && !this.#draining) {
      void this.#connection.close();
      this.#connection = undefined;
    }
    if (this.#connection === undefined) {
      this.#connection = optional(() => Connection.open(this.#libc, this.#waiter), true);
      this.#connection?.pause(this.#paused);
      if (this.#connection !== undefined) this.#missed = true;
    }
    return this.#connection;
  }

  list(): WirelessMessage[] {
    return this.#live()?.requests.list() ?? [];
  }

  get(index: number): WirelessMessage | undefined {
    return this.#live()?.requests.get(index);
  }

  /** Returns when the kernel has finished its present work on an interface, and its messages are in the queue. */
  synchronize(index: number): void {
    this.#live()?.requests.synchronize(index);
  }

  drain(sink: WirelessSink, limit: number): Drained {
    const connection = this.#live();
    this.#draining = true;
    let drained: Drained;
    try {
      drained = connection?.drain(sink, limit) ?? "empty";
    } finally {
      this.#draining = false;
    }
    const missed = this.#missed;
    this.#missed = false;
    return missed ? "lost" : drained;
  }

  pause(paused: boolean): void {
    this.#paused = paused;
    this.#connection?.pause(paused);
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }
}
