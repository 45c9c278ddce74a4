import type { Backend, Rehearsal } from "../../platforms/contract/backend.ts";
import type { InterfaceEvent } from "./event.ts";

/** Watches whatever a backend tells, addresses included. */
type Watch = (backend: Backend) => AsyncIterableIterator<InterfaceEvent> & Disposable;

/** How long it may take, in milliseconds of this thread. */
const TIME = 5;
/** Rounds between two looks at the clock. */
const ROUNDS = 8;

/** Whether this thread has rehearsed. */
let rehearsed = false;

/**
 * Walks the road of an event with messages that are made up, in the first idle moment, so that the runtime has compiled
 * what the first real event runs through. Once in a thread, on a table of its own. Returns what calls it off.
 */
export function rehearseSoon(backend: Backend, watch: Watch): () => void {
  if (rehearsed || backend.rehearsal === undefined) return () => {};
  const timer = setTimeout(() => {
    if (rehearsed) return;
    rehearsed = true;
    void rehearse(backend.rehearsal!(), watch);
  }, 0);
  return () => clearTimeout(timer);
}

/** Every wait in it ends at once: it is over before the next timer. */
async function rehearse({ backend, say }: Rehearsal, watch: Watch): Promise<void> {
  using watcher = watch(backend);
  for (const end = performance.now() + TIME; performance.now() < end;) {
    for (let i = 0; i < ROUNDS; i++) {
      const event = watcher.next();
      say();
      await event;
    }
  }
}
