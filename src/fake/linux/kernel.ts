import * as N from "../../../platforms/linux/wire/numbers.ts";
import { goneWith, isSameAddress, relabelled, withNew } from "./addresses.ts";
import { addPort, portChanged, releasePort, removePort } from "./bridge.ts";
import { type Device, type DeviceAddress, isUp, operStateAsked, operStateOf } from "./device.ts";
import { driverOf, lowerChanged, lowerOpened, lowerStopped, peerOf, uppersOf } from "./drivers.ts";
import { addressMessage, type Departure, FOR_EVER, linkMessage, type LinkMessageForm } from "./messages.ts";
import { type Net, portsOf } from "./net.ts";
import { leaveNetwork, sendWireless } from "./radio.ts";
import { KernelRoutes } from "./routes.ts";
import { FakeSockets } from "./sockets.ts";

/** The flags that a program may set (__dev_change_flags()). */
const SETTABLE = N.IFF_DEBUG | N.IFF_NOTRAILERS | N.IFF_NOARP | N.IFF_DYNAMIC | N.IFF_MULTICAST | N.IFF_PORTSEL |
  N.IFF_AUTOMEDIA | N.IFF_PROMISC | N.IFF_ALLMULTI;

/** The addresses that lo gets when it is set up. */
const LOOPBACK_ADDRESSES: readonly DeviceAddress[] = [
  { family: N.AF_INET, local: Uint8Array.of(127, 0, 0, 1), prefixLength: 8 },
  { family: N.AF_INET6, local: Uint8Array.from({ length: 16 }, (_, i) => i === 15 ? 1 : 0), prefixLength: 128 },
].map((address) => ({
  ...address,
  peer: undefined,
  broadcast: undefined,
  scope: N.RT_SCOPE_HOST,
  flags: N.IFA_F_PERMANENT,
  label: address.family === N.AF_INET ? "lo" : undefined,
}));

/**
 * The interfaces of a Linux kernel in memory, in one network namespace. Each change does what Linux does: to the
 * interface, to those that stand on it or below it, and in messages. What a driver does is in drivers.ts, a bridge in
 * bridge.ts, and what the kernel works out in device.ts.
 */
export class LinuxKernel implements Net {
  readonly sockets: FakeSockets = new FakeSockets();
  readonly routes: KernelRoutes = new KernelRoutes(this.sockets, this);
  /** What its link messages have. */
  form: LinkMessageForm = { operState: true, carrierCounters: true, altNames: true };
  /** struct ifa_cacheinfo of each address, in words; undefined if it is left out. */
  cacheInfo: readonly number[] | undefined = FOR_EVER;
  /** Whether changes are announced that no kernel announces. */
  announcesAll = false;
  /** How often interfaces came and went (dev_base_seq). */
  comings = 0;
  readonly #devices = new Map<number, Device>();
  /** The interfaces whose state is still to be worked out, the first one first (lweventlist). */
  readonly #pending = new Set<Device>();
  #lastIndex = 0;

  get all(): Iterable<Device> {
    return this.#devices.values();
  }

  at(index: number | undefined): Device | undefined {
    return index === undefined ? undefined : this.#devices.get(index);
  }

  /** The interface that has a name, or else that has it as an alternative. */
  find(name: string): Device | undefined {
    for (const device of this.#devices.values()) {
      if (device.name === name || device.altNames.includes(name)) return device;
    }
    return undefined;
  }

