import type { Clock } from "./clock.ts";
import type { DefaultRoutes, IpAddress, Route } from "./route.ts";
import type { HardwareState, KnownInterface } from "./details.ts";
import type { Inventory } from "./inventory.ts";
import type { Facts, InterfaceMove, InterfaceStatus, LinkMode } from "./status.ts";
import type { Capabilities } from "./capabilities.ts";
import type { NetflagsError } from "./errors.ts";
import type { FlagTable } from "./flag_table.ts";
import type { Host, OtherWords } from "./host.ts";
import type { Netns } from "./netns.ts";
import type { WirelessMessage } from "./wireless.ts";

/**
 * How a drain ended: the queue is empty; there is more, for a later turn; or messages were lost, so that everything
 * must be asked again. In the last case, all messages queued before the loss have been read, whatever the limit.
 */
export type Drained = "empty" | "more" | "lost";

/** Receives what a subscription reads from the kernel. */
export interface Sink {
  /** The known state of an interface. */
  get(index: number): InterfaceStatus | undefined;
  /** Whether anybody wants the changes of an interface that keeps its names. */
  wants(index: number): boolean;
  /**
   * Notes that a change was skipped, because nobody wants it or because the message did not say what it was, and
   * whether the interface is up now. The subscription must report the skipped state before the next change that
   * somebody wants.
   */
  passOver(up: boolean): void;
  /** Takes what one source says about an interface. For an unknown interface, only the facts of a link count. */
  apply(index: number, facts: Facts): void;
  /** Takes by which interfaces the default traffic leaves now. */
  route(routes: DefaultRoutes): void;
  /** Notes that an access point started on an interface. */
  started(index: number, ssid: string): void;
  /** Notes that an interface is gone, and where it went if the kernel says so. */
  remove(index: number, move: InterfaceMove | undefined): void;
  /**
   * Takes the indexes of the interfaces that referred to one that is gone. What they refer to now, the subscription must
   * ask, because no message says it: an interface that was moved to another network namespace may still be the parent
   * of one that stayed. Another interface that gets its index is not.
   */
  orphans(): readonly number[];
}

/** How a name begins that somebody asked for; or, with `whole`, all of it. */
export interface NameStart {
  readonly text: string;
  readonly whole: boolean;
}

/** What a kernel need not tell. */
export interface Unwanted {
  /** The interfaces whose changes nobody wants. */
  readonly indexes: ReadonlySet<number>;
  /** The names that somebody asked for. An interface that gets another name stays unwanted. */
  readonly names: readonly NameStart[];
}

/** Live changes of a system's interfaces. */
export interface Subscription {
  /** Which changes the kernel reports; the rest is found by comparing. */
  readonly events: Capabilities["events"];
  /**
   * Asks for the state of every interface. undefined means that there is no answer at the moment: known states stay,
   * and the caller must ask again soon.
   */
  snapshot(): InterfaceStatus[] | undefined;
  /** Reads at most `limit` queued datagrams of each source into a sink, in order, without waiting. */
  drain(sink: Sink, limit: number): Drained;
  /**
   * Lets the kernel drop messages about the state and the addresses of interfaces, or none any more. It drops none that
   * may make an interface wanted, and no end of one.
   *
   * Returns whether interfaces became wanted, so that messages about them may have been dropped. Then the queue must be
   * drained again: the drain that finds it empty asks for them. A platform without this method drops nothing.
   */
  filter?(unwanted: Unwanted | undefined): boolean;
  /**
   * Stops reading the queue for a while: the callback is not called, and messages that do not fit into the queue are
   * lost.
   */
  pause(paused: boolean): void;
  /** Ends it. The promise resolves when nothing of it is left. */
  close(): Promise<void>;
}

/** Takes a wireless message. */
export type WirelessSink = (message: WirelessMessage) => void;

/** Live messages of wireless devices. */
export interface WirelessSubscription {
  /** Every wireless interface, with its SSID if it is a running access point. */
  list(): WirelessMessage[];
  /** One interface; undefined if it is not wireless, or does not exist. */
  get(index: number): WirelessMessage | undefined;
  /** Reads at most `limit` queued datagrams into a sink, in order, without waiting. */
  drain(sink: WirelessSink, limit: number): Drained;
  /** Ends it. The promise resolves when nothing of it is left. */
  close(): Promise<void>;
}

/** The callbacks for a descriptor that is waited for. */
export interface DescriptorCallbacks {
  /** Called when there is something to drain. */
  readonly ready: () => void;
  /** Called when waiting has failed for good. */
  readonly failed: (error: unknown) => void;
}

