import type { Netns } from "../../../platforms/contract/netns.ts";
import type { InterfaceStatus } from "../../../platforms/contract/status.ts";
import { askIn } from "../../../platforms/current.ts";
import { list } from "../../query.ts";
import type { InterfaceSelection } from "../../select/selection.ts";
import { pastFamilies, stateFamilies } from "./families.ts";
import type { Past } from "./past.ts";
import type { Family } from "./text.ts";

/** What is measured, and of which interfaces. */
export interface Measurement {
  readonly selection: InterfaceSelection;
  /** In which network namespace; that of this thread where it is undefined. */
  readonly netns?: Netns | undefined;
  /** What happened since watching began, where something watches. */
  readonly past?: Past | undefined;
}

/**
 * Interfaces by name. A kernel makes a list in pieces, so a name that passes to another interface meanwhile may be in it
 * twice; nobody takes metrics in which that is so.
 */
function eachOnce(statuses: readonly InterfaceStatus[]): InterfaceStatus[] {
  const last = new Map(statuses.map(({ name, index }) => [name, index]));
  return statuses.filter(({ name, index }) => last.get(name) === index);
}

/** Asks the system, and tells what it says as metrics. */
export function collect({ selection, netns, past }: Measurement): Family[] {
  const statuses = eachOnce(list({ ...selection, netns, addresses: false, routes: true }));
  const up = statuses.filter((status) => status.up).map(({ index }) => index);
  const speeds = askIn(netns, (backend) => backend.speeds?.(up));
  const measured = statuses.map((status) => ({ status, speed: speeds?.get(status.index) }));
  return [...stateFamilies(measured), ...(past === undefined ? [] : pastFamilies(measured, past))];
}
