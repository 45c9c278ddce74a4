import { CALLBACK, checkOptions, NETNS, type OptionKinds, SIGNAL } from "../../platforms/common/options.ts";
import type { Backend, Place, WirelessSubscription } from "../../platforms/contract/backend.ts";
import { clockOf } from "../../platforms/common/clock.ts";
import { QUEUE_LIMIT } from "../../platforms/common/drain.ts";
import { isStranded, NetflagsError, UnsupportedError } from "../../platforms/contract/errors.ts";
import type { NetnsOptions } from "../../platforms/contract/netns.ts";
import type { InterfaceStatus, StatusField } from "../../platforms/contract/status.ts";
import type { WirelessMessage } from "../../platforms/contract/wireless.ts";
import { placeFor } from "../../platforms/current.ts";
import { callBack } from "./callback.ts";
import type { InterfaceEvent } from "../table/event.ts";
import { healing, mayHeal } from "./healing.ts";
import { now } from "../table/moment.ts";
import type { Listener } from "./delivery.ts";
import { Monitor } from "./monitor.ts";
import { Selection } from "../select/selection.ts";
import { EventStream } from "./stream.ts";

/** What happened to an access point. It is frozen. */
export interface AccessPointEvent {
  /**
   * "started": it began to send; also each one that existed when watching began. "changed": its SSID changed, and the
   * kernel sent no message of a start. "stopped": it ended. A start with another SSID on the same interface ends the
   * previous access point; there is no "stopped" for that one.
   */
  readonly type: "started" | "changed" | "stopped";
  /** The interface's index. */
  readonly index: number;
  /** The interface's name, as far as it is known. */
  readonly name: string | undefined;
  /** The SSID as text; bytes that are not UTF-8 become U+FFFD. For a stopped one, the last known SSID. */
  readonly ssid: string;
  /** The SSID's bytes, 0 to 32 of any value, in hexadecimal. */
  readonly ssidHex: string;
  /** The SSID that the interface had before, if one was known. */
  readonly previousSsid: string | undefined;
  /** The channel's frequency in MHz, if the kernel reports it. */
  readonly frequency: number | undefined;
  /** Which link of a multi-link access point. */
  readonly mloLinkId: number | undefined;
  /** The radio's number. */
  readonly wiphy: number | undefined;
  /** Whether it existed when watching began. */
  readonly initial: boolean;
  /** The interface's state at that time; undefined if it is gone. */
  readonly status: InterfaceStatus | undefined;
  /** When netflags read of it, by the system's clock as it was set then, in milliseconds since the Unix epoch. */
  readonly time: number;
  /**
   * The same moment in milliseconds since the first watcher of this thread began, by a clock that nobody sets and that
   * goes on while the machine sleeps (CLOCK_BOOTTIME). The difference of two events is the time between them.
   */
  readonly elapsed: number;
}

/** Options of {@linkcode watchAccessPoints}. */
export interface AccessPointOptions extends NetnsOptions {
  /**
   * Closes the watcher when the signal is aborted.
   *
   * @default {undefined}
   */
  signal?: AbortSignal | undefined;
  /**
   * Called with the reason when listening has failed and will be tried again, like {@linkcode WatchOptions.onTrouble}.
   *
   * @default {undefined}
   */
  onTrouble?: ((error: NetflagsError) => void) | undefined;
}

/**
 * Changes of access points as they happen. {@linkcode watchAccessPoints} makes it. Each event is kept until it is
 * taken, up to the last 64 of each interface.
 */
export interface AccessPointWatcher
  extends AsyncIterableIterator<AccessPointEvent, undefined>, Disposable, AsyncDisposable {
  /** The next event; done when the watcher is closed. */
  next(): Promise<IteratorResult<AccessPointEvent, undefined>>;
  /**
   * Called by `break` out of `for await`. It closes the watcher, and resolves when everything that the watcher held is
   * closed.
   */
  return(): Promise<IteratorResult<AccessPointEvent, undefined>>;
  /**
   * Closes the watcher and drops the events that were not taken. A waiting `for await` or call of `next` ends without
   * an error.
   */
  close(): void;
  /** The watcher itself. All `for await` loops over it share the same events. */
  [Symbol.asyncIterator](): this;
}