/** What is asked about interfaces beside their links. */
export interface Extras {
  /** Whether to ask for addresses, and report their changes. */
  readonly addresses: boolean;
  /** The same for the default routes. */
  readonly routes?: boolean | undefined;
}

/** What to subscribe to, and the callbacks. */
export interface SubscribeOptions extends DescriptorCallbacks, Extras {}

/** The operational states that a program may set: those that Linux accepts. */
export type SettableOperState = "up" | "dormant" | "testing";

/** What a driver says of the speed. */
export type LinkSpeed = Pick<HardwareState, "speed" | "duplex">;

/** What {@linkcode Backend.setLink} changes. */
export interface LinkChange {
  /** The operational state to set. */
  readonly operState?: SettableOperState | undefined;
  /** The link mode to set. */
  readonly linkMode?: LinkMode | undefined;
}

/** A network namespace that is in use. */
export interface NetnsHandle extends Disposable {
  /** The backend that reads it. All users of the namespace at the same time share it, whatever name they used. */
  readonly backend: Backend;
  /**
   * Calls `gone` once, with the reason, when the name no longer stands for the namespace; at once if this is already
   * so. Otherwise listeners would keep the namespace alive, and never learn of its end.
   */
  onGone(gone: (error: NetflagsError) => void): void;
  /** Releases it. The promise resolves when nothing is left. */
  close(): Promise<void>;
}

/**
 * The interface that a platform implements. It knows its kernel, and nothing about watchers, differences and waiting.
 */
export interface Backend {
  /** What this kernel can report, as far as is known: plain data. Reading it opens nothing and asks nothing. */
  readonly capabilities: Capabilities;
  /** The flags of this kernel's version, of a system whose versions differ in them. */
  readonly flags?: FlagTable | undefined;
  /** The system's clocks. Without them, the runtime's are read. */
  readonly clock?: Clock | undefined;
  /** What was refused for good, so that netflags works without it, as far as it was asked for. */
  readonly refused?: readonly NetflagsError[];
  /** The state of every interface, each {@linkcode frozen}. */
  list(extras: Extras): InterfaceStatus[];
  /**
   * The state of one interface with its addresses, frozen, or undefined if there is none with this name or index.
   * `routes`: whether to ask for the default routes too.
   */
  get(nameOrIndex: string | number, routes?: boolean): InterfaceStatus | undefined;
  /**
   * The way of a packet to an address; without one, of the default traffic of each family. Empty where it would go
   * nowhere. Throws if the kernel does not say. A platform without this method never does.
   */
  route?(destination: IpAddress | undefined): Route[];
  /**
   * The state of one interface with everything else that is known about it, then the same for the interfaces below it,
   * as long as they are not connected. Empty if there is no such interface. A platform without this method has only
   * statuses.
   */
  details?(nameOrIndex: string | number): KnownInterface[];
  /**
   * Loads what asks an interface for its ports, parameters, driver and counters, and returns that; it answers with
   * undefined if there is no such interface. Nobody but `show` needs it. Linux only.
   */
  inventory?(): Promise<(index: number) => Inventory | undefined>;
  /** The flag words that the system shows elsewhere. Linux only: on a BSD there is one word. */
  otherWords?(status: InterfaceStatus): OtherWords;
  /** The flag word of the ioctl SIOCGIFFLAGS. Linux only. */
  ioctlFlags?(name: string): number;
  /** What the machine says beside interfaces. */
  readonly host?: Host;
  /**
   * What the drivers of these interfaces say of their speed, by index; those that say nothing are left out. A platform
   * without this method has it in the details of each alone.
   */
  speeds?(indexes: Iterable<number>): ReadonlyMap<number, LinkSpeed>;
  /** Sets and clears flags, and leaves the others alone. Throws if there is no such interface. */
  setFlags(name: string, set: number, clear: number): void;
  /** Asks the kernel to set operational state or link mode; it may acknowledge and ignore it. Linux only. */
  setLink?(name: string, change: LinkChange): void;
  /** Starts to listen to wireless devices. Throws if the kernel has none. Linux only. */
  watchWireless?(waiter: DescriptorCallbacks): WirelessSubscription;
  /** Holds a network namespace, by its name, its path or a process in it. Linux only. */
  enter?(netns: Netns): NetnsHandle;
  /** Starts to listen. */
  subscribe(options: SubscribeOptions): Subscription;
}
