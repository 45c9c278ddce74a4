import { formatHex, formatIpv4, formatIpv6 } from "../../common/address_text.ts";
import { STAND_ON_PORTS } from "../../contract/details.ts";
import type { FlagTable } from "../../contract/flag_table.ts";
import { type InterfaceMove, type LinkFacts, NO_NAMES, type OperState } from "../../contract/status.ts";
import { LINUX_FLAGS } from "./flags.ts";
import { linkTexts } from "./link_texts.ts";
import { afterAttribute, attributeEnd, Attributes, nextAttribute, type Packet, readText, tooShort } from "./netlink.ts";
import * as N from "./numbers.ts";

/**
 * The rule of `connected` on Linux. Operational state UP means that packets can flow (RFC 2863). A driver that never
 * reports a carrier (lo, tun and tap, ifb, many virtual ones) stays UNKNOWN for ever. For these, IFF_RUNNING decides,
 * which the kernel shows for both UP and UNKNOWN as long as the interface is up. IFF_UP does not help: a card without a
 * cable has it.
 *
 * UP or UNKNOWN without LOWER_UP does not count. It is a state of a few milliseconds, while the kernel has not checked
 * the carrier yet: after an interface was set up, or after its carrier went and came (for example, hostapd's wlan0).
 *
 * A bridge, bond or team that is UNKNOWN never had a port, and reaches nobody: its state follows from its ports from
 * the first one on.
 *
 * If a kernel reports no operational state (gVisor's), the carrier decides, or UP, RUNNING and LOWER_UP.
 *
 * @example
 * ```ts
 * import { linuxConnected } from "@netflags/netflags/linux";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(linuxConnected("down", 4099), false); // UP, without a cable
 * assertEquals(linuxConnected("up", 0x11043), true);
 * assertEquals(linuxConnected("up", 0x1043), false); // its carrier is not checked yet
 * assertEquals(linuxConnected("unknown", 0x10049), true); // lo
 * assertEquals(linuxConnected("unknown", 0x11043, true, true, "bridge"), false); // without a port
 * ```
 *
 * @param operState The operational state; undefined if the kernel reports none.
 * @param flags The flag word.
 * @param carrier Whether there is a carrier (`IFLA_CARRIER`), if the kernel says so.
 * @param lowerUp Whether the driver signals a carrier.
 * @param kind The kind (`IFLA_INFO_KIND`), if it has one.
 * @returns Whether it is connected.
 */
export function linuxConnected(
  operState: OperState | undefined,
  flags: number,
  carrier?: boolean,
  lowerUp: boolean = (flags & N.IFF_LOWER_UP) !== 0,
  kind?: string,
): boolean {
  const up = (flags & N.IFF_UP) !== 0;
  const working = lowerUp && up && (flags & N.IFF_RUNNING) !== 0;
  switch (operState) {
    case "up":
      return lowerUp && up;
    case "unknown":
      return working && !STAND_ON_PORTS.has(kind);
    case undefined:
      return carrier === undefined ? working : carrier && up;
    default:
      return false;
  }
}

/** The numbers in link messages: FreeBSD has netlink too, with its own flags and types. */
export interface LinkDialect {
  readonly flags: FlagTable;
  /** The names of ifi_type's numbers. */
  readonly types: Readonly<Record<number, string>>;
  /** The bits of LOWER_UP and DORMANT; 0 if there is none. */
  readonly lowerUp: number;
  readonly dormant: number;
}

const LINUX: LinkDialect = {
  flags: LINUX_FLAGS,
  types: N.ARPHRD_NAMES,
  lowerUp: N.IFF_LOWER_UP,
  dormant: N.IFF_DORMANT,
};

/** Decodes RTM_NEWLINK and RTM_DELLINK messages (struct ifinfomsg and its attributes) of one packet, in place. */
export class LinkReader {
  readonly #packet: Packet;
  readonly #attributes: Attributes;
  readonly #dialect: LinkDialect;
  #start = 0;
  /** Links of one kind often follow each other, and their text need not be made again. */
  #lastKind: string | undefined;
  /** The same for ifi_type: its names are looked up by numbers that are far apart. */
  #lastType = -1;
  #lastTypeName = "";

