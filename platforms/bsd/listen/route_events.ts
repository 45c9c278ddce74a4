import { drainQueue } from "../../common/drain.ts";
import { applyEach } from "../../common/walk.ts";
import type { DescriptorCallbacks } from "../../contract/backend.ts";
import type { RouteKernel } from "../ask/kernel.ts";
import type { RouteSocket } from "../libc/route_socket.ts";
import type { RouteForm, SystemNumbers } from "../systems/layout.ts";
import { RouteReader } from "../wire/route.ts";

/**
 * The longest prefix of a route that moves the default traffic. VPN daemons take it with the two halves of IPv4
 * (0.0.0.0/1 and 128.0.0.0/1), and with 2000::/4 and 3000::/4 of IPv6.
 */
const LONGEST_PREFIX = 4;
/** A message about a route has a few hundred bytes. */
const BUFFER = 2048;
/** Of so many messages at once, a queue that overflows without a word may have lost one that counts. */
const BURST = 64;

/**
 * Hears that the default traffic may take another way: RTM_ADD, RTM_DELETE and RTM_CHANGE of a short prefix. It says
 * neither which way nor whose: the kernel is asked. RTM_REDIRECT and RTM_LOSING are about one host.
 *
 * A kernel that can filter messages tells of routes on a socket of their own, so that no flood of them fills the queue
 * of interfaces; the others tell everything on one.
 */
export class RouteEvents {
  readonly #socket: RouteSocket | undefined;
  readonly #buffer = new Uint8Array(new ArrayBuffer(BUFFER));
  readonly #reader: RouteReader;
  readonly #silent: boolean;
  #dirty = false;
  /** How many messages were heard since the queue was last empty. */
  #heard = 0;

  constructor(system: SystemNumbers, kernel: RouteKernel, detectsOverflow: boolean, waiter: DescriptorCallbacks) {
    this.#reader = new RouteReader(system, this.#buffer);
    const socket = this.#socket = kernel.openRoutes();
    this.#silent = !(socket?.detectsOverflow ?? detectsOverflow);
    try {
      socket?.listen(waiter);
    } catch (error) {
      void socket?.close();
      throw error;
    }
  }

  /** Whether the default traffic may take another way since this was last said. */
  get dirty(): boolean {
    return this.#dirty;
  }

  /** Hears a message that a reader reached. Those about routes that move nothing cost a look at their prefix. */
  hear({ name, route }: RouteForm, reader: RouteReader): void {
    if (name === "RTM_GET") return; // what somebody asked
    this.#heard++;
    if (this.#dirty || reader.number(route.errno) !== 0) return;
    if (reader.isShort(route, LONGEST_PREFIX)) this.#dirty = true;
  }

  /** Something that may move it happened to an interface, or may have been lost. */
  suspect(): void {
    this.#dirty = true;
  }

  /**
   * Reads at most `limit` queued messages of the socket of routes without waiting. Returns whether it is empty. `others`:
   * whether the socket of interfaces is.
   */
  drain(limit: number, others: boolean): boolean {
    const socket = this.#socket;
    const drained = socket === undefined
      ? (others ? "empty" : "more")
      : drainQueue(() => socket.read(this.#buffer), (length) => this.#apply(length), limit);
    if (drained === "lost" || (this.#silent && this.#heard >= BURST)) this.#dirty = true;
    if (drained === "empty") this.#heard = 0;
    return drained !== "more";
  }

  #apply(length: number): boolean {
    const reader = this.#reader.begin(length);
    return applyEach(reader, () => {
      const { message } = reader;
      if (message === undefined) return true;
      if ("route" in message) this.hear(message, reader);
      return !("desync" in message);
    });
  }

  /** The kernel was asked. */
  settled(): void {
    this.#dirty = false;
  }

  pause(paused: boolean): void {
    this.#socket?.pause(paused);
  }

  async close(): Promise<void> {
    await this.#socket?.close();
  }
}
