import { type NetflagsError, NotPermittedError, SystemError } from "../../../platforms/contract/errors.ts";

/** The error for a file that could not be written; it may be another one's fault than that of who named the file. */
export function cannotWrite(path: string, operation: string, error: unknown): NetflagsError {
  const message = `Cannot write "${path}": ${error instanceof Error ? error.message : error}`;
  const options = { operation, cause: error };
  return error instanceof Deno.errors.PermissionDenied
    ? new NotPermittedError(message, options)
    : new SystemError(message, options);
}
