/** A descriptor that a runtime's event loop waits for: how messages that come quickly are left to gather. */
import { assertEquals, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { SystemError } from "../../../mod.ts";
import { LoopEntry, type ReadableHandle } from "../../../platforms/ffi/loop_entry.ts";
import { Clock } from "../../helpers/clock.ts";

/** An event loop's handle, and how many messages there are to read. */
class Loop implements ReadableHandle {
  readonly log: string[] = [];
  /** Whether it calls back. */
  takes = true;
  queued = 0;
  readonly entry: LoopEntry;

  constructor(ready: () => void = () => {}) {
    this.entry = new LoopEntry(
      () => {
        const read = this.queued;
        this.queued = 0;
        this.log.push(`read ${read}`);
        ready();
        return read;
      },
      (error) => void this.log.push(String(error)),
      () => void this.log.push("closed"),
    );
    this.entry.begin(this);
    this.log.length = 0;
  }

  start(): boolean {
    this.log.push("start");
    return this.takes;
  }

  stop(): void {
    this.log.push("stop");
  }

  close(closed: () => void): void {
    closed();
  }

  /** Messages come, and the loop says so. */
  come(count: number): void {
    this.queued += count;
    this.entry.answered();
  }

  /** So many come one at a time, one right behind the other. */
  hurry(times: number): void {
    for (let i = 0; i < times; i++) this.come(1);
  }

  take(): string[] {
    return this.log.splice(0);
  }
}

const READS = Array.from({ length: 8 }, () => "read 1");

Deno.test("loop entry: messages that come quickly gather, and are read at one go as long as there are many", async () => {
  using clock = new Clock();
  using time = new FakeTime();
  const loop = new Loop();
  loop.hurry(7);
  assertEquals(loop.take(), READS.slice(1));
  clock.now += 1; // a rest: the count begins anew
  loop.hurry(7);
  assertEquals(loop.take(), READS.slice(1));
  loop.hurry(2);
  assertEquals(loop.take(), ["read 1", "read 1", "stop"]);
  loop.come(8); // the loop may have said so before it was stopped: nobody reads it yet
  assertEquals(loop.take(), []);
  await time.tickAsync(1);
  assertEquals(loop.take(), ["read 8", "stop"]);
  loop.queued = 7;
  await time.tickAsync(1);
  assertEquals(loop.take(), ["read 7", "start"]);
  await time.tickAsync(100);
  assertEquals(loop.take(), []);
});

Deno.test("loop entry: a pause while messages gather leaves them, and its end reads on", async () => {
  using _clock = new Clock();
  using time = new FakeTime();
  const loop = new Loop();
  loop.hurry(8);
  assertEquals(loop.take(), [...READS, "stop"]);
  loop.entry.pause(true);
  await time.tickAsync(10);
  assertEquals(loop.take(), ["stop"]);
  loop.entry.pause(false);
  loop.come(1);
  assertEquals(loop.take(), ["start", "read 1"]);
});

Deno.test("loop entry: who pauses or closes while gathered messages are read is not read for any more", async () => {
  for (const end of ["pause", "close"] as const) {
    using _clock = new Clock();
    using time = new FakeTime();
    let gathered = false;
    const loop: Loop = new Loop(() => {
      if (gathered) void (end === "pause" ? loop.entry.pause(true) : loop.entry.close());
    });
    loop.hurry(8);
    loop.queued = 20;
    gathered = true;
    await time.tickAsync(1);
    await time.tickAsync(10);
    assertEquals(loop.take(), [...READS, "stop", "read 20", end === "pause" ? "stop" : "closed"]);
  }
});

Deno.test("loop entry: closed while messages gather, nothing is read and no timer is left", async () => {
  using _clock = new Clock();
  using time = new FakeTime();
  const loop = new Loop();
  loop.hurry(8);
  await loop.entry.close();
  await time.tickAsync(10);
  assertEquals(loop.take(), [...READS, "stop", "closed"]);
});

const NOT_TAKEN = "Cannot wait for interface events: the event loop does not take the descriptor";

Deno.test("loop entry: a loop that does not begin is told to who asked, and the descriptor stays his", () => {
  const log: string[] = [];
  const entry = new LoopEntry(
    () => void log.push("read"),
    () => void log.push("failed"),
    () => void log.push("closed"),
  );
  const handle = {
    start: () => false,
    stop: () => {},
    close: (gone: () => void) => (log.push("handle closed"), gone()),
  };
  assertThrows(() => entry.begin(handle), SystemError, NOT_TAKEN);
  entry.answered();
  assertEquals(log, ["handle closed"]);
});

Deno.test("loop entry: a loop that does not go on after a pause is a failure", () => {
  const loop = new Loop();
  loop.entry.pause(true);
  loop.takes = false;
  loop.entry.pause(false);
  assertEquals(loop.take(), ["stop", "start", `SystemError: ${NOT_TAKEN}`]);
});

Deno.test("loop entry: a loop that does not go on after messages gathered is a failure", async () => {
  using _clock = new Clock();
  using time = new FakeTime();
  const loop = new Loop();
  loop.hurry(8);
  loop.takes = false;
  await time.tickAsync(1);
  assertEquals(loop.take().slice(-3), ["read 0", "start", `SystemError: ${NOT_TAKEN}`]);
});
