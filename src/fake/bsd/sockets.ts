import { FakeRouteSocket, type FakeSocketOptions } from "./socket.ts";

/** The routing sockets that are open: each of them is sent everything. */
export class FakeSockets {
  /** What each is made of. */
  readonly options: FakeSocketOptions;
  readonly #open = new Set<FakeRouteSocket>();
  #mute: boolean;

  /** `mute`: nothing is sent. */
  constructor(options: FakeSocketOptions, mute: boolean) {
    this.options = options;
    this.#mute = mute;
  }

  /** How many there are. */
  get size(): number {
    return this.#open.size;
  }

  /** Opens another. */
  open(): FakeRouteSocket {
    const socket = new FakeRouteSocket(this.options, () => this.#open.delete(socket));
    this.#open.add(socket);
    return socket;
  }

  /** Sends a message to each. */
  send(message: Uint8Array): void {
    if (this.#mute) return;
    for (const socket of this.#open) socket.receive(message);
  }

  /** Does something of which nothing is sent. */
  silently(step: () => void): void {
    const before = this.#mute;
    this.#mute = true;
    try {
      step();
    } finally {
      this.#mute = before;
    }
  }

  /** Each loses what was not read of it. */
  lose(): void {
    for (const socket of this.#open) socket.lose();
  }

  /** What comes wakes nobody, until the wait is made anew. */
  fallAsleep(): void {
    for (const socket of this.#open) socket.asleep = true;
  }
}
