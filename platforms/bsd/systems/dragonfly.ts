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
import { DRAGONFLY_MEDIA } from "./dragonfly_media.ts";

/** DragonFly BSD, 64-bit: RTM_VERSION 7 (5.8 and later) has another order of fields than those before it. */

// sys/net/if.h: struct if_data at 16 in both
const IF_DATA = { flags: [8, 4], type: [16, 1], mtu: [24, 8], linkState: [40, 8], size: [176] } as const;
const IF_MSGHDR: InterfaceLayout = { ...IF_DATA, index: [4, 2], addrs: [12, 4] };
const IF_MSGHDR6: InterfaceLayout = { ...IF_DATA, index: [12, 2], addrs: [4, 4] };
const IFA_MSGHDR: AddressLayout = { index: [4, 2], addrs: [12, 4], size: 24 };
const IFA_MSGHDR6: AddressLayout = { index: [12, 2], addrs: [4, 4], size: 20 };

// sys/net/route.h: struct rt_msghdr, then struct rt_metrics with fourteen u_long; the same in both
const RT_MSGHDR: RouteHeader = { ...C.RT_MSGHDR, size: 152 };

function messages(ifMsghdr: InterfaceLayout, ifaMsghdr: AddressLayout): Readonly<Record<number, MessageLayout>> {
  return {
    ...C.routeMessages(RT_MSGHDR),
    0x0e: { name: "RTM_IFINFO", interface: ifMsghdr },
    0x0c: { name: "RTM_NEWADDR", address: ifaMsghdr, gone: false },
    0x0d: { name: "RTM_DELADDR", address: ifaMsghdr, gone: true },
    0x11: { name: "RTM_IFANNOUNCE", announce: { index: [4, 2], name: 6, what: [22, 2] } },
    0x12: { name: "RTM_IEEE80211", wireless: { index: [4, 2], what: [22, 2] } }, // with a struct if_announcemsghdr
  };
}

const COMMON = {
  roundup: 8, // sizeof(long)
  inet6: 28,
  flagMask: 0xffffffff,
  routeFlags: { RTF_LOCAL: 0x200000, RTF_BROADCAST: 0x400000, RTF_MULTICAST: 0x800000 }, // sys/net/route.h
  linkStates: ["unknown", "down", "up"],
  types: { 240: "gif", 248: "carp" },
  others: { ...C.RTM_NAMES, 0x0f: "RTM_NEWMADDR", 0x10: "RTM_DELMADDR" },
} as const;

const LAYOUT: RouteLayout = { ...COMMON, versions: [7], messages: messages(IF_MSGHDR, IFA_MSGHDR) };
const LAYOUT6: RouteLayout = { ...COMMON, versions: [6, 5], messages: messages(IF_MSGHDR6, IFA_MSGHDR6) };

export const DRAGONFLY: SystemNumbers = {
  ...C.ALL_BUT_NETBSD,
  platform: "dragonfly",
  flags: BSD_FLAGS.dragonfly[0],
  addressFlags: { inet: C.addressFlagTable([]), inet6: C.addressFlagTable(C.IN6_IFF) }, // sys/netinet6/in6_var.h
  layouts: [LAYOUT, LAYOUT6],
  libraries: ["libc.so.8", "libc.so"],
  errnoSymbol: "__errno_location",
  steadyClock: 4, // CLOCK_MONOTONIC of sys/sys/_clock_id.h; what it does during sleep was not verified
  lists: [3],
  SO_RERROR: 0x2000,
  desync: false,
  announcements: true,
  // sys/net/if.c: rt_ifmsg() of if_up, if_down, ifpromisc, if_allmulti, SIOCSIFMTU and a link state; SIOCSIFNAME announces
  announces: { flags: 0x301, mtu: true, linkState: true, name: true, hardwareAddress: false },
  departureNeedsQuery: false,
  IFF_DYING: undefined,
  SIOCGIFINDEX: 0xc0206920,
  gone: [C.ENXIO], // ifunit() in ifioctl() of sys/net/if.c
  flagsHigh: true,
  mediaRequests: [0xc0306938],
  // ether_ioctl() of sys/net/if_ethersubr.c; ifioctl() of sys/net/if.c without if_ioctl; other drivers
  noMedia: [C.EINVAL, C.EOPNOTSUPP, C.ENOTTY],
  wireless: C.NET80211, // sys/netproto/802_11/ieee80211_ioctl.h
  media: { size: 48, status: 24, active: 28 },
  mediaWords: DRAGONFLY_MEDIA,
};
