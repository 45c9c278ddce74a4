/** Stands in for `@std/io/write-all`: only what this project uses of it. */

/** Writes all of the bytes, however few are taken at once. */
export async function writeAll(
  writer: { write(bytes: Uint8Array): Promise<number> },
  data: Uint8Array,
): Promise<void> {
  for (let at = 0; at < data.length;) at += await writer.write(data.subarray(at));
}
