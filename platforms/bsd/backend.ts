import type { Backend, Extras, SubscribeOptions, Subscription } from "../contract/backend.ts";
import { Discovered } from "../common/discovered.ts";
import type { Capabilities } from "../contract/capabilities.ts";
import type { Clock } from "../contract/clock.ts";
import type { FlagTable } from "../contract/flag_table.ts";
import { type KnownInterface, NO_DETAILS } from "../contract/details.ts";
import { InvalidInputError, isPassing, NetflagsError, noSuchInterface } from "../contract/errors.ts";
import type { IpAddress, Route } from "../contract/route.ts";
import { familiesBy, frozen, type InterfaceStatus, type LinkFacts } from "../contract/status.ts";
import { Asker, type Named } from "./ask/asker.ts";
import { bsdCapabilities } from "./systems/capabilities.ts";
import { type MediaAnswer, NO_MEDIA, type RouteKernel, SystemKernel } from "./ask/kernel.ts";
import type { SystemNumbers } from "./systems/layout.ts";
import { atRelease } from "./systems/release.ts";
import { Lister } from "./ask/lister.ts";
import { RouteRequests } from "./ask/route.ts";
import { mediaHardware } from "./systems/media.ts";
import { BsdSubscription } from "./listen/subscription.ts";

/** A BSD, by its routing socket. */
export class BsdBackend implements Backend {
  readonly #system: SystemNumbers;
  readonly #kernel: RouteKernel;
  readonly #lister: Lister;
  readonly #asker: Asker;
  /** Made for those who ask about routes. */
  #routeRequests: RouteRequests | undefined;
  readonly #discovered: Discovered;

  constructor(numbers: SystemNumbers, kernel: RouteKernel = new SystemKernel(numbers)) {
    const system = this.#system = ofKernel(numbers, kernel);
    this.#kernel = kernel;
    this.#lister = new Lister(system, kernel);
    this.#asker = new Asker(kernel);
    this.#discovered = new Discovered(bsdCapabilities(system));
  }

  get #requests(): RouteRequests {
    return this.#routeRequests ??= new RouteRequests(this.#system, this.#kernel);
  }

  get capabilities(): Capabilities {
    return this.#discovered.capabilities;
  }

  /** Those of this kernel's version; of the newest if the kernel cannot be asked. */
  get flags(): FlagTable {
    return this.#system.flags;
  }

  get clock(): Clock | undefined {
    return this.#kernel.clock;
  }

  list(extras: Extras): InterfaceStatus[] {
    return this.#list(0, extras);
  }

  get(nameOrIndex: string | number, routes = false): InterfaceStatus | undefined {
    const extras = { addresses: true, routes };
    if (typeof nameOrIndex === "number") {
      if (!(Number.isInteger(nameOrIndex) && nameOrIndex > 0 && nameOrIndex <= 0xffff)) refuse(nameOrIndex);
      return this.#list(nameOrIndex, extras)[0];
    }
    if (nameOrIndex === "" || nameOrIndex.includes("\0")) refuse(nameOrIndex);
    return this.list(extras).find(({ name }) => name === nameOrIndex);
  }

  route(destination: IpAddress | undefined): Route[] {
    return this.#requests.read(destination, (index) => this.#links(index, false)[0]);
  }

  /** Its kernel reports no interface below it. */
  details(nameOrIndex: string | number): KnownInterface[] {
    const status = this.get(nameOrIndex, true);
    if (status === undefined) return [];
    const hardware = status.media && mediaHardware(this.#system.mediaWords(), status.media);
    return [{ ...status, ...NO_DETAILS, hardware }];
  }

  setFlags(name: string, set: number, clear: number): void {
    const who = { index: this.#kernel.index(name), name };
    const flags = who.index === 0 ? undefined : this.#asker.flags(who);
    if (flags === undefined || !this.#asker.setFlags(who, ((flags & ~clear) | set) >>> 0)) {
      throw noSuchInterface(name, "set flags");
    }
  }

  subscribe(options: SubscribeOptions): Subscription {
    const askers = { lister: this.#lister, asker: this.#asker, requests: () => this.#requests };
    const subscription = new BsdSubscription(this.#system, this.#kernel, askers, options);
    this.#discovered.found({ overflowDetection: subscription.detectsOverflow });
    return subscription;
  }

  #list(index: number, { addresses, routes }: Extras): InterfaceStatus[] {
    const links = this.#links(index, addresses);
    const defaults = routes === true ? this.#requests.defaults(false) : undefined;
    for (const link of links) link.defaultRoute = familiesBy(defaults, link.index);
    return links.map(frozen);
  }

  #links(index: number, addresses: boolean): LinkFacts[] {
    return this.#lister.list(index, addresses, (who) => this.#media(who));
  }

  /**
   * For a single list, there is no later answer of a driver that fails now, and its failure must not spoil the rest.
   */
  #media(who: Named): MediaAnswer | undefined {
    try {
      return this.#asker.media(who);
    } catch (error) {
      if (!(error instanceof NetflagsError) || isPassing(error)) throw error;
      return NO_MEDIA;
    }
  }
}

/** A system's numbers with the flags of the kernel's version, which is asked when they are first needed. */
function ofKernel(numbers: SystemNumbers, kernel: RouteKernel): SystemNumbers {
  if (!numbers.older?.some(({ flags }) => flags !== undefined)) return numbers;
  let flags: FlagTable | undefined;
  return {
    ...numbers,
    get flags(): FlagTable {
      return flags ??= askFlags(numbers, kernel);
    },
  };
}

function askFlags(numbers: SystemNumbers, kernel: RouteKernel): FlagTable {
  try {
    return atRelease(numbers, kernel.release).flags;
  } catch (error) {
    if (!(error instanceof NetflagsError)) throw error;
    return numbers.flags; // without --allow-ffi, or without its C library
  }
}

function refuse(nameOrIndex: string | number): never {
  throw new InvalidInputError(
    `Cannot read interface ${JSON.stringify(nameOrIndex)}: give a name, or an index from 1 to 65535`,
    { operation: "read the state", interfaceName: String(nameOrIndex) },
  );
}
