import { clockOf } from "../../platforms/common/clock.ts";
import type { Clock } from "../../platforms/contract/clock.ts";
import { frozen, type InterfaceMove, type InterfaceStatus, nameRelations } from "../../platforms/contract/status.ts";
import { changedFields } from "./compare.ts";
import { type EventOrigin, type InterfaceEvent, makeEvent, mergeEvents, MOST_SSIDS } from "./event.ts";
import { now } from "./moment.ts";
import { mayDecide } from "../select/selection.ts";
import type { Snapshot } from "./snapshot.ts";
import { States } from "./states.ts";

interface Entry {
  status: InterfaceStatus;
  readonly generation: number;
  /** Whether anybody wants to know its changes. */
  wanted: boolean;
}

/**
 * The current state of every interface by index, and the only place that compares one state with the next. A difference
 * makes an event, which waits until it is taken. A state that equals the known one makes none.
 */
export class InterfaceTable extends States {
  readonly #entries = new Map<number, Entry>();
  readonly #wanted: (status: InterfaceStatus) => boolean;
  readonly #clock: Clock;
  #events: InterfaceEvent[] = [];
  /** Whether a change was skipped since events were last taken. */
  #passedOver = false;
  /** The interfaces that nobody wants; undefined where that has to be found out again. */
  #unwanted: ReadonlySet<number> | undefined;
  #disturbed = 0;
  /** Whether an interface that is down now may still be known as up, because nobody wanted its changes. */
  #downUnknown = false;
  /**
   * The generation of an index that appears now. It counts the removals of the whole table. This needs no memory of
   * removed indexes, and between two generations of an index there is always a removal.
   */
  #generation = 1;
  /** The SSIDs that came since an event last showed a change of the interface's carrier. */
  readonly #ssids = new Map<number, readonly string[]>();

  /** `wanted` says whether anybody wants to know the changes of an interface in this state; `clock` when they were read. */
  constructor(
    addresses: boolean,
    wanted: (status: InterfaceStatus) => boolean = () => true,
    clock: Clock = clockOf({}),
  ) {
    super(addresses);
    this.#wanted = wanted;
    this.#clock = clock;
  }

  /** Takes the events that were not taken yet, in order. */
  take(): readonly InterfaceEvent[] {
    const events = this.#events;
    if (events.length > 0) this.#events = [];
    this.#passedOver = false;
    return events;
  }

  /** Whether anything has happened since events were last taken. */
  get dirty(): boolean {
    return this.#passedOver || this.#events.length > 0;
  }

  override get(index: number): InterfaceStatus | undefined {
    return this.#entries.get(index)?.status;
  }

  override wants(index: number): boolean {
    return this.#entries.get(index)?.wanted ?? true;
  }

  /**
   * The interfaces whose changes nobody wants. Those that a wanted one refers to are not among them: their names are in
   * its status. It is another set whenever it is not the same.
   */
  get unwanted(): ReadonlySet<number> {
    return this.#unwanted ??= this.#findUnwanted();
  }

  /** How often something of an interface was told that nobody wants. */
  get disturbed(): number {
    return this.#disturbed;
  }

  #findUnwanted(): ReadonlySet<number> {
    const unwanted = new Set<number>();
    for (const [index, { wanted }] of this.#entries) if (!wanted) unwanted.add(index);
    for (const { status: { masterIndex, parentIndex }, wanted } of this.#entries.values()) {
      if (!wanted) continue;
      if (masterIndex !== undefined) unwanted.delete(masterIndex);
      if (parentIndex !== undefined) unwanted.delete(parentIndex);
    }
    return unwanted;
  }

  override passOver(up: boolean): void {
    this.#disturbed++;
    this.#passedOver = true;
    if (!up) this.#downUnknown = true;
  }

