import type { Backend, Place, Rehearsal } from "../../platforms/contract/backend.ts";
import type { InterfaceEvent } from "./event.ts";

/** Watches everything that a backend reports. */
type Watch = (place: Place) => AsyncIterableIterator<InterfaceEvent, undefined> & Disposable;

/** How much of this thread's time it may take, in milliseconds. Twice as much was seen to gain no more. */
const TIME = 5;
/** Events between two looks at the clock. */
const EVENTS = 8;

/** Whether this thread has rehearsed, or does. */
let rehearsed = false;

/**
 * Rehearses once in a thread, in its first idle moment: made-up events run through the whole code again and again, on a
 * separate table, so that the code is compiled when the first real event comes. Nobody sees these events. The returned
 * function cancels it until it has begun.
 */
export function rehearseSoon(backend: Backend, watch: Watch): (() => void) | undefined {
  if (rehearsed || backend.rehearsal === undefined) return undefined;
  const timer = setTimeout(() => {
    if (rehearsed) return;
    rehearsed = true;
    void rehearse(backend.rehearsal!(), watch, TIME).catch(() => {}); // it is only for speed
  }, 0);
  return () => clearTimeout(timer);
}

/** Rehearses for some milliseconds. It waits for nothing outside: no timer and no real event interrupts it. */
export async function rehearse({ backend, say }: Rehearsal, watch: Watch, time: number): Promise<number> {
  const close = (): Promise<void> => Promise.resolve();
  using watcher = watch({ backend, onGone: () => {}, close, [Symbol.dispose]: () => {} });
  let events = 0;
  for (const end = performance.now() + time; performance.now() < end;) {
    for (let i = 0; i < EVENTS; i++) {
      const event = watcher.next();
      say();
      if (!(await event).done) events++;
    }
  }
  return events;
}
