import type { InterfaceMove, InterfaceStatus, StatusField } from "../../platforms/contract/status.ts";
import { changedFields, STATUS_FIELDS } from "./compare.ts";

/** What every event has, whatever happened. */
export interface InterfaceChange {
  /** The state after it; of a removed interface the last state that was known. */
  readonly interface: InterfaceStatus;
  /**
   * The names of the fields that changed. Where several changes were merged into one event, because the consumer was
   * slow, a field that went there and back is named although both states have the same value.
   */
  readonly changed: readonly StatusField[];
  /** The flags that were set. Of merged changes, a flag may be in both lists: it went there and back. */
  readonly flagsSet: readonly string[];
  /** The flags that were cleared. */
  readonly flagsCleared: readonly string[];
  /**
   * How many times the carrier came or went between the two states without an event that shows it: the difference of
   * {@linkcode InterfaceStatus.carrierChanges}, less one if the two states' carriers differ. A carrier that goes and
   * comes ten times in a millisecond is one event with hiddenFlaps 20, and one that is cut and comes back has 2.
   * undefined where the kernel does not count.
   */
  readonly hiddenFlaps: number | undefined;
  /**
   * The SSIDs of the access points that started on the interface since the last event that showed a change of its
   * carrier, oldest first: where `hiddenFlaps` says that carrier changes were merged away, these say which networks came
   * meanwhile. Empty on events without a change of the carrier, and before Linux 6.3, which tells no starts: there
   * `wireless` among the changed fields says that the network is another one.
   */
  readonly ssids: readonly string[];
  /**
   * Which life of the index this is. A kernel gives the index of a removed interface to a new one; the two have
   * different generations, the later the greater.
   */
  readonly generation: number;
  /**
   * True where the kernel's queue overflowed, so that everything was asked again and this difference was computed from
   * the answer. The states are right; what happened between them may have been more than one change.
   */
  readonly resync: boolean;
  /** Where a removed interface went, if it was moved to another network namespace. */
  readonly moved: InterfaceMove | undefined;
  /** When netflags learned of it, in milliseconds since the Unix epoch. */
  readonly time: number;
}

/**
 * A change of one interface. "present": it was there when watching began (`initial: true`); "added": it came; "changed":
 * its state did; "removed": it is gone. `previous` is the state before it, and `type` tells whether there is one.
 */
export type InterfaceEvent =
  & InterfaceChange
  & (
    | { readonly type: "present"; readonly previous: undefined }
    | { readonly type: "added"; readonly previous: undefined }
    | { readonly type: "changed"; readonly previous: InterfaceStatus }
    | { readonly type: "removed"; readonly previous: InterfaceStatus }
  );

/** When this thread's clock started. */
const STARTED: number = performance.timeOrigin;
/** How many SSIDs an event holds: the last ones. */
export const MOST_SSIDS = 64;
const NOTHING: readonly string[] = Object.freeze([]);
const NO_FIELDS: readonly StatusField[] = Object.freeze([]);

/** How often the carrier changed between two states of one interface. */
function carrierChanges(before: InterfaceStatus, after: InterfaceStatus): number | undefined {
  if (before.carrierChanges === undefined || after.carrierChanges === undefined) return undefined;
  return Math.max(0, (after.carrierChanges - before.carrierChanges) | 0); // the kernel's counter is 32 bits wide
}

/** The carrier changes between two states of one interface that the states themselves do not show. */
export function hiddenFlaps(before: InterfaceStatus | undefined, after: InterfaceStatus): number | undefined {
  if (before === undefined) return after.carrierChanges === undefined ? undefined : 0;
  const changes = carrierChanges(before, after);
  return changes === undefined ? undefined : Math.max(0, changes - (before.carrier === after.carrier ? 0 : 1));
}

