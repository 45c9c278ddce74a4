import { checkOptions } from "../../platforms/common/options.ts";
import type { NetnsHandle } from "../../platforms/contract/backend.ts";
import { cancel, clockOf } from "../../platforms/common/clock.ts";
import type { NetflagsError } from "../../platforms/contract/errors.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import { withNetns } from "../../platforms/current.ts";
import { callBack, EventStream } from "./stream.ts";
import { type ChangeFilter, changeFilter } from "./changes.ts";
import type { InterfaceEvent } from "../table/event.ts";
import { Histories, type History } from "./history.ts";
import { now } from "../table/moment.ts";
import type { Listener } from "./delivery.ts";
import { Monitor } from "./monitor.ts";
import { EventQueue } from "./queue.ts";
import { extrasOf, Selection } from "../select/selection.ts";
import { Settler, SettlerOfAll, type Settling } from "./settler.ts";
import { WATCH_KINDS, type WatchOptions } from "./watch_options.ts";

/**
 * Changes of interfaces as they happen: an async iterable that ends when it is closed. {@linkcode watch} makes it.
 *
 * Each watcher has events of its own: what one consumer writes into its event, no other sees. The statuses in it are
 * shared, and frozen.
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
   * All events that wait, as one list, as soon as there is one; those of one interface are merged into one. It takes
   * them from the same queue as `next`, so a slow consumer gets longer lists, and not more of them. It ends as
   * `for await` over the watcher does: when the watcher is closed. `break` closes the watcher.
   *
   * @example When the network has been quiet for half a second, look at the whole again
   * ```ts
   * import { watch } from "@netflags/netflags";
   *
   * using watcher = watch({ settle: { all: 500 }, signal: AbortSignal.timeout(50) });
   * for await (const events of watcher.batches()) {
   *   console.log(events.length, "interfaces changed; connected now:");
   *   console.log(watcher.interfaces().filter(({ connected }) => connected).map(({ name }) => name));
   * }
   * ```
   *
   * @returns The lists; none of them is empty.
   */
  batches(): AsyncIterableIterator<readonly InterfaceEvent[], undefined>;
  /**
   * The present state of every interface that the watcher watches, sorted by index. It is there from the moment of the
   * call of {@linkcode watch}, with or without `initial`, and asks the kernel nothing. It may be ahead of the events:
   * those that the consumer has not taken, or that `settle` holds back, are in it already.
   *
   * So a program that acts on the whole needs no list of its own: it looks here after each event.
   *
   * @example
   * ```ts
   * import { holds, watch } from "@netflags/netflags";
   *
   * using watcher = watch({ loopback: false, signal: AbortSignal.timeout(50) });
   * const uplinks = () => watcher.interfaces().filter((card) => holds(card, ["connected", "global-address"]));
   * console.log("at first:", uplinks().map(({ name }) => name));
   * for await (const { status } of watcher) console.log("after", status.name, uplinks().map(({ name }) => name));
   * ```
   *
   * @returns Their states; none after the watcher was closed.
   */
  interfaces(): InterfaceStatus[];
  /**
   * Since when an interface has been connected or not, and how often that changed, for as long as this watcher has
   * watched it. It counts every change, even if the consumer has not taken it yet, or it was merged or held back by
   * `settle`. The history is dropped when the interface goes or leaves the selection. It begins again when an interface
   * comes.
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
  history(nameOrIndex: string | number): History | undefined;
}

/** After this many events of which the consumer took none, netflags reads nothing for it until it takes one. */
const STALLED = 8192;
/** The interval of `poll` on a kernel that loses events silently, in milliseconds. */
const DEFAULT_POLL = 1000;

/** What holds events back; undefined if each is reported at once. */
function settlerFor(
  settle: WatchOptions["settle"] = 0,
  report: (event: InterfaceEvent) => void,
): Settling | undefined {
  const together = typeof settle === "object";
  const time = together ? settle.all : settle;
  if (time === 0) return undefined;
  return together ? new SettlerOfAll(time, report) : new Settler(time, report);
}