  /** The index that the next interface gets: the next one that is free, behind the last that was given out so. */
  get nextIndex(): number {
    let index = this.#lastIndex + 1;
    while (this.#devices.has(index)) index++;
    return index;
  }

  /** Adds an interface (register_netdevice()), without a message. */
  register(device: Device): void {
    this.comings++;
    if (device.index === this.nextIndex) this.#lastIndex = device.index;
    this.#devices.set(device.index, device);
  }

  /** Takes an interface out, without a message (unlist_netdevice()). */
  unregister(device: Device): void {
    this.comings++;
    this.#devices.delete(device.index);
    this.#pending.delete(device);
  }

  /** Sends a link message. */
  send(device: Device, type: number = N.RTM_NEWLINK, departure?: Departure): void {
    this.sockets.multicast(
      N.NETLINK_ROUTE,
      N.RTNLGRP_LINK,
      () => linkMessage(device, { type }, this.form, departure),
    );
  }

  /** Sends one where the kernel sends it only about an interface that is up (netdev_state_change()). */
  sendState(device: Device): void {
    if (isUp(device) || this.announcesAll) this.send(device);
  }

  /** Sends a message about an address. */
  sendAddress(device: Device, address: DeviceAddress, type: number): void {
    const group = address.family === N.AF_INET ? N.RTNLGRP_IPV4_IFADDR : N.RTNLGRP_IPV6_IFADDR;
    this.sockets.multicast(
      N.NETLINK_ROUTE,
      group,
      () => addressMessage(device.index, address, { type }, this.cacheInfo),
    );
  }

  setCarrier(device: Device, carrier: boolean): void {
    if (device.carrier === carrier) return;
    device.carrier = carrier;
    if (carrier) device.carrierUps++;
    else device.carrierDowns++;
    this.fire(device);
  }

  fire(device: Device): void {
    this.#pending.add(device);
  }

  /** Works out every state that is still to be worked out, and announces it (linkwatch_run_queue()). */
  settle(): void {
    for (const device of this.#pending) {
      this.#pending.delete(device);
      device.operState = operStateOf(device, this.#lowerOf(device));
      if (!isUp(device)) {
        if (this.announcesAll) this.send(device);
        continue;
      }
      this.#changed(device);
      this.send(device);
    }
  }

  /** The interface below, in this network namespace: an index of another one is looked up here too. */
  #lowerOf(device: Device): Device | undefined {
    return device.parent === device.index ? undefined : this.at(device.parent);
  }

  #bridgeOf(device: Device): Device | undefined {
    const master = this.at(device.master);
    return master?.kind === "bridge" ? master : undefined;
  }

