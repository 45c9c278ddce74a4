import { type MediaNumbers, named, once } from "./media.ts";

/**
 * NetBSD's media: sys/net/if_media.h of 7 (1.57.8.1), and of current, which adds to it: names, and three more bits for
 * Ethernet's subtype (_IFM_ETH_XTMASK).
 */
export const NETBSD_MEDIA = once((): MediaNumbers => ({
  wide: false,
  type: [5, 3], // IFM_NMASK
  subtype: [0, 5], // IFM_TMASK
  mode: [16, 4], // IFM_MMASK, and the bit above it, which IFM_IEEE80211_VHT2G uses
  instance: [28, 4], // IFM_IMASK
  options: [
    [0x00100000, "full-duplex"], // IFM_FDX
    [0x00200000, "half-duplex"],
    [0x00400000, "flowcontrol"], // IFM_FLOW
    [0x01000000, "flag0"],
    [0x02000000, "flag1"],
    [0x04000000, "flag2"],
    [0x08000000, "loopback"],
  ],
  types: {
    0: { name: "generic", subtypes: {} }, // IFM_GENERIC
    1: {
      name: "Ethernet",
      extended: [13, 3],
      subtypes: {
        ...named(
          3, // IFM_10_T
          `10baseT 10base2 10base5 100baseTX 100baseFX 100baseT4 100baseVG
          100baseT2 1000baseSX 10baseSTP 10baseFL 1000baseLX 1000baseCX 1000baseT HomePNA1 10GbaseLR 10GbaseSR
          10GbaseCX4 2500baseSX 1000BASE-BX10 10Gbase-Twinax 10Gbase-Twinax-Long 10Gbase-LRM 10Gbase-T 1000BASE-KX
          2500BASE-KX 2.5GBASE-T`,
        ),
        ...named(
          30, // IFM_5000_T
          `5GBASE-T Other 1000BASE-SGMII 5GBASE-KR 10GBASE-AOC 10GBASE-CR1 10GBASE-ER 10GBASE-KR 10GBASE-KX4
          10GBASE-LX4`,
        ),
        ...named(
          40, // IFM_10G_SFI
          `10GBASE-SFI 10GBASE-ZR 20GBASE-KR2 25GBASE-AOC 25G-AUI 25GBASE-CR 25GBASE-ACC 25GBASE-CR-S 25GBASE-ER
          25GBASE-KR`,
        ),
        ...named(
          50, // IFM_25G_KR_S
          `25GBASE-KR-S 25GBASE-LR 25GBASE-SR 25GBASE-T 40GBASE-AOC 40GBASE-CR4 40GBASE-ER4 40GBASE-FR 40GBASE-KR4
          40GBASE-LR4`,
        ),
        ...named(
          60, // IFM_40G_SR4
          `40GBASE-SR4 40GBASE-T 40G-XLPPI 50GAUI-1 50GAUI-2 50GBASE-CR 50GBASE-CR2 50GBASE-FR 50GBASE-KR
          50GBASE-KR2`,
        ),
        ...named(70, "50GLAUI-2 50GBASE-LR"), // IFM_50G_LAUI2; 72 is not defined
        ...named(73, "50GBASE-SR 50GBASE-SR2 56GBASE-R4 100GBASE-CR2 100GBASE-CR4 100GBASE-CR10 100GBASE-DR"),
        ...named(
          80, // IFM_100G_ER4
          `100GBASE-ER4 100GBASE-KP4 100GBASE-KR2 100GBASE-KR4 100GBASE-LR4 100GBASE-SR2 100GBASE-SR4 100GBASE-SR10
          200GBASE-CR2 200GBASE-CR4`,
        ),
        ...named(
          90, // IFM_200G_DR4
          `200GBASE-DR4 200GBASE-FR4 200GBASE-KR2 200GBASE-KR4 200GBASE-LR4 200GBASE-SR4 400GBASE-CR4 400GBASE-DR4
          400GBASE-FR8 400GBASE-KR4`,
        ),
        ...named(
          100, // IFM_400G_LR8
          `400GBASE-LR8 400GBASE-SR16 100GBASE-ACC 100GBASE-AOC 100GBASE-FR 100GBASE-LR 200GBASE-ER4 400GBASE-ER8
          400GBASE-FR4 400GBASE-LR4`,
        ),
        ...named(110, "400GBASE-SR4.2 400GBASE-SR8"), // IFM_400G_SR4_2
      },
      options: [[0x100, "master"], [0x200, "rxpause"], [0x400, "txpause"]], // IFM_ETH_MASTER
    },
    2: {
      name: "TokenRing",
      subtypes: named(3, "DB9/4Mbit DB9/16Mbit UTP/4Mbit UTP/16Mbit"),
      options: [[0x200, "EarlyTokenRelease"], [0x400, "SourceRouting"], [0x800, "AllRoutes"]],
    },
    3: { name: "FDDI", subtypes: named(3, "Single-mode Multi-mode UTP"), options: [[0x100, "dual-attach"]] },
    4: {
      name: "IEEE802.11",
      subtypes: named(
        3, // IFM_IEEE80211_FH1
        `FH1 FH2 DS2 DS5 DS11 DS1 DS22 OFDM6 OFDM9 OFDM12 OFDM18 OFDM24 OFDM36 OFDM48 OFDM54 OFDM72 DS/354Kbps
        DS/512Kbps OFDM/3Mbps OFDM/4.5Mbps OFDM/27Mbps HT VHT`,
      ),
      modes: named(1, "11a 11b 11g fh 11na 11ng 11ac 11ac2"), // IFM_IEEE80211_11A
      options: [
        [0x100, "adhoc"],
        [0x200, "hostap"],
        [0x400, "monitor"],
        [0x800, "turbo"],
        [0x1000, "ibss"],
        [0x2000, "wds"],
        [0x4000, "mesh"],
      ],
    },
    6: { name: "CARP", subtypes: {} },
  },
}));
