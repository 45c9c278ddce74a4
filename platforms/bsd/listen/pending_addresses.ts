import type { InterfaceAddress } from "../../contract/status.ts";
import { IFF_BROADCAST } from "../systems/common.ts";

/**
 * Whether an address may have been reported before its broadcast address was set: NetBSD 7 sends RTM_NEWADDR in the
 * middle of in_ifinit() (sys/netinet/in.c), with 0.0.0.0 in its place. A single address has none.
 */
export function lacksBroadcast(address: InterfaceAddress, flags: number): boolean {
  const { family, prefixLength, broadcast } = address;
  return family === "inet" && prefixLength < 32 && broadcast === undefined && (flags & IFF_BROADCAST) !== 0;
}

/** What tells two addresses of an interface apart. */
function keyOf({ address, prefixLength }: InterfaceAddress): string {
  return `${address}/${prefixLength}`;
}

/**
 * Addresses about which a message did not say enough, by the index of their interface. They are few, and kept until the
 * queue has been read.
 */
export class PendingAddresses {
  readonly #addresses = new Map<number, Map<string, InterfaceAddress>>();

  add(index: number, address: InterfaceAddress): void {
    const its = this.#addresses.get(index);
    if (its === undefined) this.#addresses.set(index, new Map([[keyOf(address), address]]));
    else its.set(keyOf(address), address);
  }

  /** Removes and returns an address, if it exists. */
  take(index: number, address: InterfaceAddress): InterfaceAddress | undefined {
    const its = this.#addresses.get(index);
    const key = keyOf(address);
    const found = its?.get(key);
    if (its === undefined || found === undefined) return undefined;
    its.delete(key);
    if (its.size === 0) this.#addresses.delete(index);
    return found;
  }

  /** The indexes of their interfaces. */
  indexes(): number[] {
    return [...this.#addresses.keys()];
  }

  /** Those of an interface, as they are now. */
  of(index: number): readonly InterfaceAddress[] {
    return [...this.#addresses.get(index)?.values() ?? []];
  }

  /** Drops those of an interface that is gone. */
  drop(index: number): void {
    this.#addresses.delete(index);
  }

  clear(): void {
    this.#addresses.clear();
  }
}
