import type { InterfaceEvent } from "../../../mod.ts";
import { assertEquals } from "@std/assert";
import { Notes, Stage, turn } from "./stage.ts";

/** Plays verbs on the fake system alone, and holds each event to what a real kernel said. */
export class Replay extends Stage {
  readonly #notes = new Notes();
  readonly #expected: readonly string[];

  /** `expected`: the lines that were written down. */
  constructor(expected: readonly string[]) {
    super(1);
    this.#expected = expected;
  }

  protected async check(what: string): Promise<void> {
    await turn();
    const before = this.#notes.lines.length;
    const events: readonly InterfaceEvent[] = this.fake.take();
    this.#notes.add(what, events);
    const lines = this.#notes.lines.slice(before);
    assertEquals(lines, this.#expected.slice(before, this.#notes.lines.length), what);
    this.compared += events.length;
  }

  /** Fails if more was written down. */
  end(): void {
    assertEquals(this.#notes.lines.length, this.#expected.length);
  }
}
