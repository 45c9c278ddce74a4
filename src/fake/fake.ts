import type { Backend } from "../../platforms/contract/backend.ts";
import type { InterfaceMove, InterfaceStatus } from "../../platforms/contract/status.ts";
import type { MadeUp } from "../../platforms/contract/system.ts";

/** The fields to set on an interface of a fake system. */
export type FakeFields = Partial<MadeUp> & Pick<MadeUp, "name">;

/** A backend of interfaces in memory, with methods to change them. */
export interface Fake extends Backend {
  /** Called after a snapshot was taken, before the messages that were queued meanwhile are read. */
  onSnapshot: (() => void) | undefined;
  /** How many subscriptions were closed. */
  readonly closings: number;
  /** How many are open. */
  readonly subscriptions: number;
  /**
   * Adds an interface, or changes the one with this index or this name. With `announced`, it sends the messages that
   * the system sends.
   */
  put(fields: FakeFields, announced: boolean): InterfaceStatus;
  /** Removes an interface. */
  remove(name: string, move: InterfaceMove | undefined): void;
  /** Every subscription loses what it has not read. */
  overflow(): void;
  /** Makes waiting fail for good. */
  fail(error: unknown): void;
}
