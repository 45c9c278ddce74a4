import type { Sink } from "../../platforms/contract/backend.ts";
import type { DefaultRoutes } from "../../platforms/contract/route.ts";
import type { Facts, InterfaceMove, InterfaceStatus } from "../../platforms/contract/status.ts";
import type { Snapshot } from "./snapshot.ts";
import type { InterfaceTable } from "./table.ts";

/**
 * Receives messages that came while everything was listed. The list is newer than some of them, and each has told what
 * happened before it. So the table takes them like any others, and the snapshot takes them for the state that they end in.
 */
export class Both implements Sink {
  readonly #table: InterfaceTable;
  readonly #snapshot: Snapshot;

  constructor(table: InterfaceTable, snapshot: Snapshot) {
    this.#table = table;
    this.#snapshot = snapshot;
  }

  get(index: number): InterfaceStatus | undefined {
    return this.#table.get(index) ?? this.#snapshot.get(index);
  }

  wants(): boolean {
    return true; // the snapshot needs every state
  }

  passOver(up: boolean): void {
    this.#table.passOver(up);
  }

  apply(index: number, facts: Facts): void {
    // Facts of a link are filled in by whoever takes them.
    this.#snapshot.apply(index, "index" in facts ? { ...facts } : facts);
    this.#table.apply(index, facts);
  }

  route(routes: DefaultRoutes): void {
    this.#snapshot.route(routes);
    this.#table.route(routes);
  }

  started(index: number, ssid: string): void {
    this.#table.started(index, ssid);
  }

  remove(index: number, move: InterfaceMove | undefined): void {
    this.#snapshot.forsake(index);
    this.#table.remove(index, move);
  }

  orphans(): readonly number[] {
    return [...new Set([...this.#snapshot.orphans(), ...this.#table.orphans()])];
  }
}
