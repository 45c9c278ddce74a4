import type { Place } from "../../platforms/contract/backend.ts";
import type { NetflagsError } from "../../platforms/contract/errors.ts";
import { placeFor } from "../../platforms/current.ts";
import { callBack } from "./callback.ts";
import { eventTime, type InterfaceEvent } from "./event.ts";
import { Histories, type History } from "./history.ts";
import { type Listener, Monitor } from "./monitor.ts";
import { EventQueue } from "./queue.ts";
import { type ListOptions, Selection } from "../select/selection.ts";
import { rehearseSoon } from "./rehearsal.ts";
import { Settler } from "./settler.ts";
import { EventStream } from "./stream.ts";
import { checkTime } from "./timer.ts";

/**
 * Options of {@linkcode watch}. An interface that enters the selection, because it is renamed, is reported as "added".
 * An interface that leaves it is reported as "removed", with `left`. So a watcher follows a name that passes from one
 * interface to another.
 */
export interface WatchOptions extends ListOptions {
  /**
   * Closes the watcher when the signal is aborted.
   *
   * @default {undefined}
   */
  signal?: AbortSignal | undefined;
  /**
   * Whether to begin with an event of type "present" for each existing interface.
   *
   * @default {false}
   */
  initial?: boolean | undefined;
  /**
   * Whether to report addresses and their changes. If false, `addresses` is undefined.
   *
   * @default {false}
   */
  addresses?: boolean | undefined;
  /**
   * Compares everything at this interval, in milliseconds. This finds changes that the kernel does not announce, and
   * changes whose messages it loses silently. 0 means never.
   *
   * @default {undefined} 1000 if the system needs it ({@linkcode Capabilities.overflowDetection}), otherwise 0.
   */
  poll?: number | undefined;
  /**
   * Reports the changes of an interface when it has been quiet for this time in milliseconds, merged into one event. If
   * it never comes to rest, its changes are reported after ten times as long. Interfaces that exist at the start are
   * reported at once.
   *
   * @default {0} Reports each change at once.
   */
  settle?: number | undefined;
  /**
   * Called with the reason when listening has failed and will be tried again: after 50 milliseconds, then after twice
   * as long each time, up to 30 seconds. Changes in between are reported with `resync`. The watcher ends only if trying
   * again cannot help: the permission was withdrawn, or the system offers nothing to listen to.
   *
   * If the function throws, or its promise rejects, this watcher ends with that reason, and no other.
   *
   * @default {undefined}
   */
  onTrouble?: ((error: NetflagsError) => void) | undefined;
}

/**
 * Changes of interfaces as they happen: an async iterable that ends when it is closed. {@linkcode watch} makes it.
 *
 * A consumer that does nothing else gets every event as the kernel reported it. While a consumer is busy, netflags
 * still reads the kernel's queue, and merges the waiting events of each interface into one: `previous` is then the
 * state before the first of them, `status` the state after the last, and `changed`, `flagsSet`, `flagsCleared` and
 * `hiddenFlaps` cover everything in between. So a slow consumer costs memory in proportion to the interfaces, not to
 * the events. It gets no event for an interface that came and went in between. If thousands of events pass and a
 * consumer takes none, netflags stops reading the kernel's queue for it. When the consumer goes on, everything is read
 * again, and differences are reported with `resync`.
 */
