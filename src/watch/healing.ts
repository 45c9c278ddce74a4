import { Backoff } from "../../platforms/common/backoff.ts";
import { NetflagsError, NotPermittedError, UnsupportedError } from "../../platforms/contract/errors.ts";

/**
 * How soon listening is tried again after a failure. A new subscription alone proves nothing: waiting may fail again a
 * moment later. So only a time without a failure leads back to the first delay.
 */
export function healing(): Backoff {
  return new Backoff(50, 30_000, 10);
}

/** Whether an error of this system may be temporary. */
export function mayHeal(error: unknown): error is NetflagsError {
  return error instanceof NetflagsError && !(error instanceof NotPermittedError) &&
    !(error instanceof UnsupportedError);
}
