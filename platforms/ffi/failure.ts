import { UnsupportedError } from "../contract/errors.ts";

/** What is done in words, for errors. */
export const OPEN = "open the C library";

/** The error where none of a library's names serves. */
export function noLibrary(names: readonly string[], failure: unknown): UnsupportedError {
  const why = failure instanceof Error ? failure.message : String(failure);
  return new UnsupportedError(`Cannot ${OPEN}: none of ${names.join(", ")} works here: ${why}`, {
    operation: OPEN,
    cause: failure,
  });
}
