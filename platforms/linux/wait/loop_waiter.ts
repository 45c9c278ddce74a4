import { GATHERED, GATHERING, Pace } from "../../ffi/gathering.ts";
import { brokenError, type Ready, type Registration } from "../../ffi/poller.ts";

/** A request to the kernel to tell once when a descriptor has something to read. */
export interface PollRequest {
  /** Asks; whether the kernel took it. It is used up when it is answered, and may be asked again then. */
  arm(): boolean;
  /** Takes it back; whether the kernel says that it answers it now. */
  cancel(): boolean;
}

/** A way to ask the kernel: it writes to an eventfd when it has answered. */
export interface PollQueue {
  /** What it is, as NETFLAGS_WAIT has it. */
  readonly way: "io_uring" | "aio";
  /** What the kernel's calls are called in an error. */
  readonly calls: { readonly arm: string; readonly cancel: string; readonly take: string };
  /** A request of a descriptor, not asked yet. Its number comes back with the answer. */
  request(id: number, fd: number): PollRequest;
  /**
   * Hands on what was answered, and whether the kernel could poll it; false where answers cannot be had. It may be closed
   * by whoever learns of it.
   */
  take(answered: (id: number, well: boolean) => void): boolean;
  /** Ends it when nothing is asked any more. */
  close(): void;
  /** Ends it with every request that the kernel has. */
  destroy(): void;
}

/** How soon a request is cancelled again that was not answered, in milliseconds. */
const INSIST = 10;
/** A call that fails so often in a row is broken: a filter forbids it, or the kernel is out of something for long. */
export const FAILURES = 10;

/** The number of the last request: never used again in this thread, as an answer may come late. */
let last = 0;

/** A descriptor that is waited for. */
class Watch {
  readonly gone = Promise.withResolvers<void>();
  readonly id = ++last;
  readonly fd: number;
  readonly request: PollRequest;
  readonly ready: Ready;
  readonly failed: (error: unknown) => void;
  open = true;
  paused = false;
  /** Whether the kernel has the request. */
  armed = false;
  readonly pace = new Pace();
  /** How often in a row the kernel did not take the request, or not cancel it. */
  refusals = 0;
  /** Cancels the request again. */
  insist: ReturnType<typeof setTimeout> | undefined;

  constructor(queue: PollQueue, fd: number, ready: Ready, failed: (error: unknown) => void) {
    this.fd = fd;
    this.ready = ready;
    this.failed = failed;
    this.request = queue.request(this.id, fd);
  }

  /** The kernel has nothing of it any more. */
  leave(): void {
    clearTimeout(this.insist);
    this.gone.resolve();
  }
}

/**
 * Waits for descriptors by asynchronous poll requests: the kernel itself writes to an eventfd when a descriptor has
 * something to read, and an eventfd is a thing that the runtime's event loop can wait for. A request is used up when it
 * is answered; asked again it is answered at once if there is something to read, so that nothing is missed between.
 */
export class LoopWaiter {
  readonly #queue: PollQueue;
  readonly #closeFd: (fd: number) => void;
  readonly #watches = new Map<number, Watch>();
  /** Those that were closed while the kernel had their request. */
  readonly #leaving = new Map<number, Watch>();
  readonly #emptied: () => void;
  readonly #taken = (id: number, well: boolean): void => this.#answered(id, well);
  #broken = false;

  /** `close`: close(2). `emptied`: there is no descriptor left. */
  constructor(queue: PollQueue, close: (fd: number) => void, emptied: () => void) {
    this.#queue = queue;
    this.#closeFd = close;
    this.#emptied = emptied;
  }

