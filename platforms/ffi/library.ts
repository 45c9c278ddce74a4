import { NotPermittedError, UnsupportedError } from "../contract/errors.ts";

/**
 * Opens the first of some libraries that is there. It stays open as long as the process: opening costs 0.4 ms, a
 * request to the kernel a few µs.
 *
 * @throws {NotPermittedError} Deno was started without `--allow-ffi`.
 * @throws {UnsupportedError} None of the libraries is there, or one lacks a function that is not optional.
 */
export function openLibrary<S extends Deno.ForeignLibraryInterface>(
  names: readonly string[],
  symbols: S,
): Deno.DynamicLibrary<S>["symbols"] {
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
