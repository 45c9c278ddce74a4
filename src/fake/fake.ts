import type { Backend } from "../../platforms/contract/backend.ts";
import type { InterfaceMedia, InterfaceMove, InterfaceStatus } from "../../platforms/contract/status.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** The fields to set on an interface of a fake system. The text of a medium's word follows from the word. */
export type FakeFields = Partial<Omit<InterfaceStatus, "media">> & Pick<InterfaceStatus, "name"> & {
  readonly media?: Omit<InterfaceMedia, "text"> | undefined;
};

/**
 * What a new interface is. Without anything it is a card; with a name that begins with `wl`, a radio's interface.
 *
 * @example
 * ```ts
 * import { type FakeDevice, FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const vlan: FakeDevice = { kind: "vlan", parent: "eth0" };
 * using system = new FakeSystem();
 * system.add("eth0");
 * assertEquals(system.add("eth0.7", vlan).kind, "vlan");
 * ```
 */
export interface FakeDevice {
  /**
   * Its kind, as `ip link add type` takes it (Linux). What "bridge", "dummy", "macvlan", "tun", "veth" and "vlan" do with
   * their carrier is simulated; the driver of any other kind never reports one.
   */
  readonly kind?: string | undefined;
  /** Its hardware type, if it is not "ether": a tun has "none". */
  readonly type?: string | undefined;
  /** The name of a veth's other end, which is made with it (Linux). */
  readonly peer?: string | undefined;
  /** The name of the interface that a VLAN or a macvlan stands on (Linux). */
  readonly parent?: string | undefined;
  /** Its index; by default the next one, or on a BSD the lowest that is free. */
  readonly index?: number | undefined;
  /** Whether it is a radio's, whatever its name. */
  readonly wireless?: boolean | undefined;
}

/**
 * What there is to say about a new address besides the address.
 *
 * @example
 * ```ts
 * import { type FakeAddressOptions, FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const options: FakeAddressOptions = { broadcast: "10.0.0.255" };
 * using system = new FakeSystem();
 * system.add("eth0");
 * assertEquals(system.addAddress("eth0", "10.0.0.1/24", options).addresses?.[0]?.broadcast, "10.0.0.255");
 * ```
 */
export interface FakeAddressOptions {
  /** The broadcast address, IPv4 only. A BSD's kernel sets it by itself. */
  readonly broadcast?: string | undefined;
  /** The other end's address on a point-to-point link. */
  readonly peer?: string | undefined;
  /** Whether the kernel still has to find out that nobody else has it: IPv6, and IPv4 on NetBSD. */
  readonly tentative?: boolean | undefined;
}

/**
 * What there is to say about a new route besides its network and its interface.
 *
 * @example
 * ```ts
 * import { get } from "@netflags/netflags";
 * import { type FakeRouteOptions, FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const options: FakeRouteOptions = { gateway: "10.0.0.1", metric: 100 };
 * using system = new FakeSystem();
 * system.plug("eth0");
 * system.up("eth0");
 * system.addRoute("eth0", "0.0.0.0/0", options);
 * assertEquals(get("eth0", { routes: true })?.defaultRoute, ["inet"]);
 * ```
 */
export interface FakeRouteOptions {
  /** The router's address. */
  readonly gateway?: string | undefined;
  /**
   * Of two routes to a network, the one with the lower metric is used. On Linux 0 for IPv4 and 1024 for IPv6 by default;
   * on OpenBSD it is the priority, by default 8. The other systems have none.
   */
  readonly metric?: number | undefined;
}

/** A kernel in memory below the backend of its platform, with methods to change it. */
export interface Fake extends Backend {
  readonly subscribed: Subscriptions;
  /**
   * Adds an interface, or changes the one with this index or this name. With `announced`, it sends the messages that
   * the system sends.
   */
  put(fields: FakeFields, announced: boolean): InterfaceStatus;
  add(name: string, device: FakeDevice): InterfaceStatus;
  remove(name: string, move: InterfaceMove | undefined): void;
  /** Gives an interface another name. */
  rename(name: string, to: string): InterfaceStatus;
  /** Gives or takes what an interface gets its carrier from. */
  plug(name: string, plugged: boolean): InterfaceStatus;
  /** Makes an interface a port of another one, or of none. */
  join(name: string, master: string | undefined): InterfaceStatus;
  addAddress(name: string, address: string, options: FakeAddressOptions): InterfaceStatus;
  /** Ends the test whether somebody else has a tentative address: nobody has. */
  confirmAddress(name: string, address: string): InterfaceStatus;
  removeAddress(name: string, address: string): InterfaceStatus;
  /** Adds a route to a network, by an interface. */
  addRoute(name: string, destination: string, options: FakeRouteOptions): void;
  removeRoute(name: string, destination: string): void;
  startAccessPoint(name: string, ssid: string): InterfaceStatus;
  stopAccessPoint(name: string): InterfaceStatus;
  /** Every subscription loses what it has not read. */
  overflow(): void;
}
