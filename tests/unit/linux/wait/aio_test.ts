/** Waiting by asynchronous I/O, on calls that answer when a test says so. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { bytesAt, type Pointer, pointerAt } from "../../../../platforms/ffi/memory.ts";
import { type AioCalls, AioQueue } from "../../../../platforms/linux/wait/aio.ts";
import { LoopWaiter } from "../../../../platforms/linux/wait/loop_waiter.ts";
import { IO_EVENT_LEN, IOCB_CMD_POLL, IOCB_FLAG_RESFD, POLLIN } from "../../../../platforms/linux/wire/numbers.ts";
import { Clock } from "../../../helpers/clock.ts";

const EVENTFD = 9;

/** io_submit(2) and its like. */
class FakeAio implements AioCalls {
  /** The requests that the kernel has: the descriptor by the number of the request. */
  readonly armed = new Map<number, number>();
  readonly closed: number[] = [];
  readonly cancelled: number[] = [];
  readonly destroyed: bigint[] = [];
  /** How often in a row io_submit and io_getevents fail from now on. */
  refusals = 0;
  failures = 0;
  submits = 0;
  #answers: number[] = [];

  ioSetup(): bigint {
    return 7n;
  }

  ioSubmit(context: bigint, list: Pointer): boolean {
    assertEquals(context, 7n);
    this.submits++;
    if (this.refusals > 0) return this.refusals-- < 0;
    const request = pointerAt(new BigUint64Array(bytesAt(list, 8))[0]!)!;
    const words = new Uint32Array(bytesAt(request, 64));
    assertEquals([words[4], words[6], words[14], words[15]], [IOCB_CMD_POLL, POLLIN, IOCB_FLAG_RESFD, EVENTFD]);
    this.armed.set(words[0]!, words[5]!);
    return true;
  }

  ioCancel(_context: bigint, request: Pointer): boolean {
    const [id] = new Uint32Array(bytesAt(request, 4));
    this.cancelled.push(id!);
    return true;
  }

  ioDestroy(context: bigint): void {
    this.destroyed.push(context);
    this.armed.clear();
  }

  ioGetevents(_context: bigint, most: bigint, events: Pointer): number {
    if (this.failures > 0) {
      this.failures--;
      return -1;
    }
    const now = this.#answers.splice(0, Number(most));
    const words = new Uint32Array(
      bytesAt(events, Math.max(1, now.length) * IO_EVENT_LEN),
    );
    now.forEach((id, i) => words[i * IO_EVENT_LEN / 4] = id);
    return now.length;
  }

  close(fd: number): void {
    this.closed.push(fd);
  }

  /** Answers the requests of these descriptors. */
  answer(...fds: number[]): void {
    for (const [id, fd] of [...this.armed]) {
      if (!fds.includes(fd)) continue;
      this.armed.delete(id);
      this.#answers.push(id);
    }
  }
}

interface Waited {
  readonly aio: FakeAio;
  readonly waiter: LoopWaiter;
  readonly log: string[];
  add(fd: number, ready?: () => number | void): ReturnType<LoopWaiter["add"]>;
}

function waited(): Waited {
  const aio = new FakeAio();
  const log: string[] = [];
  const queue = new AioQueue(aio, AioQueue.context(aio)!, EVENTFD);
  const waiter = new LoopWaiter(queue, (fd) => aio.close(fd), () => log.push("emptied"));
  return {
    aio,
    waiter,
    log,
    add: (fd, ready = () => void log.push(`fd ${fd}`)) =>
      waiter.add(fd, ready, (error) => log.push(`${fd}: ${error instanceof Error ? error.message : error}`)),
  };
}

const turn = (): Promise<void> => Promise.resolve();

Deno.test("aio: a kernel that has none, and one that does not take a descriptor", () => {
  const without = new FakeAio();
  assertEquals(AioQueue.context(Object.assign(without, { ioSetup: () => undefined })), undefined);
  const { aio, waiter, add, log } = waited();
  aio.refusals = 1;
  assertEquals([add(3), waiter.busy, aio.closed, log], [undefined, false, [], []]); // it is still the caller's
  add(4);
  assertEquals([waiter.busy, [...aio.armed.values()]], [true, [4]]);
});

Deno.test("aio: an answer is read, and asked for again behind the consumers", async () => {
  using clock = new Clock();
  const { aio, waiter, add, log } = waited();
  add(3);
  add(4);
  clock.now = 5;
  aio.answer(4);
  waiter.takeAnswers();
  assertEquals([log, [...aio.armed.values()]], [["fd 4"], [3]]);
  await turn();
  assertEquals([[...aio.armed.values()], aio.submits], [[3, 4], 3]);
  waiter.takeAnswers();
  assertEquals(log, ["fd 4"]);
});

Deno.test("aio: of more answers than are taken at a time every one is taken", () => {
  const { aio, waiter, add, log } = waited();
  const fds = Array.from({ length: 130 }, (_, i) => 1000 + i);
  for (const fd of fds) add(fd);
  aio.answer(...fds);
  waiter.takeAnswers();
  assertEquals(log, fds.map((fd) => `fd ${fd}`));
});

Deno.test("aio: one that pauses is not read; what came meanwhile is found when it goes on", async () => {
  const { aio, waiter, add, log } = waited();
  const registration = add(3)!;
  registration.pause(true);
  registration.pause(false); // the kernel has its request still
  assertEquals(aio.submits, 1);
  registration.pause(true);
  aio.answer(3);
  waiter.takeAnswers();
  await turn();
  assertEquals([log, aio.submits], [[], 1]);
  registration.pause(false);
  assertEquals(aio.submits, 2);
  aio.answer(3);
  waiter.takeAnswers();
  assertEquals(log, ["fd 3"]);
  registration.pause(true); // between the reading and the next request
  await turn();
  assertEquals(aio.submits, 2);
});

