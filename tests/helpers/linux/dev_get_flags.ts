import type { OperState } from "../../../platforms/contract/status.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";

/** The values from which the kernel makes a flag word. */
export interface FlagInputs {
  /** `dev->flags`, as /sys/class/net/NAME/flags has it. */
  readonly flags: number;
  /** `dev->gflags`: PROMISC and ALLMULTI if users asked for them. Requests of bridges and captures are not in it. */
  readonly globalFlags: number;
  /** Whether the driver is started (`netif_running`): the interface was set up, and this did not fail. */
  readonly running: boolean;
  /** The operational state. */
  readonly operState: OperState;
  /** Whether there is a carrier (`netif_carrier_ok`). */
  readonly carrier: boolean;
  /** Whether the driver waits for something (`netif_dormant`). */
  readonly dormant: boolean;
}

/** The bits of `dev->flags` that a user does not see unchanged. */
const MADE_UP = N.IFF_PROMISC | N.IFF_ALLMULTI | N.IFF_RUNNING | N.IFF_LOWER_UP | N.IFF_DORMANT;

/**
 * The rule by which Linux makes the flag word that a user sees (`dev_get_flags` in net/core/dev.c). PROMISC and
 * ALLMULTI are set if users asked for them. RUNNING, LOWER_UP and DORMANT are computed, and only while the driver is
 * started: RUNNING from the operational state (UP, or UNKNOWN because some drivers never report), LOWER_UP from the
 * carrier, and DORMANT from the driver alone.
 */
export function devGetFlags(inputs: FlagInputs): number {
  let flags = (inputs.flags & ~MADE_UP) | (inputs.globalFlags & (N.IFF_PROMISC | N.IFF_ALLMULTI));
  if (inputs.running) {
    if (inputs.operState === "up" || inputs.operState === "unknown") flags |= N.IFF_RUNNING;
    if (inputs.carrier) flags |= N.IFF_LOWER_UP;
    if (inputs.dormant) flags |= N.IFF_DORMANT;
  }
  return flags >>> 0;
}
