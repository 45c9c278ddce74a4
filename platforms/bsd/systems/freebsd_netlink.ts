import type { FlagTable } from "../../contract/flag_table.ts";
import { IFT_NAMES } from "./common.ts";
import { FREEBSD } from "./freebsd.ts";

/** The numbers in link messages of FreeBSD's netlink (sys/netlink/route/interface.h), which are laid out as Linux's. */
export const FREEBSD_NETLINK: {
  readonly flags: FlagTable;
  readonly types: Readonly<Record<number, string>>;
  readonly lowerUp: number;
  readonly dormant: number;
} = {
  flags: FREEBSD.flags,
  types: IFT_NAMES,
  lowerUp: 0x1000000, // sys/net/if.h: IFF_NETLINK_1 stands for LOWER_UP
  dormant: 0,
};
