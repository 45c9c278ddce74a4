import { NotPermittedError, UnsupportedError } from "../contract/errors.ts";
import { denoOrNone } from "./runtime.ts";

/** The functions of a library, each with its C prototype beside it. */
export type LibrarySymbols = Deno.ForeignLibraryInterface;
/** The functions of an open library. */
export type Library<S extends LibrarySymbols> = Deno.DynamicLibrary<S>["symbols"];

/**
 * Makes sure that every library may be opened. Where only some may, the runtime takes a name without a path for one in
 * the working directory, and a library that lies there would be loaded: with the rights of whoever runs this.
 *
 * @throws {NotPermittedError} It may not, and whoever was asked refused.
 */
function requireFullPermission(deno: typeof Deno): void {
  const asked = { name: "ffi" } as const;
  let { state, partial } = deno.permissions.querySync(asked);
  if (state === "prompt") ({ state, partial } = deno.permissions.requestSync(asked));
  if (state === "granted" && !partial) return;
  throw new NotPermittedError(
    "Cannot open the C library: run with --allow-ffi (without a path: where only some paths are allowed, a library of " +
      "that name in the working directory would be loaded)",
    { operation: "open the C library" },
  );
}

/** Whether a library is there, whatever functions it has. */
function isThere(deno: typeof Deno, name: string): boolean {
  try {
    deno.dlopen(name, {}).close();
    return true;
  } catch {
    return false;
  }
}

/**
 * Opens the first of some libraries that is there, and no other: a second C library in one process breaks it. It stays
 * open as long as the process: opening costs 0.4 ms, a request to the kernel a few µs.
 *
 * @param names The library's names, none of them relative to the working directory.
 * @throws {NotPermittedError} The process runs without `--allow-ffi`, or with one for some paths only.
 * @throws {UnsupportedError} None of the libraries is there, it lacks a function that is not optional, or the runtime has
 * no foreign functions.
 */
export function openLibrary<S extends LibrarySymbols>(
  names: readonly string[],
  symbols: S,
): Library<S> {
  const operation = "open the C library";
  const deno = denoOrNone();
  if (deno === undefined) {
    throw new UnsupportedError(
      "Cannot open the C library: this runtime has no foreign functions that netflags knows: run with Deno",
      { operation },
    );
  }
  requireFullPermission(deno);
  let failure: unknown = "no name to try";
  for (const name of names) {
    try {
      return deno.dlopen(name, symbols).symbols;
    } catch (cause) {
      failure = cause;
      if (isThere(deno, name)) break;
    }
  }
  const why = failure instanceof Error ? failure.message : String(failure);
  throw new UnsupportedError(`Cannot open the C library: none of ${names.join(", ")} works here: ${why}`, {
    operation,
    cause: failure,
  });
}