/** The kinds of the options. */
const ACCESS_POINT_KINDS: OptionKinds<AccessPointOptions> = { signal: SIGNAL, onTrouble: CALLBACK, netns: NETNS };

/** How many events of one interface are kept for a consumer that takes none: the latest ones. */
const MOST_KEPT = 64;
/** How often to ask again for something that changes while it is being asked for. */
const ATTEMPTS = 8;

/** Fields of a link that may change with an access point. */
const TELLING: readonly StatusField[] = ["carrier", "carrierChanges", "up", "wireless"];

class Watcher extends EventStream<AccessPointEvent> implements AccessPointWatcher {
  readonly #place: Place;
  readonly #backend: Backend;
  /** undefined while listening has failed and will be tried again. */
  #wireless: WirelessSubscription | undefined;
  readonly #healing = healing();
  #heal: ReturnType<typeof setTimeout> | undefined;
  readonly #onTrouble: ((error: NetflagsError) => void) | undefined;
  readonly #monitor: Monitor | undefined;
  readonly #running = new Map<string, AccessPointEvent>();
  #queue: AccessPointEvent[] = [];
  /** Whether messages were lost, so that everything must be compared. */
  #lost = false;

  constructor(place: Place, options: AccessPointOptions) {
    super(options.signal);
    const { backend } = this.#place = place;
    this.#backend = backend;
    this.#onTrouble = options.onTrouble;
    if (!this.open) {
      void place.close();
      return;
    }
    if (backend.watchWireless === undefined) {
      throw new UnsupportedError(
        "Cannot watch access points: this system does not report them; Linux does",
        { operation: "watch access points" },
      );
    }
    this.#listen();
    try {
      this.#monitor = Monitor.join(backend, false, this.#links);
      this.#compare(true);
      this.heed();
    } catch (error) {
      void this.stop();
      throw error;
    }
    place.onGone((error) => this.fail(error));
  }

  protected override shift(): AccessPointEvent | undefined {
    return this.#queue.shift();
  }

  protected override clear(): void {
    this.#queue = [];
  }

  protected override async stop(): Promise<void> {
    clearTimeout(this.#heal);
    await Promise.all([this.#monitor?.leave(this.#links), this.#wireless?.close()]);
    await this.#place.close();
  }

  #listen(): void {
    const wireless = this.#backend.watchWireless?.({
      ready: () => this.#guard(() => this.#read()),
      failed: (error) => this.#wireless === wireless && this.#trouble(error),
    });
    this.#wireless = wireless;
  }

