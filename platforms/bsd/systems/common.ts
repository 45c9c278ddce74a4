import { FlagTable } from "../../contract/flag_table.ts";
import type { InterfaceLayout, MessageLayout, OtherName, RouteHeader, WirelessNumbers } from "./layout.ts";

/**
 * The numbers that all BSDs share. The others are in each system's own file.
 */

// sys/net/route.h
export const RTM_NAMES: Readonly<Record<number, OtherName>> = {
  0x5: "RTM_LOSING",
  0x6: "RTM_REDIRECT",
  0x7: "RTM_MISS",
  0x8: "RTM_LOCK",
  0xb: "RTM_RESOLVE",
};
export const RTM_ADD = 0x1;
export const RTM_DELETE = 0x2;
export const RTM_CHANGE = 0x3;
export const RTM_GET = 0x4;
/** How struct rt_msghdr begins on all systems but OpenBSD. */
export const RT_MSGHDR = {
  index: [4, 2],
  flags: [8, 4],
  addrs: [12, 4],
  pid: [16, 4],
  seq: [20, 4],
  errno: [24, 4],
} as const satisfies Partial<RouteHeader>;
/** How struct if_msghdr begins on NetBSD, FreeBSD and macOS. */
export const IF_MSGHDR = { index: [12, 2], addrs: [4, 4], flags: [8, 4] } as const satisfies Partial<InterfaceLayout>;
/** The messages about routes, which all have the same header. */
export function routeMessages(route: RouteHeader): Readonly<Record<number, MessageLayout>> {
  return {
    [RTM_ADD]: { name: "RTM_ADD", route },
    [RTM_DELETE]: { name: "RTM_DELETE", route },
    [RTM_CHANGE]: { name: "RTM_CHANGE", route },
    [RTM_GET]: { name: "RTM_GET", route },
  };
}
export const RTF_UP = 0x1;
export const RTF_GATEWAY = 0x2;
export const RTF_HOST = 0x4;
export const RTF_REJECT = 0x8;
export const RTF_DONE = 0x40;
export const RTF_STATIC = 0x800;
export const RTF_BLACKHOLE = 0x1000;
/** sys/net80211/ieee80211_ioctl.h of NetBSD, FreeBSD and DragonFly: what an RTM_IEEE80211 says of a scan that is over */
export const RTM_IEEE80211_SCAN = 105;
/** The positions of the addresses that netflags looks at in a message's bit mask of addresses. */
export const RTAX_DST = 0;
export const RTAX_GATEWAY = 1;
export const RTAX_NETMASK = 2;
export const RTAX_IFP = 4;
export const RTAX_IFA = 5;
export const RTAX_BRD = 7;
/** RTAX_MAX differs from 8 to 15; no system has more. */
export const RTAX_LIMIT = 16;

// sys/sys/socket.h, sys/net/if_dl.h
export const AF_UNSPEC = 0;
export const AF_INET = 2;
export const AF_LINK = 18;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOL_SOCKET = 0xffff;
export const SO_RCVBUF = 0x1002;

// sys/sys/sysctl.h
export const CTL_NET = 4;

/** What all systems but NetBSD have alike: names in the C library, AF_ROUTE, struct ifreq and the requests with it. */
export const ALL_BUT_NETBSD = {
  socketSymbol: "socket",
  sysctlSymbol: "sysctl",
  clockSymbol: "clock_gettime",
  route: 17,
  ifreq: 32,
  SIOCGIFFLAGS: 0xc0206911, // sys/sys/sockio.h
  SIOCSIFFLAGS: 0x80206910,
} as const;

// sys/sys/fcntl.h
export const F_DUPFD = 0;
export const F_SETFD = 2;
export const FD_CLOEXEC = 1;
export const F_GETFL = 3;
export const F_SETFL = 4;
export const O_NONBLOCK = 4;

// sys/sys/poll.h
export const POLLIN = 1;

// sys/net/if.h, sys/net/if_media.h
export const IFNAMSIZ = 16;
export const IFF_UP = 0x1;
export const IFF_BROADCAST = 0x2;
export const IFF_LOOPBACK = 0x8;
export const IFF_RUNNING = 0x40;
export const IFF_OACTIVE = 0x400;
export const IFM_AVALID = 0x1;
export const IFM_ACTIVE = 0x2;

