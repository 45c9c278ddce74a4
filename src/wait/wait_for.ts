import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import { currentBackend } from "../../platforms/current.ts";
import type { Conditions, WaitCondition } from "./conditions.ts";
import type { ListOptions } from "../select/selection.ts";
import { waitOn, type Wanted } from "./wait.ts";

/**
 * Options of {@linkcode waitFor}. An interface that is left out by `exclude`, `kinds`, `types`, `physical` or
 * `loopback` is treated as if it did not exist.
 */
export interface WaitOptions extends Omit<ListOptions, "names" | "addresses"> {
  /**
   * Whether it is enough if the condition holds for one of several names, or for one of the interfaces that a glob
   * matches. Otherwise it must hold for all of them at once.
   *
   * @default {false}
   */
  any?: boolean | undefined;
  /**
   * When to give up, in milliseconds.
   *
   * @default {undefined} Never.
   */
  timeout?: number | undefined;
  /**
   * Gives up when the signal is aborted: the promise rejects with the signal's reason.
   *
   * @default {undefined}
   */
  signal?: AbortSignal | undefined;
}

/**
 * Waits until an interface is in a state, and resolves with its status. If the condition holds and no interface has the
 * name, it resolves with undefined. It begins to listen before it looks at the present state, so that no change is
 * missed. The interface need not exist yet, and may go and come back meanwhile.
 *
 * A name may be a glob ({@linkcode ListOptions}). It stands for all interfaces that match at that moment: the condition
 * must hold for all of them, and there must be at least one. With `any`, one of them is enough. If a glob matches
 * nothing, only "absent" and "disconnected" hold.
 *
 * @example
 * ```ts
 * import { capabilities, waitFor } from "@netflags/netflags";
 *
 * if (capabilities().platform === "linux") {
 *   const lo = await waitFor("lo", "present", { timeout: 1000 });
 *   console.log(lo.index, lo.up);
 *   await waitFor("lo", ["present", (status) => status?.mtu !== undefined], { timeout: 1000 });
 *   await waitFor(["lo", "no-such-card"], "present", { any: true, timeout: 1000 });
 *   await waitFor("no-such-card", "disconnected", { timeout: 1000 });
 *   await waitFor({ "lo*": "present", "en*": ["connected", "global-address"] }, { any: true, timeout: 1000 });
 * }
 * ```
 *
 * @param names The interface's name or an alternative one, a glob, or several; or an object with a condition for each.
 * @param condition What to wait for: a named condition, a function that tests a status (with addresses), or a list of
 * these that must all hold. A function is called with each state that is seen, in order, and with undefined if no
 * interface has the name. If it throws, the promise rejects.
 * @param options How long to wait, whether one of several is enough, and which interfaces count.
 * @returns The status; for a single glob, that of the first interface that matches, by index. For several names that
 * must all fulfil the condition, their statuses in order, with those of all matching interfaces in place of a glob.
 * @throws {WaitTimeoutError} The timeout passed first. The message says which interfaces do not fulfil the condition,
 * their state, and why.
 * @throws {InvalidInputError} There is no such condition or network namespace, the timeout is not a valid time, or a
 * name is empty.
 * @throws {NotPermittedError} The process runs without `--allow-ffi`.
 * @throws {UnsupportedError} netflags does not support this system, or the condition is an operational state and the
 * system reports none ({@linkcode Capabilities.operState}).
 * @throws {SystemError} The system has no file descriptor left, or another system call failed.
 */
export function waitFor(names: string, condition: "absent", options?: WaitOptions): Promise<undefined>;
/** Waits for a state that only an existing interface can be in; resolves with its status. */
export function waitFor(
  names: string,
  condition: Exclude<WaitCondition, "absent" | "disconnected">,
  options?: WaitOptions,
): Promise<InterfaceStatus>;
/**
 * Waits for a condition that may hold without an interface, for one that is chosen at run time, or for several.
 * Resolves with the status, or with undefined if no interface has the name.
 */
export function waitFor(
  names: string,
  condition:
    | WaitCondition
    | ((status: InterfaceStatus | undefined) => boolean)
    | readonly (WaitCondition | ((status: InterfaceStatus | undefined) => boolean))[],
  options?: WaitOptions,
): Promise<InterfaceStatus | undefined>;
/** Waits until a condition holds for one of several names or globs; resolves with the status of that one. */
export function waitFor(
  names: readonly string[],
  condition:
    | WaitCondition
    | ((status: InterfaceStatus | undefined) => boolean)
    | readonly (WaitCondition | ((status: InterfaceStatus | undefined) => boolean))[],
  options: WaitOptions & { readonly any: true },
): Promise<InterfaceStatus | undefined>;
/** Waits until a condition holds for all of several names at once; resolves with their statuses, in their order. */
export function waitFor(
  names: readonly string[],
  condition:
    | WaitCondition
    | ((status: InterfaceStatus | undefined) => boolean)
    | readonly (WaitCondition | ((status: InterfaceStatus | undefined) => boolean))[],
  options?: WaitOptions & { readonly any?: false | undefined },
): Promise<(InterfaceStatus | undefined)[]>;
/** Waits until one of several names or globs fulfils its own condition; resolves with the status of that one. */
export function waitFor(
  names: {
    readonly [name: string]:
      | WaitCondition
      | ((status: InterfaceStatus | undefined) => boolean)
      | readonly (WaitCondition | ((status: InterfaceStatus | undefined) => boolean))[];
  },
  options: WaitOptions & { readonly any: true },
): Promise<InterfaceStatus | undefined>;
/** Waits until several names or globs all fulfil their own conditions at once; resolves with their statuses. */
export function waitFor(
  names: {
    readonly [name: string]:
      | WaitCondition
      | ((status: InterfaceStatus | undefined) => boolean)
      | readonly (WaitCondition | ((status: InterfaceStatus | undefined) => boolean))[];
  },
  options?: WaitOptions & { readonly any?: false | undefined },
): Promise<(InterfaceStatus | undefined)[]>;
export async function waitFor(
  names: string | readonly string[] | Readonly<Record<string, Conditions>>,
  ...rest: unknown[]
): Promise<InterfaceStatus | undefined | (InterfaceStatus | undefined)[]> {
  const one = typeof names === "string";
  const each = !one && !isList(names);
  const condition = rest[0] as Conditions;
  const options = ((each ? rest[0] : rest[1]) ?? {}) as WaitOptions;
  const wanted: readonly Wanted[] = each
    ? Object.entries(names)
    : (one ? [names] : names).map((name) => [name, condition]);
  const statuses = await waitOn(currentBackend(), wanted, options);
  return one || options.any ? statuses[0] : statuses;
}

function isList(names: unknown): names is readonly string[] {
  return Array.isArray(names);
}
