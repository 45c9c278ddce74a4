import { Backoff } from "../../platforms/contract/backoff.ts";
import { NetflagsError, NotPermittedError, UnsupportedError } from "../../platforms/contract/errors.ts";

/**
 * How soon listening is tried again after a failure. That it could be made anew proves nothing: what waits for it may fail
 * a moment later, as it did before. So only a time without a failure leads back to the first wait.
 */
export function healing(): Backoff {
  return new Backoff(50, 30_000, 10);
}

/** Whether an error is one of this system's that may not be there a moment later. */
export function mayHeal(error: unknown): error is NetflagsError {
  return error instanceof NetflagsError && !(error instanceof NotPermittedError) &&
    !(error instanceof UnsupportedError);
}
