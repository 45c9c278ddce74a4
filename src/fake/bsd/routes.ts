/** The routes of a BSD's kernel in memory: one table. */
import * as C from "../../../platforms/bsd/systems/common.ts";
import type { SystemNumbers } from "../../../platforms/bsd/systems/layout.ts";
import type { FakeRouteOptions } from "../fake.ts";
import { addressBytes, agree, readPrefix, refuseRoute } from "../texts.ts";
import type { Builder, Built, BuiltRoute } from "./builder.ts";
import { unsupported } from "./texts.ts";

/** A route (struct rtentry). */
export interface KernelRoute {
  /** The network: 4 bytes of IPv4, or 16 of IPv6. */
  readonly ip: readonly number[];
  readonly prefixLength: number;
  /** RTF_*, without RTF_UP */
  readonly flags: number;
  /** The index of the interface that it leaves by. */
  readonly out: number;
  readonly gateway: readonly number[] | undefined;
  /** The address of the interface that it was made with (rt_ifa). */
  readonly ifa: readonly number[] | undefined;
  /** The lower it is, the rather it is used: OpenBSD alone has it (RTP_* of sys/net/route.h). */
  readonly priority: number;
}

/** What the routes need of their kernel. */
export interface Outs {
  readonly all: Iterable<Built>;
  at(index: number): Built | undefined;
  send(message: Uint8Array): void;
}

/** RTP_STATIC, and the bit that puts a route behind all others while its link is down: OpenBSD's sys/net/route.h */
const RTP_STATIC = 8;
const RTP_DOWN = 0x80;
/** The process that makes routes, as route(8) does, and its first number. */
const MAKER = { pid: 77, seq: 1 };
/** The process that asks a kernel in memory. */
export const ASKER = 4321;

/** The routes of a kernel, and what it answers about them. */
export class KernelRoutes {
  readonly #numbers: SystemNumbers;
  readonly #build: Builder;
  readonly #outs: Outs;
  readonly #release: number;
  #made: KernelRoute[] = [];

  constructor(numbers: SystemNumbers, build: Builder, release: number, outs: Outs) {
    this.#numbers = numbers;
    this.#build = build;
    this.#release = release;
    this.#outs = outs;
  }

  /** RTM_ADD, as route(8) sends it. Returns an error number, or 0: every listener hears of either. */
  add(route: KernelRoute): number {
    const errno = this.#refusal(route);
    if (errno === 0) this.#made.push(route);
    this.#tell("RTM_ADD", route, errno);
    return errno;
  }

