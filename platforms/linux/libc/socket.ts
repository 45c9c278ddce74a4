import { LOST, NOTHING } from "../../common/drain.ts";
import type { DescriptorCallbacks } from "../../contract/backend.ts";
import { NetflagsError } from "../../contract/errors.ts";
import { EINTR, uninterrupted } from "../../ffi/errno.ts";
import type { Memory, Pointer } from "../../ffi/memory.ts";
import type { Registration } from "../../ffi/poller.ts";
import type { CallFailure, NetlinkCalls } from "./calls.ts";
import type { Gatherer } from "./gatherer.ts";
import { type Acknowledgement, Messages, Packet, readAcknowledgement } from "../wire/netlink.ts";
import { filterBytes, type Instruction } from "../wire/filter.ts";
import * as N from "../wire/numbers.ts";

/** A dump's datagram has at most 32 KiB, but one link's message may have 64 KiB of names and a little more. */
const BUFFER = 131072;
const BUFFER_SIZE = 131072n;
/**
 * How many datagrams one call receives side by side into the buffer in a burst, and how much room each has then. An event
 * has 1 to 2 KiB.
 */
const SLOTS = 16;
const SLOT = BUFFER / SLOTS;
/** How many are received one by one before that: one event is no burst. */
const ONES = 2;
/** How often in a row a call may be interrupted or report a loss, and a socket may be ready without a message. */
const MOST_IN_A_ROW = 64;
/** Buffers of closed sockets, for the next ones: list and get open and close a socket on each call. */
const spare = new WeakMap<Memory, Buffers[]>();

/** Memory that the kernel writes to. A separate ArrayBuffer has a fixed address; small typed arrays may not. */
class Buffers {
  readonly packet = new Packet(BUFFER);
  /** struct sockaddr_nl of the sender */
  readonly sender = new Packet(N.SOCKADDR_NL_LEN);
  readonly senderLength = new Packet(4);
  readonly at: Pointer;
  readonly senderAt: Pointer;
  readonly senderLengthAt: Pointer;

  constructor(memory: Memory) {
    this.at = memory.pointerTo(this.packet.u8);
    this.senderAt = memory.pointerTo(this.sender.u8);
    this.senderLengthAt = memory.pointerTo(this.senderLength.u8);
  }
}

/** The buffers of closed sockets in this memory. */
function spareIn(memory: Memory): Buffers[] {
  let buffers = spare.get(memory);
  if (buffers === undefined) spare.set(memory, buffers = []);
  return buffers;
}

/** Opens a socket, in the network namespace of this C library. Throws if this fails. */
export function openSocket(
  libc: NetlinkCalls,
  domain: number,
  type: number,
  protocol: number,
  what: CallFailure,
): number {
  const open = (): number => {
    const fd = libc.symbols.socket(domain, type | N.SOCK_CLOEXEC, protocol);
    if (fd < 0) throw libc.failure(what);
    return fd;
  };
  return libc.around === undefined ? open() : libc.around(open);
}

/** How a request ended. */
export interface Answer extends Acknowledgement {
  /** Whether the kernel says that its data changed during the dump (NLM_F_DUMP_INTR). */
  readonly interrupted: boolean;
}

/** Whether an error says that an answer was lost or is incomplete, so that asking again may help. */
export function isLostAnswer(error: unknown): boolean {
  return error instanceof NetflagsError && (error.code === "ENOBUFS" || error.code === "EAGAIN");
}

/** A netlink socket that never waits. It accepts messages only from the kernel. */
export class NetlinkSocket {
  /** The descriptor. */
  readonly fd: number;
  /** The walk over the last received datagram. */
  readonly messages: Messages;
  readonly #libc: NetlinkCalls;
  readonly #buffers: Buffers;
  readonly #operation: string;
  #seq = 0;
  /** How many datagrams of the kernel were received so far. */
  #received = 0;
  /** The same, including those of other senders. */
  #taken = 0;
  /** How many calls have received something since the queue was last empty, and after how many more than one is received. */
  #inRow = 0;
  #ones = ONES;
  /** What receives several at once, from the first burst on. */
  #gatherer: Gatherer | undefined;
  /** The datagrams that one call received side by side: how many, and how many of them were handed on. */
  #gathered = 0;
  #handed = 0;
  /** How often in a row receiving was interrupted or reported a loss. */
  #failures = 0;

