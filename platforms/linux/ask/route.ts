import { ANYWHERE } from "../../common/address_text.ts";
import { noSuchInterface, UnsupportedError } from "../../contract/errors.ts";
import type { DefaultRoutes, IpAddress, Route } from "../../contract/route.ts";
import type { LinkFacts } from "../../contract/status.ts";
import type { NetlinkCalls } from "../libc/calls.ts";
import type { NetlinkSocket } from "../libc/socket.ts";
import { buildRequest, type RequestAttribute, u32Payload } from "../wire/netlink.ts";
import { type RouteFacts, RouteReader } from "../wire/route.ts";
import * as N from "../wire/numbers.ts";

/**
 * The errors that mean that a packet would go nowhere: there is no route (ENETUNREACH; ESRCH where a rule says so), or
 * one of type unreachable (EHOSTUNREACH), prohibit (EACCES), blackhole (EINVAL) or throw (EAGAIN).
 */
const NOWHERE: readonly number[] = [N.ENETUNREACH, N.EHOSTUNREACH, N.EACCES, N.EINVAL, N.EAGAIN, N.ESRCH];
/** The errors of a kernel that has no IPv6, or that answers no such question (gVisor), or of a filter in front of it. */
const UNANSWERED: readonly number[] = [N.EOPNOTSUPP, N.EAFNOSUPPORT, N.EPERM];

/** No kernel gives this index. */
const NO_INDEX = 0x7fffffff;

/** What a packet would meet: a route; nothing that leads anywhere; or the kernel does not say. */
export type RouteAnswer = RouteFacts | "nowhere" | "unanswered";

/** Asks for an interface by its name or its index; undefined if there is none. */
export type AskLink = (nameOrIndex: string | number) => LinkFacts | undefined;

/** Asks which way a packet would take, on a socket that others use too. */
export class RouteRequests {
  readonly #libc: NetlinkCalls;
  readonly #socket: NetlinkSocket;
  readonly #reader: RouteReader;

  constructor(libc: NetlinkCalls, socket: NetlinkSocket) {
    this.#libc = libc;
    this.#socket = socket;
    this.#reader = new RouteReader(socket.messages.packet);
  }

  /**
   * By which interfaces the default traffic leaves; undefined if this kernel does not say. It is the kernel's own
   * decision, by its rules and tables: those of this process without a mark.
   */
  defaults(): DefaultRoutes | undefined {
    const inet = this.find(ANYWHERE.inet, undefined);
    if (inet === "unanswered") return undefined;
    return { inet: leavesBy(inet), inet6: leavesBy(this.find(ANYWHERE.inet6, undefined)) };
  }

  /**
   * What the kernel says of a packet to an address, or of the default traffic of each family.
   *
   * @param link Asks for an interface.
   * @throws {UnsupportedError} It does not say.
   */
  read(destination: IpAddress | undefined, link: AskLink): Route[] {
    const found = destination === undefined ? this.#defaults() : this.#one(destination, link);
    return found.flatMap((facts) => routeOf(facts, destination, link) ?? []);
  }

  #defaults(): RouteFacts[] {
    const inet = said(this.find(ANYWHERE.inet, undefined));
    const inet6 = this.find(ANYWHERE.inet6, undefined);
    return [inet, inet6].filter((answer) => typeof answer !== "string").filter(({ type }) => type === "unicast");
  }

  #one({ bytes, zone }: IpAddress, link: AskLink): RouteFacts[] {
    const answer = said(this.find(bytes, zone === undefined ? undefined : indexOf(zone, link)));
    return answer === "nowhere" ? [] : [answer];
  }

  /** The way of a packet to the address with these bytes, by the interface `out` if one is said. */
  find(destination: Uint8Array, out: number | undefined): RouteAnswer {
    let found: RouteFacts | undefined;
    const { errno, text } = this.#socket.request((seq) => routeRequest(seq, destination, out), () => {
      const { type, start, end } = this.#socket.messages;
      if (type === N.RTM_NEWROUTE) found = this.#reader.read(start, end);
    });
    if (found !== undefined) return found;
    if (errno === 0 || NOWHERE.includes(errno)) return "nowhere";
    if (UNANSWERED.includes(errno)) return "unanswered";
    throw this.#libc.failureOf(errno, { operation: "read routes", text });
  }

  /**
   * Waits until the kernel has finished its present work on links and routes. It announces that a link is down, and that
   * an IPv4 route goes, before the route is gone: both while it holds the lock that a question about a link needs.
   */
  synchronize(): void {
    const header = new Uint8Array(new Uint32Array([N.AF_UNSPEC, NO_INDEX, 0, 0]).buffer);
    this.#socket.request((seq) => buildRequest(N.RTM_GETLINK, N.NLM_F_REQUEST, seq, header, []), () => {});
  }
}

/** Refuses an answer that is none. */
function said(answer: RouteAnswer): RouteFacts | "nowhere" {
  if (answer !== "unanswered") return answer;
  throw new UnsupportedError(
    "Cannot read routes: this kernel, or a filter in front of it, does not say which way a packet takes",
    { operation: "read routes" },
  );
}

/** The index of a zone, which is an interface's name or its index. */
function indexOf(zone: string, link: AskLink): number {
  const found = link(zone) ?? (/^[1-9]\d{0,9}$/.test(zone) ? link(Number(zone)) : undefined);
  if (found === undefined) throw noSuchInterface(zone, "read routes");
  return found.index;
}

/** undefined if it leads nowhere, which older kernels answer so of IPv6, or if its interface has gone meanwhile. */
function routeOf(facts: RouteFacts, destination: IpAddress | undefined, link: AskLink): Route | undefined {
  const { family, type, source, table, hops: [hop] } = facts;
  if (hop === undefined || typeof family === "number" || NO_WAYS.includes(type)) return undefined;
  const out = link(hop.index);
  return out && {
    family,
    destination: destination?.text,
    type: String(type),
    index: hop.index,
    name: out.name,
    gateway: hop.gateway,
    source,
    table,
    connected: out.connected,
  };
}

const NO_WAYS: readonly (string | number)[] = ["unreachable", "prohibit", "blackhole", "throw"];

/** The index of the interface by which a packet would leave to another machine. */
function leavesBy(answer: RouteAnswer): number | undefined {
  if (typeof answer === "string" || answer.type !== "unicast") return undefined;
  return answer.hops[0]?.index;
}

/** struct rtmsg with the destination. IPv6 refuses the flag that asks for the table, and says it without. */
function routeRequest(seq: number, destination: Uint8Array, out: number | undefined): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(N.RTMSG_LEN);
  const inet = destination.length === 4;
  header[0] = inet ? N.AF_INET : N.AF_INET6;
  header[1] = 8 * destination.length;
  new Uint32Array(header.buffer)[2] = inet ? N.RTM_F_LOOKUP_TABLE : 0;
  const attributes: RequestAttribute[] = [[N.RTA_DST, destination]];
  if (out !== undefined) attributes.push([N.RTA_OIF, u32Payload(out)]);
  return buildRequest(N.RTM_GETROUTE, N.NLM_F_REQUEST, seq, header, attributes);
}
