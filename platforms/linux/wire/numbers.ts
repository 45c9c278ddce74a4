/**
 * The numbers of Linux: every constant that netflags sends to or reads from a Linux kernel, in the kernel's spelling.
 * Each group names the header that it comes from. They are those of x86-64, aarch64, riscv64 and every other
 * architecture that Deno runs on; mips, alpha and sparc differ in the socket constants.
 */

// include/linux/socket.h, include/uapi/asm-generic/socket.h
export const AF_UNSPEC = 0;
export const AF_INET = 2;
export const AF_BRIDGE = 7;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_CLOEXEC = 0x80000;
export const SOCK_NONBLOCK = 0x800;
export const SOL_SOCKET = 1;
export const SO_RCVBUF = 8;
export const SO_RCVBUFFORCE = 33;
export const SO_ATTACH_FILTER = 26;
export const SO_DETACH_FILTER = 27;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;

// include/uapi/linux/bpf_common.h, include/uapi/linux/filter.h: an instruction's class, its width and its operand
export const [BPF_LD_IMM, BPF_LDX_IMM] = [0x00, 0x01] as const;
export const [BPF_LD_W_ABS, BPF_LD_H_ABS, BPF_LD_B_ABS] = [0x20, 0x28, 0x30] as const;
export const [BPF_LD_W_IND, BPF_LD_H_IND, BPF_LD_B_IND] = [0x40, 0x48, 0x50] as const;
export const BPF_LD_W_LEN = 0x80;
export const [BPF_SUB_X, BPF_OR_X, BPF_LSH_K] = [0x1c, 0x4c, 0x64] as const;
export const [BPF_JA, BPF_JEQ_K, BPF_JGT_K, BPF_JGE_K] = [0x05, 0x15, 0x25, 0x35] as const;
export const [BPF_RET_K, BPF_TAX] = [0x06, 0x07] as const;
export const BPF_MAXINSNS = 4096;
// A load from here on calls a helper; this one finds the attribute whose type is in X, from the offset in A on.
export const SKF_AD_OFF = -0x1000;
export const SKF_AD_NLATTR = 12;
// struct sock_filter { __u16 code; __u8 jt, jf; __u32 k; }, struct sock_fprog { unsigned short len; sock_filter *filter; }
export const SOCK_FILTER_LEN = 8;
export const SOCK_FPROG_LEN = 16;
// struct mmsghdr { struct msghdr msg_hdr; unsigned int msg_len; }, struct iovec { void *iov_base; size_t iov_len; }
export const MMSGHDR_LEN = 64;
export const MSG_LEN_AT = 56;
export const IOVEC_LEN = 16;

// include/uapi/asm-generic/fcntl.h
export const O_RDONLY = 0;
export const O_NOCTTY = 0x100;
export const O_NONBLOCK = 0x800;
export const O_CLOEXEC = 0x80000;
/** include/uapi/linux/fcntl.h */
export const F_DUPFD_CLOEXEC = 1030;

// include/uapi/asm-generic/ioctls.h, include/uapi/asm-generic/termbits.h, termbits-common.h
export const TCGETS = 0x5401;
export const TCSETS = 0x5402;
export const [BRKINT, INPCK, ISTRIP, ICRNL, IXON] = [0x2, 0x10, 0x20, 0x100, 0x400] as const;
export const [ISIG, ICANON, ECHO, IEXTEN] = [0x1, 0x2, 0x8, 0x8000] as const;
export const [VTIME, VMIN] = [5, 6] as const;

// include/uapi/linux/time.h: the clock that goes on during sleep, since 2.6.39
export const CLOCK_BOOTTIME = 7;

// include/uapi/linux/sched.h
export const CLONE_NEWNET = 0x40000000;

// include/uapi/linux/inotify.h
export const IN_MOVED_FROM = 0x40;
export const IN_MOVED_TO = 0x80;
export const IN_CREATE = 0x100;
export const IN_DELETE = 0x200;
export const IN_DELETE_SELF = 0x400;
export const IN_MOVE_SELF = 0x800;
export const IN_ONLYDIR = 0x01000000;
export const IN_CLOEXEC = 0x80000;
export const IN_NONBLOCK = 0x800;

// include/uapi/linux/eventfd.h, include/uapi/asm-generic/poll.h
export const EFD_CLOEXEC = 0x80000;
export const EFD_NONBLOCK = 0x800;
export const POLLIN = 1;

