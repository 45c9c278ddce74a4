/**
 * A system of interfaces that exists in memory alone, so that a program that watches interfaces can be tested on any
 * machine, without root and without `--allow-ffi`.
 *
 * @example
 * ```ts
 * import { waitFor } from "@netflags/netflags";
 * import { FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * using system = new FakeSystem();
 * const ready = waitFor("tap0", "connected", { timeout: 1000 });
 * system.set({ name: "tap0", flags: 0x1003, operState: "down" });
 * system.set({ name: "tap0", flags: 0x11043, operState: "up" });
 * assertEquals((await ready).flagNames.includes("RUNNING"), true);
 * ```
 *
 * @module
 */
import { linuxConnected } from "../platforms/linux/link.ts";
import type {
  Backend,
  Capabilities,
  Drained,
  Sink,
  SubscribeOptions,
  Subscription,
} from "../platforms/contract/backend.ts";
import { useBackend } from "./system.ts";
import { noSuchInterface } from "../platforms/contract/errors.ts";
import { flagNames } from "./flags.ts";
import type { InterfaceMove } from "./watch/event.ts";
import { hasName, type InterfaceStatus } from "../platforms/contract/status.ts";
import type { LinkChange } from "./set_state.ts";
import { nameRelations } from "../platforms/contract/relations.ts";

export type {
  InterfaceAddress,
  InterfaceMedia,
  InterfaceStatus,
  LinkMode,
  LinkState,
  OperState,
  WirelessState,
} from "../platforms/contract/status.ts";
export type { Platform } from "../platforms/contract/platform.ts";
export type { WirelessSink, WirelessSubscription } from "../platforms/contract/backend.ts";
export type { WirelessMessage, WirelessType } from "../platforms/linux/nl80211.ts";
export type { LinkChange, SettableOperState } from "./set_state.ts";
export type { InterfaceMove } from "./watch/event.ts";
export type {
  Backend,
  Capabilities,
  Drained,
  Sink,
  SubscribeOptions,
  Subscription,
} from "../platforms/contract/backend.ts";

/** What to say of an interface; what is left out keeps its value, or gets an ordinary one. */
export type FakeInterface = Partial<Omit<InterfaceStatus, "name" | "flagNames" | "up" | "running">> & {
  /** The interface's name. */
  readonly name: string;
};

/** Makes a status from some of its fields; those that follow from the flags are worked out by Linux's rules. */
export function fakeStatus(fields: FakeInterface, previous?: InterfaceStatus): InterfaceStatus {
  const flags = (fields.flags ?? previous?.flags ?? 0x1002) >>> 0;
  const operState = fields.operState ?? previous?.operState ?? "down";
  const status: InterfaceStatus = {
    index: 1,
    altNames: [],
    type: "ether",
    kind: undefined,
    linkMode: "default",
    carrier: false,
    carrierChanges: 0,
    carrierUps: 0,
    carrierDowns: 0,
    linkState: undefined,
    mtu: 1500,
    address: "02:00:00:00:00:01",
    master: undefined,
    masterIndex: undefined,
    parent: undefined,
    parentIndex: undefined,
    parentNetnsId: undefined,
    addresses: [],
    media: undefined,
    wireless: undefined,
    ...previous,
    ...fields,
    flags,
    flagNames: flagNames(flags, "linux"),
    up: (flags & 0x1) !== 0,
    running: (flags & 0x40) !== 0,
    lowerUp: (flags & 0x10000) !== 0,
    dormant: (flags & 0x20000) !== 0,
    operState,
    connected: fields.connected ?? linuxConnected(operState, flags),
  };
  return status;
}

type Message =
  | { readonly kind: "set"; readonly status: InterfaceStatus }
  | { readonly kind: "delete"; readonly index: number; readonly move: InterfaceMove | undefined };

class FakeSubscription implements Subscription {
  readonly #system: FakeSystem;
  readonly #options: SubscribeOptions;
  readonly #ended: () => void;
  #queue: Message[] = [];
  #lost = false;
  #paused = false;
  #announced = false;

  constructor(system: FakeSystem, options: SubscribeOptions, ended: () => void) {
    this.#system = system;
    this.#options = options;
    this.#ended = ended;
  }

  tell(message: Message): void {
    this.#queue.push(message);
    this.#announce();
  }

  lose(): void {
    this.#queue = [];
    this.#lost = true;
    this.#announce();
  }

  fail(error: unknown): void {
    this.#options.failed(error);
  }

  snapshot(known: (index: number) => InterfaceStatus | undefined): InterfaceStatus[] {
    const statuses = this.#system.list({ addresses: this.#options.addresses });
    this.#system.onSnapshot?.();
    return statuses.map((status) => {
      const before = known(status.index);
      return before !== undefined && JSON.stringify(before) === JSON.stringify(status) ? before : status;
    });
  }

