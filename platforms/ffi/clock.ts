import type { Clock } from "../contract/clock.ts";
import { type Pointer, pointerTo } from "./memory.ts";

/** `int clock_gettime(clockid_t clock_id, struct timespec *tp);` */
export type ClockGettime = (id: number, timespec: Pointer) => number;

/** CLOCK_REALTIME, which has this number on every system. */
const CLOCK_REALTIME = 0;

/**
 * The clocks of a C library. It writes to one place in memory that is read as words of 32 bits, so that a reading makes no
 * object and no BigInt: struct timespec is two words of 64 bits on each system that netflags runs on, all of them little
 * endian.
 */
class LibraryClock implements Clock {
  readonly #gettime: ClockGettime;
  readonly #steady: number;
  readonly #words: Uint32Array<ArrayBuffer>;
  readonly #timespec: Pointer;
  readonly #zero: number;

  constructor(gettime: ClockGettime, steady: number, words: Uint32Array<ArrayBuffer>, timespec: Pointer) {
    this.#gettime = gettime;
    this.#steady = steady;
    this.#words = words;
    this.#timespec = timespec;
    this.#zero = this.#read(steady);
  }

  time(): number {
    return this.#read(CLOCK_REALTIME);
  }

  elapsed(): number {
    return this.#read(this.#steady) - this.#zero;
  }

  #read(id: number): number {
    this.#gettime(id, this.#timespec);
    const words = this.#words;
    return (words[1]! * 2 ** 32 + words[0]!) * 1000 + words[2]! / 1e6;
  }
}

/** The clocks of a C library; undefined where its system has no steady clock of this number. */
export function libraryClock(gettime: ClockGettime, steady: number): Clock | undefined {
  const words = new Uint32Array(new ArrayBuffer(16));
  const timespec = pointerTo(new Uint8Array(words.buffer));
  return gettime(steady, timespec) === 0 ? new LibraryClock(gettime, steady, words, timespec) : undefined;
}
