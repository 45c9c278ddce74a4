import { LONGEST_TIMER } from "../../../platforms/common/options.ts";

/**
 * What a promise resolves with; undefined where so many milliseconds pass first (Infinity: none do), or the signal comes.
 * Nothing of it stays with a signal that lives as long as the program, as a Promise.race would.
 */
export async function within<T>(ms: number, promise?: Promise<T>, signal?: AbortSignal): Promise<T | undefined> {
  if (signal?.aborted) return undefined;
  const over = Promise.withResolvers<T | undefined>();
  const giveUp = (): void => over.resolve(undefined);
  const timer = ms === Infinity ? undefined : setTimeout(giveUp, Math.min(ms, LONGEST_TIMER));
  signal?.addEventListener("abort", giveUp);
  promise?.then(over.resolve, over.reject);
  try {
    return await over.promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}
