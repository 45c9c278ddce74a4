import { formatIpv4, formatIpv6 } from "../../common/address_text.ts";
import { textOfBytes } from "../../common/byte_text.ts";
import { MalformedMessageError } from "../../contract/errors.ts";
import type {
  DriverInfo,
  LinkParameters,
  Traffic,
  TrafficCounters,
  TunnelParameters,
  VxlanParameters,
} from "../../contract/inventory.ts";
import { formatHardwareAddress } from "./link.ts";
import { attributeEnd, Attributes, nextAttribute, type Packet, readText, tooShort } from "./netlink.ts";
import * as N from "./numbers.ts";

/** The hardware types whose addresses are IP addresses. */
const TUNNEL_TYPES: ReadonlySet<number> = new Set([
  N.ARPHRD_TUNNEL,
  N.ARPHRD_TUNNEL6,
  N.ARPHRD_SIT,
  N.ARPHRD_IPGRE,
  N.ARPHRD_IP6GRE,
]);

const NOTHING: LinkParameters = Object.freeze({
  permanentAddress: undefined,
  vlanProtocol: undefined,
  vxlan: undefined,
  tunnel: undefined,
  counters: undefined,
});

/**
 * Decodes what an RTM_NEWLINK message says of how a link was made, and its counters. Only `show` asks for that, and
 * nobody else loads this file.
 */
export class LinkParametersReader {
  readonly #packet: Packet;
  readonly #attributes: Attributes;
  /** Those nested in IFLA_INFO_DATA. */
  readonly #data: Attributes;

  constructor(packet: Packet) {
    this.#packet = packet;
    this.#attributes = new Attributes(packet, N.IFLA_INDEXED);
    this.#data = new Attributes(packet, N.IFLA_INFO_DATA_INDEXED);
  }

  /**
   * Decodes the message with its payload between two offsets. Of the interface that a tunnel uses, it has only the index.
   *
   * @throws {MalformedMessageError} It is too short, or an attribute is torn or too short.
   */
  read(start: number, end: number): LinkParameters {
    if (end - start < N.IFINFOMSG_LEN) throw tooShort("link message", start, end - start, N.IFINFOMSG_LEN);
    this.#attributes.index(start + N.IFINFOMSG_LEN, end);
    const type = this.#packet.u16[(start >> 1) + 1]!; // ifi_type
    return {
      ...NOTHING,
      permanentAddress: this.#permanentAddress(type),
      counters: this.#counters(),
      ...this.#made(),
    };
  }

