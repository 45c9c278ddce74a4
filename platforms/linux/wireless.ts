import { formatHex } from "../contract/address_text.ts";
import type { Waiter, WirelessSink, WirelessSubscription } from "../contract/backend.ts";
import { type Drained, drainQueue } from "../contract/drain.ts";
import { applyEach } from "../contract/walk.ts";
import type { WirelessMessage } from "../contract/wireless.ts";
import type { Registration } from "../ffi/poller.ts";
import { type Family, findFamily, genericHeader, openGeneric, optional } from "./generic.ts";
import type { LinuxLibc } from "./libc.ts";
import { attributeEnd, buildRequest, nextAttribute, type RequestAttribute, u32Payload } from "./netlink.ts";
import { WirelessReader } from "./nl80211.ts";
import * as N from "./numbers.ts";
import type { NetlinkSocket } from "./socket.ts";

/** How often to repeat a dump that changed while it was read, as the kernel says. */
const DUMPS = 5;

/**
 * The SSID among IEEE 802.11 information elements: id, length, content. It is a copy, because the buffer is used again.
 */
function findElement(elements: Uint8Array): Uint8Array | undefined {
  for (let at = 0; at + 2 <= elements.length; at += 2 + elements[at + 1]!) {
    if (elements[at] === N.WLAN_EID_SSID) return elements.slice(at + 2, at + 2 + elements[at + 1]!);
  }
  return undefined;
}

/** Asks nl80211 about interfaces. */
export class WirelessRequests {
  readonly #socket: NetlinkSocket;
  readonly #family: Family;
  readonly #libc: LinuxLibc;
  readonly #reader: WirelessReader;
  #gone = false;

  private constructor(libc: LinuxLibc, socket: NetlinkSocket, family: Family) {
    this.#libc = libc;
    this.#socket = socket;
    this.#family = family;
    this.#reader = new WirelessReader(socket.messages.packet);
  }

  /** Opens it; undefined if the kernel has no nl80211. */
  static open(libc: LinuxLibc): WirelessRequests | undefined {
    const socket = openGeneric(libc, "read wireless interfaces");
    let family: Family | undefined;
    try {
      family = findFamily(socket, libc, N.NL80211_GENL_NAME);
      return family && new WirelessRequests(libc, socket, family);
    } finally {
      if (family === undefined) socket.close();
    }
  }

  /** Whether the kernel's nl80211 went away, so that this object can no longer be used. */
  get gone(): boolean {
    return this.#gone;
  }

  /** The family, for those who listen to it. */
  get family(): Family {
    return this.#family;
  }

  /** Every wireless interface, with its SSID if it runs an access point or is connected to one. */
  list(): WirelessMessage[] {
    for (let dumps = 1;; dumps++) {
      const { found, interrupted } = this.#ask(N.NLM_F_DUMP, []);
      if (!interrupted || dumps >= DUMPS) return found.map((one) => this.#withNetwork(one));
    }
  }

  /** One interface; undefined if it is not wireless, or does not exist. */
  get(index: number): WirelessMessage | undefined {
    const [found] = this.#ask(0, [[N.NL80211_ATTR_IFINDEX, u32Payload(index)]]).found;
    return found && this.#withNetwork(found);
  }

  /**
   * Asks about an interface and ignores the answer. When it comes, the kernel has finished its present work on the
   * interface.
   */
  synchronize(index: number): void {
    this.#ask(0, [[N.NL80211_ATTR_IFINDEX, u32Payload(index)]]);
  }

  close(): void {
    this.#socket.close();
  }

  /**
   * If a program such as wpa_supplicant associated a station, the answer lacks its network. The scan results have it.
   */
  #withNetwork(message: WirelessMessage): WirelessMessage {
    const { wirelessType, index, ssidHex, frequency } = message;
    const station = wirelessType === "station" || wirelessType === "p2p-client";
    if (!station || ssidHex !== undefined || frequency === undefined || index === undefined) return message;
    const ssid = this.#associated(index);
    return ssid === undefined
      ? message
      : { ...message, ssid: new TextDecoder().decode(ssid), ssidHex: formatHex(ssid) };
  }

  /** The SSID of the scan result with which a station is associated. */
  #associated(index: number): Uint8Array | undefined {
    const { messages } = this.#socket;
    const { packet } = messages;
    let ssid: Uint8Array | undefined;
    this.#socket.request(
      (seq) =>
        buildRequest(
          this.#family.id,
          N.NLM_F_REQUEST | N.NLM_F_DUMP,
          seq,
          genericHeader(N.NL80211_CMD_GET_SCAN, 0),
          [[N.NL80211_ATTR_IFINDEX, u32Payload(index)]],
        ),
      () => {
        const bss = nextAttribute(packet, N.NL80211_ATTR_BSS, messages.start + N.GENL_HDRLEN, messages.end);
        if (messages.type !== this.#family.id || bss < 0) return;
        const [start, end] = [bss + N.NLA_HDRLEN, attributeEnd(packet, bss)];
        const status = nextAttribute(packet, N.NL80211_BSS_STATUS, start, end);
        if (status < 0 || packet.u8[status + N.NLA_HDRLEN] !== N.NL80211_BSS_STATUS_ASSOCIATED) return;
        const elements = nextAttribute(packet, N.NL80211_BSS_INFORMATION_ELEMENTS, start, end);
        if (elements >= 0) {
          ssid = findElement(packet.u8.subarray(elements + N.NLA_HDRLEN, attributeEnd(packet, elements)));
        }
      },
    );
    return ssid;
  }

  #ask(
    flags: number,
    attributes: readonly RequestAttribute[],
  ): { readonly found: WirelessMessage[]; readonly interrupted: boolean } {
    const { messages } = this.#socket;
    const found: WirelessMessage[] = [];
    const { errno, text, interrupted } = this.#socket.request(
      (seq) =>
        buildRequest(
          this.#family.id,
          N.NLM_F_REQUEST | flags,
          seq,
          genericHeader(N.NL80211_CMD_GET_INTERFACE, 0),
          attributes,
        ),
      () => {
        if (messages.type === this.#family.id) found.push(this.#reader.read(messages.start, messages.end));
      },
    );
    // ENOENT: cfg80211 was unloaded, and may have come back under another number.
    if (errno === N.ENOENT) this.#gone = true;
    else if (errno !== 0 && errno !== N.ENODEV) {
      throw this.#libc.failureOf(errno, { operation: "read wireless interfaces", text });
    }
    return { found, interrupted };
  }
}

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

  constructor(libc: LinuxLibc, requests: WirelessRequests, waiter: Waiter) {
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
  static open(libc: LinuxLibc, waiter: Waiter): Connection | undefined {
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
    return drainQueue(() => this.#events.receive(), () => this.#apply(sink), limit);
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
  readonly #libc: LinuxLibc;
  readonly #waiter: Waiter;
  #connection: Connection | undefined;
  #paused = false;
  /** Whether its queue is being read. A callback may ask meanwhile, and must not close it. */
  #draining = false;
  /** Whether messages may have been lost while there was no connection. */
  #missed = false;

  private constructor(libc: LinuxLibc, waiter: Waiter, connection: Connection) {
    this.#libc = libc;
    this.#waiter = waiter;
    this.#connection = connection;
  }

  /** Starts to listen; undefined if the kernel has no nl80211. */
  static open(libc: LinuxLibc, waiter: Waiter): LinuxWireless | undefined {
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
