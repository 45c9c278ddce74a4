/** The routes of a Linux kernel in memory: one table without rules. */
import * as N from "../../../platforms/linux/wire/numbers.ts";
import type { FakeRouteOptions } from "../fake.ts";
import { addressBytes, agree, type Prefix, readPrefix, refuseRoute } from "../texts.ts";
import { type Device, type DeviceAddress, isUp } from "./device.ts";
import { attribute, type Envelope, errorMessage, wordOf } from "./messages.ts";
import type { Net } from "./net.ts";
import type { FakeSockets } from "./sockets.ts";
import { MessageWriter } from "./writer.ts";

/** The metric of a route whose maker gives none: IP6_RT_PRIO_USER of IPv6. */
const USUAL_METRIC: Readonly<Record<number, number>> = { [N.AF_INET]: 0, [N.AF_INET6]: 1024 };

/** A route (struct fib_alias, struct fib6_info). */
export interface KernelRoute {
  readonly family: number;
  readonly destination: Uint8Array;
  readonly prefixLength: number;
  /** RTN_* */
  readonly type: number;
  /** The index of the interface that it leaves by. */
  readonly out: number;
  readonly gateway: Uint8Array | undefined;
  readonly metric: number;
}

/** The interfaces that routes lead to. */
type Outs = Pick<Net, "all" | "at">;

const out = new MessageWriter();

/** RTM_NEWROUTE or RTM_DELROUTE (fib_dump_info(), rt6_fill_node()); as an answer, with the address that was asked for. */
function routeMessage(
  { family, destination, prefixLength, type: kind, out: index, gateway, metric }: KernelRoute,
  { type, seq = 0 }: Envelope,
  source?: Uint8Array,
): Uint8Array<ArrayBuffer> {
  out.begin(type, 0, seq).header(family, prefixLength, 0, 0, RT_TABLE_MAIN, RTPROT_BOOT, 0, kind, 0, 0, 0, 0);
  out.u32(N.RTA_TABLE, RT_TABLE_MAIN);
  if (prefixLength > 0) out.bytes(N.RTA_DST, destination);
  if (metric > 0) out.u32(N.RTA_PRIORITY, metric);
  if (source !== undefined) out.bytes(N.RTA_PREFSRC, source);
  if (gateway !== undefined) out.bytes(N.RTA_GATEWAY, gateway);
  out.u32(N.RTA_OIF, index);
  return out.end();
}

// include/uapi/linux/rtnetlink.h
const RT_TABLE_MAIN = 254;
const RTPROT_BOOT = 3;
const RTN_LOCAL = 2;

/** The routes that an address brings: to itself, and to its network. */
function* routesOf({ index }: Device, { family, local, prefixLength }: DeviceAddress): Iterable<KernelRoute> {
  const common = { family, destination: local, gateway: undefined, metric: 0 };
  yield { ...common, prefixLength: 8 * local.length, type: RTN_LOCAL, out: index };
  yield { ...common, prefixLength, type: N.RTN_UNICAST, out: index };
}

/** The routes of a kernel, and what it answers about them. */
export class KernelRoutes {
  readonly #sockets: FakeSockets;
  readonly #outs: Outs;
  #made: KernelRoute[] = [];

  constructor(sockets: FakeSockets, outs: Outs) {
    this.#sockets = sockets;
    this.#outs = outs;
  }

