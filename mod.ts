/**
 * Find out which network interfaces are connected, wait until one is, and react to each change as it happens. It runs
 * on Linux and the BSDs, and uses only the system's C library.
 *
 * It needs `--allow-ffi`. Reading needs no root and no other privilege.
 *
 * `@netflags/netflags/testing` has interfaces in memory, for tests. `@netflags/netflags/linux` and `/bsd` have the
 * parts that only one system has, and the decoders of captured messages.
 *
 * @example Which interfaces are connected? A card without a cable is up, but not connected
 * ```ts
 * import { active, list } from "@netflags/netflags";
 *
 * console.log(active({ loopback: false }).map(({ name }) => name));
 * for (const { name, up, connected, flagNames } of list()) console.log(name, up, connected, flagNames.join(","));
 * ```
 *
 * @example Wait until an interface works
 * ```ts
 * import { waitFor, WaitTimeoutError } from "@netflags/netflags";
 *
 * try {
 *   const card = await waitFor("eth0", ["connected", "global-address"], { timeout: 100 });
 *   console.log(card?.addresses);
 * } catch (error) {
 *   if (!(error instanceof WaitTimeoutError)) throw error;
 *   console.log(error.message); // which interface does not fulfil the condition, and its state
 * }
 * ```
 *
 * @example React to each change
 * ```ts
 * import { watch } from "@netflags/netflags";
 *
 * for await (const { type, status: card, changed } of watch({ initial: true, signal: AbortSignal.timeout(50) })) {
 *   if (type === "removed" || type === "left") console.log(card.name, "is gone");
 *   else if (changed.includes("connected")) console.log(card.name, card.connected);
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
export type {
  AddressDetails,
  AddressLifetime,
  BondState,
  Cause,
  CauseCode,
  HardwareState,
  InterfaceDetails,
  PortState,
} from "./platforms/contract/details.ts";
export type { FlagInfo } from "./platforms/contract/flag_table.ts";
export type { Netns, NetnsOptions } from "./platforms/contract/netns.ts";
export type { Route } from "./platforms/contract/route.ts";
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
  WirelessLink,
  WirelessState,
} from "./platforms/contract/status.ts";
export { flagNames, flagTable, formatFlags, parseFlags } from "./src/flags.ts";
export { active, capabilities, get, type GetOptions, inspect, list, route } from "./src/query.ts";
export { type FlagChanges, setFlags, type SettableFlag } from "./src/set_flags.ts";
export {
  type Fulfilled,
  holds,
  type NamedCondition,
  type StatusPredicate,
  type WaitCondition,
} from "./src/wait/conditions.ts";
export { usable } from "./src/wait/usable.ts";
export type { InterfaceChange, InterfaceEvent } from "./src/table/event.ts";
export type { ListOptions } from "./src/select/selection.ts";
export type { WaitOptions } from "./src/wait/wait.ts";
export { waitFor, waitForAll, waitForAny } from "./src/wait/wait_for.ts";
export type { Flaps, History, Outage } from "./src/watch/history.ts";
export { type InterfaceWatcher, watch } from "./src/watch/watch.ts";
export type { WatchOptions } from "./src/watch/watch_options.ts";
