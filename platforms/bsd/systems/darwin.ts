import type { AddressLayout, InterfaceLayout, RouteHeader, RouteLayout, SystemNumbers } from "./layout.ts";
import * as C from "./common.ts";
import { BSD_FLAGS } from "./flags.ts";
import { DARWIN_MEDIA } from "./darwin_media.ts";

/** macOS. It announces no interfaces, and no carrier: a list comparison and SIOCGIFXMEDIA find both. */

// bsd/net/if.h: struct if_msghdr with if_data at 16, struct if_msghdr2 with if_data64 at 32; no link state in either
const IF_MSGHDR: InterfaceLayout = { ...C.IF_MSGHDR, type: [16, 1], mtu: [24, 4], size: [112] };
const IF_MSGHDR2: InterfaceLayout = { ...C.IF_MSGHDR, type: [32, 1], mtu: [40, 4], size: [160] };
const IFA_MSGHDR: AddressLayout = { index: [12, 2], addrs: [4, 4], size: 20 };

// bsd/net/route.h: struct rt_msghdr, then struct rt_metrics with fourteen words of 32 bits
const RT_MSGHDR: RouteHeader = { ...C.RT_MSGHDR, size: 92 };

// bsd/net/route.h, RTM_VERSION 5
const LAYOUT: RouteLayout = {
  versions: [5],
  roundup: 4, // bsd/net/rtsock.c: ROUNDUP32
  inet6: 30,
  flagMask: 0xffff, // rt_ifmsg truncates to u_int16_t
  routeFlags: { RTF_LOCAL: 0x200000, RTF_BROADCAST: 0x400000, RTF_MULTICAST: 0x800000 }, // bsd/net/route.h
  linkStates: [],
  types: { 55: "gif", 136: "ieee8023adlag", 255: "cellular" },
  messages: {
    ...C.routeMessages(RT_MSGHDR),
    0x0e: { name: "RTM_IFINFO", interface: IF_MSGHDR },
    0x12: { name: "RTM_IFINFO2", interface: IF_MSGHDR2 },
    0x0c: { name: "RTM_NEWADDR", address: IFA_MSGHDR, gone: false },
    0x0d: { name: "RTM_DELADDR", address: IFA_MSGHDR, gone: true },
  },
  others: {
    ...C.RTM_NAMES,
    0x0f: "RTM_NEWMADDR",
    0x10: "RTM_DELMADDR",
    0x13: "RTM_NEWMADDR2",
    0x14: "RTM_GET2",
  },
};

export const DARWIN: SystemNumbers = {
  ...C.ALL_BUT_NETBSD,
  platform: "darwin",
  flags: BSD_FLAGS.darwin[0],
  // bsd/netinet6/in6_var.h
  addressFlags: {
    inet: C.addressFlagTable([]),
    inet6: C.addressFlagTable([
      ...C.IN6_IFF,
      [0x100, "dynamic"],
      [0x200, "optimistic"],
      [0x400, "secured"],
      [0x8000, "nopfx"],
    ]),
  },
  layouts: [LAYOUT],
  libraries: ["libSystem.dylib", "/usr/lib/libSystem.B.dylib"],
  errnoSymbol: "__error",
  steadyClock: 4, // CLOCK_MONOTONIC_RAW of <time.h>: mach_continuous_time
  lists: [6, 3], // NET_RT_IFLIST2, NET_RT_IFLIST
  SO_RERROR: undefined,
  desync: false,
  announcements: false,
  // bsd/net/if.c: UP, PROMISC, ALLMULTI, SIOCSIFMTU
  announces: { flags: 0x301, mtu: true, linkState: false, name: false, hardwareAddress: false },
  departureNeedsQuery: false,
  IFF_DYING: undefined,
  SIOCGIFINDEX: undefined,
  gone: [C.ENXIO], // ifunit_ref() in ifioctl() of bsd/net/if.c
  flagsHigh: false,
  mediaRequests: [0xc02c6948, 0xc02c6938], // SIOCGIFXMEDIA, SIOCGIFMEDIA
  // ether_ioctl() of bsd/net/ether_if_module.c; if_fake.c; drivers with a switch of their own; and EPERM for the
  // interfaces that macOS keeps to itself (ifioctl_restrict_intcoproc() of bsd/net/if.c)
  noMedia: [C.EOPNOTSUPP_DARWIN, C.EOPNOTSUPP, C.EINVAL, C.EPERM],
  wireless: undefined, // Apple80211 is private, and the names of networks are kept from programs
  media: { size: 44, status: 24, active: 28 }, // packed to 4
  mediaWords: DARWIN_MEDIA,
};
