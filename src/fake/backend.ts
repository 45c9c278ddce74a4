import type { LinkChange, SubscribeOptions, Subscription } from "../../platforms/contract/backend.ts";
import { RuntimeClock } from "../../platforms/common/clock.ts";
import type { Capabilities } from "../../platforms/contract/capabilities.ts";
import type { Clock } from "../../platforms/contract/clock.ts";
import { noSuchInterface } from "../../platforms/contract/errors.ts";
import { frozen, type InterfaceMove, type InterfaceStatus, nameRelations } from "../../platforms/contract/status.ts";
import type { System } from "../../platforms/contract/system.ts";
import { hasName } from "../select/selection.ts";
import type { Fake, FakeFields } from "./fake.ts";
import { type FakeMessage, FakeSubscription } from "./subscription.ts";

/**
 * Whether a kernel sends a message when one state follows another. undefined means that the interface does not exist.
 */
export type Announces = (before: InterfaceStatus | undefined, after: InterfaceStatus | undefined) => boolean;

/** The state of an interface after its flags are set to these. */
export type FlagsSet = (before: InterfaceStatus, flags: number) => Pick<InterfaceStatus, "flags" | "operState">;

/** Linux in memory: states are set directly, by Linux's rules, without any bytes. */
export class FakeBackend implements Fake {
  readonly clock: Clock = new RuntimeClock();
  readonly capabilities: Capabilities;
  onSnapshot: (() => void) | undefined;
  closings = 0;
  readonly #subscriptions = new Set<FakeSubscription>();
  readonly #complete: System["complete"];
  readonly #announces: Announces;
  readonly #flagsSet: FlagsSet;
  readonly #interfaces = new Map<number, InterfaceStatus>();
  #lastIndex = 0;

  constructor({ complete }: System, announces: Announces, flagsSet: FlagsSet, capabilities: Capabilities) {
    this.#complete = complete;
    this.#announces = announces;
    this.#flagsSet = flagsSet;
    this.capabilities = capabilities;
  }

  /** The interface that has a name. */
  find(name: string): InterfaceStatus | undefined {
    return [...this.#interfaces.values()].find((status) => hasName(status, name));
  }

  get subscriptions(): number {
    return this.#subscriptions.size;
  }

  put(fields: FakeFields, announced: boolean): InterfaceStatus {
    const before = fields.index === undefined ? this.find(fields.name) : this.#interfaces.get(fields.index);
    const index = fields.index ?? before?.index ?? this.#lastIndex + 1;
    const status = this.#complete({ ...before, ...structuredClone(fields), index });
    this.#lastIndex = Math.max(this.#lastIndex, index);
    this.#interfaces.set(index, status);
    if (announced) this.#tell(before, status, { status });
    return this.#named(status);
  }

  remove(name: string, move: InterfaceMove | undefined): void {
    const status = this.#of(name, undefined);
    this.#interfaces.delete(status.index);
    if (move !== undefined) this.#follow(status.index, move);
    this.#tell(status, undefined, { gone: status.index, move });
  }

  /** The parent of an interface may move to another network namespace. Linux says nothing of it. */
  #follow(moved: number, { netnsId, index }: InterfaceMove): void {
    for (const status of this.#interfaces.values()) {
      if (status.parentIndex !== moved || status.parentNetnsId !== undefined) continue;
      this.#interfaces.set(status.index, { ...status, parentIndex: index ?? moved, parentNetnsId: netnsId });
    }
  }

  #tell(before: InterfaceStatus | undefined, after: InterfaceStatus | undefined, message: FakeMessage): void {
    const { silentChanges } = this.capabilities;
    if (silentChanges !== "none" && !this.#announces(before, after)) return;
    for (const subscription of this.#subscriptions) subscription.tell(message);
  }

  list({ addresses }: { readonly addresses: boolean }): InterfaceStatus[] {
    return Array.from(
      this.#interfaces.values(),
      (status) => this.#named(addresses ? status : { ...status, addresses: undefined }),
    );
  }

  get(nameOrIndex: string | number): InterfaceStatus | undefined {
    const found = typeof nameOrIndex === "number" ? this.#interfaces.get(nameOrIndex) : this.find(nameOrIndex);
    return found && this.#named(found);
  }

  /** A status with the present names of the interfaces that it refers to, as it is handed out. */
  #named(status: InterfaceStatus): InterfaceStatus {
    const named = { ...status };
    nameRelations(named, (index) => this.#interfaces.get(index));
    return frozen(named);
  }

  /** It ignores changes that Linux ignores. */
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
    this.put({ name: status.name, ...this.#flagsSet(status, (status.flags & ~clear) | set) }, true);
  }

  subscribe(options: SubscribeOptions): Subscription {
    const list = (): InterfaceStatus[] => {
      const statuses = this.list(options);
      this.onSnapshot?.();
      return statuses;
    };
    const find = (index: number): InterfaceStatus | undefined => this.#interfaces.get(index);
    const subscription = new FakeSubscription(list, find, options, this.capabilities.events, () => {
      this.#subscriptions.delete(subscription);
      this.closings++;
    });
    this.#subscriptions.add(subscription);
    return subscription;
  }

  overflow(): void {
    for (const subscription of this.#subscriptions) subscription.lose(this.capabilities.overflowDetection);
  }

  fail(error: unknown): void {
    for (const subscription of [...this.#subscriptions]) subscription.fail(error);
  }

  #of(name: string, operation: string | undefined): InterfaceStatus {
    const status = this.find(name);
    if (status === undefined) throw noSuchInterface(name, operation);
    return status;
  }
}
