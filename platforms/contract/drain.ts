/** What receiving found instead of a datagram: nothing more for now. */
export const NOTHING = 0;
/** What it found instead: the kernel's queue overflowed, or a datagram did not fit. */
export const LOST = -1;
/** More datagrams than any queue holds: each is charged at least 128 bytes, of 8 MiB at most. */
export const QUEUE_LIMIT = 65536;

/**
 * How a drain ended: the queue is empty; there is more, for a later turn; or messages were lost, so that everything
 * must be asked again. Then all that was queued before the loss has been read, whatever the limit.
 */
export type Drained = "empty" | "more" | "lost";

/**
 * Reads queued datagrams without waiting.
 *
 * After an overflow a kernel drops everything until its queue has been read empty. What is in it is older than what was
 * dropped, and so older than whatever is asked next: it is read before, though only once a drain. A loss that repeats
 * must not hold up the program.
 *
 * @param receive Takes the next datagram: its length, NOTHING or LOST.
 * @param apply Hands on what it says; false where it cannot be decoded, which is as good as lost.
 * @param limit How many datagrams to read at the most.
 */
export function drainQueue(receive: () => number, apply: (length: number) => boolean, limit: number): Drained {
  let lost = false;
  for (let left = limit; left > 0; left--) {
    const length = receive();
    if (length === NOTHING) return lost ? "lost" : "empty";
    if (length !== LOST && apply(length)) continue;
    if (!lost) left = QUEUE_LIMIT;
    lost = true;
  }
  return lost ? "lost" : "more";
}