// include/uapi/linux/aio_abi.h
export const IOCB_CMD_POLL = 5;
export const IOCB_FLAG_RESFD = 1;
/** sizeof(struct iocb), sizeof(struct io_event) */
export const IOCB_LEN = 64;
export const IO_EVENT_LEN = 32;
/** The numbers of io_setup(2) and its like: the C library has no functions for them. */
export interface IoCalls {
  readonly setup: bigint;
  readonly destroy: bigint;
  readonly submit: bigint;
  readonly cancel: bigint;
  readonly getevents: bigint;
}
/** arch/x86/entry/syscalls/syscall_64.tbl */
export const SYS_IO_X86_64: IoCalls = { setup: 206n, destroy: 207n, getevents: 208n, submit: 209n, cancel: 210n };
/** include/uapi/asm-generic/unistd.h: every newer architecture has these. */
export const SYS_IO_GENERIC: IoCalls = { setup: 0n, destroy: 1n, submit: 2n, cancel: 3n, getevents: 4n };

/** The number of fstat(2), which old C libraries have no function for: arch/x86/entry/syscalls/syscall_64.tbl. */
export const SYS_FSTAT_X86_64 = 5n;
/** include/uapi/asm-generic/unistd.h */
export const SYS_FSTAT_GENERIC = 80n;
/** The number of pidfd_open(2), everywhere. */
export const SYS_PIDFD_OPEN = 434n;
/** More than sizeof(struct stat); st_dev and st_ino are its first two words (asm/stat.h). */
export const STAT_ROOM = 256;

// include/uapi/linux/io_uring.h
export const IORING_OP_POLL_ADD = 6;
export const IORING_OP_POLL_REMOVE = 7;
export const IORING_OFF_SQ_RING = 0n;
export const IORING_OFF_SQES = 0x10000000n;
export const IORING_FEAT_SINGLE_MMAP = 0x1;
export const IORING_FEAT_NODROP = 0x2;
export const IORING_FEAT_POLL_32BITS = 0x40;
export const IORING_REGISTER_EVENTFD = 4;
/** sizeof(struct io_uring_params), sizeof(struct io_uring_sqe), sizeof(struct io_uring_cqe) */
export const IO_URING_PARAMS_LEN = 120;
export const IO_URING_SQE_LEN = 64;
export const IO_URING_CQE_LEN = 16;
/** include/uapi/asm-generic/unistd.h: the same numbers on every architecture. */
export const SYS_IO_URING_SETUP = 425n;
export const SYS_IO_URING_ENTER = 426n;
export const SYS_IO_URING_REGISTER = 427n;

// include/uapi/asm-generic/mman-common.h, include/uapi/linux/mman.h
export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const MAP_SHARED = 0x1;
export const MAP_POPULATE = 0x8000;

// include/uapi/linux/netlink.h
export const NETLINK_ROUTE = 0;
export const NETLINK_GENERIC = 16;
export const NETLINK_NAMES: Readonly<Record<number, string>> = {
  0: "NETLINK_ROUTE",
  2: "NETLINK_USERSOCK",
  4: "NETLINK_SOCK_DIAG",
  5: "NETLINK_NFLOG",
  6: "NETLINK_XFRM",
  7: "NETLINK_SELINUX",
  9: "NETLINK_AUDIT",
  10: "NETLINK_FIB_LOOKUP",
  11: "NETLINK_CONNECTOR",
  12: "NETLINK_NETFILTER",
  15: "NETLINK_KOBJECT_UEVENT",
  16: "NETLINK_GENERIC",
  18: "NETLINK_SCSITRANSPORT",
  20: "NETLINK_RDMA",
  21: "NETLINK_CRYPTO",
  22: "NETLINK_SMC",
};
export const SOL_NETLINK = 270;
export const NETLINK_ADD_MEMBERSHIP = 1;
export const NETLINK_EXT_ACK = 11;
export const NETLINK_GET_STRICT_CHK = 12;
export const NLM_F_REQUEST = 0x1;
export const NLM_F_MULTI = 0x2;
export const NLM_F_ACK = 0x4;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_CAPPED = 0x100;
export const NLM_F_ACK_TLVS = 0x200;
export const NLM_F_DUMP = 0x300;
export const NLMSG_NOOP = 1;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLMSG_OVERRUN = 4;
export const NLMSGERR_ATTR_MSG = 1;
/** Strips NLA_F_NESTED (0x8000) and NLA_F_NET_BYTEORDER (0x4000) from an attribute's type. */
export const NLA_TYPE_MASK = 0x3fff;
export const NLA_F_NESTED = 0x8000;
/** sizeof(struct nlmsghdr), sizeof(struct nlattr), sizeof(struct sockaddr_nl) */
export const NLMSG_HDRLEN = 16;
export const NLA_HDRLEN = 4;
export const SOCKADDR_NL_LEN = 12;

