import { MalformedMessageError } from "./errors.ts";

/** A walk over the messages of some bytes. */
export interface Walk {
  /**
   * Goes to the next message, or returns false at the end.
   *
   * @throws {MalformedMessageError} What follows is not a whole message.
   */
  next(): boolean;
}

/** What cannot be decoded, with the reason. It has no `message`: that tells it from the others. */
export interface UndecodedMessage {
  /** Never there. */
  readonly message?: undefined;
  /** Why it cannot be decoded. */
  readonly error: string;
  /** The name or number of the message, where its header is whole. */
  readonly of?: string | number;
}

/** Decodes each message of a walk; what cannot be decoded is an element with `error`. */
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

/** Does something with each message of a walk; false where one is malformed, or `each` says that it is worth a loss. */
export function applyEach(walk: Walk, each: () => boolean): boolean {
  try {
    while (walk.next()) if (!each()) return false;
    return true;
  } catch (error) {
    if (error instanceof MalformedMessageError) return false;
    throw error;
  }
}
