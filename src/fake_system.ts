import type { Capabilities } from "../platforms/contract/capabilities.ts";
import type { InterfaceMove, InterfaceStatus } from "../platforms/contract/status.ts";
import { IFF_UP } from "../platforms/bsd/systems/common.ts";
import { isBsdPlatform, SYSTEMS } from "../platforms/bsd/systems/systems.ts";
import { useBackend } from "../platforms/current.ts";
import { systemOf } from "../platforms/registry.ts";
import { FakeBsdBackend } from "./fake/bsd/backend.ts";
import type { Fake, FakeAddressOptions, FakeDevice, FakeRouteOptions } from "./fake/fake.ts";
import {
  checkAddress,
  checkCapabilities,
  checkDevice,
  checkMove,
  checkNames,
  checkRoute,
  checkSettable,
} from "./fake/given.ts";
import { FakeLinuxBackend } from "./fake/linux/backend.ts";
import type { FakeInterface } from "./fake_status.ts";

/**
 * A system in memory. From its creation until it is disposed of, it replaces the real system: `list`, `get`, `watch`,
 * `waitFor` and `setFlags` work on it. It is a kernel in memory below netflags' own backend of the platform: each
 * change becomes the messages that the kernel sends, in the same bytes and the same order, and questions are answered
 * as the kernel answers them. So limits, refusals and changes that nobody announces are those of the platform.
 *
 * Use it with verbs: {@linkcode FakeSystem.add}, {@linkcode FakeSystem.plug}, {@linkcode FakeSystem.up},
 * {@linkcode FakeSystem.rename} and so on. Each does what the kernel does: to the interface, and to those that stand on
 * it. {@linkcode FakeSystem.set} sets any state that a kernel can have directly.
 *
 * There are no interfaces at first, not even lo. Linux gives an interface that is set up a link-local address of IPv6;
 * this kernel does not, as with the setting `addr_gen_mode` of 1.
 *
 * A thread uses one such system at a time, and disposes of it at the end of a block (`using`). A system that is made
 * while another is in use replaces that one until it is disposed of.
 *
 * @example
 * ```ts
 * import { get } from "@netflags/netflags";
 * import { FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * using system = new FakeSystem({ platform: "netbsd" });
 * system.plug("wm0");
 * system.up("wm0");
 * assertEquals([get("wm0")?.connected, get("wm0")?.flagNames.includes("SIMPLEX")], [true, true]);
 * ```
 *
 * @example A bridge works while one of its ports does
 * ```ts
 * import { waitFor } from "@netflags/netflags";
 * import { FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * using system = new FakeSystem();
 * system.add("br0", { kind: "bridge" });
 * system.up("br0");
 * system.add("eth0");
 * system.up("eth0");
 * system.join("eth0", "br0"); // without a cable
 * const working = waitFor("br0", "connected", { timeout: 1000 });
 * system.plug("eth0");
 * assertEquals((await working).carrier, true);
 * ```
 */
export class FakeSystem implements Disposable {
  readonly #backend: Fake;
  readonly #inUse: Disposable;

  /**
   * Replaces the real system.
   *
   * `overflowDetection` decides whether the kernel reports a loss. `events` is "poll" on a kernel that sends no messages
   * and, on Linux, "partial" where it sends none about addresses. `silentChanges: "none"` makes watchers see every
   * change at once, which no real kernel does. On Linux, `operState`, `carrierCounters`, `altNames` and `accessPoints`
   * take these away, as older kernels or gVisor lack them; access points are there by default. On a BSD,
   * `announcements: false` makes a kernel that announces no interfaces. Other capabilities are reported and have no
   * effect.
   *
   * @example A kernel that loses messages silently: polling finds what was lost
   * ```ts
   * import { watch } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem({ platform: "linux", overflowDetection: false });
   * await using watcher = watch({ poll: 10 });
   * system.add("tap0");
   * system.overflow();
   * assertEquals((await watcher.next()).value?.status.name, "tap0");
   * ```
   *
   * @param capabilities The capabilities that differ from those of a current kernel of the platform. The default
   * platform is Linux.
   */
  constructor(capabilities: Partial<Capabilities> = {}) {
    checkCapabilities(capabilities);
    const { platform, capabilities: usual } = systemOf(capabilities.platform ?? "linux");
    const reported = Object.freeze({ ...usual, accessPoints: platform === "linux", ...capabilities, platform });
    this.#backend = isBsdPlatform(platform)
      ? new FakeBsdBackend(SYSTEMS[platform], reported)
      : new FakeLinuxBackend(reported);
    this.#inUse = useBackend(this.#backend);
  }