// include/uapi/linux/rtnetlink.h
export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
export const RTM_GETLINK = 18;
export const RTM_SETLINK = 19;
export const RTM_NEWADDR = 20;
export const RTM_DELADDR = 21;
export const RTM_GETADDR = 22;
export const RTM_NEWROUTE = 24;
export const RTM_DELROUTE = 25;
export const RTM_GETROUTE = 26;
export const RTNLGRP_LINK = 1;
export const RTNLGRP_IPV4_IFADDR = 5;
export const RTNLGRP_IPV4_ROUTE = 7;
export const RTNLGRP_IPV4_RULE = 8;
export const RTNLGRP_IPV6_IFADDR = 9;
export const RTNLGRP_IPV6_ROUTE = 11;
export const RTNLGRP_IPV6_RULE = 19;
export const RTNLGRP_NEXTHOP = 32;
export const RTEXT_FILTER_SKIP_STATS = 8;
export const RT_SCOPE_UNIVERSE = 0;
export const RT_SCOPE_SITE = 200;
export const RT_SCOPE_LINK = 253;
export const RT_SCOPE_HOST = 254;
export const RT_SCOPE_NOWHERE = 255;
/** sizeof(struct ifinfomsg), sizeof(struct ifaddrmsg), sizeof(struct rtmsg), sizeof(struct rtnexthop) */
export const IFINFOMSG_LEN = 16;
export const IFADDRMSG_LEN = 8;
export const RTMSG_LEN = 12;
export const RTNEXTHOP_LEN = 8;
export const RTM_F_LOOKUP_TABLE = 0x1000;
export const RTA_DST = 1;
export const RTA_OIF = 4;
export const RTA_GATEWAY = 5;
export const RTA_PRIORITY = 6;
export const RTA_PREFSRC = 7;
export const RTA_METRICS = 8;
export const RTA_MULTIPATH = 9;
export const RTA_TABLE = 15;
export const RTA_VIA = 18;
export const RTA_NH_ID = 30;
/** One more than the highest attribute of a route that netflags looks at. */
export const RTA_INDEXED = 31;
export const RTAX_MTU = 2;
export const RTN_UNICAST = 1;
/** RTN_*: the position is the kernel's number. */
export const RTN_NAMES = [
  "unspec",
  "unicast",
  "local",
  "broadcast",
  "anycast",
  "multicast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
  "nat",
  "xresolve",
] as const;
/** RTNH_F_*, from the lowest bit on */
export const RTNH_F_NAMES: readonly string[] = [
  "dead",
  "pervasive",
  "onlink",
  "offload",
  "linkdown",
  "unresolved",
  "trap",
];
/** RTPROT_* */
export const RTPROT_NAMES: Readonly<Record<number, string>> = {
  0: "unspec",
  1: "redirect",
  2: "kernel",
  3: "boot",
  4: "static",
  8: "gated",
  9: "ra",
  10: "mrt",
  11: "zebra",
  12: "bird",
  13: "dnrouted",
  14: "xorp",
  15: "ntk",
  16: "dhcp",
  17: "mrouted",
  18: "keepalived",
  42: "babel",
  84: "ovn",
  99: "openr",
  186: "bgp",
  187: "isis",
  188: "ospf",
  189: "rip",
  192: "eigrp",
};

