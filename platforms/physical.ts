import type { Platform } from "./contract/platform.ts";
import type { InterfaceStatus } from "./contract/status.ts";

/**
 * Linux's kinds of interfaces with hardware drivers (struct rtnl_link_ops): drivers/net/can/dev/netlink.c,
 * net/dsa/netlink.c, drivers/infiniband/ulp/ipoib/ipoib_netlink.c, drivers/net/wwan/wwan_core.c.
 */
const HARDWARE_KINDS: readonly string[] = ["can", "dsa", "ipoib", "wwan"];

/** The types that hardware has on a BSD (sys/net/if_types.h). 199 is IFT_INFINIBAND; "cellular" is macOS's. */
const HARDWARE_TYPES: readonly (string | undefined)[] = ["ether", "ieee80211", "ieee1394", "199", "cellular"];

/**
 * Drivers that make an interface of such a type without a device, according to the man pages of section 4. An interface
 * has its driver's name and a number. The two ends of FreeBSD's epair also have an "a" or a "b" at the end.
 */
const SOFTWARE_DRIVERS: ReadonlySet<string> = new Set([
  ...["tap", "vxlan", "bridge", "vlan", "carp", "lagg"],
  ...["epair", "edsc", "vmnet", "vether", "l2tp", "vport", "veb", "switch", "pair"],
  ...["mpw", "bpe", "etherip", "egre", "nvgre", "eoip", "tpmr", "trunk", "aggr", "svlan", "agr"],
  ...["feth", "awdl", "llw", "bond", "ap", "anpi"],
]);

/**
 * Whether an interface stands for a device, by its names, kind and type alone. A BSD reports no kind, so type and name
 * decide there.
 */
export function isPhysical({ name, kind, type }: InterfaceStatus, platform: Platform): boolean {
  if (platform === "linux") return kind === undefined ? type !== "loopback" : HARDWARE_KINDS.includes(kind);
  return HARDWARE_TYPES.includes(type) && !SOFTWARE_DRIVERS.has(name.replace(/[0-9]+[ab]?$/, ""));
}
