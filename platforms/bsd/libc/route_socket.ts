import type { DescriptorCallbacks } from "../../contract/backend.ts";
import { LOST, NOTHING } from "../../common/drain.ts";
import * as C from "../systems/common.ts";
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
  /** Closes it. */
  close(): Promise<void>;
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
  const wanted = messages.filter(([, message]) => !("superseded" in message || "route" in message));
  return wanted.map(([type]) => Number(type));
}

/** A routing socket of the system. */
export class SystemSocket implements RouteSocket {
  readonly detectsOverflow: boolean;
  readonly #libc: BsdCalls;
  readonly #fd: number;
  readonly #closed: () => void;
  /** How often in a row reading was interrupted or reported a loss. */
  #failures = 0;
  #registration: ReturnType<BsdCalls["poller"]["add"]> | undefined;

  /** `closed` is called when it is closed. */
  constructor(libc: BsdCalls, system: SystemNumbers, closed: () => void) {
    this.#libc = libc;
    this.#closed = closed;
    // With a protocol of AF_INET or AF_INET6, NetBSD would send no interface messages at all.
    const fd = this.#fd = libc.socket(system.route, C.SOCK_RAW);
    if (fd < 0) throw bsdFailure(libc, { operation: "watch interfaces" });
    const value = (word: number): Uint8Array<ArrayBuffer> => new Uint8Array(new Int32Array([word]).buffer);
    for (let size = RECEIVE_BUFFER; size >= 1 << 14; size >>= 1) {
      if (libc.setOption(fd, C.SOL_SOCKET, C.SO_RCVBUF, value(size)) >= 0) break;
    }
    const reported = system.SO_RERROR !== undefined &&
      libc.setOption(fd, C.SOL_SOCKET, system.SO_RERROR, value(1)) >= 0;
    this.detectsOverflow = reported || system.desync;
    if (system.filter !== undefined) {
      const types = wantedTypes(system);
      // If the kernel is too old for it, more messages come than are wanted.
      libc.setOption(
        fd,
        system.route,
        system.filter.option,
        system.filter.form === "bytes"
          ? new Uint8Array(types)
          : value(types.reduce((mask, type) => mask | (1 << type), 0)),
      );
    }
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