  constructor(packet: Packet, dialect: LinkDialect = LINUX) {
    this.#packet = packet;
    this.#dialect = dialect;
    this.#attributes = new Attributes(packet, N.IFLA_INDEXED);
  }

  /**
   * Goes to the message with its payload between two offsets, and reads only its struct ifinfomsg: index, flags, family
   * and hardware type.
   *
   * @throws {MalformedMessageError} It is shorter than that.
   */
  at(start: number, end: number): this {
    if (end - start < N.IFINFOMSG_LEN) throw tooShort("link message", start, end - start, N.IFINFOMSG_LEN);
    this.#start = start;
    return this;
  }

  /**
   * Goes to the message with its payload between two offsets, and reads all of it.
   *
   * @throws {MalformedMessageError} It is shorter than struct ifinfomsg, or an attribute is torn.
   */
  load(start: number, end: number): this {
    this.at(start, end);
    this.#attributes.index(start + N.IFINFOMSG_LEN, end);
    return this;
  }

  /** ifi_index */
  get index(): number {
    return this.#packet.i32[(this.#start >> 2) + 1]!;
  }

  /** ifi_flags, all 32 bits */
  get flags(): number {
    return this.#packet.u32[(this.#start >> 2) + 2]!;
  }

  /** ifi_family: AF_UNSPEC for the interface itself, AF_BRIDGE for what a bridge says of its port */
  get family(): number {
    return this.#packet.u8[this.#start]!;
  }

  /** ifi_type (ARPHRD_*) */
  get hardwareType(): number {
    return this.#packet.u16[(this.#start >> 1) + 1]!;
  }

  /**
   * Whether the message has the interface's whole state. Two kinds do not: a bridge's view of its port (AF_BRIDGE: its
   * RTM_DELLINK says that the port left the bridge, not that it is gone), and the events of the wireless extensions,
   * which have only a name and IFLA_WIRELESS, and say that no flag changed. A kernel may leave out the operational
   * state, as gVisor's does.
   */
  get whole(): boolean {
    const change = this.#packet.u32[(this.#start >> 2) + 3]!;
    return this.family === N.AF_UNSPEC && (change !== 0 || this.#attributes.at(N.IFLA_WIRELESS) === 0);
  }

  /** Where the interface went, if this RTM_DELLINK says that it was moved. */
  get move(): InterfaceMove | undefined {
    const netnsId = this.#attributes.i32(N.IFLA_NEW_NETNSID, -1);
    if (netnsId < 0) return undefined;
    const index = this.#attributes.i32(N.IFLA_NEW_IFINDEX, 0);
    return { netnsId, index: index > 0 ? index : undefined };
  }

  /** The network namespace that the message is about, if one was asked for. */
  get targetNetnsId(): number | undefined {
    return this.#index(N.IFLA_TARGET_NETNSID, 0);
  }

  /**
   * All that the message says. A whole message is complete: an attribute that it lacks does not exist, or its kernel
   * does not know it.
   */
  facts(): LinkFacts {
    const attributes = this.#attributes;
    const { flags: table, lowerUp: lowerUpBit, dormant } = this.#dialect;
    const { index, flags } = this;
    const lowerUp = (flags & lowerUpBit) !== 0;
    const operStateAt = attributes.u8(N.IFLA_OPERSTATE);
    const operState = operStateAt < 0 ? undefined : N.IF_OPER_NAMES[operStateAt];
    const linkModeAt = attributes.u8(N.IFLA_LINKMODE);
    const carrierAt = attributes.u8(N.IFLA_CARRIER);
    const carrier = carrierAt < 0 ? undefined : carrierAt !== 0;
    const kind = this.#kind();
    return {
      index,
      name: this.#name(index),
      altNames: this.#altNames(),
      type: this.#type(),
      kind,
      flags,
      flagNames: table.names(flags),
      up: (flags & N.IFF_UP) !== 0,
      running: (flags & N.IFF_RUNNING) !== 0,
      lowerUp,
      dormant: dormant === 0 ? undefined : (flags & dormant) !== 0,
      operState,
      linkMode: linkModeAt < 0 ? undefined : N.IF_LINK_MODE_NAMES[linkModeAt],
      carrier,
      carrierChanges: this.#number(N.IFLA_CARRIER_CHANGES),
      carrierUps: this.#number(N.IFLA_CARRIER_UP_COUNT),
      carrierDowns: this.#number(N.IFLA_CARRIER_DOWN_COUNT),
      linkState: undefined,
      connected: linuxConnected(operState, flags, carrier, lowerUp, kind),
      mtu: this.#number(N.IFLA_MTU),
      hardwareAddress: this.#hardwareAddress(),
      master: undefined,
      masterIndex: this.#index(N.IFLA_MASTER, 1),
      masterKind: undefined,
      parent: undefined,
      parentIndex: this.#index(N.IFLA_LINK, 1),
      parentNetnsId: this.#index(N.IFLA_LINK_NETNSID, 0),
      addresses: undefined,
      defaultRoute: undefined,
      media: undefined,
      wireless: undefined,
    };
  }

  #type(): string {
    const type = this.hardwareType;
    if (type !== this.#lastType) {
      this.#lastType = type;
      this.#lastTypeName = this.#dialect.types[type] ?? String(type);
    }
    return this.#lastTypeName;
  }

