import type { Decoded } from "../../../platforms/contract/system.ts";

/**
 * A message of a piece of a capture, as a decoder of the whole would have told it: the places that an error names are
 * those of the whole, and what is left behind a place is more by what the piece does not have.
 */
export function shifted<T extends Decoded>(message: T, base: number, beyond: number): T {
  if (message.error === undefined || (base === 0 && beyond === 0)) return message;
  const error = message.error
    .replace(/at byte (\d+)/, (_, at: string) => `at byte ${Number(at) + base}`)
    .replace(
      /^(Cannot decode \w+ message.*with )(\d+)/,
      (_, text: string, left: string) => text + (Number(left) + beyond),
    );
  return { ...message, error };
}
