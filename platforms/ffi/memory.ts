import type { Pointer, PointerValue } from "./contract.ts";
import { runtime } from "./runtime.ts";

export type { Pointer, PointerValue } from "./contract.ts";

/** Where bytes stand. Their ArrayBuffer must be an own one, not of a few bytes: those have an address that stays. */
export function pointerTo(bytes: Uint8Array<ArrayBuffer>): Pointer {
  return runtime().pointerTo(bytes);
}

/** An address as a number, for a structure that holds it. */
export function addressOf(pointer: Pointer): bigint {
  return runtime().addressOf(pointer);
}

/** The text at a place, up to its NUL; empty where there is none. */
export function textAt(pointer: PointerValue): string {
  return pointer === null ? "" : runtime().textAt(pointer);
}

/** Where the bytes stand that a C library is handed: the machine's memory, or what stands for it. */
export interface Memory {
  /** The place of some bytes. */
  pointerTo(bytes: Uint8Array<ArrayBuffer>): Pointer;
}

/** The machine's memory. */
export const MEMORY: Memory = Object.freeze({ pointerTo });

/** The bytes that stand at a place, as many as are said: nobody may touch them when the memory is given back. */
export function bytesAt(pointer: Pointer, length: number): ArrayBuffer {
  return runtime().bytesAt(pointer, length);
}

/** The place of an address; undefined where it is 0, or that of a failed mmap(2). */
export function pointerAt(address: bigint): Pointer | undefined {
  return address === 0n || BigInt.asIntN(64, address) === -1n ? undefined : runtime().pointerAt(address);
}
