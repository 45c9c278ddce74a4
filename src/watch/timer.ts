import { InvalidInputError } from "../../platforms/contract/errors.ts";

/** The longest time that a timer takes, in milliseconds. */
export const LONGEST_TIMER = 0x7fffffff;

/**
 * Checks a time in milliseconds that an option gave.
 *
 * @param what What was to be done, as the words between "Cannot" and the time.
 * @throws {InvalidInputError} It is not a time that a timer takes.
 */
export function checkTime(what: string, time: number | undefined): number | undefined {
  if (time === undefined || (time >= 0 && time <= LONGEST_TIMER)) return time;
  throw new InvalidInputError(`Cannot ${what} ${time} ms: give a time from 0 to ${LONGEST_TIMER}`);
}
