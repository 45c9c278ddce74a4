import type { Backend } from "../../platforms/contract/backend.ts";
import { type InterfaceDetails, type KnownInterface, NO_DETAILS } from "../../platforms/contract/details.ts";
import { explainReasons } from "./reason.ts";

/** One interface with all that its system tells of it, and why it is not connected; undefined where it is not there. */
export function explainDetails(backend: Backend, nameOrIndex: string | number): InterfaceDetails | undefined {
  const known = backend.details?.(nameOrIndex) ?? withoutDetails(backend, nameOrIndex);
  const [first] = known;
  if (first === undefined) return undefined;
  return { ...first, causes: explainReasons(first.index, new Map(known.map((one) => [one.index, one]))) };
}

/** An interface, and where it is not connected all others, of a system that tells no more than their statuses. */
function withoutDetails(backend: Backend, nameOrIndex: string | number): KnownInterface[] {
  const first = backend.get(nameOrIndex);
  if (first === undefined) return [];
  const others = first.connected === false ? backend.list({ addresses: false }) : [];
  return [first, ...others.filter(({ index }) => index !== first.index)].map((one) => ({ ...one, ...NO_DETAILS }));
}
