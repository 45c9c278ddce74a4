import type { PointerValue } from "./memory.ts";

/** The functions of a C library that errno is read with. */
export interface ErrnoSymbols {
  /** `int *__errno_location(void)`, or the system's name for it. */
  errnoLocation(): PointerValue;
  /** `void *memcpy(void *dest, const void *src, size_t n)` */
  memcpy(dest: Uint8Array<ArrayBuffer>, src: PointerValue, n: bigint): void;
}

/**
 * Makes the reader of this thread's errno. Call the reader straight after the call that failed, with nothing between.
 *
 * errno belongs to the thread, and a garbage collection may overwrite it; so its place is looked up once, and reading
 * it is one load from a view that is already there. Each Worker evaluates this module anew, on its own thread.
 */
export function errnoReader(symbols: ErrnoSymbols): () => number {
  const place = symbols.errnoLocation();
  if (place === null) return () => 0;
  try {
    const view = new Int32Array(Deno.UnsafePointerView.getArrayBuffer(place, 4));
    return () => view[0]!;
  } catch {
    // A path-limited --allow-ffi denies views of memory but not calls.
    const bytes = new Uint8Array(new ArrayBuffer(4));
    const copy = new Int32Array(bytes.buffer);
    symbols.memcpy(bytes, place, 4n); // the first call may have to look for the function, which may fail and set errno
    return () => {
      symbols.memcpy(bytes, place, 4n);
      return copy[0]!;
    };
  }
}
