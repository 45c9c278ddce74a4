import { type InterfaceStatus, NO_NAMES } from "../contract/status.ts";
import type { MadeUp, System } from "../contract/system.ts";
import { LinuxBackend } from "./backend.ts";
import { LINUX_CAPABILITIES } from "./libc/capabilities.ts";
import { decodeNetlink } from "./wire/decode.ts";
import { LINUX_FLAGS } from "./wire/flags.ts";
import { linuxConnected } from "./wire/link.ts";
import { decodeNl80211 } from "./wire/nl80211.ts";
import * as N from "./wire/numbers.ts";

/** A new interface's flags: BROADCAST and MULTICAST. */
const BORN = N.IFF_BROADCAST | N.IFF_MULTICAST;

/** A status by Linux's rules. Fields that are left out get ordinary values. */
function completeLinux(fields: MadeUp): InterfaceStatus {
  const flags = (fields.flags ?? BORN) >>> 0;
  const operState = fields.operState ?? "down";
  return {
    altNames: NO_NAMES,
    type: "ether",
    kind: undefined,
    linkMode: "default",
    carrier: false,
    carrierChanges: 0,
    carrierUps: 0,
    carrierDowns: 0,
    mtu: 1500,
    hardwareAddress: "02:00:00:00:00:01",
    master: undefined,
    masterIndex: undefined,
    masterKind: undefined,
    parent: undefined,
    parentIndex: undefined,
    parentNetnsId: undefined,
    addresses: [],
    wireless: undefined,
    ...fields,
    flags,
    flagNames: LINUX_FLAGS.names(flags),
    up: (flags & N.IFF_UP) !== 0,
    running: (flags & N.IFF_RUNNING) !== 0,
    lowerUp: (flags & N.IFF_LOWER_UP) !== 0,
    dormant: (flags & N.IFF_DORMANT) !== 0,
    operState,
    linkState: undefined,
    media: undefined,
    connected: linuxConnected(operState, flags, undefined, undefined, fields.kind),
  };
}

/**
 * Kinds of interfaces with hardware drivers (struct rtnl_link_ops): drivers/net/can/dev/netlink.c, net/dsa/netlink.c,
 * drivers/infiniband/ulp/ipoib/ipoib_netlink.c, drivers/net/wwan/wwan_core.c.
 */
const HARDWARE_KINDS: readonly string[] = ["can", "dsa", "ipoib", "wwan"];

/** Fields whose changes Linux never announces: a parent's moves between network namespaces. */
const SILENT: readonly (keyof InterfaceStatus)[] = ["parent", "parentIndex", "parentNetnsId"];
/** Fields whose changes it does not announce while an interface is not up. */
const SILENT_WHILE_DOWN: readonly (keyof InterfaceStatus)[] = ["altNames", "linkMode", "carrier", ...SILENT];

/** Linux, for the registry. */
export const LINUX: System = {
  platform: "linux",
  flags: LINUX_FLAGS,
  olderFlags: [],
  capabilities: LINUX_CAPABILITIES,
  decoders: { message: decodeNetlink, dump: decodeNetlink, netlink: decodeNetlink, nl80211: decodeNl80211 },
  backend: () => new LinuxBackend(),
  complete: completeLinux,
  isPhysical: ({ kind, type }) => kind === undefined ? type !== "loopback" : HARDWARE_KINDS.includes(kind),
};

/** Whether Linux sends a message when one state follows another. undefined means that the interface does not exist. */
export function linuxAnnounces(before: InterfaceStatus | undefined, after: InterfaceStatus | undefined): boolean {
  if (before === undefined || after === undefined) return true;
  const silent = before.up || after.up ? SILENT : SILENT_WHILE_DOWN;
  const changed = (Object.keys(after) as (keyof InterfaceStatus)[]).filter((field) => before[field] !== after[field]);
  return changed.length === 0 || changed.some((field) => !silent.includes(field));
}

/**
 * The state of an interface after its flags are set. One that is not up is reported as down and without a carrier
 * (dev_get_flags() and rtnl_fill_ifinfo()). One that is set up works if it has a carrier.
 */
export function linuxFlagsSet(before: InterfaceStatus, flags: number): Pick<InterfaceStatus, "flags" | "operState"> {
  const { operState, carrier, linkMode } = before;
  if ((flags & N.IFF_UP) === 0) {
    return { flags: flags & ~(N.IFF_RUNNING | N.IFF_LOWER_UP | N.IFF_DORMANT), operState: "down" };
  }
  if (before.up || carrier !== true) return { flags, operState };
  if (linkMode !== "default") return { flags: flags | N.IFF_LOWER_UP, operState: linkMode };
  return { flags: flags | N.IFF_RUNNING | N.IFF_LOWER_UP, operState: "up" };
}
