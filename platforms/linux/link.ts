import { flagNames } from "../../src/flags.ts";
import type { InterfaceMove } from "../../src/watch/event.ts";
import type { InterfaceStatus, OperState } from "../contract/status.ts";
import { IFT_NAMES } from "../bsd/common.ts";
import type { Platform } from "../contract/platform.ts";
import { formatIpv4, formatIpv6 } from "../contract/address_text.ts";
import { shortLink } from "./link_scan.ts";
import { linkTexts } from "./link_texts.ts";
import { afterAttribute, attributeEnd, Attributes, nextAttribute, type Packet, readText } from "./netlink.ts";
import * as N from "./numbers.ts";

/**
 * The rule of `connected` on Linux. Operational state UP means that packets can flow (RFC 2863). A driver that never
 * reports a carrier (lo, tun and tap, ifb, many virtual ones) stays UNKNOWN for ever; for these IFF_RUNNING tells,
 * which the kernel shows for UP and UNKNOWN alike as long as the interface is up. IFF_UP tells nothing: a card without
 * a cable has it.
 *
 * UNKNOWN and RUNNING without LOWER_UP is a moment's lie: an interface that was just set up is so until the kernel has
 * looked at its carrier, a few milliseconds later (hostapd's wlan0 is). It does not count.
 */
export function linuxConnected(
  operState: OperState | undefined,
  flags: number,
  lowerUp: boolean = (flags & N.IFF_LOWER_UP) !== 0,
): boolean | "unknown" {
  switch (operState) {
    case "up":
      return true;
    case "unknown": {
      const working = N.IFF_UP | N.IFF_RUNNING;
      return lowerUp && (flags & working) === working;
    }
    case undefined:
      return "unknown";
    default:
      return false;
  }
}

/** FreeBSD's netlink: sys/net/if.h, IFF_NETLINK_1 stands for LOWER_UP. */
const FREEBSD_NETLINK_1 = 0x1000000;
const NO_NAMES: readonly string[] = Object.freeze([]);

/** Decodes RTM_NEWLINK and RTM_DELLINK messages (struct ifinfomsg and its attributes) of one packet, in place. */
export class LinkReader {
  readonly #packet: Packet;
  readonly #attributes: Attributes;
  /** Whose flags they are: FreeBSD's netlink speaks of its own. */
  readonly #platform: Platform;
  #start = 0;
  /** Links of one kind often stand in a row. */
  #lastKind: string | undefined;

  constructor(packet: Packet, platform: Platform = "linux") {
    this.#packet = packet;
    this.#platform = platform;
    this.#attributes = new Attributes(packet, N.IFLA_INDEXED);
  }

  /**
   * Goes to the message whose payload stands between two offsets, for what its struct ifinfomsg says: index, flags,
   * family and hardware type.
   *
   * @throws {MalformedMessageError} It is shorter than that.
   */
  at(start: number, end: number): this {
    if (end - start < N.IFINFOMSG_LEN) throw shortLink(start, end);
    this.#start = start;
    return this;
  }

  /**
   * Goes to the message whose payload stands between two offsets, for all that it says.
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
   * Whether the message tells the interface's whole state. Not so are a bridge's view of its port (AF_BRIDGE: its
   * RTM_DELLINK says that the port left the bridge, not that it is gone) and the wireless extensions' events, which
   * carry a name and IFLA_WIRELESS alone. What rtnl_fill_ifinfo writes always has an operational state.
   */
  get whole(): boolean {
    return this.family === N.AF_UNSPEC && this.#attributes.at(N.IFLA_OPERSTATE) !== 0;
  }

  /** Where the interface went, if this RTM_DELLINK says that it was moved. */
  get move(): InterfaceMove | undefined {
    const netnsId = this.#attributes.i32(N.IFLA_NEW_NETNSID, -1);
    if (netnsId < 0) return undefined;
    const index = this.#attributes.i32(N.IFLA_NEW_IFINDEX, 0);
    return { netnsId, index: index > 0 ? index : undefined };
  }

