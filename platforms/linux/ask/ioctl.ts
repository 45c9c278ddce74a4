import { bytesOfText } from "../../common/byte_text.ts";
import { checkName, checkOptions, NETNS_KINDS } from "../../common/options.ts";
import { InvalidInputError } from "../../contract/errors.ts";
import type { NetnsOptions } from "../../contract/netns.ts";
import { type LinuxLibc, linuxLibc } from "../libc/libc.ts";
import { enter, readNetns } from "../netns/netns.ts";
import * as N from "../wire/numbers.ts";
import { openSocket } from "../libc/socket.ts";

/**
 * The flags of an interface from the SIOCGIFFLAGS ioctl: **16 bits** of a 32-bit word, because `ifr_flags` of struct
 * ifreq (include/uapi/linux/if.h) is a short. LOWER_UP, DORMANT and ECHO cannot be in it. To find out whether an
 * interface works, use `get(name)`, which has all flags. This function is for comparison, and for porting programs that
 * use the ioctl (netdevice(7)).
 *
 * @example
 * ```ts
 * import { capabilities, get } from "@netflags/netflags";
 * import { ioctlFlags } from "@netflags/netflags/linux";
 * import { assertEquals } from "@std/assert";
 *
 * if (capabilities().platform === "linux") {
 *   assertEquals(ioctlFlags("lo"), get("lo")!.flags & 0xffff);
 * }
 * ```
 *
 * @param name The interface's name, at most 15 bytes. Alternative names work if they fit.
 * @param options With `netns`, the network namespace to ask in: a name, a path or a process.
 * @returns The 16 bits, as a number from 0 to 65535.
 * @throws {NoSuchInterfaceError} There is no such interface.
 * @throws {InvalidInputError} The name is empty or longer than the ioctl can take, or there is no such network namespace.
 * @throws {NotPermittedError} The process runs without `--allow-ffi`.
 * @throws {UnsupportedError} This system is not Linux, or the runtime has no foreign functions.
 * @throws {SystemError} The system has no file descriptor left, or another system call failed.
 */
export function ioctlFlags(name: string, options: NetnsOptions = {}): number {
  checkName("read ioctl flags", name);
  checkOptions("read ioctl flags", options, NETNS_KINDS);
  if (options.netns === undefined) return readIoctlFlags(linuxLibc(), name);
  using stay = enter(linuxLibc(), readNetns(options.netns));
  return readIoctlFlags(stay.libc, name);
}

/** The same through a C library, in whose network namespace it asks. */
export function readIoctlFlags(libc: LinuxLibc, name: string): number {
  const what = { operation: "read ioctl flags", interfaceName: name };
  const bytes = bytesOfText(name);
  if (bytes.length === 0 || bytes.length >= N.IFNAMSIZ || bytes.includes(0)) {
    throw new InvalidInputError(
      `Cannot read ioctl flags of interface "${name}": an ioctl takes a name of 1 to 15 bytes; use get for others`,
      what,
    );
  }
  const fd = openSocket(libc, N.AF_INET, N.SOCK_DGRAM, 0, what);
  try {
    const request = new Uint8Array(new ArrayBuffer(N.IFREQ_LEN));
    request.set(bytes);
    if (libc.more.ioctl(fd, N.SIOCGIFFLAGS, request) < 0) throw libc.failure(what);
    return new DataView(request.buffer).getUint16(16, true); // ifr_flags, a signed short, behind ifr_name
  } finally {
    libc.close(fd);
  }
}
