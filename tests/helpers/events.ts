import type { InterfaceEvent, InterfaceMove } from "../../mod.ts";

/** Where an interface was moved to; undefined if it was not, or is still there. */
export function movedOf(event: InterfaceEvent | undefined): InterfaceMove | undefined {
  return event?.type === "removed" ? event.moved : undefined;
}
