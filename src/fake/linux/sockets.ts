/** The netlink sockets of a Linux kernel in memory. */
import { type FilterProgram, runFilter } from "./filter.ts";

/** A dump in the making: each part shows the moment at which it is read. The last one ends it. */
export type Dump = Generator<Uint8Array, Uint8Array>;

/** An open netlink socket. */
export class FakeSocket {
  /** NETLINK_ROUTE or NETLINK_GENERIC */
  readonly protocol: number;
  /** The multicast groups that it has joined. */
  readonly groups: Set<number> = new Set();
  /** Whether the family that it asks or listens to has another number now. */
  stale = false;
  /** Whether nobody reads it for now. */
  paused = false;
  /** The program that decides which events are queued. */
  filter: FilterProgram | undefined;
  ready: (() => void) | undefined;
  failed: ((error: unknown) => void) | undefined;
  readonly #options: FakeSockets;
  #queue: (Uint8Array | Dump)[] = [];
  /** Whether the next call says that messages were lost. */
  #overflowed = false;
  /** Whether it takes no message until it has been read empty (NETLINK_S_CONGESTED). */
  #congested = false;
  #announced = false;

  constructor(protocol: number, options: FakeSockets) {
    this.protocol = protocol;
    this.#options = options;
  }

  /** Whether there is something to read. */
  get readable(): boolean {
    return this.#queue.length > 0 || this.#overflowed;
  }

  /** How many datagrams and dumps are queued. */
  get queued(): number {
    return this.#queue.length;
  }

  /** Whether the rest of a dump is unread. */
  get dumping(): boolean {
    return this.#queue.some((one) => !(one instanceof Uint8Array));
  }

  /** Queues an answer. */
  answer(part: Uint8Array | Dump): void {
    this.#queue.push(part);
  }

  /**
   * Queues an event, if there is room for it. What does not fit is lost, with all that follows until the queue was read
   * empty (netlink_overrun()). Returns whether it was the first that did not fit.
   */
  receive(message: Uint8Array): boolean {
    if (this.filter !== undefined && runFilter(this.filter, message) === 0) {
      this.#options.onDropped?.();
      return false;
    }
    if (this.#congested) return false;
    const { queueLimit, detectsOverflow } = this.#options;
    const fits = this.#queue.length < queueLimit;
    if (fits) this.#queue.push(message);
    else {
      this.#congested = true;
      this.#overflowed = detectsOverflow;
    }
    this.announce();
    return !fits;
  }

  /** Loses what was not read. */
  lose(): void {
    this.#queue = [];
    this.#overflowed = this.#options.detectsOverflow;
    this.announce();
  }

  /** Whether messages were lost since this was last asked. */
  takeOverflow(): boolean {
    const overflowed = this.#overflowed;
    this.#overflowed = false;
    return overflowed;
  }

  /** The next datagram; the part of a dump is made now, after `onPart`. */
  take(onPart: () => void): Uint8Array | undefined {
    const [first] = this.#queue;
    if (first === undefined || first instanceof Uint8Array) {
      this.#queue.shift();
      if (this.#queue.length === 0) this.#congested = false;
      return first;
    }
    onPart();
    const { value, done } = first.next();
    if (done) this.#queue.shift();
    return value;
  }

  /** Calls whoever waits, at once. */
  wake(): void {
    try {
      if (!this.paused) this.ready?.();
    } catch (error) {
      this.failed?.(error);
    }
  }

  /** Like a descriptor: readable once, however much there is to read, and again as long as something is left. */
  announce(): void {
    if (this.#announced || this.ready === undefined || this.#options.manual) return;
    this.#announced = true;
    queueMicrotask(() => {
      this.#announced = false;
      const before = this.#queue.length;
      if (!this.readable) return;
      this.wake();
      if (this.readable && this.#queue.length < before) this.announce();
    });
  }
}

/** The open sockets, by their descriptors, and how a kernel treats them. */
export class FakeSockets {
  /** How many unread events a socket holds. */
  queueLimit = Infinity;
  /** Whether a loss is reported. */
  detectsOverflow = true;
  /** Whether a waiting reader is called by {@linkcode FakeSocket.wake} alone. */
  manual = false;
  /** Called where a filter drops a message. */
  onDropped: (() => void) | undefined;
  /** Whether a socket may have a filter: gVisor has none. */
  hasFilters = true;
  /** How often a queue overflowed. */
  overflows = 0;
  readonly #open = new Map<number, FakeSocket>();
  #lastFd = 100;
  #mute = false;

  /** Every open socket. */
  get all(): FakeSocket[] {
    return [...this.#open.values()];
  }

  /** The socket of a descriptor. */
  get(fd: number): FakeSocket | undefined {
    return this.#open.get(fd);
  }

  /** Opens one. Returns its descriptor. */
  open(protocol: number): number {
    this.#open.set(++this.#lastFd, new FakeSocket(protocol, this));
    return this.#lastFd;
  }

  /** Closes one. Returns whether it was open. */
  close(fd: number): boolean {
    const socket = this.#open.get(fd);
    if (socket !== undefined) socket.ready = undefined;
    return this.#open.delete(fd);
  }

  /** Sends an event to those who joined a group. */
  multicast(protocol: number, group: number, message: () => Uint8Array): void {
    if (this.#mute) return;
    let bytes: Uint8Array | undefined;
    for (const socket of this.#open.values()) {
      if (socket.protocol !== protocol || socket.stale || !socket.groups.has(group)) continue;
      bytes ??= message();
      if (socket.receive(bytes)) this.overflows++;
    }
  }

  /** Calls a function whose events nobody gets. */
  silently<T>(step: () => T): T {
    const before = this.#mute;
    this.#mute = true;
    try {
      return step();
    } finally {
      this.#mute = before;
    }
  }

  /** Every socket that listens to a protocol, or to any, loses what it has not read. */
  overflow(protocol?: number): void {
    for (const socket of this.#open.values()) {
      if ((protocol !== undefined && socket.protocol !== protocol) || socket.groups.size === 0) continue;
      socket.lose();
    }
  }
}
