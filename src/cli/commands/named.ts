import type { Netns } from "../../../platforms/contract/netns.ts";
import type { InterfaceDetails } from "../../../platforms/contract/details.ts";
import { noSuchInterface } from "../../../platforms/contract/errors.ts";
import { inspect, list } from "../../query.ts";
import { isGlob } from "../../select/glob.ts";
import { Selection } from "../../select/selection.ts";
import { MissingWordError } from "../options/words.ts";

/** Details of interfaces, and the first name that is none's. */
export interface Named {
  readonly found: readonly InterfaceDetails[];
  readonly missing: string | undefined;
}

/**
 * Asks about interfaces by names and globs, in the order of the words, each once.
 *
 * @throws {MissingWordError} There is no word.
 */
export function inspectNamed(words: readonly string[], netns: Netns | undefined): Named {
  if (words.length === 0) throw new MissingWordError("NAME is missing");
  const every = words.some(isGlob) ? list({ addresses: false, netns }) : [];
  const found = new Map<number, InterfaceDetails>();
  let missing: string | undefined;
  for (const word of words) {
    const selection = new Selection({ names: word });
    const matches = isGlob(word) ? every.filter((status) => selection.has(status)).map(({ index }) => index) : [word];
    const details = matches.map((one) => inspect(one, { netns })).filter((one) => one !== undefined);
    if (details.length === 0) missing ??= word;
    for (const one of details) if (!found.has(one.index)) found.set(one.index, one);
  }
  return { found: [...found.values()], missing };
}

/** Fails for the name that is none's, after the others were printed. */
export function checkNamed({ missing }: Named): void {
  if (missing !== undefined) throw noSuchInterface(missing);
}
