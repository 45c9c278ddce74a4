import type { Sink } from "../../platforms/contract/backend.ts";
import type { Facts, InterfaceMove, InterfaceStatus } from "../../platforms/contract/status.ts";
import type { Stage } from "./stage.ts";
import type { InterfaceTable } from "./table.ts";

/**
 * Receives messages that came while everything was listed. The list is newer than some of them, and each has told what
 * happened before it. So the table takes them like any others, and the stage takes them for the state that they end in.
 */
export class Both implements Sink {
  readonly #table: InterfaceTable;
  readonly #stage: Stage;

  constructor(table: InterfaceTable, stage: Stage) {
    this.#table = table;
    this.#stage = stage;
  }

  get(index: number): InterfaceStatus | undefined {
    return this.#table.get(index) ?? this.#stage.get(index);
  }

  wants(): boolean {
    return true; // the stage needs every state
  }

  passOver(up: boolean): void {
    this.#table.passOver(up);
  }

  apply(index: number, facts: Facts): void {
    // Facts of a link are filled in by whoever takes them.
    this.#stage.apply(index, "index" in facts ? { ...facts } : facts);
    this.#table.apply(index, facts);
  }

  started(index: number, ssid: string): void {
    this.#table.started(index, ssid);
  }

  remove(index: number, move: InterfaceMove | undefined): void {
    this.#stage.forsake(index);
    this.#table.remove(index, move);
  }

  orphans(): readonly number[] {
    return [...new Set([...this.#stage.orphans(), ...this.#table.orphans()])];
  }
}
