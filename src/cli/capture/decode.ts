/** Decodes a capture of any form, piece by piece. */
import type { Decoded, PacketDecoder } from "../../../platforms/contract/system.ts";
import type { UndecodedMessage } from "../../../platforms/common/walk.ts";
import { isDate, type IsoTime, isoTime } from "../options/time.ts";
import { type CaptureFormat, DECIDING, formatOf } from "./format.ts";
import { Framer, type Framing, type Piece } from "./frames.ts";
import { HexError, readHex } from "./hex.ts";
import { type CapturedPacket, readPcap, TornCapture } from "./pcap.ts";
import { readPcapng } from "./pcapng.ts";
import { shifted } from "./shift.ts";
import { Source } from "./source.ts";

/** LINKTYPE_NETLINK: packets with a cooked header of 16 bytes, as Linux's nlmon gives them. */
const LINKTYPE_NETLINK = 253;

/** When something was captured. */
export interface Timed {
  /** When it was captured. */
  readonly time?: IsoTime;
}

/** Whose messages they are: `M` those in bytes, and `P` those in packets. */
export interface Captured<M extends Decoded = Decoded, P extends Decoded = Decoded> {
  /** undefined: the first bytes decide; "pcap" may be pcapng too. */
  readonly format: "binary" | "hex" | "pcap" | undefined;
  readonly framing: Framing;
  /** Decodes whole messages. */
  decode(bytes: Uint8Array): readonly M[];
  /** Makes what decodes packets with a netlink header; throws where the platform has none. */
  packets(): PacketDecoder<P>;
}

/** Decodes a capture: what cannot be decoded, or read, is an element with `error`. */
export async function* decodeCapture<M extends Decoded, P extends Decoded>(
  source: Source,
  captured: Captured<M, P>,
): AsyncGenerator<readonly (M | P & Timed | UndecodedMessage)[], void> {
  try {
    const found = await formOf(source);
    const form = captured.format === "pcap" ? packetsIn(found) : captured.format ?? found;
    if (form !== "hex") return yield* decodeBytes(source, form, captured);
    const bytes = new Source(readHex(source));
    const said = await formOf(bytes);
    yield* decodeBytes(bytes, said === "hex" ? "binary" : said, captured);
  } catch (error) {
    if (!(error instanceof TornCapture || error instanceof HexError)) throw error;
    yield [{ error: error.message }];
  }
}

async function formOf(source: Source): Promise<CaptureFormat> {
  await source.fill(DECIDING);
  return formatOf(source.peek(DECIDING));
}

function decodeBytes<M extends Decoded, P extends Decoded>(
  source: Source,
  form: Exclude<CaptureFormat, "hex">,
  captured: Captured<M, P>,
): AsyncGenerator<readonly M[] | readonly (P & Timed)[], void> {
  switch (form) {
    case "binary":
      return decodeStream(source, captured);
    case "pcap":
      return decodePackets(readPcap(source), captured.packets());
    case "pcapng":
      return decodePackets(readPcapng(source), captured.packets());
  }
}

function packetsIn(found: CaptureFormat): "pcap" | "pcapng" {
  if (found === "pcap" || found === "pcapng") return found;
  throw new TornCapture(0, "it begins as neither a pcap nor a pcapng file does");
}

function decodePiece<M extends Decoded>(captured: Captured<M>, { bytes, base, beyond }: Piece): readonly M[] {
  return captured.decode(bytes).map((message) => shifted(message, base, beyond));
}

async function* decodeStream<M extends Decoded>(
  source: Source,
  captured: Captured<M>,
): AsyncGenerator<readonly M[], void> {
  const framer = new Framer(captured.framing);
  for await (const chunk of source.rest()) {
    const piece = framer.push(chunk);
    if (piece !== undefined) yield decodePiece(captured, piece);
  }
  const last = framer.end();
  if (last !== undefined) yield decodePiece(captured, last);
}

async function* decodePackets<P extends Decoded>(
  packets: AsyncIterable<CapturedPacket>,
  decode: PacketDecoder<P>,
): AsyncGenerator<readonly (P & Timed)[], void> {
  for await (const packet of packets) {
    const { linkType, offset } = packet;
    if (linkType !== LINKTYPE_NETLINK) {
      throw new TornCapture(
        offset,
        `link type ${linkType} is not netlink's (${LINKTYPE_NETLINK}): capture on an interface of type nlmon`,
      );
    }
    yield decodePacket(packet, decode);
  }
}

/** What the messages of a packet say; beside each, when it was. */
export function decodePacket<P extends Decoded>(
  { bytes, offset, time, length }: CapturedPacket,
  decode: PacketDecoder<P>,
): (P & Timed)[] {
  const when = time === undefined || !isDate(time) ? {} : { time: isoTime(time) };
  const cut = length > bytes.length ? ` (the capture kept ${bytes.length} of ${length} bytes)` : "";
  return decode(bytes).map(({ at, decoded }) => {
    const { error } = shifted(decoded, offset + at, 0);
    return { ...decoded, ...(error === undefined ? {} : { error: error + cut }), ...when };
  });
}
