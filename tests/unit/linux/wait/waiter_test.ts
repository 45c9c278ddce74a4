import { assertEquals, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { LinuxLibc } from "../../../../platforms/linux/libc/libc.ts";
import { type Pointer, pointerTo } from "../../../../platforms/ffi/memory.ts";
import { Poller } from "../../../../platforms/ffi/poller.ts";
import { RingQueue } from "../../../../platforms/linux/wait/io_uring.ts";
import { Waiter } from "../../../../platforms/linux/wait/waiter.ts";

const linux = Deno.build.os === "linux";

/** An eventfd that is waited for, and how often it was found written to. */
class Heard {
  readonly fd: number;
  times = 0;
  #news = Promise.withResolvers<void>();
  readonly #libc: LinuxLibc;

  constructor(libc: LinuxLibc) {
    this.#libc = libc;
    this.fd = libc.eventfd();
  }

  readonly ready = (): void => {
    this.#libc.drainWake({ read: this.fd, write: this.fd });
    this.times++;
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  };

  /** Writes to it, and returns when that was heard. */
  async ring(): Promise<void> {
    const { promise } = this.#news;
    this.#libc.notify(this.fd);
    await promise;
  }
}

function descriptors(): number {
  return Array.from(Deno.readDirSync("/proc/self/fd")).length;
}

/** Waits until so many descriptors are open: the runtime closes its handle in a turn of its own. */
async function untilOpen(count: number): Promise<void> {
  for (let i = 0; i < 1000 && descriptors() !== count; i++) await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(descriptors(), count);
}

/** Where nothing rings. */
class Silent extends LinuxLibc {
  asked = 0;

  override notify(): boolean {
    this.asked++;
    return true;
  }
}

/** Where the first thing rings and nothing after it, as in some releases of the runtime. */
class Once extends LinuxLibc {
  asked = 0;

  override notify(eventfd: number): boolean {
    return this.asked++ === 0 ? super.notify(eventfd) : true;
  }
}

/** Where the kernel has no io_uring. */
class Ringless extends LinuxLibc {
  override ringSetup(): number {
    return -1;
  }
}

/** Where it has no asynchronous I/O either. */
class Without extends Ringless {
  override ioSetup(): undefined {
    return undefined;
  }
}

/** Where it takes requests and does not answer them. */
class Deaf extends LinuxLibc {
  entered = 0;

  override ringEnter(): number {
    return ++this.entered > 0 ? 1 : 0;
  }
}

/** Whether this kernel has io_uring. */
function hasRing(): boolean {
  const libc = new LinuxLibc("poll");
  const eventfd = libc.eventfd();
  const ring = RingQueue.open(libc, eventfd);
  ring?.close();
  libc.close(eventfd);
  if (ring === undefined) console.error("SKIPPED: no io_uring here");
  return ring !== undefined;
}

const RING = linux && hasRing();
/** The ways of the event loop here. */
const WAYS = RING ? ["io_uring", "aio"] as const : ["aio"] as const;

const failed = (error: unknown): void => {
  throw error;
};

/** Rings until the event loop has taken over, or so often. */
async function ringOn(waiter: Waiter, heard: Heard, most: number): Promise<void> {
  for (let i = 0; i < most && waiter.way === "poll"; i++) {
    await heard.ring();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

for (const way of WAYS) {
  Deno.test({
    name: `waiter: the event loop takes over by ${way}, with every descriptor, and nothing is missed`,
    ignore: !linux,
    fn: async () => {
      const libc = way === "aio" ? new Ringless() : new LinuxLibc();
      const { waiter } = libc;
      const before = descriptors();
      const [first, second] = [new Heard(libc), new Heard(libc)];
      const registrations = [first, second].map(({ fd, ready }) => waiter.add(fd, ready, failed));
      await ringOn(waiter, first, 500);
      assertEquals(waiter.way, way);
      const taken = first.times;
      for (let i = 0; i < 100; i++) await first.ring();
      assertEquals(first.times, taken + 100);
      await second.ring();
      // Paused, it is left alone; what came meanwhile is found at once afterwards.
      registrations[1]!.pause(true);
      libc.notify(second.fd);
      await first.ring();
      await first.ring();
      assertEquals(second.times, 1);
      registrations[1]!.pause(false);
      while (second.times < 2) await new Promise((resolve) => setTimeout(resolve, 1));
      // A third one goes straight to the event loop.
      const third = new Heard(libc);
      const late = waiter.add(third.fd, third.ready, failed);
      await third.ring();
      await Promise.all([...registrations, late].map((registration) => registration.close()));
      assertEquals(waiter.way, "poll");
      await untilOpen(before);
    },
  });
}

for (const way of WAYS) {
  Deno.test({
    name: `waiter: a storm is read in batches by ${way}, and its end is not missed`,
    ignore: !linux,
    fn: async () => {
      const before = descriptors();
      const libc = new LinuxLibc(way);
      const { waiter } = libc;
      const heard = new Heard(libc);
      const registration = waiter.add(heard.fd, heard.ready, failed);
      await ringOn(waiter, heard, 500);
      assertEquals(waiter.way, way);
      for (let round = 0; round < 20; round++) {
        for (let i = 0; i < 50; i++) {
          libc.notify(heard.fd);
          await new Promise((resolve) => setImmediate(resolve));
        }
        await heard.ring();
      }
      await registration.close();
      await untilOpen(before);
    },
  });
}

for (const [way, asked] of [["io_uring", 1], ["aio", 1], ["loop", 2]] as const) {
  Deno.test({
    name: `waiter: where the event loop does not ring by ${way}, the poll goes on for good`,
    ignore: !linux || (!RING && way !== "aio"),
    fn: async () => {
      using time = new FakeTime();
      const libc = new LinuxLibc("poll");
      const silent = new Silent("poll");
      const waiter = new Waiter(new Poller(libc), silent, way);
      const before = descriptors();
      const heard = new Heard(libc);
      const registration = waiter.add(heard.fd, heard.ready, failed);
      assertEquals(silent.asked, 1);
      await time.tickAsync(1000);
      await time.tickAsync(1000);
      for (let i = 0; i < 40; i++) await heard.ring();
      assertEquals([waiter.way, silent.asked], ["poll", asked]);
      await registration.close();
      assertEquals(descriptors(), before);
    },
  });
}

Deno.test({
  name: "waiter: where io_uring takes requests and does not answer, asynchronous I/O takes over",
  ignore: !RING,
  fn: async () => {
    const libc = new LinuxLibc("poll");
    const before = descriptors();
    const deaf = new Deaf("poll");
    const waiter = new Waiter(new Poller(libc), deaf, "loop");
    const heard = new Heard(libc);
    const registration = waiter.add(heard.fd, heard.ready, failed);
    assertEquals(deaf.entered, 1);
    // It has a second to answer.
    for (let i = 0; i < 5000 && waiter.way === "poll"; i++) await new Promise((resolve) => setTimeout(resolve, 2));
    assertEquals([waiter.way, deaf.entered], ["aio", 2]); // the second one took the test's request back
    for (let i = 0; i < 20; i++) await heard.ring();
    await registration.close();
    await untilOpen(before);
  },
});

Deno.test({
  name: "waiter: where the kernel has neither io_uring nor asynchronous I/O, the poll goes on for good",
  ignore: !linux,
  fn: async () => {
    const libc = new LinuxLibc("poll");
    const waiter = new Waiter(new Poller(libc), new Without("poll"), undefined);
    const heard = new Heard(libc);
    const registration = waiter.add(heard.fd, heard.ready, failed);
    for (let i = 0; i < 60; i++) await heard.ring();
    assertEquals(waiter.way, "poll");
    await registration.close();
  },
});

Deno.test({
  name: "waiter: NETFLAGS_WAIT=poll keeps to the poll",
  ignore: !linux,
  fn: async () => {
    const libc = new LinuxLibc("poll");
    const heard = new Heard(libc);
    const registration = libc.waiter.add(heard.fd, heard.ready, failed);
    for (let i = 0; i < 60; i++) await heard.ring();
    assertEquals(libc.waiter.way, "poll");
    await registration.close();
  },
});

for (const way of WAYS) {
  Deno.test({
    name: `waiter: closed in the middle of the trial by ${way}, it leaves nothing behind`,
    ignore: !linux,
    fn: async () => {
      const libc = new LinuxLibc(way);
      for (let i = 0; i < 20; i++) {
        const before = descriptors();
        const heard = new Heard(libc);
        const registration = libc.waiter.add(heard.fd, heard.ready, failed);
        if (i % 2 === 1) await new Promise((resolve) => setTimeout(resolve, i % 5));
        await registration.close();
        await untilOpen(before);
      }
    },
  });
}

/** Where a call breaks while it is in use. */
class Breaking extends LinuxLibc {
  broken: "io_submit" | "io_getevents" | "io_uring_enter" | undefined;

  override ringEnter(ring: number): number {
    return this.broken === "io_uring_enter" ? -1 : super.ringEnter(ring);
  }

  override ioSubmit(context: bigint, list: Pointer): boolean {
    return this.broken !== "io_submit" && super.ioSubmit(context, list);
  }

  override ioGetevents(context: bigint, most: bigint, events: Pointer): number {
    return this.broken === "io_getevents" ? -1 : super.ioGetevents(context, most, events);
  }
}

for (const broken of ["io_submit", "io_getevents", "io_uring_enter"] as const) {
  const way = broken === "io_uring_enter" ? "io_uring" : "aio";
  Deno.test({
    name: `waiter: where ${broken} breaks while it is in use, that is told, and who tries again waits by the poll`,
    ignore: !linux || (way === "io_uring" && !RING),
    fn: async () => {
      const libc = new Breaking(way);
      const { waiter } = libc;
      const before = descriptors();
      const heard = new Heard(libc);
      const told = Promise.withResolvers<unknown>();
      const registration = waiter.add(heard.fd, heard.ready, told.resolve);
      await ringOn(waiter, heard, 500);
      assertEquals(waiter.way, way);
      libc.broken = broken;
      libc.notify(heard.fd);
      assertStringIncludes(String(await told.promise), `${broken} fails`);
      await registration.close();
      const again = new Heard(libc);
      const polled = waiter.add(again.fd, again.ready, failed);
      for (let i = 0; i < 20; i++) await again.ring();
      await polled.close();
      await untilOpen(before);
    },
  });
}

Deno.test({
  name:
    "waiter: the event loop is tested soon after the first descriptor, before it is needed; by the poll alone never",
  ignore: !linux,
  fn: async () => {
    for (const [way, asked] of [[undefined, 1], ["poll", 0]] as const) {
      let registration: ReturnType<Waiter["add"]>;
      {
        using time = new FakeTime();
        const libc = new LinuxLibc("poll");
        const silent = new Silent("poll");
        const waiter = new Waiter(new Poller(libc), silent, way);
        const heard = new Heard(libc);
        registration = waiter.add(heard.fd, heard.ready, failed);
        await time.tickAsync(99);
        const before = silent.asked;
        await time.tickAsync(1);
        assertEquals([before, silent.asked, waiter.way], [0, asked, "poll"]);
        // The test is given up; where it was io_uring's, the event loop is tested without it.
        for (const after of [1000, 100, 1000]) await time.tickAsync(after);
        assertEquals([silent.asked, waiter.way], [asked === 0 ? 0 : WAYS.length, "poll"]);
      }
      await registration.close();
    }
  },
});

Deno.test({
  name: "waiter: a request that the kernel has not got is not cancelled",
  ignore: !linux,
  fn: () => {
    const libc = new LinuxLibc("poll");
    const context = libc.ioSetup(1);
    if (context === undefined) return console.error("SKIPPED: no asynchronous I/O here");
    const memory = pointerTo(new Uint8Array(new ArrayBuffer(256)));
    assertEquals(libc.ioCancel(context, memory, memory), false);
    libc.ioDestroy(context);
  },
});

Deno.test({
  name: "waiter: an event loop that rings once and no more is not relied on",
  ignore: !linux,
  fn: async () => {
    let registration: ReturnType<Waiter["add"]>;
    {
      using time = new FakeTime();
      const libc = new LinuxLibc("poll");
      const once = new Once("poll");
      const waiter = new Waiter(new Poller(libc), once, "loop");
      const heard = new Heard(libc);
      registration = waiter.add(heard.fd, heard.ready, failed);
      while (once.asked < 2 && waiter.way === "poll") await time.tickAsync(1); // it rang, and is to ring again
      for (let i = 0; i < 2; i++) await time.tickAsync(1000);
      for (let i = 0; i < 20; i++) await heard.ring();
      assertEquals(waiter.way, "poll");
    }
    await registration.close();
  },
});
