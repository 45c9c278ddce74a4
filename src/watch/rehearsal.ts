import type { Backend, NetnsHandle, Rehearsal } from "../../platforms/contract/backend.ts";
import type { InterfaceEvent } from "../table/event.ts";

/** Watches everything that a backend reports. */
type Watch = (handle: NetnsHandle) => AsyncIterableIterator<InterfaceEvent, undefined> & Disposable;

/** How much of this thread's time the first round may take, in milliseconds: a watcher has only just started. */
const FIRST = 5;
/** The same for each further round. A real event may come while it lasts, and must not wait for long. */
const FURTHER = 0.5;
/** How many rounds there are: the runtime compiles again what runs often, into faster code. */
const ROUNDS = 40;
/** The pause between two rounds, in milliseconds. A program that watches only for a moment does not pay for all of them. */
const PAUSE = 10;

/** How many rounds this thread still has before it. */
let left = ROUNDS;

/**
 * Rehearses in the idle moments of this thread's first half second: made-up events run through the whole code again and
 * again, on a separate table, so that the code is compiled when the first real event comes. Nobody sees these events. The
 * returned function cancels what has not been done.
 */
export function rehearseSoon(backend: Backend, watch: Watch): (() => void) | undefined {
  if (left === 0 || backend.rehearsal === undefined) return undefined;
  const round = (): void => {
    if (left === 0) return;
    const time = left === ROUNDS ? FIRST : FURTHER;
    void rehearse(backend.rehearsal!(), watch, time).catch(() => {}); // it is only for speed
    if (--left > 0) timer = setTimeout(round, PAUSE);
  };
  let timer = setTimeout(round, 0);
  return () => clearTimeout(timer);
}

/** Rehearses for some milliseconds. It waits for nothing outside: no timer and no real event interrupts it. */
export async function rehearse({ backend, say }: Rehearsal, watch: Watch, time: number): Promise<number> {
  const close = (): Promise<void> => Promise.resolve();
  using watcher = watch({ backend, onGone: () => {}, close, [Symbol.dispose]: () => {} });
  let events = 0;
  for (const end = performance.now() + time; performance.now() < end;) {
    const event = watcher.next();
    say();
    if (!(await event).done) events++;
  }
  return events;
}
