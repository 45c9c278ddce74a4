import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import { type InterfaceEvent, makeEvent } from "../table/event.ts";
import { mayDecide, type Selection } from "../select/selection.ts";

/**
 * The interfaces that belong to a selection at the moment. It turns events into those of the selection: an interface
 * that gets a matching name is added, and one that loses it leaves. An event without a change of names, kind or type
 * costs one lookup in a set.
 */
export class Members {
  readonly #selection: Selection;
  readonly #indexes = new Set<number>();

  /** `present` are the existing interfaces. */
  constructor(selection: Selection, present: Iterable<InterfaceStatus>) {
    this.#selection = selection;
    if (selection.all) return;
    for (const status of present) if (selection.has(status)) this.#indexes.add(status.index);
  }

  /** The event to report; undefined for none. It must see each event, in order. */
  see(event: InterfaceEvent): InterfaceEvent | undefined {
    if (this.#selection.all) return event;
    const { index } = event.status;
    if (event.type === "removed") return this.#indexes.delete(index) ? event : undefined;
    const was = this.#indexes.has(index);
    if (event.type === "changed" && !mayDecide(event.changed)) return was ? event : undefined;
    const is = this.#selection.has(event.status);
    if (is) this.#indexes.add(index);
    if (was === is || event.type !== "changed") return is ? event : undefined;
    return is ? joined(event) : this.#left(event, event.previous);
  }

  #left(event: InterfaceEvent, last: InterfaceStatus): InterfaceEvent {
    this.#indexes.delete(last.index);
    const { generation, resync, time, elapsed } = event;
    return makeEvent("left", last, last, { generation, resync, time, elapsed });
  }
}

/** For those who did not ask for it before, it is a new interface. */
function joined({ status, generation, resync, time, elapsed }: InterfaceEvent): InterfaceEvent {
  return makeEvent("added", undefined, status, { generation, resync, time, elapsed });
}
