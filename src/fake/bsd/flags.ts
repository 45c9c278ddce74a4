import { IFF_RUNNING, IFF_UP } from "../../../platforms/bsd/systems/common.ts";
import type { SystemNumbers } from "../../../platforms/bsd/systems/layout.ts";

// sys/net/if.h of FreeBSD and DragonFly; no other system has bits as high as these
const IFF_PROMISC = 0x100;
const IFF_ALLMULTI = 0x200;
const IFF_PPROMISC = 0x20000;
const IFF_PALLMULTI = 0x800000;

/** Bits that the kernel or the driver sets when a user sets the user's own bit. */
const FOLLOWERS = [[IFF_UP, IFF_RUNNING], [IFF_PPROMISC, IFF_PROMISC], [IFF_PALLMULTI, IFF_ALLMULTI]] as const;

/** The effect of SIOCSIFFLAGS: it sets the flags that a user may set, and those that follow from them. */
export function flagsBySetting({ flags: { infos } }: SystemNumbers, flags: number, asked: number): number {
  const settable = infos.reduce((bits, info) => info.settable ? bits | info.bit : bits, 0);
  const changed = (flags ^ asked) & settable;
  let wanted = flags ^ changed;
  for (const [own, follower] of FOLLOWERS) {
    if ((changed & own) !== 0) wanted = (wanted & own) === 0 ? wanted & ~follower : wanted | follower;
  }
  return wanted >>> 0;
}

/**
 * Whether a change of flags is announced. The effect of a user's own bit (`ifconfig promisc`) is not; PROMISC of a
 * capture is.
 */
export function announcesFlags({ announces }: SystemNumbers, changed: number): boolean {
  const brought = (changed & IFF_PPROMISC ? IFF_PROMISC : 0) | (changed & IFF_PALLMULTI ? IFF_ALLMULTI : 0);
  return (changed & ~brought & announces.flags) !== 0;
}
