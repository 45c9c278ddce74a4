import type { Library, LibrarySymbols } from "./contract.ts";
import { runtime } from "./runtime.ts";

export type { Library, LibrarySymbols } from "./contract.ts";

/**
 * Opens the first of some libraries that is there, and no other: a second C library in one process breaks it. It stays
 * open as long as the process: opening costs 0.4 ms, a request to the kernel a few µs.
 *
 * @param names The library's names, none of them relative to the working directory.
 * @throws {NotPermittedError} The process may not call foreign functions (`--allow-ffi`), or those of some paths only.
 * @throws {UnsupportedError} None of the libraries is there, it lacks a function that is not optional, or the runtime has
 * no foreign functions.
 */
export function openLibrary<S extends LibrarySymbols>(names: readonly string[], symbols: S): Library<S> {
  return runtime().open(names, symbols);
}
