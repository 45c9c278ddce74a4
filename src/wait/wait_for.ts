import { checkOptions } from "../../platforms/common/options.ts";
import { InvalidInputError } from "../../platforms/contract/errors.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import { currentBackend } from "../../platforms/current.ts";
import type { Fulfilled, WaitCondition } from "./conditions.ts";
import { WAIT_KINDS, waitOn, type WaitOptions, type Wanted } from "./wait.ts";

/**
 * Waits until an interface is in a state, and resolves with its status. If the condition holds and no interface has the
 * name, it resolves with undefined. It begins to listen before it looks at the present state, so that no change is
 * missed. The interface need not exist yet, and may go and come back meanwhile.
 *
 * The name may be a glob ({@linkcode ListOptions}). It stands for all interfaces that match at that moment: the
 * condition must hold for all of them, and there must be at least one. If a glob matches nothing, only "absent" and
 * "disconnected" hold. {@linkcode waitForAny} waits for one of them, and {@linkcode waitForAll} for several names.
 *
 * @example
 * ```ts
 * import { capabilities, waitFor } from "@netflags/netflags";
 *
 * if (capabilities().platform === "linux") {
 *   const lo = await waitFor("lo", "present", { timeout: 1000 });
 *   console.log(lo.index, lo.up);
 *   await waitFor("lo", ["present", (status) => status?.mtu !== undefined], { timeout: 1000 });
 *   await waitFor("no-such-card", "disconnected", { timeout: 1000 });
 * }
 * ```
 *
 * @param name The interface's name or an alternative one, or a glob.
 * @param condition What to wait for: a named condition, a function that tests a status (with addresses), or a list of
 * these that must all hold. A function is called with each state that is seen, in order, and with undefined if no
 * interface has the name. If it throws, the promise rejects.
 * @param options How long to wait, and which interfaces count.
 * @returns The status; for a glob, that of the first interface that matches, by index.
 * @throws {WaitTimeoutError} The timeout passed first. The message says which interfaces do not fulfil the condition,
 * their state, and why.
 * @throws {InvalidInputError} There is no such condition or network namespace, the timeout is not a valid time, the
 * name is empty, or the function returns a promise.
 * @throws {NotPermittedError} The process runs without `--allow-ffi`.
 * @throws {UnsupportedError} netflags does not support this system, or the condition is an operational state and the
 * system reports none ({@linkcode Capabilities.operState}).
 * @throws {SystemError} The system has no file descriptor left, or another system call failed.
 */
export async function waitFor<const Condition extends WaitCondition>(
  name: string,
  condition: Condition,
  options?: WaitOptions,
): Promise<Fulfilled<Condition>> {
  if (typeof name === "object" && name !== null) {
    throw new InvalidInputError("Cannot wait for several names with waitFor: use waitForAll or waitForAny");
  }
  const [status] = await waitOn(currentBackend(), [[name, condition]], { ...checkWait(options), any: false });
  return status as Fulfilled<Condition>; // it fulfils the condition, which the compiler cannot know
}

/**
 * Waits until a condition holds for all of several names at once, and resolves with their statuses.
 *
 * A glob stands for all interfaces that match at that moment, of which there must be at least one.
 *
 * @example
 * ```ts
 * import { capabilities, waitForAll } from "@netflags/netflags";
 *
 * if (capabilities().platform === "linux") {
 *   const [lo] = await waitForAll(["lo"], "present", { timeout: 1000 });
 *   console.log(lo?.index);
 *   await waitForAll({ "lo*": "present", "no-such-card": "absent" }, { timeout: 1000 }); // each its own condition
 * }
 * ```
 *
 * @param names The names or globs.
 * @param condition What to wait for, as for {@linkcode waitFor}.
 * @param options How long to wait, and which interfaces count.
 * @returns The statuses in the order of the names, with those of all matching interfaces in place of a glob.
 * @throws {WaitTimeoutError} The timeout passed first; and what {@linkcode waitFor} throws.
 */
