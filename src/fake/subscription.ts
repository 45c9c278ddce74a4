import type { Sink, SubscribeOptions, Subscription } from "../../platforms/contract/backend.ts";
import type { Capabilities } from "../../platforms/contract/capabilities.ts";
import type { Drained } from "../../platforms/contract/backend.ts";
import type { InterfaceMove, InterfaceStatus } from "../../platforms/contract/status.ts";

/** The messages of a fake system to its subscriptions. */
export type FakeMessage =
  | { readonly status: InterfaceStatus }
  | { readonly gone: number; readonly move: InterfaceMove | undefined };

/** A subscription to a fake system: a queue that is read like a kernel's. */
export class FakeSubscription implements Subscription {
  readonly events: Capabilities["events"];
  readonly #list: () => InterfaceStatus[];
  readonly #find: (index: number) => InterfaceStatus | undefined;
  readonly #options: SubscribeOptions;
  readonly #ended: () => void;
  #queue: FakeMessage[] = [];
  #lost = false;
  #paused = false;
  #announced = false;

  /** `list` returns the state of every interface, `find` that of one; `ended` is called when it is closed. */
  constructor(
    list: () => InterfaceStatus[],
    find: (index: number) => InterfaceStatus | undefined,
    options: SubscribeOptions,
    events: Capabilities["events"],
    ended: () => void,
  ) {
    this.events = events;
    this.#list = list;
    this.#find = find;
    this.#options = options;
    this.#ended = ended;
  }

  /** Queues a message. */
  tell(message: FakeMessage): void {
    if (this.events === "poll") return;
    this.#queue.push(message);
    this.#announce();
  }

  /** Drops the queue. With `told`, it reports the loss. */
  lose(told: boolean): void {
    this.#queue = [];
    if (!told) return;
    this.#lost = true;
    this.#announce();
  }

  /** Fails for good. */
  fail(error: unknown): void {
    this.#options.failed(error);
  }

  snapshot(): InterfaceStatus[] {
    return this.#list();
  }

  drain(sink: Sink, limit: number): Drained {
    for (const message of this.#queue.splice(0, limit)) {
      if ("gone" in message) sink.remove(message.gone, message.move);
      else {
        const { status } = message;
        sink.apply(status.index, { ...status, addresses: this.#options.addresses ? status.addresses : undefined });
      }
    }
    for (const index of sink.orphans()) {
      const relations = this.#find(index);
      if (relations !== undefined) sink.apply(index, { relations });
    }
    if (this.#lost) {
      this.#lost = false;
      return "lost";
    }
    if (this.#queue.length === 0) return "empty";
    this.#announce();
    return "more";
  }

  pause(paused: boolean): void {
    this.#paused = paused;
    if (!paused) this.#announce();
  }

  /** Like a descriptor: readable once, however much there is to read. */
  #announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    queueMicrotask(() => {
      this.#announced = false;
      if (!this.#paused) this.#options.ready();
    });
  }

  close(): Promise<void> {
    this.#ended();
    return Promise.resolve();
  }
}