  /** NETDEV_CHANGE */
  #changed(device: Device): void {
    const bridge = this.#bridgeOf(device);
    if (bridge !== undefined) portChanged(this, bridge, device);
    lowerChanged(this, device);
  }

  open(device: Device): number {
    if (isUp(device)) return 0;
    const errno = driverOf(device).open?.(this, device) ?? 0;
    if (errno !== 0) return errno;
    device.flags |= N.IFF_UP;
    this.send(device);
    if (device.type === N.ARPHRD_LOOPBACK && device.addresses.length === 0) {
      for (const address of LOOPBACK_ADDRESSES) this.addAddress(device, address);
    }
    const bridge = this.#bridgeOf(device);
    if (bridge !== undefined) portChanged(this, bridge, device);
    lowerOpened(this, device);
    return 0;
  }

  stop(device: Device): void {
    if (!isUp(device)) return;
    leaveNetwork(this, device, true);
    driverOf(device).stop?.(this, device);
    device.flags &= ~N.IFF_UP;
    this.send(device);
    this.routes.flush(device);
    this.#dropAddresses(device, (address) => address.family === N.AF_INET6); // addrconf_ifdown()
    const bridge = this.#bridgeOf(device);
    if (bridge !== undefined) portChanged(this, bridge, device);
    lowerStopped(this, device);
  }

  /** dev_change_flags(): only some flags can be changed. Returns an error number, or 0. */
  changeFlags(device: Device, flags: number): number {
    const before = device.flags;
    device.flags = (before & ~SETTABLE) | (flags & SETTABLE);
    let errno = 0;
    if (((before ^ flags) & N.IFF_UP) === 0) {
      if (device.flags !== before) this.send(device);
    } else if ((flags & N.IFF_UP) === 0) this.stop(device);
    else errno = this.open(device);
    return errno;
  }

  /** set_operstate(): a request that the kernel may ignore. */
  setOperState(device: Device, asked: number): void {
    const state = operStateAsked(device, asked);
    if (state === device.operState) return;
    device.operState = state;
    if (isUp(device)) this.#changed(device);
    this.sendState(device);
  }

  /** IFLA_LINKMODE: the state is worked out anew only when something else happens. */
  setLinkMode(device: Device, mode: number): void {
    if (device.linkMode === mode) return;
    device.linkMode = mode;
    this.sendState(device);
  }

  /** dev_change_name() */
  rename(device: Device, name: string): void {
    device.name = name;
    this.send(device);
    device.addresses = relabelled(device.addresses, name);
    for (const address of device.addresses) {
      if (address.family === N.AF_INET) this.sendAddress(device, address, N.RTM_NEWADDR);
    }
  }

  /** Makes an interface a port of a bridge. */
  join(device: Device, bridge: Device): void {
    this.leave(device);
    addPort(this, bridge, device);
  }

  /** Makes it a port of none. */
  leave(device: Device, gone = false): void {
    const bridge = this.#bridgeOf(device);
    if (bridge !== undefined) return removePort(this, bridge, device, gone);
    if (device.master === undefined) return;
    device.master = undefined;
    if (!gone) this.send(device);
  }

  /** Adds an address, and announces it. */
  addAddress(device: Device, address: DeviceAddress): void {
    const { list, added } = withNew(device.addresses, address);
    device.addresses = list;
    this.sendAddress(device, added, N.RTM_NEWADDR);
  }

  /** Keeps an address with other flags or labels than before, and announces it. */
  changeAddress(device: Device, address: DeviceAddress): void {
    device.addresses = device.addresses.map((one) => isSameAddress(one, address) ? address : one);
    this.sendAddress(device, address, N.RTM_NEWADDR);
  }

  /** Removes an address with those that go with it, and announces each. */
  removeAddress(device: Device, address: DeviceAddress): void {
    const gone = goneWith(device.addresses, address);
    this.#dropAddresses(device, (one) => gone.includes(one), gone);
  }

  #dropAddresses(
    device: Device,
    goes: (address: DeviceAddress) => boolean,
    order: readonly DeviceAddress[] = device.addresses.filter(goes),
  ): void {
    device.addresses = device.addresses.filter((one) => !goes(one));
    for (const address of order) this.sendAddress(device, address, N.RTM_DELADDR);
  }

  /**
   * Deletes an interface, with the other end of a pair and the interfaces that stand on it; or moves it away, and the
   * other end of a pair stays (unregister_netdevice_many(), __dev_change_net_namespace()).
   */
  remove(device: Device, departure?: Departure): void {
    const peer = peerOf(this, device);
    const together = departure === undefined && peer !== undefined ? [device, peer] : [device];
    if (departure === undefined && device.kind === "veth") {
      for (const end of together) Object.assign(end, { parent: 0, parentNetnsId: undefined }); // veth_dellink()
    }
    for (const one of together) for (const port of portsOf(this, one)) this.#release(one, port);
    for (const one of together) this.stop(one);
    for (const one of together) this.#delete(one, departure);
  }

  /** A port whose master is being deleted. */
  #release(master: Device, port: Device): void {
    if (master.kind === "bridge") return releasePort(this, master, port);
    port.master = undefined;
    this.send(port);
  }

  #delete(device: Device, departure: Departure | undefined): void {
    this.#dropAddresses(device, () => true);
    if (departure === undefined) { for (const upper of uppersOf(this, device)) this.remove(upper); }
    else this.#follow(device, departure);
    this.leave(device, true);
    if (device.wireless !== undefined) sendWireless(this, N.NL80211_CMD_DEL_INTERFACE, device);
    this.unregister(device);
    this.send(device, N.RTM_DELLINK, departure);
  }

  /** What has an interface as its parent that moves has one elsewhere, without a message. */
  #follow(moved: Device, { netnsId, index = moved.index }: Departure): void {
    for (const device of this.#devices.values()) {
      if (device.parent !== moved.index || device.parentNetnsId !== undefined) continue;
      device.parent = index;
      device.parentNetnsId = netnsId;
    }
  }
}
