import { type OptionHelp, readBytes } from "./command.ts";
import type { InterfaceSelection } from "../../select/selection.ts";

/** The options by which a command selects interfaces, beside their names. */
export const SELECTING = {
  boolean: ["physical", "no-loopback"],
  list: ["kind", "type", "exclude"],
} as const;

/** What a command's help says of names, where a selection is taken. */
export const GLOBS = "NAME may be a glob. Quote it for the shell: 'en*', 'eth?', 'eth[0-3]', 'eth[!0]'.";

/** What a command's help says of the options. */
export const SELECTING_OPTIONS: readonly OptionHelp[] = [
  [
    "--kind K",
    "Only interfaces of this kind: veth, bridge and so on. Give several with commas, or give the option again. Globs work " +
    "too.",
    ["<kinds>"],
  ],
  [
    "--type T",
    "Only interfaces of this hardware type: ether, none and so on. Several and globs as for --kind.",
    ["<types>"],
  ],
  [
    "--physical",
    "Only interfaces that stand for a device, as far as the system tells. On Linux they have no kind, or one of can, dsa, " +
    "ipoib and wwan. On a BSD, type and name tell.",
  ],
  ["--no-loopback", "No loopback interface"],
  ["--exclude NAME", "Not this interface. Several and globs as for --kind.", ["<interfaces>"]],
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
