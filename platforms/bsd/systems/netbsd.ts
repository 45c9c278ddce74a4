import type {
  AddressLayout,
  InterfaceLayout,
  MessageLayout,
  RouteHeader,
  RouteLayout,
  SystemNumbers,
} from "./layout.ts";
import * as C from "./common.ts";
import { BSD_FLAGS } from "./flags.ts";
import { NETBSD_MEDIA } from "./netbsd_media.ts";

/** NetBSD 6 to 10 and current, 64-bit; of NetBSD 5, messages. */

// sys/net/if.h: struct if_msghdr { u_short msglen; u_char version, type; int addrs, flags; u_short index; struct if_data }
const IF_MSGHDR: InterfaceLayout = {
  ...C.IF_MSGHDR,
  type: [16, 1],
  linkState: [20, 4],
  mtu: [24, 8],
  // struct if_data has 136 bytes since 6.0; two more counters are in a fork, and 5.x has a shorter time at its end
  size: [152, 168, 144],
};

// sys/net/if.h: struct ifa_msghdr since 8.0 (CTASSERT(sizeof == 32) in sys/net/rtsock_shared.c), with ifam_addrflags
const IFA_MSGHDR: AddressLayout = { index: [4, 2], addrs: [12, 4], addressFlags: [20, 4], size: 32 };
// the same until 7, and what COMPAT_70 sends beside it
const IFA_MSGHDR70: AddressLayout = { index: [16, 2], addrs: [4, 4], size: 24 };

const IFINFO: MessageLayout = { name: "RTM_IFINFO", interface: IF_MSGHDR };
const ANNOUNCE: MessageLayout = { name: "RTM_IFANNOUNCE", announce: { index: [4, 2], name: 6, what: [22, 2] } };

// sys/net80211/ieee80211_netbsd.c: sent with a struct if_announcemsghdr
const IEEE80211: MessageLayout = { name: "RTM_IEEE80211", wireless: { index: [4, 2], what: [22, 2] } };

// sys/net/route.h: struct rt_msghdr, then struct rt_metrics with ten words of 64 bits
const RT_MSGHDR: RouteHeader = { ...C.RT_MSGHDR, size: 120 };

const COMMON = {
  // sys/net/route.h: #define RT_ROUNDUP2(a, n), with sizeof(uint64_t) also on 32-bit machines
  roundup: 8,
  inet6: 24, // sys/sys/socket.h
  flagMask: 0xffff, // if_flags is a short, and its sign is extended
  routeFlags: { RTF_LOCAL: 0x40000, RTF_BROADCAST: 0x80000, RTF_MULTICAST: 0 }, // sys/net/route.h, since 8.0
  linkStates: ["unknown", "down", "up"], // LINK_STATE_* of sys/net/if.h
  types: { 240: "gif", 248: "carp" },
} as const;

// sys/net/route.h, RTM_VERSION 4
const LAYOUT: RouteLayout = {
  ...COMMON,
  versions: [4],
  messages: {
    ...C.routeMessages(RT_MSGHDR),
    0x14: IFINFO,
    0x10: ANNOUNCE,
    0x11: IEEE80211,
    0x16: { name: "RTM_NEWADDR", address: IFA_MSGHDR, gone: false },
    0x17: { name: "RTM_DELADDR", address: IFA_MSGHDR, gone: true },
    0x18: { name: "RTM_CHGADDR", address: IFA_MSGHDR, gone: false },
    0x0c: { name: "RTM_NEWADDR", address: IFA_MSGHDR70, gone: false, superseded: true },
    0x0d: { name: "RTM_DELADDR", address: IFA_MSGHDR70, gone: true, superseded: true },
    0x15: { name: "RTM_CHGADDR", address: IFA_MSGHDR70, gone: false, superseded: true },
  },
  others: { ...C.RTM_NAMES, 0x09: "RTM_OLDADD", 0x0a: "RTM_OLDDEL", 0x13: "RTM_LLINFO_UPD" },
};

