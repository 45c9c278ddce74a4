import type { Moment } from "../../platforms/contract/clock.ts";
import type { InterfaceMove, InterfaceStatus, StatusField } from "../../platforms/contract/status.ts";
import { absence, changedFields, STATUS_FIELDS } from "./compare.ts";

/** The fields that every event has. */
export interface InterfaceChange {
  /**
   * The state after the change. For a removed interface, it is the last known state. For one that left the selection,
   * it is the last state in which it belonged to the selection.
   */
  readonly status: InterfaceStatus;
  /**
   * The names of the fields that changed. "present" and "added" are changes from nothing, "removed" and "left" are
   * changes to nothing. They name each field in which `status` differs from nothing: a field that is neither undefined,
   * false nor an empty list, and of `flags` and the counters one that is not 0. So `changed` includes "connected" for a
   * card that is plugged in and works at once, and for one that is pulled while it works, and not for one that comes or
   * goes without a link.
   *
   * If several changes were merged into one event, for example because the consumer was slow, `changed` names the
   * fields of all of them: one that changed and changed back is among them although both states have the same value.
   */
  readonly changed: readonly StatusField[];
  /**
   * The flags that were set: of an arrival, those that it has. After merged changes, a flag may be in both lists: it
   * was set and cleared.
   */
  readonly flagsSet: readonly string[];
  /** The flags that were cleared: of an interface that is gone or left, those that it had. */
  readonly flagsCleared: readonly string[];
  /**
   * How many times the carrier came or went between the two states without an event that shows it. It is the difference
   * of {@linkcode InterfaceStatus.carrierChanges}, less one if the two states' carriers differ. A carrier that goes and
   * comes ten times in a millisecond is one event with hiddenFlaps 20, and one that is cut and comes back has 2.
   * undefined if the kernel does not count.
   */
  readonly hiddenFlaps: number | undefined;
  /**
   * The SSIDs of the access points that started on the interface since the last event that showed a change of its
   * carrier, oldest first. If `hiddenFlaps` says that carrier changes were merged, these are the networks that came
   * meanwhile. Empty on events without a change of the carrier, and before Linux 6.3, which does not announce starts:
   * there `wireless` among the changed fields means that the network is another one.
   */
  readonly ssids: readonly string[];
  /**
   * Distinguishes two interfaces that had the same index one after the other, because a kernel gives the index of a
   * removed interface to a new one. The later one has the greater generation. An interface that leaves the selection
   * and comes back keeps its generation.
   */
  readonly generation: number;
  /**
   * True if the kernel's queue overflowed, so that everything was asked again and this difference was computed from the
   * answer. The states are right, but there may have been more than one change between them.
   */
  readonly resync: boolean;
  /**
   * When netflags read of it, by the system's clock as it was set then, in milliseconds since the Unix epoch. Do not
   * subtract two of these: the clock may have been set between them. Subtract `elapsed`.
   */
  readonly time: number;
  /**
   * The same moment in milliseconds since the first watcher of this thread began, by a clock that nobody sets and that
   * goes on while the machine sleeps (CLOCK_BOOTTIME on Linux; the clocks of NetBSD, FreeBSD and DragonFly may stand
   * still during sleep). The difference of two events is the time between them.
   */
  readonly elapsed: number;
}

/**
 * A change of one interface:
 *
 * - "present": it existed when watching began (`initial: true`);
 * - "added": it was made, or it entered the selection (for example, by a new name);
 * - "changed": its state changed;
 * - "removed": it is gone; `moved` is the network namespace that it was moved to, if it was moved;
 * - "left": it still exists, and left the selection: it was given another name, or another type. `get(index)` returns
 *   its present state.
 *
 * `previous` is the state before the change; `type` says whether there is one.
 *
 * @example
 * ```ts
 * import { type InterfaceEvent, watch } from "@netflags/netflags";
 * import { FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * function inWords(event: InterfaceEvent): string {
 *   const { name } = event.status;
 *   switch (event.type) {
 *     case "removed":
 *       return event.moved ? `${name} was moved to namespace ${event.moved.netnsId}` : `${name} is gone`;
 *     case "left":
 *       return `${name} has another name now`;
 *     case "changed":
 *       return `${event.previous.name}: ${event.changed.join(", ")}`;
 *     default:
 *       return `${name} is there`;
 *   }
 * }
 * using system = new FakeSystem();
 * system.set({ name: "tap0", index: 1 });
 * await using watcher = watch({ names: "tap*", initial: true });
 * system.set({ name: "vpn0", index: 1 });
 * const told = [(await watcher.next()).value!, (await watcher.next()).value!];
 * assertEquals(told.map(inWords), ["tap0 is there", "tap0 has another name now"]);
 * ```
 */
export type InterfaceEvent =
  & InterfaceChange
  & (
    | { readonly type: "present"; readonly previous: undefined }
    | { readonly type: "added"; readonly previous: undefined }
    | { readonly type: "changed"; readonly previous: InterfaceStatus }
    | {
      readonly type: "removed";
      readonly previous: InterfaceStatus;
      /** The network namespace that the interface was moved to, if it was moved. */
      readonly moved: InterfaceMove | undefined;
    }
    | { readonly type: "left"; readonly previous: InterfaceStatus }
  );

/** Whether an interface is there no more, for those who get an event of this type. */
export function isEnd(type: InterfaceEvent["type"]): boolean {
  return type === "removed" || type === "left";
}

/** Whether nothing was there before, for those who get an event of this type. */
function isStart(type: InterfaceEvent["type"]): boolean {
  return type === "present" || type === "added";
}

/** How many SSIDs an event holds at most: the last ones. */
export const MOST_SSIDS = 64;
const NOTHING: readonly string[] = Object.freeze([]);
const NO_FIELDS: readonly StatusField[] = Object.freeze([]);

