import type { PointerValue } from "./memory.ts";

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
  const view = new Int32Array(Deno.UnsafePointerView.getArrayBuffer(place, 4));
  return () => view[0]!;
}
