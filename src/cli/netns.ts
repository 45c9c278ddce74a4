import { isFile } from "../../platforms/linux/files.ts";
import { NAMES } from "../../platforms/linux/netns.ts";

/** How the option stands in a command's usage. */
export const NETNS_USAGE = "[--netns NAME|PATH|PID]";

/** What a command's help says of it. */
export const NETNS_HELP: readonly string[] = [
  "--netns N       in another network namespace (Linux): a name of ip netns list, a path with /, or the number of a process,",
  "                unless a namespace has that number for its name, as for ip; needs root, or CAP_SYS_ADMIN there and here",
];

/** The same of a command that goes on. */
export const NETNS_END_HELP =
  "                when the name or the process is gone, it ends with an error and status 1";

/** The network namespace that was given. Digits alone are a process, unless one has them for its name: so ip has it. */
export function readNetnsOption(text: string | undefined): string | number | undefined {
  if (text === undefined || !/^[0-9]+$/.test(text)) return text;
  return Deno.build.os === "linux" && isFile(`${NAMES}/${text}`) ? text : Number(text);
}
