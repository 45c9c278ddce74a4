import type { Capabilities } from "../../contract/capabilities.ts";

/** The capabilities of a current Linux kernel, without wireless support. */
export const LINUX_CAPABILITIES: Capabilities = Object.freeze({
  platform: "linux",
  flagBits: 32,
  operState: true,
  setOperState: true,
  carrierCounters: true,
  overflowDetection: true,
  events: "kernel",
  announcements: true,
  silentChanges: "while-down",
  accessPoints: false,
  altNames: true,
});