class Watcher extends EventStream<InterfaceEvent> implements InterfaceWatcher, Listener {
  readonly selection: Selection;
  readonly #handle: NetnsHandle;
  readonly #queue = new EventQueue();
  readonly #settler: Settling | undefined;
  readonly #filter: ChangeFilter | undefined;
  readonly #monitor: Monitor | undefined;
  readonly #poll: ReturnType<typeof setInterval> | undefined;
  readonly #onTrouble: ((error: NetflagsError) => void) | undefined;
  /** undefined if it was closed before it began. */
  readonly #histories: Histories | undefined;
  #untaken = 0;

  constructor(handle: NetnsHandle, options: WatchOptions) {
    const { backend } = handle;
    super(options.signal);
    this.#handle = handle;
    const selection = this.selection = new Selection(options, backend.capabilities.platform);
    this.#onTrouble = options.onTrouble;
    this.#filter = changeFilter(options);
    this.#settler = settlerFor(options.settle, (event) => this.#take(event));
    if (!this.open) {
      void handle.close();
      return;
    }
    this.#histories = new Histories(now(clockOf(backend)));
    const monitor = this.#monitor = Monitor.join(backend, extrasOf(options), this);
    try {
      if (options.initial) {
        for (const event of monitor.present()) if (selection.has(event.status)) this.#take(event);
      }
      monitor.stay(); // it may tell changes
      this.followSignal();
    } catch (error) {
      void monitor.leave(this);
      throw error;
    }
    const poll = options.poll ?? (backend.capabilities.overflowDetection ? 0 : DEFAULT_POLL); // the subscription has shown it
    if (poll > 0 && this.open) this.#poll = setInterval(() => monitor.compare(), poll);
    handle.onGone((error) => this.failed(error));
  }

  async *batches(): AsyncGenerator<readonly InterfaceEvent[], undefined> {
    try {
      for (let first = await this.next(); !first.done; first = await this.next()) {
        const waiting = new EventQueue();
        waiting.push(first.value);
        for (const event of this.#queue.drain()) waiting.push(event);
        waiting.age();
        const events = [...waiting.drain()];
        if (events.length > 0) yield events; // what came and went is nothing
      }
    } finally {
      await this.return();
    }
  }

  interfaces(): InterfaceStatus[] {
    if (!this.open || this.#monitor === undefined) return [];
    return [...this.#monitor.statuses()].filter((status) => this.selection.has(status)).sort((a, b) =>
      a.index - b.index
    );
  }

  history(nameOrIndex: string | number): History | undefined {
    const status = this.open ? this.#monitor?.find(nameOrIndex) : undefined;
    if (status === undefined || !this.selection.has(status)) return undefined;
    return this.#histories?.tell(status, now(clockOf(this.#handle.backend)));
  }

  event(event: InterfaceEvent, joined: boolean): void {
    if (!this.open) return;
    this.#histories?.take(event, joined);
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
    cancel(this.#poll);
    this.#settler?.close();
    await this.#monitor?.leave(this);
    await this.#handle.close();
  }

  #take(event: InterfaceEvent): void {
    const passed = this.#filter === undefined ? event : this.#filter.pass(event);
    if (passed === undefined || this.offer(passed)) return;
    this.#untaken++;
    this.#queue.push(passed);
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
 * @example Only what works, and what does not any more
 * ```ts
 * import { watch } from "@netflags/netflags";
 *
 * const signal = AbortSignal.timeout(50);
 * for await (const { type, status } of watch({ changes: "connected", initial: true, signal })) {
 *   const works = type !== "removed" && type !== "left" && status.connected === true;
 *   console.log(status.name, works ? "works" : "does not work any more");
 * }
 * ```
 *
 * @param options Which interfaces to watch, and how.
 * @returns The watcher. It is already listening.
 * @throws {NotPermittedError} The process runs without `--allow-ffi`.
 * @throws {UnsupportedError} netflags does not support this system.
 * @throws {InvalidInputError} An option is unknown or has a value of another kind, `changes` names something that is no
 * field, or there is no such network namespace.
 * @throws {SystemError} The system has no file descriptor left, or another system call failed.
 */
export function watch(options: WatchOptions = {}): InterfaceWatcher {
  checkOptions("watch interfaces", options, WATCH_KINDS);
  return withNetns(options.netns, (handle) => new Watcher(handle, options));
}
