/** A function that a program hands in. One that is asynchronous returns a promise, whatever its type says. */
export type Callback<T> = (value: T) => unknown;

/**
 * Calls what a program handed in. What it throws, or what its promise rejects with, goes to `failed` and nowhere else: a
 * mistake in one callback must not reach those who happen to be called in the same turn, nor end the program.
 */
export function callBack<T>(callback: Callback<T> | undefined, value: T, failed: (reason: unknown) => void): void {
  try {
    Promise.resolve(callback?.(value)).catch(failed);
  } catch (reason) {
    failed(reason);
  }
}
