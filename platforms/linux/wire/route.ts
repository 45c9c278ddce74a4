import { MalformedMessageError } from "../../contract/errors.ts";
import { formatIpv4, formatIpv6 } from "../../common/address_text.ts";
import { SCOPES } from "./address.ts";
import { Attributes, type Packet, tooShort } from "./netlink.ts";
import * as N from "./numbers.ts";

/** What becomes of packets (`RTN_*`); the kernel's number if it has no name. */
export type RouteType =
  | "unspec"
  | "unicast"
  | "local"
  | "broadcast"
  | "anycast"
  | "multicast"
  | "blackhole"
  | "unreachable"
  | "prohibit"
  | "throw"
  | "nat"
  | "xresolve"
  | number;

/** One way of a route. */
export interface RouteHop {
  /** The interface's index; 0 if the message does not say. */
  readonly index: number;
  /** The router's address; undefined if the destination is on the link. An IPv4 route may have an IPv6 router. */
  readonly gateway: string | undefined;
  /** How much of the traffic goes this way, in proportion to the other ways. */
  readonly weight: number;
  /** `RTNH_F_*`: `"onlink"`, `"linkdown"`, `"dead"`, ... */
  readonly flags: readonly string[];
}

/** What a route message says. */
export interface RouteFacts {
  /** The address family; the kernel's number for one other than IPv4 and IPv6, of which nothing more is read. */
  readonly family: "inet" | "inet6" | number;
  /** The network, or the address that was asked for. `0.0.0.0` and `::` with length 0 are the default. */
  readonly destination: string | undefined;
  /** The length of its prefix in bits. */
  readonly prefixLength: number;
  /** What becomes of packets to it. Of all types but `"unicast"`, none leaves by an interface to another machine. */
  readonly type: RouteType;
  /** The routing table: 254 is the main one. */
  readonly table: number;
  /** Who made the route (`RTPROT_*`): `"kernel"`, `"dhcp"`, `"ra"`, ... */
  readonly protocol: string;
  /** How far the destination is: `"global"`, `"link"`, `"host"`, ... */
  readonly scope: string;
  /** The lower it is, the rather it is used (`RTA_PRIORITY`); undefined means 0. */
  readonly metric: number | undefined;
  /** The source address of packets that have none yet. */
  readonly source: string | undefined;
  /** The largest packet (`RTAX_MTU`), if the route sets it. */
  readonly mtu: number | undefined;
  /** The nexthop object that it refers to (`RTA_NH_ID`). */
  readonly nexthopId: number | undefined;
  /** The ways that packets may take; several for a multipath route. */
  readonly hops: readonly RouteHop[];
}

const NO_HOPS: readonly RouteHop[] = Object.freeze([]);

/** Decodes RTM_NEWROUTE and RTM_DELROUTE messages (struct rtmsg and its attributes) of one packet. */
export class RouteReader {
  readonly #packet: Packet;
  readonly #attributes: Attributes;
  /** Those of one of several ways, or the metrics. */
  readonly #inner: Attributes;

  constructor(packet: Packet) {
    this.#packet = packet;
    this.#attributes = new Attributes(packet, N.RTA_INDEXED);
    this.#inner = new Attributes(packet, N.RTA_VIA + 1);
  }

