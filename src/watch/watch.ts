import type { Backend } from "../../platforms/contract/backend.ts";
import { currentBackend } from "../system.ts";
import { InvalidInputError } from "../../platforms/contract/errors.ts";
import { EventStream } from "./stream.ts";
import { EventQueue } from "./queue.ts";
import type { InterfaceEvent } from "./event.ts";
import { hasName, type InterfaceStatus } from "../../platforms/contract/status.ts";
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
 * A consumer that does nothing else gets every event as the kernel told it. While it is busy, the kernel's queue is read
 * all the same, and the events of one interface that it has left waiting are merged: `previous` is then the state before the first, `interface` that after the last, and `changed`, `flagsSet`,
 * `flagsCleared` and `hiddenFlaps` count everything between. A slow consumer so costs memory in proportion to the
 * interfaces, not to the events; of an interface that came and went meanwhile it learns nothing. A consumer that takes
 * nothing while thousands of events pass is left to the kernel's queue: when it goes on, what that lost is found by
 * asking for everything again (`resync`).
 */
export class InterfaceWatcher extends EventStream<InterfaceEvent> {
  readonly #queue = new EventQueue((event) => this.#concerns(event));
  readonly #names: readonly string[] | undefined;
  readonly #monitor: Monitor | undefined;
  readonly #poll: ReturnType<typeof setInterval> | undefined;
  #untaken = 0;

  /** Made by {@linkcode watch}. */
  constructor(backend: Backend, options: WatchOptions) {
    const poll = options.poll ?? (backend.capabilities.overflowDetection ? 0 : DEFAULT_POLL);
    if (!(poll >= 0 && poll <= 0x7fffffff)) {
      throw new InvalidInputError(`Cannot poll every ${poll} ms: give 0 for never, or a time up to 2147483647`);
    }
    super(options.signal);
    this.#names = options.names === undefined ? undefined : [...options.names];
    if (!this.open) return;
    const monitor = this.#monitor = Monitor.join(backend, options.addresses ?? false, this.#listener);
    if (options.initial) { for (const event of monitor.present()) this.#take(event); }
    this.heed();
    if (poll > 0) this.#poll = setInterval(() => monitor.compare(), poll);
  }

  /** The oldest event that was not taken. */
  protected override shift(): InterfaceEvent | undefined {
    if (this.#untaken >= STALLED) this.#monitor?.resume();
    this.#untaken = 0;
    return this.#queue.shift();
  }

  /** Forgets what was not taken. */
  protected override clear(): void {
    this.#queue.clear();
  }

  /** Leaves the shared subscription. */
  protected override async stop(): Promise<void> {
    clearInterval(this.#poll);
    await this.#monitor?.leave(this.#listener);
  }

  readonly #listener = {
    event: (event: InterfaceEvent): void => this.#take(event),
    turn: (): void => this.#queue.age(),
    concerns: (status: InterfaceStatus): boolean => this.#wants(status),
    stalled: (): boolean => this.#untaken >= STALLED,
    failed: (reason: unknown): void => this.fail(reason),
  };

  #take(event: InterfaceEvent): void {
    if (!this.open || !this.#concerns(event) || this.offer(event)) return;
    this.#untaken++;
    this.#queue.push(event);
  }

  #wants(status: InterfaceStatus): boolean {
    return this.#names === undefined || this.#names.some((name) => hasName(status, name));
  }

  #concerns({ interface: status, previous }: InterfaceEvent): boolean {
    return this.#wants(status) || (previous !== undefined && this.#wants(previous));
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
