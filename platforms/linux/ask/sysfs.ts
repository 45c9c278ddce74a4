import type { SysfsView } from "../../contract/host.ts";
import type { InterfaceStatus } from "../../contract/status.ts";
import { readTextFile } from "../libc/files.ts";

/** Reads a file of an interface's directory in sysfs; undefined if there is none. */
export type SysfsReader = (name: string, file: string) => string | undefined;

function readSysfs(name: string, file: string): string | undefined {
  if (name.includes("/") || name.includes("\0")) return undefined;
  return readTextFile(`/sys/class/net/${name}/${file}`)?.trim();
}

/**
 * The flags of an interface from /sys/class/net/NAME/flags: `dev->flags` as the kernel keeps it, without RUNNING,
 * LOWER_UP and DORMANT, which it computes for each reader. sysfs shows the network namespace in which it was mounted,
 * which need not be this process's. {@linkcode sysfsView} finds out.
 *
 * @param name The interface's name.
 * @returns The word, or undefined if sysfs has no such interface.
 */
export function sysfsFlags(name: string): number | undefined {
  const text = readSysfs(name, "flags");
  return text !== undefined && /^0x[0-9a-f]+$/.test(text) ? Number(text) : undefined;
}

/** Hardware addresses as sysfs writes them. One with only zeros, as lo has everywhere, identifies nothing. */
const TELLING = /^(?!00(?::00)*$)[0-9a-f]{2}(?::[0-9a-f]{2}){5,}$/;

/**
 * Finds out whether sysfs shows this interface, or one of the same name in another network namespace: no file says for
 * which namespace it was mounted. An index may be the same in both, as for lo, but a hardware address is not. An
 * interface without a hardware address is believed if sysfs shows another interface of the same namespace correctly,
 * which has one.
 *
 * @param status The interface as netlink reports it.
 * @param all Returns every interface of this namespace. It is called only if the first one has no identifying address.
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
  // The addresses of tunnels have another format here.
  return !isTelling(status) || read(status.name, "address") === status.hardwareAddress;
}
