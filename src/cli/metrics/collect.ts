import { NetflagsError } from "../../../platforms/contract/errors.ts";
import type { HardwareState } from "../../../platforms/contract/details.ts";
import type { InterfaceStatus } from "../../../platforms/contract/status.ts";
import { capabilities, get, list } from "../../query.ts";
import type { ListOptions } from "../../watch/selection.ts";
import { nodeFamilies } from "./node.ts";
import { pastFamilies, stateFamilies } from "./own.ts";
import type { Past } from "./past.ts";
import type { Family } from "./text.ts";

/** What is measured, and of which interfaces. */
export interface Measurement {
  readonly selection: ListOptions;
  /** Whether node_exporter's names are told too. */
  readonly node: boolean;
  /** What happened since watching began, where something watches. */
  readonly past?: Past | undefined;
}

/** What the driver says; undefined where it cannot be asked: the interface may be gone by now. */
function hardwareOf({ index, up }: InterfaceStatus, netns: ListOptions["netns"]): HardwareState | undefined {
  if (!up || capabilities().platform !== "linux") return undefined;
  try {
    return get(index, { hardware: true, netns })?.hardware;
  } catch (error) {
    if (error instanceof NetflagsError) return undefined;
    throw error;
  }
}

/** Asks the system, and tells what it says as metrics. */
export function collect({ selection, node, past }: Measurement): Family[] {
  const statuses = list({ ...selection, addresses: false });
  return [
    ...(node
      ? nodeFamilies(statuses.map((status) => ({ status, hardware: hardwareOf(status, selection.netns) })))
      : []),
    ...stateFamilies(statuses),
    ...(past === undefined ? [] : pastFamilies(statuses, past)),
  ];
}
