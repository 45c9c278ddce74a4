import type { InterfaceAddress } from "../../contract/status.ts";
import { IFF_BROADCAST } from "../systems/common.ts";

/**
 * Whether an address may have been reported before its broadcast address was set: NetBSD sends RTM_NEWADDR in the
 * middle of in_ifinit() (sys/netinet/in.c), with 0.0.0.0 in its place. A single address has none.
 */
export function lacksBroadcast(address: InterfaceAddress, flags: number): boolean {
  const { family, prefixLength, broadcast } = address;
  return family === "inet" && prefixLength < 32 && broadcast === undefined && (flags & IFF_BROADCAST) !== 0;
}

/** Whether both are the same address of an interface. */
export function isSame(one: InterfaceAddress, other: InterfaceAddress): boolean {
  return one.address === other.address && one.prefixLength === other.prefixLength && one.family === other.family;
}

/** Addresses that were reported too early, by the index of their interface. They are few, and kept for one turn. */
export class EarlyAddresses {
  readonly #addresses = new Map<number, InterfaceAddress[]>();

  add(index: number, address: InterfaceAddress): void {
    this.#addresses.set(index, [...this.#addresses.get(index) ?? [], address]);
  }

  /** Removes and returns an address, if it exists. */
  take(index: number, address: InterfaceAddress): InterfaceAddress | undefined {
    const early = this.#addresses.get(index);
    const found = early?.find((one) => isSame(one, address));
    if (early === undefined || found === undefined) return undefined;
    if (early.length === 1) this.#addresses.delete(index);
    else this.#addresses.set(index, early.filter((one) => one !== found));
    return found;
  }

  /** All of them, as they are now. */
  all(): (readonly [index: number, addresses: readonly InterfaceAddress[]])[] {
    return [...this.#addresses];
  }

  /** Drops those of an interface that is gone. */
  drop(index: number): void {
    this.#addresses.delete(index);
  }

  clear(): void {
    this.#addresses.clear();
  }
}
