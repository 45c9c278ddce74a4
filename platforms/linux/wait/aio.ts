import { addressOf, type Pointer, pointerTo } from "../../ffi/memory.ts";
import { FAILURES, type PollQueue, type PollRequest } from "./loop_waiter.ts";
import { IO_EVENT_LEN, IOCB_CMD_POLL, IOCB_FLAG_RESFD, IOCB_LEN, POLLIN } from "../wire/numbers.ts";

/** Linux's asynchronous I/O (io_submit(2) and its like), as the C library's `syscall` gives it. */
export interface AioCalls {
  /** `io_setup`: the context's number, or undefined where the kernel has no asynchronous I/O or forbids it. */
  ioSetup(events: number): bigint | undefined;
  /** `io_submit` of one request; whether it was taken. */
  ioSubmit(context: bigint, list: Pointer): boolean;
  /** `io_cancel`; whether the kernel says that it answers the request. */
  ioCancel(context: bigint, request: Pointer, event: Pointer): boolean;
  /** `io_destroy`, which takes the kernel some 35 ms. */
  ioDestroy(context: bigint): void;
  /** `io_getevents` without waiting: how many. */
  ioGetevents(context: bigint, most: bigint, events: Pointer): number;
}

/** How many answers are taken at a time; of each descriptor there is one at most. */
const ANSWERS = 64;

/** Memory of the kernel's structures: an own ArrayBuffer has an address that stays. */
class Memory {
  readonly u8: Uint8Array<ArrayBuffer>;
  readonly u32: Uint32Array<ArrayBuffer>;
  readonly i32: Int32Array<ArrayBuffer>;
  readonly u64: BigUint64Array<ArrayBuffer>;
  readonly at: Pointer;

  constructor(bytes: number) {
    const buffer = new ArrayBuffer(Math.max(bytes, 128)); // small ones may be moved
    this.u8 = new Uint8Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u64 = new BigUint64Array(buffer);
    this.at = pointerTo(this.u8);
  }
}

/** Poll requests by asynchronous I/O. */
export class AioQueue implements PollQueue {
  readonly way = "aio";
  readonly calls = { arm: "io_submit", cancel: "io_cancel", take: "io_getevents" };
  readonly #calls: AioCalls;
  readonly #context: bigint;
  readonly #eventfd: number;
  readonly #events = new Memory(ANSWERS * IO_EVENT_LEN);

  /** `context`: of {@linkcode AioQueue.context}. `eventfd`: where the kernel tells that it has answered. */
  constructor(calls: AioCalls, context: bigint, eventfd: number) {
    this.#calls = calls;
    this.#context = context;
    this.#eventfd = eventfd;
  }

  /**
   * What one thread needs, for as many queues as there are one after the other; undefined where the kernel has no
   * asynchronous I/O. Giving it back takes the kernel some 35 ms, which are spent when the process ends.
   */
  static context(calls: AioCalls): bigint | undefined {
    return calls.ioSetup(ANSWERS);
  }

  request(id: number, fd: number): PollRequest {
    const [request, list] = [new Memory(IOCB_LEN), new Memory(8)];
    // struct iocb, include/uapi/linux/aio_abi.h
    request.u32[0] = id; // aio_data
    request.u32[4] = IOCB_CMD_POLL; // aio_lio_opcode
    request.u32[5] = fd; // aio_fildes
    request.u64[3] = BigInt(POLLIN); // aio_buf: what to wait for
    request.u32[14] = IOCB_FLAG_RESFD; // aio_flags
    request.u32[15] = this.#eventfd; // aio_resfd
    list.u64[0] = addressOf(request.at); // the list of one request that io_submit takes
    return {
      arm: () => this.#calls.ioSubmit(this.#context, list.at),
      cancel: () => this.#calls.ioCancel(this.#context, request.at, this.#events.at),
    };
  }

  take(answered: (id: number, well: boolean) => void): boolean {
    for (let failures = 0;;) {
      const count = this.#calls.ioGetevents(this.#context, BigInt(ANSWERS), this.#events.at);
      if (count < 0) {
        if (++failures < FAILURES) continue;
        return false;
      }
      const { u32, i32 } = this.#events;
      // struct io_event: __u64 data, __u64 obj, __s64 res, __s64 res2
      for (let at = 0; at < count * IO_EVENT_LEN >> 2; at += IO_EVENT_LEN >> 2) answered(u32[at]!, i32[at + 4]! >= 0);
      if (count < ANSWERS) return true;
    }
  }

  close(): void {
    // The context waits for the next queue.
  }

  destroy(): void {
    this.#calls.ioDestroy(this.#context);
  }
}
