import type { InterfaceMove } from "../../src/watch/event.ts";
import type { InterfaceStatus } from "./status.ts";
import type { LinkChange } from "../../src/set_state.ts";
import type { WirelessMessage } from "../linux/nl80211.ts";
import type { Platform } from "./platform.ts";

/** What a kernel can tell and what it cannot. */
export interface Capabilities {
  /** Which system it is. */
  readonly platform: Platform;
  /** The width of the flag word in bits. */
  readonly flagBits: 16 | 32;
  /** Whether RFC 2863 operational states are told. */
  readonly operState: boolean;
  /** Whether operational state and link mode can be set. */
  readonly setOperState: boolean;
  /** Whether the kernel counts carrier changes, so that merged ones can be told (`hiddenFlaps`). */
  readonly carrierCounters: boolean;
  /** Whether a lost event is noticed, so that everything is asked again at once. Where not, only `poll` finds the loss. */
  readonly overflowDetection: boolean;
  /** Whether the kernel announces that interfaces come and go. */
  readonly announcements: boolean;
  /**
   * Which changes the kernel announces to nobody. "while-down": of the alternative names, link mode and carrier of an
   * interface that is not up (Linux). "some": of NOARP, LINK0 to LINK2, DEBUG, media and, on some systems, the mtu (the
   * BSDs). A watcher finds such a change when no event has come for half a second, or after five seconds of events, and
   * `poll` finds it anyway.
   */
  readonly silentChanges: "none" | "while-down" | "some";
  /** Whether access points and wireless networks are told (nl80211). */
  readonly accessPoints: boolean;
  /** Whether interfaces have alternative names. */
  readonly altNames: boolean;
}

/** Where a backend puts what the kernel said: the state that is known, by index. */
export interface Sink {
  /** What is known of an interface. */
  get(index: number): InterfaceStatus | undefined;
  /**
   * Whether anybody wants to know the changes of an interface that keeps its names; a sink without this wants all. A
   * backend may pass over those that nobody wants, but must set the state before the next one that it does not.
   */
  wants?(index: number): boolean;
  /** Takes that a change was passed over, and whether the interface is up now. */
  passedOver?(up: boolean): void;
  /** Takes the new state of an interface. */
  set(status: InterfaceStatus): void;
  /** Takes that an access point started on an interface. */
  started?(index: number, ssid: string): void;
  /** Takes that an interface is gone, and where it went if the kernel says so. */
  delete(index: number, move: InterfaceMove | undefined): void;
}

/**
 * How a drain ended: the queue is empty; there is more, for a later turn; or messages were lost, so that everything
 * must be asked again. Then all that was queued before the loss has been read, whatever the limit: it is older than what
 * is asked next.
 */
export type Drained = "empty" | "more" | "lost";

/** Live changes of a system's interfaces. */
export interface Subscription {
  /** Asks for the state of every interface. A state equal to the known one must be that same object. */
  snapshot(known: (index: number) => InterfaceStatus | undefined): InterfaceStatus[];
  /** Reads at most `limit` queued messages into a sink, in order, without waiting. */
  drain(sink: Sink, limit: number): Drained;
  /** Leaves the queue alone for a while: the callback is not called, and what the queue cannot hold is lost to it. */
  pause(paused: boolean): void;
  /** Ends it. The promise resolves when nothing of it is left. */
  close(): Promise<void>;
}

/** Takes a wireless message. */
export type WirelessSink = (message: WirelessMessage) => void;

/** Live messages of wireless devices. */
export interface WirelessSubscription {
  /** Every wireless interface, with its SSID where it is a running access point. */
  list(): WirelessMessage[];
  /** One of them; undefined where it is none, or not there. */
  get(index: number): WirelessMessage | undefined;
  /** Reads all queued messages into a sink, in order, without waiting. */
  drain(sink: WirelessSink): Drained;
  /** Ends it. The promise resolves when nothing of it is left. */
  close(): Promise<void>;
}

/** What to subscribe to, and whom to tell. */
export interface SubscribeOptions {
  /** Whether changes of addresses count. */
  readonly addresses: boolean;
  /** Called when there is something to drain. */
  readonly ready: () => void;
  /** Called when waiting has failed for good. */
  readonly failed: (error: unknown) => void;
}

/** What a platform fills in. It knows its kernel, and nothing of watchers, differences and waiting. */
export interface Backend {
  /** What this kernel can tell. */
  readonly capabilities: Capabilities;
  /** The state of every interface. */
  list(options: { readonly addresses: boolean }): InterfaceStatus[];
  /** The state of one interface, or undefined where there is none of this name or index. */
  get(nameOrIndex: string | number): InterfaceStatus | undefined;
  /** Sets and clears flags, and leaves the others alone. Throws where there is no such interface. */
  setFlags(name: string, set: number, clear: number): void;
  /** Asks the kernel to set operational state or link mode; it may acknowledge and ignore it. Linux only. */
  setLink?(name: string, change: LinkChange): void;
  /** Starts to listen to wireless devices; throws where the kernel has none. Linux only. */
  watchWireless?(ready: () => void, failed: (error: unknown) => void): WirelessSubscription;
  /** Starts to listen. */
  subscribe(options: SubscribeOptions): Subscription;
}
