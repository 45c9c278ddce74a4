import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import type { Conditions } from "./conditions.ts";

/** An interface that has the name, or that the glob matches. */
export interface Match {
  readonly status: InterfaceStatus;
  readonly holds: boolean;
}

/** A name or a glob, and whoever has it. */
export interface Holder {
  readonly name: string;
  readonly glob: boolean;
  readonly condition: Conditions;
  /** By index. Several interfaces are there for a glob alone. */
  readonly matches: ReadonlyMap<number, Match>;
  /** Whether the condition holds of nobody, as "absent" does. Asked where nobody has the name. */
  readonly holdsOfNobody: boolean;
}

/** Whether what was asked for holds of a name: of every interface that has it, or of nobody where none has. */
export function holds({ matches, holdsOfNobody }: Holder): boolean {
  if (matches.size === 0) return holdsOfNobody;
  for (const match of matches.values()) if (!match.holds) return false;
  return true;
}
