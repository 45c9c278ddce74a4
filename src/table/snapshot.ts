import type { DefaultRoutes } from "../../platforms/contract/route.ts";
import type { InterfaceMove, InterfaceStatus } from "../../platforms/contract/status.ts";
import { States } from "./states.ts";

/** By which interfaces the default traffic leaves, as the statuses of a list say; undefined if they do not. */
function routesOf(list: readonly InterfaceStatus[]): DefaultRoutes | undefined {
  let [inet, inet6, reported]: [number | undefined, number | undefined, boolean] = [undefined, undefined, false];
  for (const { index, defaultRoute } of list) {
    if (defaultRoute === undefined) continue;
    reported = true;
    if (defaultRoute.includes("inet")) inet = index;
    if (defaultRoute.includes("inet6")) inet6 = index;
  }
  return reported ? { inet, inet6 } : undefined;
}

/** The start of an access point: the interface's index and the SSID. */
type Start = readonly [index: number, ssid: string];

/**
 * A table that is being made: a list of everything, then the messages that were queued while the list was read. These
 * messages may be older than the list. But each has a whole state, and the last one about an interface is at least as
 * new as the list. So nothing is reported until the queue is empty, and no step back in time can be seen.
 */
export class Snapshot extends States {
  /** The known states, by index. */
  readonly statuses = new Map<number, InterfaceStatus>();
  /** Indexes that were removed meanwhile. If one still exists, it belongs to another interface. */
  readonly recreated = new Set<number>();
  /** The destinations of interfaces that were moved. */
  readonly moves = new Map<number, InterfaceMove>();
  /** The access points that started meanwhile, in order. */
  readonly starts: Start[] = [];
  readonly #list: readonly InterfaceStatus[];

  constructor(list: readonly InterfaceStatus[], addresses: boolean) {
    super(addresses);
    this.#list = list;
    this.forget();
  }

  /** Goes back to the list: if messages were lost, the last message about an interface may be older than the list. */
  forget(): void {
    this.statuses.clear();
    this.recreated.clear();
    this.moves.clear();
    this.routes = routesOf(this.#list);
    for (const status of this.#list) this.statuses.set(status.index, status);
  }

  override get(index: number): InterfaceStatus | undefined {
    return this.statuses.get(index);
  }

  protected known(): Iterable<InterfaceStatus> {
    return this.statuses.values();
  }

  override wants(): boolean {
    return true;
  }

  override passOver(): void {}

  override started(index: number, ssid: string): void {
    this.starts.push([index, ssid]);
  }

  /** Notes that an interface is gone, for a table that has noted it too. */
  forsake(index: number): void {
    this.statuses.delete(index);
    this.unroute(index);
    this.orphan(index, this.known());
  }

  override remove(index: number, move: InterfaceMove | undefined): void {
    this.forsake(index);
    this.recreated.add(index);
    if (move !== undefined) this.moves.set(index, move);
  }

  protected override set(status: InterfaceStatus): void {
    this.statuses.set(status.index, status);
  }
}
