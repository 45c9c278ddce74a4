import { readIp } from "../platforms/common/address_text.ts";
import { checkName, checkOptions, NETNS_KINDS, type OptionKinds, YES_NO } from "../platforms/common/options.ts";
import type { Backend } from "../platforms/contract/backend.ts";
import type { Capabilities } from "../platforms/contract/capabilities.ts";
import type { InterfaceDetails } from "../platforms/contract/details.ts";
import type { NetnsOptions } from "../platforms/contract/netns.ts";
import { InvalidInputError, UnsupportedError } from "../platforms/contract/errors.ts";
import type { IpAddress, Route } from "../platforms/contract/route.ts";
import { freezeAll, type InterfaceStatus } from "../platforms/contract/status.ts";
import { askIn, currentBackend } from "../platforms/current.ts";
import { explainDetails } from "./why/reason.ts";
import { extrasOf, LIST_KINDS, type ListOptions, Selection } from "./select/selection.ts";

/**
 * The state of every interface, up or down, with or without an address, sorted by index. Reading it needs no root and
 * no other privilege. Deno needs `--allow-ffi`.
 *
 * On Linux it makes one RTM_GETLINK dump and one RTM_GETADDR dump (rtnetlink(7)), without statistics.
 *
 * @example
 * ```ts
 * import { list } from "@netflags/netflags";
 *
 * for (const { name, connected, flagNames } of list()) {
 *   console.log(name, connected, flagNames.join(","));
 * }
 * ```
 *
 * @param options Which interfaces, and whether to read their addresses.
 * @returns Their states, sorted by index.
 * @throws {InvalidInputError} There is no such network namespace.
 * @throws {NotPermittedError} The process runs without `--allow-ffi`, or may not enter the network namespace.
 * @throws {UnsupportedError} netflags does not support this system.
 * @throws {SystemError} The system has no file descriptor left, or another system call failed.
 */
export function list(options: ListOptions = {}): InterfaceStatus[] {
  return readList("list interfaces", options);
}

/** What the calls that list have in common. */
function readList(call: string, options: ListOptions): InterfaceStatus[] {
  checkOptions(call, options, LIST_KINDS);
  const backend = currentBackend();
  const statuses = askIn(options.netns, (one) => one.list(extrasOf(options)));
  const selection = new Selection(options, backend.capabilities.platform);
  const selected = selection.all ? statuses : statuses.filter((status) => selection.has(status));
  return selected.sort((a, b) => a.index - b.index);
}

/** Options of {@linkcode get}. */
export interface GetOptions extends NetnsOptions {
  /**
   * Whether the status says for which families the default traffic leaves by the interface
   * ({@linkcode InterfaceStatus.defaultRoute}).
   *
   * @default {false}
   */
  readonly routes?: boolean | undefined;
}

const GET_KINDS: OptionKinds<GetOptions> = { ...NETNS_KINDS, routes: YES_NO };

/**
 * The state of one interface, with its addresses. It asks the kernel for this interface only.
 *
 * @example
 * ```ts
 * import { capabilities, get } from "@netflags/netflags";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(get("no-such-card"), undefined);
 * if (capabilities().platform === "linux") assertEquals(get(1)?.name, "lo");
 * const card = get("eth0");
 * console.log(card === undefined ? "no such interface" : card.connected);
 * ```
 *
 * @param nameOrIndex The interface's name, an alternative name, or its index.
 * @param options Where the interface is, and whether to ask for the default routes.
 * @returns The state, or undefined if there is no such interface.
 * @throws {InvalidInputError} No interface can have such a name or index, or there is no such network namespace.
 * @throws {NotPermittedError} The process runs without `--allow-ffi`.
 * @throws {UnsupportedError} netflags does not support this system.
 * @throws {SystemError} The system has no file descriptor left, or another system call failed.
 */
export function get(nameOrIndex: string | number, options: GetOptions = {}): InterfaceStatus | undefined {
  return askOne(options, nameOrIndex, GET_KINDS, (backend) => backend.get(nameOrIndex, options.routes ?? false));
}

/**
 * The state of one interface with everything else that can be asked, and why it is not connected. It asks the driver
 * about speed, cable and link (ethtool's netlink family, on Linux), the interface's master about its port, and how long
 * the addresses live. If the interface is not connected, it asks the same about the interfaces below it: a VLAN's lower
 * device, the ports of a bond. So it takes several requests, where {@linkcode get} takes one.
 *
 * @example
 * ```ts
 * import { inspect } from "@netflags/netflags";
 * import { FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * using system = new FakeSystem(); // leave this out to ask the real system
 * system.add("eth0");
 * system.up("eth0"); // without a cable
 * const card = inspect("eth0");
 * assertEquals(card?.causes.map(({ interfaceName, code }) => `${interfaceName} ${code}`), ["eth0 no-carrier"]);
 * console.log(card?.causes.at(-1)?.text); // the last one is the root cause
 * ```
 *
 * @param nameOrIndex The interface's name, an alternative name, or its index.
 * @param options Where the interface is.
 * @returns What is known, or undefined if there is no such interface.
 * @throws {InvalidInputError} No interface can have such a name or index, or there is no such network namespace.
 * @throws {NotPermittedError} The process runs without `--allow-ffi`.
 * @throws {UnsupportedError} netflags does not support this system.
 * @throws {SystemError} The system has no file descriptor left, or another system call failed.
 */
export function inspect(nameOrIndex: string | number, options: NetnsOptions = {}): InterfaceDetails | undefined {
  const details = askOne(options, nameOrIndex, NETNS_KINDS, (backend) => explainDetails(backend, nameOrIndex));
  freezeAll(details);
  return details;
}