  /**
   * What it can report. `capabilities()` returns this as long as the system is in use.
   *
   * @example
   * ```ts
   * import { capabilities } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem({ platform: "openbsd" });
   * assertEquals(capabilities(), system.capabilities);
   * assertEquals([system.capabilities.operState, system.capabilities.silentChanges], [false, "some"]);
   * ```
   */
  get capabilities(): Capabilities {
    return this.#backend.capabilities;
  }

  /**
   * Called after a watcher took its list of everything, and before it reads the messages that were queued meanwhile. So
   * a test can change something at that moment.
   *
   * @example A change between the list and the first message is not lost
   * ```ts
   * import { watch } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * system.add("eth0");
   * system.onSnapshot = () => {
   *   system.onSnapshot = undefined; // once
   *   system.up("eth0");
   * };
   * await using watcher = watch({ initial: true });
   * assertEquals((await watcher.next()).value?.status.up, true);
   * ```
   */
  get onSnapshot(): (() => void) | undefined {
    return this.#backend.subscribed.onSnapshot;
  }

  set onSnapshot(called: (() => void) | undefined) {
    this.#backend.subscribed.onSnapshot = called;
  }

  /**
   * How many subscriptions were closed so far, each counted once. All watchers of a thread share one subscription; each
   * watcher of access points has its own.
   *
   * @example
   * ```ts
   * import { watch } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * for (let i = 0; i < 2; i++) await watch().return();
   * assertEquals(system.closings, 2);
   * ```
   */
  get closings(): number {
    return this.#backend.subscribed.closings;
  }

  /**
   * How many subscriptions are open: 0 if every watcher was closed and nothing waits any more.
   *
   * @example A program leaves nothing behind
   * ```ts
   * import { waitFor } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * const waiting = waitFor("tap0", "present");
   * assertEquals(system.subscriptions, 1);
   * system.add("tap0");
   * await waiting;
   * assertEquals(system.subscriptions, 0);
   * ```
   */
  get subscriptions(): number {
    return this.#backend.subscribed.size;
  }

  /**
   * Adds an interface. It is not up, and has no link.
   *
   * @example A pair of veths, a VLAN and a radio
   * ```ts
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * system.add("veth0", { kind: "veth", peer: "veth1" });
   * system.up("veth0");
   * assertEquals(system.up("veth1").connected, true); // both ends are up
   * assertEquals(system.add("veth0.7", { kind: "vlan", parent: "veth0" }).parent, "veth0");
   * assertEquals(system.add("wlan0").wireless?.type, "station");
   * ```
   *
   * @param name Its name.
   * @param device What it is; by default a card.
   * @returns Its state.
   * @throws {InvalidInputError} No interface can have the name, an interface has it, or the device lacks something.
   * @throws {UnsupportedError} The platform does not have this.
   */
  add(name: string, device: FakeDevice = {}): InterfaceStatus {
    checkDevice(name, device);
    return this.#backend.add(name, device);
  }

  /**
   * Removes an interface, and on Linux those that stand on it and the other end of a pair.
   *
   * @example
   * ```ts
   * import { watch } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * system.add("eth0");
   * await using watcher = watch();
   * system.remove("eth0", { netnsId: 3, index: 2 }); // as ip link set eth0 netns does
   * const { value } = await watcher.next();
   * if (value?.type === "removed") assertEquals(value.moved, { netnsId: 3, index: 2 });
   * ```
   *
   * @param name Its name.
   * @param move The network namespace that it was moved to, if it was moved. The other end of a pair stays.
   * @throws {NoSuchInterfaceError} There is no such interface.
   * @throws {UnsupportedError} A move on a BSD: it has no network namespaces.
   */
  remove(name: string, move?: InterfaceMove): void {
    checkMove(name, move);
    this.#backend.remove(name, move);
  }

