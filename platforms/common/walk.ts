import { MalformedMessageError } from "../contract/errors.ts";

/** A walk over the messages of some bytes. */
export interface Walk {
  /**
   * Goes to the next message, or returns false at the end.
   *
   * @throws {MalformedMessageError} The next bytes are not a whole message.
   */
  next(): boolean;
}

/** A message that cannot be decoded, with the reason. It has no `message`, which distinguishes it from the others. */
export interface UndecodedMessage {
  /** Always absent. */
  readonly message?: undefined;
  /** Why it cannot be decoded. */
  readonly error: string;
  /** The name or number of the message, if its header is whole. */
  readonly of?: string | number;
}

/** Decodes each message of a walk. A message that cannot be decoded is an element with `error`. */
export function decodeEach<T>(
  walk: Walk,
  name: () => string | number | undefined,
  decode: () => T,
): (T | UndecodedMessage)[] {
  const decoded: (T | UndecodedMessage)[] = [];
  for (;;) {
    let whole = false;
    try {
      if (!walk.next()) return decoded;
      whole = true;
      decoded.push(decode());
    } catch (error) {
      if (!(error instanceof MalformedMessageError)) throw error;
      const of = whole ? name() : undefined;
      decoded.push(of === undefined ? { error: error.message } : { error: error.message, of });
    }
  }
}

/**
 * Calls `each` with each message of a walk. Returns false if one is malformed, or if `each` says that it counts as a
 * loss.
 */
export function applyEach(walk: Walk, each: () => boolean): boolean {
  try {
    while (walk.next()) if (!each()) return false;
    return true;
  } catch (error) {
    if (error instanceof MalformedMessageError) return false;
    throw error;
  }
}