  #name(index: number): string {
    const at = this.#attributes.at(N.IFLA_IFNAME);
    if (at === 0) return "";
    return linkTexts.name(this.#packet, index, at - N.NLA_HDRLEN, this.#attributes.length(N.IFLA_IFNAME));
  }

  #number(type: number): number | undefined {
    const value = this.#attributes.u32(type);
    return value < 0 ? undefined : value;
  }

  /** An index or id; the kernel writes 0 or -1, or nothing, for none. */
  #index(type: number, least: 0 | 1): number | undefined {
    const index = this.#attributes.i32(type, -1);
    return index < least ? undefined : index;
  }

  #kind(): string | undefined {
    const at = this.#attributes.at(N.IFLA_LINKINFO);
    if (at === 0) return undefined;
    const header = nextAttribute(this.#packet, N.IFLA_INFO_KIND, at, this.#attributes.end(N.IFLA_LINKINFO));
    if (header < 0) return undefined;
    const start = header + N.NLA_HDRLEN;
    return this.#lastKind = readText(this.#packet.u8, start, attributeEnd(this.#packet, header), this.#lastKind);
  }

  #altNames(): readonly string[] {
    const packet = this.#packet;
    const at = this.#attributes.at(N.IFLA_PROP_LIST);
    if (at === 0) return NO_NAMES;
    const end = this.#attributes.end(N.IFLA_PROP_LIST);
    const names: string[] = [];
    let header = nextAttribute(packet, N.IFLA_ALT_IFNAME, at, end);
    while (header >= 0) {
      names.push(readText(packet.u8, header + N.NLA_HDRLEN, attributeEnd(packet, header), undefined));
      header = nextAttribute(packet, N.IFLA_ALT_IFNAME, afterAttribute(packet, header), end);
    }
    return names;
  }

  #hardwareAddress(): string | undefined {
    const at = this.#attributes.at(N.IFLA_ADDRESS);
    if (at === 0) return undefined;
    const length = this.#attributes.length(N.IFLA_ADDRESS);
    if (length === 6) return linkTexts.address6(this.#packet, this.index, at);
    return formatHardwareAddress(this.#packet.u8.subarray(at, at + length), this.hardwareType) || undefined;
  }
}

/** A link-layer address as text, as `ip link` prints it. For tunnels, it is the IP address of their own end. */
export function formatHardwareAddress(bytes: Uint8Array, hardwareType: number): string {
  switch (hardwareType) {
    case N.ARPHRD_TUNNEL:
    case N.ARPHRD_SIT:
    case N.ARPHRD_IPGRE:
      if (bytes.length === 4) return formatIpv4(bytes);
      break;
    case N.ARPHRD_TUNNEL6:
    case N.ARPHRD_IP6GRE:
      if (bytes.length === 16) return formatIpv6(bytes);
      break;
  }
  return formatHex(bytes, ":");
}
