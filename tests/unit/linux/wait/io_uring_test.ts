/** Poll requests by io_uring, on a ring in memory whose kernel does what a test says. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { type Pointer, pointerTo } from "../../../../platforms/ffi/memory.ts";
import { type RingCalls, RingQueue } from "../../../../platforms/linux/wait/io_uring.ts";
import { LoopWaiter } from "../../../../platforms/linux/wait/loop_waiter.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";

const [RING, EVENTFD] = [7, 9];
const [EINVAL, ECANCELED] = [22, 125];
/** Where the kernel of this test puts what: struct io_rings, in bytes. */
const AT = { sqHead: 0, cqHead: 8, sqTail: 4, cqTail: 12, sqMask: 16, cqMask: 20, overflow: 44, cqes: 64 };
/** Where struct io_uring_params has it, in words. */
const PARAMS = { sqEntries: 0, cqEntries: 1, features: 5, sqHead: 10, sqTail: 11, sqMask: 12, sqArray: 16 } as const;
const CQ_PARAMS = { cqHead: 20, cqTail: 21, cqMask: 22, overflow: 24, cqes: 25 } as const;

class FakeRing implements RingCalls {
  readonly log: string[] = [];
  /** The requests that the kernel has: the descriptor by the number of the request. */
  readonly armed = new Map<number, number>();
  /** How often in a row io_uring_enter fails from now on; whether it takes the request all the same. */
  refusals = 0;
  takes = false;
  /** What every request is answered with at once. */
  result: number | undefined;
  maps = 2;
  eventfds = true;
  enters = 0;
  /** What the counters start with. */
  start = 0;
  change: (params: Uint32Array) => void = () => {};
  readonly words = new Uint32Array(new ArrayBuffer(8192));
  readonly #requests = new Uint32Array(new ArrayBuffer(8192));

  ringSetup(entries: number, bytes: Uint8Array<ArrayBuffer>): number {
    const params = new Uint32Array(bytes.buffer);
    assertEquals([bytes.length, ...params], [N.IO_URING_PARAMS_LEN, ...new Array(30).fill(0)]);
    const [sqEntries, cqEntries] = [entries, 2 * entries];
    params.set([sqEntries, cqEntries, 0, 0, 0, 0xffff]);
    params.set([AT.sqHead, AT.sqTail, AT.sqMask, 24, 36, 32, AT.cqes + 16 * cqEntries], PARAMS.sqHead);
    params.set([AT.cqHead, AT.cqTail, AT.cqMask, 28, AT.overflow, AT.cqes], CQ_PARAMS.cqHead);
    this.words[AT.sqMask / 4] = sqEntries - 1;
    this.words[AT.cqMask / 4] = cqEntries - 1;
    for (const at of [AT.sqHead, AT.cqHead, AT.sqTail, AT.cqTail]) this.words[at / 4] = this.start;
    this.change(params);
    return RING;
  }

  map(ring: number, length: number, offset: bigint): Pointer | undefined {
    assertEquals(ring, RING);
    const memory = offset === N.IORING_OFF_SQ_RING ? this.words : this.#requests;
    assertEquals(length % 4, 0);
    return length <= memory.byteLength && this.maps-- > 0 ? pointerTo(new Uint8Array(memory.buffer)) : undefined;
  }

  unmap(): void {
    this.log.push("unmap");
  }

  ringEventfd(ring: number, eventfd: number): boolean {
    assertEquals([ring, eventfd], [RING, EVENTFD]);
    return this.eventfds;
  }

