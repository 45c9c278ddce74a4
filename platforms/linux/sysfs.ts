import type { InterfaceStatus } from "../contract/status.ts";
import { readText } from "./files.ts";

/** Reads a file of an interface's directory in sysfs; undefined where there is none. */
export type SysfsReader = (name: string, file: string) => string | undefined;

function readSysfs(name: string, file: string): string | undefined {
  if (name.includes("/") || name.includes("\0")) return undefined;
  return readText(`/sys/class/net/${name}/${file}`)?.trim();
}

/**
 * The flags of an interface as /sys/class/net/NAME/flags has them: `dev->flags` as the kernel keeps it, without RUNNING,
 * LOWER_UP and DORMANT, which it works out for each reader. sysfs shows the network namespace that it was mounted in,
 * which need not be this process's: {@linkcode sysfsView} tells.
 *
 * @param name The interface's name.
 * @returns The word, or undefined where sysfs has no such interface.
 */
export function sysfsFlags(name: string): number | undefined {
  const text = readSysfs(name, "flags");
  return text !== undefined && /^0x[0-9a-f]+$/.test(text) ? Number(text) : undefined;
}

/**
 * Whose interface it is that sysfs shows under a name: this one; that of another network namespace; one of which
 * nothing tells whose it is; or none.
 */
export type SysfsView = "this" | "another" | "unknown" | "none";

/** Hardware addresses as sysfs writes them; one of zeros alone, as lo has it everywhere, tells nothing. */
const TELLING = /^(?!00(?::00)*$)[0-9a-f]{2}(?::[0-9a-f]{2}){5,}$/;

/**
 * Finds out whether sysfs shows this interface, or one of the same name in another network namespace: no file says for
 * which namespace it was mounted. An index may be the same in both, as that of lo is; a hardware address is not. An
 * interface without one is believed where another one of the same namespace, which has one, is found as it is.
 *
 * @param status The interface as netlink tells it.
 * @param all Gives every interface of this namespace; called only where the first has no telling address.
 * @param read Reads sysfs.
 */
export function sysfsView(
  status: InterfaceStatus,
  all: () => Iterable<InterfaceStatus>,
  read: SysfsReader = readSysfs,
): SysfsView {
  const index = read(status.name, "ifindex");
  if (index === undefined) return "none";
  if (!isSame(status, index, read)) return "another";
  if (isTelling(status)) return "this";
  for (const other of all()) {
    if (isTelling(other)) return isSame(other, read(other.name, "ifindex"), read) ? "this" : "another";
  }
  return "unknown";
}

function isTelling({ hardwareAddress }: InterfaceStatus): boolean {
  return hardwareAddress !== undefined && TELLING.test(hardwareAddress);
}

function isSame(status: InterfaceStatus, index: string | undefined, read: SysfsReader): boolean {
  if (index !== String(status.index)) return false;
  // Those of tunnels are written in another way here.
  return !isTelling(status) || read(status.name, "address") === status.hardwareAddress;
}
