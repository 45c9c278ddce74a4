/** Captures in each form that `netflags decode` reads, made of messages. */
import type { Decoded } from "../../../platforms/contract/system.ts";
import { REGISTRY } from "../../../platforms/registry.ts";
import { type Captured, decodeCapture } from "../../../src/cli/capture/decode.ts";
import { Source } from "../../../src/cli/capture/source.ts";
import { readFixtures } from "../fixtures.ts";

/** What a capture of Linux's is decoded by. */
export const LINUX_CAPTURE: Captured = {
  format: undefined,
  framing: "netlink",
  decode: REGISTRY.linux.decoders.message!,
  packets: () => REGISTRY.linux.packets!("netlink"),
};

/** Bytes in pieces of so many. */
export async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.slice(at, at + size));
}

/** The same, all in one buffer, as a descriptor is read: a piece is gone when the next one comes. */
export async function* inOneBuffer(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void> {
  const buffer = new Uint8Array(size);
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    buffer.set(piece);
    yield await Promise.resolve(buffer.subarray(0, piece.length));
    buffer.fill(0);
  }
}

/** Decodes a capture to its end. */
export async function decodeAll(
  bytes: Uint8Array,
  captured: Captured = LINUX_CAPTURE,
  size = bytes.length || 1,
): Promise<Record<string, unknown>[]> {
  const all: Decoded[] = [];
  for await (const some of decodeCapture(new Source(inPieces(bytes, size)), captured)) all.push(...some);
  return all as Record<string, unknown>[];
}

/** The packets of the nlmon fixture, each with its cooked header, and what it says. */
export function nlmonPackets(): { readonly packet: Uint8Array; readonly says: Readonly<Record<string, unknown>> }[] {
  return readFixtures("linux/nlmon.hex").slice(1).map(({ bytes, says }) => ({ packet: bytes.slice(16), says }));
}

/** The whole file of which they are. */
export function nlmonFile(): Uint8Array<ArrayBuffer> {
  return joined(readFixtures("linux/nlmon.hex").map(({ bytes }) => bytes));
}

/** Bytes one behind the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

/** Messages as netlink pads them. */
export function padded(messages: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return joined(messages.map((one) => joined([one, new Uint8Array(-one.length & 3)])));
}

/** How a pcap file is written. */
export interface PcapOptions {
  readonly little?: boolean;
  readonly nanoseconds?: boolean;
  readonly linkType?: number;
  /** How many bytes of each packet are kept. */
  readonly snapLength?: number;
}

/** The milliseconds since 1970 of every packet that is made here. */
export const TIME = 1_795_295_466_499.25;

/** A pcap file of packets. */
export function pcapOf(
  packets: readonly Uint8Array[],
  { little = true, nanoseconds = false, linkType = 253, snapLength = 1 << 18 }: PcapOptions = {},
): Uint8Array<ArrayBuffer> {
  const magic = nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4;
  const words = (...values: number[]) => wordsOf(values, little);
  const [seconds, fraction] = [Math.floor(TIME / 1000), TIME % 1000 * (nanoseconds ? 1e6 : 1e3)];
  return joined([
    words(magic, little ? 0x00040002 : 0x00020004, 0, 0, snapLength, linkType),
    ...packets.flatMap((packet) => [
      words(seconds, fraction, Math.min(packet.length, snapLength), packet.length),
      packet.slice(0, snapLength),
    ]),
  ]);
}

/** A pcapng file of packets: a section, an interface, a block that nobody knows, and each packet in an enhanced one. */
export function pcapngOf(
  packets: readonly Uint8Array[],
  { little = true, nanoseconds = false, linkType = 253 }: PcapOptions = {},
): Uint8Array<ArrayBuffer> {
  const words = (...values: number[]) => wordsOf(values, little);
  const shorts = (first: number, second: number) => little ? first | second << 16 : first << 16 | second;
  const block = (type: number, ...body: Uint8Array[]) => {
    const whole = joined(body);
    const pad = new Uint8Array(-whole.length & 3);
    const length = 12 + whole.length + pad.length;
    return joined([words(type, length), whole, pad, words(length)]);
  };
  const ticks = BigInt(TIME * (nanoseconds ? 1e6 : 1e3));
  const resolution = nanoseconds ? [words(shorts(9, 1)), Uint8Array.of(9, 0, 0, 0), words(0)] : [];
  return joined([
    block(0x0a0d0d0a, words(0x1a2b3c4d, shorts(1, 0), 0xffffffff, 0xffffffff)),
    block(1, words(shorts(linkType, 0), 1 << 18), ...resolution),
    block(0x0bad, new Uint8Array(7)),
    ...packets.map((packet) =>
      block(
        6,
        words(0, Number(ticks >> 32n), Number(ticks & 0xffffffffn), packet.length, packet.length),
        packet,
      )
    ),
    ...packets.slice(0, 1).map((packet) => block(3, words(packet.length), packet)),
  ]);
}

function wordsOf(values: readonly number[], little: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => view.setUint32(4 * i, value, little));
  return new Uint8Array(view.buffer);
}
