/**
 * Routing messages (route(4)): the walk over messages and over the socket addresses after them. Each length from
 * outside is checked here. One decoder serves all systems, with the numbers of each system's file.
 */
import { textOfBytes } from "../../common/byte_text.ts";
import { MalformedMessageError } from "../../contract/errors.ts";
import type { InterfaceAddress, LinkState } from "../../contract/status.ts";
import { formatHex, formatIpv4, formatIpv6 } from "../../common/address_text.ts";
import * as C from "../systems/common.ts";
import type {
  AddressForms,
  AddressLayout,
  Field,
  InterfaceForms,
  InterfaceLayout,
  MessageLayout,
  OtherName,
  RouteHeader,
  RouteLayout,
  SystemNumbers,
} from "../systems/layout.ts";

/** What a message about a route says. */
export interface BsdRouteFacts {
  /** The address family; the kernel's number for one other than IPv4 and IPv6, of which nothing more is read. */
  readonly family: "inet" | "inet6" | number;
  /** The network, or the host. `0.0.0.0` and `::` with length 0 are the default. */
  readonly destination: string | undefined;
  /** The length of its prefix in bits. */
  readonly prefixLength: number;
  /** The index of the interface that it leaves by; 0 if the message does not say. */
  readonly index: number;
  /** The router; undefined if the destination is on the interface's own link. It may be of the other family. */
  readonly gateway: string | undefined;
  /** The source address of packets that have none yet. */
  readonly source: string | undefined;
  /** rtm_flags */
  readonly flags: number;
  /** The routing table, if the message says it. */
  readonly table: number | undefined;
}

/** The place of a socket address's family, and the least length of one that has a family. */
const FAMILY_AT = 1;
const WITH_FAMILY = 2;

/** Bytes of u_short msglen, u_char version, u_char type: how each message begins. */
const HEADER = 4;
/** FreeBSD's long forms have this at 18, where the short ones have address lengths. */
const LONG_DATA_OFFSET = 24;
/** The place of a field that a message or a system does not have. */
const NONE = -1;

/** The places of the fields that are read for every event: plain numbers, computed once for each layout. */
interface Places {
  readonly layout: InterfaceLayout | undefined;
  readonly index: number;
  readonly flags: number;
  /** NONE: the system has none. */
  readonly linkState: number;
  readonly linkStateBytes: Field[1];
  /** The least length of a message with all of these fields. */
  readonly needs: number;
}

const NO_LAYOUT: InterfaceLayout = { index: [0, 2], addrs: [0, 4], flags: [0, 4], type: [0, 1], mtu: [0, 4], size: [] };
const NOWHERE: Places = { layout: undefined, index: 0, flags: 0, linkState: NONE, linkStateBytes: 1, needs: 0 };
const known = new WeakMap<InterfaceLayout, Places>();

function placesOf(layout: InterfaceLayout): Places {
  let places = known.get(layout);
  if (places === undefined) {
    const { index, flags, linkState = [NONE, 1] as const } = layout;
    places = {
      layout,
      index: index[0],
      flags: flags[0],
      linkState: linkState[0],
      linkStateBytes: linkState[1],
      needs: Math.max(...[index, flags, linkState].map(([at, bytes]) => at + bytes)),
    };
    known.set(layout, places);
  }
  return places;
}

function malformed(what: string): MalformedMessageError {
  return new MalformedMessageError(`Cannot decode routing message: ${what}`, { operation: "decode routing message" });
}

/** Walks the routing messages of a buffer. Its fields and methods are about the message that `next` reached. */
export class RouteReader {
  /** The bytes. */
  readonly u8: Uint8Array<ArrayBuffer>;
  /** The layout of the message; undefined if its type is of no interest. */
  message: MessageLayout | undefined;
  /** rtm_type */
  type = 0;
  readonly #view: DataView<ArrayBuffer>;
  readonly #system: SystemNumbers;
  /** Where each socket address starts, by its position in the mask; NONE if there is none. */
  readonly #at = new Int32Array(C.RTAX_LIMIT);
  // The parts of the layout that every message needs are kept here, because the layouts of different systems are
  // objects of different shapes.
  #layout: RouteLayout;
  #messages: RouteLayout["messages"];
  #flagMask: number;
  #linkStates: readonly LinkState[];
  #forms: InterfaceForms | undefined;
  #short: InterfaceLayout = NO_LAYOUT;
  #long: InterfaceLayout | undefined;
  #places: Places = NOWHERE;
  /** The version of `#layout`: nearly every message has the version of the one before it. */
  #version = -1;
  /** The flags of the address in the message that was walked; 0 if it has none. */
  #addressFlags = 0;
  #start = 0;
  #length = 0;
  #next = 0;
  #end = 0;

