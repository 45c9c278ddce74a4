import { readBytes } from "./command.ts";
import type { InterfaceSelection } from "../watch/selection.ts";

/** The options by which a command selects interfaces, beside their names. */
export const SELECTING = {
  boolean: ["physical", "no-loopback"],
  list: ["kind", "type", "exclude"],
} as const;

/** How they stand in a command's usage. */
export const SELECTING_USAGE = "[--kind K] [--type T] [--physical] [--no-loopback] [--exclude NAME]";

/** What a command's help says of them. */
export const SELECTING_HELP: readonly string[] = [
  "A NAME may be a glob, in quotation marks for the shell: 'en*', 'eth?', 'eth[0-3]', 'eth[!0]'.",
  "--kind K        only those of this kind: veth, bridge, ...; several with commas, or by the option again; globs too",
  "--type T        the same by the hardware type: ether, none, ...",
  "--physical      only those that stand for a device, as far as the system tells: on Linux those without a kind, and of",
  "                the kinds can, dsa, ipoib and wwan; on a BSD by type and name",
  "--no-loopback   no loopback interface",
  "--exclude NAME  not this one, nor those like this glob; several as for --kind",
];

/** The selection that was given; undefined where an option was not. */
export function readSelection(
  options:
    & { readonly [name in typeof SELECTING.boolean[number]]: boolean }
    & {
      readonly [name in typeof SELECTING.list[number]]: readonly string[] | undefined;
    },
): Omit<InterfaceSelection, "names"> {
  return {
    kinds: options.kind,
    types: options.type,
    exclude: options.exclude?.map(readBytes),
    physical: options.physical ? true : undefined,
    loopback: options["no-loopback"] ? false : undefined,
  };
}

/** Whether a selection leaves anything out. */
export function isSelective(selection: InterfaceSelection): boolean {
  return Object.values(selection).some((one) => one !== undefined);
}
