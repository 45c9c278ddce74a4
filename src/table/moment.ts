import { clockOf } from "../../platforms/common/clock.ts";
import type { Clock, Moment } from "../../platforms/contract/clock.ts";
import { currentBackend } from "../../platforms/current.ts";

/** The present moment, by the clocks of the system in use. */
export function now(clock: Clock = clockOf(currentBackend())): Moment {
  return { time: clock.time(), elapsed: clock.elapsed() };
}

/**
 * The clock was set if it has moved by more than this against the steady one, in milliseconds. Less is the time between
 * reading the two: a program that was interrupted there must not report another time each time it is asked.
 */
const SET = 500;

/**
 * When something happened, by the wall clock as it is set at a later moment: the time that its clock showed then, moved
 * by as much as the clock was set since. So it may be subtracted from the present time, and is right if it was the
 * earlier time that was wrong, as before the first answer of a time server.
 */
export function dated(moment: Moment, later: Moment): number {
  const set = (later.time - later.elapsed) - (moment.time - moment.elapsed);
  return Math.abs(set) > SET ? moment.time + set : moment.time;
}