  /** Waits for a descriptor and owns it from now on; undefined where the kernel cannot wait for it in this way. */
  add(fd: number, ready: Ready, failed: (error: unknown) => void): Registration | undefined {
    if (this.#broken) return undefined;
    const watch = new Watch(this.#queue, fd, ready, failed);
    if (!this.#arm(watch)) return undefined;
    this.#watches.set(watch.id, watch);
    return {
      pause: (paused) => {
        watch.paused = paused;
        if (!paused) this.#resume(watch);
      },
      close: () => {
        this.#close(watch);
        return watch.gone.promise;
      },
    };
  }

  /** Whether it waits for any. */
  get busy(): boolean {
    return this.#watches.size > 0 || this.#leaving.size > 0;
  }

  /** Whether nothing is waited for in this way any more. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Takes what was answered: to be called when the eventfd was written to. */
  takeAnswers(): void {
    if (!this.#broken && !this.#queue.take(this.#taken)) this.#break(this.#queue.calls.take);
  }

  /** Ends it, whether it waits for something or not. */
  end(): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#letGo();
    this.#queue.close();
  }

  #answered(id: number, well: boolean): void {
    const leaving = this.#leaving.get(id);
    if (leaving !== undefined) {
      this.#leaving.delete(id);
      leaving.leave();
      this.#whenEmpty();
      return;
    }
    const watch = this.#watches.get(id);
    if (watch === undefined) return;
    watch.armed = false;
    if (!well) return this.#refused(watch);
    watch.refusals = 0;
    if (watch.paused) return;
    const fast = watch.pace.ready();
    this.#read(watch);
    if (fast) this.#gather(watch);
    // Not before the consumers have run: the runtime may call twice without a turn between.
    else queueMicrotask(() => this.#resume(watch));
  }

  #read(watch: Watch): number {
    try {
      return watch.ready() ?? 0;
    } catch (error) {
      watch.failed(error);
      return 0;
    }
  }

  /** Lets messages gather, and reads them at one go, as long as there are many. */
  #gather(watch: Watch): void {
    setTimeout(() => {
      if (!watch.open || watch.paused || watch.armed) return;
      if (this.#read(watch) >= GATHERED) this.#gather(watch);
      else this.#resume(watch);
    }, GATHERING);
  }

  #resume(watch: Watch): void {
    if (!watch.open || watch.paused || watch.armed || this.#broken) return;
    if (!this.#arm(watch)) this.#refused(watch);
  }

  #arm(watch: Watch): boolean {
    watch.pace.waiting();
    return watch.armed = watch.request.arm();
  }

  /** The kernel took the request before: if it does not now, it has no room left for the moment, or is broken. */
  #refused(watch: Watch): void {
    if (++watch.refusals < FAILURES) setTimeout(() => this.#resume(watch), 1);
    else watch.failed(brokenError(this.#queue.calls.arm));
  }

  #close(watch: Watch): void {
    if (!watch.open) return;
    watch.open = false;
    this.#watches.delete(watch.id);
    watch.refusals = 0;
    if (watch.armed && !this.#broken) {
      // The request holds the file: closing the descriptor alone would leave the socket in place.
      this.#leaving.set(watch.id, watch);
      this.#cancel(watch);
    } else watch.leave();
    this.#closeFd(watch.fd);
    this.#whenEmpty();
  }

  /** Where the kernel does not say that it answers, it may have answered before, or there is no end to the request. */
  #cancel(watch: Watch): void {
    if (watch.request.cancel()) return;
    watch.insist = setTimeout(() => {
      if (++watch.refusals < FAILURES) return this.#cancel(watch);
      this.#break(this.#queue.calls.cancel);
    }, INSIST);
  }

  /** Nothing is waited for in this way any more: whoever learns so waits in the other way. */
  #break(call: string): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#letGo();
    this.#queue.destroy();
    for (const watch of [...this.#watches.values()]) watch.failed(brokenError(call));
    this.#whenEmpty();
  }

  /** Their answers are not taken any more. */
  #letGo(): void {
    for (const watch of this.#leaving.values()) watch.leave();
    this.#leaving.clear();
  }

  #whenEmpty(): void {
    if (!this.busy) this.#emptied();
  }
}
