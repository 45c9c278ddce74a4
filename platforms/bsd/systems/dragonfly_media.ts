import { ATM, IEEE80211, OPTIONS } from "./freebsd_media.ts";
import { type MediaNumbers, named, once } from "./media.ts";

/**
 * DragonFly's media: sys/net/if_media.h. It is FreeBSD's of long ago, with other numbers for the gigabit subtypes. 18 is
 * both IFM_HPNA_1 and IFM_10G_LR, so it has no name here.
 */
export const DRAGONFLY_MEDIA = once((): MediaNumbers => ({
  wide: false,
  type: [5, 3], // IFM_NMASK
  subtype: [0, 5], // IFM_TMASK
  mode: [16, 3], // IFM_MMASK
  instance: [28, 4], // IFM_IMASK
  options: OPTIONS,
  types: {
    1: {
      name: "Ethernet",
      subtypes: {
        ...named(
          3, // IFM_10_T
          `10baseT/UTP 10base2/BNC 10base5/AUI 100baseTX 100baseFX 100baseT4 100baseVG 100baseT2 1000baseFX 10baseSTP
          10baseFL 1000baseSX 1000baseLX 1000baseCX 1000baseT`,
        ),
        ...named(
          19, // IFM_10G_SR
          `10Gbase-SR 10Gbase-CX4 2500BaseSX 10Gbase-Twinax 10Gbase-Twinax-Long 10Gbase-LRM Unknown 10Gbase-T
          40Gbase-CR4 40Gbase-SR4 40Gbase-LR4`,
        ),
      },
      // IFM_ETH_MASTER, for which its ifconfig has no word either
      options: [[0x100, "master"], [0x200, "rxpause"], [0x400, "txpause"]],
    },
    4: IEEE80211(),
    5: ATM(),
    6: { name: "Common Address Redundancy Protocol", subtypes: {} },
  },
}));
