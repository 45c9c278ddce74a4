/*
 * Words of media as each system's if_media.h makes them, by the constants and macros of that header in the words of a C
 * compiler: it prints a word and what ifconfig calls it, and the tests hold the tables of platforms/bsd against that.
 * Each part names the header it is of.
 */
#include <stdint.h>
#include <stdio.h>

static void say(const char *system, uint64_t word, const char *text)
{
	printf("%s %llu %s\n", system, (unsigned long long)word, text);
}

/* What all but OpenBSD share. */
#define IFM_ETHER 0x20
#define IFM_TOKEN 0x40
#define IFM_FDDI 0x60
#define IFM_IEEE80211 0x80
#define IFM_ATM 0xa0
#define IFM_CARP 0xc0
#define IFM_TMASK 0x1f
#define IFM_ISHIFT 28
#define IFM_FDX 0x00100000
#define IFM_HDX 0x00200000
#define IFM_FLOW 0x00400000
#define IFM_FLAG0 0x01000000
#define IFM_LOOP 0x08000000
#define IFM_MAKEWORD(type, subtype, options, instance) ((type) | (subtype) | (options) | ((uint32_t)(instance) << IFM_ISHIFT))

/* NetBSD of 2024: sys/net/if_media.h */
#define _IFM_ETH_XTMASK 0xe000
#define NB_XSHIFT (13 - 5)
#define _IFM_EX(x) (((x) & IFM_TMASK) | (((x) & (_IFM_ETH_XTMASK >> NB_XSHIFT)) << NB_XSHIFT))
#define NB(t, s, o, text) say("netbsd", IFM_MAKEWORD(t, s, o, 0), text)
static void netbsd(void)
{
	say("netbsd", 0, "generic autoselect");
	NB(IFM_ETHER, 0, 0, "autoselect"); NB(IFM_ETHER, 2, 0, "none"); NB(IFM_ETHER, 3, IFM_HDX, "10baseT half-duplex");
	NB(IFM_ETHER, 6, IFM_FDX, "100baseTX full-duplex"); NB(IFM_ETHER, 11, IFM_FDX, "1000baseSX full-duplex");
	NB(IFM_ETHER, 16, IFM_FDX | IFM_FLOW | 0x100, "1000baseT full-duplex flowcontrol master");
	NB(IFM_ETHER, 18, IFM_FDX | 0x600, "10GbaseLR full-duplex rxpause txpause"); NB(IFM_ETHER, 22, 0, "1000BASE-BX10");
	NB(IFM_ETHER, 26, IFM_FDX, "10Gbase-T full-duplex"); NB(IFM_ETHER, 29, IFM_FDX, "2.5GBASE-T full-duplex");
	NB(IFM_ETHER, 30, 0, "5GBASE-T"); NB(IFM_ETHER, 31, 0, "Other"); NB(IFM_ETHER, _IFM_EX(32), 0, "1000BASE-SGMII");
	NB(IFM_ETHER, _IFM_EX(40), 0, "10GBASE-SFI"); NB(IFM_ETHER, _IFM_EX(50), 0, "25GBASE-KR-S");
	NB(IFM_ETHER, _IFM_EX(60), 0, "40GBASE-SR4"); NB(IFM_ETHER, _IFM_EX(63), 0, "50GAUI-1");
	NB(IFM_ETHER, _IFM_EX(71), 0, "50GBASE-LR"); NB(IFM_ETHER, _IFM_EX(72), 0, "subtype 72");
	NB(IFM_ETHER, _IFM_EX(73), 0, "50GBASE-SR"); NB(IFM_ETHER, _IFM_EX(79), 0, "100GBASE-DR");
	NB(IFM_ETHER, _IFM_EX(80), 0, "100GBASE-ER4"); NB(IFM_ETHER, _IFM_EX(90), 0, "200GBASE-DR4");
	NB(IFM_ETHER, _IFM_EX(100), 0, "400GBASE-LR8"); NB(IFM_ETHER, _IFM_EX(111), IFM_LOOP, "400GBASE-SR8 loopback");
	NB(IFM_ETHER, _IFM_EX(255), 0, "subtype 255");
	NB(IFM_TOKEN, 6, 0x200, "TokenRing UTP/16Mbit EarlyTokenRelease"); NB(IFM_FDDI, 4, 0x100, "FDDI Multi-mode dual-attach");
	NB(IFM_IEEE80211, 17, 0x30200, "IEEE802.11 OFDM54 mode 11g hostap"); NB(IFM_IEEE80211, 7, 0x20000, "IEEE802.11 DS11 mode 11b");
	NB(IFM_IEEE80211, 24, 0x50000, "IEEE802.11 HT mode 11na"); NB(IFM_IEEE80211, 25, 0x70000, "IEEE802.11 VHT mode 11ac");
	NB(IFM_IEEE80211, 0, 0x1000, "IEEE802.11 autoselect ibss"); NB(IFM_CARP, 0, 0, "CARP autoselect");
	say("netbsd", IFM_MAKEWORD(IFM_ETHER, 16, IFM_FLAG0, 3), "1000baseT flag0 instance 3");
	NB(IFM_ATM, 3, 0, "type 5 subtype 3");
}