// include/uapi/linux/if_link.h
export const IFLA_ADDRESS = 1;
export const IFLA_IFNAME = 3;
export const IFLA_MTU = 4;
export const IFLA_LINK = 5;
export const IFLA_MASTER = 10;
export const IFLA_WIRELESS = 11;
export const IFLA_OPERSTATE = 16;
export const IFLA_LINKMODE = 17;
export const IFLA_LINKINFO = 18;
export const IFLA_STATS64 = 23;
export const IFLA_AF_SPEC = 26;
export const IFLA_EXT_MASK = 29;
export const IFLA_CARRIER = 33;
export const IFLA_CARRIER_CHANGES = 35;
export const IFLA_LINK_NETNSID = 37;
export const IFLA_PROTO_DOWN = 39;
export const IFLA_NEW_NETNSID = 45;
export const IFLA_TARGET_NETNSID = 46;
export const IFLA_CARRIER_UP_COUNT = 47;
export const IFLA_CARRIER_DOWN_COUNT = 48;
export const IFLA_NEW_IFINDEX = 49;
export const IFLA_PROP_LIST = 52;
export const IFLA_ALT_IFNAME = 53;
export const IFLA_PERM_ADDRESS = 54;
export const IFLA_PROTO_DOWN_REASON = 55;
export const IFLA_PROTO_DOWN_REASON_VALUE = 2;
export const IFLA_INFO_KIND = 1;
export const IFLA_INFO_DATA = 2;
export const IFLA_INFO_SLAVE_KIND = 4;
export const IFLA_INFO_SLAVE_DATA = 5;
export const IFLA_VLAN_ID = 1;
export const IFLA_VLAN_PROTOCOL = 5;
export const IFLA_VXLAN_ID = 1;
export const IFLA_VXLAN_GROUP = 2;
export const IFLA_VXLAN_LINK = 3;
export const IFLA_VXLAN_LOCAL = 4;
export const IFLA_VXLAN_PORT = 15;
export const IFLA_VXLAN_GROUP6 = 16;
export const IFLA_VXLAN_LOCAL6 = 17;
export const IFLA_VRF_TABLE = 1;
export const IFLA_VRF_PORT_TABLE = 1;
export const IFLA_BOND_MODE = 1;
export const IFLA_BOND_ACTIVE_SLAVE = 2;
export const IFLA_BOND_SLAVE_STATE = 1;
export const IFLA_BOND_SLAVE_MII_STATUS = 2;
export const IFLA_BOND_SLAVE_LINK_FAILURE_COUNT = 3;
export const IFLA_BRPORT_STATE = 1;
/** One more than the highest attribute that netflags looks at in what is nested in IFLA_LINKINFO, to explain a state. */
export const IFLA_INFO_INDEXED = 4;
/** The same, to show what an interface was made with. */
export const IFLA_INFO_DATA_INDEXED = 18;
/** struct rtnl_link_stats64, of __u64: the places of the counters that netflags reads, and how much of it they take. */
export const STATS64_RX_PACKETS = 0;
export const STATS64_TX_PACKETS = 8;
export const STATS64_RX_BYTES = 16;
export const STATS64_TX_BYTES = 24;
export const STATS64_RX_ERRORS = 32;
export const STATS64_TX_ERRORS = 40;
export const STATS64_RX_DROPPED = 48;
export const STATS64_TX_DROPPED = 56;
export const STATS64_READ = 64;
/** One more than the highest attribute type that netflags looks at; higher ones are skipped. */
export const IFLA_INDEXED = 64;

// include/uapi/linux/if_tunnel.h
/** The attributes of a tunnel (IFLA_GRE_*, IFLA_IPTUN_*, IFLA_VTI_*); 0 where its kind has none such. */
export interface TunnelAttributes {
  readonly link: number;
  readonly inputFlags: number;
  readonly outputFlags: number;
  readonly inputKey: number;
  readonly outputKey: number;
  readonly local: number;
  readonly remote: number;
  readonly ttl: number;
}
const GRE: TunnelAttributes = {
  link: 1,
  inputFlags: 2,
  outputFlags: 3,
  inputKey: 4,
  outputKey: 5,
  local: 6,
  remote: 7,
  ttl: 8,
};
const IPTUN: TunnelAttributes = {
  link: 1,
  inputFlags: 0,
  outputFlags: 0,
  inputKey: 0,
  outputKey: 0,
  local: 2,
  remote: 3,
  ttl: 4,
};
const VTI: TunnelAttributes = {
  link: 1,
  inputFlags: 0,
  outputFlags: 0,
  inputKey: 2,
  outputKey: 3,
  local: 4,
  remote: 5,
  ttl: 0,
};
/** By IFLA_INFO_KIND. */
export const TUNNEL_ATTRIBUTES: Readonly<Record<string, TunnelAttributes>> = {
  gre: GRE,
  gretap: GRE,
  erspan: GRE,
  ip6gre: GRE,
  ip6gretap: GRE,
  ip6erspan: GRE,
  ipip: IPTUN,
  sit: IPTUN,
  ip6tnl: IPTUN,
  vti: VTI,
  vti6: VTI,
};
/** In the flags of a GRE tunnel, which have network byte order. */
export const GRE_KEY = 0x2000;

// include/uapi/linux/if_ether.h: the protocols of VLANs, as iproute2 prints them
export const VLAN_PROTOCOL_NAMES: Readonly<Record<number, string>> = { 0x8100: "802.1Q", 0x88a8: "802.1ad" };

// include/uapi/linux/if_addr.h
export const IFA_ADDRESS = 1;
export const IFA_LOCAL = 2;
export const IFA_LABEL = 3;
export const IFA_BROADCAST = 4;
export const IFA_CACHEINFO = 6;
export const IFA_FLAGS = 8;
/** sizeof(struct ifa_cacheinfo), and its lifetime that does not end (INFINITY_LIFE_TIME, include/net/addrconf.h). */
export const IFA_CACHEINFO_LEN = 16;
export const INFINITY_LIFE_TIME = 0xffffffff;
export const IFA_F_SECONDARY = 0x01;
export const IFA_F_TENTATIVE = 0x40;
export const IFA_F_PERMANENT = 0x80;
export const IFA_F_NAMES: readonly (readonly [number, string])[] = [
  [0x01, "secondary"], // IFA_F_TEMPORARY on IPv6
  [0x02, "nodad"],
  [0x04, "optimistic"],
  [0x08, "dadfailed"],
  [0x10, "homeaddress"],
  [0x20, "deprecated"],
  [0x40, "tentative"],
  [0x80, "permanent"],
  [0x100, "managetempaddr"],
  [0x200, "noprefixroute"],
  [0x400, "mcautojoin"],
  [0x800, "stable-privacy"],
];

