import type { KnownInterface } from "./details.ts";
import type { Drained } from "./drain.ts";
import type { Facts, InterfaceMove, InterfaceStatus, LinkMode } from "./status.ts";
import type { Capabilities } from "./capabilities.ts";
import type { NetflagsError } from "./errors.ts";
import type { WirelessMessage } from "./wireless.ts";

/** Where a subscription puts what the kernel said. */
export interface Sink {
  /** What is known of an interface. */
  get(index: number): InterfaceStatus | undefined;
  /** Whether anybody wants to know the changes of an interface that keeps its names. */
  wants(index: number): boolean;
  /**
   * Takes that something was passed over, because nobody wants it or because the message did not say what it was, and
   * whether the interface is up now. What is known of it the subscription must tell before the next change that somebody
   * does want.
   */
  passOver(up: boolean): void;
  /** Takes what one source says of an interface. Of an interface that is not known, only a link's facts count. */
  apply(index: number, facts: Facts): void;
  /** Takes that an access point started on an interface. */
  started(index: number, ssid: string): void;
  /** Takes that an interface is gone, and where it went if the kernel says so. */
  remove(index: number, move: InterfaceMove | undefined): void;
}

/** Live changes of a system's interfaces. */
export interface Subscription {
  /** What of them the kernel tells; the rest is found by comparing. */
  readonly events: Capabilities["events"];
  /**
   * Asks for the state of every interface. undefined: it is not to be had for the moment; what is known stays, and
   * everything is to be asked again soon.
   */
  snapshot(): InterfaceStatus[] | undefined;
  /** Reads at most `limit` queued datagrams of each source into a sink, in order, without waiting. */
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
  /** Reads at most `limit` queued datagrams into a sink, in order, without waiting. */
  drain(sink: WirelessSink, limit: number): Drained;
  /** Ends it. The promise resolves when nothing of it is left. */
  close(): Promise<void>;
}

/** Whom to tell of a descriptor that is waited for. */
export interface Waiter {
  /** Called when there is something to drain. */
  readonly ready: () => void;
  /** Called when waiting has failed for good. */
  readonly failed: (error: unknown) => void;
}

/** What to subscribe to, and whom to tell. */
export interface SubscribeOptions extends Waiter {
  /** Whether changes of addresses count. */
  readonly addresses: boolean;
}

/** The operational states that a program may set: those that Linux honours. */
export type SettableOperState = "up" | "dormant" | "testing";

/** What {@linkcode Backend.setLink} changes. */
export interface LinkChange {
  /** The operational state to set. */
  readonly operState?: SettableOperState | undefined;
  /** The link mode to set. */
  readonly linkMode?: LinkMode | undefined;
}

/**
 * A kernel that is made up, with messages as this platform's kernel sends them. Whoever watches it walks the road of an
 * event before the first one comes: code that a runtime has never run takes ten times as long as code that it has.
 */
export interface Rehearsal {
  /** What to watch. Nothing of it is the system's. */
  readonly backend: Backend;
  /** Sends the next message to whoever watches. */
  say(): void;
}

/** A network namespace, for as long as somebody asks or listens there. */
export interface Place extends Disposable {
  /** What reads it. Who is there at the same time, by whatever name, has the same one. */
  readonly backend: Backend;
  /**
   * Calls `gone` once, with why, when its name stands for it no more; at once where that is so already. What listens there
   * would keep it alive otherwise, and never hear of its end.
   */
  onGone(gone: (error: NetflagsError) => void): void;
  /** Leaves it. The promise resolves when nothing is left of that. */
  close(): Promise<void>;
}

/** What a platform fills in. It knows its kernel, and nothing of watchers, differences and waiting. */
export interface Backend {
  /** What this kernel can tell. Making it opens nothing; a property that must be asked for is asked for when it is read. */
  readonly capabilities: Capabilities;
  /** What was refused for good and is done without, as far as it was asked for. */
  readonly refused?: readonly NetflagsError[];
  /** The state of every interface. */
  list(options: { readonly addresses: boolean }): InterfaceStatus[];
  /** The state of one interface, or undefined where there is none of this name or index. */
  get(nameOrIndex: string | number): InterfaceStatus | undefined;
  /**
   * The state of one interface with all that else is known of it, then the same of those that it stands on, as far down as
   * they are not connected. Nothing where there is no such interface. Where this is missing, a status is all.
   */
  details?(nameOrIndex: string | number): KnownInterface[];
  /** Sets and clears flags, and leaves the others alone. Throws where there is no such interface. */
  setFlags(name: string, set: number, clear: number): void;
  /** Asks the kernel to set operational state or link mode; it may acknowledge and ignore it. Linux only. */
  setLink?(name: string, change: LinkChange): void;
  /** Starts to listen to wireless devices; throws where the kernel has none. Linux only. */
  watchWireless?(waiter: Waiter): WirelessSubscription;
  /** Takes hold of a network namespace, by its name or path or a process in it. Linux only. */
  enter?(netns: string | number): Place;
  /** Starts to listen. */
  subscribe(options: SubscribeOptions): Subscription;
  /** Makes up a kernel to rehearse with. Where this is missing, there is nothing to gain by it. */
  rehearsal?(): Rehearsal;
}
