import { SystemError } from "../contract/errors.ts";
import { addressOf, type Pointer, pointerTo } from "../ffi/memory.ts";
import type { Ready, Registration } from "../ffi/poller.ts";
import { IO_EVENT_LEN, IOCB_CMD_POLL, IOCB_FLAG_RESFD, IOCB_LEN, POLLIN } from "./numbers.ts";

/** Linux's asynchronous I/O (io_submit(2) and its like), as the C library's `syscall` gives it. */
export interface AioCalls {
  /** `io_setup`: the context's number, or undefined where the kernel has no asynchronous I/O or forbids it. */
  setup(events: number): bigint | undefined;
  /** `io_submit` of one request; whether it was taken. */
  submit(context: bigint, list: Pointer): boolean;
  /** `io_cancel`; whether the kernel says that it answers the request. */
  cancel(context: bigint, request: Pointer, event: Pointer): boolean;
  /** `io_destroy`, which takes the kernel some 35 ms. */
  destroy(context: bigint): void;
  /** `io_getevents` without waiting: how many. */
  events(context: bigint, most: bigint, events: Pointer): number;
  /** `close(2)` */
  close(fd: number): void;
}

/** How many answers are taken at a time; of each descriptor there is one at most. */
const ANSWERS = 64;

/**
 * An answer to a request counts as quick within this time, in milliseconds. A wake costs many times what reading a
 * message costs, so messages that come quickly one after the other are left to gather, as network cards do with packets.
 */
const QUICK = 0.1;
/** After so many quick answers in a row, messages are left to gather. */
const QUICK_ANSWERS = 8;
/** How long they gather, in milliseconds. */
const GATHERING = 1;
/** Where so many have gathered, they are left to gather again. */
const GATHERED = 8;

/** How soon a request is cancelled again that was not answered, in milliseconds. */
const INSIST = 10;
/** A call that fails so often in a row is broken: a filter forbids it, or the kernel is out of something for long. */
const FAILURES = 10;

/** Memory of the kernel's structures: an own ArrayBuffer has an address that stays. */
class Memory {
  readonly u8: Uint8Array<ArrayBuffer>;
  readonly u32: Uint32Array<ArrayBuffer>;
  readonly u64: BigUint64Array<ArrayBuffer>;
  readonly at: Pointer;

  constructor(bytes: number) {
    const buffer = new ArrayBuffer(Math.max(bytes, 128)); // small ones may be moved
    this.u8 = new Uint8Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.u64 = new BigUint64Array(buffer);
    this.at = pointerTo(this.u8);
  }
}

/** Whoever is told this tries again, and waits in the other way then. */
function brokenError(call: string): SystemError {
  return new SystemError(`Cannot wait for interface events: ${call} fails again and again`, {
    operation: "wait for interface events",
  });
}

/** A descriptor that is waited for. */
class Watch {
  readonly request = new Memory(IOCB_LEN);
  /** The list of one request that io_submit takes. */
  readonly list = new Memory(8);
  readonly gone = Promise.withResolvers<void>();
  readonly id: number;
  readonly fd: number;
  readonly ready: Ready;
  readonly failed: (error: unknown) => void;
  open = true;
  paused = false;
  /** Whether the kernel has the request. */
  armed = false;
  /** When it got the request. */
  since = 0;
  /** How many answers in a row were quick. */
  quick = 0;
  /** How often in a row the kernel did not take the request, or not cancel it. */
  refusals = 0;
  /** Cancels the request again. */
  insist: ReturnType<typeof setTimeout> | undefined;