  /**
   * What is known after this message: `previous` itself if it says nothing new.
   *
   * What an older kernel or a shorter message leaves out does not erase what is known. Master, parent, alternative
   * names, hardware address and kind are otherwise: being left out of a whole message is how the kernel says "none",
   * and what is known may be of an interface that had this index before.
   */
  status(previous: InterfaceStatus | undefined): InterfaceStatus {
    const attributes = this.#attributes;
    const index = this.index;
    const flags = this.flags;
    const whole = this.whole;
    const name = this.#name(index) ?? previous?.name ?? "";
    const altNames = this.#altNames(previous?.altNames ?? NO_NAMES, whole);
    const linux = this.#platform === "linux";
    const types = linux ? N.ARPHRD_NAMES : IFT_NAMES;
    const type = types[this.hardwareType] ?? String(this.hardwareType);
    const kind = this.#kind(previous?.kind, whole);
    const operStateAt = attributes.u8(N.IFLA_OPERSTATE);
    const operState = operStateAt < 0 ? previous?.operState : N.IF_OPER_NAMES[operStateAt];
    const linkModeAt = attributes.u8(N.IFLA_LINKMODE);
    const linkMode = linkModeAt < 0 ? previous?.linkMode : N.IF_LINK_MODE_NAMES[linkModeAt];
    const carrierAt = attributes.u8(N.IFLA_CARRIER);
    const carrier = carrierAt < 0 ? previous?.carrier : carrierAt !== 0;
    const carrierChanges = this.#counter(N.IFLA_CARRIER_CHANGES, previous?.carrierChanges);
    const carrierUps = this.#counter(N.IFLA_CARRIER_UP_COUNT, previous?.carrierUps);
    const carrierDowns = this.#counter(N.IFLA_CARRIER_DOWN_COUNT, previous?.carrierDowns);
    const mtu = this.#counter(N.IFLA_MTU, previous?.mtu);
    // The same bytes are another text where the interface is of another type: a tunnel's address is an IP address.
    const address = this.#address(previous?.address, whole, previous?.type === type);
    const masterIndex = this.#relation(N.IFLA_MASTER, previous?.masterIndex, whole);
    const parentIndex = this.#relation(N.IFLA_LINK, previous?.parentIndex, whole);
    const parentNetnsId = this.#netnsId(previous?.parentNetnsId, whole);
    if (
      previous !== undefined && previous.flags === flags && previous.operState === operState &&
      previous.carrierChanges === carrierChanges && previous.carrier === carrier && previous.name === name &&
      previous.linkMode === linkMode && previous.carrierUps === carrierUps &&
      previous.carrierDowns === carrierDowns && previous.mtu === mtu && previous.address === address &&
      previous.masterIndex === masterIndex && previous.parentIndex === parentIndex &&
      previous.parentNetnsId === parentNetnsId && previous.altNames === altNames && previous.kind === kind &&
      previous.type === type && previous.index === index
    ) {
      return previous;
    }
    const lowerUp = (flags & (linux ? N.IFF_LOWER_UP : FREEBSD_NETLINK_1)) !== 0;
    return {
      index,
      name,
      altNames,
      type,
      kind,
      flags,
      flagNames: flagNames(flags, this.#platform),
      up: (flags & N.IFF_UP) !== 0,
      running: (flags & N.IFF_RUNNING) !== 0,
      lowerUp,
      dormant: linux ? (flags & N.IFF_DORMANT) !== 0 : undefined,
      operState,
      linkMode,
      carrier,
      carrierChanges,
      carrierUps,
      carrierDowns,
      linkState: undefined,
      connected: linuxConnected(operState, flags, lowerUp),
      mtu,
      address,
      // Names of other interfaces are not in the message: whoever knows them all fills them in.
      master: masterIndex === previous?.masterIndex ? previous?.master : undefined,
      masterIndex,
      parent: parentIndex === previous?.parentIndex && parentNetnsId === previous?.parentNetnsId
        ? previous?.parent
        : undefined,
      parentIndex,
      parentNetnsId,
      addresses: previous?.addresses,
      media: undefined,
      wireless: previous?.wireless,
    };
  }

  #name(index: number): string | undefined {
    const at = this.#attributes.at(N.IFLA_IFNAME);
    if (at === 0) return undefined;
    return linkTexts.name(this.#packet, index, at - N.NLA_HDRLEN, this.#attributes.length(N.IFLA_IFNAME));
  }

  #counter(type: number, previous: number | undefined): number | undefined {
    const value = this.#attributes.u32(type);
    return value < 0 ? previous : value;
  }

