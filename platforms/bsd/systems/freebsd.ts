import type { AddressLayout, InterfaceLayout, RouteHeader, RouteLayout, SystemNumbers } from "./layout.ts";
import * as C from "./common.ts";
import { BSD_FLAGS } from "./flags.ts";
import { FREEBSD_MEDIA } from "./freebsd_media.ts";

/** FreeBSD 11 to 15, 64-bit. */

// sys/net/if.h: struct if_msghdr, then struct if_data, whose ifi_datalen at 22 tells its own size
const IF_MSGHDR: InterfaceLayout = { ...C.IF_MSGHDR, type: [16, 1], linkState: [20, 1], mtu: [24, 4], size: [168] };
// struct if_msghdrl of NET_RT_IFLISTL: ifm_len at 16, ifm_data_off at 18
const IF_MSGHDRL: InterfaceLayout = {
  ...C.IF_MSGHDR,
  type: [24, 1],
  linkState: [28, 1],
  mtu: [32, 4],
  size: [176],
  sizeField: [16, 2],
};
// struct ifa_msghdr, and struct ifa_msghdrl of NET_RT_IFLISTL: ifam_len at 16, ifam_data_off at 18
const IFA_MSGHDR: AddressLayout = { index: [12, 2], addrs: [4, 4], size: 20 };
const IFA_MSGHDRL: AddressLayout = { index: [12, 2], addrs: [4, 4], size: 176, sizeField: [16, 2] };

// sys/net/route.h: struct rt_msghdr, then struct rt_metrics with fourteen u_long
const RT_MSGHDR: RouteHeader = { ...C.RT_MSGHDR, size: 152 };

// sys/net/route.h, RTM_VERSION 5
const LAYOUT: RouteLayout = {
  versions: [5],
  roundup: 8, // SA_SIZE: sizeof(long)
  inet6: 28,
  flagMask: 0xffffffff, // if_flags | if_drv_flags
  routeFlags: { RTF_LOCAL: 0x200000, RTF_BROADCAST: 0x400000, RTF_MULTICAST: 0x800000 }, // sys/net/route.h
  linkStates: ["unknown", "down", "up"],
  types: { 240: "gif", 248: "wireguard" },
  messages: {
    ...C.routeMessages(RT_MSGHDR),
    0x0e: { name: "RTM_IFINFO", interface: IF_MSGHDR, long: IF_MSGHDRL },
    0x0c: { name: "RTM_NEWADDR", address: IFA_MSGHDR, long: IFA_MSGHDRL, gone: false },
    0x0d: { name: "RTM_DELADDR", address: IFA_MSGHDR, long: IFA_MSGHDRL, gone: true },
    0x11: { name: "RTM_IFANNOUNCE", announce: { index: [4, 2], name: 6, what: [22, 2] } },
    0x12: { name: "RTM_IEEE80211", wireless: { index: [4, 2], what: [22, 2] } }, // with a struct if_announcemsghdr
  },
  others: { ...C.RTM_NAMES, 0x0f: "RTM_NEWMADDR", 0x10: "RTM_DELMADDR" },
};

export const FREEBSD: SystemNumbers = {
  ...C.ALL_BUT_NETBSD,
  platform: "freebsd",
  release: [1, 24], // CTL_KERN, KERN_OSRELDATE of sys/sys/sysctl.h
  flags: BSD_FLAGS.freebsd[0],
  // 1400063, a 14.0-CURRENT of 2022-07, has these; 14.0-RELEASE is 1400097
  older: [{ before: 1400097, flags: BSD_FLAGS.freebsd[1] }],
  // sys/netinet6/in6_var.h
  addressFlags: { inet: C.addressFlagTable([]), inet6: C.addressFlagTable([...C.IN6_IFF, [0x100, "prefer_source"]]) },
  layouts: [LAYOUT],
  libraries: ["libc.so.7", "libc.so"],
  errnoSymbol: "__error",
  steadyClock: 4, // CLOCK_MONOTONIC of sys/sys/_clock_id.h, alias CLOCK_BOOTTIME; so far it stands still during sleep
  lists: [5, 3], // NET_RT_IFLISTL, NET_RT_IFLIST
  SO_RERROR: 0x20000, // sys/sys/socket.h; refused by 13.0
  desync: false,
  announcements: true,
  // UP, PROMISC, ALLMULTI (sys/net/if.c); users' own PPROMISC and PALLMULTI were seen to be silent on 13.0 and 15
  announces: { flags: 0x301, mtu: true, linkState: true, name: true, hardwareAddress: false },
  departureNeedsQuery: true, // seen on 12, 14.0 and 15.1
  IFF_DYING: 0x200000,
  SIOCGIFINDEX: 0xc0206920,
  gone: [C.ENXIO], // ifunit_ref() in ifioctl(), ifdead_ioctl() of sys/net/if_dead.c
  flagsHigh: true,
  mediaRequests: [0xc030698b, 0xc0306938], // SIOCGIFXMEDIA, SIOCGIFMEDIA
  // ether_ioctl() of sys/net/if_ethersubr.c; ifhwioctl() of sys/net/if.c without if_ioctl; if_wg.c
  noMedia: [C.EINVAL, C.EOPNOTSUPP, C.ENOTTY],
  wireless: C.NET80211,
  media: { size: 48, status: 24, active: 28 },
  mediaWords: FREEBSD_MEDIA,
};
