import { currentBackend } from "../../../platforms/current.ts";

/** What ends a process that does not listen to it, but for SIGKILL and what a fault of its own sends. */
const SIGNALS = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGXCPU"] as const;

/**
 * The signals by which a command ends in order, while it is not disposed of: none of them comes between two steps of what
 * is done without waiting.
 */
export class EndSignals implements Disposable {
  readonly #control = new AbortController();
  readonly #listeners: readonly (readonly [Deno.Signal, () => void])[];

  constructor() {
    const abort = (): void => this.#control.abort();
    const ignore = (): void => {};
    // Without a listener the runtime ends at SIGHUP even under nohup(1).
    const deaf = currentBackend().host?.ignoresHangUp?.() ?? false;
    this.#listeners = [
      ...SIGNALS.map((signal) => [signal, signal === "SIGHUP" && deaf ? ignore : abort] as const),
      ["SIGXFSZ", ignore], // the write fails, too, and says so
    ];
    for (const [signal, listener] of this.#listeners) Deno.addSignalListener(signal, listener);
  }

  /** Aborted by the first of them. */
  get end(): AbortSignal {
    return this.#control.signal;
  }

  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) Deno.removeSignalListener(signal, listener);
  }
}
