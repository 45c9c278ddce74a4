/** The versions of each system that platforms/bsd/README.md has a row for, as the fake kernel is built for them. */
import type { BsdPlatform } from "../../../platforms/contract/platform.ts";
import type { KernelVersion } from "../../../src/fake/bsd/kernel.ts";

/** What a version has of what netflags asks a system for. */
export interface Version extends KernelVersion {
  /** As the table calls it. */
  readonly name: string;
  readonly platform: BsdPlatform;
  /** The lists (NET_RT_IFLIST and its like) that it has. */
  readonly lists: readonly number[];
  readonly filter: "RO_MSGFILTER" | "ROUTE_MSGFILTER" | "none";
  readonly overflow: "SO_RERROR" | "RTM_DESYNC" | "silent";
  readonly announcements: boolean;
  readonly index: "SIOCGIFINDEX" | "if_nametoindex";
}

const NETBSD = {
  platform: "netbsd",
  layout: 0,
  lists: [6, 5],
  addresses: "both",
  filter: "RO_MSGFILTER",
  overflow: "SO_RERROR",
  announcements: true,
  index: "SIOCGIFINDEX",
} as const;

const FREEBSD = {
  platform: "freebsd",
  layout: 0,
  lists: [5, 3],
  addresses: "new",
  filter: "none",
  overflow: "SO_RERROR",
  announcements: true,
  index: "SIOCGIFINDEX",
} as const;

const DRAGONFLY = {
  platform: "dragonfly",
  layout: 0,
  lists: [3],
  addresses: "new",
  filter: "none",
  overflow: "SO_RERROR",
  announcements: true,
  index: "SIOCGIFINDEX",
} as const;

const DARWIN = {
  platform: "darwin",
  layout: 0,
  lists: [6, 3],
  addresses: "new",
  filter: "none",
  overflow: "silent",
  announcements: false,
  index: "if_nametoindex",
} as const;

export const VERSIONS: readonly Version[] = [
  { ...NETBSD, name: "NetBSD 7", release: 799003400, lists: [5], addresses: "old", filter: "none", overflow: "silent" },
  { ...NETBSD, name: "NetBSD 8", release: 800000000, overflow: "silent" },
  { ...NETBSD, name: "NetBSD 9", release: 900000000 },
  { ...NETBSD, name: "NetBSD 10", release: 1000000000 },
  { ...NETBSD, name: "NetBSD 11", release: 1100000000 },
  { ...FREEBSD, name: "FreeBSD 12", release: 1201517, overflow: "silent" },
  { ...FREEBSD, name: "FreeBSD 13.0", release: 1300139, overflow: "silent" },
  { ...FREEBSD, name: "FreeBSD 14", release: 1400063 },
  { ...FREEBSD, name: "FreeBSD 15", release: 1501000 },
  {
    name: "OpenBSD 7",
    platform: "openbsd",
    layout: 0,
    lists: [3],
    addresses: "new",
    filter: "ROUTE_MSGFILTER",
    overflow: "RTM_DESYNC",
    announcements: true,
    index: "if_nametoindex",
  },
  { ...DRAGONFLY, name: "DragonFly 5.6", layout: 1, overflow: "silent" },
  { ...DRAGONFLY, name: "DragonFly 6.4" },
  { ...DARWIN, name: "macOS 14" },
  { ...DARWIN, name: "macOS 15" },
];
