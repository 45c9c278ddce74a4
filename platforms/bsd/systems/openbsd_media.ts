import { type MediaNumbers, named, once } from "./media.ts";

/** Names that end in a number, from `count` of them on: HT-MCS0, HT-MCS1, ... */
function counted(first: number, name: string, count: number): Record<number, string> {
  return named(first, Array.from({ length: count }, (_, i) => `${name}${i}`).join(" "));
}

/**
 * OpenBSD's media: sys/net/if_media.h, whose words have 64 bits. The options of FDDI and TDM have kept their
 * old numbers there, which now are other fields' bits, so none of them is named.
 */
export const OPENBSD_MEDIA = once((): MediaNumbers => ({
  wide: true,
  type: [8, 8], // IFM_NMASK
  subtype: [0, 8], // IFM_TMASK
  mode: [32, 8], // IFM_MMASK
  instance: [56, 8], // IFM_IMASK
  options: [
    [0x0000010000000000, "full-duplex"], // IFM_FDX
    [0x0000020000000000, "half-duplex"],
    [0x0000040000000000, "flowcontrol"], // IFM_FLOW, for which its ifconfig has no word: NetBSD's
    [0x0000100000000000, "flag0"],
    [0x0000200000000000, "flag1"],
    [0x0000400000000000, "flag2"],
    [0x0000800000000000, "loopback"],
  ],
  types: {
    1: {
      name: "Ethernet",
      subtypes: {
        ...named(
          3, // IFM_10_T
          `10baseT 10base2 10base5 100baseTX 100baseFX 100baseT4 100baseVG
          100baseT2 1000baseSX 10baseSTP 10baseFL 1000baseLX 1000baseCX 1000baseT HomePNA1 10GbaseLR 10GbaseSR
          10GbaseCX4 2500baseSX 10GbaseT 10GSFP+Cu 10GbaseLRM 40GbaseCR4 40GbaseSR4 40GbaseLR4 1000base-KX 10GbaseKX4`,
        ),
        ...named(
          30, // IFM_10G_KR
          `10GbaseKR 10GbaseCR1 20GbaseKR2 2500baseKX 2500baseT 5000baseT 1000base-SGMII 10GbaseSFI 40GbaseXLPPI
          1000baseCX-SGMII`,
        ),
        ...named(
          40, // IFM_40G_KR4
          `40GbaseKR4 10GbaseER 100GbaseCR4 100GbaseSR4 100GbaseKR4 100GbaseLR4 56GbaseR4 25GbaseCR 25GbaseKR
          25GbaseSR`,
        ),
        ...named(
          50, // IFM_50G_CR2
          "50GbaseCR2 50GbaseKR2 25GbaseLR 25GbaseER 10G-AOC 25G-AOC 40G-AOC 100G-AOC",
        ),
      },
      options: [[0x10000, "master"], [0x20000, "rxpause"], [0x40000, "txpause"]], // IFM_ETH_MASTER
    },
    3: { name: "FDDI", subtypes: named(3, "Single-mode Multi-mode UTP") },
    4: {
      name: "IEEE802.11",
      subtypes: {
        ...named(
          3, // IFM_IEEE80211_FH1
          `FH1 FH2 DS2 DS5 DS11 DS1 DS22 OFDM6 OFDM9 OFDM12 OFDM18 OFDM24 OFDM36 OFDM48 OFDM54 OFDM72`,
        ),
        ...counted(19, "HT-MCS", 77), // IFM_IEEE80211_HT_MCS0
        ...counted(96, "VHT-MCS", 10), // IFM_IEEE80211_VHT_MCS0
      },
      modes: { 1: "11a", 2: "11b", 3: "11g", 4: "fh", 8: "11n", 16: "11ac" }, // IFM_IEEE80211_11A
      options: [
        [0x10000, "adhoc"],
        [0x20000, "hostap"],
        [0x40000, "ibss"],
        [0x80000, "ibss-master"],
        [0x100000, "monitor"],
      ],
    },
    5: {
      name: "TDM",
      subtypes: named(
        3, // IFM_TDM_T1
        "t1 t1-ami e1 e1-g.704 e1-ami e1-ami-g.704 t3 t3-m13 e3 e3-g.751 e3-g.832 e1-g.704-crc4",
      ),
      modes: { 1: "master" }, // IFM_TDM_MASTER
    },
    6: { name: "CARP", subtypes: {} },
  },
}));
