import { isPassing, NetflagsError } from "../contract/errors.ts";
import { type MediaAnswer, NO_MEDIA, type RouteKernel } from "./kernel.ts";

/** Who is asked about: every ioctl takes a name, and means whoever has it at that moment. */
export interface Named {
  readonly index: number;
  readonly name: string;
}

/** What was asked of a driver: its flags, and its media where it has any. */
export interface DriverState extends MediaAnswer {
  readonly flags: number;
}

/** After so many asks in a row that failed as no source explains, a driver is taken to have no media. */
const PATIENCE = 8;
/** Of so many names it is remembered: interfaces come and go. */
const MOST_NAMES = 256;

/**
 * Asks the kernel about an interface by its name, and believes only what was answered while the name was its own. While
 * an interface goes, its name may already be another's, and the driver answers nothing right.
 */
export class Asker {
  readonly #kernel: RouteKernel;
  /** How often in a row each name's media could not be had, for no reason that is known. */
  readonly #failures = new Map<string, number>();

  constructor(kernel: RouteKernel) {
    this.#kernel = kernel;
  }

  /** The flags; undefined where the name is no longer the interface's. Throws where they are not to be had. */
  flags(who: Named): number | undefined {
    if (!this.#is(who)) return undefined;
    return this.#believed(who, () => this.#kernel.flags(who.name));
  }

  /** Flags and media, for the price of one look at the index before and one behind. */
  state(who: Named): DriverState | undefined {
    if (!this.#is(who)) return undefined;
    return this.#believed(who, () => {
      const flags = this.#kernel.flags(who.name);
      const answer = flags === undefined ? undefined : this.#media(who.name);
      return flags === undefined || answer === undefined ? undefined : { flags, ...answer };
    });
  }

  /** The media of an interface that was listed just now, which says whose the name was before. */
  media(who: Named): MediaAnswer | undefined {
    return this.#believed(who, () => this.#media(who.name));
  }

  /** Sets flags, and says whether it was this interface's that were set. */
  setFlags(who: Named, flags: number): boolean {
    if (!this.#is(who)) return false;
    return this.#believed(who, () => (this.#kernel.setFlags(who.name, flags), true)) ?? false;
  }

  #is({ index, name }: Named): boolean {
    return this.#kernel.index(name) === index;
  }

  /** An answer, or a failure, of one that is no longer the one asked about says nothing. */
  #believed<T>(who: Named, ask: () => T | undefined): T | undefined {
    try {
      const answer = ask();
      return answer !== undefined && this.#is(who) ? answer : undefined;
    } catch (error) {
      if (error instanceof NetflagsError && !this.#is(who)) return undefined;
      throw error;
    }
  }

  #media(name: string): MediaAnswer | undefined {
    try {
      const answer = this.#kernel.media(name);
      this.#failures.delete(name);
      return answer;
    } catch (error) {
      if (!(error instanceof NetflagsError) || isPassing(error)) throw error;
      const failures = (this.#failures.get(name) ?? 0) + 1;
      if (this.#failures.size >= MOST_NAMES) this.#failures.clear();
      this.#failures.set(name, failures);
      if (failures < PATIENCE) throw error;
      return NO_MEDIA;
    }
  }
}
