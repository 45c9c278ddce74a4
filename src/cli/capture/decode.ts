/** Decodes a capture of any form, piece by piece. */
import type { Decoded } from "../../../platforms/contract/system.ts";
import { type CaptureFormat, DECIDING, formatOf } from "./format.ts";
import { Framer, type Framing, MOST, type Piece } from "./frames.ts";
import { type HexBytes, HexError, HexReader } from "./hex.ts";
import { isCooked, LINKTYPE_NETLINK, type NetlinkPackets } from "./netlink.ts";
import { type CapturedPacket, readPcap, TornCapture } from "./pcap.ts";
import { readPcapng } from "./pcapng.ts";
import { shifted } from "./shift.ts";
import { Source } from "./source.ts";

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
  const read = hexBatches(source);
  const begun: HexBytes[] = [];
  for (let bytes = 0; bytes < DECIDING;) {
    const { done, value } = await read.next();
    if (done) break;
    for (const one of value) bytes += one.bytes.length;
    begun.push(...value);
  }
  const found = formatOf(joined(begun));
  if (found === "pcap" || found === "pcapng") {
    const file = new Source(bytesOf(begun, read));
    return yield* decodePackets(found === "pcap" ? readPcap(file) : readPcapng(file), captured.packets());
  }
  const packets = new HexPackets(captured);
  yield* packets.take(begun);
  for await (const batch of read) yield* packets.take(batch);
  yield* packets.end();
}

/** What a text says, by the pieces in which it comes; what stands before an error comes before it. */
async function* hexBatches(source: Source): AsyncGenerator<readonly HexBytes[], void> {
  const [reader, decoder] = [new HexReader(), new TextDecoder()];
  function* batch(read: Iterable<HexBytes>): Generator<readonly HexBytes[], void> {
    const all: HexBytes[] = [];
    try {
      for (const one of read) all.push(one);
    } catch (error) {
      yield all;
      throw error;
    }
    yield all;
  }
  for await (const chunk of source.rest()) yield* batch(reader.push(decoder.decode(chunk, { stream: true })));
  yield* batch(reader.push(decoder.decode()));
  yield* batch(reader.end());
}

/** The bytes of a file that a text says. */
async function* bytesOf(
  begun: readonly HexBytes[],
  read: AsyncIterable<readonly HexBytes[]>,
): AsyncGenerator<Uint8Array, void> {
  yield joined(begun);
  for await (const batch of read) yield joined(batch);
}

function joined(batch: readonly HexBytes[]): Uint8Array {
  const bytes = new Uint8Array(batch.reduce((length, one) => length + one.bytes.length, 0));
  let at = 0;
  for (const one of batch) {
    bytes.set(one.bytes, at);
    at += one.bytes.length;
  }
  return bytes;
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
  *take(batch: readonly HexBytes[]): Generator<readonly Decoded[], void> {
    let from = 0;
    for (let i = 0; i < batch.length; i++) {
      const { bytes, first } = batch[i]!;
      if (first) {
        yield* this.#stream(batch.slice(from, i));
        from = i;
        yield* this.end();
        if (isCooked(bytes)) this.#packet = [];
      }
      const packet = this.#packet;
      if (packet === undefined) continue;
      if (packet.length > MOST) throw new TornCapture(this.#offset, "a packet that does not end");
      for (const byte of bytes) packet.push(byte);
      from = i + 1;
    }
    yield* this.#stream(batch.slice(from));
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

  *#stream(batch: readonly HexBytes[]): Generator<readonly Decoded[], void> {
    const piece = batch.length === 0 ? undefined : this.#framer.push(joined(batch));
    if (piece !== undefined) yield decodePiece(this.#captured, piece);
  }
}