  ringEnter(): number {
    this.enters++;
    if (this.refusals > 0) {
      this.refusals--;
      if (!this.takes) return -1;
    }
    const { words } = this;
    const head = words[AT.sqHead / 4]!;
    assertEquals(words[AT.sqTail / 4]! - head | 0, 1);
    const mask = words[AT.sqMask / 4]!;
    const slot = words[(AT.cqes + 16 * (words[AT.cqMask / 4]! + 1)) / 4 + (head & mask)]!;
    assertEquals(slot, head & mask);
    const [opcode, fd, off, offHigh, target, targetHigh, length, events, id, idHigh, ...rest] = this.#requests.subarray(
      16 * slot,
      16 * slot + 16,
    );
    assertEquals([off, offHigh, targetHigh, length, idHigh, ...rest], new Array(11).fill(0));
    words[AT.sqHead / 4] = head + 1;
    if (opcode === N.IORING_OP_POLL_ADD) {
      assertEquals([target, events], [0, N.POLLIN]);
      if (this.result !== undefined) this.#push(id!, this.result);
      else this.armed.set(id!, fd!);
    } else {
      assertEquals([opcode, fd! | 0, events, id], [N.IORING_OP_POLL_REMOVE, -1, 0, 0]);
      this.#push(0, this.armed.has(target!) ? 0 : -2);
      if (this.armed.delete(target!)) this.#push(target!, -ECANCELED);
    }
    return this.takes ? -1 : 1;
  }

  close(fd: number): void {
    this.log.push(`close ${fd}`);
  }

  /** Answers the requests of these descriptors. */
  answer(...fds: number[]): void {
    for (const [id, fd] of [...this.armed]) {
      if (!fds.includes(fd)) continue;
      this.armed.delete(id);
      this.#push(id, N.POLLIN);
    }
  }

  #push(id: number, result: number): void {
    const { words } = this;
    const tail = words[AT.cqTail / 4]!;
    words.set([id, 0, result, 0], AT.cqes / 4 + 4 * (tail & words[AT.cqMask / 4]!));
    words[AT.cqTail / 4] = tail + 1;
  }
}

function opened(ring = new FakeRing()): { ring: FakeRing; queue: RingQueue } {
  return { ring, queue: RingQueue.open(ring, EVENTFD)! };
}

function taken(queue: RingQueue): [id: number, well: boolean][] {
  const answers: [number, boolean][] = [];
  assertEquals(queue.take((id, well) => answers.push([id, well])), true);
  return answers;
}

Deno.test("io_uring: where the kernel has none, or forbids a part of it, nothing is left behind", () => {
  const refusing = (how: Partial<FakeRing>): [unknown, string[]] => {
    const { ring, queue } = opened(Object.assign(new FakeRing(), how));
    return [queue, ring.log];
  };
  assertEquals(refusing({ ringSetup: () => -1 }), [undefined, []]);
  assertEquals(refusing({ maps: 0 }), [undefined, ["close 7"]]);
  assertEquals(refusing({ maps: 1 }), [undefined, ["unmap", "close 7"]]);
  assertEquals(refusing({ eventfds: false }), [undefined, ["unmap", "unmap", "close 7"]]);
});

Deno.test("io_uring: a kernel that is too old, or says what cannot be, is left alone", () => {
  for (const feature of [N.IORING_FEAT_SINGLE_MMAP, N.IORING_FEAT_NODROP, N.IORING_FEAT_POLL_32BITS]) {
    const ring = Object.assign(new FakeRing(), {
      change: (params: Uint32Array) => params[PARAMS.features]! &= ~feature,
    });
    assertEquals([opened(ring).queue, ring.log], [undefined, ["close 7"]]);
  }
  for (const at of [...Object.values(PARAMS), ...Object.values(CQ_PARAMS)]) {
    if (at === PARAMS.features) continue;
    for (const value of [1, 8190, 65536, 0x7ffffffc, 0xfffffffc]) {
      const ring = Object.assign(new FakeRing(), { change: (params: Uint32Array) => params[at] = value });
      const { queue } = opened(ring);
      assertEquals([queue, ring.log.at(-1)], [undefined, "close 7"], `word ${at}: ${value}`);
    }
  }
});

Deno.test("io_uring: a request is answered once, with its number, and may be asked again", () => {
  for (const start of [0, 0xfffffffe]) {
    const { ring, queue } = opened(Object.assign(new FakeRing(), { start }));
    const [first, second] = [queue.request(5, 3), queue.request(0xffffffff, 4)];
    assertEquals([first.arm(), second.arm(), [...ring.armed]], [true, true, [[5, 3], [0xffffffff, 4]]]);
    assertEquals(taken(queue), []);
    ring.answer(4);
    assertEquals(taken(queue), [[0xffffffff, true]]);
    for (let i = 0; i < 300; i++) {
      assertEquals(second.arm(), true);
      ring.answer(4);
      assertEquals(taken(queue), [[0xffffffff, true]]);
    }
    assertEquals(first.cancel(), true);
    assertEquals(taken(queue), [[0, true], [5, false]]);
    assertEquals(first.cancel(), true); // has nothing to cancel, and no answer of its own
    assertEquals(taken(queue), [[0, false]]);
    assertEquals(ring.enters, 304);
  }
});