  #relation(type: number, previous: number | undefined, whole: boolean): number | undefined {
    const index = this.#attributes.i32(type, whole ? 0 : previous ?? 0);
    return index > 0 ? index : undefined;
  }

  #netnsId(previous: number | undefined, whole: boolean): number | undefined {
    const id = this.#attributes.i32(N.IFLA_LINK_NETNSID, whole ? -1 : previous ?? -1);
    return id >= 0 ? id : undefined;
  }

  #kind(previous: string | undefined, whole: boolean): string | undefined {
    const at = this.#attributes.at(N.IFLA_LINKINFO);
    if (at === 0) return whole ? undefined : previous;
    const header = nextAttribute(this.#packet, N.IFLA_INFO_KIND, at, this.#attributes.end(N.IFLA_LINKINFO));
    if (header < 0) return whole ? undefined : previous;
    const start = header + N.NLA_HDRLEN;
    return this.#lastKind = readText(this.#packet.u8, start, attributeEnd(this.#packet, header), this.#lastKind);
  }

  #altNames(previous: readonly string[], whole: boolean): readonly string[] {
    const packet = this.#packet;
    const at = this.#attributes.at(N.IFLA_PROP_LIST);
    if (at === 0) return whole && previous.length > 0 ? NO_NAMES : previous;
    const end = this.#attributes.end(N.IFLA_PROP_LIST);
    let names: string[] | undefined;
    let count = 0;
    let header = nextAttribute(packet, N.IFLA_ALT_IFNAME, at, end);
    while (header >= 0) {
      const name = readText(packet.u8, header + N.NLA_HDRLEN, attributeEnd(packet, header), previous[count]);
      if (names === undefined && name !== previous[count]) names = previous.slice(0, count);
      names?.push(name);
      count++;
      header = nextAttribute(packet, N.IFLA_ALT_IFNAME, afterAttribute(packet, header), end);
    }
    return names ?? (count === previous.length ? previous : previous.slice(0, count));
  }

  #address(previous: string | undefined, whole: boolean, sameType: boolean): string | undefined {
    const at = this.#attributes.at(N.IFLA_ADDRESS);
    if (at === 0) return whole ? undefined : previous;
    const length = this.#attributes.length(N.IFLA_ADDRESS);
    if (length === 6) return linkTexts.address6(this.#packet, this.index, at);
    const { u8 } = this.#packet;
    if (sameType && previous !== undefined && sameHex(u8, at, length, previous)) return previous;
    return formatHardwareAddress(u8.subarray(at, at + length), this.hardwareType) || undefined;
  }
}

/** The value of a lower-case hexadecimal digit; anything else gives one that no nibble has. */
function nibble(code: number): number {
  return code <= 0x39 ? code - 0x30 : code - 0x57;
}

/** Whether a text is these bytes in colon-separated hexadecimal, found out without making a string. */
function sameHex(u8: Uint8Array, at: number, length: number, text: string): boolean {
  if (text.length !== 3 * length - 1) return false;
  for (let i = 0; i < length; i++) {
    if (u8[at + i] !== (nibble(text.charCodeAt(3 * i)) << 4) + nibble(text.charCodeAt(3 * i + 1))) return false;
    if (i > 0 && text.charCodeAt(3 * i - 1) !== 0x3a) return false;
  }
  return true;
}

/** A link-layer address in text, as `ip link` has it: tunnels have the IP address of their own end there. */
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
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}
