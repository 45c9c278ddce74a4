import { readIp } from "../platforms/common/address_bytes.ts";
import { checkOptions, NETNS_KINDS } from "../platforms/common/options.ts";
import { InvalidInputError, UnsupportedError } from "../platforms/contract/errors.ts";
import type { NetnsOptions } from "../platforms/contract/netns.ts";
import type { IpAddress, Route } from "../platforms/contract/route.ts";
import { askIn } from "../platforms/current.ts";

/**
 * The interface, router, source address and table that a packet to an address would take, or the default traffic of each
 * family. It is the kernel's own decision, by its policy rules and tables: no table is read, and no packet is sent.
 *
 * The kernel goes on naming an interface that has lost its carrier: {@linkcode Route.connected} says that it is dead.
 * Programs with a mark, or bound to an interface or a VRF, may be sent another way.
 *
 * On Linux it asks with RTM_GETROUTE (rtnetlink(7)). The default is the way to an address that nobody has a route of
 * their own to, that of a root name server; so it is right also where a VPN has taken the default with two halves.
 *
 * @example
 * ```ts
 * import { capabilities, route } from "@netflags/netflags";
 *
 * if (capabilities().platform === "linux") {
 *   for (const { family, name, gateway, connected } of route()) console.log(family, name, gateway, connected);
 *   const [local] = route("127.0.0.1"); // an address, and never a name
 *   console.log(local?.type, local?.name);
 * }
 * ```
 *
 * @param destination An IPv4 or IPv6 address. A link-local one may have a zone: `fe80::1%eth0`. By default, the default
 * traffic of both families.
 * @param options Where to ask.
 * @returns The way, of a destination one at most; empty where a packet would go nowhere: there is no route, or it is one
 * of type unreachable, prohibit or blackhole.
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
