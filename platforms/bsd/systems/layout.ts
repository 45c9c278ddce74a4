import type { BsdPlatform } from "../../contract/platform.ts";
import type { LinkState } from "../../contract/status.ts";
import type { FlagTable } from "../../contract/flag_table.ts";
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
  /** ifi_link_state, if the system has it */
  readonly linkState?: Field;
  /** Where the socket addresses start: the offsets in known kernels of this system. */
  readonly size: readonly number[];
  /** Where the message itself contains this offset. */
  readonly sizeField?: Field;
}

/** struct ifa_msghdr and variants. */
export interface AddressLayout {
  readonly index: Field;
  readonly addrs: Field;
  /** The flags of the address, if the message has them. */
  readonly addressFlags?: Field;
  /** Where the socket addresses start. */
  readonly size: number;
  /** Where the message itself contains this offset. */
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

/**
 * An RTM_NEWADDR or similar message; `gone` means that the address is gone. `superseded`: a kernel that can filter
 * messages sends it only for programs that do not know its successor, which says more.
 */
export interface AddressForms {
  readonly name: "RTM_NEWADDR" | "RTM_DELADDR" | "RTM_CHGADDR" | "RTM_CHGADDRATTR";
  readonly address: AddressLayout;
  readonly long?: AddressLayout;
  readonly gone: boolean;
  readonly superseded?: true;
}

/** The meaning and the layout of a message type. */
export type MessageLayout = InterfaceForms | AddressForms | AnnounceForm | DesyncForm | WirelessForm | RouteForm;

/** An RTM_IFANNOUNCE. */
export interface AnnounceForm {
  readonly name: "RTM_IFANNOUNCE";
  readonly announce: AnnounceLayout;
}

/** Something happened on a wireless interface: an association, another network. */
export interface WirelessForm {
  readonly name: "RTM_IEEE80211" | "RTM_80211INFO";
  /** `what`: the number of what happened, if the message says it. */
  readonly wireless: { readonly index: Field; readonly what?: Field };
}

/** struct rt_msghdr. */
export interface RouteHeader {
  readonly index: Field;
  readonly addrs: Field;
  readonly flags: readonly [at: number, bytes: 4];
  /** Who asked, and as what; the error of what was asked. */
  readonly pid: Field;
  readonly seq: Field;
  readonly errno: Field;
  /** rtm_tableid, if the system has it. */
  readonly table?: Field;
  /** Where the socket addresses start. */
  readonly size: number;
  /** Where the message itself contains this offset. */
  readonly sizeField?: Field;
}

/** A message about a route: a change of it, or the answer to a question. */
export interface RouteForm {
  readonly name: RouteName;
  readonly route: RouteHeader;
}

/** The names of these messages. */
export type RouteName = "RTM_ADD" | "RTM_DELETE" | "RTM_CHANGE" | "RTM_GET";

/** The flags of a route that differ among the systems; 0 if the system has none. */
export interface RouteFlags {
  readonly RTF_LOCAL: number;
  readonly RTF_BROADCAST: number;
  readonly RTF_MULTICAST: number;
}

/** OpenBSD's message for an overflow. */
export interface DesyncForm {
  readonly name: "RTM_DESYNC";
  readonly desync: true;
}

/** The names of messages that are not about interfaces. */
export type OtherName =
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
  /** The size to which socket addresses are padded (RT_ROUNDUP). One of length 0 takes this much too. */
  readonly roundup: 4 | 8;
  /** AF_INET6 */
  readonly inet6: number;
  /** The bits of ifm_flags that mean something: some kernels extend the sign of a 16-bit word. */
  readonly flagMask: number;
  /** What the bits of rtm_flags mean that are not the same everywhere. */
  readonly routeFlags: RouteFlags;
  /** What ifi_link_state's numbers mean. */
  readonly linkStates: readonly LinkState[];
  /** Names of the interface types that differ from those in common.ts. */
  readonly types: Readonly<Record<number, string>>;
  /** The messages of interest by type. */
  readonly messages: Readonly<Record<number, MessageLayout>>;
  /** The names of others. */
  readonly others: Readonly<Record<number, OtherName>>;
}

/** How to read the medium of a wireless interface, and the request for its network. */
export interface WirelessNumbers {
  /** IFM_NMASK, and IFM_IEEE80211 in it. */
  readonly mask: number;
  readonly is80211: number;
  /**
   * The options of a medium that give the operating mode; without one it is a station. The modes have nl80211's names.
   */
  readonly modes: readonly (readonly [option: number, type: string])[];
  /** SIOCG80211NWID, or SIOCG80211, and the structure of each. */
  readonly request: number;
  readonly form: "nwid" | "ieee80211req";
}

