/** Builds routing messages and interface lists of any BSD, from the numbers of its layout. */
import { bytesOfText } from "../../../platforms/common/byte_text.ts";
import type {
  AddressLayout,
  Field,
  InterfaceLayout,
  RouteHeader,
  RouteLayout,
  RouteName,
  SystemNumbers,
} from "../../../platforms/bsd/systems/layout.ts";
import * as C from "../../../platforms/bsd/systems/common.ts";
import { hasScope } from "../../../platforms/bsd/wire/route.ts";

/** ifm_data_off of FreeBSD's long forms, by which they are recognized. */
const DATA_OFFSET: readonly [Field, number] = [[18, 2], 24];

/** An interface, for a builder. */
export interface Built {
  readonly index: number;
  readonly name: string;
  readonly flags: number;
  /** The system's own number. */
  readonly linkState: number;
  readonly mtu: number;
  readonly type?: number;
  readonly address?: Uint8Array;
  readonly ips?: readonly BuiltAddress[];
}

/** An IP address, for a builder. */
export interface BuiltAddress {
  /** 4 bytes of IPv4, or 16 of IPv6. */
  readonly ip: readonly number[];
  readonly prefixLength: number;
  /** The content of the broadcast address's field, if it is not the highest address of the network. IPv4 only. */
  readonly far?: readonly number[];
  /** Its flags (IN_IFF_*, IN6_IFF_*), in the system's own numbers; none by default. */
  readonly flags?: number;
}

/** A route, for a builder. */
export interface BuiltRoute {
  /** 4 bytes of IPv4, or 16 of IPv6. */
  readonly ip: readonly number[];
  readonly prefixLength: number;
  /** RTF_* */
  readonly flags: number;
  /** rtm_index */
  readonly index: number;
  readonly gateway?: readonly number[] | undefined;
  /** The interface that it leaves by, and its own address: an answer has them, and an announcement has not. */
  readonly link?: Built;
  readonly ifa?: readonly number[] | undefined;
  readonly pid?: number;
  readonly seq?: number;
  readonly errno?: number;
  readonly table?: number;
}

/** The messages about an address. OpenBSD has one more for a change of its flags. */
export type AddressType = "RTM_NEWADDR" | "RTM_DELADDR" | "RTM_CHGADDRATTR";

/** Builds the messages of one version of one system. */
export class Builder {
  readonly #layout: RouteLayout;
  readonly #old: boolean;

  /** With `old`, it uses the older one of two types that a kernel has for a message, with the older structure. */
  constructor(system: SystemNumbers, version = 0, old = false) {
    this.#layout = system.layouts[version]!;
    this.#old = old;
  }

