import type { LinkFacts } from "../../contract/status.ts";
import type { DriverState } from "../ask/asker.ts";

/** What to ask about an interface: its flags alone, its media too, or everything that a list says of it. */
type Wanted = "flags" | "state" | "facts";
/** Each of them includes those before it. */
const EXTENT: Readonly<Record<Wanted, number>> = { flags: 0, state: 1, facts: 2 };
/** An answer of its driver, or of the list. */
export type Answer = (Pick<DriverState, "flags"> & Partial<DriverState>) | { readonly facts: LinkFacts };

/**
 * What has to be asked about interfaces, by index, when the queue has been read. An answer is about the interface that
 * has the name at that moment. This may be another one, whose messages are in the queue by then. So the queue is read
 * again before an answer counts, and a message about the interface makes the answer void.
 */
export class Questions {
  readonly #open = new Map<number, Wanted>();
  readonly #answers = new Map<number, readonly [wanted: Wanted, answer: Answer]>();

  /** Whether there are answers, for which the queue has to be read again. */
  get answered(): boolean {
    return this.#answers.size > 0;
  }

  /** Whether the flags of an interface, and no more of it, have to be asked for. */
  asksFlags(index: number): boolean {
    return this.#open.get(index) === "flags";
  }

  /** Notes that the flags are known: a message had the present ones. */
  settle(index: number): void {
    if (this.asksFlags(index)) this.#open.delete(index);
  }

  add(index: number, wanted: Wanted): void {
    const open = this.#open.get(index);
    if (open === undefined || EXTENT[open] < EXTENT[wanted]) this.#open.set(index, wanted);
  }

  /** Drops what concerns an interface that is gone. */
  drop(index: number): void {
    this.#open.delete(index);
    this.#answers.delete(index);
  }

  /** Notes that a message about an interface came: an answer to an earlier question is void. */
  heard(index: number): void {
    const old = this.#answers.get(index);
    if (old === undefined) return;
    this.#answers.delete(index);
    this.add(index, old[0]);
  }

  /** Asks everything that is open. A question without an answer is over. */
  put(ask: (index: number, wanted: Wanted) => Answer | undefined): void {
    const open = [...this.#open];
    this.#open.clear();
    for (const [index, wanted] of open) {
      const answer = ask(index, wanted);
      if (answer !== undefined) this.#answers.set(index, [wanted, answer]);
    }
  }

  /** Takes the answers that count. */
  take(): (readonly [index: number, answer: Answer])[] {
    if (this.#answers.size === 0) return [];
    const taken = Array.from(this.#answers, ([index, [, answer]]) => [index, answer] as const);
    this.#answers.clear();
    return taken;
  }

  /** Forgets everything: all of it is listed anew. */
  clear(): void {
    this.#open.clear();
    this.#answers.clear();
  }
}