// include/uapi/linux/if.h
export const IFNAMSIZ = 16;
export const ALTIFNAMSIZ = 128;
/** include/uapi/linux/if_ether.h, include/linux/netdevice.h: the bytes of a hardware address */
export const ETH_ALEN = 6;
export const MAX_ADDR_LEN = 32;
/** include/linux/moduleparam.h: how long a kind may be, with its NUL */
export const MODULE_NAME_LEN = 56;
export const IFF_UP = 0x1;
export const IFF_BROADCAST = 0x2;
export const IFF_DEBUG = 0x4;
export const IFF_LOOPBACK = 0x8;
export const IFF_POINTOPOINT = 0x10;
export const IFF_NOTRAILERS = 0x20;
export const IFF_RUNNING = 0x40;
export const IFF_NOARP = 0x80;
export const IFF_PROMISC = 0x100;
export const IFF_ALLMULTI = 0x200;
export const IFF_MASTER = 0x400;
export const IFF_SLAVE = 0x800;
export const IFF_MULTICAST = 0x1000;
export const IFF_PORTSEL = 0x2000;
export const IFF_AUTOMEDIA = 0x4000;
export const IFF_DYNAMIC = 0x8000;
export const IFF_LOWER_UP = 0x10000;
export const IFF_DORMANT = 0x20000;
export const IFF_ECHO = 0x40000;

/** IF_OPER_*: the position is the kernel's number (RFC 2863's ifOperStatus in another order). */
export const IF_OPER_NAMES = [
  "unknown",
  "notpresent",
  "down",
  "lowerlayerdown",
  "testing",
  "dormant",
  "up",
] as const;
export const IF_OPER_UNKNOWN = 0;
export const IF_OPER_DOWN = 2;
export const IF_OPER_LOWERLAYERDOWN = 3;
export const IF_OPER_TESTING = 4;
export const IF_OPER_DORMANT = 5;
export const IF_OPER_UP = 6;

/** IF_LINK_MODE_*: the position is the kernel's number. */
export const IF_LINK_MODE_NAMES = ["default", "dormant", "testing"] as const;
export const IF_LINK_MODE_DORMANT = 1;
export const IF_LINK_MODE_TESTING = 2;

// include/uapi/linux/if_bonding.h; the words of the modes are the module's own, those of BOND_LINK_* /proc/net/bonding's
/** BOND_MODE_*: the position is the kernel's number. */
export const BOND_MODE_NAMES = [
  "balance-rr",
  "active-backup",
  "balance-xor",
  "broadcast",
  "802.3ad",
  "balance-tlb",
  "balance-alb",
] as const;
/** BOND_STATE_*: the position is the kernel's number. */
export const BOND_STATE_NAMES = ["active", "backup"] as const;
/** BOND_LINK_*: the position is the kernel's number. */
export const BOND_LINK_NAMES = ["up", "going-down", "down", "going-back"] as const;

// include/uapi/linux/if_bridge.h
/** BR_STATE_*: the position is the kernel's number. */
export const BR_STATE_NAMES = ["disabled", "listening", "learning", "forwarding", "blocking"] as const;

// rtnl_link_ops.kind of the modules in drivers/net and net
export const KIND_NAMES: readonly string[] = [
  ...["amt", "bareudp", "batadv", "bond", "bridge", "can", "dsa", "dummy", "erspan", "geneve", "gre", "gretap", "gtp"],
  ...["hsr", "ifb", "ip6erspan", "ip6gre", "ip6gretap", "ip6tnl", "ipip", "ipoib", "ipvlan", "ipvtap", "lowpan"],
  ...["macsec", "macvlan", "macvtap", "netdevsim", "netkit", "nlmon", "ovpn", "pfcp", "ppp", "rmnet", "sit", "team"],
  ...["tun", "vcan", "veth", "virt_wifi", "vlan", "vrf", "vti", "vti6", "vxcan", "vxlan", "wireguard", "wwan", "xfrm"],
];

