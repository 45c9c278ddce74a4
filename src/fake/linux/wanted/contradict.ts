import { InvalidInputError } from "../../../../platforms/contract/errors.ts";
import type { Device } from "../device.ts";

/** Refuses fields that contradict each other. */
export function contradict(name: string, one: string, other: string, why: string): never {
  throw new InvalidInputError(`Cannot set interface ${JSON.stringify(name)}: ${one} contradicts ${other}: ${why}`);
}

/** The other interfaces, by which a name or an index may be refused. */
export interface Neighbours {
  at(index: number | undefined): Device | undefined;
  find(name: string): Device | undefined;
}
