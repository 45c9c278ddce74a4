import type { Place } from "../../platforms/contract/backend.ts";
import type { NetflagsError } from "../../platforms/contract/errors.ts";
import { placeFor } from "../../platforms/current.ts";
import { eventTime, type InterfaceEvent } from "./event.ts";
import { Histories, type History } from "./history.ts";
import { type Listener, Monitor } from "./monitor.ts";
import { EventQueue } from "./queue.ts";
import { type ListOptions, Selection } from "./selection.ts";
import { rehearseSoon } from "./rehearsal.ts";
import { Settler } from "./settler.ts";
import { EventStream } from "./stream.ts";
import { checkTime } from "./timer.ts";

/**
 * Options of {@linkcode watch}. An interface that enters the selection, by another name, is told as "added". One that
 * leaves it is told as "removed", with `left`. So a name is followed where it passes from one interface to another.
 */
export interface WatchOptions extends ListOptions {
  /**
   * Closes the watcher when it is aborted.
   *
   * @default {undefined}
   */
  signal?: AbortSignal | undefined;
  /**
   * Whether to begin with an event of type "present" for each interface that is there.
   *
   * @default {false}
   */
  initial?: boolean | undefined;
  /**
   * Whether to tell addresses and their changes; without it `addresses` is undefined.
   *
   * @default {false}
   */
  addresses?: boolean | undefined;
  /**
   * Compares everything at intervals of so many milliseconds: for changes that the kernel does not announce, or whose
   * messages it loses without saying so. 0 is never.
   *
   * @default {undefined} 1000 where the system needs it ({@linkcode Capabilities.overflowDetection}), and 0 elsewhere.
   */
  poll?: number | undefined;
  /**
   * Tells an interface's changes when it has been quiet for so many milliseconds, merged into one event; one that never
   * comes to rest is told after ten times as long. Interfaces that are there at the start are told at once.
   *
   * @default {0} Each change at once.
   */
  settle?: number | undefined;
  /**
   * Called with the reason when listening has failed and will be tried again: after 50 milliseconds, then after twice as
   * long each time, up to 30 seconds. What changed meanwhile is told as `resync`. Only a failure that cannot get better ends the
   * watcher: the permission was withdrawn, or the system offers nothing to listen to.
   *
   * @default {undefined}
   */
  onTrouble?: ((error: NetflagsError) => void) | undefined;
}

/**
 * Changes of interfaces as they happen: an async iterable that ends when it is closed. Made by {@linkcode watch}.
 *
 * A consumer that does nothing else gets every event as the kernel told it. While a consumer is busy, the kernel's queue
 * is read all the same, and the events that wait are merged, one for each interface: `previous` is then the state before
 * the first of them, `interface` the state after the last, and `changed`, `flagsSet`, `flagsCleared` and `hiddenFlaps`
 * have everything between. So a slow consumer costs memory in proportion to the interfaces, not to the events. It is told
 * nothing of an interface that came and went meanwhile. While thousands of events pass and a consumer takes none, the
 * kernel's queue is not read for it any more. When it goes on, everything is asked for again, and the differences are
 * told (`resync`).
 */
