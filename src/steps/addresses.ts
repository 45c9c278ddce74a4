import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import { usable } from "../wait/usable.ts";
import { type Delays, Motion } from "./motion.ts";

/** The usable addresses of an interface, each with the length of its prefix; empty if they were not asked for. */
export function usableAddresses({ addresses }: InterfaceStatus): string[] {
  return (addresses ?? []).filter(usable).map(({ address, prefixLength }) => `${address}/${prefixLength}`);
}

/** Whether the usable addresses of an interface are other ones than a hook was last run for. */
export class AddressSet {
  readonly #motion: Motion;
  #now: string;
  #counted: string;
  #reported: string;

  /** If they are accepted, a hook is taken to have been run for them. */
  constructor(status: InterfaceStatus, accepted: boolean, delays: Delays, time: number) {
    this.#motion = new Motion(delays);
    this.#now = setOf(status);
    this.#counted = this.#reported = accepted ? this.#now : "";
    if (this.#now !== this.#counted) this.#motion.move(time);
  }

  /** When their last change counts; undefined if they are at rest. */
  get countsAt(): number | undefined {
    return this.#motion.countsAt(this.#direction);
  }

  /** Whether a hook is due. */
  get changed(): boolean {
    return this.#counted !== this.#reported;
  }

  /** Takes the next state; undefined if the interface is gone. */
  see(status: InterfaceStatus | undefined, time: number): void {
    const now = status === undefined ? "" : setOf(status);
    if (now === this.#now) return;
    this.#now = now;
    this.#motion.move(time);
  }

  /** Counts their last change if it is time. */
  settle(time: number): void {
    const at = this.countsAt;
    if (at === undefined || time < at) return;
    this.#counted = this.#now;
    this.#motion.stop();
  }

  /** A hook is run for those of this moment. */
  tell(): void {
    this.#reported = this.#counted = this.#now;
    this.#motion.stop();
  }

  get #direction(): keyof Delays | undefined {
    return this.#now === this.#counted ? undefined : this.#now === "" ? "down" : "up";
  }
}

/** The same addresses in another order are the same. */
function setOf(status: InterfaceStatus): string {
  return usableAddresses(status).sort().join(" ");
}