  #refusal(route: KernelRoute): number {
    // rt_getifa() of each system: no address of this interface that the route could be made with
    if (route.ifa === undefined) return C.ENETUNREACH;
    return this.#made.some((one) => isSameNetwork(one, route) && this.#collides(one, route)) ? C.EEXIST : 0;
  }

  /**
   * FreeBSD has several ways to a network since 13.0 (ROUTE_MPATH), and OpenBSD several priorities. No other kernel
   * takes a second route.
   */
  #collides(one: KernelRoute, other: KernelRoute): boolean {
    if (this.#numbers.platform === "openbsd") return one.priority === other.priority;
    const several = this.#numbers.platform === "freebsd" && this.#release >= 1300000;
    return !several || (one.out === other.out && one.gateway?.join() === other.gateway?.join());
  }

  /** RTM_DELETE: those of an interface to a network. Returns whether there was one. */
  remove(wanted: Pick<KernelRoute, "ip" | "prefixLength" | "out">): boolean {
    return this.#drop((one) => isSameNetwork(one, wanted) && one.out === wanted.out, true);
  }

  /** RTM_CHANGE: the first route to a network takes another way. */
  change(network: Pick<KernelRoute, "ip" | "prefixLength">, way: Partial<KernelRoute>): void {
    const at = this.#made.findIndex((one) => isSameNetwork(one, network));
    const changed = this.#made[at] = { ...this.#made[at]!, ...way };
    this.#tell("RTM_CHANGE", changed, 0);
  }

  /**
   * An interface is destroyed, and its routes go: with a message on OpenBSD alone (rtdeletemsg() of its sys/net/route.c).
   * rt_delete_matched_entries() of NetBSD and rib_walk_del() of FreeBSD send none, nor do the others.
   */
  forget(out: number): void {
    this.#drop((one) => one.out === out, this.#numbers.platform === "openbsd");
  }

  /**
   * An address goes, and the routes that were made with it: static ones too (in_ifadown() of FreeBSD, DragonFly and
   * macOS, without a message; rt_ifa_purge() of OpenBSD). NetBSD keeps them.
   */
  forgetAddress(out: number, ip: readonly number[]): void {
    if (this.#numbers.platform === "netbsd") return;
    this.#drop((one) => one.out === out && one.ifa?.join() === ip.join(), this.#numbers.platform === "openbsd");
  }

  #drop(gone: (route: KernelRoute) => boolean, announced: boolean): boolean {
    const dropped = this.#made.filter(gone);
    this.#made = this.#made.filter((one) => !gone(one));
    if (announced) { for (const route of dropped) this.#tell("RTM_DELETE", route, 0); }
    return dropped.length > 0;
  }

  #tell(name: "RTM_ADD" | "RTM_DELETE" | "RTM_CHANGE", route: KernelRoute, errno: number): void {
    // What a program sent comes back as it was; FreeBSD and OpenBSD fill in the interface.
    const filled = this.#numbers.platform === "freebsd" || this.#numbers.platform === "openbsd";
    const flags = route.flags | (name === "RTM_DELETE" ? 0 : C.RTF_UP) | (errno === 0 ? C.RTF_DONE : 0);
    const index = filled && errno === 0 ? route.out : 0;
    this.#outs.send(this.#build.route(name, { ...route, ...MAKER, flags, index, errno }));
  }

  /** Answers an RTM_GET: an error number or 0, and the message that every socket gets. */
  answer(request: Uint8Array): readonly [errno: number, reply: Uint8Array] {
    const { ip, seq, table, version } = this.#build.question(request);
    const [errno, found] = version ? this.#find(ip) : [C.EPROTONOSUPPORT, undefined];
    const asked: BuiltRoute = {
      ip,
      prefixLength: 8 * ip.length,
      flags: C.RTF_UP,
      index: 0,
      pid: ASKER,
      seq,
      errno,
      table,
    };
    if (found === undefined) return [errno, this.#build.route("RTM_GET", asked)];
    const link = this.#outs.at(found.out)!;
    const flags = found.flags | C.RTF_DONE | (this.#isDown(found) ? 0 : C.RTF_UP);
    const answer = { ...asked, ...found, flags, index: found.out, ifa: found.ifa ?? ip, link };
    return [0, this.#build.route("RTM_GET", answer)];
  }

  /**
   * The longest prefix; of those of one length the lowest priority, and then the first. FreeBSD, which makes several ways
   * one, was seen to answer with the last.
   */
  #find(ip: readonly number[]): readonly [errno: number, route: KernelRoute | undefined] {
    let found: KernelRoute | undefined;
    for (const route of this.#all()) {
      if (route.ip.length !== ip.length || !agree(route.ip, ip, route.prefixLength)) continue;
      const longer = route.prefixLength - (found?.prefixLength ?? -1);
      if (longer > 0 || (longer === 0 && this.#precedes(route, found!))) found = route;
    }
    return [found === undefined ? C.ESRCH : 0, found];
  }

  #precedes(route: KernelRoute, other: KernelRoute): boolean {
    return this.#numbers.platform === "freebsd" || this.#priority(route) < this.#priority(other);
  }

  #priority(route: KernelRoute): number {
    return route.priority | (this.#isDown(route) ? RTP_DOWN : 0);
  }

  /**
   * Whether OpenBSD has taken a route down, because its interface or its link is (rt_if_linkstate_change()). It says so
   * in no message. The others go on using it: static routes stay when their interface is set down (in_ifadownkill()).
   */
  #isDown({ out }: KernelRoute): boolean {
    if (this.#numbers.platform !== "openbsd") return false;
    const link = this.#outs.at(out);
    const state = this.#numbers.layouts[0]!.linkStates[link?.linkState ?? 0];
    return link === undefined || (link.flags & C.IFF_UP) === 0 || state === "down";
  }

  *#all(): Iterable<KernelRoute> {
    for (const link of this.#outs.all) {
      if ((link.flags & C.IFF_UP) !== 0) { for (const address of link.ips ?? []) yield* this.#routesOf(link, address); }
    }
    yield* this.#made;
  }

  /** The routes that an address brings: to itself, by the loopback interface, and to its network. */
  *#routesOf(link: Built, { ip, prefixLength }: Pick<KernelRoute, "ip" | "prefixLength">): Iterable<KernelRoute> {
    const lo = [...this.#outs.all].find(({ flags }) => (flags & C.IFF_LOOPBACK) !== 0);
    // FreeBSD's ifa_maintain_loopback_route() sets no RTF_LOCAL.
    const local = this.#numbers.platform === "freebsd" ? C.RTF_STATIC : this.#numbers.layouts[0]!.routeFlags.RTF_LOCAL;
    const common = { ip, gateway: undefined, ifa: ip, priority: 1 };
    yield { ...common, prefixLength: 8 * ip.length, flags: C.RTF_HOST | local, out: lo?.index ?? link.index };
    yield { ...common, prefixLength, flags: 0, out: link.index };
  }
}

type Network = Pick<KernelRoute, "ip" | "prefixLength">;

function isSameNetwork(one: Network, other: Network): boolean {
  return one.ip.length === other.ip.length && one.prefixLength === other.prefixLength &&
    agree(one.ip, other.ip, one.prefixLength);
}

/** A route by an interface, as route(8) makes it. */
export function madeRoute(
  numbers: SystemNumbers,
  link: Built,
  destination: string,
  { gateway, metric }: FakeRouteOptions = {},
): KernelRoute {
  const { family, bytes: ip, prefixLength } = readPrefix(destination);
  if (metric !== undefined && numbers.platform !== "openbsd") {
    unsupported(numbers, "add a route with a metric by", link.name, "its routes have none; leave it out");
  }
  const router = gateway === undefined ? undefined : addressBytes(family, gateway);
  return {
    ip,
    prefixLength,
    flags: C.RTF_STATIC | (router === undefined ? 0 : C.RTF_GATEWAY) |
      (prefixLength === 8 * ip.length ? C.RTF_HOST : 0),
    out: link.index,
    gateway: router,
    ifa: link.ips?.find((one) => one.ip.length === ip.length)?.ip,
    priority: metric ?? RTP_STATIC,
  };
}

/** Adds a route, as `route add` does. */
export function addRoute(
  routes: KernelRoutes,
  numbers: SystemNumbers,
  link: Built,
  destination: string,
  options: FakeRouteOptions,
): void {
  const errno = routes.add(madeRoute(numbers, link, destination, options));
  const refuse = (why: string): never => refuseRoute("add", destination, link.name, why);
  if (errno === C.ENETUNREACH) refuse("the interface has no address of this family; add one first");
  if (errno !== C.EEXIST) return;
  refuse(
    numbers.platform === "openbsd" ? "there is one with this metric; give another metric" : "there is one; remove it",
  );
}

/** Removes a route, as `route delete` does. */
export function removeRoute(routes: KernelRoutes, { index, name }: Built, destination: string): void {
  const { bytes: ip, prefixLength } = readPrefix(destination);
  if (!routes.remove({ ip, prefixLength, out: index })) refuseRoute("remove", destination, name, "there is none");
}
