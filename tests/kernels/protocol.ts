/** What guest.ts prints for machine.ts: lines that begin with one of these words, and JSON behind. */
import type { Counts } from "../helpers/suites.ts";

/** Once, when the machine has started. */
export const STARTED = "@started ";
/** After each test file. */
export const COUNTED = "@counted ";

/** The kernel that runs. */
export interface Started {
  readonly release: string;
  readonly processor: string;
}

/** What a test file came to. */
export interface Outcome extends Counts {
  /** The names of the tests that failed. */
  readonly failures: readonly string[];
}
