import type { OptionHelp } from "./command.ts";
import type { Netns } from "../../../platforms/contract/netns.ts";
import { isFile } from "../../../platforms/linux/libc/files.ts";
import { NAMES } from "../../../platforms/linux/netns/netns.ts";

/** What a command's help says of the option. */
export const NETNS: OptionHelp = [
  "--netns N",
  "Look in another network namespace (Linux). N is a name from ip netns list, a path with a slash in it, or the number of " +
  "a process. Where a namespace has that number for its name, it is that one, as for ip. Needs root, or CAP_SYS_ADMIN " +
  "there and here.",
  ["<namespaces>"],
];

/** The same of a command that goes on. */
export const NETNS_UNTIL_GONE: OptionHelp = [
  NETNS[0],
  `${NETNS[1]} When the name or the process is gone, the command ends with an error and status 1.`,
  ["<namespaces>"],
];

/** The network namespace that was given. Digits alone are a process, unless one has them for its name: so ip has it. */
export function readNetnsOption(text: string | undefined): Netns | undefined {
  if (text === undefined || !/^[0-9]+$/.test(text)) return text;
  return Deno.build.os === "linux" && isFile(`${NAMES}/${text}`) ? text : Number(text);
}