  constructor(system: SystemNumbers, u8: Uint8Array<ArrayBuffer>) {
    this.#system = system;
    const layout = this.#layout = system.layouts[0]!;
    this.#messages = layout.messages;
    this.#flagMask = layout.flagMask;
    this.#linkStates = layout.linkStates;
    this.u8 = u8;
    this.#view = new DataView(u8.buffer, u8.byteOffset, u8.byteLength);
  }

  /** Starts over with the buffer's first `length` bytes. */
  begin(length: number): this {
    this.#next = 0;
    this.#end = length;
    return this;
  }

  /**
   * Goes to the next message, or returns false at the end.
   *
   * @throws {MalformedMessageError} The next bytes are not a whole message, or have a version that this system never
   * had.
   */
  next(): boolean {
    const start = this.#next;
    const left = this.#end - start;
    if (left <= 0) return false;
    // u_short msglen; u_char version, type
    const header = left < HEADER ? 0 : this.#view.getUint32(start, true);
    const length = header & 0xffff;
    if (length < HEADER || length > left) {
      this.#next = this.#end; // nothing after it can be trusted
      this.message = undefined;
      throw malformed(`length ${length} with ${left} bytes left`);
    }
    this.#next = start + length;
    this.#start = start;
    this.#length = length;
    this.type = header >>> 24;
    const version = (header >> 16) & 0xff;
    if (version !== this.#version) this.#change(version);
    this.message = this.#messages[this.type];
    return true;
  }

  #change(version: number): void {
    this.message = undefined;
    const layout = this.#layout = this.#layoutOf(version);
    this.#messages = layout.messages;
    this.#flagMask = layout.flagMask;
    this.#linkStates = layout.linkStates;
    this.#version = version;
  }

