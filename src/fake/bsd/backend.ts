import { BsdBackend } from "../../../platforms/bsd/backend.ts";
import type { SystemNumbers } from "../../../platforms/bsd/systems/layout.ts";
import { RuntimeClock } from "../../../platforms/common/clock.ts";
import type { SubscribeOptions, Subscription } from "../../../platforms/contract/backend.ts";
import type { Capabilities } from "../../../platforms/contract/capabilities.ts";
import type { Clock } from "../../../platforms/contract/clock.ts";
import { InvalidInputError, noSuchInterface } from "../../../platforms/contract/errors.ts";
import type { InterfaceMove, InterfaceStatus } from "../../../platforms/contract/status.ts";
import type { Fake, FakeAddressOptions, FakeDevice, FakeFields, FakeRouteOptions } from "../fake.ts";
import { Subscriptions } from "../subscriptions.ts";
import { checkNumber } from "../texts.ts";
import { change, create, wantedOf } from "./changes.ts";
import { FakeBsdKernel, type KernelInterface } from "./kernel.ts";
import { addRoute, removeRoute } from "./routes.ts";
import { bsdStatus } from "./status.ts";
import { checkName, unsupported } from "./texts.ts";
import * as verbs from "./verbs.ts";

/** The backend that runs on a BSD, over a kernel in memory. */
export class FakeBsdBackend extends BsdBackend implements Fake {
  readonly subscribed: Subscriptions = new Subscriptions();
  readonly #numbers: SystemNumbers;
  readonly #kernel: FakeBsdKernel;
  readonly #capabilities: Capabilities;
  readonly #clock = new RuntimeClock();

  constructor(system: SystemNumbers, capabilities: Capabilities) {
    const numbers = { ...system, announcements: system.announcements && capabilities.announcements };
    const kernel = new FakeBsdKernel(numbers, {
      detectsOverflow: capabilities.overflowDetection,
      mute: capabilities.events === "poll",
      version: { layout: 0, addresses: numbers.platform === "netbsd" ? "both" : "new" }, // COMPAT_70 is in GENERIC
    });
    super(numbers, kernel);
    this.#numbers = numbers;
    this.#kernel = kernel;
    this.#capabilities = capabilities;
  }

  override get capabilities(): Capabilities {
    return this.#capabilities;
  }

  override get clock(): Clock {
    return this.#clock;
  }

  override subscribe(options: SubscribeOptions): Subscription {
    return this.subscribed.add(super.subscribe(options), options, this.capabilities.events);
  }

  override setFlags(name: string, set: number, clear: number): void {
    super.setFlags(name, set, clear);
    this.#reveal(this.#kernel.index(name));
  }

  put(fields: FakeFields, announced: boolean): InterfaceStatus {
    const there = this.#find(fields);
    const before = there && this.get(there.index);
    const status = bsdStatus(this.#numbers, { ...before, ...fields, index: there?.index ?? fields.index ?? 0 });
    const wanted = wantedOf(this.#numbers, status, fields.addresses);
    let index = there?.index;
    const step = (): void => {
      index ??= create(this.#kernel, wanted, fields.index);
      change(this.#kernel, this.#numbers, index, wanted);
      this.#reveal(index);
    };
    if (announced) step();
    else this.#kernel.sockets.silently(step);
    return this.get(index!)!;
  }

  /**
   * The interface to change. It refuses a name that another interface has, and a new name on a system that cannot
   * rename.
   */
  #find({ name, index }: FakeFields): KernelInterface | undefined {
    const named = this.#kernel.find(name);
    if (index === undefined) return named;
    checkNumber(index, 1, 16);
    const there = this.#kernel.at(index);
    if (named !== undefined && named !== there) {
      throw new InvalidInputError(`Cannot make interface "${name}" of index ${index}: it has index ${named.index}`);
    }
    if (there !== undefined && named === undefined) verbs.checkRename(this.#numbers, there.name);
    return there;
  }

  add(name: string, device: FakeDevice): InterfaceStatus {
    verbs.checkDevice(this.#numbers, name, device, this.#kernel.find(name));
    return this.put({ name, ...verbs.deviceFields(this.#numbers, device) }, true);
  }

  remove(name: string, move: InterfaceMove | undefined): void {
    const { index } = this.#of(name);
    if (move !== undefined) {
      unsupported(this.#numbers, "move", name, "it has no network namespaces; leave it out");
    }
    this.#kernel.destroy(name);
    this.#reveal(index);
  }

  rename(name: string, to: string): InterfaceStatus {
    const { index } = this.#of(name);
    verbs.checkRename(this.#numbers, name);
    checkName(to);
    return this.put({ name: to, index }, true);
  }

  plug(name: string, plugged: boolean): InterfaceStatus {
    if (!plugged) this.#of(name);
    const status = this.get(name) ?? this.put({ name }, true);
    return this.put({ name, ...verbs.plugFields(this.#numbers, status, plugged) }, true);
  }

  join(name: string): InterfaceStatus {
    return unsupported(this.#numbers, "join", name, "it reports no ports of a bridge");
  }

  addAddress(name: string, address: string, options: FakeAddressOptions): InterfaceStatus {
    const one = this.#of(name);
    const built = verbs.builtAddress(this.#numbers, one, address, options);
    this.#kernel.addAddress(name, built);
    return this.#revealed(one);
  }

  confirmAddress(name: string, address: string): InterfaceStatus {
    const one = this.#of(name);
    const flags = verbs.confirmedFlags(this.#numbers, one, address);
    this.#kernel.setAddressFlags(name, verbs.addressOf(one, address).ip, flags);
    return this.#revealed(one);
  }

  removeAddress(name: string, address: string): InterfaceStatus {
    const one = this.#of(name);
    this.#kernel.removeAddress(name, verbs.addressOf(one, address));
    return this.#revealed(one);
  }

  addRoute(name: string, destination: string, options: FakeRouteOptions): void {
    addRoute(this.#kernel.routes, this.#numbers, this.#of(name), destination, options);
  }

  removeRoute(name: string, destination: string): void {
    removeRoute(this.#kernel.routes, this.#of(name), destination);
  }

  startAccessPoint(name: string, ssid: string): InterfaceStatus {
    const fields = verbs.accessPointFields(this.#numbers, name, ssid);
    const { flags } = this.get(name) ?? this.add(name, { wireless: true });
    return this.put({ name, ...fields, flags: verbs.setUp(flags) }, true);
  }

  stopAccessPoint(name: string): InterfaceStatus {
    return this.put({ name, ...verbs.stoppedFields(this.#numbers, this.get(this.#of(name).index)!) }, true);
  }

  overflow(): void {
    this.#kernel.sockets.lose();
  }

  #of(name: string): KernelInterface {
    const found = this.#kernel.find(name);
    if (found === undefined) throw noSuchInterface(name, undefined);
    return found;
  }

  #revealed({ index }: KernelInterface): InterfaceStatus {
    this.#reveal(index);
    return this.get(index)!;
  }

  /** If no change may be silent, every watcher looks at the changed interface. */
  #reveal(index: number): void {
    if (this.capabilities.silentChanges === "none") this.#kernel.reveal(index);
  }
}
