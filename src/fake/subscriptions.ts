import type { DescriptorCallbacks, Subscription, WirelessSubscription } from "../../platforms/contract/backend.ts";
import type { Capabilities } from "../../platforms/contract/capabilities.ts";

/** The open subscriptions to a fake system, with what a test wants to see and to do of them. */
export class Subscriptions {
  /** Called after a list of everything was taken. */
  onSnapshot: (() => void) | undefined;
  /** How many were closed. */
  closings = 0;
  readonly #open = new Set<DescriptorCallbacks>();

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /** Counts one that listens to links and addresses. */
  add(live: Subscription, waiter: DescriptorCallbacks, events: Capabilities["events"]): Subscription {
    const close = this.#add(waiter);
    return {
      events,
      snapshot: () => {
        const statuses = live.snapshot();
        this.onSnapshot?.();
        return statuses;
      },
      drain: (sink, limit) => live.drain(sink, limit),
      pause: (paused) => live.pause(paused),
      close: () => {
        close();
        return live.close();
      },
    };
  }

  /** Counts one that listens to wireless devices. */
  addWireless(live: WirelessSubscription, waiter: DescriptorCallbacks): WirelessSubscription {
    const close = this.#add(waiter);
    return {
      list: () => live.list(),
      get: (index) => live.get(index),
      drain: (sink, limit) => live.drain(sink, limit),
      close: () => {
        close();
        return live.close();
      },
    };
  }

  #add(waiter: DescriptorCallbacks): () => void {
    this.#open.add(waiter);
    return () => {
      if (this.#open.delete(waiter)) this.closings++;
    };
  }

  /** Tells every one that waiting has failed for good. */
  fail(error: unknown): void {
    for (const { failed } of [...this.#open]) failed(error);
  }
}
