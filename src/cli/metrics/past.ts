import type { Moment } from "../../../platforms/contract/clock.ts";
import { now } from "../../table/moment.ts";
import type { History } from "../../watch/history.ts";
import { type InterfaceWatcher, watch } from "../../watch/watch.ts";
import type { WatchOptions } from "../../watch/watch_options.ts";
import { tellTrouble } from "../terminal/trouble.ts";

/** What happened to the interfaces since it was made. */
export class Past implements AsyncDisposable {
  /** When watching began. */
  readonly started: Moment = now();
  /** Events that were found after messages were lost. */
  resyncs = 0;
  /** How often listening failed, and was tried again. */
  failures = 0;
  /** Resolves when watching has ended, with why where it failed. */
  readonly ended: Promise<unknown>;
  /** Why watching ended; undefined while it goes on. */
  failure: Error | undefined;
  readonly #watcher: InterfaceWatcher;

  constructor(options: WatchOptions) {
    this.#watcher = watch({
      addresses: false,
      ...options,
      onTrouble: (error) => {
        this.failures++;
        tellTrouble(error);
      },
    });
    this.ended = this.#follow();
  }

  /** What the watcher knows of an interface. */
  history(index: number): History | undefined {
    return this.#watcher.history(index);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher.return();
  }

  async #follow(): Promise<void> {
    try {
      for await (const { resync } of this.#watcher) if (resync) this.resyncs++;
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
    }
  }
}
