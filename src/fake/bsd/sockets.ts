import { FakeRouteSocket, type FakeSocketOptions } from "./socket.ts";

/** The open routing sockets. Each gets every message. */
export class FakeSockets {
  readonly options: FakeSocketOptions;
  readonly #open = new Set<FakeRouteSocket>();
  #mute: boolean;

  /** With `mute`, nothing is sent. */
  constructor(options: Omit<FakeSocketOptions, "others">, mute: boolean) {
    this.options = { ...options, others: (message, but) => this.send(message, but) };
    this.#mute = mute;
  }

  /** How many there are. */
  get size(): number {
    return this.#open.size;
  }

  /** Opens another, for messages of some types or for all. */
  open(types: readonly number[] | undefined): FakeRouteSocket {
    const socket = new FakeRouteSocket(this.options, types && new Set(types), () => this.#open.delete(socket));
    this.#open.add(socket);
    return socket;
  }

  /** Sends a message to each but one. */
  send(message: Uint8Array, but?: FakeRouteSocket): void {
    if (this.#mute) return;
    for (const socket of this.#open) if (socket !== but) socket.receive(message);
  }

  /** Calls a function without sending messages. */
  silently(step: () => void): void {
    const before = this.#mute;
    this.#mute = true;
    try {
      step();
    } finally {
      this.#mute = before;
    }
  }

  /** Each drops what was not read. */
  lose(): void {
    for (const socket of this.#open) socket.lose();
  }

  /** A stuck wait: new messages wake nobody until the wait is restarted. */
  fallAsleep(): void {
    for (const socket of this.#open) socket.asleep = true;
  }
}
