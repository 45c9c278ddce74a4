import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import { currentBackend } from "../../platforms/current.ts";
import type { Conditions, WaitCondition } from "./conditions.ts";
import type { ListOptions } from "./selection.ts";
import { waitOn, type Wanted } from "./wait.ts";

/**
 * Options of {@linkcode waitFor}. An interface that `exclude`, `kinds`, `types`, `physical` or `loopback` leaves out is
 * treated as if it did not exist.
 */
export interface WaitOptions extends Omit<ListOptions, "names" | "addresses"> {
  /**
   * Whether it is enough that the condition holds for one of several names, or for one of the interfaces that a glob
   * matches. Otherwise it must hold for all of them at once.
   *
   * @default {false}
   */
  any?: boolean | undefined;
  /**
   * After how many milliseconds to give up.
   *
   * @default {undefined} Never.
   */
  timeout?: number | undefined;
  /**
   * Gives up when it is aborted: the promise rejects with the signal's reason.
   *
   * @default {undefined}
   */
  signal?: AbortSignal | undefined;
}

/**
 * Waits until an interface is in a state, and resolves with its status, or with undefined where the condition holds and
 * no interface has the name. It begins to listen before it looks at the present state, so that no change is missed. The
 * interface need not exist yet, and may go and come back meanwhile.
 *
 * A name may be a glob ({@linkcode ListOptions}). It stands for every interface that it matches at that moment: the
 * condition must hold for all of them, and there must be at least one. With `any`, one of them is enough. A glob that
 * matches nothing fulfils only "absent" and "disconnected".
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
 * @param condition What to wait for: a condition by name, a function that says so of a status (with addresses), or a
 * list of them that must all hold. A function is asked about each state that is seen, in order, and about undefined
 * where no interface has the name. What it throws rejects the promise.
 * @param options How long to wait, whether one of several is enough, and which interfaces count.
 * @returns The status (of a single glob, of the first interface that it matches, by index); of several names that must
 * all be so, their statuses in order, and in the place of a glob those of all that it matches.
 * @throws {WaitTimeoutError} The timeout passed first; the message says which interfaces are not so, what they are and why.
 * @throws {InvalidInputError} There is no such condition or network namespace, the timeout is not a time, or a name is
 * empty.
 * @throws {NotPermittedError} The process runs without `--allow-ffi`.
 * @throws {UnsupportedError} netflags knows no way to ask this system, or the condition is an operational state and the
 * system tells none ({@linkcode Capabilities.operState}).
 * @throws {SystemError} The system has no descriptor left, or fails otherwise.
 */
export function waitFor(names: string, condition: "absent", options?: WaitOptions): Promise<undefined>;
/** Waits until an interface is in a state that only one that exists can be in; resolves with its status. */
export function waitFor(
  names: string,
  condition: Exclude<WaitCondition, "absent" | "disconnected">,
  options?: WaitOptions,
): Promise<InterfaceStatus>;
/**
 * Waits for a condition that may hold without an interface, or that is chosen at run time, or for several; resolves with
 * the status, or with undefined where no interface has the name.
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
/** Waits until, of several names or globs, one is as its own condition says; resolves with the status of that one. */
export function waitFor(
  names: {
    readonly [name: string]:
      | WaitCondition
      | ((status: InterfaceStatus | undefined) => boolean)
      | readonly (WaitCondition | ((status: InterfaceStatus | undefined) => boolean))[];
  },
  options: WaitOptions & { readonly any: true },
): Promise<InterfaceStatus | undefined>;
/** Waits until several names or globs are all as their own conditions say, at once; resolves with their statuses. */
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
