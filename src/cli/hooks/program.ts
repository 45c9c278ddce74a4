import { Backoff } from "../../../platforms/common/backoff.ts";
import type { Program } from "./line.ts";
import { within } from "./within.ts";

/** How soon a program that ended by itself is started again: twice as long each time, in milliseconds. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 60_000;
/** A program that ran for so many times the pause was well: its next pause is the first again. */
const WELL = 10;

/** A program in the foreground, which is started again whenever it ends by itself. */
export class KeptProgram implements Program {
  readonly ended: Promise<void>;
  readonly #end = new AbortController();

  /**
   * @param run Runs it once, until it has ended or the signal has ended it. Resolves with how it ended, in words.
   * @param report Called with what became of it.
   */
  constructor(run: (end: AbortSignal) => Promise<string>, report: (what: string) => void) {
    this.ended = this.#keep(run, report);
  }

  end(): void {
    this.#end.abort();
  }

  async #keep(run: (end: AbortSignal) => Promise<string>, report: (what: string) => void): Promise<void> {
    const { signal } = this.#end;
    const pauses = new Backoff(FIRST_PAUSE, LONGEST_PAUSE, WELL);
    while (!signal.aborted) {
      const how = await run(signal);
      if (signal.aborted) return;
      const pause = pauses.next();
      report(`${how}, and is started again in ${pause / 1000} s`);
      await within(pause, undefined, signal);
    }
  }
}