Deno.test("aio: one that is closed is gone when the kernel has given its request back, and is not called again", async () => {
  const { aio, waiter, add, log } = waited();
  const registration = add(3)!;
  let gone = false;
  const closing = registration.close().then(() => gone = true);
  assertEquals([aio.closed, aio.cancelled.length, waiter.busy], [[3], 1, true]);
  await turn();
  assertEquals([gone, log], [false, []]);
  aio.answer(3);
  waiter.takeAnswers();
  await closing;
  assertEquals([log, waiter.busy], [["emptied"], false]);
  await registration.close();
  registration.pause(false);
  assertEquals([aio.closed, aio.submits], [[3], 1]);
});

Deno.test("aio: one whose request was answered is gone at once; the others stay", async () => {
  const { aio, waiter, add, log } = waited();
  const [first, second] = [add(3)!, add(4)!];
  aio.answer(3);
  waiter.takeAnswers();
  await first.close(); // before the next request
  await turn();
  assertEquals([aio.cancelled, aio.closed, aio.submits, log], [[], [3], 2, ["fd 3"]]);
  void second.close();
  aio.answer(4);
  waiter.takeAnswers();
  assertEquals(log, ["fd 3", "emptied"]);
});

Deno.test("aio: what a callback throws is its own failure", () => {
  const { aio, waiter, add, log } = waited();
  add(3, () => {
    throw new Error("a message that cannot be read");
  });
  add(4);
  aio.answer(3, 4);
  waiter.takeAnswers();
  assertEquals(log, ["3: a message that cannot be read", "fd 4"]);
});

Deno.test("aio: io_getevents that fails ten times in a row is broken, and everybody is told; less is none", async () => {
  const { aio, waiter, add, log } = waited();
  const [first] = [add(3)!, add(4)!];
  aio.answer(3);
  aio.failures = 9;
  waiter.takeAnswers();
  assertEquals(log.splice(0), ["fd 3"]);
  await turn();
  aio.failures = 10;
  waiter.takeAnswers();
  assertEquals(log.length, 2);
  for (const line of log) {
    assertStringIncludes(line, "Cannot wait for interface events: io_getevents fails again and again");
  }
  assertEquals(aio.failures, 0);
  assertEquals(add(5), undefined); // nothing can be told any more
  assertEquals(aio.destroyed, [7n]); // and every request with it: the kernel lets go of the sockets
  await first.close();
  assertEquals([aio.cancelled, aio.closed], [[], [3]]);
});

Deno.test("aio: io_submit that fails is tried again each millisecond, ten times at the most", async () => {
  using time = new FakeTime();
  const { aio, waiter, add, log } = waited();
  add(3);
  const answered = async (refusals: number): Promise<void> => {
    aio.answer(3);
    waiter.takeAnswers();
    aio.refusals = refusals;
    for (let i = 0; i < 12; i++) await time.tickAsync(1);
  };
  await answered(9);
  assertEquals([log.splice(0), aio.armed.size, aio.refusals], [["fd 3"], 1, 0]);
  await answered(9); // the count began anew
  assertEquals([log.splice(0), aio.armed.size], [["fd 3"], 1]);
  await answered(99);
  assertEquals([log.length, aio.armed.size, aio.refusals], [2, 0, 89]);
  assertStringIncludes(log[1]!, "io_submit fails again and again");
});

Deno.test("aio: messages that come quickly one after the other are left to gather, as long as there are many", async () => {
  using time = new FakeTime();
  using clock = new Clock();
  const { aio, waiter, add } = waited();
  let found = 1;
  let reads = 0;
  const registration = add(3, () => (reads++, found))!;
  const answer = async (after: number): Promise<void> => {
    clock.now += after;
    aio.answer(3);
    waiter.takeAnswers();
    await turn();
  };
  for (let i = 0; i < 7; i++) await answer(0.0625);
  await answer(0.125); // not quick any more: the count begins anew
  for (let i = 0; i < 7; i++) await answer(0.0625);
  assertEquals([reads, aio.armed.size], [15, 1]);
  await answer(0.0625);
  assertEquals([reads, aio.armed.size], [16, 0]); // now they gather
  found = 8;
  await time.tickAsync(1);
  assertEquals([reads, aio.armed.size], [17, 0]); // many: again
  found = 7;
  await time.tickAsync(1);
  assertEquals([reads, aio.armed.size], [18, 1]);
  await time.tickAsync(10);
  assertEquals(reads, 18);
  // While they gather it may pause, or be closed.
  for (let i = 0; i < 8; i++) await answer(0.0625);
  registration.pause(true);
  await time.tickAsync(1);
  assertEquals([reads, aio.armed.size], [26, 0]);
  registration.pause(false);
  assertEquals(aio.armed.size, 1);
  for (let i = 0; i < 8; i++) await answer(0.0625);
  await registration.close();
  await time.tickAsync(1);
  assertEquals([reads, aio.armed.size], [34, 0]);
});

Deno.test("aio: one that went on while its messages gathered is not read twice", async () => {
  using time = new FakeTime();
  using _clock = new Clock();
  const { aio, waiter, add } = waited();
  let reads = 0;
  const registration = add(3, () => (reads++, 1))!;
  for (let i = 0; i < 8; i++) {
    aio.answer(3);
    waiter.takeAnswers();
    await turn();
  }
  registration.pause(true);
  registration.pause(false); // asks for it at once
  assertEquals(aio.armed.size, 1);
  await time.tickAsync(1);
  assertEquals([reads, aio.armed.size], [8, 1]);
});