  /** The state of every interface. */
  *statuses(): Iterable<InterfaceStatus> {
    for (const { status } of this.#entries.values()) yield status;
  }

  protected known(): Iterable<InterfaceStatus> {
    return this.statuses();
  }

  /** Asks again which changes are wanted. */
  rate(): void {
    this.#unwanted = undefined;
    for (const entry of this.#entries.values()) entry.wanted = this.#wanted(entry.status);
  }

  /** Every interface as an event of type "present", by index. */
  present(): InterfaceEvent[] {
    const moment = now(this.#clock);
    return Array.from(
      this.#entries.values(),
      ({ status, generation }) => makeEvent("present", undefined, status, { ...moment, generation, resync: false }),
    ).sort((a, b) => a.status.index - b.status.index);
  }

  /**
   * Whether some interface may change without a message while others change: one that is not up, or whose parent is in
   * another network namespace.
   */
  someSilent(): boolean {
    if (this.#downUnknown) return true;
    for (const { status } of this.#entries.values()) if (!status.up || status.parentNetnsId !== undefined) return true;
    return false;
  }

  override started(index: number, ssid: string): void {
    if (!this.#entries.has(index)) return;
    // The link's events of this turn were read before this start, and may show it.
    const at = this.#lastOf(index, ({ changed }) => changed.includes("carrierChanges"));
    const event = this.#events[at];
    const before = event?.ssids ?? this.#ssids.get(index) ?? [];
    const ssids = [...before, ssid].slice(-MOST_SSIDS);
    if (event === undefined) this.#ssids.set(index, ssids);
    else this.#events[at] = { ...event, ssids };
  }

  override remove(index: number, move: InterfaceMove | undefined): void {
    this.unroute(index);
    this.#remove(index, move, false);
    this.#renameRelations(index);
    this.orphan(index, this.statuses());
  }

  /**
   * Takes a complete list: an interface that is not in it is gone, one that is only in it is new, and the rest is
   * compared.
   */
  replace(snapshot: Snapshot, resync: boolean): void {
    this.#downUnknown = false;
    this.routes = snapshot.routes;
    for (const [index, { status }] of this.#entries) {
      const now = snapshot.statuses.get(index);
      if (now === undefined || snapshot.recreated.has(index) || !sameLife(status, now)) {
        this.#remove(index, snapshot.moves.get(index), resync);
      }
    }
    for (const index of [...snapshot.statuses.keys()].sort((a, b) => a - b)) {
      this.#compare(snapshot.statuses.get(index)!, resync, false);
    }
    // A message after the list may have renamed an interface after those that refer to it were read.
    for (const { status } of this.#entries.values()) this.#rename(status, resync);
    for (const [index, ssid] of snapshot.starts) this.started(index, ssid);
  }

  protected override set(status: InterfaceStatus, companion: boolean, known: InterfaceStatus | undefined): void {
    this.#compare(status, false, companion);
    if (known?.name !== status.name) this.#renameRelations(status.index);
  }

  #compare(status: InterfaceStatus, resync: boolean, companion: boolean): void {
    const { index } = status;
    let entry = this.#entries.get(index);
    if (entry !== undefined && !sameLife(entry.status, status)) {
      this.#remove(index, undefined, resync); // the message of its end was lost
      this.orphan(index, this.statuses());
      entry = undefined;
    }
    if (entry === undefined) {
      const generation = this.#generation;
      const wanted = this.#wanted(frozen(status));
      this.#unwanted = undefined;
      if (!wanted) this.#disturbed++;
      this.#entries.set(index, { status, generation, wanted });
      if (wanted) {
        this.#events.push(makeEvent("added", undefined, status, this.#origin(generation, resync)));
      } else this.#passedOver = true;
      return;
    }
    const previous = entry.status;
    const changed = changedFields(previous, status);
    if (changed.length === 0) return;
    const ssids = status.carrierChanges === previous.carrierChanges ? undefined : this.#ssids.get(index);
    if (ssids !== undefined) this.#ssids.delete(index);
    entry.status = frozen(status);
    if (!entry.wanted) this.#disturbed++;
    if (mayDecide(changed)) {
      this.#unwanted = undefined;
      entry.wanted = this.#wanted(status);
    } else if (status.masterIndex !== previous.masterIndex || status.parentIndex !== previous.parentIndex) {
      this.#unwanted = undefined;
    }
    const origin = this.#origin(entry.generation, resync, undefined, ssids);
    this.#tell(makeEvent("changed", previous, status, origin, changed), companion);
  }

  /** A companion is reported with the event that it belongs to, if that was not taken yet. */
  #tell(event: InterfaceEvent, companion: boolean): void {
    const at = companion ? this.#lastOf(event.status.index, () => true) : -1;
    const merged = at < 0 ? undefined : mergeEvents(this.#events[at]!, event);
    if (merged === undefined) this.#events.push(event);
    else this.#events[at] = merged;
  }

  /** Where the last event of an interface is that has not been taken, of those that a test holds for; -1 if there is none. */
  #lastOf(index: number, test: (event: InterfaceEvent) => boolean): number {
    const generation = this.#entries.get(index)?.generation;
    return this.#events.findLastIndex((event) =>
      event.status.index === index && event.generation === generation && test(event)
    );
  }

  #remove(index: number, moved: InterfaceMove | undefined, resync: boolean): void {
    const entry = this.#entries.get(index);
    if (entry === undefined) return;
    this.#entries.delete(index);
    this.#unwanted = undefined;
    this.#ssids.delete(index);
    this.#generation++;
    const { status, generation } = entry;
    this.#events.push(
      makeEvent("removed", status, status, this.#origin(generation, resync, moved && Object.freeze({ ...moved }))),
    );
  }

  /** The origin of an event that is read of now. It is one object, in one form: copying one with a spread takes longer. */
  #origin(generation: number, resync: boolean, moved?: InterfaceMove, ssids?: readonly string[]): EventOrigin {
    return { time: this.#clock.time(), elapsed: this.#clock.elapsed(), generation, resync, moved, ssids };
  }

  /**
   * The kernel sends no messages for the ports of a bridge that was renamed. Their `master` is updated here. An orphan
   * does not refer to the interface that has the index now.
   */
  #renameRelations(index: number): void {
    for (const { status } of this.#entries.values()) {
      const refers = status.masterIndex === index || status.parentIndex === index;
      if (refers && !this.isOrphan(status.index)) this.#rename(status, false);
    }
  }

  #rename(status: InterfaceStatus, resync: boolean): void {
    if (status.masterIndex === undefined && status.parentIndex === undefined) return;
    const named = { ...status };
    nameRelations(named, (of) => this.get(of));
    this.#compare(named, resync, false);
  }
}

/**
 * Whether two states may belong to the same interface, if a deletion between them may have been lost. An interface
 * keeps its kind, and its counters never go back. If not, the index belongs to another interface now.
 */
function sameLife(before: InterfaceStatus, after: InterfaceStatus): boolean {
  return before.kind === after.kind && goesOn(before.carrierChanges, after.carrierChanges) &&
    goesOn(before.carrierUps, after.carrierUps) && goesOn(before.carrierDowns, after.carrierDowns);
}

/** Whether a counter of 32 bits, which begins anew behind its last number, may have come from one number to another. */
function goesOn(before = 0, after = 0): boolean {
  return (after - before | 0) >= 0;
}
