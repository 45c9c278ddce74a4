import { currentBackend } from "../../../platforms/current.ts";

/** What ends a command that goes on until somebody ends it. */
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Ends a command that goes on: by SIGINT and SIGTERM, and by the loss of whoever reads standard output. It listens until
 * it is disposed of, because the command may run in somebody's program, which goes on.
 */
export class Ending implements Disposable {
  readonly #control = new AbortController();
  readonly #reader: Disposable | undefined;
  readonly #end = (): void => this.#control.abort();

  /**
   * @param output Whether the command is of no use without a reader. A write would tell that there is none, but a watcher
   * may have nothing to write for hours. Where the platform cannot wait for it, the next write tells.
   */
  constructor({ output }: { readonly output: boolean }) {
    if (output && !Deno.stdout.isTerminal()) this.#reader = currentBackend().host?.onReaderGone?.(1, this.#end);
    for (const signal of SIGNALS) Deno.addSignalListener(signal, this.#end);
  }

  /** Aborted by the first of them. */
  get signal(): AbortSignal {
    return this.#control.signal;
  }

  /** Waits for a write, which a slow reader may hold up for ever, or for the end. */
  async written(write: Promise<void>): Promise<void> {
    if (this.signal.aborted) return;
    const over = Promise.withResolvers<void>();
    const giveUp = (): void => over.resolve();
    this.signal.addEventListener("abort", giveUp);
    write.then(over.resolve, over.reject);
    try {
      await over.promise;
    } finally {
      this.signal.removeEventListener("abort", giveUp);
    }
  }

  [Symbol.dispose](): void {
    this.#reader?.[Symbol.dispose]();
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, this.#end);
  }
}
