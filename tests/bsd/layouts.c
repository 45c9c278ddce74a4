/*
 * The structures of each system's headers, in the words of a C compiler: it prints where their fields are, and the
 * tests hold the numbers of platforms/bsd against it. 64-bit only. Each structure names the header it is of.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned long u_long;
struct time16 { int64_t sec, sub; };
struct time8 { int32_t sec, sub; };

/* NetBSD 6 and later, sys/net/if.h */
struct nb_if_data { u_char type, addrlen, hdrlen; int link_state; uint64_t mtu, metric, baudrate, count[11]; struct time16 lastchange; };
struct nb_if_msghdr { u_short msglen; u_char version, type; int addrs, flags; u_short index; struct nb_if_data data; };
struct nb_ifa_msghdr { u_short msglen; u_char version, type; u_short index; int flags, addrs; int32_t pid, addrflags; int metric; } __attribute__((aligned(8)));
struct nb_ifa_msghdr70 { u_short msglen; u_char version, type; int addrs, flags, metric; u_short index; } __attribute__((aligned(8)));
struct announce { u_short msglen; u_char version, type; u_short index; char name[16]; u_short what; };

/* NetBSD, sys/net/route.h: struct rt_metrics is ten words of 64 bits, and aligned so */
struct nb_rt_msghdr { u_short msglen; u_char version, type; u_short index; int flags, addrs; int32_t pid; int seq, error, use, inits; uint64_t rmx[10]; } __attribute__((aligned(8)));

/* FreeBSD 11 and later, sys/net/if.h */
struct fb_if_data { u_char type, physical, addrlen, hdrlen, link_state, vhid; uint16_t datalen; uint32_t mtu, metric; uint64_t baudrate, count[13], epoch; struct time16 lastchange; };
struct fb_if_msghdr { u_short msglen; u_char version, type; int addrs, flags; u_short index, spare; struct fb_if_data data; };
struct fb_if_msghdrl { u_short msglen; u_char version, type; int addrs, flags; u_short index, spare, len, data_off; int spare2; struct fb_if_data data; };
struct fb_ifa_msghdr { u_short msglen; u_char version, type; int addrs, flags; u_short index, spare; int metric; };
struct fb_ifa_msghdrl { u_short msglen; u_char version, type; int addrs, flags; u_short index, spare, len, data_off; int metric; struct fb_if_data data; };

/* FreeBSD and DragonFly BSD, sys/net/route.h */
struct rt_msghdr_lp64 { u_short msglen; u_char version, type; u_short index; int flags, addrs; int32_t pid; int seq, error, fmask; u_long inits, rmx[14]; };

/* OpenBSD 6 and 7, sys/net/if.h */
struct ob_if_data { u_char type, addrlen, hdrlen, link_state; uint32_t mtu, metric, rdomain; uint64_t baudrate, count[12]; uint32_t capabilities; struct time16 lastchange; };
struct ob_if_msghdr { u_short msglen; u_char version, type; u_short hdrlen, index, tableid; u_char pad1, pad2; int addrs, flags, xflags; struct ob_if_data data; };
struct ob_ifa_msghdr { u_short msglen; u_char version, type; u_short hdrlen, index, tableid; u_char pad1, pad2; int addrs, flags, metric; };
struct ob_announce { u_short msglen; u_char version, type; u_short hdrlen, index, what; char name[16]; };

/* OpenBSD 6 and 7, sys/net/route.h */
struct ob_rt_metrics { uint64_t pksent; int64_t expire; uint32_t word[10]; };
struct ob_rt_msghdr { u_short msglen; u_char version, type; u_short hdrlen, index, tableid; u_char priority, mpls; int addrs, flags, fmask; int32_t pid; int seq, error; uint32_t inits; struct ob_rt_metrics rmx; };

/* DragonFly BSD, sys/net/if.h; RTM_VERSION 7, and before */
struct df_if_data { u_char type, physical, addrlen, hdrlen, recvquota, xmitquota; u_long mtu, metric, link_state, baudrate, count[13]; struct time16 lastchange; };
struct df_if_msghdr { u_short msglen; u_char version, type; u_short index; int flags, addrs; struct df_if_data data; };
struct df_ifa_msghdr { u_short msglen; u_char version, type; u_short index; int flags, addrs, addrflags, metric; };
struct df6_if_msghdr { u_short msglen; u_char version, type; int addrs, flags; u_short index; struct df_if_data data; };
struct df6_ifa_msghdr { u_short msglen; u_char version, type; int addrs, flags; u_short index; int metric; };

/* macOS, bsd/net/if.h and if_var.h; packed to 4 */
#pragma pack(4)
struct xn_if_data { u_char type, typelen, physical, addrlen, hdrlen, recvquota, xmitquota, unused1; uint32_t mtu, metric, baudrate, count[13]; struct time8 lastchange; uint32_t unused2, hwassist, reserved1, reserved2; };
struct xn_if_data64 { u_char type, typelen, physical, addrlen, hdrlen, recvquota, xmitquota, unused1; uint32_t mtu, metric; uint64_t baudrate, count[11]; uint32_t recvtiming, xmittiming; struct time8 lastchange; };
struct xn_if_msghdr { u_short msglen; u_char version, type; int addrs, flags; u_short index; struct xn_if_data data; };
struct xn_if_msghdr2 { u_short msglen; u_char version, type; int addrs, flags; u_short index; int snd_len, snd_maxlen, snd_drops, timer; struct xn_if_data64 data; };
struct xn_ifa_msghdr { u_short msglen; u_char version, type; int addrs, flags; u_short index; int metric; };
struct xn_rt_msghdr { u_short msglen; u_char version, type; u_short index; int flags, addrs; int32_t pid; int seq, error, use; uint32_t inits, rmx[14]; };
struct xn_ifmediareq { char name[16]; int current, mask, status, active, count; int *ulist; };
#pragma pack()

