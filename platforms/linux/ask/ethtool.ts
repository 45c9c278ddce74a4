import type { LinkSpeed } from "../../contract/backend.ts";
import { type HardwareState, NO_HARDWARE } from "../../contract/details.ts";
import { type Family, findFamily, genericHeader, openGeneric, optional } from "./generic.ts";
import type { NetlinkCalls } from "../libc/calls.ts";
import { Attributes, buildRequest, type Packet, tooShort, u32Payload } from "../wire/netlink.ts";
import * as N from "../wire/numbers.ts";
import type { NetlinkSocket } from "../libc/socket.ts";

/** The requests, and the flags of each. The count of physical link-downs is a statistic. */
const QUESTIONS = [
  [N.ETHTOOL_MSG_LINKSTATE_GET, N.ETHTOOL_FLAG_COMPACT_BITSETS | N.ETHTOOL_FLAG_STATS],
  [N.ETHTOOL_MSG_LINKMODES_GET, N.ETHTOOL_FLAG_COMPACT_BITSETS],
  [N.ETHTOOL_MSG_LINKINFO_GET, N.ETHTOOL_FLAG_COMPACT_BITSETS],
] as const;

/** Decodes ethtool's answers (struct genlmsghdr and its attributes) of one packet. */
export class EthtoolReader {
  readonly #packet: Packet;
  readonly #attributes: Attributes;

  constructor(packet: Packet) {
    this.#packet = packet;
    this.#attributes = new Attributes(packet, N.ETHTOOL_INDEXED);
  }

  /**
   * Decodes the message with its payload between two offsets, to the part of the state that it has.
   *
   * @throws {MalformedMessageError} It is too short, or an attribute is torn.
   */
  read(start: number, end: number): Partial<HardwareState> {
    if (end - start < N.GENL_HDRLEN) throw tooShort("ethtool message", start, end - start, N.GENL_HDRLEN);
    this.#attributes.index(start + N.GENL_HDRLEN, end);
    switch (this.#packet.u8[start]!) {
      case N.ETHTOOL_MSG_LINKSTATE_GET_REPLY:
        return this.#linkState();
      case N.ETHTOOL_MSG_LINKMODES_GET_REPLY:
        return this.#linkModes();
      case N.ETHTOOL_MSG_LINKINFO_GET_REPLY: {
        const port = this.#attributes.u8(N.ETHTOOL_A_LINKINFO_PORT);
        return { port: port < 0 ? undefined : N.PORT_NAMES[port] ?? String(port) };
      }
      default:
        return {};
    }
  }

  #linkState(): Partial<HardwareState> {
    const attributes = this.#attributes;
    const state = attributes.u8(N.ETHTOOL_A_LINKSTATE_EXT_STATE);
    const substate = attributes.u8(N.ETHTOOL_A_LINKSTATE_EXT_SUBSTATE);
    const downs = attributes.u32(N.ETHTOOL_A_LINKSTATE_EXT_DOWN_CNT);
    return {
      link: this.#boolean(N.ETHTOOL_A_LINKSTATE_LINK),
      extendedState: state < 0 ? undefined : N.ETHTOOL_LINK_EXT_STATE_NAMES[state] ?? String(state),
      extendedSubstate: substate < 0
        ? undefined
        : N.ETHTOOL_LINK_EXT_SUBSTATE_NAMES[state]?.[substate - 1] ?? String(substate),
      linkDowns: downs < 0 ? undefined : downs,
    };
  }

  #linkModes(): Partial<HardwareState> {
    const speed = this.#attributes.u32(N.ETHTOOL_A_LINKMODES_SPEED);
    return {
      speed: speed < 0 || speed === N.SPEED_UNKNOWN ? undefined : speed,
      duplex: N.DUPLEX_NAMES[this.#attributes.u8(N.ETHTOOL_A_LINKMODES_DUPLEX)],
      autonegotiation: this.#boolean(N.ETHTOOL_A_LINKMODES_AUTONEG),
    };
  }

  #boolean(type: number): boolean | undefined {
    const value = this.#attributes.u8(type);
    return value < 0 ? undefined : value !== 0;
  }
}