/* FreeBSD 14: sys/net/if_media.h */
#define IFM_ETH_XTYPE 0x7800
#define IFM_ETH_XSHIFT 6
#define FB_X(x) (((x) & IFM_TMASK) | (((x) & (IFM_ETH_XTYPE >> IFM_ETH_XSHIFT)) << IFM_ETH_XSHIFT))
#define FB(t, s, o, text) say("freebsd", IFM_MAKEWORD(t, s, o, 0), text)
static void freebsd(void)
{
	FB(IFM_ETHER, 0, 0, "autoselect"); FB(IFM_ETHER, 3, IFM_HDX, "10baseT/UTP half-duplex"); FB(IFM_ETHER, 6, IFM_FDX, "100baseTX full-duplex");
	FB(IFM_ETHER, 16, IFM_FDX | 0x100, "1000baseT full-duplex master"); FB(IFM_ETHER, 17, 0, "homePNA"); FB(IFM_ETHER, 18, 0, "10Gbase-LR");
	FB(IFM_ETHER, 19, IFM_FDX | IFM_FLOW | 0x600, "10Gbase-SR full-duplex flowcontrol rxpause txpause");
	FB(IFM_ETHER, 22, 0, "10Gbase-Twinax"); FB(IFM_ETHER, 25, 0, "Unknown"); FB(IFM_ETHER, 26, 0, "10Gbase-T"); FB(IFM_ETHER, 29, 0, "40Gbase-LR4");
	FB(IFM_ETHER, 30, 0, "1000Base-KX"); FB(IFM_ETHER, 31, 0, "Other"); FB(IFM_ETHER, FB_X(32), 0, "10GBase-KX4");
	FB(IFM_ETHER, FB_X(37), IFM_FDX, "2500Base-T full-duplex"); FB(IFM_ETHER, FB_X(38), 0, "5000Base-T"); FB(IFM_ETHER, FB_X(39), 0, "PCIExpress-50G");
	FB(IFM_ETHER, FB_X(40), 0, "PCIExpress-25G"); FB(IFM_ETHER, FB_X(47), IFM_FDX, "100GBase-CR4 full-duplex"); FB(IFM_ETHER, FB_X(50), 0, "100GBase-LR4");
	FB(IFM_ETHER, FB_X(52), 0, "100BaseT"); FB(IFM_ETHER, FB_X(59), 0, "10GBase-AOC"); FB(IFM_ETHER, FB_X(60), 0, "25GBase-ACC");
	FB(IFM_ETHER, FB_X(63), 0, "2500Base-X"); FB(IFM_ETHER, FB_X(64), 0, "5000Base-KR"); FB(IFM_ETHER, FB_X(70), 0, "5000Base-KR1");
	FB(IFM_ETHER, FB_X(80), 0, "50G-AUI2"); FB(IFM_ETHER, FB_X(90), 0, "100G-CAUI4"); FB(IFM_ETHER, FB_X(100), 0, "100G-CAUI2");
	FB(IFM_ETHER, FB_X(110), 0, "200G-AUI4"); FB(IFM_ETHER, FB_X(117), 0, "400G-AUI8"); FB(IFM_ETHER, FB_X(118), 0, "50GBase-KR4");
	FB(IFM_ETHER, FB_X(119), IFM_LOOP, "40GBase-LM4 hw-loopback"); FB(IFM_ETHER, FB_X(120), 0, "subtype 120"); FB(IFM_ETHER, FB_X(511), 0, "subtype 511");
	FB(IFM_IEEE80211, 8, 0x20000, "IEEE 802.11 Wireless Ethernet DS/11Mbps mode 11b"); FB(IFM_IEEE80211, 17, 0x30200, "IEEE 802.11 Wireless Ethernet OFDM/54Mbps mode 11g hostap");
	FB(IFM_IEEE80211, 24, 0x60000, "IEEE 802.11 Wireless Ethernet MCS mode 11ng"); FB(IFM_IEEE80211, 25, 0x70000, "IEEE 802.11 Wireless Ethernet VHT mode 11ac");
	FB(IFM_IEEE80211, 25, 0x80000, "IEEE 802.11 Wireless Ethernet VHT mode 11ac2"); FB(IFM_ATM, 7, 0x100, "ATM Multi-mode/155MBit SDH");
	FB(IFM_TOKEN, 3, 0, "type 2 subtype 3");
}

