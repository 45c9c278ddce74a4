import type { AioCalls } from "./aio.ts";
import type { RingCalls } from "./io_uring.ts";
import type { Trial, TrialCalls } from "./loop_trial.ts";
import type { LoopWaiter, PollQueue } from "./loop_waiter.ts";
import type { LoopHandle } from "../../ffi/event_loop.ts";
import type { DescriptorPoller } from "../../ffi/contract.ts";
import { briefly, type Polled, type Ready, type Registration } from "../../ffi/poller.ts";

/** What is needed to wait by the runtime's event loop. */
export interface LoopCalls extends AioCalls, RingCalls, TrialCalls {}

/** A descriptor that the poll has until the event loop takes it over. */
interface Held {
  readonly fd: number;
  readonly ready: Ready;
  readonly failed: (error: unknown) => void;
  /** The poll's registration. */
  readonly polled: Polled;
  /** Whichever of the two waits for it now. */
  registration: Registration;
  paused: boolean;
}

/** When the event loop takes over, and by what. */
interface Policy {
  /** Whether io_uring is tried. */
  readonly ring: boolean;
  /** After how many wakes of the poll asynchronous I/O is tried. */
  readonly aio: number;
  /** Whether they are tried at once. */
  readonly now?: true;
}

/**
 * Asynchronous I/O costs some 35 ms at the end of a process, and is not worth its while for a few events. io_uring costs
 * nothing there, and waits for the first event already.
 */
const USUAL: Policy = { ring: true, aio: 16 };
/** What NETFLAGS_WAIT may say. */
const POLICIES: ReadonlyMap<string | undefined, Policy> = new Map([
  ["poll", { ring: false, aio: Infinity }],
  ["loop", { ring: true, aio: 0, now: true }],
  ["io_uring", { ring: true, aio: Infinity, now: true }],
  ["aio", { ring: false, aio: 0, now: true }],
]);
/**
 * When the event loop is tried, in milliseconds after the first descriptor: loading what it needs takes the runtime
 * tens of milliseconds, which should not fall into the first burst of events, nor on those who wait for a moment only.
 */
const SOON = 100;

/** What the event loop takes, from its first trial in this thread on. */
let loopCode: typeof import("./loop.ts") | undefined;

/**
 * Waits for descriptors in one of two ways. The poll on another thread is public API and always works; each of its wakes
 * takes two threads and some 20 µs more. The runtime's own event loop is faster and cheaper, and is private API: it is
 * used when a test shows that it works here, with io_uring where the kernel has it, and else with asynchronous I/O when
 * the poll has woken a few times. Until the test has passed, the poll goes on; where none passes, it goes on for good.
 */
export class Waiter {
  readonly #poller: DescriptorPoller;
  readonly #calls: LoopCalls;
  readonly #held = new Set<Held>();
  readonly #now: boolean;
  /** Whether io_uring may be tried still. */
  #ring: boolean;
  /** Wakes of the poll until asynchronous I/O is tried; infinite where it is of no use. */
  #aioAfter: number;
  /** What has passed its test: the event loop alone, or with a queue. */
  readonly #proved = new Set<PollQueue["way"] | "event loop">();
  #wakes = 0;
  #handle: LoopHandle | undefined;
  #soon: ReturnType<typeof setTimeout> | undefined;
  #loading = false;
  #trial: Trial | undefined;
  #queue: PollQueue | undefined;
  #loop: LoopWaiter | undefined;
  /** This thread's context of asynchronous I/O, from the first time on. */
  #context: bigint | undefined;
  /** Whether new descriptors are waited for by the event loop. */
  #looping = false;

  /** `way`: one of NETFLAGS_WAIT's words where one is wanted. */
  constructor(poller: DescriptorPoller, calls: LoopCalls, way: string | undefined) {
    this.#poller = poller;
    this.#calls = calls;
    const policy = POLICIES.get(poller.byEventLoop ? "poll" : way) ?? USUAL;
    this.#ring = policy.ring;
    this.#aioAfter = policy.aio;
    this.#now = policy.now ?? false;
  }

  /** Which way new events come. */
  get way(): "poll" | PollQueue["way"] {
    return this.#looping && this.#queue !== undefined ? this.#queue.way : "poll";
  }

