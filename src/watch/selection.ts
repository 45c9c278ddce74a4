import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import type { InterfaceEvent } from "./event.ts";

/** Whether an interface answers to a name: its own or an alternative one. */
export function hasName(status: InterfaceStatus, name: string): boolean {
  return status.name === name || status.altNames.includes(name);
}

/** Which interfaces somebody asked for: the one place that knows. */
export class Selection {
  readonly #names: readonly string[] | undefined;

  /** `names`: those with one of these names, or alternative names; undefined: every one. */
  constructor(names: string | readonly string[] | undefined) {
    this.#names = names === undefined ? undefined : typeof names === "string" ? [names] : [...names];
  }

  /** Whether an interface in this state is one of them. */
  has(status: InterfaceStatus): boolean {
    if (this.#names === undefined) return true;
    for (const name of this.#names) if (hasName(status, name)) return true;
    return false;
  }

  /** Whether an event is about one of them, before or after it. */
  concerns({ interface: status, previous }: InterfaceEvent): boolean {
    return this.has(status) || (previous !== undefined && this.has(previous));
  }
}
