import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import type { WaitCondition } from "./conditions.ts";

/** An interface that has the name, or that the glob matches. */
export interface Match {
  readonly status: InterfaceStatus;
  readonly holds: boolean;
}

/** A name or a glob, and the interfaces that have it. */
export interface Holder {
  readonly name: string;
  readonly glob: boolean;
  readonly condition: WaitCondition;
  /** By index. Only a glob can have several interfaces. */
  readonly matches: ReadonlyMap<number, Match>;
  /** Whether the condition holds without an interface, as "absent" does. Used if no interface has the name. */
  readonly holdsOfNobody: boolean;
}

/** Whether the condition holds for a name: for every interface that has it, or without an interface if none has it. */
export function isFulfilled({ matches, holdsOfNobody }: Holder): boolean {
  if (matches.size === 0) return holdsOfNobody;
  for (const match of matches.values()) if (!match.holds) return false;
  return true;
}