  /** What a tunnel has in this place is the first of its own IP addresses, or random bytes. */
  #permanentAddress(hardwareType: number): string | undefined {
    const at = this.#attributes.at(N.IFLA_PERM_ADDRESS);
    if (at === 0 || TUNNEL_TYPES.has(hardwareType)) return undefined;
    const bytes = this.#packet.u8.subarray(at, this.#attributes.end(N.IFLA_PERM_ADDRESS));
    return formatHardwareAddress(bytes, hardwareType) || undefined;
  }

  #counters(): TrafficCounters | undefined {
    const at = this.#attributes.at(N.IFLA_STATS64);
    if (at === 0) return undefined;
    if (this.#attributes.length(N.IFLA_STATS64) < N.STATS64_READ) throw tooSmall("IFLA_STATS64", at, N.STATS64_READ);
    // A counter stands at a multiple of 4 bytes. Up to 2^53 it is exact.
    const counter = (offset: number): number =>
      this.#packet.u32[(at + offset) >> 2]! + this.#packet.u32[((at + offset) >> 2) + 1]! * 2 ** 32;
    const traffic = (packets: number, bytes: number, errors: number, dropped: number): Traffic => ({
      bytes: counter(bytes),
      packets: counter(packets),
      errors: counter(errors),
      dropped: counter(dropped),
    });
    return {
      received: traffic(N.STATS64_RX_PACKETS, N.STATS64_RX_BYTES, N.STATS64_RX_ERRORS, N.STATS64_RX_DROPPED),
      sent: traffic(N.STATS64_TX_PACKETS, N.STATS64_TX_BYTES, N.STATS64_TX_ERRORS, N.STATS64_TX_DROPPED),
    };
  }

  /** What its kind was made with. */
  #made(): Partial<LinkParameters> {
    const info = this.#attributes.at(N.IFLA_LINKINFO);
    if (info === 0) return {};
    const end = this.#attributes.end(N.IFLA_LINKINFO);
    const kindAt = nextAttribute(this.#packet, N.IFLA_INFO_KIND, info, end);
    const dataAt = nextAttribute(this.#packet, N.IFLA_INFO_DATA, info, end);
    if (kindAt < 0 || dataAt < 0) return {};
    const kind = readText(this.#packet.u8, kindAt + N.NLA_HDRLEN, attributeEnd(this.#packet, kindAt), undefined);
    this.#data.index(dataAt + N.NLA_HDRLEN, attributeEnd(this.#packet, dataAt));
    if (kind === "vlan") return { vlanProtocol: this.#vlanProtocol() };
    if (kind === "vxlan") return { vxlan: this.#vxlan() };
    const attributes = Object.hasOwn(N.TUNNEL_ATTRIBUTES, kind) ? N.TUNNEL_ATTRIBUTES[kind] : undefined;
    return attributes === undefined ? {} : { tunnel: this.#tunnel(attributes) };
  }

  #vlanProtocol(): string | undefined {
    const number = this.#big16(N.IFLA_VLAN_PROTOCOL);
    return number === undefined ? undefined : N.VLAN_PROTOCOL_NAMES[number] ?? String(number);
  }

  #vxlan(): VxlanParameters {
    const other = this.#bytes(N.IFLA_VXLAN_GROUP) ?? this.#bytes(N.IFLA_VXLAN_GROUP6);
    const isGroup = other !== undefined && isMulticast(other);
    const address = other && ipText(other);
    return {
      id: known(this.#data.u32(N.IFLA_VXLAN_ID)),
      group: isGroup ? address : undefined,
      remote: isGroup ? undefined : address,
      local: this.#address(N.IFLA_VXLAN_LOCAL) ?? this.#address(N.IFLA_VXLAN_LOCAL6),
      device: undefined,
      deviceIndex: this.#data.u32(N.IFLA_VXLAN_LINK) <= 0 ? undefined : this.#data.u32(N.IFLA_VXLAN_LINK),
      port: this.#big16(N.IFLA_VXLAN_PORT),
    };
  }

  #tunnel(types: N.TunnelAttributes): TunnelParameters {
    const link = this.#data.u32(types.link);
    const ttl = types.ttl === 0 ? -1 : this.#data.u8(types.ttl);
    return {
      local: this.#address(types.local),
      remote: this.#address(types.remote),
      device: undefined,
      deviceIndex: link <= 0 ? undefined : link,
      inputKey: this.#key(types.inputKey, types.inputFlags),
      outputKey: this.#key(types.outputKey, types.outputFlags),
      ttl: ttl < 0 ? undefined : ttl === 0 ? "inherit" : ttl,
    };
  }

  /** A tunnel's key. GRE has a flag that says whether there is one; to the others, none is 0. */
  #key(type: number, flags: number): number | undefined {
    const bytes = type === 0 ? undefined : this.#bytes(type);
    if (bytes === undefined) return undefined;
    if (bytes.length < 4) throw tooSmall("a tunnel's key", bytes.byteOffset, 4);
    const key = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    const has = flags === 0 ? key !== 0 : ((this.#big16(flags) ?? 0) & N.GRE_KEY) !== 0;
    return has ? key : undefined;
  }

  #address(type: number): string | undefined {
    const bytes = this.#bytes(type);
    return bytes && ipText(bytes);
  }

  #bytes(type: number): Uint8Array | undefined {
    const at = this.#data.at(type);
    return at === 0 ? undefined : this.#packet.u8.subarray(at, this.#data.end(type));
  }

  /** A number of 16 bits in network byte order. */
  #big16(type: number): number | undefined {
    const bytes = this.#bytes(type);
    if (bytes !== undefined && bytes.length < 2) throw tooSmall(`attribute ${type}`, bytes.byteOffset, 2);
    return bytes && (bytes[0]! << 8 | bytes[1]!);
  }
}

function known(value: number): number | undefined {
  return value < 0 ? undefined : value;
}

/** An address; undefined if it has only zeros, which stand for any, or another length. */
function ipText(bytes: Uint8Array): string | undefined {
  if (bytes.every((byte) => byte === 0)) return undefined;
  return bytes.length === 4 ? formatIpv4(bytes) : bytes.length === 16 ? formatIpv6(bytes) : undefined;
}

function isMulticast(bytes: Uint8Array): boolean {
  return bytes.length === 4 ? bytes[0]! >> 4 === 0xe : bytes[0] === 0xff;
}

function tooSmall(what: string, at: number, needs: number): MalformedMessageError {
  return new MalformedMessageError(`Cannot decode ${what} at byte ${at}: ${needs} bytes are needed`, {
    operation: "decode link message",
  });
}

/**
 * Decodes what the ioctl wrote (struct ethtool_drvinfo). A driver writes "N/A" or nothing where it has nothing to say.
 *
 * @throws {MalformedMessageError} It is too short.
 */
export function readDriverInfo(bytes: Uint8Array): DriverInfo | undefined {
  if (bytes.length < N.ETHTOOL_DRVINFO_LEN) throw tooSmall("struct ethtool_drvinfo", 0, N.ETHTOOL_DRVINFO_LEN);
  const text = (at: number): string | undefined => {
    const room = bytes.subarray(at, at + N.ETHTOOL_DRVINFO_TEXT_LEN);
    const end = room.indexOf(0);
    const said = textOfBytes(end < 0 ? room : room.subarray(0, end)).trim();
    return said === "" || said === "N/A" ? undefined : said;
  };
  const name = text(N.DRVINFO_DRIVER);
  return name === undefined ? undefined : {
    name,
    version: text(N.DRVINFO_VERSION),
    firmware: text(N.DRVINFO_FW_VERSION),
    bus: text(N.DRVINFO_BUS_INFO),
  };
}
