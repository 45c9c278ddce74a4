import type { Platform } from "./platform.ts";

/**
 * What a kernel can report and what it cannot: what the current kernels of its system can, corrected by what this one has
 * shown so far.
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
  /** The system; undefined if netflags does not support it. Then none of the other capabilities is offered. */
  readonly platform: Platform | undefined;
  /** The width of the flag word in bits. */
  readonly flagBits: 16 | 32;
  /** Whether the kernel reports RFC 2863 operational states. */
  readonly operState: boolean;
  /** Whether operational state and link mode can be set. */
  readonly setOperState: boolean;
  /** Whether the kernel counts carrier changes, so that merged ones can be reported (`hiddenFlaps`). */
  readonly carrierCounters: boolean;
  /**
   * Whether lost events are noticed, so that everything is asked for again at once. If not, only `poll` finds what was
   * lost. A watcher shows whether this kernel is too old for it (FreeBSD 13.0, NetBSD 8).
   */
  readonly overflowDetection: boolean;
  /**
   * How changes are found. "kernel": the kernel reports all of them as they happen. "partial": it reports those of
   * links, and those of addresses are found by comparing every second. "poll": all are found by comparing, because this
   * kernel or a filter in front of it (seccomp, gVisor) refuses to report them. A watcher shows it.
   */
  readonly events: "kernel" | "partial" | "poll";
  /** Whether the kernel announces that interfaces come and go. */
  readonly announcements: boolean;
  /**
   * Which changes the kernel does not announce. "while-down": those of alternative names, link mode and carrier of an
   * interface that is not up, and those of the network namespace that a parent is in (Linux). "some": those of media and, on some systems, of
   * NOARP, LINK0 to LINK2, DEBUG, the mtu or the hardware address (the BSDs). A watcher finds such a change when no event has come for half a second, or
   * after five seconds of events, and `poll` finds it anyway.
   */
  readonly silentChanges: "none" | "while-down" | "some";
  /**
   * Whether access points and wireless networks are reported. On Linux this is true as long as the kernel has nl80211, a
   * module that may be loaded at any time. Reading or watching an interface that may be wireless shows it.
   */
  readonly accessPoints: boolean;
  /** Whether interfaces have alternative names. Reading one of more than 15 bytes shows whether Linux is before 5.5. */
  readonly altNames: boolean;
}

/** The capabilities of a system that netflags does not support. */
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
