import { RuntimeClock } from "../../../platforms/common/clock.ts";
import type {
  DescriptorCallbacks,
  SubscribeOptions,
  Subscription,
  WirelessSubscription,
} from "../../../platforms/contract/backend.ts";
import type { Capabilities } from "../../../platforms/contract/capabilities.ts";
import type { Clock } from "../../../platforms/contract/clock.ts";
import { noSuchInterface } from "../../../platforms/contract/errors.ts";
import type { OtherWords } from "../../../platforms/contract/host.ts";
import type { InterfaceMove, InterfaceStatus } from "../../../platforms/contract/status.ts";
import { NetlinkBackend } from "../../../platforms/linux/backend.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import type { Fake, FakeAddressOptions, FakeDevice, FakeFields, FakeRouteOptions } from "../fake.ts";
import { Subscriptions } from "../subscriptions.ts";
import { checkNumber } from "../texts.ts";
import * as verbs from "./verbs.ts";
import { addDevice, bornWith } from "./add.ts";
import { Answers } from "./answers.ts";
import { newDevice } from "./born.ts";
import { change, create } from "./changes.ts";
import type { Device } from "./device.ts";
import { LinuxKernel } from "./kernel.ts";
import { FakeLibc } from "./libc.ts";
import { addRoute, removeRoute } from "./routes.ts";
import { otherWordsOf, statusOf } from "./status.ts";
import { wantedDevice } from "./wanted/device.ts";

/** The backend that runs on Linux, over a kernel in memory. */
export class FakeLinuxBackend extends NetlinkBackend implements Fake {
  readonly clock: Clock = new RuntimeClock();
  readonly subscribed: Subscriptions = new Subscriptions();
  readonly #kernel: LinuxKernel;
  readonly #capabilities: Capabilities;

  constructor(capabilities: Capabilities) {
    const kernel = new LinuxKernel();
    const answers = new Answers(kernel);
    const libc = new FakeLibc(kernel.sockets, answers, {
      before: (call, _socket, group) =>
        call === "setsockopt" && refusedGroups(capabilities).includes(group) ? N.EPERM : undefined,
    });
    super(() => libc);
    const { operState, carrierCounters, altNames, accessPoints, overflowDetection, silentChanges } = capabilities;
    kernel.form = { operState, carrierCounters, altNames };
    kernel.announcesAll = silentChanges === "none";
    kernel.sockets.detectsOverflow = overflowDetection;
    answers.hasWireless = accessPoints;
    this.#kernel = kernel;
    this.#capabilities = capabilities;
  }

  override get capabilities(): Capabilities {
    return this.#capabilities;
  }

  otherWords({ name }: InterfaceStatus): OtherWords {
    return otherWordsOf(this.#of(name));
  }

  override subscribe(options: SubscribeOptions): Subscription {
    return this.subscribed.add(super.subscribe(options), options, this.capabilities.events);
  }

  override watchWireless(waiter: DescriptorCallbacks): WirelessSubscription {
    return this.subscribed.addWireless(super.watchWireless(waiter), waiter);
  }

  put(fields: FakeFields, announced: boolean): InterfaceStatus {
    const kernel = this.#kernel;
    if (fields.index !== undefined) checkNumber(fields.index, 1, 31);
    const there = fields.index === undefined ? kernel.find(fields.name) : kernel.at(fields.index);
    // A name that is an alternative one says which interface is meant, and does not rename it.
    const named = fields.index === undefined && there !== undefined ? { ...fields, name: there.name } : fields;
    const before = there ?? bornWith(newDevice(fields.index ?? kernel.nextIndex, fields), fields);
    const wanted = wantedDevice(before, named, kernel);
    const step = (): Device => there === undefined ? create(kernel, wanted) : change(kernel, there, wanted);
    return this.#status(announced ? step() : kernel.sockets.silently(step));
  }

  add(name: string, device: FakeDevice): InterfaceStatus {
    return this.#status(addDevice(this.#kernel, name, device));
  }

  remove(name: string, move: InterfaceMove | undefined): void {
    this.#kernel.remove(this.#of(name), move);
    this.#kernel.settle();
  }

  rename(name: string, to: string): InterfaceStatus {
    return this.#do(name, (device) => verbs.rename(this.#kernel, device, to));
  }

  plug(name: string, plugged: boolean): InterfaceStatus {
    if (plugged && this.#kernel.find(name) === undefined) addDevice(this.#kernel, name, {});
    return this.#do(name, (device) => verbs.plug(this.#kernel, device, plugged));
  }

  join(name: string, master: string | undefined): InterfaceStatus {
    const bridge = master === undefined ? undefined : this.#of(master);
    return this.#do(name, (device) => verbs.join(this.#kernel, device, bridge));
  }

  addAddress(name: string, address: string, options: FakeAddressOptions): InterfaceStatus {
    return this.#do(name, (device) => verbs.addAddress(this.#kernel, device, address, options));
  }

  confirmAddress(name: string, address: string): InterfaceStatus {
    return this.#do(name, (device) => verbs.confirmAddress(this.#kernel, device, address));
  }

  removeAddress(name: string, address: string): InterfaceStatus {
    return this.#do(name, (device) => verbs.removeAddress(this.#kernel, device, address));
  }

  addRoute(name: string, destination: string, options: FakeRouteOptions): void {
    addRoute(this.#kernel.routes, this.#of(name), destination, options);
  }

  removeRoute(name: string, destination: string): void {
    removeRoute(this.#kernel.routes, this.#of(name), destination);
  }

  startAccessPoint(name: string, ssid: string): InterfaceStatus {
    if (this.#kernel.find(name) === undefined) addDevice(this.#kernel, name, { wireless: true });
    return this.#do(name, (device) => verbs.startAccessPoint(this.#kernel, device, ssid));
  }

  stopAccessPoint(name: string): InterfaceStatus {
    return this.#do(name, (device) => verbs.stopAccessPoint(this.#kernel, device));
  }

  overflow(): void {
    this.#kernel.sockets.overflow();
  }

  /** Changes an interface, and what follows from that. */
  #do(name: string, verb: (device: Device) => void): InterfaceStatus {
    const device = this.#of(name);
    verb(device);
    this.#kernel.settle();
    return this.#status(device);
  }

  #of(name: string): Device {
    const device = this.#kernel.find(name);
    if (device === undefined) throw noSuchInterface(name, undefined);
    return device;
  }

  #status(device: Device): InterfaceStatus {
    return statusOf(this.#kernel, device, this.capabilities.accessPoints);
  }
}

/** The groups that this kernel, or a filter in front of it, does not let anybody join. */
function refusedGroups({ events }: Capabilities): readonly number[] {
  switch (events) {
    case "kernel":
      return [];
    case "partial":
      return [N.RTNLGRP_IPV4_IFADDR, N.RTNLGRP_IPV6_IFADDR];
    case "poll":
      return [N.RTNLGRP_LINK, N.RTNLGRP_IPV4_IFADDR, N.RTNLGRP_IPV6_IFADDR];
  }
}
