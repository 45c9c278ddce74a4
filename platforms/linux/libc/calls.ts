import type { Discovered } from "../../common/discovered.ts";
import type { NetflagsError, SystemFailure } from "../../contract/errors.ts";
import type { Memory, PointerValue } from "../../ffi/memory.ts";
import type { Ready, Registration } from "../../ffi/poller.ts";
import type { Packet } from "../wire/netlink.ts";
import type { Gatherer } from "./gatherer.ts";

/** The error of a failed call, without what the system itself knows of it. */
export type CallFailure = Omit<SystemFailure, "code" | "privilege">;

/**
 * What netlink and an ioctl need of the C library and of the wait for descriptors. {@linkcode LinuxLibc} has it from the system; a
 * kernel in memory has it of its own.
 */
export interface NetlinkCalls {
  readonly symbols: {
    socket(domain: number, type: number, protocol: number): number;
    bind(fd: number, address: Uint8Array<ArrayBuffer>, length: number): number;
    setsockopt(fd: number, level: number, name: number, value: Uint8Array<ArrayBuffer>, length: number): number;
    send(fd: number, bytes: Uint8Array<ArrayBuffer>, length: bigint, flags: number): number;
    recvfrom(
      fd: number,
      at: PointerValue,
      length: bigint,
      flags: number,
      sender: PointerValue,
      senderLength: PointerValue,
    ): number;
  };
  /** The functions that few questions need. */
  readonly more: {
    ioctl(fd: number, request: number, ifreq: Uint8Array<ArrayBuffer>): number;
  };
  /** The memory whose places the calls take. */
  readonly places: Memory;
  /** What is known of the kernel. */
  readonly discovered: Discovered;
  /** What is done around the making of a socket; undefined where there is nothing to do. */
  readonly around: ((open: () => number) => number) | undefined;
  /** This thread's errno; call it straight after the call that failed. */
  readonly errno: () => number;
  /** What waits for this thread's descriptors. */
  readonly waiter: { add(fd: number, ready: Ready, failed: (error: unknown) => void): Registration };
  /** The error for the call that has just failed. */
  failure(what: CallFailure): NetflagsError;
  /** The error for an error number, with the kernel's own text where it gave one. */
  failureOf(errno: number, what: CallFailure): NetflagsError;
  /**
   * Has the kernel drop messages of a socket by a program (SO_ATTACH_FILTER): struct sock_filter, one after the other.
   * Returns false where there is no such thing.
   */
  attachFilter(fd: number, program: Uint8Array): boolean;
  /**
   * What receives up to `slots` datagrams by one call into a packet. Absent, or undefined, where they are received one by
   * one.
   */
  gatherer?(packet: Packet, slots: number): Gatherer | undefined;
  /**
   * An ioctl whose struct ifreq points to more (ifr_data), which the kernel reads and writes: an ArrayBuffer of its own,
   * not of a few bytes. Returns whether it was done.
   */
  ioctlWith(
    fd: number,
    request: number,
    ifreq: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
  ): boolean;
  close(fd: number): void;
}
