import type { Valued } from "./option.ts";
import { currentBackend } from "../../../platforms/current.ts";
import type { Netns } from "../../../platforms/contract/netns.ts";

export const NETNS: Valued<Netns> = {
  form: "value",
  text:
    "Ask in another network namespace (Linux). N is a name of ip netns list, a path with a slash in it, or the id of a " +
    "process. If a namespace has that number as its name, it is meant, as for ip. Needs root, or CAP_SYS_ADMIN there and " +
    "here.",
  value: "N",
  candidates: ["<namespaces>"],
  read: readNetns,
};

/** The same of a command that goes on. */
export const NETNS_UNTIL_GONE: Valued<Netns> = {
  ...NETNS,
  text: `${NETNS.text} When the name or the process is gone, the command ends with an error and status 1.`,
};

/** The network namespace that was given. Digits alone are a process, unless one has them for its name: so ip has it. */
export function readNetns(text: string): Netns {
  if (!/^[0-9]+$/.test(text)) return text;
  return currentBackend().host?.hasNetns?.(text) ? text : Number(text);
}
