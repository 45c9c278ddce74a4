import type { BsdPlatform } from "../contract/platform.ts";
import type { LinkState } from "../contract/status.ts";
import type { FlagTable } from "../contract/flag_table.ts";
import type { MediaNumbers } from "./media.ts";

/** A number in a message: where it starts and how many bytes it has. Of 8 bytes the low 4 are read. */
export type Field = readonly [at: number, bytes: 1 | 2 | 4 | 8];

/** struct if_msghdr with its struct if_data, and variants of both. */
export interface InterfaceLayout {
  readonly index: readonly [at: number, bytes: 2];
  /** The bit mask of the socket addresses that follow. */
  readonly addrs: Field;
  readonly flags: readonly [at: number, bytes: 4];
  /** ifi_type */
  readonly type: Field;
  readonly mtu: Field;
  /** ifi_link_state, where the system has one */
  readonly linkState?: Field;
  /** Where the socket addresses start: the places that kernels of this system have been known to use. */
  readonly size: readonly number[];
  /** Where the message itself tells that. */
  readonly sizeField?: Field;
}

/** struct ifa_msghdr and variants. */
export interface AddressLayout {
  readonly index: Field;
  readonly addrs: Field;
  /** Where the socket addresses start. */
  readonly size: number;
  /** Where the message itself tells that. */
  readonly sizeField?: Field;
}

/** struct if_announcemsghdr. */
export interface AnnounceLayout {
  readonly index: Field;
  /** Where the name's 16 bytes start. */
  readonly name: number;
  readonly what: Field;
}

/** An RTM_IFINFO, in its short form and, on FreeBSD, its long one. */
export interface InterfaceForms {
  readonly name: "RTM_IFINFO" | "RTM_IFINFO2";
  readonly interface: InterfaceLayout;
  readonly long?: InterfaceLayout;
}

/** An RTM_NEWADDR and its like; `gone`: the address is. */
export interface AddressForms {
  readonly name: "RTM_NEWADDR" | "RTM_DELADDR" | "RTM_CHGADDR" | "RTM_CHGADDRATTR";
  readonly address: AddressLayout;
  readonly long?: AddressLayout;
  readonly gone: boolean;
}

/** What a message type means, and how it is laid out. */
export type MessageLayout = InterfaceForms | AddressForms | AnnounceForm | DesyncForm | WirelessForm;

/** An RTM_IFANNOUNCE. */
export interface AnnounceForm {
  readonly name: "RTM_IFANNOUNCE";
  readonly announce: AnnounceLayout;
}

/** Something happened on a wireless interface: an association, another network. */
export interface WirelessForm {
  readonly name: "RTM_IEEE80211" | "RTM_80211INFO";
  readonly wireless: { readonly index: Field };
}

/** OpenBSD's word for an overflow. */
export interface DesyncForm {
  readonly name: "RTM_DESYNC";
  readonly desync: true;
}

/** The names of messages that say nothing of interfaces. */
export type OtherName =
  | "RTM_ADD"
  | "RTM_DELETE"
  | "RTM_CHANGE"
  | "RTM_GET"
  | "RTM_LOSING"
  | "RTM_REDIRECT"
  | "RTM_MISS"
  | "RTM_LOCK"
  | "RTM_OLDADD"
  | "RTM_OLDDEL"
  | "RTM_RESOLVE"
  | "RTM_NEWMADDR"
  | "RTM_DELMADDR"
  | "RTM_NEWMADDR2"
  | "RTM_GET2"
  | "RTM_LLINFO_UPD"
  | "RTM_INVALIDATE"
  | "RTM_BFD"
  | "RTM_PROPOSAL"
  | "RTM_SOURCE";

