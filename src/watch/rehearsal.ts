import type { Backend, Place, Rehearsal } from "../../platforms/contract/backend.ts";
import type { InterfaceEvent } from "./event.ts";

/** Watches all that a backend tells. */
type Watch = (place: Place) => AsyncIterableIterator<InterfaceEvent, undefined> & Disposable;

/** How much of this thread's time it may take, in milliseconds. Twice as much was seen to gain no more. */
const TIME = 5;
/** Events between two looks at the clock. */
const EVENTS = 8;

/** Whether this thread has rehearsed, or does. */
let rehearsed = false;

/**
 * Rehearses once in a thread, in its first idle moment: an event that is made up walks the whole road, again and again, on
 * a table of its own, so that the first real one finds it compiled. Nobody sees anything of it. It is called off by
 * what is returned, until it has begun.
 */
export function rehearseSoon(backend: Backend, watch: Watch): (() => void) | undefined {
  if (rehearsed || backend.rehearsal === undefined) return undefined;
  const timer = setTimeout(() => {
    if (rehearsed) return;
    rehearsed = true;
    void rehearse(backend.rehearsal!(), watch, TIME).catch(() => {}); // it is for speed alone
  }, 0);
  return () => clearTimeout(timer);
}

/** Rehearses for some milliseconds. It waits for nothing outside: no timer and no real event comes between. */
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