export interface InterfaceWatcher
  extends AsyncIterableIterator<InterfaceEvent, undefined>, Disposable, AsyncDisposable {
  /** The next event; done when the watcher is closed. */
  next(): Promise<IteratorResult<InterfaceEvent, undefined>>;
  /** What `break` out of `for await` calls: closes the watcher, and resolves when all that it held is closed. */
  return(): Promise<IteratorResult<InterfaceEvent, undefined>>;
  /**
   * Closes the watcher. Events that were not taken are forgotten. A `for await` and a call of `next` that wait end without
   * an error.
   */
  close(): void;
  /** The watcher itself: every `for await` over it takes from the same events. */
  [Symbol.asyncIterator](): this;
  /**
   * Since when an interface is connected or not, and how often that changed, for as long as this watcher has watched it.
   * It counts every change, also one that the consumer has not taken yet, and one that was merged or held back by
   * `settle`. It is forgotten when the interface goes or leaves the selection, and begins anew when one comes.
   *
   * Times are milliseconds since the Unix epoch, as those of events are:
   * - `connected`: {@linkcode InterfaceStatus.connected}, and `since` when. Where that began before it was watched,
   *   `sinceKnown` is false, and `since` is when watching it began.
   * - `lastChange`: when anything of it last changed; undefined where nothing has.
   * - `flaps`: how often the carrier changed (on the BSDs the link state), in the last 1, 10 and 60 minutes and in all:
   *   `seen` in an event, and `hidden` between the states of one, by the kernel's counter; undefined where it has none. A
   *   window may count what is older by a sixtieth of it.
   * - `downs`: how often the connection or the carrier was lost, hidden losses included.
   * - `outages`: how many outages are over, of those whose beginning was seen; `lastOutage`, whose `end` is undefined
   *   while it lasts; and `longestOutage` in milliseconds, one that still lasts included.
   * - `outageTime`: all of them together in milliseconds, one that still lasts included.
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
   * @returns What is known, or undefined where this watcher watches no such interface, or was closed.
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

/** After so many events of which the consumer took none, nothing is read for it any more until it does. */
const STALLED = 8192;
/** The interval of `poll` where a kernel loses events silently, in milliseconds. */
const DEFAULT_POLL = 1000;

class Watcher extends EventStream<InterfaceEvent> implements InterfaceWatcher, Listener {
  readonly selection: Selection;
  readonly #place: Place;
  readonly #queue = new EventQueue();
  readonly #settler: Settler | undefined;
  readonly #monitor: Monitor | undefined;
  readonly #poll: ReturnType<typeof setInterval> | undefined;
  readonly #onTrouble: ((error: NetflagsError) => void) | undefined;
  /** Calls off what was to make the first event faster. */
  readonly #rehearsal: (() => void) | undefined;
  readonly #histories = new Histories(eventTime());
  #untaken = 0;

  constructor(place: Place, options: WatchOptions) {
    const { backend } = place;
    const poll = checkTime("poll every", options.poll) ??
      (backend.capabilities.overflowDetection ? 0 : DEFAULT_POLL);
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
    if (options.initial) {
      for (const event of monitor.present()) if (selection.has(event.interface)) this.#take(event);
    }
    this.heed();
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
    this.#onTrouble?.(error);
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
 * Tells each change of the system's interfaces as it happens. It listens from the moment of the call: a change between
 * the call and the first `next()` is not missed.
 *
 * On Linux it joins rtnetlink's link group (rtnetlink(7)), asks for everything, reads what queued meanwhile, and then
 * tells the differences between one state and the next. When the kernel's queue overflows, everything is asked again,
 * and the differences are told with `resync: true`. Every watcher of a thread shares one poll, and
 * with the others of its network namespace one socket.
 *
 * In a Worker, close every watcher (or abort its signal) before the Worker is terminated from outside: what it holds in
 * the kernel cannot be closed any more after that. `self.close()` and the end of the program need no such care.
 *
 * @example
 * ```ts
 * import { watch } from "@netflags/netflags";
 *
 * for await (const event of watch({ initial: true, signal: AbortSignal.timeout(50) })) {
 *   console.log(event.type, event.interface.name, event.changed.join(","));
 * }
 * ```
 *
 * @param options Which interfaces, and how.
 * @returns The watcher, which listens already.
 * @throws {NotPermittedError} The process runs without `--allow-ffi`.
 * @throws {UnsupportedError} netflags knows no way to ask this system.
 * @throws {InvalidInputError} `poll` or `settle` is not a time, or there is no such network namespace.
 * @throws {SystemError} The system has no descriptor left, or fails otherwise.
 */
export function watch(options: WatchOptions = {}): InterfaceWatcher {
  return placeFor(options.netns, (place) => new Watcher(place, options));
}
