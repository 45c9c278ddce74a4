import { noSuchInterface, UnsupportedError } from "../../contract/errors.ts";
import type { IpAddress, Route } from "../../contract/route.ts";
import type { RouteFacts } from "../wire/route.ts";
import type { Requests } from "./requests.ts";

/** The error of a kernel that answers no such question. */
function unanswered(): UnsupportedError {
  return new UnsupportedError(
    "Cannot read routes: this kernel, or a filter in front of it, does not say which way a packet takes",
    { operation: "read routes" },
  );
}

/** What the kernel says of a packet to an address, or of the default traffic, with the interfaces that it names. */
export function readRoutes(requests: Requests, destination: IpAddress | undefined): Route[] {
  const found = destination === undefined ? requests.routes.defaultRoutes() : findOne(requests, destination);
  if (found === undefined) throw unanswered();
  return found.flatMap((facts) => routeOf(requests, facts, destination) ?? []);
}

function findOne(requests: Requests, { bytes, zone }: IpAddress): RouteFacts[] | undefined {
  const answer = requests.routes.find(bytes, zone === undefined ? undefined : indexOf(requests, zone));
  return answer === "unanswered" ? undefined : answer === "nowhere" ? [] : [answer];
}

/** The index of a zone, which is an interface's name or its index. */
function indexOf(requests: Requests, zone: string): number {
  const link = requests.link(zone) ?? (/^[1-9]\d{0,9}$/.test(zone) ? requests.link(Number(zone)) : undefined);
  if (link === undefined) throw noSuchInterface(zone, "read routes");
  return link.index;
}

/** undefined if it leads nowhere, or if its interface has gone meanwhile. Older kernels answer so about IPv6. */
function routeOf(requests: Requests, facts: RouteFacts, destination: IpAddress | undefined): Route | undefined {
  const { family, type, source, table, hops: [hop] } = facts;
  if (hop === undefined || typeof family === "number" || NOWHERE.includes(type)) return undefined;
  const link = requests.link(hop.index);
  return link && {
    family,
    destination: destination?.text,
    type: String(type),
    index: hop.index,
    name: link.name,
    gateway: hop.gateway,
    source,
    table,
    connected: link.connected,
  };
}

const NOWHERE: readonly (string | number)[] = ["unreachable", "prohibit", "blackhole", "throw"];
