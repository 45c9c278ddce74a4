import type { AddressLayout, RouteHeader, RouteLayout, SystemNumbers } from "./layout.ts";
import * as C from "./common.ts";
import { BSD_FLAGS } from "./flags.ts";
import { OPENBSD_MEDIA } from "./openbsd_media.ts";

/** OpenBSD 6 and 7, 64-bit. Every message tells its header's length at 4. */

// sys/net/if.h: struct ifa_msghdr
const IFA_MSGHDR: AddressLayout = { index: [6, 2], addrs: [12, 4], size: 24, sizeField: [4, 2] };

// sys/net/route.h: struct rt_msghdr, then struct rt_metrics with 56 bytes
const RT_MSGHDR: RouteHeader = {
  index: [6, 2],
  table: [8, 2],
  addrs: [12, 4],
  flags: [16, 4],
  pid: [24, 4],
  seq: [28, 4],
  errno: [32, 4],
  size: 96,
  sizeField: [4, 2],
};

/** RTF_HOST, RTF_LLINFO, RTF_CLONED, RTF_LOCAL and RTF_BROADCAST: none of these is a default route */
const NO_DEFAULTS = 0x4 | 0x400 | 0x10000 | 0x200000 | 0x400000;

// sys/net/route.h, RTM_VERSION 5
const LAYOUT: RouteLayout = {
  versions: [5],
  roundup: 8, // sizeof(long)
  inet6: 24,
  flagMask: 0xffff, // if_flags is a short
  routeFlags: { RTF_LOCAL: 0x200000, RTF_BROADCAST: 0x400000, RTF_MULTICAST: 0x200 }, // sys/net/route.h
  // LINK_STATE_UNKNOWN, INVALID, DOWN, KALIVE_DOWN, UP, HALF_DUPLEX, FULL_DUPLEX of sys/net/if.h
  linkStates: ["unknown", "down", "down", "down", "up", "up", "up"],
  types: { 240: "gif", 247: "carp" },
  messages: {
    ...C.routeMessages(RT_MSGHDR),
    0x0e: {
      name: "RTM_IFINFO",
      interface: {
        index: [6, 2],
        addrs: [12, 4],
        flags: [16, 4],
        type: [24, 1],
        linkState: [27, 1],
        mtu: [28, 4],
        size: [168],
        sizeField: [4, 2],
      },
    },
    0x0c: { name: "RTM_NEWADDR", address: IFA_MSGHDR, gone: false },
    0x0d: { name: "RTM_DELADDR", address: IFA_MSGHDR, gone: true },
    0x14: { name: "RTM_CHGADDRATTR", address: IFA_MSGHDR, gone: false },
    0x0f: { name: "RTM_IFANNOUNCE", announce: { index: [6, 2], name: 10, what: [8, 2] } },
    0x10: { name: "RTM_DESYNC", desync: true },
    0x15: { name: "RTM_80211INFO", wireless: { index: [6, 2] } }, // struct if_ieee80211_msghdr of sys/net/if.h
  },
  others: { ...C.RTM_NAMES, 0x11: "RTM_INVALIDATE", 0x12: "RTM_BFD", 0x13: "RTM_PROPOSAL", 0x16: "RTM_SOURCE" },
};

export const OPENBSD: SystemNumbers = {
  ...C.ALL_BUT_NETBSD,
  platform: "openbsd",
  flags: BSD_FLAGS.openbsd[0],
  addressFlags: { inet: C.addressFlagTable([]), inet6: C.addressFlagTable(C.IN6_IFF) }, // sys/netinet6/in6_var.h
  layouts: [LAYOUT],
  libraries: ["libc.so"], // the dynamic linker takes the newest
  tableSymbol: "getrtable",
  errnoSymbol: "__errno",
  steadyClock: 3, // CLOCK_MONOTONIC of sys/sys/_time.h; CLOCK_UPTIME is the one that stands still during sleep
  lists: [3],
  SO_RERROR: undefined,
  // ROUTE_MSGFILTER and ROUTE_FLAGFILTER of sys/net/route.h
  filter: { option: 1, form: "mask", flags: { option: 4, unwanted: NO_DEFAULTS } },
  desync: true,
  announcements: true,
  // ifioctl() of sys/net/if.c: rtm_ifchg() after any change of if_flags, and after SIOCSIFMTU
  announces: { flags: 0xffff, mtu: true, linkState: true, name: false, hardwareAddress: false },
  departureNeedsQuery: false,
  IFF_DYING: undefined,
  SIOCGIFINDEX: undefined,
  gone: [C.ENXIO, C.ENODEV], // ifunit() in ifioctl(), if_detached_ioctl() of sys/net/if.c
  flagsHigh: false,
  mediaRequests: [0xc0406938],
  // ether_ioctl() of sys/net/if_ethersubr.c; in_control() of sys/netinet/in.c; drivers with a switch of their own
  noMedia: [C.ENOTTY, C.EOPNOTSUPP, C.EINVAL],
  wireless: {
    // sys/net/if_media.h: IFM_NMASK, IFM_IEEE80211, and its HOSTAP, ADHOC, IBSS, IBSSMASTER, MONITOR
    mask: 0xff00,
    is80211: 0x400,
    modes: [[0x20000, "ap"], [0x10000, "adhoc"], [0x40000, "adhoc"], [0x80000, "adhoc"], [0x100000, "monitor"]],
    request: 0xc02069e7, // SIOCG80211NWID of sys/net80211/ieee80211_ioctl.h
    form: "nwid",
  },
  // struct ifmediareq: name[16], uint64_t current, mask, status, active, int count, uint64_t *ulist
  media: { size: 64, status: 32, active: 40 },
  mediaWords: OPENBSD_MEDIA,
};
