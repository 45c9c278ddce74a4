import { bytesAt, type PointerValue } from "./memory.ts";

/**
 * Makes the reader of this thread's errno. Call the reader straight after the call that failed, with nothing between.
 *
 * errno belongs to the thread, and a garbage collection may overwrite it; so its place is looked up once, and reading
 * it is one load from a view that is already there. Each Worker evaluates this module anew, on its own thread.
 *
 * @param place What `int *__errno_location(void)`, or the system's name for it, returns.
 */
export function errnoReader(place: PointerValue): () => number {
  if (place === null) return () => 0;
  const view = new Int32Array(bytesAt(place, 4));
  return () => view[0]!;
}

/** EINTR, which is the same number on every system: a signal came while the call was made. */
export const EINTR = 4;
/** EINTR so often in a row is no signal: the call would never be made. */
const INTERRUPTIONS = 16;

/**
 * Makes a call again where a signal interrupted it, a few times. The result, and errno behind it, are those of the last
 * time.
 */
export function uninterrupted(errno: () => number, call: () => number): number {
  for (let i = 0;; i++) {
    const result = call();
    if (result >= 0 || i >= INTERRUPTIONS || errno() !== EINTR) return result;
  }
}
