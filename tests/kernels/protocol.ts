/** What guest.ts prints for machine.ts: lines that begin with one of these words, and JSON behind. */
/** Once, when the machine has started. */
export const STARTED = "@started ";
/** After each test file. */
export const COUNTED = "@counted ";

/** The kernel that runs. */
export interface Started {
  readonly release: string;
  readonly processor: string;
}
