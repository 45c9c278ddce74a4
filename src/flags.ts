import { SYSTEMS } from "../platforms/bsd/systems.ts";
import type { FlagRow } from "../platforms/contract/flag_table.ts";
import { LINUX_FLAGS } from "../platforms/linux/flags.ts";
import { InvalidInputError } from "../platforms/contract/errors.ts";
import { hostPlatform, type Platform } from "../platforms/contract/platform.ts";

/** One interface flag of one platform. */
export interface FlagInfo {
  /** The kernel's name without `IFF_`. */
  readonly name: string;
  /** The flag's bit, as a number with that bit set. */
  readonly bit: number;
  /** What it says of an interface. */
  readonly meaning: string;
  /** Whether the kernel or the driver sets it, so that what a user writes there is ignored. */
  readonly volatile: boolean;
  /** Whether a user may set and clear it. */
  readonly settable: boolean;
}

class FlagTable {
  readonly infos: readonly FlagInfo[];
  readonly byName: ReadonlyMap<string, FlagInfo>;
  readonly #names = new Map<number, readonly string[]>();

  constructor(rows: readonly FlagRow[]) {
    this.infos = rows
      .map(([bit, name, change, meaning]) =>
        Object.freeze({ name, bit, meaning, volatile: change === "volatile", settable: change === "settable" })
      )
      .sort((a, b) => a.bit - b.bit);
    this.byName = new Map(this.infos.map((info) => [info.name, info]));
  }

  /** Few words occur on a machine, so each word's list is made once; the bound is against a hostile stream of words. */
  names(word: number): readonly string[] {
    let names = this.#names.get(word);
    if (names === undefined) {
      const known = this.infos.filter((info) => (word & info.bit) !== 0);
      const rest = known.reduce((left, info) => left & ~info.bit, word) >>> 0;
      names = Object.freeze([...known.map((info) => info.name), ...(rest === 0 ? [] : [hex(rest)])]);
      if (this.#names.size >= 1024) this.#names.clear();
      this.#names.set(word, names);
    }
    return names;
  }
}

const TABLES: Readonly<Record<Platform, FlagTable>> = {
  linux: new FlagTable(LINUX_FLAGS),
  netbsd: new FlagTable(SYSTEMS.netbsd.flags),
  freebsd: new FlagTable(SYSTEMS.freebsd.flags),
  openbsd: new FlagTable(SYSTEMS.openbsd.flags),
  dragonfly: new FlagTable(SYSTEMS.dragonfly.flags),
  darwin: new FlagTable(SYSTEMS.darwin.flags),
};

function hex(word: number): string {
  return `0x${word.toString(16)}`;
}

/** This machine's platform; Linux's flags where netflags does not know the machine. */
function defaultPlatform(): Platform {
  return hostPlatform() ?? "linux";
}

/**
 * The names of the bits set in a flag word, lowest bit first, without `IFF_`. Bits that the platform has no name for
 * stand together at the end as one hexadecimal number. The list is shared and frozen.
 *
 * @param word The flag word; a negative one (a sign-extended 16-bit or 32-bit word) is taken as its unsigned 32 bits.
 * @param platform Whose flags they are; by default this machine's.
 */
export function flagNames(word: number, platform: Platform = defaultPlatform()): readonly string[] {
  return TABLES[platform].names(word >>> 0);
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
 * @param word The flag word, taken as its unsigned 32 bits.
 * @param platform Whose flags they are; by default this machine's. MULTICAST is 0x1000 on Linux, 0x8000 on a BSD.
 */
export function formatFlags(word: number, platform: Platform = defaultPlatform()): string {
  return `<${flagNames(word, platform).join(",")}>`;
}

/**
 * Reads a flag word in any of the forms in which systems print it:
 *
 * - decimal (`4163`), as Linux's ifconfig has it after `flags=`;
 * - hexadecimal (`0x1043`), as sysfs has it;
 * - names (`UP,BROADCAST`, `<UP,LOWER_UP>`, `IFF_UP|IFF_RUNNING`), in any case;
 * - a line's part as ifconfig prints it (`flags=4163<UP,...>`). The BSDs print that number in hexadecimal without
 *   `0x`, so the platform decides; where names stand behind it, they must agree with the number.
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
 * @param platform Whose flags they are; by default this machine's.
 * @throws {InvalidInputError} The text has none of these forms, names a flag that the platform does not have, or its
 * number and its names disagree.
 */
export function parseFlags(text: string, platform: Platform = defaultPlatform()): number {
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
    else word |= flagInfo(part, platform)?.bit ?? refuseFlag(part, text, platform);
  }
  return word >>> 0;
}

function refuseFlag(part: string, text: string, platform: Platform): never {
  const known = flagTable(platform).map((info) => info.name).join(", ");
  throw new InvalidInputError(`Cannot read flags "${text}": no flag "${part}" on ${platform}; it has ${known}`);
}

/**
 * What a platform's flag means and who may change it.
 *
 * @example
 * ```ts
 * import { flagInfo } from "@netflags/netflags";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(flagInfo("RUNNING", "linux")?.volatile, true);
 * assertEquals(flagInfo("IFF_MULTICAST", "netbsd")?.bit, 0x8000);
 * assertEquals(flagInfo(0x10000, "linux")?.name, "LOWER_UP");
 * ```
 *
 * @param flag The flag's name, with or without `IFF_`, in any case, or its bit.
 * @param platform Whose flag it is; by default this machine's.
 * @returns The flag, or undefined where the platform has no such one.
 */
export function flagInfo(flag: string | number, platform: Platform = defaultPlatform()): FlagInfo | undefined {
  const table = TABLES[platform];
  return typeof flag === "number"
    ? table.infos.find((info) => info.bit === flag)
    : table.byName.get(flag.toUpperCase().replace(/^IFF_/, ""));
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
 * @param platform Whose flags; by default this machine's.
 */
export function flagTable(platform: Platform = defaultPlatform()): readonly FlagInfo[] {
  return TABLES[platform].infos;
}
