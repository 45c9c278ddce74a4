import type { RouteQuestions, RouteSocket } from "../../../platforms/bsd/libc/route_socket.ts";
import type { DescriptorCallbacks } from "../../../platforms/contract/backend.ts";
import { LOST, NOTHING } from "../../../platforms/common/drain.ts";

/** The options of a routing socket in memory. */
export interface FakeSocketOptions {
  /** Whether the kernel reports an overflow. */
  readonly detectsOverflow: boolean;
  /** How many messages the queue holds; later ones are dropped. */
  readonly capacity: number;
  /** Answers a message that a program sends: an error number or 0, and what every socket gets. */
  readonly answer: (message: Uint8Array) => readonly [errno: number, reply: Uint8Array];
  /** Sends a message to every other socket. */
  readonly others: (message: Uint8Array, but: FakeRouteSocket) => void;
  /** The message that reports lost messages, if there is one. */
  readonly desync: Uint8Array | undefined;
}

/** A routing socket in memory. */
export class FakeRouteSocket implements RouteSocket, RouteQuestions {
  readonly #options: FakeSocketOptions;
  readonly #closed: () => void;
  #queue: Uint8Array[] = [];
  #overflowed = false;
  #waiter: DescriptorCallbacks | undefined;
  #paused = false;
  #announced = false;
  /** The types of messages that its filter lets through; undefined if it has none. */
  types: ReadonlySet<number> | undefined;
  /** Whether new messages wake nobody. */
  asleep = false;

  /** `closed` is called when it is closed. */
  constructor(options: FakeSocketOptions, types: ReadonlySet<number> | undefined, closed: () => void) {
    this.#options = options;
    this.types = types;
    this.#closed = closed;
  }

  get detectsOverflow(): boolean {
    return this.#options.detectsOverflow;
  }

  /** Queues a message, if there is room for it. */
  receive(message: Uint8Array): void {
    if (this.types?.has(message[3]!) === false) return; // rtm_type
    if (this.#queue.length < this.#options.capacity) this.#queue.push(message);
    else this.#overflowed = true;
    this.#announce();
  }

  /** Its own answer comes even where nothing else is sent. */
  send(message: Uint8Array): number {
    const [errno, reply] = this.#options.answer(message);
    this.receive(reply);
    this.#options.others(reply, this);
    return errno;
  }

  /** What comes is there at once. */
  wait(): boolean {
    return this.#readable > 0;
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

  listen(waiter: DescriptorCallbacks): void {
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