export interface InterfaceWatcher
  extends AsyncIterableIterator<InterfaceEvent, undefined>, Disposable, AsyncDisposable {
  /** The next event; done when the watcher is closed. */
  next(): Promise<IteratorResult<InterfaceEvent, undefined>>;
  /**
   * Called by `break` out of `for await`. It closes the watcher, and resolves when everything that the watcher held is
   * closed.
   */
  return(): Promise<IteratorResult<InterfaceEvent, undefined>>;
  /**
   * Closes the watcher and drops the events that were not taken. A waiting `for await` or call of `next` ends without
   * an error.
   */
  close(): void;
  /** The watcher itself. All `for await` loops over it share the same events. */
  [Symbol.asyncIterator](): this;
  /**
   * Since when an interface has been connected or not, and how often that changed, for as long as this watcher has
   * watched it. It counts every change, even if the consumer has not taken it yet, or it was merged or held back by
   * `settle`. The history is dropped when the interface goes or leaves the selection. It begins again when an interface
   * comes.
   *
   * Times are milliseconds since the Unix epoch, as in events:
   * - `connected`: {@linkcode InterfaceStatus.connected}, and `since` when. If this began before the interface was
   *   watched, `sinceKnown` is false, and `since` is when watching it began.
   * - `lastChange`: when anything about it last changed; undefined if nothing has.
   * - `flaps`: how often the carrier changed (on the BSDs the link state), in the last 1, 10 and 60 minutes and in all:
   *   `seen` are those that an event showed; `hidden` are those between the two states of an event, by the kernel's
   *   counter, and undefined if the kernel has no counter. A window may include changes that are older by a sixtieth of
   *   its length.
   * - `downs`: how often the connection or the carrier was lost, hidden losses included.
   * - `outages`: how many outages are over, of those whose beginning was seen. `lastOutage` has an undefined `end`
   *   while it lasts. `longestOutage` is in milliseconds, and includes an outage that still lasts.
   *   `outageTime` is that of all outages together, in milliseconds.
   *
   * @example
   * ```ts
   * import { watch } from "@netflags/netflags";
   *
   * using watcher = watch();
   * const past = watcher.history("lo");
   * if (past !== undefined) {
   *   const { connected, since, sinceKnown, flaps, downs } = past;
   *   console.log(connected, sinceKnown ? "since" : "at least since", new Date(since), flaps.hour.seen, downs);
   * }
   * ```
   *
   * @param nameOrIndex The interface's name, an alternative name, or its index.
   * @returns The history, or undefined if this watcher watches no such interface, or was closed.
   */
  history(nameOrIndex: string | number): {
    readonly connected: boolean | undefined;
    readonly since: number;
    readonly sinceKnown: boolean;
    readonly lastChange: number | undefined;
    readonly flaps: {
      readonly [window in "minute" | "tenMinutes" | "hour" | "total"]: {
        readonly seen: number;
        readonly hidden: number | undefined;
      };
    };
    readonly downs: number;
    readonly outages: number;
    readonly longestOutage: number | undefined;
    readonly outageTime: number;
    readonly lastOutage: { readonly start: number; readonly end: number | undefined } | undefined;
  } | undefined;
}

/** After this many events of which the consumer took none, netflags reads nothing for it until it takes one. */
const STALLED = 8192;
/** The interval of `poll` on a kernel that loses events silently, in milliseconds. */
const DEFAULT_POLL = 1000;

class Watcher extends EventStream<InterfaceEvent> implements InterfaceWatcher, Listener {
  readonly selection: Selection;
  readonly #place: Place;
  readonly #queue = new EventQueue();
  readonly #settler: Settler | undefined;
  readonly #monitor: Monitor | undefined;
  readonly #poll: ReturnType<typeof setInterval> | undefined;
  readonly #onTrouble: ((error: NetflagsError) => void) | undefined;
  /** Cancels the rehearsal that makes the first event faster. */
  readonly #rehearsal: (() => void) | undefined;
  readonly #histories = new Histories(eventTime());
  #untaken = 0;

