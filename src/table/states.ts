import type { Sink } from "../../platforms/contract/backend.ts";
import type { DefaultRoutes } from "../../platforms/contract/route.ts";
import {
  type Facts,
  familiesBy,
  type InterfaceMove,
  type InterfaceStatus,
  type LinkFacts,
  nameRelations,
  NO_ADDRESSES,
} from "../../platforms/contract/status.ts";
import { withAddress, withoutAddress } from "./compare.ts";

const NONE: readonly number[] = Object.freeze([]);

/** Joins what the sources say about each interface. */
export abstract class States implements Sink {
  readonly #addresses: boolean;
  readonly #orphans = new Set<number>();
  /** By which interfaces the default traffic leaves; undefined if nobody has said. */
  routes: DefaultRoutes | undefined;

  /** `addresses`: whether a new interface has an empty list of addresses, or an unknown one. */
  constructor(addresses: boolean) {
    this.#addresses = addresses;
  }

  abstract get(index: number): InterfaceStatus | undefined;
  /** Those that are known. */
  protected abstract known(): Iterable<InterfaceStatus>;
  abstract wants(index: number): boolean;
  abstract passOver(up: boolean): void;
  abstract started(index: number, ssid: string): void;
  abstract remove(index: number, move: InterfaceMove | undefined): void;
  /**
   * Takes the state that results from facts, where the state before is known. `companion`: the facts belong to the link's
   * last message.
   */
  protected abstract set(status: InterfaceStatus, companion: boolean, known: InterfaceStatus | undefined): void;

  apply(index: number, facts: Facts): void {
    const known = this.get(index);
    if ("index" in facts) this.set(this.#complete(facts, known), false, known);
    else if (known === undefined) return;
    else if ("wireless" in facts) this.set({ ...known, wireless: facts.wireless }, true, known);
    else if ("addresses" in facts) this.set({ ...known, addresses: facts.addresses }, true, known);
    else if ("relations" in facts) {
      const { masterIndex, parentIndex, parentNetnsId } = facts.relations;
      const related = { ...known, masterIndex, parentIndex, parentNetnsId };
      nameRelations(related, this.#related);
      this.set(related, true, known);
    } else {
      const before = known.addresses ?? NO_ADDRESSES;
      const { address, gone, standsBefore } = facts;
      const addresses = gone ? withoutAddress(before, address) : withAddress(before, address, known.name, standsBefore);
      this.set({ ...known, addresses }, false, known);
    }
  }

  route(routes: DefaultRoutes): void {
    const before = this.routes;
    this.routes = routes;
    // Until somebody says it for the first time, as after an empty list, it is not known of any interface.
    if (before === undefined) { for (const { index } of [...this.known()]) this.#routeBy(index); }
    // A family that leaves one interface comes to another: both are reported, each with what else it has.
    this.#routeBy(before?.inet);
    this.#routeBy(before?.inet6);
    this.#routeBy(routes.inet);
    this.#routeBy(routes.inet6);
  }

  #routeBy(index: number | undefined): void {
    const known = index === undefined ? undefined : this.get(index);
    if (known === undefined) return;
    const defaultRoute = familiesBy(this.routes, known.index);
    if (defaultRoute !== known.defaultRoute) this.set({ ...known, defaultRoute }, true, known);
  }

  /** An interface is gone. Another one that gets its index is not the one by which the default traffic left. */
  protected unroute(gone: number): void {
    const { inet, inet6 } = this.routes ?? {};
    if (inet !== gone && inet6 !== gone) return;
    this.routes = { inet: inet === gone ? undefined : inet, inet6: inet6 === gone ? undefined : inet6 };
  }

  orphans(): readonly number[] {
    if (this.#orphans.size === 0) return NONE;
    const orphans = [...this.#orphans];
    this.#orphans.clear();
    return orphans;
  }

  /** Notes those that refer to an interface that is gone. */
  protected orphan(gone: number, others: Iterable<InterfaceStatus>): void {
    for (const { index, masterIndex, parentIndex, parentNetnsId } of others) {
      if (masterIndex === gone || (parentIndex === gone && parentNetnsId === undefined)) this.#orphans.add(index);
    }
  }

  /** Whether an interface that it referred to is gone, and nobody has said yet what it refers to now. */
  protected isOrphan(index: number): boolean {
    return this.#orphans.has(index);
  }

  readonly #related = (index: number): InterfaceStatus | undefined => this.get(index);

  #complete(link: LinkFacts, known: InterfaceStatus | undefined): InterfaceStatus {
    link.addresses ??= known?.addresses ?? (this.#addresses ? NO_ADDRESSES : undefined);
    link.wireless ??= known?.wireless;
    link.defaultRoute ??= familiesBy(this.routes, link.index);
    nameRelations(link, this.#related);
    return link;
  }
}