  /** Calls `ready` whenever the descriptor has something to read or an error. From now on it belongs to the waiter. */
  add(fd: number, ready: Ready, failed: (error: unknown) => void): Registration {
    const looped = this.#looping ? this.#loop?.add(fd, ready, failed) : undefined;
    if (looped !== undefined) return looped;
    const polled = this.#poll(fd, ready, failed);
    const held: Held = { fd, ready, failed, paused: false, polled, registration: polled };
    this.#held.add(held);
    this.#plan();
    return {
      pause: (paused) => {
        held.paused = paused;
        held.registration.pause(paused);
      },
      close: () => {
        this.#held.delete(held);
        if (this.#held.size === 0 && !this.#looping) this.#takeDown();
        return held.registration.close();
      },
    };
  }

  addErrors(fd: number, ready: () => void): { close(): Promise<void> } {
    return this.#poller.addErrors(fd, ready);
  }

  addBorrowed(fd: number, ready: () => void, failed: (error: unknown) => void): { close(): Promise<void> } {
    return this.#poller.addBorrowed(fd, ready, failed);
  }

  #poll(fd: number, ready: Ready, failed: (error: unknown) => void): Polled {
    const counted = (): void => {
      if (++this.#wakes >= this.#aioAfter) this.#try();
      ready();
    };
    return this.#poller.add(fd, counted, failed);
  }

  /** Decides when the event loop is tried, if it is to be. */
  #plan(): void {
    const untried = this.#aioAfter !== Infinity && !this.#proved.has("event loop");
    if (this.#wakes >= this.#aioAfter || (this.#ring && this.#now)) this.#try();
    else if ((this.#ring || untried) && this.#handle === undefined) void this.#trySoon();
  }

  /** Who asks once does not make the runtime load its timers. */
  async #trySoon(): Promise<void> {
    await briefly();
    if (this.#held.size > 0 && this.#handle === undefined) this.#soon ??= setTimeout(() => this.#try(), SOON);
  }

  /** Goes over to the event loop; before it is relied on for the first time, it must pass a test. */
  #try(): void {
    this.#notSoon();
    if (this.#handle !== undefined) return;
    if (loopCode === undefined) return void this.#load();
    const eventfd = this.#calls.eventfd();
    this.#handle = eventfd < 0 ? undefined : loopCode.openLoopHandle(eventfd, () => this.#written());
    if (this.#handle === undefined) {
      if (eventfd >= 0) this.#calls.close(eventfd);
      return this.#renounce();
    }
    const queue = this.#queue = this.#openQueue(loopCode, eventfd);
    if (queue !== undefined) {
      this.#loop = new loopCode.LoopWaiter(queue, (fd) => this.#calls.close(fd), () => this.#emptied());
    } else if (this.#aioAfter === Infinity) return this.#takeDown();
    const way = queue?.way ?? "event loop";
    if (!this.#proved.has(way)) {
      this.#trial = new loopCode.Trial(this.#calls, eventfd, this.#loop, (passed) => this.#tried(way, passed));
    } else if (queue !== undefined) this.#takeOver();
    else this.#takeDown();
  }

  /** Loads the code for the trial. The poll goes on meanwhile, and for good if it cannot be loaded. */
  async #load(): Promise<void> {
    if (this.#loading) return;
    this.#loading = true;
    try {
      loopCode = await import("./loop.ts");
    } catch {
      return this.#renounce();
    } finally {
      this.#loading = false;
    }
    if (this.#held.size > 0) this.#try();
  }

  /** io_uring, or asynchronous I/O if it is time for that; undefined: neither, and the event loop is tried alone. */
  #openQueue({ AioQueue, RingQueue }: NonNullable<typeof loopCode>, eventfd: number): PollQueue | undefined {
    const ring = this.#ring ? RingQueue.open(this.#calls, eventfd) : undefined;
    if (ring !== undefined) return ring;
    this.#ring = false;
    if (this.#wakes < this.#aioAfter) return undefined;
    this.#context ??= AioQueue.context(this.#calls);
    if (this.#context !== undefined) return new AioQueue(this.#calls, this.#context, eventfd);
    this.#renounce();
    return undefined;
  }

  /** The eventfd was written to. */
  #written(): void {
    if (this.#loop !== undefined) this.#loop.takeAnswers();
    else this.#trial?.called();
  }

  #tried(way: PollQueue["way"] | "event loop", passed: boolean): void {
    if (!passed) return this.#giveUp();
    this.#proved.add(way);
    if (this.#loop !== undefined) return this.#takeOver();
    this.#takeDown(); // until there is something to do for it
    if (this.#wakes >= this.#aioAfter) this.#try();
  }

  /** This way does not work here. */
  #giveUp(): void {
    if (this.#queue?.way === "io_uring") this.#ring = false;
    else this.#renounce();
    this.#takeDown();
    if (this.#held.size > 0) this.#plan();
  }

  /** The poll goes on for good. */
  #renounce(): void {
    this.#ring = false;
    this.#aioAfter = Infinity;
  }

  /** The event loop takes over from the poll. */
  #takeOver(): void {
    let taken = 0;
    for (const held of this.#held) {
      const registration = this.#loop?.add(held.fd, held.ready, held.failed);
      if (registration === undefined) continue; // the kernel cannot; the poll keeps it
      held.polled.release();
      held.registration = registration;
      if (held.paused) registration.pause(true);
      this.#held.delete(held);
      taken++;
    }
    if (taken === 0) return this.#giveUp();
    this.#looping = true;
    this.#trial?.close();
    this.#trial = undefined;
  }

  /** The last descriptor is gone. */
  #emptied(): void {
    if (!this.#looping) return;
    if (this.#loop?.broken) this.#renounce();
    this.#looping = false;
    this.#wakes = 0;
    this.#takeDown();
  }

  /** A timer that was not set is not looked for: that would load the timers. */
  #notSoon(): void {
    if (this.#soon !== undefined) clearTimeout(this.#soon);
    this.#soon = undefined;
  }

  #takeDown(): void {
    this.#notSoon();
    this.#trial?.close();
    this.#trial = undefined;
    this.#loop?.end();
    this.#loop = this.#queue = undefined;
    this.#handle?.close(); // and its descriptor
    this.#handle = undefined;
  }
}
