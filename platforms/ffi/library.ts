import { NotPermittedError, UnsupportedError } from "../contract/errors.ts";
import { denoOrNone } from "./runtime.ts";

/** The functions of a library, each with its C prototype beside it. */
export type LibrarySymbols = Deno.ForeignLibraryInterface;
/** The functions of an open library. */
export type Library<S extends LibrarySymbols> = Deno.DynamicLibrary<S>["symbols"];

/**
 * Opens the first of some libraries that is there. It stays open as long as the process: opening costs 0.4 ms, a
 * request to the kernel a few µs.
 *
 * @throws {NotPermittedError} Deno was started without `--allow-ffi`.
 * @throws {UnsupportedError} None of the libraries is there, or one lacks a function that is not optional.
 */
export function openLibrary<S extends LibrarySymbols>(
  names: readonly string[],
  symbols: S,
): Library<S> {
  if (denoOrNone() === undefined) {
    throw new UnsupportedError(
      "Cannot open the C library: this runtime has no foreign functions that netflags knows: run with Deno",
      {
        operation: "open the C library",
      },
    );
  }
  const failures: string[] = [];
  for (const name of names) {
    try {
      return Deno.dlopen(name, symbols).symbols;
    } catch (cause) {
      if (cause instanceof Deno.errors.NotCapable || cause instanceof Deno.errors.PermissionDenied) {
        throw new NotPermittedError(
          "Cannot open the C library: run with --allow-ffi (without a path: a path-limited --allow-ffi does not match it)",
          { operation: "open the C library", cause },
        );
      }
      failures.push(cause instanceof Error ? cause.message : String(cause));
    }
  }
  throw new UnsupportedError(
    `Cannot open the C library: none of ${names.join(", ")} works here: ${failures[0] ?? "no name to try"}`,
    { operation: "open the C library" },
  );
}