/** How often the carrier changed between two states of one interface. */
function carrierChanges(before: InterfaceStatus, after: InterfaceStatus): number | undefined {
  if (before.carrierChanges === undefined || after.carrierChanges === undefined) return undefined;
  return Math.max(0, (after.carrierChanges - before.carrierChanges) | 0); // the kernel's counter is 32 bits wide
}

/** The carrier changes between two states of an interface that the states do not show. */
export function hiddenFlaps(before: InterfaceStatus | undefined, after: InterfaceStatus): number | undefined {
  if (before === undefined) return after.carrierChanges === undefined ? undefined : 0;
  const changes = carrierChanges(before, after);
  return changes === undefined ? undefined : Math.max(0, changes - (before.carrier === after.carrier ? 0 : 1));
}

/** The same for two events in a row: a consumer that knew no state before sees none of the changes. */
function mergedFlaps(first: InterfaceEvent, next: InterfaceEvent): number | undefined {
  if (first.previous !== undefined) return hiddenFlaps(first.previous, next.status);
  const changes = carrierChanges(first.status, next.status);
  return changes === undefined ? undefined : (first.hiddenFlaps ?? 0) + changes;
}

/** The parts of an event that do not follow from the two states: among them when netflags read of it. */
export interface EventOrigin extends Moment {
  /** Counts the interfaces that had the index. */
  readonly generation: number;
  /** Whether the event was computed after an overflow. */
  readonly resync: boolean;
  /** Where a removed interface was moved to. */
  readonly moved?: InterfaceMove | undefined;
  /** The SSIDs that came since the last change of the carrier. */
  readonly ssids?: readonly string[] | undefined;
}

/** What happened, with the previous state if there was one. */
interface Step {
  readonly type: InterfaceEvent["type"];
  readonly previous: InterfaceStatus | undefined;
  moved?: InterfaceMove | undefined;
}

/**
 * Makes the event for the step from one state to the next. Of an interface that is gone or left, `current` is the last
 * state.
 *
 * @param changed The fields that differ, if they are already known.
 */
export function makeEvent(
  type: InterfaceEvent["type"],
  previous: InterfaceStatus | undefined,
  current: InterfaceStatus,
  origin: EventOrigin,
  changed?: readonly StatusField[],
): InterfaceEvent {
  const before = isStart(type) ? absence(current) : previous ?? current;
  const after = isEnd(type) ? absence(current) : current;
  const event: InterfaceChange & Step = {
    type,
    status: current,
    previous,
    changed: changed ?? changedFields(before, after),
    flagsSet: without(after.flagNames, before.flagNames),
    flagsCleared: without(before.flagNames, after.flagNames),
    hiddenFlaps: hiddenFlaps(previous, current),
    ssids: origin.ssids ?? NOTHING,
    generation: origin.generation,
    resync: origin.resync,
    time: origin.time,
    elapsed: origin.elapsed,
  };
  if (type === "removed") event.moved = origin.moved;
  return event as InterfaceEvent;
}

/**
 * The same event for another consumer: what one of them writes into its own, the other does not see. The statuses are
 * frozen, and both have them.
 */
export function copyOf(event: InterfaceEvent): InterfaceEvent {
  const copy: InterfaceChange & Step = {
    type: event.type,
    status: event.status,
    previous: event.previous,
    changed: event.changed.slice(),
    flagsSet: ownList(event.flagsSet),
    flagsCleared: ownList(event.flagsCleared),
    hiddenFlaps: event.hiddenFlaps,
    ssids: ownList(event.ssids),
    generation: event.generation,
    resync: event.resync,
    time: event.time,
    elapsed: event.elapsed,
  };
  if (event.type === "removed") copy.moved = event.moved;
  return copy as InterfaceEvent;
}

/** A list that nobody else has; the empty one is frozen. */
function ownList(list: readonly string[]): readonly string[] {
  return list.length === 0 ? NOTHING : list.slice();
}

function without(names: readonly string[], others: readonly string[]): readonly string[] {
  if (names === others) return NOTHING;
  if (others.length === 0) return names;
  let rest: string[] | undefined;
  for (let i = 0; i < names.length; i++) if (!isIn(others, names[i]!)) (rest ??= []).push(names[i]!);
  return rest ?? NOTHING;
}

/** `includes` of a frozen list, for which V8's own is slow. */
function isIn(names: readonly string[], name: string): boolean {
  for (let i = 0; i < names.length; i++) if (names[i] === name) return true;
  return false;
}

/**
 * Merges an event that was not yet consumed with the next event of the same interface. Returns undefined if nothing is
 * left to report, because the interface came and went. An interface that left a selection and came back has changed.
 */
export function mergeEvents(first: InterfaceEvent, next: InterfaceEvent): InterfaceEvent | undefined {
  const end = isEnd(next.type);
  if (end && (first.type === "added" || (first.type === "present" && next.type === "left"))) return undefined;
  const back = first.type === "left";
  // Changes while it was outside of the selection were not reported.
  const before = back ? next.status : next.previous;
  const gap = before !== undefined && before !== first.status
    ? makeEvent("changed", first.status, before, first)
    : undefined;
  const event: InterfaceChange & Step = {
    ...next,
    type: end ? next.type : back ? "changed" : first.type,
    previous: end ? first.previous ?? next.previous : first.previous,
    changed: inOrder(inOrder(first.changed, gap?.changed ?? NO_FIELDS), next.changed),
    flagsSet: union(union(first.flagsSet, gap?.flagsSet ?? NOTHING), next.flagsSet),
    flagsCleared: union(union(first.flagsCleared, gap?.flagsCleared ?? NOTHING), next.flagsCleared),
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