export function waitForAll<const Condition extends WaitCondition>(
  names: string | readonly string[],
  condition: Condition,
  options?: WaitOptions,
): Promise<Fulfilled<Condition>[]>;
/** Waits until several names all fulfil their own conditions at once; resolves with their statuses. */
export function waitForAll<const Condition extends WaitCondition>(
  conditions: Readonly<Record<string, Condition>>,
  options?: WaitOptions,
): Promise<Fulfilled<Condition>[]>;
export function waitForAll(
  names: Names | Each,
  second?: WaitCondition | WaitOptions,
  third?: WaitOptions,
): Promise<(InterfaceStatus | undefined)[]> {
  return waitForSeveral(false, names, second, third);
}

/**
 * Waits until a condition holds for one of several names, or for one of the interfaces that a glob matches, and
 * resolves with the status of that one.
 *
 * @example
 * ```ts
 * import { capabilities, waitForAny } from "@netflags/netflags";
 *
 * if (capabilities().platform === "linux") {
 *   const found = await waitForAny(["lo", "no-such-card"], "present", { timeout: 1000 });
 *   console.log(found.name);
 *   await waitForAny("*", "present", { timeout: 1000 }); // whichever is there first
 *   await waitForAny({ "lo": "present", "en*": ["connected", "global-address"] }, { timeout: 1000 });
 * }
 * ```
 *
 * @param names The names or globs.
 * @param condition What to wait for, as for {@linkcode waitFor}.
 * @param options How long to wait, and which interfaces count.
 * @returns The status of the interface that fulfils the condition first.
 * @throws {WaitTimeoutError} The timeout passed first; and what {@linkcode waitFor} throws.
 */
export function waitForAny<const Condition extends WaitCondition>(
  names: string | readonly string[],
  condition: Condition,
  options?: WaitOptions,
): Promise<Fulfilled<Condition>>;
/** Waits until one of several names fulfils its own condition; resolves with the status of that one. */
export function waitForAny<const Condition extends WaitCondition>(
  conditions: Readonly<Record<string, Condition>>,
  options?: WaitOptions,
): Promise<Fulfilled<Condition>>;
export async function waitForAny(
  names: Names | Each,
  second?: WaitCondition | WaitOptions,
  third?: WaitOptions,
): Promise<InterfaceStatus | undefined> {
  const [status] = await waitForSeveral(true, names, second, third);
  return status;
}

/** Names that share a condition. */
type Names = string | readonly string[];
/** Names with a condition for each. */
type Each = Readonly<Record<string, WaitCondition>>;

/** The two forms of a call: names, the condition and options; or conditions by name, and options. */
async function waitForSeveral(
  any: boolean,
  names: Names | Each,
  second: WaitCondition | WaitOptions | undefined,
  third: WaitOptions | undefined,
): Promise<(InterfaceStatus | undefined)[]> {
  if (isEach(names)) {
    if (!isCondition(second)) {
      return await waitOn(currentBackend(), Object.entries(names), { ...checkWait(second), any });
    }
    throw new InvalidInputError("Cannot wait for an object with one more condition: give options");
  }
  if (!isCondition(second)) {
    throw new InvalidInputError(`Cannot wait for interface "${names}" without a condition: give one`);
  }
  const condition = second;
  const wanted = (typeof names === "string" ? [names] : names).map((name): Wanted => [name, condition]);
  return await waitOn(currentBackend(), wanted, { ...checkWait(third), any });
}

function checkWait(options: WaitOptions = {}): WaitOptions {
  return checkOptions("wait", options, WAIT_KINDS);
}

function isEach(names: Names | Each): names is Each {
  return typeof names === "object" && names !== null && !Array.isArray(names);
}

function isCondition(second: WaitCondition | WaitOptions | undefined): second is WaitCondition {
  return typeof second === "string" || typeof second === "function" || Array.isArray(second);
}