  /** The number of a message type, by the kernel's name. */
  type(name: string): number {
    const found = Object.entries(this.#layout.messages).filter(([, message]) => message.name === name);
    const type = found.at(this.#old ? 0 : -1)?.[0];
    if (type === undefined) throw new Error(`No ${name} here`);
    return Number(type);
  }

  #layoutOf<K extends "interface" | "address" | "announce">(name: string, key: K, long = false) {
    const message = this.#layout.messages[this.type(name)]!;
    if (!(key in message)) throw new Error(`${name} is no ${key} message`);
    const forms = message as unknown as Record<K | "long", InterfaceLayout | undefined>;
    return (long ? forms.long : undefined) ?? forms[key]!;
  }

  #message(
    type: number,
    head: number,
    fields: readonly (readonly [Field, number])[],
    addresses: Uint8Array[],
  ): Uint8Array<ArrayBuffer> {
    const { roundup } = this.#layout;
    const padded = addresses.map((one) => {
      const size = one.length === 0 ? roundup : (one.length + roundup - 1) & -roundup;
      const bytes = new Uint8Array(size);
      bytes.set(one);
      return bytes;
    });
    const length = padded.reduce((sum, one) => sum + one.length, head);
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, length, true);
    bytes[2] = this.#layout.versions[0]!;
    bytes[3] = type;
    for (const [[at, size], value] of fields) {
      if (size === 1) view.setUint8(at, value);
      else if (size === 2) view.setUint16(at, value, true);
      else view.setUint32(at, value >>> 0, true);
    }
    let at = head;
    for (const one of padded) {
      bytes.set(one, at);
      at += one.length;
    }
    return bytes;
  }

  /** struct sockaddr_dl, with its usual length of 20 at the least */
  #link(built: Pick<Built, "index" | "name" | "type" | "address">): Uint8Array {
    const name = bytesOfText(built.name);
    const address = built.address ?? new Uint8Array(0);
    const bytes = new Uint8Array(Math.max(20, 8 + name.length + address.length));
    bytes[0] = bytes.length;
    bytes[1] = C.AF_LINK;
    new DataView(bytes.buffer).setUint16(2, built.index, true);
    bytes[4] = built.type ?? 6;
    bytes[5] = name.length;
    bytes[6] = address.length;
    bytes.set(name, 8);
    bytes.set(address, 8 + name.length);
    return bytes;
  }

  /** An RTM_IFINFO: with the link-level address, as in a list, or without it, as in a live message. */
  interface(built: Built, listed: boolean, name = "RTM_IFINFO", long = false): Uint8Array {
    const layout = this.#layoutOf(name, "interface", long);
    const head = layout.size[0]!;
    const fields: (readonly [Field, number])[] = [
      [layout.index, built.index],
      [layout.addrs, listed ? 1 << C.RTAX_IFP : 0],
      [layout.flags, built.flags],
      [layout.type, built.type ?? 6],
      [layout.mtu, built.mtu],
    ];
    if (layout.linkState !== undefined) fields.push([layout.linkState, built.linkState]);
    if (layout.sizeField !== undefined) fields.push([layout.sizeField, head]);
    if (long && layout.sizeField !== undefined) fields.push(DATA_OFFSET);
    return this.#message(this.type(name), head, fields, listed ? [this.#link(built)] : []);
  }

  /** A message about an address. */
  address(
    name: AddressType,
    built: Built,
    { ip, prefixLength, far, flags = 0 }: BuiltAddress,
    listed: boolean,
    long = false,
  ): Uint8Array {
    const layout = this.#layoutOf(name, "address", long) as unknown as AddressLayout;
    const inet = ip.length === 4;
    const maskBytes = ip.map((_, i) => (0xff00 >> Math.min(8, Math.max(0, prefixLength - 8 * i))) & 0xff);
    const bits = 1 << C.RTAX_NETMASK | 1 << C.RTAX_IFA | (inet ? 1 << C.RTAX_BRD : 0) | (listed ? 0 : 1 << C.RTAX_IFP);
    const fields: (readonly [Field, number])[] = [[layout.index, built.index], [layout.addrs, bits]];
    if (layout.sizeField !== undefined) fields.push([layout.sizeField, layout.size]);
    if (layout.addressFlags !== undefined) fields.push([layout.addressFlags, flags]);
    if (long && layout.sizeField !== undefined) fields.push(DATA_OFFSET);
    return this.#message(this.type(name), layout.size, fields, [
      this.#mask(maskBytes),
      ...(listed ? [] : [this.#link(built)]),
      this.#ip(ip, built.index),
      ...(inet ? [this.#ip(far ?? ip.map((byte, i) => byte | (~maskBytes[i]! & 0xff)), built.index)] : []),
    ]);
  }

  /** struct sockaddr_in, or struct sockaddr_in6 with the index in a link-local address, where KAME's kernels keep it. */
  #ip(ip: readonly number[], index: number): Uint8Array {
    if (ip.length === 4) return Uint8Array.from([16, C.AF_INET, 0, 0, ...ip, ...new Array(8).fill(0)]);
    const bytes = Uint8Array.from([28, this.#layout.inet6, ...new Array(6).fill(0), ...ip, ...new Array(4).fill(0)]);
    if (hasScope(Uint8Array.from(ip))) bytes.set([index >> 8, index & 0xff], 10);
    return bytes;
  }

  /** A mask as the kernels cut it: after the last byte that is not zero, with any value as the family. */
  #mask(bytes: readonly number[]): Uint8Array {
    const cut = bytes.findLastIndex((byte) => byte !== 0) + 1;
    if (cut === 0) return new Uint8Array(0);
    const before = bytes.length === 4 ? [0, 0] : [0, 0, 0, 0, 0, 0];
    return Uint8Array.from([2 + before.length + cut, 0xff, ...before, ...bytes.slice(0, cut)]);
  }

  get #routeHeader(): RouteHeader {
    const message = this.#layout.messages[C.RTM_GET]!;
    if (!("route" in message)) throw new Error("RTM_GET is about no route");
    return message.route;
  }

  /** A message about a route. Without a router, the link is in its place; a host has no mask. */
  route(name: RouteName, route: BuiltRoute): Uint8Array<ArrayBuffer> {
    const header = this.#routeHeader;
    const { ip, prefixLength, flags, index, gateway, link, ifa, pid = 0, seq = 0, errno = 0, table = 0 } = route;
    const mask = ip.map((_, i) => (0xff00 >> Math.min(8, Math.max(0, prefixLength - 8 * i))) & 0xff);
    const whole = (flags & C.RTF_HOST) !== 0;
    const near = link ?? { index, name: "", address: new Uint8Array(0) };
    const out = link?.index ?? index;
    const parts: (readonly [position: number, bytes: Uint8Array])[] = [
      [C.RTAX_DST, this.#ip(ip, out)],
      [C.RTAX_GATEWAY, gateway === undefined ? this.#link(near) : this.#ip(gateway, out)],
      ...whole ? [] : [[C.RTAX_NETMASK, this.#mask(mask)] as const],
      ...link === undefined ? [] : [[C.RTAX_IFP, this.#link(link)] as const],
      ...link === undefined || ifa === undefined ? [] : [[C.RTAX_IFA, this.#ip(ifa, out)] as const],
    ];
    const fields: (readonly [Field, number])[] = [
      [header.index, index],
      [header.flags, flags],
      [header.addrs, parts.reduce((bits, [position]) => bits | 1 << position, 0)],
      [header.pid, pid],
      [header.seq, seq],
      [header.errno, errno],
    ];
    if (header.table !== undefined) fields.push([header.table, table]);
    if (header.sizeField !== undefined) fields.push([header.sizeField, header.size]);
    return this.#message(this.type(name), header.size, fields, parts.map(([, bytes]) => bytes));
  }

  /**
   * What a program asks with an RTM_GET: about an address, without the index in it. `version`: whether it is a version
   * that this kernel takes.
   */
  question(request: Uint8Array): { ip: number[]; seq: number; table: number; version: boolean } {
    const header = this.#routeHeader;
    const view = new DataView(request.buffer, request.byteOffset, request.byteLength);
    const [at, inet] = [header.size, request[header.size + 1] === C.AF_INET];
    const ip = [...request.subarray(at + (inet ? 4 : 8), at + (inet ? 8 : 24))];
    if (!inet && hasScope(Uint8Array.from(ip))) ip.fill(0, 2, 4);
    const table = header.table === undefined ? 0 : view.getUint16(header.table[0], true);
    const version = request[2] === this.#layout.versions[0];
    return { ip, seq: view.getInt32(header.seq[0], true), table, version };
  }

  /** An RTM_NEWADDR or RTM_CHGADDR of a hardware address. */
  hardwareAddress(name: "RTM_NEWADDR" | "RTM_CHGADDR", built: Built): Uint8Array {
    const layout = this.#layoutOf(name, "address") as unknown as AddressLayout;
    const bits = 1 << C.RTAX_IFP | 1 << C.RTAX_IFA;
    const fields: (readonly [Field, number])[] = [[layout.index, built.index], [layout.addrs, bits]];
    if (layout.sizeField !== undefined) fields.push([layout.sizeField, layout.size]);
    return this.#message(this.type(name), layout.size, fields, [this.#link(built), this.#link(built)]);
  }

  announce(index: number, name: string, what: 0 | 1): Uint8Array {
    const layout = this.#layoutOf("RTM_IFANNOUNCE", "announce") as unknown as {
      index: Field;
      what: Field;
      name: number;
    };
    const head = Math.max(layout.name + 16, layout.what[0] + 2);
    const bytes = this.#message(this.type("RTM_IFANNOUNCE"), head, [[layout.index, index], [layout.what, what]], []);
    bytes.set(bytesOfText(name).subarray(0, 16), layout.name);
    return bytes;
  }

  /** An RTM_IEEE80211 or RTM_80211INFO; only the first says what happened. */
  wireless(index: number, what = 0): Uint8Array {
    const found = Object.entries(this.#layout.messages).find(([, message]) => "wireless" in message);
    if (found === undefined) throw new Error("No wireless message here");
    const [type, message] = found;
    if (!("wireless" in message)) throw new Error("unreachable");
    const { index: at, what: place } = message.wireless;
    const fields: (readonly [Field, number])[] = [[at, index]];
    if (place !== undefined) fields.push([place, what]);
    return this.#message(Number(type), place === undefined ? 64 : 24, fields, []);
  }

  desync(): Uint8Array {
    return this.#message(this.type("RTM_DESYNC"), 24, [], []);
  }

  /** The list that sysctl returns. With `newest`, it has the newest form of this version, if there are two. */
  list(interfaces: Iterable<Built>, newest = false): Uint8Array<ArrayBuffer> {
    const second = Object.values(this.#layout.messages).some((message) => message.name === "RTM_IFINFO2");
    const name = second && newest ? "RTM_IFINFO2" : "RTM_IFINFO";
    return new Uint8Array(
      [...interfaces].flatMap((built) => [
        ...this.interface(built, true, name, newest),
        ...(built.ips ?? []).flatMap((ip) => [...this.address("RTM_NEWADDR", built, ip, true, newest)]),
      ]),
    );
  }
}