  /** Opens a socket; `operation` is for error messages, as the words after "Cannot". */
  constructor(libc: NetlinkCalls, protocol: number, operation: string) {
    this.#libc = libc;
    this.#operation = operation;
    this.fd = openSocket(libc, N.AF_NETLINK, N.SOCK_RAW | N.SOCK_NONBLOCK, protocol, { operation });
    this.#buffers = spareIn(libc.places).pop() ?? new Buffers(libc.places);
    this.messages = new Messages(this.#buffers.packet);
    // A socket without a port has port 0, which is the kernel's, and so receives no multicast from the kernel.
    const port = new Uint8Array(new Uint16Array([N.AF_NETLINK, 0, 0, 0, 0, 0]).buffer);
    if (libc.symbols.bind(this.fd, port, N.SOCKADDR_NL_LEN) < 0) {
      const error = this.#failure();
      this.close();
      throw error;
    }
    // Kernels without these (before 4.12, 4.20) answer too, but with less text, and with more than was asked for.
    this.#option(N.SOL_NETLINK, N.NETLINK_EXT_ACK, 1);
    this.#option(N.SOL_NETLINK, N.NETLINK_GET_STRICT_CHK, 1);
  }

  /** Joins multicast groups. */
  join(...groups: number[]): void {
    for (const group of groups) {
      if (this.#option(N.SOL_NETLINK, N.NETLINK_ADD_MEMBERSHIP, group) < 0) throw this.#failure();
    }
  }

  /** Sets the receive buffer: to the size that root may use, or to the size that anybody may use. */
  setReceiveBuffer(bytes: number): void {
    if (this.#option(N.SOL_SOCKET, N.SO_RCVBUFFORCE, bytes) < 0) {
      this.#option(N.SOL_SOCKET, N.SO_RCVBUF, bytes);
    }
  }

  /**
   * Drops messages in the kernel by a program of classic BPF. Returns false if the kernel, or a filter in front of it, has
   * no such thing: then all messages come.
   */
  attachFilter(program: readonly Instruction[]): boolean {
    return this.#libc.attachFilter(this.fd, filterBytes(program));
  }

  /** Has all messages come again. Throws if they do not: then this socket is of no use any more. */
  detachFilter(): void {
    if (this.#option(N.SOL_SOCKET, N.SO_DETACH_FILTER, 0) < 0) throw this.#failure();
  }

  /**
   * Receives the next datagram into {@linkcode NetlinkSocket.messages} and returns its length, NOTHING or LOST. In a burst
   * one call to the kernel takes several, up to `most`, and the next calls of this hand on the others. So whoever says how
   * many goes on for as many, or until there is none.
   */
  receive(most = 1): number {
    for (;;) {
      const gatherer = this.#gatherer;
      if (gatherer !== undefined && this.#handed < this.#gathered) {
        const slot = this.#handed++;
        const length = this.#accept(gatherer.portOf(slot), gatherer.lengthOf(slot), slot * SLOT, SLOT);
        if (length === LOST) this.#ones = Infinity; // there are longer ones than are gathered
        if (length !== NOTHING) return length;
        continue;
      }
      const many = most > 1 && this.#inRow >= this.#ones;
      const count = many ? this.#gather(most) : this.#receiveOne();
      if (count < 0) {
        const errno = this.#libc.errno();
        if (errno === N.EAGAIN) {
          this.#failures = 0;
          this.#inRow = 0;
          return NOTHING;
        }
        // After a loss the kernel returns what is left in the queue. So one loss after another is not an overflow.
        if (++this.#failures < MOST_IN_A_ROW) {
          if (errno === EINTR) continue;
          if (errno === N.ENOBUFS) return LOST;
        }
        this.#failures = 0;
        if (!many) throw this.#libc.failureOf(errno, { operation: this.#operation });
        this.#ones = Infinity; // a filter in front of the kernel may know recvfrom(2) only, which says what else is wrong
        continue;
      }
      this.#failures = 0;
      this.#inRow++;
      if (many) continue;
      const { packet, sender } = this.#buffers;
      const length = this.#accept(sender.u32[1]!, count, 0, packet.u8.length);
      if (length !== NOTHING) return length;
    }
  }

  /** Receives one datagram to the beginning of the buffer, and returns its length; -1 if that fails. */
  #receiveOne(): number {
    const buffers = this.#buffers;
    buffers.senderLength.u32[0] = N.SOCKADDR_NL_LEN;
    return this.#libc.symbols.recvfrom(
      this.fd,
      buffers.at,
      BUFFER_SIZE,
      N.MSG_DONTWAIT | N.MSG_TRUNC, // MSG_TRUNC: returns the whole length even if it did not fit
      buffers.senderAt,
      buffers.senderLengthAt,
    );
  }

  /** Receives up to `most` datagrams side by side, and returns how many; -1 if that fails. */
  #gather(most: number): number {
    const gatherer = this.#gatherer ??= this.#libc.gatherer?.(this.#buffers.packet, SLOTS);
    const count = gatherer?.receive(this.fd, Math.min(most, SLOTS)) ?? 0;
    if (count === 0) this.#ones = Infinity; // there is no such thing
    this.#handed = 0;
    this.#gathered = Math.max(0, count);
    return count;
  }

