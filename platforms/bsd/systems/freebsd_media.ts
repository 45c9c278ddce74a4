import { type MediaNumbers, type MediaType, named, once, type Option } from "./media.ts";

/** ATM, as FreeBSD and DragonFly have it. */
export const ATM = once((): MediaType => ({
  name: "ATM",
  subtypes: named(
    3, // IFM_ATM_UNKNOWN
    `Unknown UTP/25.6MBit Taxi/100MBit Taxi/140MBit Multi-mode/155MBit Single-mode/155MBit UTP/155MBit
    Multi-mode/622MBit Single-mode/622MBit Virtual`,
  ),
  options: [[0x100, "SDH"], [0x200, "Noscramb"], [0x400, "Unassigned"]],
}));

/** FreeBSD's and DragonFly's wireless media. */
export const IEEE80211 = once((): MediaType => ({
  name: "IEEE 802.11 Wireless Ethernet",
  subtypes: named(
    3, // IFM_IEEE80211_FH1
    `FH/1Mbps FH/2Mbps DS/1Mbps DS/2Mbps DS/5.5Mbps DS/11Mbps DS/22Mbps OFDM/6Mbps OFDM/9Mbps OFDM/12Mbps
    OFDM/18Mbps OFDM/24Mbps OFDM/36Mbps OFDM/48Mbps OFDM/54Mbps OFDM/72Mbps DS/354Kbps DS/512Kbps OFDM/3Mbps
    OFDM/4.5Mbps OFDM/27Mbps MCS`,
  ),
  modes: named(1, "11a 11b 11g fh 11na 11ng"), // IFM_IEEE80211_11A
  options: [
    [0x100, "adhoc"],
    [0x200, "hostap"],
    [0x400, "ibss"],
    [0x800, "wds"],
    [0x1000, "turbo"],
    [0x2000, "monitor"],
    [0x4000, "mesh"],
  ],
}));

/** The options of FreeBSD and DragonFly. Of the latter's, its ifconfig has no word for IFM_FLOW. */
export const OPTIONS: readonly Option[] = [
  [0x00100000, "full-duplex"], // IFM_FDX
  [0x00200000, "half-duplex"],
  [0x00400000, "flowcontrol"],
  [0x01000000, "flag0"],
  [0x02000000, "flag1"],
  [0x04000000, "flag2"],
  [0x08000000, "hw-loopback"],
];

/**
 * FreeBSD's media: sys/net/if_media.h of 14 and 15. Ethernet has four more bits for its subtype (IFM_ETH_XTYPE), which SIOCGIFXMEDIA tells; SIOCGIFMEDIA says "Other" of those.
 */
export const FREEBSD_MEDIA = once((): MediaNumbers => ({
  wide: false,
  type: [5, 3], // IFM_NMASK
  subtype: [0, 5], // IFM_TMASK
  mode: [16, 4], // IFM_MMASK, and the bit above it, which IFM_IEEE80211_VHT2G uses
  instance: [28, 4], // IFM_IMASK
  options: OPTIONS,
  types: {
    1: {
      name: "Ethernet",
      extended: [11, 4],
      subtypes: {
        ...named(
          3, // IFM_10_T
          `10baseT/UTP 10base2/BNC 10base5/AUI 100baseTX 100baseFX 100baseT4 100baseVG
          100baseT2 1000baseSX 10baseSTP 10baseFL 1000baseLX 1000baseCX 1000baseT homePNA 10Gbase-LR 10Gbase-SR
          10Gbase-CX4 2500BaseSX 10Gbase-Twinax 10Gbase-Twinax-Long 10Gbase-LRM Unknown 10Gbase-T 40Gbase-CR4
          40Gbase-SR4 40Gbase-LR4`,
        ),
        ...named(
          30, // IFM_1000_KX
          `1000Base-KX Other 10GBase-KX4 10GBase-KR 10GBase-CR1 20GBase-KR2 2500Base-KX 2500Base-T 5000Base-T
          PCIExpress-50G`,
        ),
        ...named(
          40, // IFM_25G_PCIE
          `PCIExpress-25G 1000Base-SGMII 10GBase-SFI 40GBase-XLPPI 1000Base-CX-SGMII 40GBase-KR4 10GBase-ER
          100GBase-CR4 100GBase-SR4 100GBase-KR4`,
        ),
        ...named(
          50, // IFM_100G_LR4
          `100GBase-LR4 56GBase-R4 100BaseT 25GBase-CR 25GBase-KR 25GBase-SR 50GBase-CR2 50GBase-KR2 25GBase-LR
          10GBase-AOC`,
        ),
        ...numbers60to117(),
        ...named(118, "50GBase-KR4 40GBase-LM4"), // IFM_50G_KR4
      },
      options: [[0x100, "master"], [0x200, "rxpause"], [0x400, "txpause"]], // IFM_ETH_MASTER
    },
    4: {
      ...IEEE80211(),
      subtypes: { ...IEEE80211().subtypes, 25: "VHT" },
      modes: { ...IEEE80211().modes, 7: "11ac", 8: "11ac2" },
    },
    5: ATM(),
  },
}));

/** The extended subtypes of Ethernet that FreeBSD and macOS number alike: from IFM_25G_ACC, 60, to IFM_400G_AUI8, 117. */
export function numbers60to117(): Record<number, string> {
  return {
    ...named(
      60, // IFM_25G_ACC
      `25GBase-ACC 25GBase-AOC 100M-SGMII 2500Base-X 5000Base-KR 25GBase-T 25GBase-CR-S 25GBase-CR1 25GBase-KR-S
      5000Base-KR-S`,
    ),
    ...named(
      70, // IFM_5000_KR1
      `5000Base-KR1 25G-AUI 40G-XLAUI 40G-XLAUI-AC 40GBase-ER4 50GBase-SR2 50GBase-LR2 50G-LAUI2-AC 50G-LAUI2
      50G-AUI2-AC`,
    ),
    ...named(
      80, // IFM_50G_AUI2
      `50G-AUI2 50GBase-CP 50GBase-SR 50GBase-LR 50GBase-FR 50GBase-KR-PAM4 25GBase-KR1 50G-AUI1-AC 50G-AUI1
      100G-CAUI4-AC`,
    ),
    ...named(
      90, // IFM_100G_CAUI4
      `100G-CAUI4 100G-AUI4-AC 100G-AUI4 100GBase-CR-PAM4 100GBase-KR-PAM4 100GBase-CP2 100GBase-SR2 100GBase-DR
      100GBase-KR2-PAM4 100G-CAUI2-AC`,
    ),
    ...named(
      100, // IFM_100G_CAUI2
      `100G-CAUI2 100G-AUI2-AC 100G-AUI2 200GBase-CR4-PAM4 200GBase-SR4 200GBase-FR4 200GBase-LR4 200GBase-DR4
      200GBase-KR4-PAM4 200G-AUI4-AC`,
    ),
    ...named(
      110, // IFM_200G_AUI4
      `200G-AUI4 200G-AUI8-AC 200G-AUI8 400GBase-FR8 400GBase-LR8 400GBase-DR4 400G-AUI8-AC 400G-AUI8`,
    ),
  };
}