  drain(sink: Sink, limit: number): Drained {
    for (const message of this.#queue.splice(0, limit)) {
      if (message.kind === "delete") sink.delete(message.index, message.move);
      else sink.set(this.#options.addresses ? message.status : { ...message.status, addresses: undefined });
    }
    if (this.#lost) {
      this.#lost = false;
      return "lost";
    }
    if (this.#queue.length === 0) return "empty";
    this.#announce();
    return "more";
  }

  pause(paused: boolean): void {
    this.#paused = paused;
    if (!paused) this.#announce();
  }

  /** As a descriptor is: readable once, however much there is to read. */
  #announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    queueMicrotask(() => {
      this.#announced = false;
      if (!this.#paused) this.#options.ready();
    });
  }

  close(): Promise<void> {
    this.#ended();
    return Promise.resolve();
  }
}

/** A system in memory. From its making until it is disposed of, it stands in the place of the real one. */
export class FakeSystem implements Backend, Disposable {
  /** What it claims to be able to tell: by default what Linux can. */
  readonly capabilities: Capabilities;
  /** Called after a snapshot was taken, before what queued meanwhile is read: for tests of that moment. */
  onSnapshot: (() => void) | undefined;
  readonly #interfaces = new Map<number, InterfaceStatus>();
  readonly #subscriptions = new Set<FakeSubscription>();
  readonly #inUse: Disposable;
  #lastIndex = 0;
  #closings = 0;

  /** Puts it in the place of the real system. */
  constructor(capabilities: Partial<Capabilities> = {}) {
    this.capabilities = {
      platform: "linux",
      flagBits: 32,
      operState: true,
      setOperState: true,
      carrierCounters: true,
      overflowDetection: true,
      announcements: true,
      silentChanges: "none",
      accessPoints: false,
      altNames: true,
      ...capabilities,
    };
    this.#inUse = useBackend(this);
  }

  /** How many subscriptions were closed: each one once. */
  get closings(): number {
    return this.#closings;
  }

  /** How many subscriptions are open: 0 where every watcher was closed. */
  get subscriptions(): number {
    return this.#subscriptions.size;
  }

  /** Adds an interface, or changes the one of this index, or of this name; announces it as a kernel does. */
  set(fields: FakeInterface): InterfaceStatus {
    const status = this.setSilently(fields);
    for (const subscription of this.#subscriptions) subscription.tell({ kind: "set", status });
    return status;
  }

  /** The same, announced to nobody. */
  setSilently(fields: FakeInterface): InterfaceStatus {
    const before = fields.index === undefined ? this.#find(fields.name) : this.#interfaces.get(fields.index);
    const index = fields.index ?? before?.index ?? this.#lastIndex + 1;
    const made = fakeStatus({ ...fields, index }, before);
    const status = nameRelations(made, (other) => this.#interfaces.get(other)?.name);
    this.#lastIndex = Math.max(this.#lastIndex, index);
    this.#interfaces.set(index, status);
    return status;
  }

  /** Removes an interface; `move` tells that it went to another network namespace. */
  remove(name: string, move?: InterfaceMove): void {
    const status = this.#find(name);
    if (status === undefined) throw noSuchInterface(name);
    this.#interfaces.delete(status.index);
    for (const subscription of this.#subscriptions) {
      subscription.tell({ kind: "delete", index: status.index, move });
    }
  }

  /** Loses every message that was not read yet, as a kernel does whose queue overflows. */
  overflow(): void {
    for (const subscription of this.#subscriptions) subscription.lose();
  }

  /** Makes waiting fail for good. */
  fail(error: unknown): void {
    for (const subscription of this.#subscriptions) subscription.fail(error);
  }

  /** The state of every interface. */
  list(options: { readonly addresses: boolean }): InterfaceStatus[] {
    const statuses = [...this.#interfaces.values()];
    return options.addresses ? statuses : statuses.map((status) => ({ ...status, addresses: undefined }));
  }

  /** The state of one interface. */
  get(nameOrIndex: string | number): InterfaceStatus | undefined {
    return typeof nameOrIndex === "number" ? this.#interfaces.get(nameOrIndex) : this.#find(nameOrIndex);
  }

  /** Sets operational state and link mode as Linux does: what it does not honour it keeps. */
  setLink(name: string, { operState, linkMode }: LinkChange): void {
    const status = this.#find(name);
    if (status === undefined) throw noSuchInterface(name, "set the state");
    const possible = status.up && status.carrier === true;
    this.set({
      name: status.name,
      linkMode: linkMode ?? status.linkMode,
      operState: possible ? operState ?? status.operState : status.operState,
    });
  }

  /** Sets and clears flags. */
  setFlags(name: string, set: number, clear: number): void {
    const status = this.#find(name);
    if (status === undefined) throw noSuchInterface(name, "set flags");
    this.set({ name: status.name, flags: (status.flags & ~clear) | set });
  }

  /** Starts to listen. */
  subscribe(options: SubscribeOptions): Subscription {
    const subscription = new FakeSubscription(this, options, () => {
      this.#subscriptions.delete(subscription);
      this.#closings++;
    });
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /** Gives the real system its place back. */
  [Symbol.dispose](): void {
    this.#inUse[Symbol.dispose]();
  }

  #find(name: string): InterfaceStatus | undefined {
    return [...this.#interfaces.values()].find((status) => hasName(status, name));
  }
}
