import { flag, list, negation } from "./option.ts";
import type { OptionsOf } from "./parse.ts";
import { readBytes } from "./words.ts";
import type { InterfaceSelection } from "../../select/selection.ts";

/** What a command's help says of names, where a selection is taken. */
export const GLOBS = "NAME may be a glob. Quote it for the shell: 'en*', 'eth?', 'eth[0-3]', 'eth[!0]'.";

/** The options by which a command selects interfaces, beside their names. */
export const SELECTING = {
  kind: list(
    "K",
    "Only interfaces of this kind, like veth or bridge. Give several with commas, or give the option again. A kind may " +
      "be a glob.",
    ["<kinds>"],
  ),
  type: list(
    "T",
    "Only interfaces of this type, like ether or none. It is the hardware type. Give several as for --kind.",
    ["<types>"],
  ),
  physical: flag(
    "Only interfaces of hardware. On Linux they have no kind, or one of can, dsa, ipoib and wwan. On a BSD, type and name " +
      "decide.",
  ),
  loopback: negation("No loopback interface"),
  exclude: list("NAME", "Not this interface. Give several as for --kind.", ["<interfaces>"]),
};

/** The selection that was given; undefined where an option was not. */
export function readSelection(options: OptionsOf<typeof SELECTING>): Omit<InterfaceSelection, "names"> {
  return {
    kinds: options.kind,
    types: options.type,
    exclude: options.exclude?.map(readBytes),
    physical: options.physical ? true : undefined,
    loopback: options.loopback ? undefined : false,
  };
}

/** Whether a selection leaves anything out. */
export function isSelective(selection: InterfaceSelection): boolean {
  return Object.values(selection).some((one) => one !== undefined);
}
