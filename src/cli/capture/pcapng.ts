/** pcapng files (draft-ietf-opsawg-pcapng), read block by block. */
import { SECTION_HEADER } from "./format.ts";
import { MOST } from "./frames.ts";
import { type CapturedPacket, need, TornCapture, viewOf } from "./pcap.ts";
import type { Source } from "./source.ts";

const INTERFACE_DESCRIPTION = 1;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
/** The option of an interface that says what its times count. */
const IF_TSRESOL = 9;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Type and length stand before a block, and the length again behind it. */
const AROUND = 12;
/** The rest of an enhanced packet's header. */
const ENHANCED_HEADER = 20;
/** More interfaces than any machine has. */
const MOST_INTERFACES = 1 << 16;

/** What an interface's block says of its packets. */
interface CapturedInterface {
  readonly linkType: number;
  readonly snapLength: number;
  /** How many of its times a millisecond has. */
  readonly perMillisecond: number;
}

/**
 * Reads the packets of a pcapng file.
 *
 * @throws {TornCapture} It ends within a block, or a length in it is none.
 */
export async function* readPcapng(source: Source): AsyncGenerator<CapturedPacket, void> {
  let little = true;
  let interfaces: CapturedInterface[] = [];
  while (await source.fill(1) > 0) {
    await need(source, AROUND, "a block's header");
    const start = source.offset;
    const header = viewOf(source.peek(AROUND));
    if (header.getUint32(0) === SECTION_HEADER) {
      little = header.getUint32(8, true) === BYTE_ORDER_MAGIC;
      if (!little && header.getUint32(8) !== BYTE_ORDER_MAGIC) throw new TornCapture(start, "no byte order");
      interfaces = [];
    }
    const type = header.getUint32(0, little);
    const length = header.getUint32(4, little);
    if (length < AROUND || length % 4 !== 0) throw new TornCapture(start, `a block of ${length} bytes`);
    if (![INTERFACE_DESCRIPTION, SIMPLE_PACKET, ENHANCED_PACKET].includes(type)) {
      const there = await source.skip(length);
      if (there < length) throw new TornCapture(start, `a block needs ${length} bytes, and ${there} are left`);
      continue;
    }
    if (length > MOST + 4096) throw new TornCapture(start, `a block of ${length} bytes, and none is so long`);
    await need(source, length, "a block");
    const body = source.take(length).subarray(8, length - 4);
    if (type === INTERFACE_DESCRIPTION) {
      if (interfaces.length >= MOST_INTERFACES) throw new TornCapture(start, "too many interfaces");
      interfaces.push(readInterface(body, little, start));
    } else {
      yield type === ENHANCED_PACKET
        ? readEnhanced(body, little, interfaces, start + 8)
        : readSimple(body, little, interfaces, start + 8);
    }
  }
}

function readInterface(body: Uint8Array, little: boolean, start: number): CapturedInterface {
  if (body.length < 8) throw new TornCapture(start, "an interface's block without its fields");
  const view = viewOf(body);
  let perMillisecond = 1e3;
  for (let at = 8; at + 4 <= body.length;) {
    const [code, length] = [view.getUint16(at, little), view.getUint16(at + 2, little)];
    if (code === 0) break;
    if (code === IF_TSRESOL && length >= 1 && at + 4 < body.length) {
      const resolution = view.getUint8(at + 4);
      perMillisecond = ((resolution & 0x80) === 0 ? 10 : 2) ** (resolution & 0x7f) / 1000;
    }
    at += 4 + ((length + 3) & ~3);
  }
  return { linkType: view.getUint16(0, little), snapLength: view.getUint32(4, little), perMillisecond };
}

function readEnhanced(
  body: Uint8Array,
  little: boolean,
  interfaces: readonly CapturedInterface[],
  offset: number,
): CapturedPacket {
  const view = viewOf(body);
  const kept = body.length < ENHANCED_HEADER ? Infinity : view.getUint32(12, little);
  if (kept > body.length - ENHANCED_HEADER) throw new TornCapture(offset, "a packet longer than its block");
  const of = interfaceOf(interfaces, view.getUint32(0, little), offset);
  const ticks = view.getUint32(4, little) * 2 ** 32 + view.getUint32(8, little);
  return {
    bytes: body.subarray(ENHANCED_HEADER, ENHANCED_HEADER + kept),
    offset: offset + ENHANCED_HEADER,
    linkType: of.linkType,
    time: ticks / of.perMillisecond,
    length: view.getUint32(16, little),
  };
}

/** A simple packet has no time, and is of the first interface. */
function readSimple(
  body: Uint8Array,
  little: boolean,
  interfaces: readonly CapturedInterface[],
  offset: number,
): CapturedPacket {
  if (body.length < 4) throw new TornCapture(offset, "a packet without its length");
  const { linkType, snapLength } = interfaceOf(interfaces, 0, offset);
  const length = viewOf(body).getUint32(0, little);
  const kept = Math.min(length, snapLength === 0 ? Infinity : snapLength, body.length - 4);
  return { bytes: body.subarray(4, 4 + kept), offset: offset + 4, linkType, time: undefined, length };
}

function interfaceOf(interfaces: readonly CapturedInterface[], index: number, offset: number): CapturedInterface {
  const found = interfaces[index];
  if (found === undefined) throw new TornCapture(offset, `a packet of interface ${index}, which is not described`);
  return found;
}