// NetBSD 5, RTM_VERSION 3
const LAYOUT5: RouteLayout = {
  ...COMMON,
  versions: [3],
  messages: {
    ...C.routeMessages(RT_MSGHDR),
    0x0f: IFINFO,
    0x10: ANNOUNCE,
    0x11: IEEE80211,
    0x0c: { name: "RTM_NEWADDR", address: IFA_MSGHDR70, gone: false },
    0x0d: { name: "RTM_DELADDR", address: IFA_MSGHDR70, gone: true },
  },
  others: C.RTM_NAMES,
};

/** What every version announces: sys/net/if.c: if_up, if_down, if_link_state_change; sys/net/link_proto.c: link_control */
const ANNOUNCED = { flags: 0x1, mtu: false, linkState: true, name: false, hardwareAddress: true } as const;

export const NETBSD: SystemNumbers = {
  platform: "netbsd",
  release: [1, 3], // CTL_KERN, KERN_OSREV of sys/sys/sysctl.h
  older: [{ before: 999000000, announces: ANNOUNCED }], // not in 8.99.25; in 9.99.77
  flags: BSD_FLAGS.netbsd[0],
  addressFlags: {
    // sys/netinet/in_var.h: IN_IFF_*
    inet: C.addressFlagTable([[0x1, "tentative"], [0x2, "duplicated"], [0x4, "detached"], [0x8, "trytentative"]]),
    inet6: C.addressFlagTable(C.IN6_IFF),
  },
  layouts: [LAYOUT, LAYOUT5],
  libraries: ["libc.so.12", "libc.so"],
  socketSymbol: "__socket30", // sys/sys/socket.h: __RENAME(__socket30)
  sysctlSymbol: "sysctl",
  clockSymbol: "__clock_gettime50", // include/time.h since 6.0: __RENAME(__clock_gettime50)
  errnoSymbol: "__errno",
  steadyClock: 3, // CLOCK_MONOTONIC of sys/sys/time.h; after sleep tc_setclock() of sys/kern/kern_tc.c moves UTC alone
  route: 34, // AF_ROUTE of sys/sys/socket.h since 6.0; 17 is AF_OROUTE
  lists: [6, 5], // NET_RT_IFLIST since 8.0, and until 7
  SO_RERROR: 0x4000, // sys/sys/socket.h, since 9.0
  filter: { option: 1, form: "bytes" }, // RO_MSGFILTER of sys/net/route.h
  desync: false,
  announcements: true,
  announces: { ...ANNOUNCED, flags: 0x70a5 }, // SIOCSIFFLAGS of sys/net/if.c: after any flag that a user may set
  departureNeedsQuery: false,
  IFF_DYING: undefined,
  ifreq: 144, // name[16] and struct sockaddr_storage
  SIOCGIFFLAGS: 0xc0906911, // sys/sys/sockio.h
  SIOCSIFFLAGS: 0x80906910,
  SIOCGIFINDEX: 0xc090698c,
  gone: [C.ENXIO], // if_get() in doifioctl(), if_nullioctl() of sys/net/if.c
  flagsHigh: false,
  mediaRequests: [0xc0306936],
  // ifioctl_common() of sys/net/if.c; doifioctl() without a protocol; drivers with a switch of their own
  noMedia: [C.ENOTTY, C.EOPNOTSUPP, C.EINVAL],
  wireless: {
    // sys/net/if_media.h of 7.99.34: IFM_NMASK, IFM_IEEE80211, and its HOSTAP, ADHOC, IBSS, MONITOR, WDS, MBSS
    mask: 0xe0,
    is80211: 0x80,
    modes: [[0x200, "ap"], [0x100, "adhoc"], [0x1000, "adhoc"], [0x400, "monitor"], [0x2000, "wds"], [
      0x4000,
      "mesh-point",
    ]],
    request: 0xc09069e7, // SIOCG80211NWID of sys/net80211/ieee80211_ioctl.h; SIOCG80211 needs the super-user
    form: "nwid",
  },
  media: { size: 48, status: 24, active: 28 }, // struct ifmediareq of sys/net/if.h
  mediaWords: NETBSD_MEDIA,
};