  /** Takes a datagram that stands somewhere in the buffer, with so much room: its length, LOST, or NOTHING to be told. */
  #accept(port: number, length: number, at: number, room: number): number {
    this.#taken++;
    // nl_pid is 0 only for the kernel; any process may send to a port (CVE-2012-3520).
    if (port !== 0 || length === 0) return NOTHING;
    if (length > room) return LOST;
    this.messages.begin(length, at);
    this.#received++;
    return length;
  }

  /**
   * Sends a request and hands on each message of its answer. The kernel answers while it accepts the request, so there
   * is always something to read until the answer ends.
   *
   * @param build Builds the request with this sequence number.
   * @param each Called at each message of the answer, with {@linkcode NetlinkSocket.messages} at it.
   */
  request(build: (seq: number) => Uint8Array<ArrayBuffer>, each: () => void): Answer {
    const seq = ++this.#seq;
    const request = build(seq);
    const { errno, symbols } = this.#libc;
    const size = BigInt(request.length);
    if (uninterrupted(errno, () => symbols.send(this.fd, request, size, 0)) < 0) throw this.#failure();
    let interrupted = false;
    for (;;) {
      const length = this.receive();
      if (length === NOTHING) throw this.#lostAnswer(N.EAGAIN, "The kernel's answer is not whole: try again");
      if (length === LOST) throw this.#lostAnswer(N.ENOBUFS, "The kernel's answer did not fit: try again");
      const { messages } = this;
      while (messages.next()) {
        if (messages.seq !== seq) continue; // the rest of an abandoned answer
        if ((messages.flags & N.NLM_F_DUMP_INTR) !== 0) interrupted = true;
        if (messages.type === N.NLMSG_ERROR || messages.type === N.NLMSG_DONE) {
          return { ...readAcknowledgement(messages), interrupted };
        }
        if (messages.type === N.NLMSG_NOOP) continue;
        each();
        if ((messages.flags & N.NLM_F_MULTI) === 0) return { errno: 0, text: undefined, interrupted };
      }
    }
  }

  /**
   * Waits for messages, and calls `ready` when there are some. A socket that is ready again and again without a message
   * is broken, and must not be polled for ever. From now on the descriptor belongs to the waiter.
   */
  listen({ ready, failed }: DescriptorCallbacks): Registration {
    let empty = 0;
    let seen = this.#taken;
    return this.#libc.waiter.add(this.fd, () => {
      const received = this.#received;
      ready();
      // Another caller may have read the messages since then: one turn may read several sockets.
      empty = this.#taken > seen ? 0 : empty + 1;
      seen = this.#taken;
      // The count decides whether it is worth letting more messages gather.
      if (empty < MOST_IN_A_ROW) return this.#received - received;
      empty = 0;
      throw this.#lostAnswer(N.EAGAIN, "The socket is ready, but has no message");
    }, failed);
  }

  /** Gives back the memory. The owner of the descriptor closes it. */
  release(): void {
    const buffers = spareIn(this.#libc.places);
    if (buffers.length < 4) buffers.push(this.#buffers);
  }

  /** Closes it. */
  close(): void {
    this.#libc.close(this.fd);
    this.release();
  }

  #option(level: number, name: number, value: number): number {
    return this.#libc.symbols.setsockopt(this.fd, level, name, new Uint8Array(new Int32Array([value]).buffer), 4);
  }

  #lostAnswer(errno: number, text: string): NetflagsError {
    return this.#libc.failureOf(errno, { operation: this.#operation, text });
  }

  #failure(): NetflagsError {
    return this.#libc.failure({ operation: this.#operation });
  }
}
