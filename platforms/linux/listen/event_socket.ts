import type { Capabilities } from "../../contract/capabilities.ts";
import { NetflagsError, NotPermittedError, UnsupportedError } from "../../contract/errors.ts";
import type { NetlinkCalls } from "../libc/calls.ts";
import * as N from "../wire/numbers.ts";
import { NetlinkSocket } from "../libc/socket.ts";

/**
 * The errors that mean that a group does not exist, or that joining it is not allowed. Any other error is a problem of
 * this socket.
 */
const REFUSALS: ReadonlySet<string | undefined> = new Set(
  [N.EINVAL, N.ENOENT, N.ENOPROTOOPT].map((errno) => N.ERRNO_NAMES[errno]),
);

/** Joins groups. Returns false if this is refused for good: by a seccomp filter, or by a kernel such as gVisor's. */
export function joins(socket: NetlinkSocket, ...groups: number[]): boolean {
  try {
    socket.join(...groups);
    return true;
  } catch (error) {
    if (error instanceof NotPermittedError || error instanceof UnsupportedError) return false;
    if (error instanceof NetflagsError && REFUSALS.has(error.code)) return false;
    throw error;
  }
}

/** A socket for rtnetlink's events, as far as the kernel reports them. */
export class EventSocket extends NetlinkSocket {
  /** Which events it reports. */
  readonly events: Capabilities["events"];

  private constructor(libc: NetlinkCalls, addresses: boolean) {
    super(libc, N.NETLINK_ROUTE, "watch interfaces");
    try {
      const links = joins(this, N.RTNLGRP_LINK);
      const all = links && (!addresses || joins(this, N.RTNLGRP_IPV4_IFADDR, N.RTNLGRP_IPV6_IFADDR));
      this.events = all ? "kernel" : links ? "partial" : "poll";
      // Not all that one listener asked for need be all that there is.
      const { events: known } = libc.discovered.capabilities;
      if (!all && known !== "poll") libc.discovered.found({ events: this.events });
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Opens one, for links and, if asked for, addresses. */
  static open(libc: NetlinkCalls, addresses: boolean): EventSocket {
    return new EventSocket(libc, addresses);
  }
}
