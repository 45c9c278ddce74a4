import { numbers60to117 } from "./freebsd_media.ts";
import { type Bits, type MediaNumbers, named, once } from "./media.ts";

/** IFM_TMASK_EXT: the rest of a subtype's number, of every type. macOS has no modes. */
const EXTENDED: Bits = [16, 4];

/** macOS's media: bsd/net/if_media.h of xnu-11417. */
export const DARWIN_MEDIA = once((): MediaNumbers => ({
  wide: false,
  type: [5, 3], // IFM_NMASK
  subtype: [0, 5], // IFM_TMASK_COMPAT
  instance: [28, 4], // IFM_IMASK
  options: [
    [0x00100000, "full-duplex"], // IFM_FDX
    [0x00200000, "half-duplex"],
    [0x00400000, "flow-control"],
    [0x00800000, "energy-efficient-ethernet"], // IFM_EEE
    [0x01000000, "flag0"],
    [0x02000000, "flag1"],
    [0x04000000, "flag2"],
    [0x08000000, "hw-loopback"],
  ],
  types: {
    1: {
      name: "Ethernet",
      extended: EXTENDED,
      subtypes: {
        ...named(
          3, // IFM_10_T
          `10baseT/UTP 10base2/BNC 10base5/AUI 100baseTX 100baseFX 100baseT4 100baseVG
          100baseT2 1000baseSX 10baseSTP 10baseFL 1000baseLX 1000baseCX 1000baseT homePNA 10Gbase-SR 10Gbase-LR
          10Gbase-CX4 10Gbase-T 2500Base-T 5000Base-T 1000Base-CX-SGMII 1000Base-KX 10GBase-KX4 10GBase-KR 10GBase-CR1
          10GBase-ER`,
        ),
        ...named(
          30, // IFM_20G_KR2
          `20GBase-KR2 Other 2500BaseSX 10Gbase-Twinax 10Gbase-Twinax-Long 10Gbase-LRM 2500Base-KX 40Gbase-CR4
          40Gbase-SR4 PCIExpress-50G`,
        ),
        ...named(40, "PCIExpress-25G 1000Base-SGMII 10GBase-SFI 40GBase-XLPPI 40Gbase-LR4 40GBase-KR4"), // 46: none
        ...named(47, "100GBase-CR4 100GBase-SR4 100GBase-KR4"),
        ...named(
          50, // IFM_100G_LR4
          `100GBase-LR4 56GBase-R4 100BaseT 25GBase-CR 25GBase-KR 25GBase-SR 50GBase-CR2 50GBase-KR2 25GBase-LR
          10GBase-AOC`,
        ),
        ...numbers60to117(),
      },
    },
    2: {
      name: "Token ring",
      extended: EXTENDED,
      subtypes: named(3, "DB9/4Mbit DB9/16Mbit UTP/4Mbit UTP/16Mbit"),
      options: [[0x200, "EarlyTokenRelease"], [0x400, "SourceRouting"], [0x800, "AllRoutes"]],
    },
    3: {
      name: "FDDI",
      extended: EXTENDED,
      subtypes: named(3, "Single-mode Multi-mode UTP"),
      options: [[0x100, "Dual-attach"]],
    },
    4: {
      name: "IEEE802.11",
      extended: EXTENDED,
      subtypes: named(3, "FH1 FH2 DS2 DS5 DS11 DS1 DS22"),
      options: [[0x100, "adhoc"]],
    },
  },
}));
