/**
 * How long after an event everything is compared, in milliseconds, if a kernel does not announce every change. Silent
 * changes seldom come alone: an interface was just made, or is about to be set up.
 */
const QUIET = 500;
/** How often to compare while events come without a pause. A list of thousands of interfaces delays everything else. */
const UNQUIET = 5000;

/**
 * Says when to compare everything on a kernel that does not announce every change: when nothing has happened for a while
 * after an event, and at intervals while events keep coming. While nothing happens, no timer runs.
 */
export class Silence {
  readonly #compare: () => void;
  readonly #possible: () => boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #quiet = true;

  /** `possible` says whether there may be a change that was not announced. */
  constructor(compare: () => void, possible: () => boolean) {
    this.#compare = compare;
    this.#possible = possible;
  }

  /** Something happened. */
  broken(): void {
    this.#quiet = false;
    if (this.#timer === undefined) this.#wait(0);
  }

  #wait(waited: number): void {
    this.#quiet = true;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#quiet) this.#wait((waited + QUIET) % UNQUIET);
      const due = this.#timer === undefined || waited + QUIET >= UNQUIET;
      if (due && this.#possible()) this.#compare();
    }, QUIET);
  }

  /** Ends it. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