/** What the calls that ask about one interface have in common. */
function askOne<Options extends NetnsOptions, T>(
  options: Options,
  nameOrIndex: string | number,
  kinds: OptionKinds<Options>,
  ask: (backend: Backend) => T,
): T {
  if (typeof nameOrIndex !== "number") checkName("read an interface", nameOrIndex);
  return askIn(checkOptions("read an interface", options, kinds).netns, ask);
}

/**
 * The interfaces that are connected. This is not the same as `IFF_UP`: the rule is that of
 * {@linkcode InterfaceStatus.connected}. An interface whose state the kernel does not report is left out. The loopback
 * interface is connected as long as it is up.
 *
 * @example
 * ```ts
 * import { active } from "@netflags/netflags";
 *
 * console.log(active().map((status) => status.name));
 * ```
 *
 * @example In the place of `os.networkInterfaces()`, which lists what has an address, whether it works or not
 * ```ts
 * import { active } from "@netflags/netflags";
 *
 * for (const { name, index, hardwareAddress, addresses = [] } of active()) {
 *   for (const { family, address, prefixLength, scope } of addresses) {
 *     const mask = prefixLength === 0 ? 0 : -1 << 32 - prefixLength;
 *     const netmask = family === "inet" ? [24, 16, 8, 0].map((shift) => mask >>> shift & 255).join(".") : undefined;
 *     const scopeid = family === "inet6" && scope === "link" ? index : 0; // of fe80::1%eth0
 *     console.log({ name, mac: hardwareAddress, family, address, netmask, scopeid, cidr: `${address}/${prefixLength}` });
 *   }
 * }
 * ```
 *
 * @param options Which interfaces, and whether to read their addresses.
 * @returns Their states, sorted by index.
 * @throws {InvalidInputError} There is no such network namespace.
 * @throws {NotPermittedError} The process runs without `--allow-ffi`, or may not enter the network namespace.
 * @throws {UnsupportedError} netflags does not support this system.
 * @throws {SystemError} The system has no file descriptor left, or another system call failed.
 */
export function active(options: ListOptions = {}): InterfaceStatus[] {
  return readList("list active interfaces", options).filter((status) => status.connected === true);
}

/**
 * The interface, router, source address and table that a packet to an address would take, or the default traffic of each
 * family. It is the kernel's own decision, by its policy rules and tables: no table is read, and no packet is sent.
 *
 * The kernel goes on naming an interface that has lost its carrier: {@linkcode Route.connected} says that it is dead.
 * Programs with a mark, or bound to an interface or a VRF, may be sent another way.
 *
 * On Linux it asks with RTM_GETROUTE (rtnetlink(7)), on a BSD with RTM_GET (route(4)), in this process's routing table.
 * The default is the way to an address that nobody has a route of their own to, that of a root name server; so it is
 * right also where a VPN has taken the default with two halves.
 *
 * @example
 * ```ts
 * import { route } from "@netflags/netflags";
 *
 * for (const { family, name, gateway, connected } of route()) console.log(family, name, gateway, connected);
 * const [local] = route("127.0.0.1"); // an address, and never a name
 * console.log(local?.type, local?.name);
 * ```
 *
 * @param destination An IPv4 or IPv6 address. A link-local one may have a zone: `fe80::1%eth0`. By default, the default
 * traffic of both families. A BSD cannot be asked for the way by the interface that another address's zone names: its
 * way is told if it leaves there, and otherwise none.
 * @param options Where to ask.
 * @returns The way, of a destination one at most; empty where a packet would go nowhere: there is no route, or it is one
 * of type unreachable, prohibit or blackhole; on a BSD, one with the flag REJECT or BLACKHOLE.
 * @throws {InvalidInputError} The destination is no address, or there is no such network namespace.
 * @throws {NoSuchInterfaceError} There is no interface for its zone.
 * @throws {NotPermittedError} The process runs without `--allow-ffi`.
 * @throws {UnsupportedError} netflags does not know the routes of this system, or its kernel answers no such question.
 * @throws {SystemError} The system has no file descriptor left, or another system call failed.
 */
export function route(destination?: string, options: NetnsOptions = {}): Route[] {
  const address = destination === undefined ? undefined : readDestination(destination);
  const { netns } = checkOptions("read routes", options, NETNS_KINDS);
  return askIn(netns, (backend) => {
    if (backend.route !== undefined) return backend.route(address);
    const { platform } = backend.capabilities;
    if (platform === undefined) backend.list({ addresses: false }); // it says which systems there are
    throw new UnsupportedError(`Cannot read routes: netflags does not know those of ${platform}`, {
      operation: "read routes",
    });
  });
}

function readDestination(destination: unknown): IpAddress {
  const address = typeof destination === "string" ? readIp(destination) : undefined;
  if (address !== undefined) return address;
  throw new InvalidInputError(
    `Cannot read the route to ${JSON.stringify(destination)}: give an IPv4 or IPv6 address, for no name is looked up`,
  );
}

/**
 * What this system can report and what it cannot, so that a program need not guess it from undefined fields. It is plain
 * data: the call opens nothing, asks nothing and throws nothing.
 *
 * Some of it only the kernel knows (`events`, `accessPoints`, `overflowDetection`, `altNames`). It is that of a current
 * kernel until a list, a watcher or another call has shown what this one can. So call it behind `watch`, if you need to
 * know whether this kernel reports changes. The result is the same in every network namespace. What is learned later is
 * in the result of a later call.
 *
 * @example
 * ```ts
 * import { capabilities, watch } from "@netflags/netflags";
 *
 * using watcher = watch();
 * if (capabilities().events !== "kernel") console.log("changes are found by comparing every second");
 * ```
 *
 * @returns What the system can report.
 */
export function capabilities(): Capabilities {
  return currentBackend().capabilities;
}
