import type { Backend } from "./backend.ts";
import { currentBackend } from "./choose_backend.ts";
import { InvalidInputError } from "./errors.ts";
import { EventQueue } from "./event_queue.ts";
import type { InterfaceEvent } from "./interface_event.ts";
import { hasName } from "./interface_status.ts";
import { Monitor } from "./monitor.ts";

/** Options of {@linkcode watch}. */
export interface WatchOptions {
  /**
   * Only interfaces with one of these names, or alternative names, before or after the change. They need not exist
   * yet; a name that passes to another interface is followed there. By default every interface.
   */
  names?: readonly string[];
  /** Closes the watcher when it is aborted. */
  signal?: AbortSignal;
  /** Whether to begin with an event of type "present" for each interface that is there; by default false. */
  initial?: boolean;
  /** Whether to tell addresses and their changes; by default false, and `addresses` is then undefined. */
  addresses?: boolean;
  /**
   * Compares everything at intervals of so many milliseconds: for changes that a kernel announces to nobody, or loses
   * without saying so. By default only where the system needs it ({@linkcode Capabilities.overflowDetection}); 0 never.
   */
  poll?: number;
}

/** After so many events of which the consumer took none, nothing is read for it any more until it does. */
const STALLED = 8192;

/** The interval of `poll` where a kernel loses events silently. */
const DEFAULT_POLL = 1000;

/**
 * Changes of interfaces as they happen: an async iterable that ends when it is closed, like `Deno.FsWatcher`.
 *
 * It reads from the kernel also while the consumer is busy, and merges the events of one interface that were not yet
 * taken: `previous` is then the state before the first, `interface` that after the last, and `changed`, `flagsSet`,
 * `flagsCleared` and `hiddenFlaps` count everything between. A slow consumer so costs memory in proportion to the
 * interfaces, not to the events; of an interface that came and went meanwhile it learns nothing. A consumer that takes
 * nothing while thousands of events pass is left to the kernel's queue: when it goes on, what that lost is found by
 * asking for everything again (`resync`).
 */
export class InterfaceWatcher implements AsyncIterableIterator<InterfaceEvent>, Disposable, AsyncDisposable {
  readonly #queue = new EventQueue((event) => this.#concerns(event));
  readonly #waiters: PromiseWithResolvers<IteratorResult<InterfaceEvent, undefined>>[] = [];
  readonly #names: readonly string[] | undefined;
  readonly #addresses: boolean;
  readonly #signal: AbortSignal | undefined;
  readonly #monitor: Monitor | undefined;
  readonly #poll: ReturnType<typeof setInterval> | undefined;
  #untaken = 0;
  #open = true;
  #error: { readonly reason: unknown } | undefined;
  #closed: Promise<void> = Promise.resolve();

  /** Made by {@linkcode watch}. */
  constructor(backend: Backend, options: WatchOptions) {
    const poll = options.poll ?? (backend.capabilities.overflowDetection ? 0 : DEFAULT_POLL);
    if (!(poll >= 0 && poll <= 0x7fffffff)) {
      throw new InvalidInputError(`Cannot poll every ${poll} ms: give 0 for never, or a time up to 2147483647`);
    }
    this.#names = options.names === undefined ? undefined : [...options.names];
    this.#addresses = options.addresses ?? false;
    this.#signal = options.signal;
    if (options.signal?.aborted) {
      this.#open = false;
      return;
    }
    const monitor = this.#monitor = Monitor.join(backend, this.#addresses, this.#listener);
    options.signal?.addEventListener("abort", this.#abort);
    if (options.initial) { for (const event of monitor.present()) this.#take(event); }
    if (poll > 0) this.#poll = setInterval(() => this.#refresh(monitor), poll);
  }

  /** The next event; done when the watcher is closed. */
  next(): Promise<IteratorResult<InterfaceEvent, undefined>> {
    if (this.#untaken >= STALLED) this.#monitor?.resume();
    this.#untaken = 0;
    const event = this.#queue.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    const error = this.#error;
    if (error !== undefined) {
      this.#error = undefined;
      return Promise.reject(error.reason);
    }
    if (!this.#open) return Promise.resolve({ done: true, value: undefined });
    const waiter = Promise.withResolvers<IteratorResult<InterfaceEvent, undefined>>();
    this.#waiters.push(waiter);
    return waiter.promise;
  }

  /** What `break` out of `for await` calls: closes the watcher, and returns when nothing of it is left. */
  async return(): Promise<IteratorResult<InterfaceEvent, undefined>> {
    this.close();
    await this.#closed;
    return { done: true, value: undefined };
  }

  /** The watcher itself: every `for await` over it takes from the same events. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends it: events that were not taken are forgotten, `for await` ends without an error, waiting calls too. */
  close(): void {
    this.#queue.clear();
    this.#error = undefined;
    this.#end();
  }

  /** {@linkcode InterfaceWatcher.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** {@linkcode InterfaceWatcher.close}, for `await using`: waits until its descriptors are closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#closed;
  }

  readonly #abort = (): void => this.close();

  readonly #listener = {
    event: (event: InterfaceEvent): void => this.#take(event),
    stalled: (): boolean => this.#untaken >= STALLED,
    failed: (reason: unknown): void => {
      const waiter = this.#waiters.shift();
      if (waiter !== undefined) waiter.reject(reason);
      else this.#error = { reason };
      this.#end();
    },
  };

  #take(event: InterfaceEvent): void {
    if (!this.#open || !this.#concerns(event)) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) waiter.resolve({ done: false, value: event });
    else {
      this.#untaken++;
      this.#queue.push(event);
    }
  }

  #concerns(event: InterfaceEvent): boolean {
    const names = this.#names;
    if (names === undefined) return true;
    const { previous } = event;
    return names.some((name) => hasName(event.interface, name) || (previous !== undefined && hasName(previous, name)));
  }

  #refresh(monitor: Monitor): void {
    try {
      monitor.refresh(false);
    } catch (reason) {
      this.#listener.failed(reason);
    }
  }

  #end(): void {
    if (!this.#open) return;
    this.#open = false;
    clearInterval(this.#poll);
    this.#signal?.removeEventListener("abort", this.#abort);
    if (this.#monitor !== undefined) this.#closed = this.#monitor.leave(this.#listener);
    for (const waiter of this.#waiters.splice(0)) waiter.resolve({ done: true, value: undefined });
  }
}

/**
 * Tells each change of the system's interfaces as it happens. It listens from the moment of the call, so that nothing
 * slips between a look at the state and the first event.
 *
 * On Linux it joins rtnetlink's link group (rtnetlink(7)), asks for everything, reads what queued meanwhile, and then
 * tells the differences between one state and the next. When the kernel's queue overflows, everything is asked again,
 * and the differences are told with `resync: true`. Every watcher of a thread shares one socket and one poll.
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
 * In a Worker, close every watcher (or abort its signal) before the Worker is terminated from outside: what it holds in
 * the kernel cannot be closed any more after that. `self.close()` and the end of the program need no such care.
 *
 * @throws {NotPermittedError} Deno was started without `--allow-ffi`.
 * @throws {UnsupportedError} netflags knows no way to ask this system.
 * @throws {InvalidInputError} `poll` is not a time.
 */
export function watch(options: WatchOptions = {}): InterfaceWatcher {
  return new InterfaceWatcher(currentBackend(), options);
}