  /** A failure may be temporary: listening begins again, and everything is compared. */
  #trouble(error: unknown): void {
    const lost = this.#heal !== undefined && error instanceof UnsupportedError; // nl80211 may come back
    if (!this.open || !(lost || mayHeal(error))) return this.fail(error);
    void this.#wireless?.close();
    this.#wireless = undefined;
    this.#heal = setTimeout(() => {
      this.#guard(() => {
        this.#listen();
        this.#compare(false);
        this.#heal = undefined;
      });
    }, this.#healing.next(clockOf(this.#backend).elapsed()));
    this.#report(error as NetflagsError);
  }

  #report(error: NetflagsError): void {
    callBack(this.#onTrouble, error, (reason) => this.fail(reason));
  }

  /** Calls a function that reads messages, and compares everything if some were lost. */
  #guard(step: () => void): void {
    try {
      if (!this.open) return;
      step();
      for (let i = 0; this.#lost && i < ATTEMPTS; i++) {
        this.#lost = false;
        this.#compare(false);
      }
    } catch (error) {
      this.#trouble(error);
    }
  }

  /**
   * Links and access points are reported on two sockets, in either order. So the kernel is asked what a link's event
   * means.
   */
  readonly #links: Listener = {
    selection: new Selection({}),
    event: ({ type, status: { index }, changed }: InterfaceEvent): void => {
      if (this.#wireless === undefined) return; // everything is compared when it is back
      this.#guard(() => {
        // The removal may have been reported late: another interface may have the index by now, and run an access
        // point.
        const telling = type === "changed" ? TELLING.some((field) => changed.includes(field)) : this.#knows(index);
        if (telling) this.#ask(index);
      });
    },
    stalled: (): boolean => false,
    trouble: (error: NetflagsError): void => this.#report(error),
    failed: (error: unknown): void => this.fail(error),
  };

  /** Reads the queued messages. Returns the interfaces that they mention. */
  #read(): ReadonlySet<number> {
    const spoken = new Set<number>();
    const drained = this.#wireless?.drain((message) => {
      if (message.index !== undefined) spoken.add(message.index);
      this.#apply(message);
    }, QUEUE_LIMIT);
    if (drained === "lost") this.#lost = true;
    return spoken;
  }

  #apply(message: WirelessMessage): void {
    const { index } = message;
    if (index === undefined) return;
    switch (message.message) {
      case "NL80211_CMD_START_AP":
        return this.#tell("started", message, false);
      case "NL80211_CMD_STOP_AP":
        return this.#stop(index, message.mloLinkId);
      case "NL80211_CMD_DEL_INTERFACE":
        return this.#stop(index);
      case "NL80211_CMD_NEW_INTERFACE":
      case "NL80211_CMD_SET_INTERFACE": // its type may have changed
        if (!isAccessPoint(message)) this.#stop(index);
    }
  }

  /**
   * Asks about one interface. No message says that a program stopped its access point itself, and kernels before 6.3 do
   * not announce starts. Messages that were read after the answer may be newer. So if one mentions the interface,
   * netflags asks for it again.
   */
  #ask(index: number): void {
    let now: WirelessMessage | undefined;
    for (let i = 0; i < ATTEMPTS; i++) {
      now = this.#wireless?.get(index);
      if (!this.#read().has(index)) break;
    }
    if (now === undefined || !isAccessPoint(now) || now.ssidHex === undefined) return this.#stop(index);
    if (!this.#knows(index)) return this.#tell("started", now, false);
    for (const before of [...this.#running.values()]) {
      if (before.index === index && before.mloLinkId === undefined && before.ssidHex !== now.ssidHex) {
        this.#tell("changed", now, false, before.ssid);
      }
    }
  }

  /** Asks about every interface: at the start, and after messages were lost. */
  #compare(initial: boolean): void {
    const all = this.#wireless?.list().filter((one) => isAccessPoint(one) && one.ssidHex !== undefined) ?? [];
    // Messages that were queued meanwhile may be older or newer than the list. So the kernel is asked once more about
    // the interfaces that they mention.
    const spoken = this.#read();
    for (const index of spoken) this.#ask(index);
    for (const { index } of [...this.#running.values()]) {
      if (!spoken.has(index) && !all.some((one) => one.index === index)) this.#stop(index);
    }
    for (const one of all) {
      if (spoken.has(one.index!)) continue;
      const before = [...this.#running.values()].find(({ index }) => index === one.index);
      if (before === undefined) this.#tell("started", one, initial);
      else if (before.ssidHex !== one.ssidHex) this.#tell("changed", one, false);
    }
  }

  #knows(index: number): boolean {
    for (const one of this.#running.values()) if (one.index === index) return true;
    return false;
  }

  #stop(index: number, mloLinkId?: number): void {
    for (const [key, before] of this.#running) {
      // An access point that was found by asking, and not announced by a message, has no link id.
      const other = mloLinkId !== undefined && before.mloLinkId !== undefined && before.mloLinkId !== mloLinkId;
      if (before.index !== index || other) continue;
      this.#running.delete(key);
      this.#push({
        ...before,
        type: "stopped",
        previousSsid: before.ssid,
        initial: false,
        status: this.#statusOf(index),
        ...now(clockOf(this.#backend)),
      });
    }
  }

  #tell(type: "started" | "changed", message: WirelessMessage, initial: boolean, previousSsid?: string): void {
    const index = message.index!;
    const key = `${index} ${message.mloLinkId ?? ""}`;
    // Asking comes first because it may fail: then what ran before must still be known.
    const frequency = message.frequency ?? this.#wireless?.get(index)?.frequency;
    let before = this.#running.get(key);
    for (const [other, one] of this.#running) {
      // A link id distinguishes the access points of an interface. Without one, an access point stands for all links.
      const same = one.index === index && (one.mloLinkId === undefined || message.mloLinkId === undefined);
      if (!same) continue;
      before ??= one;
      this.#running.delete(other);
    }
    const status = this.#statusOf(index);
    const event: AccessPointEvent = {
      type,
      index,
      name: status?.name ?? message.name,
      ssid: message.ssid ?? "",
      ssidHex: message.ssidHex ?? "",
      previousSsid: previousSsid ?? before?.ssid,
      frequency,
      mloLinkId: message.mloLinkId,
      wiphy: message.wiphy,
      initial,
      status,
      ...now(clockOf(this.#backend)),
    };
    this.#running.set(key, Object.freeze(event)); // the consumer has it too
    this.#push(event);
  }

  /** The interface's state; undefined if it is gone, or cannot be asked for at the moment. */
  #statusOf(index: number): InterfaceStatus | undefined {
    try {
      return this.#backend.get(index);
    } catch (error) {
      if (error instanceof NetflagsError && !isStranded(error)) return undefined;
      throw error;
    }
  }

  #push(event: AccessPointEvent): void {
    if (this.offer(event)) return;
    this.#queue.push(event);
    const same = this.#queue.filter(({ index }) => index === event.index);
    if (same.length > MOST_KEPT) this.#queue.splice(this.#queue.indexOf(same[0]!), 1);
  }
}

