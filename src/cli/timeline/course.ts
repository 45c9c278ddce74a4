import type { Moment } from "../../../platforms/contract/clock.ts";
import { dated } from "../../table/moment.ts";

/** When something happened, as a line of a record has it; what happens live has no `started`. */
export interface Stamp {
  readonly time: number;
  /** By the steady clock of its run; undefined in records that older versions made. */
  readonly elapsed?: number | undefined;
  /** When its run of netflags began, in any words: the steady clock of another run begins anew. */
  readonly started?: string | undefined;
}

/** A run of netflags. */
interface Run {
  /** Where its steady clock was 0. */
  readonly zero: number;
  /** Its first and its last moment. */
  readonly first: Moment;
  last: Moment;
}

/** Lines without a steady time: their wall clock stands for it. */
const TIMELESS = Symbol("no steady time");
/** So many runs are kept: a later line of an older one begins a run of its own. */
const MOST_RUNS = 1000;

/**
 * The one steady clock for all runs of a record. It begins with the wall clock's time of the first moment. Between two
 * runs only the wall clock went on; where it went back, nothing is known of the time between.
 */
export class Course {
  readonly #runs = new Map<string | symbol | undefined, Run>();
  #last: Moment | undefined;

  /** The moment of something, by this clock. */
  at({ time, elapsed, started }: Stamp): Moment {
    const key = elapsed === undefined ? TIMELESS : started;
    const steady = elapsed ?? time;
    let run = this.#runs.get(key);
    const moment = { time, elapsed: run === undefined ? this.#after(time) : run.zero + steady };
    if (run === undefined) {
      run = { zero: moment.elapsed - steady, first: moment, last: moment };
      if (this.#runs.size >= MOST_RUNS) this.#runs.delete(this.#runs.keys().next().value);
      this.#runs.set(key, run);
    }
    if (moment.elapsed > run.last.elapsed) run.last = moment;
    if (this.#last === undefined || moment.elapsed > this.#last.elapsed) this.#last = moment;
    return moment;
  }

  #after(time: number): number {
    return this.#last === undefined ? time : this.#last.elapsed + Math.max(0, time - this.#last.time);
  }

  /** What the wall clock, as it was set at the end of a moment's run, says of that moment. */
  wall(moment: Moment): number {
    let last: Moment | undefined;
    for (const run of this.#runs.values()) if (run.first.elapsed <= moment.elapsed) last = run.last;
    return dated(moment, last ?? moment);
  }
}
