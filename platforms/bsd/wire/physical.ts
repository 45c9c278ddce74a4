import type { InterfaceStatus } from "../../contract/status.ts";

/** The types that hardware has (sys/net/if_types.h). 199 is IFT_INFINIBAND; "cellular" is macOS's. */
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
 * The rule for `physical` on the BSDs. They report no kind, so type and name decide.
 *
 * @param status The interface.
 * @returns Whether it stands for a device.
 */
export function isPhysical({ name, type }: Pick<InterfaceStatus, "name" | "type">): boolean {
  return HARDWARE_TYPES.includes(type) && !SOFTWARE_DRIVERS.has(name.replace(/[0-9]+[ab]?$/, ""));
}
