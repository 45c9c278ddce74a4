/** A moment by both clocks of a system, in milliseconds. */
export interface Moment {
  /** By the wall clock, as it was set at that moment: since the Unix epoch. */
  readonly time: number;
  /**
   * By the steady clock, which nobody sets and which goes on while the machine sleeps. Its zero means nothing by itself;
   * the difference of two moments is the time between them.
   */
  readonly elapsed: number;
}

/** The two clocks of a system. A time that is reported comes from the first, a duration from the second. */
export interface Clock {
  /** The present reading of the wall clock: {@linkcode Moment.time}. */
  time(): number;
  /** The present reading of the steady clock: {@linkcode Moment.elapsed}. It begins at 0 when it is first read. */
  elapsed(): number;
}
