/** What a kernel sent, given to netflags' own code again from memory: its whole road, without the kernel's part. */
import { Discovered } from "../platforms/common/discovered.ts";
import { NOTHING } from "../platforms/common/drain.ts";
import { MEMORY } from "../platforms/ffi/memory.ts";
import { LinuxBackend } from "../platforms/linux/backend.ts";
import { LINUX_CAPABILITIES } from "../platforms/linux/libc/capabilities.ts";
import type { LinuxLibc } from "../platforms/linux/libc/libc.ts";
import type { EventSource } from "../platforms/linux/listen/event_reader.ts";
import { buildRequest, Messages, Packet } from "../platforms/linux/wire/netlink.ts";
import * as N from "../platforms/linux/wire/numbers.ts";

/** The most bytes that the kernel puts into a datagram of a dump. */
const DATAGRAM = 32768;

/** Messages that are received in one go, as often as {@linkcode Datagram.arrive} says so. */
export class Datagram implements EventSource {
  readonly messages: Messages;
  readonly #length: number;
  #here = false;

  /** The bytes are copied: a change of them is one of `messages.packet`. */
  constructor(bytes: Uint8Array) {
    this.messages = new Messages(Packet.of(bytes));
    this.#length = bytes.length;
  }

  arrive(): void {
    this.#here = true;
  }

  receive(): number {
    if (!this.#here) return NOTHING;
    this.#here = false;
    this.messages.begin(this.#length);
    return this.#length;
  }
}

/** The messages in datagrams as a kernel makes them of a dump: whole messages, as many as fit. */
function datagramsOf(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const datagrams: Uint8Array<ArrayBuffer>[] = [];
  let start = 0;
  for (let at = 0; at < bytes.length;) {
    const next = at + ((view.getUint32(at, true) + 3) & ~3);
    if (next - start > DATAGRAM && at > start) {
      datagrams.push(bytes.subarray(start, at));
      start = at;
    }
    at = next;
  }
  datagrams.push(bytes.subarray(start));
  return datagrams;
}

/** Gives each message the number of the request that it answers. */
function number(datagram: Uint8Array<ArrayBuffer>, seq: number): void {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  for (let at = 0; at < datagram.length; at += (view.getUint32(at, true) + 3) & ~3) {
    view.setUint16(at + 6, N.NLM_F_MULTI, true);
    view.setUint32(at + 8, seq, true);
  }
}

/** Linux's backend, on a C library that answers every request for links with these messages. */
export function replayed(links: Uint8Array<ArrayBuffer>): LinuxBackend {
  const datagrams = datagramsOf(links);
  const done = buildRequest(N.NLMSG_DONE, 0, 0, new Uint8Array(4), []);
  let answer: Uint8Array<ArrayBuffer>[] = [];
  let errno = 0;
  const symbols = {
    socket: (_domain: number, _type: number, protocol: number): number => {
      if (protocol === N.NETLINK_ROUTE) return 3;
      errno = N.ENOENT; // no wireless support
      return -1;
    },
    bind: () => 0,
    setsockopt: () => 0,
    send: (_fd: number, request: Uint8Array<ArrayBuffer>): number => {
      const view = new DataView(request.buffer, request.byteOffset, request.byteLength);
      answer = view.getUint16(4, true) === N.RTM_GETLINK ? [...datagrams, done] : [done];
      for (const datagram of answer) number(datagram, view.getUint32(8, true));
      return request.length;
    },
    recvfrom: (_fd: number, at: Deno.PointerObject): number => {
      const datagram = answer.shift();
      if (datagram === undefined) {
        errno = N.EAGAIN;
        return -1;
      }
      new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(at, datagram.length)).set(datagram);
      return datagram.length;
    },
  };
  const discovered = new Discovered(LINUX_CAPABILITIES);
  const libc = {
    symbols,
    places: MEMORY,
    discovered,
    errno: () => errno,
    close: () => 0,
    failureOf: refuse,
    failure: refuse,
  };
  return new LinuxBackend(() => libc as unknown as LinuxLibc);
}

function refuse(): never {
  throw new Error("the replayed answer is not whole");
}
