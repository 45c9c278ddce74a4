import { checkName, checkOptions, NETNS_KINDS } from "../platforms/common/options.ts";
import { InvalidInputError, noSuchInterface } from "../platforms/contract/errors.ts";
import type { FlagInfo } from "../platforms/contract/flag_table.ts";
import type { NetnsOptions } from "../platforms/contract/netns.ts";
import type { InterfaceStatus } from "../platforms/contract/status.ts";
import type { Platform } from "../platforms/contract/platform.ts";
import { askIn, flagsOf, knownPlatform } from "../platforms/current.ts";

/** The flags that a user may set on at least one system: the keys of {@linkcode FlagChanges}. */
export type SettableFlag =
  | "up"
  | "debug"
  | "notrailers"
  | "unnumbered"
  | "staticarp"
  | "noarp"
  | "promisc"
  | "allmulti"
  | "multicast"
  | "portsel"
  | "automedia"
  | "dynamic"
  | "link0"
  | "link1"
  | "link2"
  | "ppromisc"
  | "pallmulti"
  | "monitor"
  | "stickyarp";

/** Flags to set (true) and to clear (false). All other flags keep their value. */
export type FlagChanges = { readonly [flag in SettableFlag]?: boolean | undefined };

/**
 * Sets and clears flags of an interface and leaves its other flags alone. On Linux it uses RTM_SETLINK with a mask of
 * the flags to change (rtnetlink(7)), on a BSD SIOCGIFFLAGS and SIOCSIFFLAGS. It needs root or CAP_NET_ADMIN on Linux,
 * and the super-user on a BSD.
 *
 * @example
 * ```ts
 * import { NotPermittedError, setFlags } from "@netflags/netflags";
 * import { FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * using system = new FakeSystem(); // leave this out to change a real interface
 * system.add("eth0");
 * assertEquals(setFlags("eth0", { up: true, noarp: true }).flagNames, ["UP", "BROADCAST", "NOARP", "MULTICAST"]);
 * ```
 *
 * @param name The interface's name.
 * @param changes What to set and to clear.
 * @param options With `netns`, an interface in another network namespace ({@linkcode ListOptions.netns}).
 * @returns The state afterwards. A flag that other programs hold too, such as promisc, may still be set.
 * @throws {InvalidInputError} The system has no such flag, or only the kernel sets it, or there is no such network
 * namespace. Nothing was changed.
 * @throws {NoSuchInterfaceError} There is no such interface.
 * @throws {NotPermittedError} The process lacks the privilege, or runs without `--allow-ffi`.
 * @throws {UnsupportedError} netflags does not support this system.
 * @throws {SystemError} The system has no file descriptor left, or another system call failed.
 */
export function setFlags(
  name: string,
  changes: FlagChanges,
  options: NetnsOptions = {},
): InterfaceStatus {
  checkOptions("set flags", options, NETNS_KINDS);
  const { set, clear } = readFlagChanges(name, changes, knownPlatform());
  return askIn(options.netns, (backend) => {
    if ((set | clear) !== 0) backend.setFlags(name, set, clear);
    return backend.get(name) ?? refuse(name);
  });
}

/**
 * The changes as two words: flags to set, and flags to clear.
 *
 * @throws {InvalidInputError} The platform has no such flag, or only the kernel sets it.
 */
export function readFlagChanges(
  name: string,
  changes: FlagChanges,
  platform: Platform,
): { readonly set: number; readonly clear: number } {
  checkName("set flags", name);
  if (typeof changes !== "object" || changes === null) {
    throw new InvalidInputError(`Cannot set flags of interface "${name}" to ${changes}: give { up: true }`);
  }
  let set = 0;
  let clear = 0;
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) continue;
    const bit = settableBit(name, key, platform);
    if (typeof value !== "boolean") {
      throw new InvalidInputError(`Cannot set flag "${key}" of interface "${name}" to ${value}: give true or false`);
    }
    if (value) set |= bit;
    else clear |= bit;
  }
  return { set: set >>> 0, clear: clear >>> 0 };
}

function refuse(name: string): never {
  throw noSuchInterface(name, "set flags");
}

function settableBit(name: string, key: string, platform: Platform): number {
  const flags = flagsOf(platform);
  const flag = flags.find(key);
  if (flag === undefined) {
    const known = flags.infos.filter(({ settable }: FlagInfo) => settable).map((one) => one.name.toLowerCase()).join(
      ", ",
    );
    throw new InvalidInputError(`Cannot set flag "${key}" of interface "${name}": ${platform} has ${known}`);
  }
  if (!flag.settable) {
    const own = flags.find(`P${flag.name}`); // PPROMISC and PALLMULTI are those of a user
    throw new InvalidInputError(
      `Cannot set flag "${key}" of interface "${name}": the kernel sets it by itself (${flag.meaning})` +
        (own?.settable === true ? `; set ${own.name} instead` : ""),
    );
  }
  return flag.bit;
}
