import type { BondState, LinkDetails, PortState } from "../../contract/details.ts";
import { attributeEnd, Attributes, nextAttribute, type Packet, readText, tooShort } from "./netlink.ts";
import * as N from "./numbers.ts";

/** The kernel's word for a number, or the number if the list has no word for it; undefined without a number. */
function word(names: readonly string[], value: number): string | undefined {
  return value < 0 ? undefined : names[value] ?? String(value);
}

function known(value: number): number | undefined {
  return value < 0 ? undefined : value;
}

/**
 * Decodes the parts of an RTM_NEWLINK message that explain a state: proto_down, what a master says about its port, and
 * the state of a bond. It is a separate reader, so that lists and watchers do not pay for it.
 */
export class LinkDetailsReader {
  readonly #packet: Packet;
  readonly #attributes: Attributes;
  /** The attributes of the last nest. */
  readonly #nested: Attributes;

  constructor(packet: Packet) {
    this.#packet = packet;
    this.#attributes = new Attributes(packet, N.IFLA_INDEXED);
    this.#nested = new Attributes(packet, N.IFLA_INFO_INDEXED);
  }

  /**
   * Decodes the message with its payload between two offsets. For a bond's port in use, it has only the index.
   *
   * @throws {MalformedMessageError} It is too short, or an attribute is torn.
   */
  read(start: number, end: number): LinkDetails {
    if (end - start < N.IFINFOMSG_LEN) throw tooShort("link message", start, end - start, N.IFINFOMSG_LEN);
    const attributes = this.#attributes;
    attributes.index(start + N.IFINFOMSG_LEN, end);
    const protoDown = attributes.u8(N.IFLA_PROTO_DOWN);
    const protoDownReasons = this.#reasons();
    const kind = this.#text(N.IFLA_INFO_KIND);
    const portKind = this.#text(N.IFLA_INFO_SLAVE_KIND);
    const data = this.#data(N.IFLA_INFO_DATA);
    return {
      protoDown: protoDown < 0 ? undefined : protoDown !== 0,
      protoDownReasons,
      bond: kind === "bond" && data ? this.#bond() : undefined,
      vlanId: kind === "vlan" && data ? this.#u16(N.IFLA_VLAN_ID) : undefined,
      vrfTable: kind === "vrf" && data ? known(this.#nested.u32(N.IFLA_VRF_TABLE)) : undefined,
      port: portKind === undefined ? undefined : this.#port(portKind),
    };
  }

  #bond(): BondState {
    const active = this.#nested.u32(N.IFLA_BOND_ACTIVE_SLAVE);
    return {
      mode: word(N.BOND_MODE_NAMES, this.#nested.u8(N.IFLA_BOND_MODE)),
      activePort: undefined,
      activePortIndex: active <= 0 ? undefined : active,
    };
  }

  #port(kind: string): PortState {
    const nested = this.#nested;
    const data = this.#data(N.IFLA_INFO_SLAVE_DATA);
    const [bond, bridge] = [data && kind === "bond", data && kind === "bridge"];
    return {
      kind,
      state: bond
        ? word(N.BOND_STATE_NAMES, nested.u8(N.IFLA_BOND_SLAVE_STATE))
        : bridge
        ? word(N.BR_STATE_NAMES, nested.u8(N.IFLA_BRPORT_STATE))
        : undefined,
      miiStatus: bond ? word(N.BOND_LINK_NAMES, nested.u8(N.IFLA_BOND_SLAVE_MII_STATUS)) : undefined,
      linkFailures: bond ? known(nested.u32(N.IFLA_BOND_SLAVE_LINK_FAILURE_COUNT)) : undefined,
      vrfTable: data && kind === "vrf" ? known(nested.u32(N.IFLA_VRF_PORT_TABLE)) : undefined,
    };
  }

  #reasons(): readonly number[] {
    const at = this.#attributes.at(N.IFLA_PROTO_DOWN_REASON);
    if (at === 0) return [];
    this.#nested.index(at, this.#attributes.end(N.IFLA_PROTO_DOWN_REASON));
    const bits = this.#nested.u32(N.IFLA_PROTO_DOWN_REASON_VALUE);
    return bits < 0 ? [] : Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => (bits >>> bit & 1) !== 0);
  }

  /** Where the header of an attribute in IFLA_LINKINFO is; -1 if it does not exist. */
  #info(type: number): number {
    const at = this.#attributes.at(N.IFLA_LINKINFO);
    return at === 0 ? -1 : nextAttribute(this.#packet, type, at, this.#attributes.end(N.IFLA_LINKINFO));
  }

  #text(type: number): string | undefined {
    const header = this.#info(type);
    if (header < 0) return undefined;
    return readText(this.#packet.u8, header + N.NLA_HDRLEN, attributeEnd(this.#packet, header), undefined);
  }

  /** Notes the attributes that are nested in one of IFLA_LINKINFO's. Returns false if that one does not exist. */
  #data(type: number): boolean {
    const header = this.#info(type);
    if (header >= 0) this.#nested.index(header + N.NLA_HDRLEN, attributeEnd(this.#packet, header));
    return header >= 0;
  }

  #u16(type: number): number | undefined {
    const at = this.#nested.at(type);
    return at === 0 || this.#nested.length(type) < 2 ? undefined : this.#packet.u16[at >> 1];
  }
}
