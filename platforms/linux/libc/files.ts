import { bytesOfText } from "../../common/byte_text.ts";
import { uninterrupted } from "../../ffi/errno.ts";
import { type LinuxLibc, linuxLibc } from "./libc.ts";
import { O_CLOEXEC, O_NONBLOCK, O_RDONLY } from "../wire/numbers.ts";

/** The files that are read here are not larger than this. */
const MOST = 4096;

function open(libc: LinuxLibc, path: string): number {
  const name = bytesOfText(`${path}\0`);
  return uninterrupted(libc.errno, () => libc.more.open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

/** Whether there is a file of a path that this process may read. */
export function isFile(path: string): boolean {
  const libc = linuxLibc();
  const fd = open(libc, path);
  if (fd < 0) return false;
  libc.close(fd);
  return true;
}

/**
 * The text of a small file under /sys or /proc, or undefined if it cannot be read. It is read through the C library,
 * because Deno itself would require all permissions for such a file.
 */
export function readTextFile(path: string): string | undefined {
  const libc = linuxLibc();
  const fd = open(libc, path);
  if (fd < 0) return undefined;
  try {
    const bytes = new Uint8Array(new ArrayBuffer(MOST));
    const length = uninterrupted(libc.errno, () => libc.waiting.read(fd, bytes, BigInt(MOST)));
    return length < 0 ? undefined : new TextDecoder().decode(bytes.subarray(0, length));
  } finally {
    libc.close(fd);
  }
}

/** The bit of SIGHUP among the signals (signal(7)). */
const SIGHUP = 1n;

/** The status of this process from /proc (proc(5)); undefined if it cannot be read. */
export function processStatus(): string | undefined {
  return readTextFile("/proc/thread-self/status");
}

/** A word of bits in such a text, by its name; 0 if it is missing. */
export function statusBits(status: string | undefined, name: string): bigint {
  const hex = new RegExp(`^${name}:\\s*([0-9a-f]+)$`, "m").exec(status ?? "")?.[1];
  return hex === undefined ? 0n : BigInt(`0x${hex}`);
}

/** Whether this process was started with SIGHUP ignored, as by nohup(1). */
export function ignoresHangUp(): boolean {
  return (statusBits(processStatus(), "SigIgn") & SIGHUP) !== 0n;
}
