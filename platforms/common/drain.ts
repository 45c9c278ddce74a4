import type { Drained } from "../contract/backend.ts";

/** Received instead of a datagram: the queue is empty for now. */
export const NOTHING = 0;
/** Received instead of a datagram: the kernel's queue overflowed, or a datagram did not fit. */
export const LOST = -1;
/** More datagrams than any queue holds: each is charged at least 128 bytes, of 8 MiB at most. */
export const QUEUE_LIMIT = 65536;

/**
 * Reads queued datagrams without waiting.
 *
 * After an overflow a kernel drops everything until its queue has been read empty. The messages in the queue are older
 * than the dropped ones, and so older than the answer to the next request. So they are read first, but only once in a
 * drain, and not when it is late: repeated losses, and messages that come faster than they are read, must not hold up the
 * program.
 *
 * @param receive Receives the next datagram: its length, NOTHING or LOST. It is told how many more are asked for.
 * @param apply Hands on its content. Returns false if it cannot be decoded, which counts as a loss.
 * @param limit How many datagrams to read at most; after a loss, more.
 * @param late Whether not to go on after a loss.
 */
export function drainQueue(
  receive: (most: number) => number,
  apply: (length: number) => boolean,
  limit: number,
  late?: () => boolean,
): Drained {
  let lost = false;
  for (let left = limit; left > 0; left--) {
    const length = receive(left);
    if (length === NOTHING) return lost ? "lost" : "empty";
    if (length === LOST || !apply(length)) {
      if (!lost) left = QUEUE_LIMIT;
      lost = true;
    }
    if (lost && late?.() === true) return "lost";
  }
  return lost ? "lost" : "more";
}
