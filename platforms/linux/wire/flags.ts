import { FlagTable } from "../../contract/flag_table.ts";
import * as N from "./numbers.ts";

/**
 * Linux's interface flags. Volatile are IFF_VOLATILE of include/uapi/linux/if.h; a user may set those that
 * __dev_change_flags in net/core/dev.c accepts. Bits 16 to 18 do not fit the 16-bit ioctl word.
 */
export const LINUX_FLAGS: FlagTable = new FlagTable([
  [N.IFF_UP, "UP", "settable", "Somebody wants the interface up"],
  [N.IFF_BROADCAST, "BROADCAST", "volatile", "It has a broadcast address"],
  [N.IFF_DEBUG, "DEBUG", "settable", "The driver's debugging is on"],
  [N.IFF_LOOPBACK, "LOOPBACK", "volatile", "It is a loopback network"],
  [N.IFF_POINTOPOINT, "POINTOPOINT", "volatile", "It has one peer only"],
  [N.IFF_NOTRAILERS, "NOTRAILERS", "settable", "It avoids trailers; no effect any more"],
  [N.IFF_RUNNING, "RUNNING", "volatile", "It is operational (state UP or UNKNOWN)"],
  [N.IFF_NOARP, "NOARP", "settable", "It does not resolve addresses by ARP"],
  [N.IFF_PROMISC, "PROMISC", "settable", "It receives every packet"],
  [N.IFF_ALLMULTI, "ALLMULTI", "settable", "It receives every multicast packet"],
  [N.IFF_MASTER, "MASTER", "volatile", "It balances its load over slaves"],
  [N.IFF_SLAVE, "SLAVE", "volatile", "It is a slave of a load balancer"],
  [N.IFF_MULTICAST, "MULTICAST", "settable", "It supports multicast"],
  [N.IFF_PORTSEL, "PORTSEL", "settable", "Its media type can be chosen by ifmap"],
  [N.IFF_AUTOMEDIA, "AUTOMEDIA", "settable", "It chooses its medium by itself"],
  [N.IFF_DYNAMIC, "DYNAMIC", "settable", "Its addresses are lost when it goes down"],
  [N.IFF_LOWER_UP, "LOWER_UP", "volatile", "The driver signals a carrier"],
  [N.IFF_DORMANT, "DORMANT", "volatile", "The driver waits for an external event"],
  [N.IFF_ECHO, "ECHO", "volatile", "It echoes the packets it sends"],
]);
