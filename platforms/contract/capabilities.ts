import type { Platform } from "./platform.ts";

/**
 * What a kernel can tell and what it cannot.
 *
 * @example
 * ```ts
 * import { capabilities } from "@netflags/netflags";
 * import { type Capabilities, FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const old: Partial<Capabilities> = { platform: "linux", carrierCounters: false }; // before 3.15
 * using system = new FakeSystem(old);
 * assertEquals([capabilities().carrierCounters, system.capabilities.operState], [false, true]);
 * ```
 */
export interface Capabilities {
  /** Which system it is; undefined where netflags does not know it, and then nothing of the rest is offered. */
  readonly platform: Platform | undefined;
  /** The width of the flag word in bits. */
  readonly flagBits: 16 | 32;
  /** Whether RFC 2863 operational states are told. */
  readonly operState: boolean;
  /** Whether operational state and link mode can be set. */
  readonly setOperState: boolean;
  /** Whether the kernel counts carrier changes, so that merged ones can be told (`hiddenFlaps`). */
  readonly carrierCounters: boolean;
  /** Whether a lost event is noticed, so that everything is asked for again at once. Where not, only `poll` finds what was lost. */
  readonly overflowDetection: boolean;
  /**
   * Whether changes are told as they happen. "kernel": they are. "partial": those of links are, those of addresses are
   * found by comparing each second. "poll": all are found so, because this kernel, or what stands before it (a seccomp
   * filter, gVisor), refuses to tell them.
   */
  readonly events: "kernel" | "partial" | "poll";
  /** Whether the kernel announces that interfaces come and go. */
  readonly announcements: boolean;
  /**
   * Which changes the kernel does not announce. "while-down": of the alternative names, link mode and carrier of an
   * interface that is not up (Linux). "some": of NOARP, LINK0 to LINK2, DEBUG, media and, on some systems, the mtu or the
   * hardware address (the BSDs). A watcher finds such a change when no event has come for half a second, or after five
   * seconds of events, and `poll` finds it anyway.
   */
  readonly silentChanges: "none" | "while-down" | "some";
  /** Whether access points and wireless networks are told (nl80211). */
  readonly accessPoints: boolean;
  /** Whether interfaces have alternative names. */
  readonly altNames: boolean;
}

/** What is offered by a system that netflags does not know. */
export const NO_CAPABILITIES: Capabilities = Object.freeze({
  platform: undefined,
  flagBits: 16,
  operState: false,
  setOperState: false,
  carrierCounters: false,
  overflowDetection: false,
  events: "poll",
  announcements: false,
  silentChanges: "some",
  accessPoints: false,
  altNames: false,
});