/* OpenBSD 7: sys/net/if_media.h */
#define OB_ETHER 0x0000000000000100ULL
#define OB_FDDI 0x0000000000000300ULL
#define OB_IEEE80211 0x0000000000000400ULL
#define OB_TDM 0x0000000000000500ULL
#define OB_CARP 0x0000000000000600ULL
#define OB_FDX 0x0000010000000000ULL
#define OB_HDX 0x0000020000000000ULL
#define OB_FLOW 0x0000040000000000ULL
#define OB_LOOP 0x0000800000000000ULL
#define OB_MAKEWORD(type, subtype, options, instance) ((type) | (subtype) | (options) | ((uint64_t)(instance) << 56))
#define OB(t, s, o, text) say("openbsd", OB_MAKEWORD(t, s, o, 0), text)
static void openbsd(void)
{
	OB(OB_ETHER, 0ULL, 0, "autoselect"); OB(OB_ETHER, 3, OB_HDX, "10baseT half-duplex"); OB(OB_ETHER, 6, OB_FDX, "100baseTX full-duplex");
	OB(OB_ETHER, 16, OB_FDX | 0x70000ULL, "1000baseT full-duplex master rxpause txpause"); OB(OB_ETHER, 21, 0, "2500baseSX");
	OB(OB_ETHER, 22, OB_FDX, "10GbaseT full-duplex"); OB(OB_ETHER, 23, OB_FLOW, "10GSFP+Cu flowcontrol"); OB(OB_ETHER, 27, 0, "40GbaseLR4");
	OB(OB_ETHER, 28, 0, "1000base-KX"); OB(OB_ETHER, 30, 0, "10GbaseKR"); OB(OB_ETHER, 34, 0, "2500baseT"); OB(OB_ETHER, 39, 0, "1000baseCX-SGMII");
	OB(OB_ETHER, 40, 0, "40GbaseKR4"); OB(OB_ETHER, 46, 0, "56GbaseR4"); OB(OB_ETHER, 50, 0, "50GbaseCR2"); OB(OB_ETHER, 53, 0, "25GbaseER");
	OB(OB_ETHER, 57, OB_LOOP, "100G-AOC loopback"); OB(OB_ETHER, 58, 0, "subtype 58"); OB(OB_FDDI, 3, 0, "FDDI Single-mode");
	OB(OB_IEEE80211, 17, 0x0000000300020000ULL, "IEEE802.11 OFDM54 mode 11g hostap"); OB(OB_IEEE80211, 19, 0x0000000800000000ULL, "IEEE802.11 HT-MCS0 mode 11n");
	OB(OB_IEEE80211, 95, 0x0000000800000000ULL, "IEEE802.11 HT-MCS76 mode 11n"); OB(OB_IEEE80211, 96, 0x0000001000000000ULL, "IEEE802.11 VHT-MCS0 mode 11ac");
	OB(OB_IEEE80211, 105, 0x0000001000100000ULL, "IEEE802.11 VHT-MCS9 mode 11ac monitor"); OB(OB_TDM, 14, 0x0000000100000000ULL, "TDM e1-g.704-crc4 mode master");
	OB(OB_CARP, 0, 0, "CARP autoselect"); say("openbsd", OB_MAKEWORD(OB_ETHER, 16, OB_FDX, 255), "1000baseT full-duplex instance 255");
}

