import type { Sink } from "../../platforms/contract/backend.ts";
import {
  type Facts,
  type InterfaceMove,
  type InterfaceStatus,
  type LinkFacts,
  nameRelations,
  NO_ADDRESSES,
} from "../../platforms/contract/status.ts";
import { withAddress, withoutAddress } from "./compare.ts";

/** Joins what the sources say about each interface. */
export abstract class States implements Sink {
  readonly #addresses: boolean;

  /** `addresses`: whether a new interface has an empty list of addresses, or an unknown one. */
  constructor(addresses: boolean) {
    this.#addresses = addresses;
  }

  abstract get(index: number): InterfaceStatus | undefined;
  abstract wants(index: number): boolean;
  abstract passOver(up: boolean): void;
  abstract started(index: number, ssid: string): void;
  abstract remove(index: number, move: InterfaceMove | undefined): void;
  /** Takes the state that results from facts. `companion`: the facts belong to the link's last message. */
  protected abstract set(status: InterfaceStatus, companion: boolean): void;

  apply(index: number, facts: Facts): void {
    const known = this.get(index);
    if ("index" in facts) this.set(this.#complete(facts, known), false);
    else if (known === undefined) return;
    else if ("wireless" in facts) this.set({ ...known, wireless: facts.wireless }, true);
    else {
      const before = known.addresses ?? NO_ADDRESSES;
      const { address, gone, standsBefore } = facts;
      const addresses = gone ? withoutAddress(before, address) : withAddress(before, address, known.name, standsBefore);
      this.set({ ...known, addresses }, false);
    }
  }

  readonly #related = (index: number): InterfaceStatus | undefined => this.get(index);

  #complete(link: LinkFacts, known: InterfaceStatus | undefined): InterfaceStatus {
    link.addresses ??= known?.addresses ?? (this.#addresses ? NO_ADDRESSES : undefined);
    link.wireless ??= known?.wireless;
    nameRelations(link, this.#related);
    return link;
  }
}
