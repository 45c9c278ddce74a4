/** pcap files (draft-ietf-opsawg-pcap), read packet by packet. */
import { MOST } from "./frames.ts";
import type { Source } from "./source.ts";

export interface CapturedPacket {
  /** Its bytes, until the next packet is read. */
  readonly bytes: Uint8Array;
  /** Where in the file they start. */
  readonly offset: number;
  /** The form of its first bytes (LINKTYPE_*). */
  readonly linkType: number;
  /** When it was captured, in milliseconds since 1970; undefined where the file does not say. */
  readonly time: number | undefined;
  /** How many bytes it had: a capture may keep the first ones only. */
  readonly length: number;
}

/** Why a capture cannot be read on. */
export class TornCapture extends Error {
  constructor(offset: number, what: string) {
    super(`Cannot read capture at byte ${offset}: ${what}`);
  }
}

const FILE_HEADER = 24;
const RECORD_HEADER = 16;

/**
 * Reads the packets of a pcap file.
 *
 * @throws {TornCapture} It ends within a packet, or a length in it is none.
 */
export async function* readPcap(source: Source): AsyncGenerator<CapturedPacket, void> {
  await need(source, FILE_HEADER, "the file's header");
  const header = viewOf(source.take(FILE_HEADER));
  const little = [0xd4c3b2a1, 0x4d3cb2a1].includes(header.getUint32(0));
  const perMillisecond = [0xa1b23c4d, 0x4d3cb2a1].includes(header.getUint32(0)) ? 1e6 : 1e3;
  const linkType = header.getUint32(20, little) & 0xffff; // above it stand other things
  while (await source.fill(1) > 0) {
    await need(source, RECORD_HEADER, "a packet's header");
    const record = viewOf(source.peek(RECORD_HEADER));
    const kept = record.getUint32(8, little);
    const time = record.getUint32(0, little) * 1000 + record.getUint32(4, little) / perMillisecond;
    const length = record.getUint32(12, little);
    if (kept > MOST) throw new TornCapture(source.offset, `a packet of ${kept} bytes, and none is so long`);
    await need(source, RECORD_HEADER + kept, "a packet");
    const offset = source.offset + RECORD_HEADER;
    yield { bytes: source.take(RECORD_HEADER + kept).subarray(RECORD_HEADER), offset, linkType, time, length };
  }
}

/** Reads so many bytes, and throws where they are not there. */
export async function need(source: Source, count: number, what: string): Promise<void> {
  const ready = await source.fill(count);
  if (ready < count) throw new TornCapture(source.offset, `${what} needs ${count} bytes, and ${ready} are left`);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
