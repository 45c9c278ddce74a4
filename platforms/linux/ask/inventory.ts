import { bytesOfText } from "../../common/byte_text.ts";
import type { DriverInfo, Inventory, MasteredPort } from "../../contract/inventory.ts";
import type { LinkFacts } from "../../contract/status.ts";
import type { NetlinkCalls } from "../libc/calls.ts";
import { openSocket } from "../libc/socket.ts";
import { LinkParametersReader, readDriverInfo } from "../wire/inventory.ts";
import { LinkDetailsReader } from "../wire/link_details.ts";
import * as N from "../wire/numbers.ts";
import { optional } from "./generic.ts";
import type { Requests } from "./requests.ts";

/** What a person looks for in one interface; undefined if it does not exist. */
export function readInventory(libc: NetlinkCalls, requests: Requests, index: number): Inventory | undefined {
  let made: Omit<Inventory, "driver" | "ports"> | undefined;
  const link = requests.link(index, (_link, { packet, start, end }) => {
    made = new LinkParametersReader(packet).read(start, end);
  });
  if (link === undefined || made === undefined) return undefined;
  // Where the parent is in another network namespace, so is the interface that a tunnel uses.
  const nameOf = (at: number | undefined): string | undefined =>
    at === undefined || link.parentNetnsId !== undefined ? undefined : requests.link(at)?.name;
  return {
    ...made,
    vxlan: made.vxlan && { ...made.vxlan, device: nameOf(made.vxlan.deviceIndex) },
    tunnel: made.tunnel && { ...made.tunnel, device: nameOf(made.tunnel.deviceIndex) },
    driver: optional(() => readDriver(libc, link.name)),
    ports: readPorts(requests, link),
  };
}

/** The ports of an interface. Hardware cannot have any, and an interface of another kind than these has none. */
function readPorts(requests: Requests, { index, kind, flags }: LinkFacts): MasteredPort[] | undefined {
  const found: MasteredPort[] = [];
  if (kind === undefined) return undefined;
  requests.ports(index, ({ name, index, connected }, { packet, start, end }) => {
    found.push({ name, index, connected, port: new LinkDetailsReader(packet).read(start, end).port });
  });
  const canHave = MASTERS.has(kind) || (flags & N.IFF_MASTER) !== 0;
  return canHave || found.length > 0 ? found.sort((a, b) => a.index - b.index) : undefined;
}

/** The kinds that have ports. */
const MASTERS: ReadonlySet<string> = new Set(["bond", "bridge", "team", "vrf"]);

/** Asks the driver, by the only road that there is: netlink has no such question. */
function readDriver(libc: NetlinkCalls, name: string): DriverInfo | undefined {
  const what = { operation: "read the driver", interfaceName: name };
  const request = new Uint8Array(new ArrayBuffer(N.IFREQ_LEN));
  request.set(bytesOfText(name).subarray(0, N.IFNAMSIZ - 1));
  const said = new Uint8Array(new ArrayBuffer(N.ETHTOOL_DRVINFO_LEN));
  new DataView(said.buffer).setUint32(0, N.ETHTOOL_GDRVINFO, true);
  const fd = openSocket(libc, N.AF_INET, N.SOCK_DGRAM, 0, what);
  try {
    return libc.ioctlWith(fd, N.SIOCETHTOOL, request, said) ? readDriverInfo(said) : undefined;
  } finally {
    libc.close(fd);
  }
}
