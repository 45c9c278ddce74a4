/**
 * Generic netlink: how a family is found, and what happens if the kernel refuses it. nl80211 and ethtool are families.
 */
import { type NetflagsError, NotPermittedError, UnsupportedError } from "../../contract/errors.ts";
import type { NetlinkCalls } from "../libc/calls.ts";
import { afterAttribute, attributeEnd, Attributes, buildRequest, nextAttribute, readText } from "../wire/netlink.ts";
import * as N from "../wire/numbers.ts";
import { NetlinkSocket } from "../libc/socket.ts";

export { optional } from "../../contract/errors.ts";

/** struct genlmsghdr */
export function genericHeader(command: number, version: number): Uint8Array {
  return Uint8Array.of(command, version, 0, 0);
}

/** A generic netlink family: its message type and its multicast groups, which differ from boot to boot. */
export interface Family {
  readonly id: number;
  readonly groups: ReadonlyMap<string, number>;
}

/**
 * Looks up a family by its name; undefined if the kernel does not have it. It lists all families: if it asked for a
 * missing one by name, the kernel would run modprobe each time, and load a module that nobody asked for
 * (ctrl_getfamily).
 */
export function findFamily(socket: NetlinkSocket, libc: NetlinkCalls, name: string): Family | undefined {
  const { messages } = socket;
  const { packet } = messages;
  const attributes = new Attributes(packet, N.CTRL_ATTR_MCAST_GROUPS + 1);
  let family: Family | undefined;
  const { errno, text } = socket.request(
    (seq) =>
      buildRequest(N.GENL_ID_CTRL, N.NLM_F_REQUEST | N.NLM_F_DUMP, seq, genericHeader(N.CTRL_CMD_GETFAMILY, 1), []),
    () => {
      attributes.index(messages.start + N.GENL_HDRLEN, messages.end);
      const id = attributes.at(N.CTRL_ATTR_FAMILY_ID);
      const at = attributes.at(N.CTRL_ATTR_FAMILY_NAME);
      if (id === 0 || at === 0) return;
      if (readText(packet.u8, at, attributes.end(N.CTRL_ATTR_FAMILY_NAME), name) !== name) return;
      family = { id: packet.u16[id >> 1]!, groups: readGroups() };
    },
  );
  if (errno !== 0 && errno !== N.ENOENT) throw libc.failureOf(errno, { operation: `find ${name}`, text });
  return family;

  /** The groups are an array of nests, each with a name and an id. */
  function readGroups(): Map<string, number> {
    const groups = new Map<string, number>();
    const at = attributes.at(N.CTRL_ATTR_MCAST_GROUPS);
    const end = at === 0 ? 0 : attributes.end(N.CTRL_ATTR_MCAST_GROUPS);
    for (let nest = at; end - nest >= N.NLA_HDRLEN; nest = afterAttribute(packet, nest)) {
      if (packet.u16[nest >> 1]! < N.NLA_HDRLEN) break;
      const inner = nest + N.NLA_HDRLEN;
      const innerEnd = Math.min(end, attributeEnd(packet, nest));
      const nameAt = nextAttribute(packet, N.CTRL_ATTR_MCAST_GRP_NAME, inner, innerEnd);
      const idAt = nextAttribute(packet, N.CTRL_ATTR_MCAST_GRP_ID, inner, innerEnd);
      if (nameAt < 0 || idAt < 0) continue;
      groups.set(
        readText(packet.u8, nameAt + N.NLA_HDRLEN, attributeEnd(packet, nameAt), undefined),
        packet.u32[(idAt + N.NLA_HDRLEN) >> 2]!,
      );
    }
    return groups;
  }
}

/**
 * For each C library, why it will never open a socket for generic netlink: a filter, a policy, or a kernel without it.
 */
const refusals = new WeakMap<NetlinkCalls, NetflagsError>();

/** Why a C library opens no socket for generic netlink, if this was tried. */
export function genericRefusal(libc: NetlinkCalls): NetflagsError | undefined {
  return refusals.get(libc);
}

/** Opens a socket for generic netlink. After a permanent refusal it is not tried again. */
export function openGeneric(libc: NetlinkCalls, operation: string): NetlinkSocket {
  const refusal = refusals.get(libc);
  if (refusal !== undefined) throw refusal;
  try {
    return new NetlinkSocket(libc, N.NETLINK_GENERIC, operation);
  } catch (error) {
    if (error instanceof NotPermittedError || error instanceof UnsupportedError) {
      refusals.set(libc, error);
      libc.discovered.found({ accessPoints: false });
    }
    throw error;
  }
}
