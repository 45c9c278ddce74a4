import { addressOf, type Pointer, pointerTo } from "../../ffi/memory.ts";
import { Packet } from "../wire/netlink.ts";
import * as N from "../wire/numbers.ts";

/** Receives several datagrams by one call, side by side into one packet. */
export interface Gatherer {
  /** Receives up to `most` datagrams without waiting; returns how many, or -1 with errno. */
  receive(fd: number, most: number): number;
  /** The whole length of one of them, even if it did not fit. */
  lengthOf(slot: number): number;
  /** Who sent it (nl_pid). */
  portOf(slot: number): number;
}

/** `recvmmsg(2)`, with the place of struct mmsghdr[] and how many of them to use. */
export type ReceiveMany = (fd: number, headers: Pointer, count: number) => number;

/** A gatherer by recvmmsg(2): each datagram has as much room in the packet, one behind the other. */
export class LibraryGatherer implements Gatherer {
  readonly #call: ReceiveMany;
  readonly #headers: Packet;
  readonly #headersAt: Pointer;
  /** struct iovec[]; the kernel reads it at each call, and so it is kept. */
  readonly #vectors: BigUint64Array<ArrayBuffer>;
  readonly #senders: Packet;

  /** `slots`: how many datagrams there is room for. */
  constructor(call: ReceiveMany, packet: Packet, slots: number) {
    this.#call = call;
    this.#headers = new Packet(slots * N.MMSGHDR_LEN);
    this.#headersAt = pointerTo(this.#headers.u8);
    this.#vectors = new BigUint64Array(slots * 2);
    this.#senders = new Packet(slots * N.SOCKADDR_NL_LEN);
    const room = packet.u8.length / slots;
    const [packetAt, vectorsAt, sendersAt] = [
      packet.u8,
      new Uint8Array(this.#vectors.buffer),
      this.#senders.u8,
    ].map((bytes) => addressOf(pointerTo(bytes))) as [bigint, bigint, bigint];
    const headers = new BigUint64Array(this.#headers.u8.buffer);
    for (let slot = 0; slot < slots; slot++) {
      this.#vectors.set([packetAt + BigInt(slot * room), BigInt(room)], slot * 2);
      const at = slot * N.MMSGHDR_LEN / 8;
      headers[at] = sendersAt + BigInt(slot * N.SOCKADDR_NL_LEN); // msg_name
      headers[at + 1] = BigInt(N.SOCKADDR_NL_LEN); // msg_namelen: the kernel writes the same number back
      headers[at + 2] = vectorsAt + BigInt(slot * N.IOVEC_LEN); // msg_iov
      headers[at + 3] = 1n; // msg_iovlen
    }
  }

  receive(fd: number, most: number): number {
    return this.#call(fd, this.#headersAt, most);
  }

  lengthOf(slot: number): number {
    return this.#headers.u32[(slot * N.MMSGHDR_LEN + N.MSG_LEN_AT) >> 2]!;
  }

  portOf(slot: number): number {
    return this.#senders.u32[(slot * N.SOCKADDR_NL_LEN >> 2) + 1]!;
  }
}
