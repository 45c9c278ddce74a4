/** Linux's C library as a test says: what each socket receives, what each call is refused with, and what was asked. */
import { Discovered } from "../../../platforms/common/discovered.ts";
import type { SystemFailure } from "../../../platforms/contract/errors.ts";
import { systemError } from "../../../platforms/contract/errors.ts";
import { bytesAt, type Pointer } from "../../../platforms/ffi/memory.ts";
import { LINUX_CAPABILITIES } from "../../../platforms/linux/libc/capabilities.ts";
import { MEMORY } from "../../../platforms/ffi/memory.ts";
import type { Gatherer } from "../../../platforms/linux/libc/gatherer.ts";
import type { LinuxLibc } from "../../../platforms/linux/libc/libc.ts";
import type { Packet } from "../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { attribute } from "./messages.ts";

/** What a socket receives: a message, one that another process sent, one that does not fit, or an error number. */
export type Received =
  | Uint8Array
  | { readonly from: number; readonly bytes: Uint8Array }
  | { readonly length: number }
  | { readonly errno: number };

/** A datagram: who sent it, its bytes, and its length, which is greater where it does not fit. */
interface Content {
  readonly port: number;
  readonly bytes: Uint8Array;
  readonly length: number;
}

function contentOf(received: Exclude<Received, { readonly errno: number }>): Content {
  if (received instanceof Uint8Array) return { port: 0, bytes: received, length: received.length };
  if (!("bytes" in received)) return { port: 0, bytes: new Uint8Array(), length: received.length };
  return { port: received.from, bytes: received.bytes, length: received.bytes.length };
}

/** A request that was sent. */
export interface Asked {
  readonly fd: number;
  readonly type: number;
  readonly flags: number;
  readonly seq: number;
  readonly bytes: Uint8Array;
}

/** The library. */
export class ScriptedLinux {
  /** What socket(2) gives, or the negative of an error number. */
  onSocket = (_protocol: number): number => ++this.#last;
  /** What bind(2) says: 0, or the negative of an error number. */
  onBind = (): number => 0;
  /** What setsockopt(2) says: 0, or the negative of an error number. */
  onOption = (_level: number, _name: number, _value: number): number => 0;
  /** What is answered to a request, or the negative of the error number that sending fails with. */
  onSend = (_asked: Asked): readonly Received[] | number => [];
  /** What any socket receives that has nothing of its own left. */
  readonly queue: Received[] = [];
  readonly #queues = new Map<number, Received[]>();
  readonly asked: Asked[] = [];
  readonly closed: number[] = [];
  /** The descriptors that are waited for, with whom to tell. */
  readonly waiting = new Map<number, { ready: () => number | void; failed: (error: unknown) => void }>();
  readonly paused: boolean[] = [];
  #last = 10;
  #errno = 0;

  /** It, in the place of the real one. */
  get libc(): LinuxLibc {
    return this as unknown as LinuxLibc;
  }

  readonly errno = (): number => this.#errno;
  readonly places = MEMORY;

  failure(what: Omit<SystemFailure, "code" | "privilege">): Error {
    return this.failureOf(this.#errno, what);
  }

  failureOf(errno: number, what: Omit<SystemFailure, "code" | "privilege">): Error {
    return systemError({ ...what, code: N.ERRNO_NAMES[errno] ?? `errno ${errno}`, privilege: "root or CAP_NET_ADMIN" });
  }

  /** What one socket receives, answers included. */
  queueOf(fd: number): Received[] {
    const queue = this.#queues.get(fd) ?? [];
    this.#queues.set(fd, queue);
    return queue;
  }

  /** What becomes of a filter, by the number of its instructions. */
  onFilter = (_instructions: number): boolean => true;

  attachFilter(_fd: number, program: Uint8Array): boolean {
    return this.onFilter(program.length / N.SOCK_FILTER_LEN);
  }

  close(fd: number): void {
    this.closed.push(fd);
  }

  readonly symbols = {
    socket: (_domain: number, _type: number, protocol: number): number => this.#result(this.onSocket(protocol)),
    bind: (): number => this.#result(this.onBind()),
    setsockopt: (_fd: number, level: number, name: number, value: Uint8Array): number =>
      this.#result(this.onOption(level, name, new DataView(value.buffer).getInt32(0, true))),
    send: (fd: number, bytes: Uint8Array): number => {
      const view = new DataView(bytes.buffer);
      const asked: Asked = {
        fd,
        type: view.getUint16(4, true),
        flags: view.getUint16(6, true),
        seq: view.getUint32(8, true),
        bytes: bytes.slice(),
      };
      this.asked.push(asked);
      const answer = this.onSend(asked);
      if (typeof answer === "number") return this.#result(answer);
      this.queueOf(fd).push(...answer);
      return bytes.length;
    },
    recvfrom: (
      fd: number,
      at: Pointer,
      size: bigint,
      _flags: number,
      sender: Pointer,
    ): number => {
      const next = this.#next(fd);
      if ("errno" in next) return this.#result(-next.errno);
      const { port, bytes, length } = contentOf(next);
      new DataView(bytesAt(sender, N.SOCKADDR_NL_LEN)).setUint32(4, port, true);
      new Uint8Array(bytesAt(at, Number(size))).set(bytes);
      return length;
    },
  };

  /** What a call for several datagrams fails with instead of receiving any. */
  onGather = (): number => 0;
  /** How many datagrams each call for several received. */
  readonly gathered: number[] = [];

  gatherer(packet: Packet, slots: number): Gatherer {
    const room = packet.u8.length / slots;
    let contents: Content[] = [];
    return {
      receive: (fd, most) => {
        contents = [];
        const errno = this.onGather();
        if (errno !== 0) return this.#result(-errno);
        while (contents.length < most) {
          const next = this.#next(fd);
          if ("errno" in next) {
            if (contents.length === 0) return this.#result(-next.errno);
            if (next.errno !== N.EAGAIN) this.queueOf(fd).unshift(next); // the next call says it
            break;
          }
          const content = contentOf(next);
          packet.u8.set(content.bytes.subarray(0, room), contents.length * room);
          contents.push(content);
        }
        this.gathered.push(contents.length);
        return contents.length;
      },
      lengthOf: (slot) => contents[slot]!.length,
      portOf: (slot) => contents[slot]!.port,
    };
  }

  #next(fd: number): Received {
    return this.queueOf(fd).shift() ?? this.queue.shift() ?? { errno: N.EAGAIN };
  }

  readonly discovered = new Discovered(LINUX_CAPABILITIES);

  readonly waiter = {
    add: (fd: number, ready: () => number | void, failed: (error: unknown) => void) => {
      this.waiting.set(fd, { ready, failed });
      return {
        pause: (paused: boolean): void => void this.paused.push(paused),
        close: (): Promise<void> => {
          this.waiting.delete(fd);
          this.close(fd);
          return Promise.resolve();
        },
      };
    },
  };

  #result(value: number): number {
    if (value >= 0) return value;
    this.#errno = -value;
    return -1;
  }
}

/** The payload of a request's attribute, undefined where it has none of the type. */
export function attributeOf({ bytes }: Asked, header: number, type: number): Uint8Array | undefined {
  return attribute(bytes, N.NLMSG_HDRLEN + header, type);
}
