import type {
  Backend,
  DescriptorCallbacks,
  Extras,
  LinkChange,
  LinkSpeed,
  NetnsHandle,
  SubscribeOptions,
  Subscription,
  WirelessSubscription,
} from "../contract/backend.ts";
import type { Capabilities } from "../contract/capabilities.ts";
import type { Clock } from "../contract/clock.ts";
import type { KnownInterface } from "../contract/details.ts";
import type { OtherWords } from "../contract/host.ts";
import type { Inventory } from "../contract/inventory.ts";
import { InvalidInputError, type NetflagsError, optional, UnsupportedError } from "../contract/errors.ts";
import type { IpAddress, Route } from "../contract/route.ts";
import { familiesBy, frozen, type InterfaceStatus, nameRelations, NO_ADDRESSES } from "../contract/status.ts";
import { readDetails } from "./ask/details.ts";
import { readSpeeds } from "./ask/ethtool.ts";
import { genericRefusal } from "./ask/generic.ts";
import { LINUX_CAPABILITIES } from "./libc/capabilities.ts";
import type { NetlinkCalls } from "./libc/calls.ts";
import { type LinuxLibc, linuxLibc } from "./libc/libc.ts";
import { Namespaces } from "./netns/namespaces.ts";
import { type RequestAttribute, textPayload } from "./wire/netlink.ts";
import * as N from "./wire/numbers.ts";
import { LINUX_HOST } from "./host.ts";
import { explainRefusal } from "./libc/privilege.ts";
import { readIoctlFlags } from "./ask/ioctl.ts";
import { Requests } from "./ask/requests.ts";
import { sysfsFlags, sysfsView } from "./ask/sysfs.ts";
import { LinuxSubscription } from "./listen/subscription.ts";
import { LinuxWireless } from "./listen/wireless.ts";

/** A Linux kernel, by netlink and an ioctl alone: the machine's, or one in memory. */
export class NetlinkBackend implements Backend {
  readonly #libc: () => NetlinkCalls;
  /** The same, after it was first needed. */
  #opened: NetlinkCalls | undefined;

  /** `libc` returns the C library when it is first needed. */
  constructor(libc: () => NetlinkCalls) {
    this.#libc = () => this.#opened ??= libc();
  }

  get capabilities(): Capabilities {
    return this.#opened?.discovered.capabilities ?? LINUX_CAPABILITIES;
  }

  get refused(): readonly NetflagsError[] {
    const refusal = this.#opened && genericRefusal(this.#opened);
    return refusal === undefined ? [] : [refusal];
  }

  list(extras: Extras): InterfaceStatus[] {
    return this.#ask((requests) => requests.list(extras));
  }