/** The wireless media and the request of FreeBSD, and of DragonFly, whose net80211 is FreeBSD's. */
export const NET80211: WirelessNumbers = {
  // sys/net/if_media.h: IFM_NMASK, IFM_IEEE80211, and its HOSTAP, ADHOC, IBSS, MONITOR, WDS, MBSS
  mask: 0xe0,
  is80211: 0x80,
  modes: [[0x200, "ap"], [0x100, "adhoc"], [0x400, "adhoc"], [0x2000, "monitor"], [0x800, "wds"], [
    0x4000,
    "mesh-point",
  ]],
  request: 0xc02069eb, // SIOCG80211 of sys/net80211/ieee80211_ioctl.h
  form: "ieee80211req",
};

/** The privilege for SIOCSIFFLAGS: every system's if.c requires the super-user, each with a different function. */
export const PRIVILEGE = "the super-user";

// sys/sys/errno.h
export const EPERM = 1;
export const ESRCH = 3;
export const EINTR = 4;
export const ENXIO = 6;
export const ENOMEM = 12;
export const EACCES = 13;
export const EEXIST = 17;
export const ENODEV = 19;
export const EINVAL = 22;
export const ENOTTY = 25;
export const EAGAIN = 35;
export const EPROTONOSUPPORT = 43;
export const EOPNOTSUPP = 45;
export const EAFNOSUPPORT = 47;
export const EADDRNOTAVAIL = 49;
export const ENETUNREACH = 51;
export const ENOBUFS = 55;
export const EHOSTUNREACH = 65;
/** EOPNOTSUPP of macOS (bsd/sys/errno.h), where 45 is ENOTSUP. */
export const EOPNOTSUPP_DARWIN = 102;
export const ERRNO_NAMES: Readonly<Record<number, string>> = {
  1: "EPERM",
  2: "ENOENT",
  3: "ESRCH",
  4: "EINTR",
  6: "ENXIO",
  9: "EBADF",
  12: "ENOMEM",
  13: "EACCES",
  14: "EFAULT",
  16: "EBUSY",
  17: "EEXIST",
  19: "ENODEV",
  22: "EINVAL",
  23: "ENFILE",
  24: "EMFILE",
  25: "ENOTTY",
  35: "EAGAIN",
  42: "ENOPROTOOPT",
  43: "EPROTONOSUPPORT",
  45: "EOPNOTSUPP",
  47: "EAFNOSUPPORT",
  49: "EADDRNOTAVAIL",
  50: "ENETDOWN",
  51: "ENETUNREACH",
  55: "ENOBUFS",
  65: "EHOSTUNREACH",
  102: "EOPNOTSUPP",
};
/** `SIOCGIFAFLAG_IN6` of sys/netinet6/in6_var.h: `_IOWR('i', 73, struct in6_ifreq)`, which has 288 bytes on each system. */
export const SIOCGIFAFLAG_IN6 = 0xc1206949;
export const IN6_IFREQ = 288;
/** IN6_IFF_* of the same file, which KAME numbered for all. */
export const IN6_IFF: readonly AddressFlagRow[] = [
  [0x1, "anycast"],
  [0x2, "tentative"],
  [0x4, "duplicated"],
  [0x8, "detached"],
  [0x10, "deprecated"],
  [0x20, "nodad"],
  [0x40, "autoconf"],
  [0x80, "temporary"],
];

/** A flag of an address: its bit and its name. */
export type AddressFlagRow = readonly [bit: number, name: string];

/** The flags of addresses of one family. The kernel sets all of them, one way or another. */
export function addressFlagTable(rows: readonly AddressFlagRow[]): FlagTable {
  return new FlagTable(rows.map(([bit, name]) => [bit, name, "volatile", name]));
}

/** IFT_LOOP of sys/net/if_types.h: the loopback interface, and FreeBSD's disc. */
export const IFT_LOOP = 24;
/** IFT_* of sys/net/if_types.h, with the names of Linux's types if both mean the same. */
export const IFT_NAMES: Readonly<Record<number, string>> = {
  1: "other",
  6: "ether",
  23: "ppp",
  [IFT_LOOP]: "loopback",
  28: "slip",
  53: "propvirtual",
  71: "ieee80211",
  131: "tunnel",
  135: "l2vlan",
  144: "ieee1394",
  161: "ieee8023adlag",
  209: "bridge",
};
