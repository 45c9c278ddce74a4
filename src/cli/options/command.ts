import type { OptionTable } from "./option.ts";
import type { Candidates } from "./words.ts";

/** A command of the command-line tool. */
export interface Command {
  /** The forms that it takes, behind its name: `"NAME [OPTION...]"`. */
  readonly usage: readonly string[];
  /** What its help says below its summary, in paragraphs. */
  readonly description: readonly string[];
  readonly options: OptionTable;
  /** Whole command lines, each with what it does. */
  readonly examples: readonly (readonly [line: string, text: string])[];
  /** What may stand in the place of a word that is begun, behind other words. */
  words?(before: readonly string[], word: string): Candidates;
  /** Does it. Returns the exit status. */
  run(args: string[]): Promise<number> | number;
}

/** Exit statuses: a contract with scripts. */
export const EXIT = {
  done: 0,
  /** No such interface, the condition is false, or this system cannot tell. */
  no: 1,
  usage: 2,
  notPermitted: 3,
  /** As timeout(1) has it. */
  timedOut: 124,
} as const;
