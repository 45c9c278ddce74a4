import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import { AddressSet } from "./addresses.ts";
import type { Hook } from "./hooks.ts";
import type { Delays } from "./motion.ts";

/** What hooks are run for although nothing is gained or lost: another network, other addresses, flaps that nobody saw. */
export class Notices {
  readonly #wants: (hook: Hook) => boolean;
  readonly #addresses: AddressSet;
  /** The present network, and the first one or the last one for which its hook was run. */
  #network: string | undefined;
  #networkReported: string | undefined;
  /** Carrier changes that no state showed, and no hook has reported. */
  #hidden = 0;

  /** If the state is accepted, hooks are taken to have been run for it. */
  constructor(
    status: InterfaceStatus,
    network: string | undefined,
    accepted: boolean,
    delays: Delays,
    wants: (hook: Hook) => boolean,
    time: number,
  ) {
    this.#wants = wants;
    this.#network = this.#networkReported = network;
    this.#addresses = new AddressSet(status, accepted, delays, time);
  }

  /** When something counts that moves now; undefined if it is at rest. */
  get countsAt(): number | undefined {
    return this.#addresses.countsAt;
  }

  /** Carrier changes that no state showed, and no hook has reported. */
  get hidden(): number {
    return this.#hidden;
  }

  /** Takes the next state, and how many carrier changes it hides. */
  see(status: InterfaceStatus, network: string | undefined, hidden: number, time: number): void {
    this.#network = network;
    this.#networkReported ??= network;
    this.#hidden += hidden;
    this.#addresses.see(status, time);
  }

  /** The interface is gone, and its addresses with it. */
  end(time: number): void {
    this.#addresses.see(undefined, time);
  }

  /** Counts what has come to rest. */
  settle(time: number): void {
    this.#addresses.settle(time);
  }

  /** The hook that is due, of an interface whose carrier and connection are at rest; `joined`: it may be in a network. */
  due(joined: boolean): Hook | undefined {
    if (joined && this.#network !== undefined && this.#network !== this.#networkReported) {
      if (this.#wants("network")) return "network";
      this.#networkReported = this.#network;
    }
    return this.addressesDue() ?? (this.#hidden > 0 && this.#wants("flapped") ? "flapped" : undefined);
  }

  /** The hook of addresses, if it is due. */
  addressesDue(): Hook | undefined {
    if (!this.#addresses.changed) return undefined;
    if (this.#wants("addresses")) return "addresses";
    this.#addresses.tell();
    return undefined;
  }

  /** A hook is run. */
  tell(hook: Hook): void {
    if (hook === "network") this.#networkReported = this.#network;
    else if (hook === "addresses") this.#addresses.tell();
    else this.#hidden = 0; // of the carrier and of what needs it
  }
}
