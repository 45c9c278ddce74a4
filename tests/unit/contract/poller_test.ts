/** The one poll of a thread, on a C library whose poll returns when a test says so. */
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { SystemError } from "../../../mod.ts";
import { Poller, type Waiting, type Wake } from "../../../platforms/ffi/poller.ts";
import { Clock } from "../../helpers/clock.ts";

const POLLIN = 1;
const POLLERR = 8;

/** poll(2) as a test drives it. */
class FakePoll implements Waiting {
  /** What is polled now: each descriptor with what is waited for; undefined: nothing is. */
  pending: { readonly fds: Uint8Array<ArrayBuffer>; readonly count: number } | undefined;
  readonly closed: number[] = [];
  wakes = 0;
  calms = 0;
  #return: ((result: number) => void) | undefined;
  readonly #wake: Wake;

  constructor(wake: Wake = { read: 100, write: 100 }) {
    this.#wake = wake;
  }

  memory(bytes: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(new ArrayBuffer(bytes));
  }

  poll(fds: Uint8Array<ArrayBuffer>, count: number): Promise<number> {
    this.pending = { fds, count };
    return new Promise((resolve) => this.#return = resolve);
  }

  openWake(): Wake {
    return this.#wake;
  }

  wake({ write }: Wake): boolean {
    assertEquals(write, this.#wake.write);
    this.wakes++;
    return true;
  }

  drainWake({ read }: Wake): boolean {
    assertEquals(read, this.#wake.read);
    this.calms++;
    return true;
  }

  close(fd: number): void {
    this.closed.push(fd);
  }

  /** Lets the first poll begin. */
  async begun(): Promise<void> {
    for (let i = 0; i < 5 && this.pending === undefined; i++) await Promise.resolve();
  }

  /** The descriptors that are polled, behind the one that wakes, with what is waited for. */
  get polled(): number[][] {
    const { fds, count } = this.pending!;
    const words = new Int32Array(fds.buffer);
    const shorts = new Int16Array(fds.buffer);
    return Array.from({ length: count }, (_, i) => [words[2 * i]!, shorts[4 * i + 2]!]).slice(1);
  }

  /** Lets the poll return with these results, by descriptor. */
  async come(revents: Readonly<Record<number, number>>): Promise<void> {
    await this.begun();
    const { fds, count } = this.pending!;
    const words = new Int32Array(fds.buffer);
    const shorts = new Int16Array(fds.buffer);
    for (let i = 0; i < count; i++) shorts[4 * i + 3] = revents[words[2 * i]!] ?? 0;
    await this.end(Object.keys(revents).length);
  }

  /** Lets it return. */
  async end(result: number): Promise<void> {
    this.pending = undefined;
    this.#return?.(result);
    for (let i = 0; i < 5; i++) await Promise.resolve();
  }
}

const failed = (error: unknown): never => {
  throw error;
};

/** A descriptor's callback that notes when it is called. */
function noted(log: string[], name: string): () => void {
  return () => void log.push(name);
}

Deno.test("poller: who has something to read, or an error, is called, and nobody else", async () => {
  const system = new FakePoll();
  const poller = new Poller(system);
  const log: string[] = [];
  for (const fd of [3, 4, 5]) poller.add(fd, noted(log, `fd ${fd}`), failed);
  await system.come({ 100: POLLIN }); // the first poll began before the others came
  assertEquals([system.polled, system.calms], [[[3, POLLIN], [4, POLLIN], [5, POLLIN]], 1]);
  const listed = system.pending?.fds;
  await system.come({ 4: POLLIN });
  assertEquals([log.splice(0), system.calms], [["fd 4"], 1]);
  assertStrictEquals(system.pending?.fds, listed); // nothing is listed anew where nothing changed
  await system.come({ 3: POLLIN, 5: POLLERR });
  assertEquals(log, ["fd 3", "fd 5"]);
});

Deno.test("poller: a descriptor is closed between two polls, and then the promise resolves", async () => {
  const system = new FakePoll({ read: 100, write: 101 });
  const poller = new Poller(system);
  const log: string[] = [];
  const first = poller.add(3, noted(log, "first"), failed);
  const second = poller.add(4, noted(log, "second"), failed);
  await system.come({ 100: POLLIN });
  const gone = first.close().then(() => void log.push("gone"));
  assertEquals([system.closed, system.wakes], [[], 2]);
  await system.come({ 100: POLLIN, 3: POLLIN, 4: POLLIN }); // what came for the closed one is not told
  await gone;
  assertEquals([log, system.closed, system.polled], [["second", "gone"], [3], [[4, POLLIN]]]);
  void first.close(); // once more: nothing
  assertEquals(system.wakes, 2);
  const last = second.close();
  await system.come({ 100: POLLIN });
  await last;
  assertEquals([system.closed, system.pending], [[3, 4, 100, 101], undefined]);
  // And from the start again.
  poller.add(5, noted(log, "third"), failed);
  await system.come({ 5: POLLIN });
  assertEquals(log.at(-1), "third");
});

Deno.test("poller: where one descriptor is both ends of the wake, it is closed once", async () => {
  const system = new FakePoll();
  const polled = new Poller(system).add(3, () => {}, failed);
  await system.begun();
  const closing = polled.close();
  await system.come({ 100: POLLIN });
  await closing;
  assertEquals(system.closed, [3, 100]);
});

Deno.test("poller: what is closed again before the first poll starts none, and nothing of it is left", async () => {
  const system = new FakePoll();
  const poller = new Poller(system);
  const first = poller.add(3, () => {}, failed);
  const second = poller.add(4, () => {}, failed);
  second.release();
  await Promise.all([first.close(), system.begun()]);
  assertEquals([system.closed, system.pending], [[3, 100], undefined]);
  poller.add(5, () => {}, failed); // and from the start again
  await system.begun();
  assertEquals(system.polled, [[5, POLLIN]]);
});

Deno.test("poller: one that is released stays open, for somebody else waits for it", async () => {
  const system = new FakePoll();
  const poller = new Poller(system);
  const [kept, released] = [poller.add(3, () => {}, failed), poller.add(4, () => {}, failed)];
  await system.come({ 100: POLLIN });
  released.release();
  await system.come({ 100: POLLIN });
  assertEquals([system.polled, system.closed], [[[3, POLLIN]], []]);
  const closing = kept.close();
  await system.come({ 100: POLLIN });
  await closing;
  assertEquals(system.closed, [3, 100]);
});

Deno.test("poller: one that pauses is passed over, and is waited for again at once when it goes on", async () => {
  const system = new FakePoll();
  const log: string[] = [];
  const registration = new Poller(system).add(3, noted(log, "read"), failed);
  registration.pause(false); // it does not pause: nothing changes
  assertEquals(system.wakes, 0);
  registration.pause(true);
  assertEquals(system.wakes, 0); // the pending poll may return and find it not wanted
  await system.come({ 3: POLLIN });
  assertEquals([log, system.polled], [[], [[-1, POLLIN]]]);
  registration.pause(false);
  assertEquals(system.wakes, 1);
  registration.pause(false);
  assertEquals(system.wakes, 1);
  await system.come({ 100: POLLIN });
  assertEquals(system.polled, [[3, POLLIN]]);
  await system.come({ 3: POLLIN });
  assertEquals(log, ["read"]);
});

Deno.test("poller: what one adds or closes while it is called is not called for what came before", async () => {
  const system = new FakePoll();
  const poller = new Poller(system);
  const log: string[] = [];
  const first = poller.add(3, () => {
    log.push("first");
    void second.close();
    poller.add(5, noted(log, "third"), failed);
  }, failed);
  const second = poller.add(4, noted(log, "second"), failed);
  await system.come({ 100: POLLIN });
  await system.come({ 3: POLLIN, 4: POLLIN });
  assertEquals([log, system.polled], [["first"], [[3, POLLIN], [5, POLLIN]]]);
  void first.close();
});

Deno.test("poller: what a callback throws is its own failure, and the others are called", async () => {
  const system = new FakePoll();
  const poller = new Poller(system);
  const log: string[] = [];
  poller.add(3, () => {
    throw new Error("a message that cannot be read");
  }, (error) => log.push(String(error)));
  poller.add(4, noted(log, "second"), failed);
  await system.come({ 100: POLLIN });
  await system.come({ 3: POLLIN, 4: POLLIN });
  assertEquals(log, ["Error: a message that cannot be read", "second"]);
  assertEquals(system.polled.length, 2);
});

Deno.test("poller: an error of somebody else's descriptor is told once, and the descriptor stays his", async () => {
  const system = new FakePoll();
  const log: string[] = [];
  new Poller(system).addErrors(3, noted(log, "hung up"));
  await system.begun();
  assertEquals(system.polled, [[3, 0]]);
  await system.come({ 3: POLLERR });
  assertEquals([log, system.closed, system.pending], [["hung up"], [100], undefined]);
});

Deno.test("poller: an interrupted poll is done again; one that fails a hundred times at once is broken, and all are told", async () => {
  using clock = new Clock();
  const system = new FakePoll();
  const poller = new Poller(system);
  const log: string[] = [];
  const tell = (name: string) => (error: unknown): void => {
    assert(error instanceof SystemError);
    log.push(`${name}: ${error.message}`);
  };
  poller.add(3, () => {}, tell("first"));
  const second = poller.add(4, () => {}, tell("second"));
  await system.come({ 100: POLLIN });
  for (let i = 0; i < 99; i++) await system.end(-1);
  await system.end(1); // one that works: the count begins anew
  for (let i = 0; i < 99; i++) await system.end(-1);
  clock.now += 10; // one that waited for a while was interrupted: here too
  await system.end(-1);
  for (let i = 0; i < 99; i++) await system.end(-1);
  void second.close();
  assertEquals(log, []);
  await system.end(-1);
  assertEquals(log, ["first: Cannot wait for interface events: poll fails again and again"]);
  assertEquals([system.closed, system.pending], [[3, 4, 100], undefined]);
});

Deno.test("poller: where no wake can be opened nothing was added", async () => {
  const system = new FakePoll();
  const poller = new Poller(system);
  let refused = true;
  const { openWake } = system;
  system.openWake = () => {
    if (refused) throw new SystemError("Cannot wait for interface events: EMFILE");
    return openWake.call(system);
  };
  assertThrows(() => poller.add(3, () => {}, failed), SystemError, "EMFILE");
  refused = false;
  poller.add(4, () => {}, failed);
  await system.begun();
  assertEquals(system.polled, [[4, POLLIN]]);
});

for (const [what, before] of [["the first descriptor", 0], ["one more", 2]] as const) {
  Deno.test(`poller: without memory for ${what}, each waiter is told, nothing stays open, and it can begin again`, async () => {
    const calls = new FakePoll();
    const poller = new Poller(calls);
    const failures: unknown[] = [];
    const add = (fd: number) => poller.add(fd, () => {}, (error) => failures.push(error));
    for (let fd = 1; fd <= before; fd++) add(fd);
    if (before > 0) await calls.begun();
    const { memory } = calls;
    calls.memory = () => {
      throw new SystemError("no memory");
    };
    for (let fd = before + 1; fd <= before + 4; fd++) add(fd);
    if (before > 0) await calls.come({ 100: POLLIN });
    for (let i = 0; i < 20; i++) await Promise.resolve();
    const all = Array.from({ length: before + 4 }, (_, i) => i + 1);
    assertEquals([failures.map(String), calls.closed], [all.map(() => "SystemError: no memory"), [...all, 100]]);
    calls.memory = memory;
    calls.pending = undefined;
    const closing = add(9).close();
    await closing;
    const last = add(8);
    await calls.begun();
    assertEquals(calls.polled, [[8, POLLIN]]);
    const gone = last.close();
    await calls.come({ 100: POLLIN });
    await gone;
  });
}

Deno.test("poller: a wake that failed is not tried again when nothing is polled any more", async () => {
  using time = new FakeTime();
  const calls = new FakePoll();
  const poller = new Poller(calls);
  let wakes = 0;
  const registration = poller.add(7, () => void registration.close(), () => {});
  await calls.begun();
  calls.wake = () => (wakes++, false);
  await calls.come({ 7: POLLIN });
  assertEquals([wakes, calls.closed], [1, [7, 100]]);
  calls.wake = () => true;
  calls.pending = undefined;
  const next = poller.add(8, () => {}, () => {});
  await calls.begun();
  calls.wake = () => (wakes++, true);
  await time.tickAsync(5000);
  assertEquals(wakes, 1);
  const gone = next.close();
  await calls.come({ 100: POLLIN });
  await gone;
});
