import { bytesOfText } from "../contract/byte_text.ts";
import { uninterrupted } from "../ffi/errno.ts";
import { linuxLibc } from "./libc.ts";
import { O_CLOEXEC, O_RDONLY } from "./numbers.ts";

/** The files that are read here have no more than this. */
const MOST = 4096;

/**
 * The text of a small file under /sys or /proc, or undefined where it cannot be read. It is read through the C library:
 * of Deno's own permissions, a file there needs all.
 */
export function readText(path: string): string | undefined {
  const libc = linuxLibc();
  const name = bytesOfText(`${path}\0`);
  const fd = uninterrupted(libc.errno, () => libc.more.open(name, O_RDONLY | O_CLOEXEC));
  if (fd < 0) return undefined;
  try {
    const bytes = new Uint8Array(new ArrayBuffer(MOST));
    const length = uninterrupted(libc.errno, () => libc.more.read(fd, bytes, BigInt(MOST)));
    return length < 0 ? undefined : new TextDecoder().decode(bytes.subarray(0, length));
  } finally {
    libc.close(fd);
  }
}
