import { RuntimeClock } from "../../platforms/common/clock.ts";
import type { Backend, Extras, SubscribeOptions, Subscription } from "../../platforms/contract/backend.ts";
import type { Capabilities } from "../../platforms/contract/capabilities.ts";
import type { Clock } from "../../platforms/contract/clock.ts";
import type { KnownInterface } from "../../platforms/contract/details.ts";
import type { Inventory } from "../../platforms/contract/inventory.ts";
import type { FlagTable } from "../../platforms/contract/flag_table.ts";
import type { IpAddress, Route } from "../../platforms/contract/route.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import { Subscriptions } from "./subscriptions.ts";

/** What the fake systems of all platforms do alike: they ask the backend of their platform, and count who listens. */
export abstract class FakeBase implements Backend {
  readonly clock: Clock = new RuntimeClock();
  readonly capabilities: Capabilities;
  readonly subscribed: Subscriptions = new Subscriptions();
  readonly #backend: Backend;

  /** `backend` is the platform's own, over a kernel in memory. */
  constructor(backend: Backend, capabilities: Capabilities) {
    this.#backend = backend;
    this.capabilities = capabilities;
  }

  get flags(): FlagTable | undefined {
    return this.#backend.flags;
  }

  list(extras: Extras): InterfaceStatus[] {
    return this.#backend.list(extras);
  }

  get(nameOrIndex: string | number, routes?: boolean): InterfaceStatus | undefined {
    return this.#backend.get(nameOrIndex, routes);
  }

  route(destination: IpAddress | undefined): Route[] {
    return this.#backend.route?.(destination) ?? [];
  }

  details(nameOrIndex: string | number): KnownInterface[] {
    return this.#backend.details?.(nameOrIndex) ?? [];
  }

  inventory(): Promise<(index: number) => Inventory | undefined> {
    return this.#backend.inventory?.() ?? Promise.resolve(() => undefined);
  }

  setFlags(name: string, set: number, clear: number): void {
    this.#backend.setFlags(name, set, clear);
  }

  subscribe(options: SubscribeOptions): Subscription {
    return this.subscribed.subscribe(this.#backend, options, this.capabilities.events);
  }
}
