import { isStranded, NetflagsError } from "../../../platforms/contract/errors.ts";
import type { HardwareState } from "../../../platforms/contract/details.ts";
import type { Netns } from "../../../platforms/contract/netns.ts";
import type { InterfaceStatus } from "../../../platforms/contract/status.ts";
import { capabilities, inspect, list } from "../../query.ts";
import type { InterfaceSelection } from "../../select/selection.ts";
import { nodeFamilies } from "./node.ts";
import { pastFamilies, stateFamilies } from "./own.ts";
import type { Past } from "./past.ts";
import type { Family } from "./text.ts";

/** What is measured, and of which interfaces. */
export interface Measurement {
  readonly selection: InterfaceSelection;
  /** In which network namespace; that of this thread where it is undefined. */
  readonly netns?: Netns | undefined;
  /** Whether node_exporter's names are told too. */
  readonly node: boolean;
  /** What happened since watching began, where something watches. */
  readonly past?: Past | undefined;
}

/** What the driver says; undefined where it cannot be asked: the interface may be gone by now. */
function hardwareOf({ index, up }: InterfaceStatus, netns: Netns | undefined): HardwareState | undefined {
  if (!up || capabilities().platform !== "linux") return undefined;
  try {
    return inspect(index, { netns })?.hardware;
  } catch (error) {
    if (error instanceof NetflagsError && !isStranded(error)) return undefined;
    throw error;
  }
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
export function collect({ selection, netns, node, past }: Measurement): Family[] {
  const statuses = eachOnce(list({ ...selection, netns, addresses: false }));
  return [
    ...(node ? nodeFamilies(statuses.map((status) => ({ status, hardware: hardwareOf(status, netns) }))) : []),
    ...stateFamilies(statuses),
    ...(past === undefined ? [] : pastFamilies(statuses, past)),
  ];
}
