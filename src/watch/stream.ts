/** What follows the last event. */
const ENDED = Object.freeze({ done: true, value: undefined });

/** A function that a program hands in. One that is asynchronous returns a promise, whatever its type says. */
export type Callback<T> = (value: T) => unknown;

/**
 * Calls what a program handed in. What it throws, or what its promise rejects with, goes to `failed` and nowhere else: a
 * mistake in one callback must not reach those who happen to be called in the same turn, nor end the program.
 */
export function callBack<T>(callback: Callback<T> | undefined, value: T, failed: (reason: unknown) => void): void {
  try {
    Promise.resolve(callback?.(value)).catch(failed);
  } catch (reason) {
    failed(reason);
  }
}

/**
 * The base of every watcher: an async iterable that ends when it is closed. A watcher defines where its events wait and
 * how it stops. Taking, waiting, failing and closing are here.
 */
export abstract class EventStream<T> implements AsyncIterableIterator<T>, Disposable, AsyncDisposable {
  readonly #waiters: PromiseWithResolvers<IteratorResult<T, undefined>>[] = [];
  readonly #signal: AbortSignal | undefined;
  #open = true;
  #error: { readonly reason: unknown } | undefined;
  #closed: Promise<void> = Promise.resolve();

  /** A stream that a signal closes. If the signal is already aborted, the stream is closed from the start. */
  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    if (signal?.aborted) this.#open = false;
  }

  /** Obeys the signal from now on. Call it when everything that closing undoes has been made. */
  protected followSignal(): void {
    this.#signal?.addEventListener("abort", this.#abort);
    if (this.#signal?.aborted) this.close(); // another callback may have aborted it
  }

  /** Whether it is still open. */
  protected get open(): boolean {
    return this.#open;
  }

  /** The event that waits longest, if there is one. */
  protected abstract shift(): T | undefined;

  /** Drops the waiting events. */
  protected abstract clear(): void;

  /** Stops listening; resolves when nothing is left of it. */
  protected abstract stop(): Promise<void>;

  /** Hands an event to a caller that waits for one. Returns false if nobody waits, so that the event must be kept. */
  protected offer(event: T): boolean {
    const waiter = this.#waiters.shift();
    waiter?.resolve({ done: false, value: event });
    return waiter !== undefined;
  }

  /** Ends it with a failure, which is reported once, after the waiting events. */
  protected fail(reason: unknown): void {
    if (!this.#open) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) waiter.reject(reason);
    else this.#error = { reason };
    this.#end();
  }

  /** The next event; done when the watcher is closed. */
  next(): Promise<IteratorResult<T, undefined>> {
    const event = this.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    const error = this.#error;
    if (error !== undefined) {
      this.#error = undefined;
      return Promise.reject(error.reason);
    }
    if (!this.#open) return Promise.resolve(ENDED);
    const waiter = Promise.withResolvers<IteratorResult<T, undefined>>();
    this.#waiters.push(waiter);
    return waiter.promise;
  }

  /** Called by `break` out of `for await`. It closes the watcher, and returns when nothing of it is left. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.close();
    await this.#closed;
    return ENDED;
  }

  /** The watcher itself. All `for await` loops over it share the same events. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends it. Events that were not taken are dropped. `for await` and waiting calls end without an error. */
  close(): void {
    this.clear();
    this.#error = undefined;
    this.#end();
  }

  /** {@linkcode EventStream.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** {@linkcode EventStream.close}, for `await using`: waits until its descriptors are closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#closed;
  }

  readonly #abort = (): void => this.close();

  #end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#closed = this.stop();
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(ENDED);
  }
}