// include/uapi/linux/if_arp.h, spelled as iproute2 prints them where it has a name
export const ARPHRD_NAMES: Readonly<Record<number, string>> = {
  0: "netrom",
  1: "ether",
  24: "ieee1394",
  32: "infiniband",
  256: "slip",
  280: "can",
  512: "ppp",
  519: "rawip",
  768: "ipip",
  769: "tunnel6",
  772: "loopback",
  774: "fddi",
  776: "sit",
  778: "gre",
  801: "ieee802.11",
  802: "ieee802.11/prism",
  803: "ieee802.11/radiotap",
  804: "ieee802.15.4",
  805: "ieee802.15.4/monitor",
  820: "phonet",
  823: "gre6",
  824: "netlink",
  825: "6lowpan",
  826: "vsockmon",
  0xfffe: "none",
  0xffff: "void",
};
export const ARPHRD_ETHER = 1;
export const ARPHRD_LOOPBACK = 772;
export const ARPHRD_NONE = 0xfffe;
/** Ethernet, and ARPHRD_IEEE80211, ARPHRD_IEEE80211_PRISM and ARPHRD_IEEE80211_RADIOTAP. */
export const ARPHRD_WIRELESS: readonly number[] = [1, 801, 802, 803];
export const ARPHRD_TUNNEL = 768;
export const ARPHRD_TUNNEL6 = 769;
export const ARPHRD_SIT = 776;
export const ARPHRD_IPGRE = 778;
export const ARPHRD_IP6GRE = 823;
export const ARPHRD_NETLINK = 824;

// include/uapi/linux/sockios.h; struct ifreq is 40 bytes on 64-bit systems: name[16], then a union of 24
export const SIOCGIFFLAGS = 0x8913;
export const SIOCETHTOOL = 0x8946;
export const IFREQ_LEN = 40;

// include/uapi/asm-generic/errno-base.h, errno.h
export const EPERM = 1;
export const ENOENT = 2;
export const ESRCH = 3;
export const EBADF = 9;
export const EAGAIN = 11;
export const EACCES = 13;
export const EBUSY = 16;
export const EEXIST = 17;
export const ENODEV = 19;
export const ENOTDIR = 20;
export const EINVAL = 22;
export const ENAMETOOLONG = 36;
export const ELOOP = 40;
export const ENOPROTOOPT = 92;
export const EOPNOTSUPP = 95;
export const EAFNOSUPPORT = 97;
export const ENETDOWN = 100;
export const ENETUNREACH = 101;
export const ENOBUFS = 105;
export const EHOSTUNREACH = 113;
export const EINPROGRESS = 115;
export const ERRNO_NAMES: Readonly<Record<number, string>> = {
  1: "EPERM",
  2: "ENOENT",
  3: "ESRCH",
  4: "EINTR",
  5: "EIO",
  6: "ENXIO",
  7: "E2BIG",
  9: "EBADF",
  11: "EAGAIN",
  12: "ENOMEM",
  13: "EACCES",
  14: "EFAULT",
  16: "EBUSY",
  17: "EEXIST",
  19: "ENODEV",
  20: "ENOTDIR",
  22: "EINVAL",
  23: "ENFILE",
  24: "EMFILE",
  25: "ENOTTY",
  32: "EPIPE",
  34: "ERANGE",
  36: "ENAMETOOLONG",
  38: "ENOSYS",
  40: "ELOOP",
  71: "EPROTO",
  74: "EBADMSG",
  75: "EOVERFLOW",
  88: "ENOTSOCK",
  89: "EDESTADDRREQ",
  90: "EMSGSIZE",
  92: "ENOPROTOOPT",
  93: "EPROTONOSUPPORT",
  94: "ESOCKTNOSUPPORT",
  95: "EOPNOTSUPP",
  97: "EAFNOSUPPORT",
  98: "EADDRINUSE",
  99: "EADDRNOTAVAIL",
  100: "ENETDOWN",
  101: "ENETUNREACH",
  104: "ECONNRESET",
  105: "ENOBUFS",
  106: "EISCONN",
  107: "ENOTCONN",
  111: "ECONNREFUSED",
  113: "EHOSTUNREACH",
  114: "EALREADY",
  115: "EINPROGRESS",
};

// include/uapi/linux/genetlink.h
export const GENL_ID_CTRL = 16;
export const GENL_HDRLEN = 4;
export const GENL_NAMSIZ = 16;
export const CTRL_CMD_NEWFAMILY = 1;
export const CTRL_CMD_GETFAMILY = 3;
export const CTRL_ATTR_FAMILY_ID = 1;
export const CTRL_ATTR_FAMILY_NAME = 2;
export const CTRL_ATTR_MCAST_GROUPS = 7;
export const CTRL_ATTR_MCAST_GRP_NAME = 1;
export const CTRL_ATTR_MCAST_GRP_ID = 2;

