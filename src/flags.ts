import { InvalidInputError } from "../platforms/contract/errors.ts";
import type { FlagInfo } from "../platforms/contract/flag_table.ts";
import type { Platform } from "../platforms/contract/platform.ts";
import { flagsOf, usualPlatform } from "../platforms/current.ts";
import { flagTables } from "../platforms/flags.ts";

/**
 * The names of the bits set in a flag word, lowest bit first, without `IFF_`. Bits without a name on the platform are
 * at the end, as one hexadecimal number. The list is shared and frozen.
 *
 * @example
 * ```ts
 * import { flagNames } from "@netflags/netflags";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(flagNames(4163, "linux"), ["UP", "BROADCAST", "RUNNING", "MULTICAST"]);
 * assertEquals(flagNames(0x80000001, "linux"), ["UP", "0x80000000"]);
 * ```
 *
 * @param word The flag word. A negative word (sign-extended from 16 or 32 bits) is read as unsigned 32 bits.
 * @param platform The system that the flags are for; by default the system in use.
 * @returns The names.
 */
export function flagNames(word: number, platform: Platform = usualPlatform()): readonly string[] {
  return flagsOf(platform).names(word >>> 0);
}

/**
 * Prints a flag word as `ip` and `ifconfig` do.
 *
 * @example
 * ```ts
 * import { formatFlags } from "@netflags/netflags";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatFlags(4163, "linux"), "<UP,BROADCAST,RUNNING,MULTICAST>");
 * assertEquals(formatFlags(0x8843, "netbsd"), "<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST>");
 * ```
 *
 * @param word The flag word, read as unsigned 32 bits.
 * @param platform The system that the flags are for; by default the system in use. MULTICAST is 0x1000 on Linux, 0x8000
 * on a BSD.
 * @returns The names between angle brackets.
 */
export function formatFlags(word: number, platform: Platform = usualPlatform()): string {
  return `<${flagNames(word, platform).join(",")}>`;
}

/**
 * Reads a flag word in any of the forms in which systems print it:
 *
 * - decimal (`4163`), as Linux's ifconfig prints it after `flags=`;
 * - hexadecimal (`0x1043`), as in sysfs;
 * - names (`UP,BROADCAST`, `<UP,LOWER_UP>`, `IFF_UP|IFF_RUNNING`), in any case;
 * - the flags of a line of ifconfig (`flags=4163<UP,...>`). The BSDs print this number in hexadecimal without `0x`, so
 *   the platform decides. If names follow the number, they must agree with it.
 *
 * @example
 * ```ts
 * import { parseFlags } from "@netflags/netflags";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseFlags("flags=4163<UP,BROADCAST,RUNNING,MULTICAST>", "linux"), 0x1043);
 * assertEquals(parseFlags("flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST>", "freebsd"), 0x8843);
 * assertEquals(parseFlags("<UP,LOWER_UP>", "linux"), 0x10001);
 * ```
 *
 * @param text The text to read.
 * @param platform The system that the flags are for; by default the system in use.
 * @returns The word, unsigned.
 * @throws {InvalidInputError} The text has none of these forms, names a flag that the platform does not have, or its
 * number and its names disagree.
 */
export function parseFlags(text: string, platform: Platform = usualPlatform()): number {
  const trimmed = text.trim();
  const line = /^flags\s*=\s*([0-9a-fx]+)\s*(<.*>)?$/i.exec(trimmed);
  if (line !== null) {
    const digits = line[1]!;
    const hexadecimal = platform !== "linux" && !/^0x/i.test(digits);
    const word = parseNumber(hexadecimal ? `0x${digits}` : digits, text);
    const named = line[2];
    if (named !== undefined && parseNames(named, text, platform) !== word) {
      throw new InvalidInputError(
        `Cannot read flags "${text}": the number says ${formatFlags(word, platform)} on ${platform}; ` +
          `give the platform that printed it`,
      );
    }
    return word;
  }
  return /^[0-9]/.test(trimmed) ? parseNumber(trimmed, text) : parseNames(trimmed, text, platform);
}

function parseNumber(digits: string, text: string): number {
  const word = /^(0x[0-9a-f]+|[0-9]+)$/i.test(digits) ? Number(digits) : NaN;
  if (!(word <= 0xffffffff)) {
    throw new InvalidInputError(
      `Cannot read flags "${text}": not a decimal or 0x-hexadecimal number of at most 32 bits`,
    );
  }
  return word;
}

function parseNames(names: string, text: string, platform: Platform): number {
  const inner = /^<(.*)>$/.exec(names)?.[1] ?? names;
  if (inner === "" && names !== "") return 0;
  let word = 0;
  for (const part of inner.split(/[\s,|]+/)) {
    if (/^0x[0-9a-f]+$/i.test(part)) word |= parseNumber(part, text);
    else word |= findFlag(part, platform)?.bit ?? refuseFlag(part, text, platform);
  }
  return word >>> 0;
}

/** A flag by its name. What another machine printed may be of an older version. */
function findFlag(name: string, platform: Platform): FlagInfo | undefined {
  return flagsOf(platform).find(name) ??
    flagTables(platform).map((table) => table.find(name)).find((found) => found !== undefined);
}

function refuseFlag(part: string, text: string, platform: Platform): never {
  const known = flagTable(platform).map((info) => info.name).join(", ");
  throw new InvalidInputError(`Cannot read flags "${text}": no flag "${part}" on ${platform}; it has ${known}`);
}

/**
 * Every flag of a platform, lowest bit first.
 *
 * @example
 * ```ts
 * import { flagTable } from "@netflags/netflags";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(flagTable("linux").filter((flag) => flag.bit > 0xffff).map((flag) => flag.name), [
 *   "LOWER_UP",
 *   "DORMANT",
 *   "ECHO",
 * ]);
 * ```
 *
 * @param platform The system; by default the system in use.
 * @returns The flags.
 */
export function flagTable(platform: Platform = usualPlatform()): readonly FlagInfo[] {
  return flagsOf(platform).infos;
}
