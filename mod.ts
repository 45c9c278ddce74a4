/**
 * The real state of network interfaces, and each change of it as it happens, on Linux and the BSDs, over nothing but the
 * system's C library. It needs `--allow-ffi`; reading needs no privilege of the system's.
 *
 * @example
 * ```ts
 * import { active, capabilities, list, waitFor, watch } from "@netflags/netflags";
 *
 * if (capabilities().platform === "linux") {
 *   console.log(list().map(({ name, operState }) => `${name} is ${operState}`));
 *   console.log("really connected:", active().map(({ name }) => name));
 *   await waitFor("lo", "present", { timeout: 1000 });
 *   for await (const { type, interface: card, changed } of watch({ initial: true })) {
 *     console.log(type, card.name, changed);
 *     break;
 *   }
 * }
 * ```
 *
 * @module
 */
export {
  InvalidInputError,
  NetflagsError,
  NoSuchInterfaceError,
  NotPermittedError,
  SystemError,
  UnsupportedError,
  WaitTimeoutError,
} from "./platforms/contract/errors.ts";
export type { Capabilities } from "./platforms/contract/capabilities.ts";
export type { InterfaceDetails } from "./platforms/contract/details.ts";
export type { FlagInfo } from "./platforms/contract/flag_table.ts";
export type { Platform } from "./platforms/contract/platform.ts";
export type {
  InterfaceAddress,
  InterfaceMedia,
  InterfaceMove,
  InterfaceStatus,
  LinkMode,
  LinkState,
  OperState,
  StatusField,
  WirelessState,
} from "./platforms/contract/status.ts";
export { flagNames, flagTable, formatFlags, parseFlags } from "./src/flags.ts";
export { active, capabilities, get, list } from "./src/query.ts";
export { type FlagChanges, setFlags, type SettableFlag } from "./src/set_flags.ts";
export type { WaitCondition } from "./src/watch/conditions.ts";
export type { InterfaceChange, InterfaceEvent } from "./src/watch/event.ts";
export type { ListOptions } from "./src/watch/selection.ts";
export { waitFor, type WaitOptions } from "./src/watch/wait_for.ts";
export { type InterfaceWatcher, watch, type WatchOptions } from "./src/watch/watch.ts";
