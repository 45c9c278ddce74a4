import type { DescriptorCallbacks } from "../../contract/backend.ts";
import { LOST, NOTHING } from "../../common/drain.ts";
import * as C from "../systems/common.ts";
import { uninterrupted } from "../../ffi/errno.ts";
import { bsdFailure } from "./failure.ts";
import type { SystemNumbers } from "../systems/layout.ts";
import type { BsdCalls } from "./libc.ts";

/** A routing socket. */
export interface RouteSocket {
  /** Whether the kernel reports an overflow. */
  readonly detectsOverflow: boolean;
  /** Reads one message into a buffer: its length, NOTHING or LOST. */
  read(buffer: Uint8Array<ArrayBuffer>): number;
  /** Starts to wait. */
  listen(waiter: DescriptorCallbacks): void;
  /** Stops reading the queue for a while. */
  pause(paused: boolean): void;
  close(): Promise<void>;
}

/** A routing socket that asks. The kernel answers there, and tells it everything else that it tells anybody. */
export interface RouteQuestions {
  /** Sends a message to the kernel. Returns 0, or the error number. */
  send(message: Uint8Array<ArrayBuffer>): number;
  /** Reads one message into a buffer: its length, NOTHING or LOST. */
  read(buffer: Uint8Array<ArrayBuffer>): number;
  /** Waits until there is something to read, at most so many milliseconds. Returns whether there is. */
  wait(milliseconds: number): boolean;
  close(): void;
}

/** The receive buffer to ask for. If the system refuses it, half of it is asked for, and so on. */
const RECEIVE_BUFFER = 1 << 20;
/** How often in a row reading may be interrupted or report a loss before it counts as an error. */
const MOST_IN_A_ROW = 16;

/**
 * The types of messages that netflags reads, for a kernel that can filter them. Such a kernel sends each message in its
 * newest form too. An older form would say less: NetBSD 8 sends it first, and without the flags of the address.
 */
export function wantedTypes({ layouts }: SystemNumbers): number[] {
  const messages = Object.entries(layouts[0]!.messages); // a kernel of an older layout cannot filter
  return messages.filter(([, message]) => !("superseded" in message || "route" in message)).map(([type]) =>
    Number(type)
  );
}

/** The types of messages that may move the default traffic. */
export const ROUTE_TYPES: readonly number[] = [C.RTM_ADD, C.RTM_DELETE, C.RTM_CHANGE];

/**
 * Lets a kernel send a socket only messages of some types. Returns whether it does: if it is too old for it, more
 * messages come than are wanted.
 */
function onlyTypes(libc: BsdCalls, { route, filter }: SystemNumbers, fd: number, types: readonly number[]): boolean {
  if (filter === undefined) return false;
  const value = filter.form === "bytes"
    ? new Uint8Array(types)
    : word(types.reduce((mask, type) => mask | (1 << type), 0));
  return libc.setOption(fd, route, filter.option, value) >= 0;
}

/** An int, for the kernel. */
function word(value: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Int32Array([value]).buffer);
}

/** A routing socket of the system that asks about routes. It is closed when the question is answered. */
export class SystemQuestions implements RouteQuestions {
  readonly #libc: BsdCalls;
  readonly #fd: number;

  constructor(libc: BsdCalls, system: SystemNumbers) {
    this.#libc = libc;
    const fd = this.#fd = libc.socket(system.route, C.SOCK_RAW);
    if (fd < 0) throw bsdFailure(libc, { operation: "read routes" });
    onlyTypes(libc, system, fd, [C.RTM_GET]);
  }

  send(message: Uint8Array<ArrayBuffer>): number {
    return uninterrupted(this.#libc.errno, () => this.#libc.write(this.#fd, message)) < 0 ? this.#libc.errno() : 0;
  }

  read(buffer: Uint8Array<ArrayBuffer>): number {
    const length = uninterrupted(this.#libc.errno, () => this.#libc.read(this.#fd, buffer));
    if (length >= 0) return length; // 0 is NOTHING
    const errno = this.#libc.errno();
    if (errno === C.EAGAIN) return NOTHING;
    if (errno === C.ENOBUFS) return LOST;
    throw bsdFailure(this.#libc, { operation: "read routes" }, errno);
  }

  wait(milliseconds: number): boolean {
    return this.#libc.wait(this.#fd, milliseconds);
  }

  close(): void {
    this.#libc.close(this.#fd);
  }
}

/** A routing socket of the system. */
export class SystemSocket implements RouteSocket {
  readonly detectsOverflow: boolean;
  /** Whether the kernel sends it nothing but the types that it was made for. */
  readonly filtered: boolean;
  readonly #libc: BsdCalls;
  readonly #fd: number;
  readonly #closed: () => void;
  /** How often in a row reading was interrupted or reported a loss. */
  #failures = 0;
  #registration: ReturnType<BsdCalls["poller"]["add"]> | undefined;

  /** `types`: of the messages that it is for. `closed` is called when it is closed. */
  constructor(libc: BsdCalls, system: SystemNumbers, types: readonly number[], closed: () => void = () => {}) {
    this.#libc = libc;
    this.#closed = closed;
    // With a protocol of AF_INET or AF_INET6, NetBSD would send no interface messages at all.
    const fd = this.#fd = libc.socket(system.route, C.SOCK_RAW);
    if (fd < 0) throw bsdFailure(libc, { operation: "watch interfaces" });
    for (let size = RECEIVE_BUFFER; size >= 1 << 14; size >>= 1) {
      if (libc.setOption(fd, C.SOL_SOCKET, C.SO_RCVBUF, word(size)) >= 0) break;
    }
    const reported = system.SO_RERROR !== undefined &&
      libc.setOption(fd, C.SOL_SOCKET, system.SO_RERROR, word(1)) >= 0;
    this.detectsOverflow = reported || system.desync;
    this.filtered = onlyTypes(libc, system, fd, types);
  }

  /** Keeps out routes that are no default. A message of another kind has other flags in their place. */
  onlyDefaults({ route, filter }: SystemNumbers): void {
    if (filter?.flags === undefined) return;
    this.#libc.setOption(this.#fd, route, filter.flags.option, word(filter.flags.unwanted));
  }

  read(buffer: Uint8Array<ArrayBuffer>): number {
    for (;;) {
      const length = this.#libc.read(this.#fd, buffer);
      const errno = length < 0 ? this.#libc.errno() : 0;
      if (length >= 0 || errno === C.EAGAIN) {
        this.#failures = 0;
        return Math.max(length, NOTHING); // 0 is NOTHING
      }
      // After a loss the kernel returns what is left in the queue. So one loss after another is not an overflow.
      if (++this.#failures < MOST_IN_A_ROW) {
        if (errno === C.EINTR) continue;
        if (errno === C.ENOBUFS) return LOST;
      }
      this.#failures = 0;
      throw bsdFailure(this.#libc, { operation: "watch interfaces" }, errno);
    }
  }

  listen(waiter: DescriptorCallbacks): void {
    this.#registration = this.#libc.poller.add(this.#fd, waiter.ready, waiter.failed);
  }

  pause(paused: boolean): void {
    this.#registration?.pause(paused);
  }

  async close(): Promise<void> {
    this.#closed();
    if (this.#registration === undefined) this.#libc.close(this.#fd);
    else await this.#registration.close();
  }
}