  #layoutOf(version: number): RouteLayout {
    const { layouts, platform } = this.#system;
    const layout = layouts.find(({ versions }) => versions.includes(version));
    if (layout !== undefined) return layout;
    const known = layouts.flatMap(({ versions }) => versions).join(", ");
    throw malformed(`version ${version}, and ${platform} has ${known}: whose message is it?`);
  }

  /** The kernel's name of the message, or its number. */
  get name(): string | number {
    return this.message?.name ?? this.otherName;
  }

  /** The name of a message that is of no interest, or its number. */
  get otherName(): OtherName | number {
    return this.#layout.others[this.type] ?? this.type;
  }

  /** A number of the message. */
  number(field: Field): number {
    const at = field[0]; // not a destructuring: that asks an iterator
    const bytes = field[1];
    if (at + bytes > this.#length) throw this.#tooShort(at + bytes);
    return this.#read(this.#start + at, bytes);
  }

  #tooShort(needs: number): MalformedMessageError {
    return malformed(`${this.#length} bytes where ${needs} are needed`);
  }

  /** A number at a checked place. */
  #read(place: number, bytes: Field[1]): number {
    switch (bytes) {
      case 1:
        return this.u8[place]!;
      case 2:
        return this.#view.getUint16(place, true);
      default:
        return this.#view.getUint32(place, true);
    }
  }

  /** Which of FreeBSD's two forms it is. The long form contains its own length, and where its data start. */
  #form<L extends InterfaceLayout | AddressLayout>(short: L, long: L | undefined): L {
    if (long?.sizeField === undefined || this.#length < 20) return short;
    if (this.#view.getUint16(this.#start + 18, true) !== LONG_DATA_OFFSET) return short;
    const reported = this.number(long.sizeField);
    return reported > LONG_DATA_OFFSET && reported <= this.#length ? long : short;
  }

  /**
   * The layout of an RTM_IFINFO. After this call, `index`, `flags` and `linkState` of this message can be read, because
   * it checks once that the message has room for them all.
   *
   * @throws {MalformedMessageError} It is shorter than that.
   */
  interfaceLayout(message: InterfaceForms): InterfaceLayout {
    if (message !== this.#forms) {
      this.#forms = message;
      this.#short = message.interface;
      this.#long = message.long;
    }
    const layout = this.#form(this.#short, this.#long);
    if (layout !== this.#places.layout) this.#places = placesOf(layout);
    if (this.#length < this.#places.needs) throw this.#tooShort(this.#places.needs);
    return layout;
  }

  /** The index in an RTM_IFINFO. */
  get interfaceIndex(): number {
    return this.#view.getUint16(this.#start + this.#places.index, true);
  }

  /** The flag word in an RTM_IFINFO, without meaningless bits. */
  get flags(): number {
    return (this.#view.getUint32(this.#start + this.#places.flags, true) & this.#flagMask) >>> 0;
  }

  /** The link state in an RTM_IFINFO; undefined if the system has none, or if the number is unknown. */
  get linkState(): LinkState | undefined {
    const { linkState, linkStateBytes } = this.#places;
    return linkState === NONE ? undefined : this.#linkStates[this.#read(this.#start + linkState, linkStateBytes)];
  }

  /** The layout of an RTM_NEWADDR or a similar message. */
  addressLayout(message: AddressForms): AddressLayout {
    return this.#form(message.address, message.long);
  }

  /** The interface's index in a message of another kind. */
  index(layout: { readonly index: Field }): number {
    return this.number(layout.index);
  }

  mtu(layout: InterfaceLayout): number {
    return this.number(layout.mtu);
  }

  /** The interface's type by name, or its number as text. */
  interfaceType(layout: InterfaceLayout): string {
    const type = this.number(layout.type);
    return this.#layout.types[type] ?? C.IFT_NAMES[type] ?? String(type);
  }

  /** What an RTM_IFANNOUNCE says: 0 arrival, 1 departure. */
  what(layout: { readonly what: Field }): number {
    return this.number(layout.what);
  }

  /** The name in an RTM_IFANNOUNCE: 16 bytes, without a NUL if the name fills them. */
  announcedName(at: number): string {
    if (at + C.IFNAMSIZ > this.#length) throw this.#tooShort(at + C.IFNAMSIZ);
    return this.#text(this.#start + at, C.IFNAMSIZ);
  }

  /**
   * Finds the socket addresses of an interface message, and checks that the layout is the right one: the link-level
   * address must be this interface's.
   *
   * @throws {MalformedMessageError} The layout is wrong, or an address is torn.
   */
  walkInterface(layout: InterfaceLayout): void {
    const mask = this.number(layout.addrs);
    if (mask === 0) {
      this.#at.fill(NONE);
      return;
    }
    const index = this.interfaceIndex;
    const sizes = layout.sizeField === undefined ? layout.size : [this.number(layout.sizeField)];
    for (const size of sizes) {
      if (size + 8 > this.#length) continue;
      const at = this.#start + size;
      // The link-level address is the first that these messages have.
      if (this.u8[at + 1] !== C.AF_LINK || this.#view.getUint16(at + 2, true) !== index) continue;
      this.#walk(mask, size);
      return;
    }
    throw malformed(
      `no link-level address of interface ${index} at byte ${sizes.join(" or ")}: this kernel's layout is not known`,
    );
  }

  /** Finds the socket addresses of an address message. */
  walkAddress(layout: AddressLayout): void {
    this.#addressFlags = layout.addressFlags === undefined ? 0 : this.number(layout.addressFlags);
    this.#walk(
      this.number(layout.addrs),
      layout.sizeField === undefined ? layout.size : this.number(layout.sizeField),
    );
  }

  /** Finds the socket addresses of a message about a route. */
  walkRoute(header: RouteHeader): void {
    this.#walk(
      this.number(header.addrs),
      header.sizeField === undefined ? header.size : this.number(header.sizeField),
    );
  }

  /**
   * Whether a route's prefix has at most so many bits: that of a host has all. A network of another family does not
   * count, and one without a family does: it may be anything. Makes nothing, because it is asked about every route.
   */
  isShort(header: RouteHeader, most: number): boolean {
    if ((this.number(header.flags) & C.RTF_HOST) !== 0) return false;
    this.walkRoute(header);
    const family = this.#family(C.RTAX_DST);
    if (family === NONE) return true;
    if (family !== C.AF_INET && family !== this.#layout.inet6) return false;
    if (this.#at[C.RTAX_NETMASK] === NONE) return this.#isZero(C.RTAX_DST, family === C.AF_INET);
    return this.#prefixLength(family === C.AF_INET) <= most;
  }

  /** What a message about a route says whose addresses were found. */
  routeFacts(header: RouteHeader): BsdRouteFacts {
    const flags = this.number(header.flags);
    const family = this.#family(C.RTAX_DST);
    const inet = family === C.AF_INET;
    const known = inet || family === this.#layout.inet6;
    const host = (flags & C.RTF_HOST) !== 0;
    const whole = inet ? 32 : 128;
    return {
      family: inet ? "inet" : known ? "inet6" : Math.max(0, family),
      destination: known ? this.#ipText(C.RTAX_DST) : undefined,
      prefixLength: !known ? 0 : host ? whole : this.#networkLength(inet),
      index: this.number(header.index) || this.#linkIndex(),
      gateway: (flags & C.RTF_GATEWAY) === 0 ? undefined : this.#ipText(C.RTAX_GATEWAY),
      source: this.#ipText(C.RTAX_IFA),
      flags,
      table: header.table === undefined ? undefined : this.number(header.table),
    };
  }

  /** The family of a socket address; NONE if there is none, or it is too short to have one. */
  #family(position: number): number {
    const at = this.#at[position]!;
    return at === NONE || this.u8[at]! < WITH_FAMILY ? NONE : this.u8[at + FAMILY_AT]!;
  }

  /** The text of an IP address; undefined for another family. */
  #ipText(position: number): string | undefined {
    const family = this.#family(position);
    if (family === C.AF_INET) return formatIpv4(this.#ip(this.#at[position]!, true));
    return family === this.#layout.inet6 ? formatIpv6(this.#ip(this.#at[position]!, false)) : undefined;
  }

  /** The length of a network's prefix. Without a mask it is the default, or one address. */
  #networkLength(inet: boolean): number {
    const bare = this.#at[C.RTAX_NETMASK] === NONE;
    return bare && this.#isZero(C.RTAX_DST, inet) ? 0 : this.#prefixLength(inet);
  }

  #isZero(position: number, inet: boolean): boolean {
    const [start, size] = inet ? IN_ADDR : IN6_ADDR;
    const at = this.#at[position]!;
    const stop = Math.min(this.u8[at]!, start + size);
    for (let i = start; i < stop; i++) if (this.u8[at + i] !== 0) return false;
    return true;
  }

  /** The index in the link-level address of the interface; 0 without one. */
  #linkIndex(): number {
    const at = this.#link(C.RTAX_IFP);
    return at === NONE ? 0 : this.#view.getUint16(at + 2, true);
  }

  /** Where a socket address has its length byte: 0 means "all zero", and takes room like any other. */
  #walk(mask: number, size: number): void {
    const { roundup } = this.#layout;
    const end = this.#start + this.#length;
    let at = this.#start + size;
    for (let i = 0; i < C.RTAX_LIMIT; i++) {
      if ((mask & (1 << i)) === 0) {
        this.#at[i] = NONE;
        continue;
      }
      if (at >= end) throw malformed(`its addresses end before number ${i}`);
      const length = this.u8[at]!;
      if (at + length > end) throw malformed(`address ${i} has length ${length} with ${end - at} bytes left`);
      this.#at[i] = at;
      // The last address need not be padded, but FreeBSD's lists have padding after it.
      at += length === 0 ? roundup : (length + roundup - 1) & -roundup;
    }
  }

  /** Where the link-level address at a position is, or NONE. */
  #link(position: number): number {
    const at = this.#at[position]!;
    if (at === NONE || this.u8[at]! < 8 || this.u8[at + 1] !== C.AF_LINK) return NONE;
    const needs = 8 + this.u8[at + 5]! + this.u8[at + 6]! + this.u8[at + 7]!;
    if (needs > this.u8[at]!) throw malformed(`a link-level address of ${this.u8[at]} bytes says that it has ${needs}`);
    return at;
  }

  /** The name in the link-level address; undefined if the message has none. */
  linkName(): string | undefined {
    const at = this.#link(C.RTAX_IFP);
    return at === NONE || this.u8[at + 5] === 0 ? undefined : this.#text(at + 8, this.u8[at + 5]!);
  }

  /** The hardware address in it. */
  linkAddress(): string | undefined {
    return this.#hardwareAddress(C.RTAX_IFP);
  }

  /** Whether a route leaves by the loopback interface, or by another one that hands nothing on. */
  get overLoopback(): boolean {
    const at = this.#link(C.RTAX_IFP);
    return at !== NONE && this.u8[at + 4] === C.IFT_LOOP;
  }

  /** Whether an address message is about a hardware address. */
  get ofLink(): boolean {
    return this.#link(C.RTAX_IFA) !== NONE;
  }

  /** The hardware address of an address message; undefined if it is about another kind of address. */
  ownLinkAddress(): string | undefined {
    return this.#hardwareAddress(C.RTAX_IFA);
  }

  #hardwareAddress(position: number): string | undefined {
    const at = this.#link(position);
    if (at === NONE || this.u8[at + 6] === 0) return undefined;
    const start = at + 8 + this.u8[at + 5]!;
    return formatHex(this.u8.subarray(start, start + this.u8[at + 6]!), ":");
  }

  /**
   * The IP address of an address message; undefined for another family. The kernel has one field for both the broadcast
   * address and the other end of a point-to-point link. The interface's flags say which it is. If they are not known,
   * the highest address of the network counts as the broadcast address.
   */
  ipAddress(flags?: number): InterfaceAddress | undefined {
    const family = this.#family(C.RTAX_IFA);
    if (family !== C.AF_INET && family !== this.#layout.inet6) return undefined;
    const inet = family === C.AF_INET;
    const bytes = this.#ip(this.#at[C.RTAX_IFA]!, inet);
    const address = inet ? formatIpv4(bytes) : formatIpv6(bytes);
    const prefixLength = this.#prefixLength(inet);
    const there = inet ? this.#farIpv4() : undefined;
    const far = there === address ? undefined : there; // as a single address has, and a loopback interface
    const isBroadcast = flags === undefined
      ? far === broadcastOf(bytes, prefixLength)
      : (flags & C.IFF_BROADCAST) !== 0;
    return {
      family: inet ? "inet" : "inet6",
      address,
      prefixLength,
      scope: undefined,
      peer: isBroadcast ? undefined : far,
      broadcast: isBroadcast ? far : undefined,
      label: undefined,
      flags: this.#system.addressFlags[inet ? "inet" : "inet6"].names(this.#addressFlags),
    };
  }

  /** The bytes of the IPv6 address of an address message; undefined for another family. */
  ipv6(): Uint8Array | undefined {
    return this.#family(C.RTAX_IFA) === this.#layout.inet6 ? this.#ip(this.#at[C.RTAX_IFA]!, false) : undefined;
  }

  #ip(at: number, inet: boolean): Uint8Array {
    const [start, size] = inet ? IN_ADDR : IN6_ADDR;
    if (this.u8[at]! < start + size) throw malformed(`an IP address of ${this.u8[at]} bytes`);
    const bytes = this.u8.slice(at + start, at + start + size);
    if (!inet && hasScope(bytes)) bytes.fill(0, 2, 4);
    return bytes;
  }

  #farIpv4(): string | undefined {
    const at = this.#at[C.RTAX_BRD]!;
    if (this.#family(C.RTAX_BRD) !== C.AF_INET || this.u8[at]! < 8) return undefined;
    const text = formatIpv4(this.#ip(at, true));
    return text === "0.0.0.0" ? undefined : text;
  }

  /** A mask is cut off after its last byte that is not zero, and its family byte may be anything. */
  #prefixLength(inet: boolean): number {
    const start = inet ? 4 : 8; // not a destructuring: that asks an iterator
    const size = inet ? 4 : 16;
    const at = this.#at[C.RTAX_NETMASK]!;
    if (at === NONE) return 8 * size;
    const stop = Math.min(this.u8[at]!, start + size);
    let bits = 0;
    for (let i = start; i < stop; i++) {
      const byte = this.u8[at + i]!;
      bits += Math.clz32(~(byte << 24));
      if (byte !== 0xff) break;
    }
    return Math.min(bits, 8 * size);
  }

  #text(start: number, limit: number): string {
    const nul = this.u8.subarray(start, start + limit).indexOf(0);
    return textOfBytes(this.u8.subarray(start, start + (nul < 0 ? limit : nul)));
  }
}

/** sin_addr of struct sockaddr_in, and sin6_addr of struct sockaddr_in6: the start and the size */
const IN_ADDR = [4, 4] as const;
const IN6_ADDR = [8, 16] as const;

/**
 * Whether KAME's kernels keep the interface's index in an IPv6 address, where it has zeros on the wire: in a link-local
 * one, and a multicast one of the scope of an interface or a link.
 */
export function hasScope(ipv6: Uint8Array): boolean {
  if (ipv6[0] === 0xff) return (ipv6[1]! & 0xf) === 1 || (ipv6[1]! & 0xf) === 2;
  return ipv6[0] === 0xfe && (ipv6[1]! & 0xc0) === 0x80;
}

/** An address with flags that were asked for; without an answer it stays as it is. */
export function withFlags(
  { addressFlags }: SystemNumbers,
  address: InterfaceAddress,
  flags: number | undefined,
): InterfaceAddress {
  return flags === undefined ? address : { ...address, flags: addressFlags[address.family].names(flags) };
}

/** The highest address of an IPv4 network. */
function broadcastOf(address: Uint8Array, prefixLength: number): string {
  return formatIpv4(address.map((byte, i) => byte | (0xff >> Math.min(8, Math.max(0, prefixLength - 8 * i)))));
}