// include/uapi/linux/ethtool_netlink.h
export const ETHTOOL_GENL_NAME = "ethtool";
export const ETHTOOL_GENL_VERSION = 1;
export const ETHTOOL_MSG_LINKINFO_GET = 2;
export const ETHTOOL_MSG_LINKMODES_GET = 4;
export const ETHTOOL_MSG_LINKSTATE_GET = 6;
export const ETHTOOL_MSG_LINKINFO_GET_REPLY = 2;
export const ETHTOOL_MSG_LINKMODES_GET_REPLY = 4;
export const ETHTOOL_MSG_LINKSTATE_GET_REPLY = 6;
/** The first attribute of each message: ETHTOOL_A_LINKINFO_HEADER, ETHTOOL_A_LINKMODES_HEADER, ... */
export const ETHTOOL_A_HEADER = 1;
export const ETHTOOL_A_HEADER_DEV_INDEX = 1;
export const ETHTOOL_A_HEADER_FLAGS = 3;
export const ETHTOOL_FLAG_COMPACT_BITSETS = 1;
export const ETHTOOL_FLAG_STATS = 4;
export const ETHTOOL_A_LINKINFO_PORT = 2;
export const ETHTOOL_A_LINKMODES_AUTONEG = 2;
export const ETHTOOL_A_LINKMODES_SPEED = 5;
export const ETHTOOL_A_LINKMODES_DUPLEX = 6;
export const ETHTOOL_A_LINKSTATE_LINK = 2;
export const ETHTOOL_A_LINKSTATE_EXT_STATE = 5;
export const ETHTOOL_A_LINKSTATE_EXT_SUBSTATE = 6;
export const ETHTOOL_A_LINKSTATE_EXT_DOWN_CNT = 7;
/** One more than the highest attribute that netflags looks at. */
export const ETHTOOL_INDEXED = 8;

// include/uapi/linux/ethtool.h
export const ETHTOOL_GDRVINFO = 3;
/** struct ethtool_drvinfo: the length of all of it and of each text, and where the texts are. */
export const ETHTOOL_DRVINFO_LEN = 196;
export const ETHTOOL_DRVINFO_TEXT_LEN = 32;
export const [DRVINFO_DRIVER, DRVINFO_VERSION, DRVINFO_FW_VERSION, DRVINFO_BUS_INFO] = [4, 36, 68, 100] as const;
export const SPEED_UNKNOWN = 0xffffffff;
/** DUPLEX_*: the position is the kernel's number. */
export const DUPLEX_NAMES = ["half", "full"] as const;
/** PORT_* */
export const PORT_NAMES: Readonly<Record<number, string>> = {
  0: "tp",
  1: "aui",
  2: "mii",
  3: "fibre",
  4: "bnc",
  5: "da",
  0xef: "none",
  0xff: "other",
};
/** ETHTOOL_LINK_EXT_STATE_*: the position is the kernel's number. */
export const ETHTOOL_LINK_EXT_STATE_NAMES: readonly string[] = [
  "autoneg",
  "link-training-failure",
  "link-logical-mismatch",
  "bad-signal-integrity",
  "no-cable",
  "cable-issue",
  "eeprom-issue",
  "calibration-failure",
  "power-budget-exceeded",
  "overheat",
  "module",
];
/** ETHTOOL_LINK_EXT_SUBSTATE_*, by the state that they are of; the position is the kernel's number less one. */
export const ETHTOOL_LINK_EXT_SUBSTATE_NAMES: Readonly<Record<number, readonly string[]>> = {
  0: [
    "no-partner-detected",
    "ack-not-received",
    "next-page-exchange-failed",
    "no-partner-detected-force-mode",
    "fec-mismatch-during-override",
    "no-hcd",
  ],
  1: [
    "kr-frame-lock-not-acquired",
    "kr-link-inhibit-timeout",
    "kr-link-partner-did-not-set-receiver-ready",
    "remote-fault",
  ],
  2: [
    "pcs-did-not-acquire-block-lock",
    "pcs-did-not-acquire-am-lock",
    "pcs-did-not-get-align-status",
    "fc-fec-is-not-locked",
    "rs-fec-is-not-locked",
  ],
  3: [
    "large-number-of-physical-errors",
    "unsupported-rate",
    "serdes-reference-clock-lost",
    "serdes-alos",
  ],
  5: ["unsupported-cable", "cable-test-failure"],
  10: ["cmis-not-ready"],
};

