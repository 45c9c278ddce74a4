import type { Capabilities } from "../../contract/capabilities.ts";
import type { SystemNumbers } from "./layout.ts";

/** What a system's current kernels can report. */
export function bsdCapabilities(system: SystemNumbers): Capabilities {
  return {
    platform: system.platform,
    flagBits: system.flagsHigh ? 32 : 16,
    operState: false,
    setOperState: false,
    carrierCounters: false,
    overflowDetection: system.SO_RERROR !== undefined || system.desync,
    events: "kernel",
    announcements: system.announcements,
    silentChanges: "some",
    accessPoints: false,
    altNames: false,
  };
}
