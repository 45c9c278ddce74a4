import type { InterfaceMove, InterfaceStatus } from "../../platforms/contract/status.ts";
import { States } from "./states.ts";

/** The start of an access point: the interface's index and the SSID. */
type Start = readonly [index: number, ssid: string];

/**
 * A table in the making: a list of everything, then what queued while it was read. Messages of that queue may be older
 * than the list, but each tells a whole state and the last one of an interface is at least as new as what the list
 * said of it; so nothing is told until the queue is empty, and no step back in time can be seen.
 */
export class Stage extends States {
  /** What is known, by index. */
  readonly statuses = new Map<number, InterfaceStatus>();
  /** Indexes that were removed meanwhile: if one is there all the same, it is another interface. */
  readonly reborn = new Set<number>();
  /** Where those went that were moved. */
  readonly moves = new Map<number, InterfaceMove>();
  /** The access points that started meanwhile, in order. */
  readonly starts: Start[] = [];
  readonly #list: readonly InterfaceStatus[];

  constructor(list: readonly InterfaceStatus[], addresses: boolean) {
    super(addresses);
    this.#list = list;
    this.forget();
  }

  /** Goes back to the list: where messages were lost, the last one that is left of an interface may be older than it. */
  forget(): void {
    this.statuses.clear();
    this.reborn.clear();
    this.moves.clear();
    for (const status of this.#list) this.statuses.set(status.index, status);
  }

  override get(index: number): InterfaceStatus | undefined {
    return this.statuses.get(index);
  }

  override wants(): boolean {
    return true;
  }

  override passOver(): void {}

  override started(index: number, ssid: string): void {
    this.starts.push([index, ssid]);
  }

  override remove(index: number, move: InterfaceMove | undefined): void {
    this.statuses.delete(index);
    this.reborn.add(index);
    if (move !== undefined) this.moves.set(index, move);
  }

  protected override set(status: InterfaceStatus): void {
    this.statuses.set(status.index, status);
  }
}