  constructor(place: Place, options: WatchOptions) {
    const { backend } = place;
    const wanted = checkTime("poll every", options.poll);
    const settle = checkTime("settle for", options.settle) ?? 0;
    super(options.signal);
    this.#place = place;
    const selection = this.selection = new Selection(options, backend.capabilities.platform);
    this.#onTrouble = options.onTrouble;
    this.#settler = settle > 0 ? new Settler(settle, (event) => this.#take(event)) : undefined;
    if (!this.open) {
      void place.close();
      return;
    }
    const monitor = this.#monitor = Monitor.join(backend, options.addresses ?? false, this);
    try {
      if (options.initial) {
        for (const event of monitor.present()) if (selection.has(event.status)) this.#take(event);
      }
      this.heed();
    } catch (error) {
      void monitor.leave(this);
      throw error;
    }
    const poll = wanted ?? (backend.capabilities.overflowDetection ? 0 : DEFAULT_POLL); // the subscription has shown it
    if (poll > 0 && this.open) this.#poll = setInterval(() => monitor.compare(), poll);
    place.onGone((error) => this.failed(error));
    this.#rehearsal = rehearseSoon(backend, (madeUp) => new Watcher(madeUp, { addresses: true }));
  }

  history(nameOrIndex: string | number): History | undefined {
    const status = this.open ? this.#monitor?.find(nameOrIndex) : undefined;
    if (status === undefined || !this.selection.has(status)) return undefined;
    return this.#histories.tell(status, eventTime());
  }

  event(event: InterfaceEvent, joined: boolean): void {
    if (!this.open) return;
    this.#histories.take(event, joined);
    if (this.#settler === undefined) this.#take(event);
    else this.#settler.take(event);
  }

  turn(): void {
    this.#queue.age();
  }

  stalled(): boolean {
    return this.#untaken >= STALLED;
  }

  trouble(error: NetflagsError): void {
    callBack(this.#onTrouble, error, (reason) => this.failed(reason));
  }

  failed(reason: unknown): void {
    this.#settler?.flush();
    this.fail(reason);
  }

  protected override shift(): InterfaceEvent | undefined {
    if (this.stalled()) this.#monitor?.resume();
    this.#untaken = 0;
    return this.#queue.shift();
  }

  protected override clear(): void {
    this.#queue.clear();
  }

  protected override async stop(): Promise<void> {
    clearInterval(this.#poll);
    this.#rehearsal?.();
    this.#settler?.close();
    await this.#monitor?.leave(this);
    await this.#place.close();
  }

  #take(event: InterfaceEvent): void {
    if (this.offer(event)) return;
    this.#untaken++;
    this.#queue.push(event);
  }
}

/**
 * Reports each change of the system's interfaces as it happens. It listens from the moment of the call, so a change
 * between the call and the first `next()` is not missed.
 *
 * On Linux it joins rtnetlink's link group (rtnetlink(7)), asks for everything, reads the messages that were queued
 * meanwhile, and then reports the differences between one state and the next. When the kernel's queue overflows, it
 * asks for everything again, and reports the differences with `resync: true`. All watchers of a thread share one poll,
 * and those of the same network namespace share one socket.
 *
 * A Worker may end without closing its watchers, by `self.close()`, by an error, or by `terminate()` from outside: on
 * Linux, what they hold is closed when its thread ends. On a BSD and on macOS it would stay open until the program ends:
 * there, close every watcher before the Worker ends, and wait for it (`await using`, or `await watcher.return()`).
 *
 * @example
 * ```ts
 * import { watch } from "@netflags/netflags";
 *
 * for await (const event of watch({ initial: true, signal: AbortSignal.timeout(50) })) {
 *   console.log(event.type, event.status.name, event.changed.join(","));
 * }
 * ```
 *
 * @param options Which interfaces to watch, and how.
 * @returns The watcher. It is already listening.
 * @throws {NotPermittedError} The process runs without `--allow-ffi`.
 * @throws {UnsupportedError} netflags does not support this system.
 * @throws {InvalidInputError} `poll` or `settle` is not a valid time, or there is no such network namespace.
 * @throws {SystemError} The system has no file descriptor left, or another system call failed.
 */
export function watch(options: WatchOptions = {}): InterfaceWatcher {
  return placeFor(options.netns, (place) => new Watcher(place, options));
}
