import { assertEquals, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { LinuxLibc } from "../../platforms/linux/libc.ts";
import { pointerTo } from "../../platforms/ffi/memory.ts";
import { Poller } from "../../platforms/ffi/poller.ts";
import { Waiter } from "../../platforms/linux/waiter.ts";

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
    this.#libc.calm({ read: this.fd, write: this.fd });
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

/** Where the kernel has no asynchronous I/O. */
class Without extends LinuxLibc {
  override setup(): undefined {
    return undefined;
  }
}

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

Deno.test({
  name: "waiter: after some wakes the event loop takes over, with every descriptor, and nothing is missed",
  ignore: !linux,
  fn: async () => {
    const libc = new LinuxLibc();
    const { waiter } = libc;
    const before = descriptors();
    const [first, second] = [new Heard(libc), new Heard(libc)];
    const registrations = [first, second].map(({ fd, ready }) => waiter.add(fd, ready, failed));
    await ringOn(waiter, first, 500);
    assertEquals(waiter.way, "event loop");
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

Deno.test({
  name: "waiter: a storm is read in batches, and its end is not missed",
  ignore: !linux,
  fn: async () => {
    const before = descriptors();
    const libc = new LinuxLibc("loop");
    const { waiter } = libc;
    const heard = new Heard(libc);
    const registration = waiter.add(heard.fd, heard.ready, failed);
    await ringOn(waiter, heard, 500);
    assertEquals(waiter.way, "event loop");
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

Deno.test({
  name: "waiter: where the event loop does not ring, the poll goes on for good",
  ignore: !linux,
  fn: async () => {
    using time = new FakeTime();
    const libc = new LinuxLibc("poll");
    const silent = new Silent("poll");
    const waiter = new Waiter(new Poller(libc), silent, "loop");
    const before = descriptors();
    const heard = new Heard(libc);
    const registration = waiter.add(heard.fd, heard.ready, failed);
    assertEquals(silent.asked, 1);
    await time.tickAsync(1000);
    for (let i = 0; i < 40; i++) await heard.ring();
    assertEquals([waiter.way, silent.asked], ["poll", 1]);
    await registration.close();
    assertEquals(descriptors(), before);
  },
});

Deno.test({
  name: "waiter: where the kernel has no asynchronous I/O, the poll goes on for good",
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

Deno.test({
  name: "waiter: closed in the middle of the trial, it leaves nothing behind",
  ignore: !linux,
  fn: async () => {
    const libc = new LinuxLibc("loop");
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

/** Where asynchronous I/O breaks while it is in use. */
class Breaking extends LinuxLibc {
  broken: "submit" | "events" | undefined;

  override submit(context: bigint, list: Deno.PointerObject): boolean {
    return this.broken !== "submit" && super.submit(context, list);
  }

  override events(context: bigint, most: bigint, events: Deno.PointerObject): number {
    return this.broken === "events" ? -1 : super.events(context, most, events);
  }
}

for (const broken of ["submit", "events"] as const) {
  Deno.test({
    name: `waiter: where io_${broken} breaks while it is in use, that is told, and who tries again waits by the poll`,
    ignore: !linux,
    fn: async () => {
      const libc = new Breaking("loop");
      const { waiter } = libc;
      const before = descriptors();
      const heard = new Heard(libc);
      const told = Promise.withResolvers<unknown>();
      const registration = waiter.add(heard.fd, heard.ready, told.resolve);
      await ringOn(waiter, heard, 500);
      assertEquals(waiter.way, "event loop");
      libc.broken = broken;
      libc.notify(heard.fd);
      assertStringIncludes(String(await told.promise), `io_${broken === "events" ? "getevents" : broken} fails`);
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
      using time = new FakeTime();
      const libc = new LinuxLibc("poll");
      const silent = new Silent("poll");
      const waiter = new Waiter(new Poller(libc), silent, way);
      const heard = new Heard(libc);
      const registration = waiter.add(heard.fd, heard.ready, failed);
      await time.tickAsync(99);
      const before = silent.asked;
      await time.tickAsync(1);
      assertEquals([before, silent.asked, waiter.way], [0, asked, "poll"]);
      await time.tickAsync(1000); // the test is given up
      time.restore();
      await registration.close();
    }
  },
});

Deno.test({
  name: "waiter: a request that the kernel has not got is not cancelled",
  ignore: !linux,
  fn: () => {
    const libc = new LinuxLibc("poll");
    const context = libc.setup(1);
    if (context === undefined) return console.error("SKIPPED: no asynchronous I/O here");
    const memory = pointerTo(new Uint8Array(new ArrayBuffer(256)));
    assertEquals(libc.cancel(context, memory, memory), false);
    libc.destroy(context);
  },
});

Deno.test({
  name: "waiter: an event loop that rings once and no more is not relied on",
  ignore: !linux,
  fn: async () => {
    using time = new FakeTime();
    const libc = new LinuxLibc("poll");
    const once = new Once("poll");
    const waiter = new Waiter(new Poller(libc), once, "loop");
    const heard = new Heard(libc);
    const registration = waiter.add(heard.fd, heard.ready, failed);
    while (once.asked < 2 && waiter.way === "poll") await time.tickAsync(1); // it rang, and is to ring again
    await time.tickAsync(1000);
    for (let i = 0; i < 20; i++) await heard.ring();
    assertEquals(waiter.way, "poll");
    time.restore();
    await registration.close();
  },
});
