import { BSD_FLAGS } from "./bsd/systems/flags.ts";
import { checkWord } from "./common/options.ts";
import type { FlagTable } from "./contract/flag_table.ts";
import { type Platform, PLATFORMS } from "./contract/platform.ts";
import { LINUX_FLAGS } from "./linux/wire/flags.ts";

/** The flags of every system: those of its newest version, then those of older versions that differ. */
const FLAGS: Readonly<Record<Platform, readonly [FlagTable, ...FlagTable[]]>> = { linux: [LINUX_FLAGS], ...BSD_FLAGS };

/**
 * The flags of a system that a caller names: those of its newest version, then those of older versions that differ.
 *
 * @throws {InvalidInputError} There is no such platform.
 */
export function flagTables(platform: Platform): readonly [FlagTable, ...FlagTable[]] {
  return FLAGS[checkWord("platform", platform, PLATFORMS)];
}