  /**
   * Decodes the message whose payload stands between two offsets.
   *
   * @throws {MalformedMessageError} It is too short, an attribute or a way is torn, or an address does not have its
   * family's length.
   */
  read(start: number, end: number): RouteFacts {
    if (end - start < N.RTMSG_LEN) throw tooShort("route message", start, end - start, N.RTMSG_LEN);
    const { u8, u32 } = this.#packet;
    const attributes = this.#attributes;
    attributes.index(start + N.RTMSG_LEN, end);
    const family = u8[start]!;
    const known = family === N.AF_INET || family === N.AF_INET6;
    const table = attributes.u32(N.RTA_TABLE); // the header's byte has no room for most tables
    return {
      family: family === N.AF_INET ? "inet" : family === N.AF_INET6 ? "inet6" : family,
      destination: known ? ipAt(this.#packet, attributes, N.RTA_DST, family) ?? ANY[family] : undefined,
      prefixLength: u8[start + 1]!,
      type: N.RTN_NAMES[u8[start + 7]!] ?? u8[start + 7]!,
      table: table < 0 ? u8[start + 4]! : table,
      protocol: N.RTPROT_NAMES[u8[start + 5]!] ?? String(u8[start + 5]),
      scope: SCOPES[u8[start + 6]!] ?? String(u8[start + 6]),
      metric: orNone(attributes.u32(N.RTA_PRIORITY)),
      source: known ? ipAt(this.#packet, attributes, N.RTA_PREFSRC, family) : undefined,
      mtu: this.#mtu(),
      nexthopId: orNone(attributes.u32(N.RTA_NH_ID)),
      hops: known ? this.#hops(family, u32[(start >> 2) + 2]!) : NO_HOPS,
    };
  }

  #mtu(): number | undefined {
    const at = this.#attributes.at(N.RTA_METRICS);
    if (at === 0) return undefined;
    this.#inner.index(at, this.#attributes.end(N.RTA_METRICS));
    return orNone(this.#inner.u32(N.RTAX_MTU));
  }

  #hops(family: number, flags: number): readonly RouteHop[] {
    const at = this.#attributes.at(N.RTA_MULTIPATH);
    if (at !== 0) return this.#several(family, at, this.#attributes.end(N.RTA_MULTIPATH));
    const index = this.#attributes.u32(N.RTA_OIF);
    const gateway = gatewayAt(this.#packet, this.#attributes, family);
    if (index < 0 && gateway === undefined) return NO_HOPS;
    return [{ index: Math.max(0, index), gateway, weight: 1, flags: hopFlags(flags) }];
  }

  /** struct rtnexthop: rtnh_len, rtnh_flags, rtnh_hops (the weight less one), rtnh_ifindex, attributes */
  #several(family: number, start: number, end: number): readonly RouteHop[] {
    const { u8, u16, u32 } = this.#packet;
    const hops: RouteHop[] = [];
    for (let at = start; end - at >= N.RTNEXTHOP_LEN;) {
      const length = u16[at >> 1]!;
      if (length < N.RTNEXTHOP_LEN || length > end - at) {
        throw new MalformedMessageError(
          `Cannot decode way of route at byte ${at}: length ${length} with ${end - at} bytes left`,
          { operation: "decode route message" },
        );
      }
      this.#inner.index(at + N.RTNEXTHOP_LEN, at + length);
      hops.push({
        index: u32[(at >> 2) + 1]!,
        gateway: gatewayAt(this.#packet, this.#inner, family),
        weight: u8[at + 3]! + 1,
        flags: hopFlags(u8[at + 2]!),
      });
      at += (length + 3) & ~3;
    }
    return hops;
  }
}

/** The destination of a default route, by family. */
const ANY: Readonly<Record<number, string>> = { [N.AF_INET]: "0.0.0.0", [N.AF_INET6]: "::" };

/** The header of a message has other flags beyond those of its way. */
function hopFlags(flags: number): readonly string[] {
  return N.RTNH_F_NAMES.filter((_, bit) => (flags & 1 << bit) !== 0);
}

function orNone(value: number): number | undefined {
  return value < 0 ? undefined : value;
}

/** An address of the route's family, or undefined if the attribute is absent. */
function ipAt(packet: Packet, attributes: Attributes, type: number, family: number): string | undefined {
  const at = attributes.at(type);
  return at === 0 ? undefined : formatIp(packet, at, attributes.end(type), family);
}

/** RTA_GATEWAY, of the route's family; or RTA_VIA (struct rtvia), which begins with a family of its own. */
function gatewayAt(packet: Packet, attributes: Attributes, family: number): string | undefined {
  const via = attributes.at(N.RTA_VIA);
  if (via === 0) return ipAt(packet, attributes, N.RTA_GATEWAY, family);
  const end = attributes.end(N.RTA_VIA);
  if (end - via < 2) throw tooShort("router of route", via, end - via, 2, "route message");
  const other = packet.u16[via >> 1]!;
  return other === N.AF_INET || other === N.AF_INET6 ? formatIp(packet, via + 2, end, other) : undefined;
}

function formatIp({ u8 }: Packet, start: number, end: number, family: number): string {
  const needs = family === N.AF_INET ? 4 : 16;
  if (end - start !== needs) throw tooShort("address of route", start, end - start, needs, "route message");
  const bytes = u8.subarray(start, end);
  return family === N.AF_INET ? formatIpv4(bytes) : formatIpv6(bytes);
}
