import { type InterfaceWatcher, watch, type WatchOptions } from "../../watch/watch.ts";
import type { InterfaceEvent } from "../../watch/event.ts";
import { tellTrouble } from "../trouble.ts";

function now(): number {
  return performance.timeOrigin + performance.now();
}

/** How long one interface was not connected after it had been. */
interface Outages {
  readonly generation: number;
  /** Of those that are over, in milliseconds. */
  over: number;
  /** When the one that lasts began. */
  since: number | undefined;
}

/** What happened to the interfaces since it was made. */
export class Past implements AsyncDisposable {
  /** When watching began, in milliseconds since the Unix epoch. */
  readonly started: number = now();
  /** Events that were found after messages were lost. */
  resyncs = 0;
  /** How often listening failed, and was tried again. */
  failures = 0;
  /** Resolves when watching has ended, with why where it failed. */
  readonly ended: Promise<unknown>;
  /** Why watching ended; undefined while it goes on. */
  failure: Error | undefined;
  readonly #watcher: InterfaceWatcher;
  readonly #outages = new Map<number, Outages>();

  constructor(options: WatchOptions) {
    this.#watcher = watch({
      ...options,
      onTrouble: (error) => {
        this.failures++;
        tellTrouble(error);
      },
    });
    this.ended = this.#follow();
  }

  /** What the watcher knows of an interface. */
  history(index: number): ReturnType<InterfaceWatcher["history"]> {
    return this.#watcher.history(index);
  }

  /** How long an interface was not connected after it had been, in milliseconds. */
  outage(index: number): number {
    const outages = this.#outages.get(index);
    if (outages === undefined) return 0;
    return outages.over + (outages.since === undefined ? 0 : Math.max(0, now() - outages.since));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher.return();
  }

  async #follow(): Promise<void> {
    try {
      for await (const event of this.#watcher) this.#take(event);
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
    }
  }

  #take({ type, interface: { index, connected }, previous, generation, time, resync }: InterfaceEvent): void {
    if (resync) this.resyncs++;
    if (type === "removed") return void this.#outages.delete(index);
    if (previous?.connected === true && connected === false) {
      const before = this.#outages.get(index);
      const over = before?.generation === generation ? before.over : 0;
      this.#outages.set(index, { generation, over, since: time });
    } else if (connected === true) {
      const outages = this.#outages.get(index);
      if (outages?.since === undefined) return;
      outages.over += Math.max(0, time - outages.since);
      outages.since = undefined;
    }
  }
}
