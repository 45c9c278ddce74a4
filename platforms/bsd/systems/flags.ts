/**
 * The interface flags of every system with a routing socket: sys/net/if.h of each. They stand apart from the rest of its
 * numbers because a flag word of any system can be read on any machine.
 */
import { type FlagRow, FlagTable } from "../../contract/flag_table.ts";
import type { BsdPlatform } from "../../contract/platform.ts";

/**
 * The interface flags that all share. A user may set those that IFF_CANTCHANGE does not name.
 * MULTICAST is 0x8000 here and 0x1000 on Linux.
 */
const UP_TO_POINTOPOINT: readonly FlagRow[] = [
  [0x1, "UP", "settable", "Somebody wants the interface up"],
  [0x2, "BROADCAST", "volatile", "It has a broadcast address"],
  [0x4, "DEBUG", "settable", "The driver's debugging is on"],
  [0x8, "LOOPBACK", "volatile", "It is a loopback network"],
  [0x10, "POINTOPOINT", "volatile", "It has one peer only"],
];

const RUNNING_TO_MULTICAST: readonly FlagRow[] = [
  [0x40, "RUNNING", "volatile", "The driver has its resources; not a carrier"],
  [0x80, "NOARP", "settable", "It does not resolve addresses by ARP"],
  [0x100, "PROMISC", "volatile", "It receives every packet"],
  [0x200, "ALLMULTI", "volatile", "It receives every multicast packet"],
  [0x400, "OACTIVE", "volatile", "Its transmit queue is busy"],
  [0x800, "SIMPLEX", "volatile", "It does not hear its own packets"],
  [0x1000, "LINK0", "settable", "Link-layer option 0"],
  [0x2000, "LINK1", "settable", "Link-layer option 1"],
  [0x4000, "LINK2", "settable", "Link-layer option 2"],
  [0x8000, "MULTICAST", "volatile", "It supports multicast"],
];

/** What means the same in every version of FreeBSD. */
const FREEBSD: readonly FlagRow[] = [
  ...UP_TO_POINTOPOINT,
  ...RUNNING_TO_MULTICAST,
  [0x10000, "CANTCONFIG", "volatile", "It cannot be configured by ioctl"],
  [0x20000, "PPROMISC", "settable", "A user asked for promiscuous mode"],
  [0x40000, "MONITOR", "settable", "A user asked for monitor mode"],
  [0x80000, "STATICARP", "settable", "It uses static ARP entries only"],
  [0x100000, "STICKYARP", "settable", "Its ARP entries do not change"],
  [0x200000, "DYING", "volatile", "It is being destroyed"],
  [0x400000, "RENAMING", "volatile", "It is being renamed"],
];

/** The tables of a system, that of its newest version first. */
export const BSD_FLAGS = {
  netbsd: [
    new FlagTable([
      ...UP_TO_POINTOPOINT,
      [0x20, "UNNUMBERED", "settable", "It has no address of its own"], // NOTRAILERS before 2019
      ...RUNNING_TO_MULTICAST,
    ]),
  ],
  freebsd: [
    new FlagTable([
      ...FREEBSD,
      [0x20, "NEEDSEPOCH", "volatile", "Its driver does not enter a network epoch itself; before 14, KNOWSEPOCH"],
      [0x800000, "PALLMULTI", "settable", "A user asked for every multicast packet; before 14, NOGROUP"],
      [0x1000000, "NETLINK_1", "volatile", "Netlink's own bit: the lower layer is up"],
    ]),
    new FlagTable([
      ...FREEBSD,
      [0x20, "KNOWSEPOCH", "volatile", "Its driver enters a network epoch itself"],
      [0x800000, "NOGROUP", "volatile", "It is in no group"],
    ]),
  ],
  openbsd: [
    new FlagTable([
      ...UP_TO_POINTOPOINT,
      [0x20, "STATICARP", "settable", "It uses static ARP entries only"],
      ...RUNNING_TO_MULTICAST,
    ]),
  ],
  dragonfly: [
    new FlagTable([
      ...UP_TO_POINTOPOINT,
      [0x20, "SMART", "volatile", "It manages its own routes"],
      ...RUNNING_TO_MULTICAST,
      [0x10000, "POLLING_COMPAT", "volatile", "It is polled; an old spelling"],
      [0x20000, "PPROMISC", "settable", "A user asked for promiscuous mode"],
      [0x40000, "MONITOR", "settable", "A user asked for monitor mode"],
      [0x80000, "STATICARP", "settable", "It uses static ARP entries only"],
      [0x100000, "NPOLLING", "volatile", "It is polled"],
      [0x200000, "IDIRECT", "volatile", "It takes input directly"],
    ]),
  ],
  darwin: [
    new FlagTable([
      ...UP_TO_POINTOPOINT,
      [0x20, "NOTRAILERS", "settable", "It avoids trailers; no effect any more"],
      ...RUNNING_TO_MULTICAST,
    ]),
  ],
} as const satisfies Readonly<Record<BsdPlatform, readonly FlagTable[]>>;
