import { isPassing, NetflagsError } from "../../contract/errors.ts";
import { type MediaAnswer, NO_MEDIA, type RouteKernel } from "./kernel.ts";

/**
 * The interface to ask about: every ioctl takes a name, and is about the interface that has the name at that moment.
 */
export interface Named {
  readonly index: number;
  readonly name: string;
}

/** The answer of a driver: its flags, and its media if it has any. */
export interface DriverState extends MediaAnswer {
  readonly flags: number;
}

/** After this many failures in a row that no source explains, a driver counts as having no media. */
const PATIENCE = 8;
/** How many names are remembered, because interfaces come and go. */
const MOST_NAMES = 256;

/**
 * Asks the kernel about an interface by its name, and believes only answers from the time when the name was its own.
 * While an interface goes, its name may already belong to another one, and the driver's answers are wrong.
 */
export class Asker {
  readonly #kernel: RouteKernel;
  /** How often in a row asking for each name's media failed for an unknown reason. */
  readonly #failures = new Map<string, number>();

  constructor(kernel: RouteKernel) {
    this.#kernel = kernel;
  }

  /** The flags; undefined if the name is no longer the interface's. Throws if there is no answer. */
  flags(who: Named): number | undefined {
    if (!this.#is(who)) return undefined;
    return this.#believed(who, () => this.#kernel.flags(who.name));
  }

  /** Flags and media, with only one check of the index before and one after. */
  state(who: Named): DriverState | undefined {
    if (!this.#is(who)) return undefined;
    return this.#believed(who, () => {
      const flags = this.#kernel.flags(who.name);
      const answer = flags === undefined ? undefined : this.#media(who.name);
      return flags === undefined || answer === undefined ? undefined : { flags, ...answer };
    });
  }

  /** The media of an interface that was listed just now. The list shows that the name was its own before. */
  media(who: Named): MediaAnswer | undefined {
    return this.#believed(who, () => this.#media(who.name));
  }

  /** The flags of one of its IPv6 addresses; undefined if it is gone, or if the kernel does not say. */
  addressFlags(who: Named, ipv6: Uint8Array): number | undefined {
    if (!this.#is(who)) return undefined;
    return this.#believed(who, () => this.#kernel.addressFlags(who.name, ipv6));
  }

  /** Forgets a driver: its interface is gone, and the name may be another one's. */
  forget(name: string): void {
    this.#failures.delete(name);
    this.#kernel.forget?.(name);
  }

  /** Sets flags, and says whether they were set on this interface. */
  setFlags(who: Named, flags: number): boolean {
    if (!this.#is(who)) return false;
    return this.#believed(who, () => (this.#kernel.setFlags(who.name, flags), true)) ?? false;
  }

  #is({ index, name }: Named): boolean {
    return this.#kernel.index(name) === index;
  }

  /** An answer or a failure means nothing if the name belongs to another interface by now. */
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