/* struct ifmediareq of sys/net/if.h (OpenBSD's words are 64 bits wide), struct ifreq */
struct ifmediareq { char name[16]; int current, mask, status, active, count; int *ulist; };
struct ob_ifmediareq { char name[16]; uint64_t current, mask, status, active; int count; uint64_t *ulist; };
struct nb_ifreq { char name[16]; union { struct { u_char len, family; char pad[126]; } storage; short flags; } u; };
struct ifreq { char name[16]; union { struct { u_char len, family; char data[14]; } addr; struct { short flags, flagshigh; } f; void *data; } u; };

#define FIELD(name, s, f, as) printf("%s.%s %zu %zu\n", name, as, offsetof(struct s, f), sizeof(((struct s *)0)->f))
#define SIZE(name, s, f) printf("%s.size %zu 0\n", name, offsetof(struct s, f) + sizeof(((struct s *)0)->f))
#define INTERFACE(name, s) do { FIELD(name, s, index, "index"); FIELD(name, s, addrs, "addrs"); FIELD(name, s, flags, "flags"); \
	FIELD(name, s, data.type, "type"); FIELD(name, s, data.mtu, "mtu"); SIZE(name, s, data); } while (0)
#define LINKED(name, s) do { INTERFACE(name, s); FIELD(name, s, data.link_state, "linkState"); } while (0)
#define ADDRESS(name, s) do { FIELD(name, s, index, "index"); FIELD(name, s, addrs, "addrs"); printf("%s.size %zu 0\n", name, sizeof(struct s)); } while (0)
#define ROUTE(name, s) do { FIELD(name, s, index, "index"); FIELD(name, s, flags, "flags"); FIELD(name, s, addrs, "addrs"); FIELD(name, s, pid, "pid"); \
	FIELD(name, s, seq, "seq"); FIELD(name, s, error, "errno"); printf("%s.size %zu 0\n", name, sizeof(struct s)); } while (0)
#define ANNOUNCE(path, s) do { FIELD(path, s, index, "index"); FIELD(path, s, what, "what"); printf("%s.name %zu 0\n", path, offsetof(struct s, name)); } while (0)
#define MEDIA(name, s) printf("%s.media.status %zu 0\n%s.media.active %zu 0\n%s.media.size %zu 0\n", name, offsetof(struct s, status), name, offsetof(struct s, active), name, sizeof(struct s))
#define IFREQ(name, s) printf("%s.ifreq %zu 0\n", name, sizeof(struct s))

int main(void)
{
	LINKED("netbsd.0.20", nb_if_msghdr); ADDRESS("netbsd.0.22", nb_ifa_msghdr); FIELD("netbsd.0.22", nb_ifa_msghdr, addrflags, "addressFlags"); ADDRESS("netbsd.0.12", nb_ifa_msghdr70);
	ANNOUNCE("netbsd.0.16", announce); MEDIA("netbsd", ifmediareq); IFREQ("netbsd", nb_ifreq);
	LINKED("freebsd.0.14", fb_if_msghdr); LINKED("freebsd.0.14.long", fb_if_msghdrl); ADDRESS("freebsd.0.12", fb_ifa_msghdr);
	ADDRESS("freebsd.0.12.long", fb_ifa_msghdrl); ANNOUNCE("freebsd.0.17", announce); MEDIA("freebsd", ifmediareq); IFREQ("freebsd", ifreq);
	LINKED("openbsd.0.14", ob_if_msghdr); ADDRESS("openbsd.0.12", ob_ifa_msghdr); ANNOUNCE("openbsd.0.15", ob_announce);
	MEDIA("openbsd", ob_ifmediareq); IFREQ("openbsd", ifreq);
	LINKED("dragonfly.0.14", df_if_msghdr); ADDRESS("dragonfly.0.12", df_ifa_msghdr); ANNOUNCE("dragonfly.0.17", announce);
	LINKED("dragonfly.1.14", df6_if_msghdr); ADDRESS("dragonfly.1.12", df6_ifa_msghdr); MEDIA("dragonfly", ifmediareq); IFREQ("dragonfly", ifreq);
	INTERFACE("darwin.0.14", xn_if_msghdr); INTERFACE("darwin.0.18", xn_if_msghdr2); ADDRESS("darwin.0.12", xn_ifa_msghdr);
	MEDIA("darwin", xn_ifmediareq); IFREQ("darwin", ifreq);
	ROUTE("netbsd.0.4", nb_rt_msghdr); ROUTE("netbsd.1.1", nb_rt_msghdr); ROUTE("freebsd.0.4", rt_msghdr_lp64);
	ROUTE("openbsd.0.4", ob_rt_msghdr); FIELD("openbsd.0.4", ob_rt_msghdr, tableid, "table"); FIELD("openbsd.0.4", ob_rt_msghdr, hdrlen, "sizeField");
	ROUTE("dragonfly.0.4", rt_msghdr_lp64); ROUTE("dragonfly.1.4", rt_msghdr_lp64); ROUTE("darwin.0.4", xn_rt_msghdr);
	return 0;
}
