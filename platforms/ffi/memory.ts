/** A place in memory. */
export type Pointer = Deno.PointerObject;
/** A place in memory, or null. */
export type PointerValue = Deno.PointerValue;

/** Where bytes stand. Their ArrayBuffer must be an own one, not of a few bytes: those have an address that stays. */
export function pointerTo(bytes: Uint8Array<ArrayBuffer>): Pointer {
  return Deno.UnsafePointer.of(bytes)!;
}

/** An address as a number, for a structure that holds it. */
export function addressOf(pointer: Pointer): bigint {
  return Deno.UnsafePointer.value(pointer);
}

/** The text at a place, up to its NUL; empty where there is none. */
export function textAt(pointer: PointerValue): string {
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}