  /** Adds one, and announces it. Returns an error number, or 0. */
  add(route: KernelRoute): number {
    const device = this.#outs.at(route.out);
    if (device === undefined || !isUp(device)) return N.ENETDOWN;
    if (this.#made.some((one) => isSameRoute(one, route) && one.metric === route.metric)) return N.EEXIST;
    this.#made.push(route);
    this.#send(route, N.RTM_NEWROUTE);
    return 0;
  }

  /** Removes those of an interface to a network, and announces that. Returns whether there was one. */
  remove(wanted: Pick<KernelRoute, "family" | "destination" | "prefixLength" | "out">): boolean {
    const gone = this.#made.filter((one) => isSameRoute(one, wanted) && one.out === wanted.out);
    this.#made = this.#made.filter((one) => !gone.includes(one));
    for (const route of gone) this.#send(route, N.RTM_DELROUTE);
    return gone.length > 0;
  }

  /** An interface is down: its routes go, those of IPv4 without a message (fib_sync_down_dev(), rt6_disable_ip()). */
  flush(device: Device): void {
    const gone = this.#made.filter((one) => one.out === device.index);
    this.#made = this.#made.filter((one) => one.out !== device.index);
    for (const route of gone) if (route.family === N.AF_INET6) this.#send(route, N.RTM_DELROUTE);
  }

  /** Answers RTM_GETROUTE (inet_rtm_getroute(), inet6_rtm_getroute()). */
  answer(bytes: Uint8Array, seq: number): Uint8Array {
    const family = bytes[N.NLMSG_HDRLEN]!;
    const destination = attribute(bytes, N.NLMSG_HDRLEN + N.RTMSG_LEN, N.RTA_DST);
    const by = attribute(bytes, N.NLMSG_HDRLEN + N.RTMSG_LEN, N.RTA_OIF);
    if (destination === undefined) return errorMessage(seq, N.EINVAL);
    const found = this.#find(family, destination, by && wordOf(by));
    if (found === undefined) return errorMessage(seq, N.ENETUNREACH);
    const source = this.#outs.at(found.out)?.addresses.find((one) => one.family === family)?.local;
    const lo = [...this.#outs.all].find(({ type }) => type === N.ARPHRD_LOOPBACK)?.index;
    const answer = {
      ...found,
      destination,
      prefixLength: 8 * destination.length,
      out: found.type === RTN_LOCAL ? lo ?? found.out : found.out,
    };
    return routeMessage(answer, { type: N.RTM_NEWROUTE, seq }, source);
  }

  /** The longest prefix, and of those of one length the lowest metric. */
  #find(family: number, destination: Uint8Array, by: number | undefined): KernelRoute | undefined {
    let found: KernelRoute | undefined;
    for (const route of this.#all()) {
      if (route.family !== family || (by !== undefined && route.out !== by)) continue;
      if (!agree(route.destination, destination, route.prefixLength)) continue;
      const longer = route.prefixLength - (found?.prefixLength ?? -1);
      if (longer > 0 || (longer === 0 && route.metric < found!.metric)) found = route;
    }
    return found;
  }

  *#all(): Iterable<KernelRoute> {
    for (const device of this.#outs.all) {
      if (!isUp(device)) continue;
      for (const address of device.addresses) yield* routesOf(device, address);
    }
    yield* this.#made;
  }

  #send(route: KernelRoute, type: number): void {
    const group = route.family === N.AF_INET ? N.RTNLGRP_IPV4_ROUTE : N.RTNLGRP_IPV6_ROUTE;
    this.#sockets.multicast(N.NETLINK_ROUTE, group, () => routeMessage(route, { type }));
  }
}

type Network = Pick<KernelRoute, "family" | "destination" | "prefixLength">;

function isSameRoute(one: Network, other: Network): boolean {
  return one.family === other.family && one.prefixLength === other.prefixLength &&
    agree(one.destination, other.destination, one.prefixLength);
}

function networkOf({ family, bytes, prefixLength }: Prefix): Network {
  return {
    family: family === "inet" ? N.AF_INET : N.AF_INET6,
    destination: Uint8Array.from(bytes),
    prefixLength,
  };
}

/** Adds a route, as `ip route add` does. */
export function addRoute(
  routes: KernelRoutes,
  device: Device,
  destination: string,
  { gateway, metric }: FakeRouteOptions,
): void {
  const prefix = readPrefix(destination);
  const network = networkOf(prefix);
  const errno = routes.add({
    ...network,
    type: N.RTN_UNICAST,
    out: device.index,
    gateway: gateway === undefined ? undefined : Uint8Array.from(addressBytes(prefix.family, gateway)),
    metric: metric ?? USUAL_METRIC[network.family]!,
  });
  if (errno === N.ENETDOWN) refuseRoute("add", destination, device.name, "it is down; set it up first");
  if (errno === N.EEXIST) {
    refuseRoute("add", destination, device.name, "there is one with this metric; give another metric");
  }
}

/** Removes a route, as `ip route del` does. */
export function removeRoute(routes: KernelRoutes, device: Device, destination: string): void {
  if (routes.remove({ ...networkOf(readPrefix(destination)), out: device.index })) return;
  refuseRoute("remove", destination, device.name, "there is none");
}