/** The same for two events in a row: a consumer that knew no state before sees none of the changes. */
function mergedFlaps(first: InterfaceEvent, next: InterfaceEvent): number | undefined {
  if (first.previous !== undefined) return hiddenFlaps(first.previous, next.interface);
  const changes = carrierChanges(first.interface, next.interface);
  return changes === undefined ? undefined : (first.hiddenFlaps ?? 0) + changes;
}

/** What an event is made of that the two states do not say. */
export interface EventOrigin {
  /** The index's life. */
  readonly generation: number;
  /** Whether it was computed after an overflow. */
  readonly resync: boolean;
  /** Where the interface went. */
  readonly moved?: InterfaceMove | undefined;
  /** The SSIDs that came since the last change of the carrier. */
  readonly ssids?: readonly string[] | undefined;
}

/** What happened, with the state before it where there was one. */
interface Step {
  readonly type: InterfaceEvent["type"];
  readonly previous: InterfaceStatus | undefined;
}

/**
 * Makes the event of one step from a state to another.
 *
 * @param changed The fields that differ, where that is known already.
 */
export function makeEvent(
  type: InterfaceEvent["type"],
  previous: InterfaceStatus | undefined,
  current: InterfaceStatus,
  origin: EventOrigin,
  changed?: readonly StatusField[],
): InterfaceEvent {
  const compared = type === "changed" ? previous : undefined;
  const event: InterfaceChange & Step = {
    type,
    interface: current,
    previous,
    changed: compared === undefined ? NO_FIELDS : changed ?? changedFields(compared, current),
    flagsSet: compared === undefined ? NOTHING : without(current.flagNames, compared.flagNames),
    flagsCleared: compared === undefined ? NOTHING : without(compared.flagNames, current.flagNames),
    hiddenFlaps: hiddenFlaps(previous, current),
    ssids: origin.ssids ?? NOTHING,
    generation: origin.generation,
    resync: origin.resync,
    moved: origin.moved,
    time: STARTED + performance.now(),
  };
  return event as InterfaceEvent;
}

function without(names: readonly string[], others: readonly string[]): readonly string[] {
  if (names === others) return NOTHING;
  const rest: string[] = [];
  for (const name of names) if (!others.includes(name)) rest.push(name);
  return rest;
}

/**
 * Merges an event that was not yet consumed with the one that followed it on the same interface, or returns undefined
 * where nothing is left to tell: the interface came and went.
 */
export function mergeEvents(first: InterfaceEvent, next: InterfaceEvent): InterfaceEvent | undefined {
  if (next.type === "removed" && first.type === "added") return undefined;
  const counts = first.type === "changed";
  // Between the two there may have been events that were not told: those of another name, to a consumer that asked for
  // this one.
  const gap = next.previous !== undefined && next.previous !== first.interface
    ? makeEvent("changed", first.interface, next.previous, first)
    : undefined;
  const event: InterfaceChange & Step = {
    ...next,
    type: next.type === "removed" ? "removed" : first.type,
    previous: next.type === "removed" ? first.previous ?? next.previous : first.previous,
    changed: counts ? inOrder(inOrder(first.changed, gap?.changed ?? NO_FIELDS), next.changed) : NO_FIELDS,
    flagsSet: counts ? union(union(first.flagsSet, gap?.flagsSet ?? NOTHING), next.flagsSet) : NOTHING,
    flagsCleared: counts ? union(union(first.flagsCleared, gap?.flagsCleared ?? NOTHING), next.flagsCleared) : NOTHING,
    hiddenFlaps: mergedFlaps(first, next),
    ssids: first.ssids.length === 0 ? next.ssids : [...first.ssids, ...next.ssids].slice(-MOST_SSIDS),
    resync: first.resync || next.resync,
  };
  return event as InterfaceEvent;
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return b.every((one) => a.includes(one)) ? a : [...a, ...b.filter((one) => !a.includes(one))];
}

function inOrder(a: readonly StatusField[], b: readonly StatusField[]): readonly StatusField[] {
  if (b.every((field) => a.includes(field))) return a;
  return STATUS_FIELDS.filter((field) => a.includes(field) || b.includes(field));
}