// include/uapi/linux/nl80211.h
export const NL80211_GENL_NAME = "nl80211";
export const NL80211_MULTICAST_GROUP_CONFIG = "config";
export const NL80211_MULTICAST_GROUP_MLME = "mlme";
export const NL80211_CMD_GET_INTERFACE = 5;
export const NL80211_CMD_SET_INTERFACE = 6;
export const NL80211_CMD_NEW_INTERFACE = 7;
export const NL80211_CMD_DEL_INTERFACE = 8;
export const NL80211_CMD_START_AP = 15;
export const NL80211_CMD_STOP_AP = 16;
export const NL80211_CMD_GET_SCAN = 32;
export const NL80211_CMD_CONNECT = 46;
export const NL80211_CMD_ROAM = 47;
export const NL80211_CMD_DISCONNECT = 48;
export const NL80211_CMD_CH_SWITCH_NOTIFY = 88;
export const NL80211_CMD_NAMES: Readonly<Record<number, `NL80211_CMD_${string}`>> = {
  3: "NL80211_CMD_NEW_WIPHY",
  4: "NL80211_CMD_DEL_WIPHY",
  6: "NL80211_CMD_SET_INTERFACE",
  7: "NL80211_CMD_NEW_INTERFACE",
  8: "NL80211_CMD_DEL_INTERFACE",
  15: "NL80211_CMD_START_AP",
  16: "NL80211_CMD_STOP_AP",
  19: "NL80211_CMD_NEW_STATION",
  20: "NL80211_CMD_DEL_STATION",
  33: "NL80211_CMD_TRIGGER_SCAN",
  34: "NL80211_CMD_NEW_SCAN_RESULTS",
  35: "NL80211_CMD_SCAN_ABORTED",
  36: "NL80211_CMD_REG_CHANGE",
  37: "NL80211_CMD_AUTHENTICATE",
  38: "NL80211_CMD_ASSOCIATE",
  39: "NL80211_CMD_DEAUTHENTICATE",
  40: "NL80211_CMD_DISASSOCIATE",
  43: "NL80211_CMD_JOIN_IBSS",
  46: "NL80211_CMD_CONNECT",
  47: "NL80211_CMD_ROAM",
  48: "NL80211_CMD_DISCONNECT",
  60: "NL80211_CMD_FRAME_TX_STATUS",
  64: "NL80211_CMD_NOTIFY_CQM",
  88: "NL80211_CMD_CH_SWITCH_NOTIFY",
  94: "NL80211_CMD_RADAR_DETECT",
  110: "NL80211_CMD_CH_SWITCH_STARTED_NOTIFY",
  113: "NL80211_CMD_WIPHY_REG_CHANGE",
  125: "NL80211_CMD_PORT_AUTHORIZED",
};
export const NL80211_ATTR_WIPHY = 1;
export const NL80211_ATTR_IFINDEX = 3;
export const NL80211_ATTR_IFNAME = 4;
export const NL80211_ATTR_IFTYPE = 5;
export const NL80211_ATTR_MAC = 6;
export const NL80211_ATTR_WIPHY_FREQ = 38;
export const NL80211_ATTR_SSID = 52;
export const NL80211_ATTR_REASON_CODE = 54;
export const NL80211_ATTR_STATUS_CODE = 72;
export const NL80211_ATTR_WDEV = 153;
export const NL80211_ATTR_CHANNEL_WIDTH = 159;
export const NL80211_ATTR_MLO_LINKS = 312;
export const NL80211_ATTR_MLO_LINK_ID = 313;
export const NL80211_ATTR_BSS = 47;
export const NL80211_BSS_INFORMATION_ELEMENTS = 6;
export const NL80211_BSS_STATUS = 9;
export const NL80211_BSS_STATUS_ASSOCIATED = 1;
export const NL80211_BSS_MLO_LINK_ID = 21;
/** IEEE 802.11: the element that holds the SSID. */
export const WLAN_EID_SSID = 0;
/** include/linux/ieee80211.h: how long it is at the most. */
export const IEEE80211_MAX_SSID_LEN = 32;
/** One more than the highest attribute that netflags looks at. */
export const NL80211_INDEXED = 314;
export const NL80211_IFTYPE_STATION = 2;
export const NL80211_IFTYPE_AP = 3;
/** NL80211_IFTYPE_*: the position is the kernel's number. */
export const NL80211_IFTYPE_NAMES = [
  "unspecified",
  "adhoc",
  "station",
  "ap",
  "ap-vlan",
  "wds",
  "monitor",
  "mesh-point",
  "p2p-client",
  "p2p-go",
  "p2p-device",
  "ocb",
  "nan",
] as const;
/** NL80211_CHAN_WIDTH_* in MHz: the position is the kernel's number; 80+80 counts as 160. */
export const NL80211_CHAN_WIDTHS = [20, 20, 40, 80, 160, 160, 5, 10, 1, 2, 4, 8, 16, 320] as const;