/** Asks ethtool's family about interfaces. It needs no privilege. */
export class EthtoolRequests {
  readonly #socket: NetlinkSocket;
  readonly #family: Family;
  readonly #reader: EthtoolReader;

  private constructor(socket: NetlinkSocket, family: Family) {
    this.#socket = socket;
    this.#family = family;
    this.#reader = new EthtoolReader(socket.messages.packet);
  }

  /** Opens it; undefined if the kernel has no such family (before 5.6), or refuses it. */
  static open(libc: NetlinkCalls): EthtoolRequests | undefined {
    return optional(() => {
      const socket = openGeneric(libc, "read the hardware");
      let family: Family | undefined;
      try {
        family = findFamily(socket, libc, N.ETHTOOL_GENL_NAME);
        return family && new EthtoolRequests(socket, family);
      } finally {
        if (family === undefined) socket.close();
      }
    });
  }

  /** What the driver of an interface says; undefined if it says nothing. */
  get(index: number): HardwareState | undefined {
    const state: HardwareState = { ...NO_HARDWARE };
    optional(() => {
      for (const [command, flags] of QUESTIONS) Object.assign(state, this.#ask(command, index, flags));
    });
    return Object.values(state).some((value) => value !== undefined) ? state : undefined;
  }

  /** What the driver says of the speed; undefined if it says nothing. */
  speed(index: number): LinkSpeed | undefined {
    const state = optional(() => this.#ask(N.ETHTOOL_MSG_LINKMODES_GET, index, N.ETHTOOL_FLAG_COMPACT_BITSETS));
    return state && { speed: state.speed, duplex: state.duplex };
  }

  close(): void {
    this.#socket.close();
  }

  /**
   * Sends one request. If the driver does not support it, the kernel refuses it (EOPNOTSUPP), and there is no answer.
   */
  #ask(command: number, index: number, flags: number): Partial<HardwareState> | undefined {
    const { messages } = this.#socket;
    const header = buildRequest(0, 0, 0, new Uint8Array(0), [
      [N.ETHTOOL_A_HEADER_DEV_INDEX, u32Payload(index)],
      [N.ETHTOOL_A_HEADER_FLAGS, u32Payload(flags)],
    ]).subarray(N.NLMSG_HDRLEN);
    let found: Partial<HardwareState> | undefined;
    this.#socket.request(
      (seq) =>
        buildRequest(this.#family.id, N.NLM_F_REQUEST, seq, genericHeader(command, N.ETHTOOL_GENL_VERSION), [
          [N.ETHTOOL_A_HEADER | N.NLA_F_NESTED, header],
        ]),
      () => {
        if (messages.type === this.#family.id) found = this.#reader.read(messages.start, messages.end);
      },
    );
    // A kernel that does not know the flag (before 5.13) refuses a request with it.
    return found ??
      ((flags & N.ETHTOOL_FLAG_STATS) === 0 ? undefined : this.#ask(command, index, flags & ~N.ETHTOOL_FLAG_STATS));
  }
}

/**
 * What the drivers of several interfaces say of their speed, asked one by one on one socket. A dump ends at the first
 * device that fails, a suspended one for example (ethnl_default_dumpit).
 */
export function readSpeeds(libc: NetlinkCalls, indexes: Iterable<number>): Map<number, LinkSpeed> {
  const found = new Map<number, LinkSpeed>();
  const ethtool = EthtoolRequests.open(libc);
  if (ethtool === undefined) return found;
  try {
    for (const index of indexes) {
      const speed = ethtool.speed(index);
      if (speed !== undefined) found.set(index, speed);
    }
  } finally {
    ethtool.close();
  }
  return found;
}
