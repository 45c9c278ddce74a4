import { linuxLibc } from "./libc.ts";
import { O_CLOEXEC, O_RDONLY } from "./numbers.ts";

/**
 * The flags of an interface as /sys/class/net/NAME/flags has them: `dev->flags` as the kernel keeps it, without RUNNING,
 * LOWER_UP and DORMANT, which it works out for each reader. sysfs shows the network namespace that it was mounted in,
 * which need not be this process's.
 *
 * It is read through the C library: of Deno's own permissions, a file under /sys needs all.
 *
 * @param name The interface's name.
 * @returns The word, or undefined where sysfs has no such interface.
 */
export function sysfsFlags(name: string): number | undefined {
  if (name.includes("/") || name.includes("\0")) return undefined;
  const libc = linuxLibc();
  const path = new TextEncoder().encode(`/sys/class/net/${name}/flags\0`);
  const fd = libc.more.open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return undefined;
  try {
    const bytes = new Uint8Array(new ArrayBuffer(32));
    const length = libc.more.read(fd, bytes, 32n);
    const text = new TextDecoder().decode(bytes.subarray(0, Math.max(0, length))).trim();
    return /^0x[0-9a-f]+$/.test(text) ? Number(text) : undefined;
  } finally {
    libc.close(fd);
  }
}
