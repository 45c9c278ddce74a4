import { InvalidInputError } from "../../platforms/contract/errors.ts";

/** The longest time that a timer accepts, in milliseconds. */
export const LONGEST_TIMER = 0x7fffffff;

/**
 * Checks an option's time in milliseconds.
 *
 * @param what The operation, as the words between "Cannot" and the time.
 * @throws {InvalidInputError} A timer does not accept this time.
 */
export function checkTime(what: string, time: number | undefined): number | undefined {
  if (time === undefined || (typeof time === "number" && time >= 0 && time <= LONGEST_TIMER)) return time;
  throw new InvalidInputError(`Cannot ${what} ${time} ms: give a time from 0 to ${LONGEST_TIMER}`);
}
