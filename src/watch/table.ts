import type { Sink } from "../../platforms/contract/backend.ts";
import { type InterfaceEvent, type InterfaceMove, makeEvent, MOST_SSIDS } from "./event.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import { nameRelations } from "../../platforms/contract/relations.ts";

interface Entry {
  status: InterfaceStatus;
  readonly generation: number;
  /** Whether a listener wants to know its changes. */
  wanted: boolean;
}

/** Who hears of a table's changes. */
export interface TableListener {
  /** Takes an event. */
  event(event: InterfaceEvent): void;
  /** Whether changes of an interface of these names are wanted; every one, if this is not there. */
  concerns?(status: InterfaceStatus): boolean;
  /** Takes that a change that is not wanted was passed over. */
  passedOver?(): void;
}

/**
 * The current state of every interface by index. Each step from one state to another makes one event; a state that
 * equals the known one makes none.
 */
export class InterfaceTable implements Sink {
  readonly #entries = new Map<number, Entry>();
  readonly #listener: TableListener;
  /** Whether an interface that is down now may be known as up: nobody wanted to know. */
  #downUnknown = false;
  /**
   * The life of an index that appears now. It counts the removals of the whole table: that needs no memory of the
   * indexes that are gone, and two lives of one index always have a removal between them.
   */
  #generation = 1;

  /** The SSIDs that came since an interface's carrier last changed for all to see. */
  readonly #ssids = new Map<number, string[]>();

  constructor(listener: TableListener) {
    this.#listener = listener;
  }

  wants(index: number): boolean {
    return this.#entries.get(index)?.wanted ?? true;
  }

  passedOver(up: boolean): void {
    if (!up) this.#downUnknown = true;
    this.#listener.passedOver?.();
  }

  /** Asks anew what is wanted. */
  rate(): void {
    for (const entry of this.#entries.values()) entry.wanted = this.#concerns(entry.status);
  }

  #concerns(status: InterfaceStatus): boolean {
    return this.#listener.concerns?.(status) ?? true;
  }

  started(index: number, ssid: string): void {
    const ssids = this.#ssids.get(index);
    if (ssids === undefined) this.#ssids.set(index, [ssid]);
    else {
      ssids.push(ssid);
      if (ssids.length > MOST_SSIDS) ssids.shift();
    }
  }

  get(index: number): InterfaceStatus | undefined {
    return this.#entries.get(index)?.status;
  }

  /** Every interface as an event of type "present", by index. */
  present(): InterfaceEvent[] {
    return Array.from(
      this.#entries.values(),
      ({ status, generation }) => makeEvent("present", undefined, status, { generation, resync: false }),
    ).sort((a, b) => a.interface.index - b.interface.index);
  }

  /** Whether some interface is not up. */
  someDown(): boolean {
    if (this.#downUnknown) return true;
    for (const { status } of this.#entries.values()) if (!status.up) return true;
    return false;
  }

  set(status: InterfaceStatus): void {
    this.#set(status, false);
  }

  delete(index: number, move: InterfaceMove | undefined): void {
    this.#delete(index, move, false);
  }

  /** Takes the whole truth: what it lacks is gone, what it has more is new, and the rest is compared. */
  replace(stage: Stage, resync: boolean): void {
    this.#downUnknown = false;
    for (const [index, ssid] of stage.starts) this.started(index, ssid);
    for (const [index, { status }] of this.#entries) {
      const now = stage.statuses.get(index);
      if (now === undefined || stage.reborn.has(index) || !sameLife(status, now)) {
        this.#delete(index, stage.moves.get(index), resync);
      }
    }
    for (const index of [...stage.statuses.keys()].sort((a, b) => a - b)) {
      this.#set(stage.statuses.get(index)!, resync);
    }
  }

  readonly #nameOf = (index: number): string | undefined => this.#entries.get(index)?.status.name;

  #set(told: InterfaceStatus, resync: boolean): void {
    const status = nameRelations(told, this.#nameOf);
    const { index } = status;
    const entry = this.#entries.get(index);
    if (entry === undefined) {
      const generation = this.#generation;
      this.#entries.set(index, { status, generation, wanted: this.#concerns(status) });
      this.#listener.event(makeEvent("added", undefined, status, { generation, resync }));
      this.#renameRelations(index, resync);
      return;
    }
    const previous = entry.status;
    if (previous === status) return;
    const ssids = status.carrierChanges === previous.carrierChanges ? undefined : this.#ssids.get(index);
    const event = makeEvent("changed", previous, status, { generation: entry.generation, resync, ssids });
    if (event.changed.length === 0) return;
    entry.status = status;
    entry.wanted = this.#concerns(status);
    if (ssids !== undefined) this.#ssids.delete(index);
    this.#listener.event(event);
    if (previous.name !== status.name) this.#renameRelations(index, resync);
  }

  #delete(index: number, moved: InterfaceMove | undefined, resync: boolean): void {
    const entry = this.#entries.get(index);
    if (entry === undefined) return;
    this.#entries.delete(index);
    this.#ssids.delete(index);
    this.#generation++;
    const { status, generation } = entry;
    this.#listener.event(makeEvent("removed", status, status, { generation, resync, moved }));
    this.#renameRelations(index, resync);
  }

  /** The kernel does not tell the ports of a bridge that the bridge was renamed: their `master` follows here. */
  #renameRelations(index: number, resync: boolean): void {
    for (const { status } of this.#entries.values()) {
      if (status.masterIndex === index || status.parentIndex === index) this.#set(status, resync);
    }
  }
}

/**
 * Whether two states may belong to the same interface, where a deletion between them may have been lost. An interface
 * keeps its kind, and its counters never go back; an index whose state breaks this belongs to another one now.
 */
function sameLife(before: InterfaceStatus, after: InterfaceStatus): boolean {
  return before.kind === after.kind && (before.carrierChanges ?? 0) <= (after.carrierChanges ?? 0) &&
    (before.carrierUps ?? 0) <= (after.carrierUps ?? 0) && (before.carrierDowns ?? 0) <= (after.carrierDowns ?? 0);
}

/**
 * A table in the making: a list of everything, then what queued while it was read. Messages of that queue may be older
 * than the list, but each tells a whole state and the last one of an interface is at least as new as what the list
 * said of it; so nothing is told until the queue is empty, and no step back in time can be seen.
 */
export class Stage implements Sink {
  /** What is known, by index. */
  readonly statuses = new Map<number, InterfaceStatus>();
  /** Indexes that were deleted meanwhile: if one is there all the same, it is another interface. */
  readonly reborn = new Set<number>();
  /** Where those went that were moved. */
  readonly moves = new Map<number, InterfaceMove>();
  /** The access points that started meanwhile, in order. */
  readonly starts: (readonly [index: number, ssid: string])[];

  constructor(statuses: Iterable<InterfaceStatus>, starts: readonly (readonly [index: number, ssid: string])[] = []) {
    this.starts = [...starts];
    for (const status of statuses) this.statuses.set(status.index, status);
  }

  get(index: number): InterfaceStatus | undefined {
    return this.statuses.get(index);
  }

  set(status: InterfaceStatus): void {
    this.statuses.set(status.index, status);
  }

  started(index: number, ssid: string): void {
    this.starts.push([index, ssid]);
  }

  delete(index: number, move: InterfaceMove | undefined): void {
    this.statuses.delete(index);
    this.reborn.add(index);
    if (move !== undefined) this.moves.set(index, move);
  }
}
