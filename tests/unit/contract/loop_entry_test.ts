/** A descriptor that a runtime's event loop waits for: how messages that come quickly are left to gather. */
import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { LoopEntry, type ReadableHandle } from "../../../platforms/ffi/loop_entry.ts";
import { Clock } from "../../helpers/clock.ts";

/** An event loop's handle, and how many messages there are to read. */
class Loop implements ReadableHandle {
  readonly log: string[] = [];
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

  start(): void {
    this.log.push("start");
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
