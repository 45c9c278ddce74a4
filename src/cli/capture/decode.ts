/** Decodes a capture of any form, piece by piece. */
import type { Decoded } from "../../../platforms/contract/system.ts";
import { type CaptureFormat, DECIDING, formatOf } from "./format.ts";
import { Framer, type Framing, MOST, type Piece } from "./frames.ts";
import { type HexBytes, HexError, HexReader } from "./hex.ts";
import { isCooked, LINKTYPE_NETLINK, type NetlinkPackets } from "./netlink.ts";
import { type CapturedPacket, readPcap, TornCapture } from "./pcap.ts";
import { readPcapng } from "./pcapng.ts";
import { shifted } from "./shift.ts";
import type { Source } from "./source.ts";

/** A decoder of whole messages. */
export type Decode = (bytes: Uint8Array) => readonly Decoded[];

/** Whose messages they are. */
export interface Captured {
  /** undefined: it is told by the first bytes; "pcap" may be pcapng too. */
  readonly format: "binary" | "hex" | "pcap" | undefined;
  readonly framing: Framing;
  readonly decode: Decode;
  /** Makes what decodes packets with a netlink header; throws where the platform has none. */
  packets(): NetlinkPackets;
}

/** Decodes a capture: what cannot be decoded, or read, is an element with `error`. */
export async function* decodeCapture(source: Source, captured: Captured): AsyncGenerator<readonly Decoded[], void> {
  await source.fill(DECIDING);
  const found = formatOf(source.peek(DECIDING));
  try {
    switch (captured.format === "pcap" ? packetsIn(found) : captured.format ?? found) {
      case "binary":
        return yield* decodeStream(source, captured);
      case "hex":
        return yield* decodeHex(source, captured);
      case "pcap":
        return yield* decodePackets(readPcap(source), captured.packets());
      case "pcapng":
        return yield* decodePackets(readPcapng(source), captured.packets());
    }
  } catch (error) {
    if (!(error instanceof TornCapture || error instanceof HexError)) throw error;
    yield [{ error: error.message }];
  }
}

function packetsIn(found: CaptureFormat): CaptureFormat {
  if (found === "pcap" || found === "pcapng") return found;
  throw new TornCapture(0, "it begins as neither a pcap nor a pcapng file does");
}

function decodePiece({ decode }: Captured, { bytes, base, beyond }: Piece): readonly Decoded[] {
  return decode(bytes).map((message) => shifted(message, base, beyond));
}

async function* decodeStream(source: Source, captured: Captured): AsyncGenerator<readonly Decoded[], void> {
  const framer = new Framer(captured.framing);
  for await (const chunk of source.rest()) {
    const piece = framer.push(chunk);
    if (piece !== undefined) yield decodePiece(captured, piece);
  }
  const last = framer.end();
  if (last !== undefined) yield decodePiece(captured, last);
}

async function* decodePackets(
  packets: AsyncIterable<CapturedPacket>,
  netlink: NetlinkPackets,
): AsyncGenerator<readonly Decoded[], void> {
  for await (const { bytes, linkType, ...place } of packets) {
    if (linkType !== LINKTYPE_NETLINK) {
      throw new TornCapture(
        place.offset,
        `link type ${linkType} is not netlink's (${LINKTYPE_NETLINK}): capture on an interface of type nlmon`,
      );
    }
    yield netlink.decode(bytes, place);
  }
}

async function* decodeHex(source: Source, captured: Captured): AsyncGenerator<readonly Decoded[], void> {
  const [reader, decoder, texts] = [new HexReader(), new TextDecoder(), new HexPackets(captured)];
  for await (const chunk of source.rest()) {
    yield* texts.take(reader.push(decoder.decode(chunk, { stream: true })));
  }
  yield* texts.take(reader.push(decoder.decode()));
  yield* texts.take(reader.end());
  yield* texts.end();
}

/** What a text says: a stream of messages, or packets one by one. */
class HexPackets {
  readonly #captured: Captured;
  readonly #framer: Framer;
  #netlink: NetlinkPackets | undefined;
  /** A packet with a netlink header, as far as it was read. */
  #packet: number[] | undefined;
  #offset = 0;

  constructor(captured: Captured) {
    this.#captured = captured;
    this.#framer = new Framer(captured.framing);
  }

  /** Takes what was read of a text. Messages are made of it all at once: lines are short. */
  *take(read: Iterable<HexBytes>): Generator<readonly Decoded[], void> {
    let run: number[] = [];
    try {
      for (const { bytes, first } of read) {
        if (first) {
          yield* this.#stream(run);
          run = [];
          yield* this.end();
          if (isCooked(bytes)) this.#packet = [];
        }
        const to = this.#packet ?? run;
        if (to === this.#packet && to.length > MOST) throw new TornCapture(this.#offset, "a packet that does not end");
        for (const byte of bytes) to.push(byte);
      }
    } catch (error) {
      yield* this.#stream(run); // what stands before an error in the text is told before it
      throw error;
    }
    yield* this.#stream(run);
  }

  /** Takes that a packet, or the text, has ended. */
  *end(): Generator<readonly Decoded[], void> {
    const packet = this.#packet;
    this.#packet = undefined;
    if (packet !== undefined) {
      this.#netlink ??= this.#captured.packets();
      const place = { offset: this.#offset, length: packet.length };
      this.#offset += packet.length;
      yield this.#netlink.decode(Uint8Array.from(packet), place);
    }
    const last = this.#framer.end();
    if (last !== undefined) yield decodePiece(this.#captured, last);
  }

  *#stream(run: readonly number[]): Generator<readonly Decoded[], void> {
    if (run.length === 0) return;
    const piece = this.#framer.push(Uint8Array.from(run));
    if (piece !== undefined) yield decodePiece(this.#captured, piece);
  }
}
