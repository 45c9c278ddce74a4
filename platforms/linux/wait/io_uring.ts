import { bytesAt, type Pointer } from "../../ffi/memory.ts";
import type { PollQueue, PollRequest } from "./loop_waiter.ts";
import * as N from "../wire/numbers.ts";

/** Linux's io_uring(7), as the C library's `syscall` gives it. */
export interface RingCalls {
  /** `io_uring_setup(2)`, which fills in struct io_uring_params: the ring's descriptor, or a negative number. */
  ringSetup(entries: number, params: Uint8Array<ArrayBuffer>): number;
  /** `mmap(2)` of a part of the ring, to be read and written; undefined where that is refused. */
  map(ring: number, length: number, offset: bigint): Pointer | undefined;
  /** `munmap(2)` */
  unmap(at: Pointer, length: number): void;
  /** `io_uring_register(2)` of the eventfd that the kernel writes to when it has answered; whether it took it. */
  ringEventfd(ring: number, eventfd: number): boolean;
  /** `io_uring_enter(2)` for one request, without waiting: how many were taken. */
  ringEnter(ring: number): number;
  /** `close(2)` */
  close(fd: number): void;
}

/**
 * Room for so many requests, and twice as many answers: more than there are descriptors, and in the page or two that even
 * one request takes. Before Linux 5.12 they count for `ulimit -l`.
 */
const ENTRIES = 64;
/** No more room than that is believed. */
const MOST_ENTRIES = 4096;

/**
 * What the kernel must have, by Linux 5.9: both rings in one mapping; no answer dropped; and, of the same release as the
 * third, task work that wakes a thread that waits elsewhere. In 5.7 one that waits for the eventfd was never told.
 */
const FEATURES = N.IORING_FEAT_SINGLE_MMAP | N.IORING_FEAT_NODROP | N.IORING_FEAT_POLL_32BITS;

/** Where the words of struct io_uring_params stand, of io_sqring_offsets and of io_cqring_offsets. */
const [SQ_ENTRIES, CQ_ENTRIES, FEATURES_AT, SQ_OFF, CQ_OFF] = [0, 1, 5, 10, 20];
const [HEAD, TAIL, RING_MASK] = [0, 1, 2];
const [SQ_ARRAY, CQ_OVERFLOW, CQ_CQES] = [6, 4, 5];

/** Where everything stands in the rings: in words of 32 bits, from their beginning. */
interface Layout {
  readonly bytes: number;
  readonly sqEntries: number;
  readonly cqEntries: number;
  readonly sqHead: number;
  readonly sqTail: number;
  readonly sqMask: number;
  readonly array: number;
  readonly cqHead: number;
  readonly cqTail: number;
  readonly cqMask: number;
  readonly overflow: number;
  readonly cqes: number;
}

/** Reads what the kernel says of its rings; undefined where it says what cannot be, or cannot do what is needed. */
function layoutOf(params: Uint32Array): Layout | undefined {
  const [sqEntries, cqEntries] = [params[SQ_ENTRIES]!, params[CQ_ENTRIES]!];
  if ((params[FEATURES_AT]! & FEATURES) !== FEATURES) return undefined;
  for (const entries of [sqEntries, cqEntries]) {
    if (entries < 2 || entries > MOST_ENTRIES || (entries & (entries - 1)) !== 0) return undefined;
  }
  const sq = (word: number): number => params[SQ_OFF + word]!;
  const cq = (word: number): number => params[CQ_OFF + word]!;
  const ends = [sq(SQ_ARRAY) + 4 * sqEntries, cq(CQ_CQES) + N.IO_URING_CQE_LEN * cqEntries];
  const bytes = Math.max(...ends);
  const starts = [HEAD, TAIL, RING_MASK].flatMap((word) => [sq(word), cq(word)]);
  starts.push(sq(SQ_ARRAY), cq(CQ_OVERFLOW), cq(CQ_CQES));
  const most = 4096 + MOST_ENTRIES * (4 + N.IO_URING_CQE_LEN);
  if (bytes > most || starts.some((at) => at % 4 !== 0 || at + 4 > bytes)) return undefined;
  return {
    bytes: (bytes + 3) & ~3,
    sqEntries,
    cqEntries,
    sqHead: sq(HEAD) >> 2,
    sqTail: sq(TAIL) >> 2,
    sqMask: sq(RING_MASK) >> 2,
    array: sq(SQ_ARRAY) >> 2,
    cqHead: cq(HEAD) >> 2,
    cqTail: cq(TAIL) >> 2,
    cqMask: cq(RING_MASK) >> 2,
    overflow: cq(CQ_OVERFLOW) >> 2,
    cqes: cq(CQ_CQES) >> 2,
  };
}

/**
 * Poll requests by io_uring. A request costs one call; answers are read from memory that the kernel shares. It answers
 * by work that it does in this thread: a system call of this thread that waits may end with EINTR, which the runtime's
 * wait for events takes for nothing.
 *
 * Everything is given back at the end, so that neither threads nor watchers that come and go leave something behind.
 */
