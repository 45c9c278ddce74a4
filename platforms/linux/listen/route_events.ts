import { drainQueue } from "../../common/drain.ts";
import type { DescriptorCallbacks } from "../../contract/backend.ts";
import type { Registration } from "../../ffi/poller.ts";
import type { NetlinkCalls } from "../libc/calls.ts";
import { NetlinkSocket } from "../libc/socket.ts";
import * as N from "../wire/numbers.ts";
import type { Instruction } from "../wire/filter.ts";
import { joins } from "./event_socket.ts";

/**
 * The longest prefix of a route that moves the default traffic. VPN daemons take it with the two halves of IPv4
 * (0.0.0.0/1 and 128.0.0.0/1), and with 2000::/4 and 3000::/4 of IPv6. Of so short prefixes there are 31 in a table, so
 * nobody can flood a socket with them.
 */
const LONGEST_PREFIX = 4;

/** Where nlmsg_type and rtm_dst_len stand in a message. */
const TYPE_AT = 4;
const DST_LEN_AT = N.NLMSG_HDRLEN + 1;

/**
 * Lets a message through that is about no route, or about one with a short prefix. A notification is alone in its
 * datagram. The numbers of its types fit into the lower byte.
 */
export const FILTER: readonly Instruction[] = [
  [N.BPF_LD_B_ABS, 0, 0, TYPE_AT],
  [N.BPF_JEQ_K, 1, 0, N.RTM_NEWROUTE],
  [N.BPF_JEQ_K, 0, 2, N.RTM_DELROUTE],
  [N.BPF_LD_B_ABS, 0, 0, DST_LEN_AT],
  [N.BPF_JGT_K, 1, 0, LONGEST_PREFIX],
  [N.BPF_RET_K, 0, 0, 0xffffffff],
  [N.BPF_RET_K, 0, 0, 0],
];

/** What may move the default traffic beside links: routes, policy rules, nexthop objects, IPv4 addresses that go. */
const GROUPS: readonly number[] = [
  N.RTNLGRP_IPV4_ROUTE,
  N.RTNLGRP_IPV6_ROUTE,
  N.RTNLGRP_IPV4_RULE,
  N.RTNLGRP_IPV6_RULE,
  N.RTNLGRP_IPV4_IFADDR, // with the last one, the kernel removes routes without a message
];

/**
 * Hears that the default traffic may take another way. It says neither which way nor whose: the kernel decides that by
 * rules, tables and metrics, and is asked. So nothing is decoded here, and a message that was lost is one that came.
 */
export class RouteEvents {
  readonly #socket: NetlinkSocket;
  readonly #registration: Registration;
  #dirty = false;

  private constructor(socket: NetlinkSocket, callbacks: DescriptorCallbacks) {
    this.#socket = socket;
    this.#registration = socket.listen(callbacks);
  }

  /** Begins to listen; undefined if the kernel, or a filter in front of it, refuses that for good. */
  static open(libc: NetlinkCalls, callbacks: DescriptorCallbacks): RouteEvents | undefined {
    const socket = new NetlinkSocket(libc, N.NETLINK_ROUTE, "watch routes");
    let events: RouteEvents | undefined;
    try {
      socket.attachFilter(FILTER); // before it joins: without a filter, more messages come, and mean the same
      if (!joins(socket, ...GROUPS)) return undefined;
      joins(socket, N.RTNLGRP_NEXTHOP); // since 5.3
      return events = new RouteEvents(socket, callbacks);
    } finally {
      if (events === undefined) socket.close();
    }
  }

  /** Reads at most `limit` queued datagrams without waiting. Returns whether the queue is empty. */
  drain(limit: number): boolean {
    const { messages } = this.#socket;
    const { u8 } = messages.packet;
    const drained = drainQueue(() => this.#socket.receive(), (length) => {
      const type = u8[TYPE_AT];
      const about = type === N.RTM_NEWROUTE || type === N.RTM_DELROUTE;
      if (!about || length <= DST_LEN_AT || u8[DST_LEN_AT]! <= LONGEST_PREFIX) this.#dirty = true;
      return true;
    }, limit);
    if (drained === "lost") this.#dirty = true;
    return drained !== "more";
  }

  /** Whether the default traffic may take another way since this was last said. */
  get dirty(): boolean {
    return this.#dirty;
  }

  /** The kernel was asked. */
  settled(): void {
    this.#dirty = false;
  }

  pause(paused: boolean): void {
    this.#registration.pause(paused);
  }

  async close(): Promise<void> {
    await this.#registration.close();
    this.#socket.release();
  }
}