Deno.test("io_uring: no more is asked than there is room for answers, and what is asked can be cancelled", () => {
  const { ring, queue } = opened();
  const requests = Array.from({ length: 65 }, (_, i) => queue.request(i + 1, 100 + i));
  assertEquals(requests.map((request) => request.arm()).lastIndexOf(true), 63);
  assertEquals([ring.enters, requests[63]!.cancel()], [64, true]);
  ring.answer(...requests.keys().map((i) => 100 + i));
  assertEquals(taken(queue).length, 65);
  assertEquals(requests[64]!.arm(), true);
});

Deno.test("io_uring: a request that the kernel refuses is not in the ring; one that it took has an answer", () => {
  const { ring, queue } = opened();
  const [first, second] = [queue.request(1, 3), queue.request(2, 4)];
  ring.refusals = 1;
  assertEquals([first.arm(), second.arm(), [...ring.armed.values()]], [false, true, [4]]);
  Object.assign(ring, { refusals: 1, takes: true });
  assertEquals([first.arm(), [...ring.armed.values()]], [true, [4, 3]]);
});

Deno.test("io_uring: whoever is told may close it, and its memory is not touched from then on", () => {
  const { ring, queue } = opened();
  const requests = [queue.request(1, 3), queue.request(2, 4)];
  for (const request of requests) request.arm();
  ring.answer(3, 4);
  const told: number[] = [];
  const close = (id: number): void => {
    told.push(id);
    queue.close();
    ring.words.fill(0xffffffff);
  };
  assertEquals([queue.take(close), told], [true, [1]]);
  assertEquals([ring.log, requests[0]!.arm(), requests[1]!.cancel(), taken(queue)], [
    ["unmap", "unmap", "close 7"],
    false,
    false,
    [],
  ]);
  queue.destroy();
  assertEquals([ring.log.length, ring.enters], [3, 2]);
  assertEquals(ring.words.every((word) => word === 0xffffffff), true);
});

Deno.test("io_uring: answers that were lost are trouble, and a tail that runs away is no loop without end", () => {
  const { ring, queue } = opened();
  ring.words[AT.overflow / 4] = 1;
  assertEquals(queue.take(() => {}), false);
  ring.words[AT.overflow / 4] = 0;
  ring.words[AT.cqTail / 4] = 0xf0000000;
  assertEquals(taken(queue).length, 128);
});

Deno.test("io_uring: a kernel that answers each request with an error is asked ten times, a millisecond apart", async () => {
  using time = new FakeTime();
  const { ring, queue } = opened();
  const failures: unknown[] = [];
  const never = (): never => {
    throw new Error("there is nothing to read");
  };
  const waiter = new LoopWaiter(queue, () => {}, () => {});
  ring.result = -EINVAL;
  const registration = waiter.add(3, never, (error) => failures.push(error))!;
  for (let i = 0; i < 20; i++) {
    waiter.takeAnswers();
    await time.tickAsync(1);
  }
  assertEquals([ring.enters, failures.length], [10, 1]);
  assertStringIncludes(String(failures[0]), "Cannot wait for interface events: io_uring_enter fails again and again");
  await registration.close();
});

Deno.test("io_uring: one that is closed is gone when the kernel has given its request back", async () => {
  const { ring, queue } = opened();
  const log: string[] = [];
  const waiter = new LoopWaiter(queue, (fd) => log.push(`close ${fd}`), () => log.push("emptied"));
  const registration = waiter.add(3, () => void log.push("ready"), () => {})!;
  const closing = registration.close().then(() => log.push("gone"));
  assertEquals([log, ring.armed.size, waiter.busy], [["close 3"], 0, true]);
  waiter.takeAnswers();
  await closing;
  assertEquals([log, waiter.busy], [["close 3", "emptied", "gone"], false]);
});