/* DragonFly: sys/net/if_media.h */
#define DF(t, s, o, text) say("dragonfly", IFM_MAKEWORD(t, s, o, 0), text)
static void dragonfly(void)
{
	DF(IFM_ETHER, 3, IFM_HDX, "10baseT/UTP half-duplex"); DF(IFM_ETHER, 11, 0, "1000baseFX"); DF(IFM_ETHER, 14, 0, "1000baseSX");
	DF(IFM_ETHER, 16, 0, "1000baseCX"); DF(IFM_ETHER, 17, IFM_FDX | 0x600, "1000baseT full-duplex rxpause txpause"); DF(IFM_ETHER, 18, 0, "subtype 18");
	DF(IFM_ETHER, 19, 0, "10Gbase-SR"); DF(IFM_ETHER, 25, 0, "Unknown"); DF(IFM_ETHER, 26, IFM_FDX, "10Gbase-T full-duplex"); DF(IFM_ETHER, 29, 0, "40Gbase-LR4");
	DF(IFM_IEEE80211, 17, 0x30000, "IEEE 802.11 Wireless Ethernet OFDM/54Mbps mode 11g"); DF(IFM_IEEE80211, 24, 0x54000, "IEEE 802.11 Wireless Ethernet MCS mode 11na mesh");
	DF(IFM_CARP, 0, 0, "Common Address Redundancy Protocol autoselect");
}

/* macOS: bsd/net/if_media.h of xnu-11417 */
#define XN_TMASK_EXT 0x000f0000
#define XN_SHIFT 11
#define XN_X(x) (((x) & IFM_TMASK) | (((x) & (XN_TMASK_EXT >> XN_SHIFT)) << XN_SHIFT))
#define XN(t, s, o, text) say("darwin", IFM_MAKEWORD(t, s, o, 0), text)
static void darwin(void)
{
	XN(IFM_ETHER, 2, 0, "none"); XN(IFM_ETHER, 16, IFM_FDX | IFM_FLOW | 0x00800000, "1000baseT full-duplex flow-control energy-efficient-ethernet");
	XN(IFM_ETHER, 18, 0, "10Gbase-SR"); XN(IFM_ETHER, 19, 0, "10Gbase-LR"); XN(IFM_ETHER, 21, IFM_FDX, "10Gbase-T full-duplex"); XN(IFM_ETHER, 22, 0, "2500Base-T");
	XN(IFM_ETHER, 29, 0, "10GBase-ER"); XN(IFM_ETHER, 31, 0, "Other"); XN(IFM_ETHER, XN_X(32), 0, "2500BaseSX"); XN(IFM_ETHER, XN_X(39), 0, "PCIExpress-50G");
	XN(IFM_ETHER, XN_X(44), 0, "40Gbase-LR4"); XN(IFM_ETHER, XN_X(45), 0, "40GBase-KR4"); XN(IFM_ETHER, XN_X(46), 0, "subtype 46"); XN(IFM_ETHER, XN_X(47), 0, "100GBase-CR4");
	XN(IFM_ETHER, XN_X(59), 0, "10GBase-AOC"); XN(IFM_ETHER, XN_X(63), 0, "2500Base-X"); XN(IFM_ETHER, XN_X(64), 0, "5000Base-KR"); XN(IFM_ETHER, XN_X(117), 0, "400G-AUI8");
	XN(IFM_ETHER, 16, 0x100, "1000baseT options 0x100"); XN(IFM_FDDI, 3, 0x100, "FDDI Single-mode Dual-attach"); XN(IFM_IEEE80211, 9, 0x100, "IEEE802.11 DS22 adhoc");
	XN(IFM_TOKEN, 4, 0x400, "Token ring DB9/16Mbit SourceRouting");
}

int main(void)
{
	netbsd(); freebsd(); openbsd(); dragonfly(); darwin();
	return 0;
}
