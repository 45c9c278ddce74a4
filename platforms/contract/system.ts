import type { Capabilities } from "./capabilities.ts";
import type { Platform } from "./platform.ts";

/** The forms of captured messages: from the system's socket, or from one of its lists. */
export type MessageKind = "message" | "dump" | "netlink" | "nl80211";

/** The part of a decoded message that all systems share: its name or number, or why it cannot be decoded. */
export interface Decoded {
  readonly message?: string | number | undefined;
  readonly error?: string;
}

/** A message of a captured packet, and where in the packet it is. An error names its place from there. */
export interface DecodedPart<T extends Decoded = Decoded> {
  readonly at: number;
  readonly decoded: T;
}

/** Decodes the packets of one capture, in their order: a later one may need what an earlier one said. */
export type PacketDecoder<T extends Decoded = Decoded> = (packet: Uint8Array) => readonly DecodedPart<T>[];

/**
 * What netflags knows about a system on any machine. A platform provides it, and the registry lists it. `M` is what its messages
 * decode to, and `P` those in captured packets.
 */
export interface System<M extends Decoded = Decoded, P extends Decoded = Decoded> {
  readonly platform: Platform;
  /** What its current kernels can report, as far as this is known without asking one. */
  readonly capabilities: Capabilities;
  /** Decoders of captured bytes. */
  readonly decoders: { readonly [kind in MessageKind]?: (bytes: Uint8Array) => readonly M[] };
  /** Makes a decoder of captured packets, whose messages of an unknown family are of that kind; none without packets. */
  readonly packets?: (kind: MessageKind) => PacketDecoder<P>;
}
