import { checkName, checkOptions, NETNS_KINDS } from "../platforms/common/options.ts";
import type { Backend } from "../platforms/contract/backend.ts";
import { UnsupportedError } from "../platforms/contract/errors.ts";
import type { NetnsOptions } from "../platforms/contract/netns.ts";
import { askIn } from "../platforms/current.ts";

function read(backend: Backend, name: string): number {
  if (backend.ioctlFlags !== undefined) return backend.ioctlFlags(name);
  throw new UnsupportedError(
    `Cannot read ioctl flags on ${backend.capabilities.platform ?? "this system"}: get has the same word`,
    { operation: "read ioctl flags", interfaceName: name },
  );
}

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
  return askIn(options.netns, (backend) => read(backend, name));
}