export class RingQueue implements PollQueue {
  readonly way = "io_uring";
  readonly calls = { arm: "io_uring_enter", cancel: "io_uring_enter", take: "io_uring" };
  readonly #calls: RingCalls;
  readonly #ring: number;
  readonly #layout: Layout;
  readonly #mappings: readonly (readonly [at: Pointer, length: number])[];
  /** The shared memory: without a word from the moment on when it is given back. */
  #words: Uint32Array;
  #requests: Uint32Array;

  private constructor(calls: RingCalls, ring: number, layout: Layout, rings: Pointer, requests: Pointer) {
    const length = layout.sqEntries * N.IO_URING_SQE_LEN;
    this.#calls = calls;
    this.#ring = ring;
    this.#layout = layout;
    this.#mappings = [[rings, layout.bytes], [requests, length]];
    this.#words = new Uint32Array(bytesAt(rings, layout.bytes));
    this.#requests = new Uint32Array(bytesAt(requests, length));
    // Which request stands at each place of the ring: always the one of that place.
    for (let i = 0; i < layout.sqEntries; i++) this.#words[layout.array + i] = i;
  }

  /** Opens one that tells by an eventfd, or undefined where the kernel has no io_uring, an old one, or forbids it. */
  static open(calls: RingCalls, eventfd: number): RingQueue | undefined {
    const params = new Uint32Array(N.IO_URING_PARAMS_LEN / 4);
    const ring = calls.ringSetup(ENTRIES, new Uint8Array(params.buffer));
    if (ring < 0) return undefined;
    const layout = layoutOf(params);
    const rings = layout && calls.map(ring, layout.bytes, N.IORING_OFF_SQ_RING);
    const requests = rings && calls.map(ring, layout.sqEntries * N.IO_URING_SQE_LEN, N.IORING_OFF_SQES);
    if (requests === undefined) {
      if (rings !== undefined) calls.unmap(rings, layout!.bytes);
      calls.close(ring);
      return undefined;
    }
    const queue = new RingQueue(calls, ring, layout!, rings!, requests);
    const { sqMask, cqMask, sqEntries, cqEntries } = layout!;
    const fits = queue.#words[sqMask] === sqEntries - 1 && queue.#words[cqMask] === cqEntries - 1;
    if (fits && calls.ringEventfd(ring, eventfd)) return queue;
    queue.close();
    return undefined;
  }

  request(id: number, fd: number): PollRequest {
    return {
      arm: () => this.#submit(N.IORING_OP_POLL_ADD, fd, N.POLLIN, 0, id, this.#layout.sqEntries),
      // The answer to the cancelling itself is nobody's: its number is 0.
      cancel: () => this.#submit(N.IORING_OP_POLL_REMOVE, -1, 0, id, 0, this.#layout.cqEntries),
    };
  }

  /**
   * Hands one request to the kernel; whether it took it. Every request has one answer: while no more are asked than there
   * is `room` for answers, none can be lost. The rest of the room is for cancelling.
   */
  #submit(opcode: number, fd: number, events: number, target: number, id: number, room: number): boolean {
    const [words, requests, { sqHead, sqTail, sqEntries, cqHead }] = [this.#words, this.#requests, this.#layout];
    if (words.length === 0) return false;
    const tail = words[sqTail]!;
    if (((tail - words[cqHead]!) >>> 0) >= room) return false;
    // struct io_uring_sqe: what is not written here is 0 from the beginning on.
    const at = (tail & (sqEntries - 1)) * (N.IO_URING_SQE_LEN >> 2);
    requests[at] = opcode;
    requests[at + 1] = fd;
    requests[at + 4] = target; // addr
    requests[at + 7] = events; // poll32_events
    requests[at + 8] = id; // user_data
    // The kernel reads these in the call, on this thread: nothing must be said of the order.
    words[sqTail] = tail + 1;
    if (this.#calls.ringEnter(this.#ring) === 1 || words[sqHead] === words[sqTail]) return true;
    words[sqTail] = tail; // it has not looked at it
    return false;
  }

  take(answered: (id: number, well: boolean) => void): boolean {
    const { cqHead, cqTail, cqEntries, cqes, overflow } = this.#layout;
    // There is no room for more at a time; behind what comes meanwhile the eventfd is written to again.
    for (let left = cqEntries; left > 0; left--) {
      const words = this.#words;
      if (words.length === 0) return true; // closed by whoever was told
      if (words[overflow] !== 0) return false;
      const head = words[cqHead]!;
      // What stands before the tail was written before it: by this thread mostly, but the kernel may do it on another one.
      if (head === Atomics.load(words, cqTail)) return true;
      // struct io_uring_cqe: __u64 user_data, __s32 res, __u32 flags
      const at = cqes + (head & (cqEntries - 1)) * (N.IO_URING_CQE_LEN >> 2);
      const [id, result] = [words[at]!, words[at + 2]! | 0];
      Atomics.store(words, cqHead, head + 1);
      answered(id, result >= 0);
    }
    return true;
  }

  close(): void {
    if (this.#words.length === 0) return;
    this.#words = this.#requests = new Uint32Array(0);
    for (const [at, length] of this.#mappings) this.#calls.unmap(at, length);
    this.#calls.close(this.#ring);
  }

  /** The kernel cancels what it has when nobody has the ring any more. */
  destroy(): void {
    this.close();
  }
}
