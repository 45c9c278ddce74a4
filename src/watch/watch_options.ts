import {
  CALLBACK,
  type OptionKind,
  type OptionKinds,
  SIGNAL,
  TEXTS,
  TIME,
  YES_NO,
} from "../../platforms/common/options.ts";
import type { NetflagsError } from "../../platforms/contract/errors.ts";
import type { StatusField } from "../../platforms/contract/status.ts";
import { LIST_KINDS, type ListOptions } from "../select/selection.ts";

/**
 * Options of {@linkcode watch}. An interface that enters the selection, because it is renamed, is reported as "added".
 * An interface that leaves it is reported as "left". So a watcher follows a name that passes from one
 * interface to another.
 */
export interface WatchOptions extends ListOptions {
  /**
   * Closes the watcher when the signal is aborted.
   *
   * @default {undefined}
   */
  signal?: AbortSignal | undefined;
  /**
   * Whether to begin with an event of type "present" for each existing interface.
   *
   * @default {false}
   */
  initial?: boolean | undefined;
  /**
   * Reports only events in which this field, or one of these, changed since the last event that was reported about the
   * interface. Arrivals and ends are held to the same rule ({@linkcode InterfaceChange.changed}): with `["connected"]`,
   * a card that is plugged in is reported when it works, be that at once (as "added") or later (as "added" too), and one
   * that is pulled is reported if it worked. What changed in between is part of the next event: `previous` is the state
   * that was reported last, and `changed`, `hiddenFlaps` and `ssids` cover everything since.
   *
   * @default {undefined} Any field.
   */
  changes?: StatusField | readonly StatusField[] | undefined;
  /**
   * Compares everything at this interval, in milliseconds. This finds changes that the kernel does not announce, and
   * changes whose messages it loses silently. 0 means never.
   *
   * @default {undefined} 1000 if the system needs it ({@linkcode Capabilities.overflowDetection}), otherwise 0.
   */
  poll?: number | undefined;
  /**
   * Reports the changes of an interface when it has been quiet for this time in milliseconds, merged into one event.
   * Each interface has its own time.
   *
   * With `{ all: time }`, the changes of all interfaces that are watched are reported together, when none of them has
   * changed for this time. {@linkcode InterfaceWatcher.batches} hands them out as one list: for a program that looks at
   * the whole again when the network has come to rest.
   *
   * What never comes to rest is reported after ten times as long. Interfaces that exist at the start are reported at
   * once.
   *
   * @default {0} Reports each change at once.
   */
  settle?: number | { readonly all: number } | undefined;
  /**
   * Called with the reason when listening has failed and will be tried again: after 50 milliseconds, then after twice
   * as long each time, up to 30 seconds. Changes in between are reported with `resync`. The watcher ends only if trying
   * again cannot help: the permission was withdrawn, or the system offers nothing to listen to.
   *
   * If the function throws, or its promise rejects, this watcher ends with that reason, and no other.
   *
   * @default {undefined}
   */
  onTrouble?: ((error: NetflagsError) => void) | undefined;
}

/** A time for each interface, or one for all of them. */
const SETTLE: OptionKind = {
  what: `${TIME.what}, or { all: ... } with such a time`,
  is: (value) => TIME.is(value) || isForAll(value),
};

function isForAll(value: unknown): boolean {
  return typeof value === "object" && value !== null && "all" in value && TIME.is(value.all) &&
    Object.keys(value).length === 1;
}

export const WATCH_KINDS: OptionKinds<WatchOptions> = {
  ...LIST_KINDS,
  signal: SIGNAL,
  initial: YES_NO,
  changes: TEXTS,
  poll: TIME,
  settle: SETTLE,
  onTrouble: CALLBACK,
};
