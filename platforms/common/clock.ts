import type { Clock } from "../contract/clock.ts";

/**
 * The runtime's own date: a test that puts other timers in the place of the runtime's puts one in its place that goes with
 * them. The timers themselves would tell the same, but Deno loads them when somebody looks at them, which takes it 7 ms: a
 * program that only lists has no use for them.
 */
const DATE = globalThis.Date;

/**
 * The runtime's clocks, for where there is no C library to ask: systems in memory, and decoders in any runtime. Where a
 * test has put other timers in the place of the runtime's, both clocks follow the date that goes with these. Elsewhere the
 * steady one is `performance.now`: nobody sets it, but on Linux it stands still while the machine sleeps.
 */
export class RuntimeClock implements Clock {
  #elapsed = 0;
  #last: number | undefined;
  #faked = false;

  time(): number {
    return Date.now();
  }

  elapsed(): number {
    const faked = globalThis.Date !== DATE;
    const now = faked ? Date.now() : performance.now();
    // Where the date was exchanged, the new clock goes on where the old one ended.
    if (faked === this.#faked && this.#last !== undefined) this.#elapsed += Math.max(0, now - this.#last);
    this.#faked = faked;
    this.#last = now;
    return this.#elapsed;
  }
}

const RUNTIME = new RuntimeClock();

/** The clock of a backend; the runtime's where it has none. */
export function clockOf({ clock }: { readonly clock?: Clock | undefined }): Clock {
  return clock ?? RUNTIME;
}

/** A timer, where one was set. */
export type Timer = ReturnType<typeof setTimeout> | undefined;

/** Ends a timer, where one was set. Without one the runtime's timers are not looked at, and so not loaded for nothing. */
export function cancel(timer: Timer): void {
  if (timer !== undefined) clearTimeout(timer);
}