/** The messages of one version of a system's routing socket. */
export interface RouteLayout {
  /** The version bytes (RTM_VERSION) that it goes with. */
  readonly versions: readonly number[];
  /** What socket addresses are padded to (RT_ROUNDUP); one of length 0 takes this much too. */
  readonly roundup: 4 | 8;
  /** AF_INET6 */
  readonly inet6: number;
  /** The bits of ifm_flags that mean something: some kernels extend the sign of a 16-bit word. */
  readonly flagMask: number;
  /** What ifi_link_state's numbers mean. */
  readonly linkStates: readonly LinkState[];
  /** Names of the interface types that differ from those in common.ts. */
  readonly types: Readonly<Record<number, string>>;
  /** The messages of interest by type. */
  readonly messages: Readonly<Record<number, MessageLayout>>;
  /** The names of others. */
  readonly others: Readonly<Record<number, OtherName>>;
}

/** What the medium of a wireless interface says, and the request that tells its network. */
export interface WirelessNumbers {
  /** IFM_NMASK, and IFM_IEEE80211 in it. */
  readonly mask: number;
  readonly is80211: number;
  /** The options of a medium that say how it is operated; without one it is a station. Types have nl80211's names. */
  readonly modes: readonly (readonly [option: number, type: string])[];
  /** SIOCG80211NWID, or SIOCG80211, and the structure of each. */
  readonly request: number;
  readonly form: "nwid" | "ieee80211req";
}

/** How a system is called: names, requests, sizes. */
export interface SystemNumbers {
  readonly platform: BsdPlatform;
  readonly flags: FlagTable;
  /** Every known version, the newest first. */
  readonly layouts: readonly RouteLayout[];
  /** The C library, by the names to try. */
  readonly libraries: readonly string[];
  /** What socket(2), sysctl(2) and errno's place are called in it. */
  readonly socketSymbol: string;
  readonly sysctlSymbol: string;
  readonly errnoSymbol: string;
  /** AF_ROUTE */
  readonly route: number;
  /** NET_RT_IFLIST and its successors, the best first. */
  readonly lists: readonly number[];
  /** The socket option that makes an overflow tell itself, where there is one. */
  readonly SO_RERROR: number | undefined;
  /** The socket option that leaves messages out, at level AF_ROUTE: a list of the types wanted, or a mask of them. */
  readonly filter?: { readonly option: number; readonly form: "bytes" | "mask" };
  /** Whether a message tells an overflow (RTM_DESYNC). */
  readonly desync: boolean;
  /** Whether interfaces are announced (RTM_IFANNOUNCE). */
  readonly announcements: boolean;
  /**
   * Which changes of an interface that is there a message tells; of the flags, of which. Where none tells a name, an
   * interface cannot be renamed. What watches needs none of this; the kernel in memory (src/fake) is silent by it.
   */
  readonly told: {
    readonly flags: number;
    readonly mtu: boolean;
    readonly linkState: boolean;
    readonly name: boolean;
    readonly hardwareAddress: boolean;
  };
  /** Whether renaming is a departure and an arrival, and an interface that really goes has IFF_DYING first. */
  readonly IFF_DYING: number | undefined;
  /** sizeof(struct ifreq) */
  readonly ifreq: number;
  readonly SIOCGIFFLAGS: number;
  readonly SIOCSIFFLAGS: number;
  /** What tells the index that a name has, where there is such a request: if_nametoindex(3) tells it elsewhere. */
  readonly SIOCGIFINDEX: number | undefined;
  /** By which errors an ioctl says that its interface is gone, or going. */
  readonly gone: readonly number[];
  /** Whether struct ifreq has ifr_flagshigh at 18. */
  readonly flagsHigh: boolean;
  /** SIOCGIFMEDIA, preceded by SIOCGIFXMEDIA where there is one. */
  readonly mediaRequests: readonly number[];
  /** By which errors SIOCGIFMEDIA says that the driver has no media. */
  readonly noMedia: readonly number[];
  /** How wireless interfaces are known, and their network is asked for; undefined where programs are not told. */
  readonly wireless: WirelessNumbers | undefined;
  /** struct ifmediareq */
  readonly media: { readonly size: number; readonly status: number; readonly active: number };
  /** What the words in it mean. */
  readonly mediaWords: MediaNumbers;
}
