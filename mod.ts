/**
 * The real state of network interfaces, and each change of it as it happens, on Linux and the BSDs, over nothing but the
 * system's C library. It needs `--allow-ffi`; reading needs no privilege of the system's.
 *
 * @example
 * ```ts
 * import { active, list, waitFor, watch } from "@netflags/netflags";
 *
 * if (Deno.build.os === "linux") {
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
  MalformedMessageError,
  NetflagsError,
  type NetflagsErrorOptions,
  NoSuchInterfaceError,
  NotPermittedError,
  SystemError,
  UnsupportedError,
  WaitTimeoutError,
} from "./platforms/contract/errors.ts";
export { flagInfo, flagNames, flagTable, formatFlags, parseFlags } from "./src/flags.ts";
export type { FlagInfo } from "./src/flags.ts";
export { hiddenFlaps } from "./src/watch/event.ts";
export type { InterfaceEvent, InterfaceEventType, InterfaceMove } from "./src/watch/event.ts";
export type {
  InterfaceAddress,
  InterfaceMedia,
  InterfaceStatus,
  LinkMode,
  LinkState,
  OperState,
  StatusField,
  WirelessState,
} from "./platforms/contract/status.ts";
export { type Platform, PLATFORMS } from "./platforms/contract/platform.ts";
export type { Capabilities } from "./platforms/contract/backend.ts";
export { active, capabilities, get, list, type ListOptions } from "./src/query.ts";
export { type FlagChanges, setFlags, type SettableFlag } from "./src/set_flags.ts";
export { setLinkMode, setOperState, type SettableOperState } from "./src/set_state.ts";
export {
  type AccessPointEvent,
  type AccessPointOptions,
  AccessPointWatcher,
  watchAccessPoints,
} from "./src/watch/access_points.ts";
export { EventStream } from "./src/watch/stream.ts";
export { InterfaceWatcher, watch, type WatchOptions } from "./src/watch/watch.ts";
export { WAIT_CONDITIONS, type WaitCondition, waitFor, type WaitOptions } from "./src/watch/wait_for.ts";
export { ioctlFlags } from "./platforms/linux/ioctl.ts";
