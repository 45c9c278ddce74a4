import { type AioCalls, AioWaiter } from "./aio.ts";
import { type LoopHandle, openLoopHandle } from "../ffi/event_loop.ts";
import type { Polled, Poller, Ready, Registration } from "../ffi/poller.ts";

/** What is needed to wait by the runtime's event loop. */
export interface LoopCalls extends AioCalls {
  /** An eventfd that does not block, or a negative number. */
  eventfd(): number;
  /** Writes to it; whether that was possible. */
  notify(eventfd: number): boolean;
}

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

/**
 * When the event loop is tried: after so many wakes of the poll, as it is not worth its while for a few events, or as
 * NETFLAGS_WAIT says.
 */
const WAKES: ReadonlyMap<string | undefined, number> = new Map([["loop", 0], ["poll", Infinity]]);
const USUAL_WAKES = 16;
/**
 * When the event loop is tested, in milliseconds after the first descriptor: loading what it needs takes the runtime
 * tens of milliseconds, which should not fall into the first burst of events, nor on those who wait for a moment only.
 */
const SOON = 100;
/** How often the event loop must call in the test, each time in a turn of its own. */
const TEST_CALLS = 3;
/** How long the test may take, in milliseconds. */
const TEST_TIME = 1000;

/**
 * Waits for descriptors in one of two ways. The poll on another thread is public API and always works; each of its wakes
 * takes two threads and some 20 µs more. The runtime's own event loop is faster and cheaper, and is private API: it
 * is used when the poll has woken a few times and a test shows that it works here. Until the test has passed, the poll
 * goes on; where it does not pass, the poll goes on for good.
 */
export class Waiter {
  readonly #poller: Poller;
  readonly #calls: LoopCalls;
  readonly #held = new Set<Held>();
  /** Wakes of the poll until the event loop is tried; infinite where its test failed. */
  #wakesUntilLoop: number;
  #proved = false;
  #wakes = 0;
  #testCalls = 0;
  #handle: LoopHandle | undefined;
  #eventfd = -1;
  #soon: ReturnType<typeof setTimeout> | undefined;
  #trial: ReturnType<typeof setTimeout> | undefined;
  /** This thread's, from the first time on. */
  #aio: AioWaiter | undefined;
  /** Whether new descriptors are waited for by the event loop. */
  #looping = false;

  /** `way`: "poll" or "loop" where one of them is wanted. */
  constructor(poller: Poller, calls: LoopCalls, way: string | undefined) {
    this.#poller = poller;
    this.#calls = calls;
    this.#wakesUntilLoop = WAKES.get(way) ?? USUAL_WAKES;
  }

  /** Which way new events come. */
  get way(): "poll" | "event loop" {
    return this.#looping ? "event loop" : "poll";
  }

  /** Calls `ready` whenever the descriptor has something to read or an error. From now on it belongs to the waiter. */
  add(fd: number, ready: Ready, failed: (error: unknown) => void): Registration {
    const looped = this.#looping ? this.#aio?.add(fd, this.#eventfd, ready, failed) : undefined;
    if (looped !== undefined) return looped;
    const polled = this.#poll(fd, ready, failed);
    const held: Held = { fd, ready, failed, paused: false, polled, registration: polled };
    this.#held.add(held);
    if (this.#wakes >= this.#wakesUntilLoop) this.#try();
    else if (!this.#proved && this.#wakesUntilLoop !== Infinity) this.#soon ??= setTimeout(() => this.#try(), SOON);
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

  /** Calls `ready` once when a descriptor that belongs to somebody else has an error or was hung up. */
  addErrors(fd: number, ready: () => void): { close(): Promise<void> } {
    return this.#poller.addErrors(fd, ready);
  }

  #poll(fd: number, ready: Ready, failed: (error: unknown) => void): Polled {
    const counted = (): void => {
      if (++this.#wakes >= this.#wakesUntilLoop) this.#try();
      ready();
    };
    return this.#poller.add(fd, counted, failed);
  }

  /** Goes over to the event loop; before it is relied on for the first time, it must pass a test. */
  #try(): void {
    clearTimeout(this.#soon);
    if (this.#handle !== undefined) return;
    const eventfd = this.#calls.eventfd();
    const handle = eventfd < 0 ? undefined : openLoopHandle(eventfd, () => this.#written());
    if (handle === undefined) {
      if (eventfd >= 0) this.#calls.close(eventfd);
      this.#wakesUntilLoop = Infinity;
      return;
    }
    this.#handle = handle;
    this.#eventfd = eventfd;
    if (this.#proved) this.#start();
    else {
      this.#testCalls = 0;
      this.#trial = setTimeout(() => this.#giveUp(), TEST_TIME);
      this.#calls.notify(eventfd);
    }
  }

  #written(): void {
    if (this.#looping) this.#aio?.takeAnswers();
    else if (this.#trial !== undefined && ++this.#testCalls === TEST_CALLS) {
      this.#proved = true;
      if (this.#wakes >= this.#wakesUntilLoop) this.#start();
      else this.#takeDown(); // until there is something to do for it
    } else {
      // In a turn of its own: what one read takes with it would prove nothing.
      setTimeout(() => this.#trial !== undefined && this.#calls.notify(this.#eventfd), 0);
    }
  }

  #giveUp(): void {
    this.#wakesUntilLoop = Infinity;
    this.#takeDown();
  }

  /** The event loop takes over from the poll. */
  #start(): void {
    clearTimeout(this.#trial);
    this.#trial = undefined;
    const aio = this.#aio ??= AioWaiter.open(this.#calls, () => this.#stop());
    if (aio === undefined) return this.#giveUp();
    this.#looping = true;
    for (const held of this.#held) {
      const registration = aio.add(held.fd, this.#eventfd, held.ready, held.failed);
      if (registration === undefined) continue; // the kernel cannot; the poll keeps it
      held.polled.release();
      held.registration = registration;
      if (held.paused) registration.pause(true);
      this.#held.delete(held);
    }
    if (!aio.busy) {
      this.#looping = false;
      this.#giveUp();
    }
  }

  /** The last descriptor is gone. */
  #stop(): void {
    this.#looping = false;
    this.#wakes = 0;
    this.#takeDown();
  }

  #takeDown(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    clearTimeout(this.#trial);
    this.#trial = undefined;
    this.#handle?.close(); // and its descriptor
    this.#handle = undefined;
  }
}