/** A socket option that filters messages, at level AF_ROUTE. */
export interface MessageFilter {
  readonly option: number;
  /** Its value: a list of the wanted types, or a mask of them. */
  readonly form: "bytes" | "mask";
  /** The option that keeps out routes with any of these flags, if there is one. */
  readonly flags?: { readonly option: number; readonly unwanted: number };
}

/** What versions of a system before a release have in place of what its newest version has. */
export interface OlderVersion {
  readonly before: number;
  readonly flags?: FlagTable;
  readonly announces?: SystemNumbers["announces"];
}

/** How a system is called: names, requests, sizes. */
export interface SystemNumbers {
  readonly platform: BsdPlatform;
  /** The sysctl(3) name of the number of the running kernel's release, where versions differ. */
  readonly release?: readonly number[];
  /** Versions that differ by their release alone, the oldest first. */
  readonly older?: readonly OlderVersion[];
  readonly flags: FlagTable;
  /** The flags of an address, by its family: in lower case, the kernel's names without IN_IFF_ and IN6_IFF_. */
  readonly addressFlags: { readonly inet: FlagTable; readonly inet6: FlagTable };
  /** Every known version, the newest first. */
  readonly layouts: readonly RouteLayout[];
  /** The C library, by the names to try. */
  readonly libraries: readonly string[];
  /** The symbols for socket(2), sysctl(2), clock_gettime(2) and the address of errno in it. */
  readonly socketSymbol: string;
  readonly sysctlSymbol: string;
  readonly clockSymbol: string;
  /** getrtable(2), which returns the routing table of this process, if the system has several. */
  readonly tableSymbol?: string;
  readonly errnoSymbol: string;
  /** The clock that nobody sets: the one that goes on during sleep, if the system has one. */
  readonly steadyClock: number;
  /** AF_ROUTE */
  readonly route: number;
  /** NET_RT_IFLIST and its successors, the best first. */
  readonly lists: readonly number[];
  /** The socket option that makes the kernel report an overflow, if there is one. */
  readonly SO_RERROR: number | undefined;
  /** How the kernel filters messages, if it can. */
  readonly filter?: MessageFilter;
  /** Whether a message reports an overflow (RTM_DESYNC). */
  readonly desync: boolean;
  /** Whether interfaces are announced (RTM_IFANNOUNCE). */
  readonly announcements: boolean;
  /**
   * Which changes of an existing interface have a message, and for which flags. If a name has none, an interface cannot
   * be renamed. Watchers do not need this table. It decides which changes the kernel in memory (src/fake) announces.
   */
  readonly announces: {
    readonly flags: number;
    readonly mtu: boolean;
    readonly linkState: boolean;
    readonly name: boolean;
    readonly hardwareAddress: boolean;
  };
  /** Whether an RTM_DELADDR may be about an IPv4 address that stays: each has one when its interface goes down. */
  readonly departureNeedsQuery: boolean;
  /** Whether renaming is a departure and an arrival, and an interface that really goes has IFF_DYING first. */
  readonly IFF_DYING: number | undefined;
  /** sizeof(struct ifreq) */
  readonly ifreq: number;
  readonly SIOCGIFFLAGS: number;
  readonly SIOCSIFFLAGS: number;
  /** The request for the index of a name, if there is one; otherwise if_nametoindex(3) returns it. */
  readonly SIOCGIFINDEX: number | undefined;
  /** The errors by which an ioctl says that its interface is gone, or going. */
  readonly gone: readonly number[];
  /** Whether struct ifreq has ifr_flagshigh at 18. */
  readonly flagsHigh: boolean;
  /** SIOCGIFMEDIA, preceded by SIOCGIFXMEDIA if the system has it. */
  readonly mediaRequests: readonly number[];
  /** The errors by which SIOCGIFMEDIA says that the driver has no media. */
  readonly noMedia: readonly number[];
  /** How to recognize wireless interfaces and ask for their network; undefined if programs cannot find out. */
  readonly wireless: WirelessNumbers | undefined;
  /** struct ifmediareq */
  readonly media: { readonly size: number; readonly status: number; readonly active: number };
  /** The meaning of the words in it. */
  readonly mediaWords: () => MediaNumbers;
}