  constructor(id: number, fd: number, eventfd: number, ready: Ready, failed: (error: unknown) => void) {
    this.id = id;
    this.fd = fd;
    this.ready = ready;
    this.failed = failed;
    // struct iocb, include/uapi/linux/aio_abi.h
    const { u32, u64 } = this.request;
    u32[0] = id; // aio_data
    u32[4] = IOCB_CMD_POLL; // aio_lio_opcode
    u32[5] = fd; // aio_fildes
    u64[3] = BigInt(POLLIN); // aio_buf: what to wait for
    u32[14] = IOCB_FLAG_RESFD; // aio_flags
    u32[15] = eventfd; // aio_resfd
    this.list.u64[0] = addressOf(this.request.at);
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
export class AioWaiter {
  readonly #calls: AioCalls;
  readonly #context: bigint;
  readonly #events = new Memory(ANSWERS * IO_EVENT_LEN);
  readonly #watches = new Map<number, Watch>();
  /** Those that were closed while the kernel had their request. */
  readonly #leaving = new Map<number, Watch>();
  readonly #emptied: () => void;
  #next = 1;
  /** Whether no answers can be taken any more. */
  #broken = false;

  private constructor(calls: AioCalls, context: bigint, emptied: () => void) {
    this.#calls = calls;
    this.#context = context;
    this.#emptied = emptied;
  }

  /**
   * One for this thread, or undefined where the kernel has no asynchronous I/O. `emptied`: there is no descriptor left.
   * It has no end: giving its context back takes the kernel some 35 ms, which are spent when the process ends.
   */
  static open(calls: AioCalls, emptied: () => void): AioWaiter | undefined {
    const context = calls.setup(ANSWERS);
    return context === undefined ? undefined : new AioWaiter(calls, context, emptied);
  }

  /**
   * Waits for a descriptor and owns it from now on; undefined where the kernel cannot wait for it in this way. The answer
   * is written to an eventfd; whoever reads that calls {@linkcode AioWaiter.takeAnswers}.
   */
  add(
    fd: number,
    eventfd: number,
    ready: Ready,
    failed: (error: unknown) => void,
  ): Registration | undefined {
    const watch = new Watch(this.#next++, fd, eventfd, ready, failed);
    if (this.#broken || !this.#arm(watch)) return undefined;
    this.#watches.set(watch.id, watch);
    return {
      pause: (paused) => {
        watch.paused = paused;
        if (!paused && watch.open && !watch.armed) this.#rearm(watch);
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

  /** Takes what was answered: to be called when the eventfd was written to. */
  takeAnswers(): void {
    for (let failures = 0;;) {
      const count = this.#calls.events(this.#context, BigInt(ANSWERS), this.#events.at);
      if (count < 0) {
        if (++failures < FAILURES) continue;
        return this.#break("io_getevents");
      }
      for (let i = 0; i < count; i++) this.#answered(this.#events.u32[(i * IO_EVENT_LEN) >> 2]!);
      if (count < ANSWERS) return;
    }
  }

  #answered(id: number): void {
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
    if (watch.paused) return;
    watch.quick = performance.now() - watch.since < QUICK ? watch.quick + 1 : 0;
    this.#read(watch);
    if (watch.quick >= QUICK_ANSWERS) this.#gather(watch);
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
    watch.quick = 0;
    setTimeout(() => {
      if (!watch.open || watch.paused || watch.armed) return;
      if (this.#read(watch) >= GATHERED) this.#gather(watch);
      else this.#resume(watch);
    }, GATHERING);
  }

  #resume(watch: Watch): void {
    if (watch.open && !watch.paused && !watch.armed) this.#rearm(watch);
  }

  #arm(watch: Watch): boolean {
    watch.since = performance.now();
    return watch.armed = this.#calls.submit(this.#context, watch.list.at);
  }

  /** The kernel took the request before: if it does not now, it has no room left for the moment, or is broken. */
  #rearm(watch: Watch): void {
    if (this.#arm(watch)) watch.refusals = 0;
    else if (++watch.refusals < FAILURES) setTimeout(() => this.#resume(watch), 1);
    else watch.failed(brokenError("io_submit"));
  }

  #close(watch: Watch): void {
    if (!watch.open) return;
    watch.open = false;
    this.#watches.delete(watch.id);
    watch.refusals = 0;
    if (watch.armed) {
      // The request holds the file: closing the descriptor alone would leave the socket in place.
      this.#leaving.set(watch.id, watch);
      this.#cancel(watch);
    } else watch.leave();
    this.#calls.close(watch.fd);
    if (this.#broken) this.#letGo();
    this.#whenEmpty();
  }

  /** Where the kernel does not say that it answers, it may have answered before, or there is no end to the request. */
  #cancel(watch: Watch): void {
    if (this.#calls.cancel(this.#context, watch.request.at, this.#events.at)) return;
    watch.insist = setTimeout(() => {
      if (++watch.refusals < FAILURES) return this.#cancel(watch);
      this.#break("io_cancel");
      this.#calls.destroy(this.#context); // and every request with it
    }, INSIST);
  }

  /** Nothing is waited for in this way any more: whoever is told so waits in the other way. */
  #break(call: string): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#letGo();
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
