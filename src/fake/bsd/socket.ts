import type { RouteSocket } from "../../../platforms/bsd/libc/route_socket.ts";
import type { Waiter } from "../../../platforms/contract/backend.ts";
import { LOST, NOTHING } from "../../../platforms/common/drain.ts";

/** The options of a routing socket in memory. */
export interface FakeSocketOptions {
  /** Whether the kernel reports an overflow. */
  readonly detectsOverflow: boolean;
  /** How many messages the queue holds; later ones are dropped. */
  readonly capacity: number;
  /** The types of messages that a filter lets through; undefined if the kernel cannot filter. */
  readonly types: ReadonlySet<number> | undefined;
  /** The message that reports lost messages, if there is one. */
  readonly desync: Uint8Array | undefined;
}

/** A routing socket in memory. */
export class FakeRouteSocket implements RouteSocket {
  readonly #options: FakeSocketOptions;
  readonly #closed: () => void;
  #queue: Uint8Array[] = [];
  #overflowed = false;
  #waiter: Waiter | undefined;
  #paused = false;
  #announced = false;
  /** Whether new messages wake nobody. */
  asleep = false;

  /** `closed` is called when it is closed. */
  constructor(options: FakeSocketOptions, closed: () => void) {
    this.#options = options;
    this.#closed = closed;
  }

  get detectsOverflow(): boolean {
    return this.#options.detectsOverflow;
  }

  /** Queues a message, if there is room for it. */
  receive(message: Uint8Array): void {
    if (this.#options.types?.has(message[3]!) === false) return; // rtm_type
    if (this.#queue.length < this.#options.capacity) this.#queue.push(message);
    else this.#overflowed = true;
    this.#announce();
  }

  /** Drops what was not read yet. */
  lose(): void {
    this.#queue = [];
    this.#overflowed = true;
    this.#announce();
  }

  /** Queued messages first, then RTM_DESYNC or ENOBUFS once if the kernel reports it, then nothing. */
  read(buffer: Uint8Array<ArrayBuffer>): number {
    const message = this.#queue.shift() ?? this.#desync();
    if (message !== undefined) {
      buffer.set(message.subarray(0, buffer.length));
      return Math.min(message.length, buffer.length);
    }
    if (!this.#overflowed) return NOTHING;
    this.#overflowed = false;
    return this.detectsOverflow ? LOST : NOTHING;
  }

  #desync(): Uint8Array | undefined {
    const { desync } = this.#options;
    if (!this.#overflowed || !this.detectsOverflow || desync === undefined) return undefined;
    this.#overflowed = false;
    return desync;
  }

  listen(waiter: Waiter): void {
    this.#waiter = waiter;
  }

  pause(paused: boolean): void {
    this.#paused = paused;
    if (paused) return;
    this.asleep = false;
    this.#announce();
  }

  get #readable(): number {
    return this.#queue.length + (this.#overflowed && this.detectsOverflow ? 1 : 0);
  }

  /** Like a descriptor: readable once, however much there is to read, and again as long as something is left. */
  #announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    queueMicrotask(() => {
      this.#announced = false;
      const readable = this.#readable;
      if (this.#paused || this.asleep || readable === 0) return;
      this.#waiter?.ready();
      if (this.#readable > 0 && this.#readable < readable) this.#announce();
    });
  }

  close(): Promise<void> {
    this.#waiter = undefined;
    this.#closed();
    return Promise.resolve();
  }
}
