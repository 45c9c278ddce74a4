import { isPassing, NetflagsError } from "../../contract/errors.ts";
import type { Asker, Named } from "./asker.ts";
import { type MediaAnswer, NO_MEDIA } from "./kernel.ts";
import type { AskMedia } from "./lister.ts";

type Known = Map<number, { readonly name: string; readonly answer: MediaAnswer }>;

/**
 * What each driver last said about its media, as long as somebody watches. If a driver does not answer at the moment,
 * its last answer stays, and the caller must ask again. A missing answer is not a change.
 */
export class MediaMemory {
  readonly #asker: Asker;
  #known: Known = new Map();
  #doubt = false;

  constructor(asker: Asker) {
    this.#asker = asker;
  }

  /** Makes a list of everything. The first list has no earlier answers to use, so a temporary failure makes it fail. */
  all<T>(first: boolean, list: (media: AskMedia) => T): T {
    const now: Known = new Map(); // only of the listed interfaces
    this.#doubt = false;
    const made = list((who) => {
      const answer = this.#ask(who, first);
      if (answer !== undefined) now.set(who.index, { name: who.name, answer });
      return answer;
    });
    // Of some that go, no message says so.
    for (const [index, { name }] of this.#known) if (now.get(index)?.name !== name) this.#asker.forget(name);
    this.#known = now;
    return made;
  }

  /** How to ask for one interface. */
  readonly one: AskMedia = (who) => {
    const answer = this.#asker.media(who);
    if (answer !== undefined) this.set(who, answer);
    return answer;
  };

  /** Takes what an interface's driver said. */
  set({ index, name }: Named, answer: MediaAnswer): void {
    this.#known.set(index, { name, answer });
  }

  /** Whether a driver did not answer since this was last asked. */
  takeDoubt(): boolean {
    const doubt = this.#doubt;
    this.#doubt = false;
    return doubt;
  }

  #ask(who: Named, first: boolean): ReturnType<AskMedia> {
    try {
      return this.#asker.media(who);
    } catch (error) {
      if (!(error instanceof NetflagsError) || first && isPassing(error)) throw error;
      this.#doubt = true;
      const known = this.#known.get(who.index);
      return known?.name === who.name ? known.answer : NO_MEDIA;
    }
  }
}