  get(nameOrIndex: string | number, routes = false): InterfaceStatus | undefined {
    checkNameOrIndex(nameOrIndex);
    return this.#ask((requests) => {
      const link = requests.link(nameOrIndex);
      const addresses = link && requests.addresses(link.index, () => link.name);
      if (link === undefined || addresses === undefined) return undefined;
      nameRelations(link, (index) => requests.link(index));
      link.wireless = requests.wireless(link);
      link.addresses = addresses.get(link.index) ?? NO_ADDRESSES;
      if (routes) link.defaultRoute = familiesBy(requests.defaults(), link.index);
      return frozen(link);
    });
  }

  route(destination: IpAddress | undefined): Route[] {
    return this.#ask((requests) => requests.routes.read(destination, (nameOrIndex) => requests.link(nameOrIndex)));
  }

  details(nameOrIndex: string | number): KnownInterface[] {
    checkNameOrIndex(nameOrIndex);
    return this.#ask((requests) => readDetails(this.#libc(), requests, nameOrIndex));
  }

  async inventory(): Promise<(index: number) => Inventory | undefined> {
    const { readInventory } = await import("./ask/inventory.ts");
    return (index) => this.#ask((requests) => readInventory(this.#libc(), requests, index));
  }

  ioctlFlags(name: string): number {
    return readIoctlFlags(this.#libc(), name);
  }

  speeds(indexes: Iterable<number>): ReadonlyMap<number, LinkSpeed> {
    return readSpeeds(this.#libc(), indexes);
  }

  setFlags(name: string, set: number, clear: number): void {
    this.#change(name, "set flags", set, set | clear, []);
  }

  setLink(name: string, { operState, linkMode }: LinkChange): void {
    const attributes: RequestAttribute[] = [];
    if (linkMode !== undefined) {
      attributes.push([N.IFLA_LINKMODE, Uint8Array.of(N.IF_LINK_MODE_NAMES.indexOf(linkMode))]);
    }
    if (operState !== undefined) {
      attributes.push([N.IFLA_OPERSTATE, Uint8Array.of(N.IF_OPER_NAMES.indexOf(operState))]);
    }
    this.#change(name, "set the state", 0, 0, attributes);
  }

  #change(name: string, operation: string, flags: number, mask: number, attributes: RequestAttribute[]): void {
    checkNameOrIndex(name);
    try {
      this.#ask((requests) => requests.change(name, operation, flags, mask, attributes));
    } catch (error) {
      throw explainRefusal(error);
    }
  }

  #ask<T>(question: (requests: Requests) => T): T {
    return ask(this.#libc(), question);
  }

  watchWireless(waiter: DescriptorCallbacks): WirelessSubscription {
    const wireless = LinuxWireless.open(this.#libc(), waiter);
    if (wireless !== undefined) return wireless;
    throw new UnsupportedError(
      "Cannot watch access points: this kernel has no wireless support (no nl80211): load cfg80211, or use another machine",
      { operation: "watch access points" },
    );
  }

  subscribe(options: SubscribeOptions): Subscription {
    return new LinuxSubscription(this.#libc(), options);
  }
}

/** This machine's Linux: netlink, and what only its C library and its files have. */
export class LinuxBackend extends NetlinkBackend {
  readonly host = LINUX_HOST;
  readonly #libc: () => LinuxLibc;
  readonly #elsewhere: boolean;
  #namespaces: Namespaces | undefined;

  /**
   * @param libc Returns the C library when it is first needed.
   * @param elsewhere Whether it asks in another network namespace than this thread's.
   */
  constructor(libc: () => LinuxLibc = linuxLibc, elsewhere = false) {
    super(libc);
    this.#libc = libc;
    this.#elsewhere = elsewhere;
  }

  get clock(): Clock | undefined {
    return this.#libc().clock;
  }

  override get refused(): readonly NetflagsError[] {
    return [...super.refused, ...this.#namespaces?.refused ?? []];
  }

  enter(netns: string | number): NetnsHandle {
    this.#namespaces ??= new Namespaces(this.#libc(), this, (libc) => new LinuxBackend(() => libc, true));
    return this.#namespaces.enter(netns);
  }

  otherWords(status: InterfaceStatus): OtherWords {
    // An interface of another namespace may look the same in this one's sysfs, index and address included.
    const view = this.#elsewhere ? "another" : sysfsView(status, () => this.list({ addresses: false }));
    return {
      ioctl: optional(() => this.ioctlFlags(status.name)), // none of a name that an ioctl cannot take
      sysfs: view === "this" ? sysfsFlags(status.name) : undefined,
      sysfsView: view,
    };
  }
}

/** Asks on a socket that is closed afterwards. */
function ask<T>(libc: NetlinkCalls, question: (requests: Requests) => T): T {
  const requests = new Requests(libc);
  try {
    return requests.whole(() => question(requests));
  } finally {
    requests.close();
  }
}

function checkNameOrIndex(nameOrIndex: string | number): void {
  const fits = typeof nameOrIndex === "number"
    ? Number.isInteger(nameOrIndex) && nameOrIndex > 0 && nameOrIndex <= 0x7fffffff
    : nameOrIndex !== "" && !nameOrIndex.includes("\0") && textPayload(nameOrIndex).length <= N.ALTIFNAMSIZ;
  if (!fits) {
    throw new InvalidInputError(
      `Cannot read interface ${JSON.stringify(nameOrIndex)}: give a name of 1 to 127 bytes or an index from 1 on`,
      { operation: "read the state", interfaceName: String(nameOrIndex) },
    );
  }
}
