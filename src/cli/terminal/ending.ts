import { currentBackend } from "../../../platforms/current.ts";

/** What ends a command that goes on until somebody ends it. */
const SIGNALS = ["SIGINT", "SIGTERM"] as const;
/** What else ends a process that does not listen to it, but for SIGKILL and what a fault of its own sends. */
const KILLING = ["SIGHUP", "SIGQUIT", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGXCPU"] as const;

/**
 * Ends a command that goes on: by SIGINT and SIGTERM, and by the loss of whoever reads standard output. It listens until
 * it is disposed of, because the command may run in somebody's program, which goes on.
 */
export class Ending implements Disposable {
  readonly #control = new AbortController();
  readonly #reader: Disposable | undefined;
  readonly #listeners: readonly (readonly [Deno.Signal, () => void])[];
  readonly #end = (): void => this.#control.abort();

  /**
   * @param output Whether the command is of no use without a reader. A write would tell that there is none, but a watcher
   * may have nothing to write for hours. Where the platform cannot wait for it, the next write tells.
   * @param files Whether the command writes files that nothing may leave half written. Then whatever else would end it
   * waits until what is done without waiting is done, too.
   */
  constructor({ output, files = false }: { readonly output: boolean; readonly files?: boolean }) {
    if (output && !Deno.stdout.isTerminal()) this.#reader = currentBackend().host?.onReaderGone?.(1, this.#end);
    this.#listeners = [
      ...SIGNALS.map((signal) => [signal, this.#end] as const),
      ...(files ? this.#killing() : []),
    ];
    for (const [signal, listener] of this.#listeners) Deno.addSignalListener(signal, listener);
  }

  #killing(): (readonly [Deno.Signal, () => void])[] {
    const ignore = (): void => {};
    // Without a listener the runtime ends at SIGHUP even under nohup(1).
    const deaf = currentBackend().host?.ignoresHangUp?.() ?? false;
    return [
      ...KILLING.map((signal) => [signal, signal === "SIGHUP" && deaf ? ignore : this.#end] as const),
      ["SIGXFSZ", ignore], // the write fails, too, and says so
    ];
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
    for (const [signal, listener] of this.#listeners) Deno.removeSignalListener(signal, listener);
  }
}
