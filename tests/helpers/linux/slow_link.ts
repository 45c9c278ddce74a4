/**
 * The slow and obvious decoder of link messages: a DataView, a list of attributes, and no thought of
 * speed or of what was known before. The library's own must agree with it.
 */
import { flagNames, type InterfaceStatus } from "../../../mod.ts";
import { textOfBytes } from "../../../platforms/common/byte_text.ts";
import { formatIpv4, formatIpv6 } from "../../../platforms/common/address_text.ts";
import { linuxConnected } from "../../../platforms/linux/wire/link.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";

/** One message of a packet. */
export interface SlowMessage {
  readonly type: number;
  readonly payload: Uint8Array;
}

type Attribute = readonly [type: number, payload: Uint8Array];

/** The whole messages of some bytes, up to the first that is not whole. */
export function slowMessages(bytes: Uint8Array): SlowMessage[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: SlowMessage[] = [];
  for (let at = 0; at + 16 <= bytes.length;) {
    const length = view.getUint32(at, true);
    if (length < 16 || at + length > bytes.length) break;
    messages.push({ type: view.getUint16(at + 4, true), payload: bytes.slice(at + 16, at + length) });
    at += Math.ceil(length / 4) * 4;
  }
  return messages;
}

/** The attributes of some bytes; throws where one is torn. */
function slowAttributes(bytes: Uint8Array): Attribute[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const attributes: Attribute[] = [];
  for (let at = 0; bytes.length - at >= 4;) {
    const length = view.getUint16(at, true);
    if (length < 4 || length > bytes.length - at) throw new Error(`torn at ${at}`);
    attributes.push([view.getUint16(at + 2, true) & 0x3fff, bytes.slice(at + 4, at + length)]);
    at += Math.ceil(length / 4) * 4;
  }
  return attributes;
}

function text(bytes: Uint8Array): string {
  const nul = bytes.indexOf(0);
  return textOfBytes(nul < 0 ? bytes : bytes.slice(0, nul));
}

function hardwareAddress(bytes: Uint8Array, hardwareType: number): string | undefined {
  if (bytes.length === 4 && [768, 776, 778].includes(hardwareType)) return formatIpv4(bytes);
  if (bytes.length === 16 && [769, 823].includes(hardwareType)) return formatIpv6(bytes);
  return Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join(":") || undefined;
}

/** The status that an RTM_NEWLINK alone tells; throws where it is torn. */
export function slowStatus(payload: Uint8Array): InterfaceStatus {
  if (payload.length < 16) throw new Error("short");
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const attributes = new Map(slowAttributes(payload.slice(16))); // the last of a type counts
  const number = (type: number, size: 1 | 4): number | undefined => {
    const bytes = attributes.get(type);
    if (bytes === undefined) return undefined;
    if (bytes.length < size) throw new Error(`attribute ${type} is short`);
    return size === 1 ? bytes[0]! : new DataView(bytes.buffer).getUint32(0, true);
  };
  const name = attributes.get(3);
  const hardware = attributes.get(1);
  const info = attributes.get(18);
  // Reading stops at the kind: what is torn behind it is not looked at.
  const kind = info === undefined ? undefined : firstOf(info, 1);
  const list = attributes.get(52);
  const altNames = list === undefined
    ? []
    : slowAttributes(list).filter(([type]) => type === 53).map(([, bytes]) => text(bytes));
  const hardwareType = view.getUint16(2, true);
  const flags = view.getUint32(8, true);
  const positive = (type: number): number | undefined => {
    const index = number(type, 4);
    return index === undefined || (index | 0) <= 0 ? undefined : index;
  };
  const netns = number(37, 4);
  const carrier = number(33, 1);
  const operNumber = number(16, 1);
  const modeNumber = number(17, 1);
  const operState = operNumber === undefined ? undefined : N.IF_OPER_NAMES[operNumber];
  return {
    index: view.getInt32(4, true),
    name: name === undefined ? "" : text(name),
    altNames,
    type: N.ARPHRD_NAMES[hardwareType] ?? String(hardwareType),
    kind: kind === undefined ? undefined : text(kind),
    flags,
    flagNames: flagNames(flags, "linux"),
    up: (flags & 1) !== 0,
    running: (flags & 0x40) !== 0,
    lowerUp: (flags & 0x10000) !== 0,
    dormant: (flags & 0x20000) !== 0,
    operState,
    linkMode: modeNumber === undefined ? undefined : N.IF_LINK_MODE_NAMES[modeNumber],
    carrier: carrier === undefined ? undefined : carrier !== 0,
    carrierChanges: number(35, 4),
    carrierUps: number(47, 4),
    carrierDowns: number(48, 4),
    linkState: undefined,
    connected: linuxConnected(
      operState,
      flags,
      carrier === undefined ? undefined : carrier !== 0,
      (flags & 0x10000) !== 0,
      kind === undefined ? undefined : text(kind),
    ),
    mtu: number(4, 4),
    hardwareAddress: hardware === undefined ? undefined : hardwareAddress(hardware, hardwareType),
    master: undefined,
    masterIndex: positive(10),
    masterKind: undefined,
    parent: undefined,
    parentIndex: positive(5),
    parentNetnsId: netns === undefined || (netns | 0) < 0 ? undefined : netns,
    addresses: undefined,
    defaultRoute: undefined,
    media: undefined,
    wireless: undefined,
  };
}

function firstOf(bytes: Uint8Array, wanted: number): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; bytes.length - at >= 4;) {
    const length = view.getUint16(at, true);
    if (length < 4 || length > bytes.length - at) throw new Error(`torn at ${at}`);
    if ((view.getUint16(at + 2, true) & 0x3fff) === wanted) return bytes.slice(at + 4, at + length);
    at += Math.ceil(length / 4) * 4;
  }
  return undefined;
}