  /**
   * Gives an interface another name.
   *
   * @example
   * ```ts
   * import { watch } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * system.add("eth0");
   * await using watcher = watch();
   * system.rename("eth0", "wan0");
   * const { value } = await watcher.next();
   * assertEquals([value?.previous?.name, value?.status.name], ["eth0", "wan0"]);
   * ```
   *
   * @param name Its present name.
   * @param to Its new name.
   * @returns Its state afterwards.
   * @throws {NoSuchInterfaceError} There is no such interface.
   * @throws {InvalidInputError} No interface can have the new name, or another one has it.
   * @throws {UnsupportedError} NetBSD, OpenBSD and macOS cannot rename interfaces.
   */
  rename(name: string, to: string): InterfaceStatus {
    checkNames("rename an interface", name, to);
    return this.#backend.rename(name, to);
  }

  /**
   * Plugs something in: a cable, or the program that holds a tap. If there is no such interface, a card with a cable
   * arrives.
   *
   * @example
   * ```ts
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * assertEquals(system.plug("eth0").connected, false); // nobody has set it up
   * assertEquals(system.up("eth0").connected, true);
   * ```
   *
   * @param name The interface's name.
   * @returns Its state afterwards.
   * @throws {UnsupportedError} Nothing is plugged into such an interface: a veth, a bridge, a VLAN, lo.
   */
  plug(name: string): InterfaceStatus {
    checkNames("plug an interface", name);
    return this.#backend.plug(name, true);
  }

  /**
   * Pulls the cable out, or ends the program that holds a tap.
   *
   * @example
   * ```ts
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem({ platform: "freebsd" });
   * system.plug("em0");
   * system.up("em0");
   * const { up, connected } = system.unplug("em0");
   * assertEquals([up, connected], [true, false]);
   * ```
   *
   * @param name The interface's name.
   * @returns Its state afterwards.
   * @throws {NoSuchInterfaceError} There is no such interface.
   * @throws {UnsupportedError} Nothing is plugged into such an interface.
   */
  unplug(name: string): InterfaceStatus {
    checkNames("unplug an interface", name);
    return this.#backend.plug(name, false);
  }

  /**
   * Sets an interface up, as `ip link set up` and `ifconfig up` do.
   *
   * @example
   * ```ts
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * system.add("eth0");
   * const { up, operState } = system.up("eth0");
   * assertEquals([up, operState], [true, "down"]); // without a cable
   * ```
   *
   * @param name The interface's name.
   * @returns Its state afterwards.
   * @throws {NoSuchInterfaceError} There is no such interface.
   * @throws {SystemError} The kernel refuses it, such as a VLAN on an interface that is down.
   */
  up(name: string): InterfaceStatus {
    checkNames("set an interface up", name);
    return this.#setFlags(name, IFF_UP, 0);
  }

  /**
   * Sets an interface down. On Linux, its addresses of IPv6 go, and its access point ends.
   *
   * @example
   * ```ts
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * system.plug("eth0");
   * system.up("eth0");
   * system.addAddress("eth0", "10.0.0.1/24");
   * system.addAddress("eth0", "2001:db8::1/64");
   * assertEquals(system.down("eth0").addresses?.map(({ address }) => address), ["10.0.0.1"]);
   * ```
   *
   * @param name The interface's name.
   * @returns Its state afterwards.
   * @throws {NoSuchInterfaceError} There is no such interface.
   */
  down(name: string): InterfaceStatus {
    checkNames("set an interface down", name);
    return this.#setFlags(name, 0, IFF_UP);
  }

