import { CALLBACK, checkOptions, NETNS, type OptionKinds, SIGNAL } from "../../platforms/common/options.ts";
import type { Backend, NetnsHandle, WirelessSubscription } from "../../platforms/contract/backend.ts";
import { cancel, clockOf, type Timer } from "../../platforms/common/clock.ts";
import { QUEUE_LIMIT } from "../../platforms/common/drain.ts";
import { type NetflagsError, optional, UnsupportedError } from "../../platforms/contract/errors.ts";
import type { NetnsOptions } from "../../platforms/contract/netns.ts";
import type { InterfaceStatus, StatusField } from "../../platforms/contract/status.ts";
import type { WirelessMessage } from "../../platforms/contract/wireless.ts";
import { withNetns } from "../../platforms/current.ts";
import { callBack, EventStream } from "./stream.ts";
import type { InterfaceEvent } from "../table/event.ts";
import { healing, mayHeal } from "../../platforms/common/backoff.ts";
import { now } from "../table/moment.ts";
import type { Listener } from "./delivery.ts";
import { Monitor } from "./monitor.ts";
import { Selection } from "../select/selection.ts";
import { type AccessPointEvent, RunningPoints } from "./running_points.ts";

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

const ACCESS_POINT_KINDS: OptionKinds<AccessPointOptions> = { signal: SIGNAL, onTrouble: CALLBACK, netns: NETNS };

/** How many events of one interface are kept for a consumer that takes none: the latest ones. */
const MOST_KEPT = 64;
/** How often to ask again for something that changes while it is being asked for. */
const ATTEMPTS = 8;

/** Fields of a link that may change with an access point. */
const TELLING: readonly StatusField[] = ["carrier", "carrierChanges", "up", "wireless"];

class Watcher extends EventStream<AccessPointEvent> implements AccessPointWatcher {
  readonly #handle: NetnsHandle;
  readonly #backend: Backend;
  /** undefined while listening has failed and will be tried again. */
  #wireless: WirelessSubscription | undefined;
  readonly #healing = healing();
  #heal: Timer;
  readonly #onTrouble: ((error: NetflagsError) => void) | undefined;
  readonly #monitor: Monitor | undefined;
  readonly #points: RunningPoints;
  #queue: AccessPointEvent[] = [];
  /** Whether messages were lost, so that everything must be compared. */
  #lost = false;

  constructor(handle: NetnsHandle, options: AccessPointOptions) {
    super(options.signal);
    const { backend } = this.#handle = handle;
    this.#backend = backend;
    this.#points = new RunningPoints({
      ask: (index) => this.#wireless?.get(index),
      status: (index) => this.#statusOf(index),
      moment: () => now(clockOf(backend)),
      report: (event) => this.#push(event),
    });
    this.#onTrouble = options.onTrouble;
    if (!this.open) {
      void handle.close();
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
      this.#monitor = Monitor.join(backend, { addresses: false }, this.#links);
      this.#monitor.stay();
      this.#compare(true);
      this.followSignal();
    } catch (error) {
      void this.stop();
      throw error;
    }
    handle.onGone((error) => this.fail(error));
  }

  protected override shift(): AccessPointEvent | undefined {
    return this.#queue.shift();
  }

  protected override clear(): void {
    this.#queue = [];
  }

  protected override async stop(): Promise<void> {
    cancel(this.#heal);
    await Promise.all([this.#monitor?.leave(this.#links), this.#wireless?.close()]);
    await this.#handle.close();
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
        const telling = type === "changed"
          ? TELLING.some((field) => changed.includes(field))
          : this.#points.knows(index);
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
      this.#points.apply(message);
    }, QUEUE_LIMIT);
    if (drained === "lost") this.#lost = true;
    return spoken;
  }

  /**
   * Asks about one interface. No message says that a program stopped its access point itself, and kernels before 6.3 do
   * not announce starts. Messages that were read after the answer may be newer. So if one mentions the interface,
   * netflags asks for it again.
   */
  #ask(index: number): void {
    let answer: WirelessMessage | undefined;
    for (let i = 0; i < ATTEMPTS; i++) {
      answer = this.#wireless?.get(index);
      if (!this.#read().has(index)) break;
    }
    this.#points.accept(index, answer, false);
  }

  /** Asks about every interface: at the start, and after messages were lost. */
  #compare(initial: boolean): void {
    const all = this.#wireless?.list() ?? [];
    // Messages that were queued meanwhile may be older or newer than the list. So the kernel is asked once more about
    // the interfaces that they mention.
    const spoken = this.#read();
    for (const index of spoken) this.#ask(index);
    for (const index of this.#points.indexes()) {
      if (!spoken.has(index) && !all.some((one) => one.index === index)) this.#points.accept(index, undefined, false);
    }
    for (const one of all) {
      if (one.index !== undefined && !spoken.has(one.index)) {
        this.#points.accept(one.index, one, initial);
      }
    }
  }

  /** The interface's state; undefined if it is gone, or cannot be asked for at the moment. */
  #statusOf(index: number): InterfaceStatus | undefined {
    return optional(() => this.#backend.get(index));
  }

  #push(event: AccessPointEvent): void {
    if (this.offer(event)) return;
    this.#queue.push(event);
    const same = this.#queue.filter(({ index }) => index === event.index);
    if (same.length > MOST_KEPT) this.#queue.splice(this.#queue.indexOf(same[0]!), 1);
  }
}

/**
 * Reports each access point that starts, stops or goes to another channel on this machine, with its SSID. The kernel's
 * link messages cannot show this: if a carrier goes and comes back within a second, the kernel merges the changes, and a
 * change from one SSID to another is lost. Of a multi-link access point (Wi-Fi 7), each link has its own events.
 *
 * Linux only. From kernel 6.3 on it uses NL80211_CMD_START_AP, and on older kernels the SSID that
 * NL80211_CMD_GET_INTERFACE returns when the carrier comes. It takes the end from NL80211_CMD_STOP_AP and from the
 * link, because no message says that a program such as hostapd stopped its access point itself. A switch to another
 * channel is reported when it is done, and not when it is announced (NL80211_CMD_CH_SWITCH_NOTIFY).
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
  return withNetns(options.netns, (handle) => new Watcher(handle, options));
}