function isAccessPoint({ wirelessType }: WirelessMessage): boolean {
  return wirelessType === "ap" || wirelessType === "p2p-go";
}

/**
 * Reports each access point that starts or stops on this machine, with its SSID. The kernel's link messages cannot show
 * this: if a carrier goes and comes back within a second, the kernel merges the changes, and a change from one SSID to
 * another is lost.
 *
 * Linux only. From kernel 6.3 on it uses NL80211_CMD_START_AP, and on older kernels the SSID that
 * NL80211_CMD_GET_INTERFACE returns when the carrier comes. It takes the end from NL80211_CMD_STOP_AP and from the
 * link, because no message says that a program such as hostapd stopped its access point itself.
 *
 * @example
 * ```ts
 * import { UnsupportedError } from "@netflags/netflags";
 * import { watchAccessPoints } from "@netflags/netflags/linux";
 *
 * try {
 *   for await (const { type, name, ssid } of watchAccessPoints({ signal: AbortSignal.timeout(50) })) {
 *     console.log(name, type, ssid);
 *   }
 * } catch (error) {
 *   if (!(error instanceof UnsupportedError)) throw error; // a machine without wireless support
 * }
 * ```
 *
 * @param options When to end, what to call when listening fails, and in which namespace to listen.
 * @returns The watcher. It is already listening.
 * @throws {InvalidInputError} There is no such network namespace.
 * @throws {UnsupportedError} The system or its kernel has no wireless support that reports access points.
 * @throws {NotPermittedError} The process runs without `--allow-ffi`.
 * @throws {SystemError} The system has no file descriptor left, or another system call failed.
 */
export function watchAccessPoints(options: AccessPointOptions = {}): AccessPointWatcher {
  checkOptions("watch access points", options, ACCESS_POINT_KINDS);
  return placeFor(options.netns, (place) => new Watcher(place, options));
}