  #setFlags(name: string, set: number, clear: number): InterfaceStatus {
    this.#backend.setFlags(name, set, clear);
    return this.#backend.get(name)!;
  }

  /**
   * Makes an interface a port of a bridge (Linux).
   *
   * @example
   * ```ts
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * system.add("br0", { kind: "bridge" });
   * system.add("eth0");
   * assertEquals(system.join("eth0", "br0").master, "br0");
   * ```
   *
   * @param name The interface's name.
   * @param bridge The bridge's name.
   * @returns The state of the port afterwards.
   * @throws {NoSuchInterfaceError} There is no such interface.
   * @throws {UnsupportedError} It cannot be a port, the other one is no bridge, or this is a BSD.
   */
  join(name: string, bridge: string): InterfaceStatus {
    checkNames("join a bridge", name, bridge);
    return this.#backend.join(name, bridge);
  }

  /**
   * Makes a port an interface of its own again (Linux).
   *
   * @example
   * ```ts
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * system.add("br0", { kind: "bridge" });
   * system.add("eth0");
   * system.join("eth0", "br0");
   * assertEquals(system.leave("eth0").master, undefined);
   * ```
   *
   * @param name The port's name.
   * @returns Its state afterwards.
   * @throws {NoSuchInterfaceError} There is no such interface.
   * @throws {UnsupportedError} This is a BSD.
   */
  leave(name: string): InterfaceStatus {
    checkNames("leave a bridge", name);
    return this.#backend.join(name, undefined);
  }

  /**
   * Adds an address, as `ip address add` and `ifconfig` do. A new address of IPv6 can be used at once, unless
   * `tentative` says that the kernel still has to find out that nobody else has it: until
   * {@linkcode FakeSystem.confirmAddress}.
   *
   * @example
   * ```ts
   * import { waitFor } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * system.add("eth0");
   * system.up("eth0");
   * const configured = waitFor("eth0", "ipv6", { timeout: 1000 });
   * system.addAddress("eth0", "10.0.0.1/24", { broadcast: "10.0.0.255" });
   * system.addAddress("eth0", "2001:db8::1/64", { tentative: true });
   * system.confirmAddress("eth0", "2001:db8::1");
   * assertEquals((await configured).addresses?.map(({ address }) => address), ["10.0.0.1", "2001:db8::1"]);
   * ```
   *
   * @param name The interface's name.
   * @param address The address with the length of its prefix in bits: `10.0.0.1/24`.
   * @param options What else there is to say about it.
   * @returns The interface's state afterwards.
   * @throws {NoSuchInterfaceError} There is no such interface.
   * @throws {InvalidInputError} The text is not an address, or the interface has it.
   * @throws {UnsupportedError} `tentative` of IPv4 on a system that does not tell it: of the BSDs, NetBSD alone does.
   */
  addAddress(name: string, address: string, options: FakeAddressOptions = {}): InterfaceStatus {
    checkAddress("add an address", name, options);
    return this.#backend.addAddress(name, address, options);
  }

  /**
   * Ends duplicate address detection: nobody else has a tentative address. NetBSD and OpenBSD tell it; on the other BSDs
   * a watcher finds it within a second.
   *
   * @example
   * ```ts
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * system.add("eth0");
   * const tentative = system.addAddress("eth0", "2001:db8::1/64", { tentative: true });
   * assertEquals(tentative.addresses?.[0]?.flags, ["tentative", "permanent"]);
   * assertEquals(system.confirmAddress("eth0", "2001:db8::1").addresses?.[0]?.flags, ["permanent"]);
   * ```
   *
   * @param name The interface's name.
   * @param address The address, with or without its prefix.
   * @returns The interface's state afterwards.
   * @throws {NoSuchInterfaceError} There is no such interface.
   * @throws {InvalidInputError} It does not have the address, or the address is not tentative.
   * @throws {UnsupportedError} It is an address of IPv4 on a system that does not tell whether it is tentative.
   */
  confirmAddress(name: string, address: string): InterfaceStatus {
    checkNames("confirm an address", name);
    return this.#backend.confirmAddress(name, address);
  }

  /**
   * Removes an address. On Linux, the secondary addresses of its network go with it.
   *
   * @example
   * ```ts
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem({ platform: "openbsd" });
   * system.add("em0");
   * system.addAddress("em0", "10.0.0.1/24");
   * assertEquals(system.removeAddress("em0", "10.0.0.1").addresses, []);
   * ```
   *
   * @param name The interface's name.
   * @param address The address, with or without its prefix.
   * @returns The interface's state afterwards.
   * @throws {NoSuchInterfaceError} There is no such interface.
   * @throws {InvalidInputError} The interface does not have the address.
   */
  removeAddress(name: string, address: string): InterfaceStatus {
    checkNames("remove an address", name);
    return this.#backend.removeAddress(name, address);
  }

  /**
   * Adds a route, as `ip route add` does on Linux and `route add` on a BSD. A default route is one to `0.0.0.0/0` or
   * `::/0`. It goes when its interface is removed, and on Linux when that is set down. On a BSD the interface needs an
   * address of the family, and a second route to a network is refused, as its kernel refuses it: OpenBSD takes one with
   * another metric (its priority), and FreeBSD from 13.0 on one with another router.
   *
   * @example A watcher learns of a move as an event of both interfaces
   * ```ts
   * import { waitFor, watch } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * for (const name of ["eth0", "wlan0"]) {
   *   system.plug(name);
   *   system.up(name);
   * }
   * system.addRoute("wlan0", "0.0.0.0/0", { gateway: "10.0.1.1", metric: 600 });
   * await using watcher = watch({ routes: true, changes: "defaultRoute" });
   * system.addRoute("eth0", "0.0.0.0/0", { gateway: "10.0.0.1", metric: 100 });
   * const told = [(await watcher.next()).value, (await watcher.next()).value];
   * assertEquals(told.map((event) => [event?.status.name, event?.status.defaultRoute]), [["wlan0", []], ["eth0", ["inet"]]]);
   * assertEquals((await waitFor("eth0", "default-route")).name, "eth0");
   * ```
   *
   * @param name The name of the interface that it leads to.
   * @param destination The network with the length of its prefix in bits: `0.0.0.0/0`.
   * @param options What else there is to say about it.
   * @throws {NoSuchInterfaceError} There is no such interface.
   * @throws {InvalidInputError} The text is no network, the interface is down or has no address, or there is such a
   * route.
   * @throws {UnsupportedError} The routes of this system have no metric.
   */
  addRoute(name: string, destination: string, options: FakeRouteOptions = {}): void {
    checkRoute("add a route", name, destination, options);
    this.#backend.addRoute(name, destination, options);
  }

  /**
   * Removes the routes to a network that lead to an interface.
   *
   * @example
   * ```ts
   * import { route } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * system.plug("eth0");
   * system.up("eth0");
   * system.addRoute("eth0", "::/0", { gateway: "fe80::1" });
   * assertEquals(route().map(({ family, gateway }) => [family, gateway]), [["inet6", "fe80::1"]]);
   * system.removeRoute("eth0", "::/0");
   * assertEquals(route(), []);
   * ```
   *
   * @param name The name of the interface that they lead to.
   * @param destination The network.
   * @throws {NoSuchInterfaceError} There is no such interface.
   * @throws {InvalidInputError} There is no such route.
   */
  removeRoute(name: string, destination: string): void {
    checkRoute("remove a route", name, destination);
    this.#backend.removeRoute(name, destination);
  }

  /**
   * Starts an access point, as hostapd does: the interface is set up, and a network that runs there ends. If there is no
   * such interface, a radio with this name arrives.
   *
   * @example
   * ```ts
   * import { watchAccessPoints } from "@netflags/netflags/linux";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * system.add("wlan0");
   * await using watcher = watchAccessPoints();
   * system.startAccessPoint("wlan0", "guests");
   * const { value } = await watcher.next();
   * assertEquals([value?.type, value?.name, value?.ssid], ["started", "wlan0", "guests"]);
   * ```
   *
   * @param name The interface's name.
   * @param ssid The network's name, 1 to 32 bytes.
   * @returns The interface's state afterwards.
   * @throws {InvalidInputError} The network's name is too long, or empty.
   * @throws {UnsupportedError} The interface has no radio, or the system does not report wireless networks (macOS).
   */
  startAccessPoint(name: string, ssid: string): InterfaceStatus {
    checkNames("start an access point", name);
    return this.#backend.startAccessPoint(name, ssid);
  }

  /**
   * Stops an access point, as the program that started it does. The interface stays up.
   *
   * @example
   * ```ts
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * assertEquals(system.startAccessPoint("wlan0", "guests").connected, true);
   * const { up, connected, wireless } = system.stopAccessPoint("wlan0");
   * assertEquals([up, connected, wireless?.ssid], [true, false, undefined]);
   * ```
   *
   * @param name The interface's name.
   * @returns The interface's state afterwards.
   * @throws {NoSuchInterfaceError} There is no such interface.
   * @throws {InvalidInputError} No access point runs there.
   * @throws {UnsupportedError} The system does not report wireless networks (macOS).
   */
  stopAccessPoint(name: string): InterfaceStatus {
    checkNames("stop an access point", name);
    return this.#backend.stopAccessPoint(name);
  }

  /**
   * Adds an interface, or changes the one with this index or this name. Use it for states that no verb leads to. It
   * sets the fields of one interface, and nothing follows for others. It announces the change if the platform's kernel
   * does: a BSD is silent about NOARP, LINK0 and the medium, Linux about some changes of an interface that is down.
   *
   * On Linux, one message shows the new state of the link, and each address has its own. A field that is left out
   * follows from the others as Linux works it out: with `operState: "up"` come the flags RUNNING and LOWER_UP and the
   * carrier, and a carrier that comes or goes is counted. What Linux cannot have at the same time is refused: RUNNING of
   * an interface that is not UP, `carrier: false` with LOWER_UP, an SSID of an interface that is down.
   *
   * On a BSD, the differences are made step by step: first the changes that the kernel does not announce, then the
   * name, hardware address, mtu, flags, link state, addresses and network. Each change that the kernel announces has
   * its own message. So if flags and link state are set together, a consumer that takes events at once gets two. There
   * are no side effects: for example, the interface of a new address stays down, where a kernel would set it up. Fields
   * that the platform does not have (`operState`, `altNames`, `master`, ...) are not kept. An IPv4 address gets the
   * broadcast address that its kernel gives it.
   *
   * @example A card that waits for a supplicant
   * ```ts
   * import { active } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * system.plug("eth0");
   * system.up("eth0");
   * const { running, lowerUp } = system.set({ name: "eth0", linkMode: "dormant", operState: "dormant" });
   * assertEquals([running, lowerUp, active()], [false, true, []]);
   * ```
   *
   * @param fields The fields to set. All others keep their value, or have that of a new interface.
   * @returns The state afterwards, as the system reports it.
   * @throws {InvalidInputError} A kernel cannot hold a value (a name of 16 bytes, a text that is not an address), or
   * another interface has the name; on Linux, also fields that contradict each other, which the message names. Nothing
   * was changed.
   * @throws {UnsupportedError} On NetBSD, OpenBSD and macOS: the index has another name, and these systems cannot
   * rename interfaces.
   */
  set(fields: FakeInterface): InterfaceStatus {
    checkSettable(fields);
    return this.#backend.put(fields, true);
  }

  /**
   * The same as {@linkcode FakeSystem.set}, but without any message: a change that a kernel does not announce, or whose
   * message is lost.
   *
   * @example
   * ```ts
   * import { watch } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * system.add("eth0");
   * await using watcher = watch({ poll: 10 });
   * system.setSilently({ name: "eth0", mtu: 1400 });
   * assertEquals((await watcher.next()).value?.changed, ["mtu"]); // found by comparing
   * ```
   *
   * @param fields The fields to set.
   * @returns The state afterwards.
   * @throws {InvalidInputError} As {@linkcode FakeSystem.set}.
   */
  setSilently(fields: FakeInterface): InterfaceStatus {
    checkSettable(fields);
    return this.#backend.put(fields, false);
  }

  /**
   * Loses every message that was not read yet, like a kernel whose queue overflows. Watchers learn of the loss if the
   * kernel reports it ({@linkcode Capabilities.overflowDetection}).
   *
   * @example
   * ```ts
   * import { watch } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * await using watcher = watch();
   * system.add("eth0");
   * system.overflow();
   * const { value } = await watcher.next();
   * assertEquals([value?.type, value?.resync], ["added", true]); // found by asking for everything again
   * ```
   */
  overflow(): void {
    this.#backend.overflow();
  }

  /**
   * Makes listening fail. Every watcher ends if a permission is missing, if the system cannot report changes, or if the
   * error is not one of netflags. After any other error, listening begins again, and `onTrouble` is called.
   *
   * @example
   * ```ts
   * import { NotPermittedError, watch } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertRejects } from "@std/assert";
   *
   * using system = new FakeSystem();
   * using watcher = watch();
   * const next = watcher.next();
   * system.fail(new NotPermittedError("The permission was withdrawn"));
   * await assertRejects(() => next, NotPermittedError);
   * ```
   *
   * @param error The error that watchers get.
   */
  fail(error: unknown): void {
    this.#backend.subscribed.fail(error);
  }

  /**
   * Restores the system that was in use before. `using` calls it.
   *
   * @example
   * ```ts
   * import { capabilities } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const before = capabilities().platform;
   * {
   *   using _system = new FakeSystem({ platform: "dragonfly" });
   *   assertEquals(capabilities().platform, "dragonfly");
   * }
   * assertEquals(capabilities().platform, before);
   * ```
   */
  [Symbol.dispose](): void {
    this.#inUse[Symbol.dispose]();
  }
}
