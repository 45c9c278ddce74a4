import type { Backend, LinkChange, SubscribeOptions, Subscription } from "../../platforms/contract/backend.ts";
import type { Capabilities } from "../../platforms/contract/capabilities.ts";
import { noSuchInterface } from "../../platforms/contract/errors.ts";
import { type InterfaceMove, type InterfaceStatus, nameRelations } from "../../platforms/contract/status.ts";
import type { MadeUp, System } from "../../platforms/contract/system.ts";
import { hasName } from "../watch/selection.ts";
import { type FakeMessage, FakeSubscription } from "./subscription.ts";

/** A system in memory, by the rules of a real one. */
export class FakeBackend implements Backend {
  readonly capabilities: Capabilities;
  /** Called after a snapshot was taken, before what queued meanwhile is read. */
  onSnapshot: (() => void) | undefined;
  /** How many subscriptions were closed. */
  closings = 0;
  readonly subscriptions = new Set<FakeSubscription>();
  readonly #system: System;
  readonly #interfaces = new Map<number, InterfaceStatus>();
  #lastIndex = 0;

  constructor(system: System, capabilities: Capabilities) {
    this.#system = system;
    this.capabilities = capabilities;
  }

  /** Whoever has a name. */
  find(name: string): InterfaceStatus | undefined {
    return [...this.#interfaces.values()].find((status) => hasName(status, name));
  }

  /** Adds an interface, or changes the one of this index, or of this name. `announced`: as far as the system does so. */
  put(fields: Partial<MadeUp> & Pick<MadeUp, "name">, announced: boolean): InterfaceStatus {
    const before = fields.index === undefined ? this.find(fields.name) : this.#interfaces.get(fields.index);
    const index = fields.index ?? before?.index ?? this.#lastIndex + 1;
    const status = this.#system.complete({ ...before, ...fields, index });
    this.#lastIndex = Math.max(this.#lastIndex, index);
    this.#interfaces.set(index, status);
    if (announced) this.#tell(before, status, { status });
    return this.#named(status);
  }

  /** Removes an interface. */
  remove(name: string, move: InterfaceMove | undefined): void {
    const status = this.#of(name, undefined);
    this.#interfaces.delete(status.index);
    this.#tell(status, undefined, { gone: status.index, move });
  }

  #tell(before: InterfaceStatus | undefined, after: InterfaceStatus | undefined, message: FakeMessage): void {
    const { silentChanges } = this.capabilities;
    if (silentChanges !== "none" && !this.#system.announces(before, after)) return;
    for (const subscription of this.subscriptions) subscription.tell(message);
  }

  list({ addresses }: { readonly addresses: boolean }): InterfaceStatus[] {
    return Array.from(this.#interfaces.values(), (status) => {
      const named = this.#named(status);
      return addresses ? named : { ...named, addresses: undefined };
    });
  }

  get(nameOrIndex: string | number): InterfaceStatus | undefined {
    const found = typeof nameOrIndex === "number" ? this.#interfaces.get(nameOrIndex) : this.find(nameOrIndex);
    return found && this.#named(found);
  }

  /** A status with the names of those that it points to, as they are now. */
  #named(status: InterfaceStatus): InterfaceStatus {
    const named = { ...status };
    nameRelations(named, (index) => this.#interfaces.get(index)?.name);
    return named;
  }

  /** What the kernel does not honour it keeps, as Linux does. */
  setLink(name: string, { operState, linkMode }: LinkChange): void {
    const status = this.#of(name, "set the state");
    const possible = status.up && status.carrier === true;
    this.put({
      name: status.name,
      linkMode: linkMode ?? status.linkMode,
      operState: possible ? operState ?? status.operState : status.operState,
    }, true);
  }

  setFlags(name: string, set: number, clear: number): void {
    const status = this.#of(name, "set flags");
    this.put({ name: status.name, flags: (status.flags & ~clear) | set }, true);
  }

  subscribe(options: SubscribeOptions): Subscription {
    const list = (): InterfaceStatus[] => {
      const statuses = this.list(options);
      this.onSnapshot?.();
      return statuses;
    };
    const subscription = new FakeSubscription(list, options, this.capabilities.events, () => {
      this.subscriptions.delete(subscription);
      this.closings++;
    });
    this.subscriptions.add(subscription);
    return subscription;
  }

  #of(name: string, operation: string | undefined): InterfaceStatus {
    const status = this.find(name);
    if (status === undefined) throw noSuchInterface(name, operation);
    return status;
  }
}
