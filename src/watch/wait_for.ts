import type { Backend } from "../../platforms/contract/backend.ts";
import { InvalidInputError, UnsupportedError, WaitTimeoutError } from "../../platforms/contract/errors.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import { currentBackend } from "../../platforms/current.ts";
import {
  type Conditions,
  conditionTest,
  conditionText,
  operStateAmong,
  type Test,
  type WaitCondition,
} from "./conditions.ts";
import type { InterfaceEvent } from "./event.ts";
import { type Listener, Monitor } from "./monitor.ts";
import { hasName, Selection } from "./selection.ts";
import { checkTime } from "./timer.ts";

/** Options of {@linkcode waitFor}. */
export interface WaitOptions {
  /**
   * Of several names, whether one is enough for which the condition holds; otherwise it must hold for all at once.
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
 * no interface has the name. It listens before it looks, so that nothing slips between. The interface need not exist
 * yet, and may go and come back meanwhile.
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
 * }
 * ```
 *
 * @param names The interface's name or an alternative one, or several.
 * @param condition What to wait for: a condition by name, a function that says so of a status (with addresses), or a
 * list of them that must all hold. A function is asked about each state that is seen, in order, and about undefined
 * where no interface has the name. What it throws rejects the promise.
 * @param options How long to wait, and whether one of several names is enough.
 * @returns The status; of several names that must all be so, their statuses.
 * @throws {WaitTimeoutError} The timeout passed first.
 * @throws {InvalidInputError} There is no such condition, the timeout is not a time, or a name is empty.
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
/** Waits until a condition holds for one of several names; resolves with the status of that one. */
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
export async function waitFor(
  names: string | readonly string[],
  condition: Conditions,
  options: WaitOptions = {},
): Promise<InterfaceStatus | undefined | (InterfaceStatus | undefined)[]> {
  const several = typeof names !== "string";
  const list = several ? names : [names];
  const any = several && options.any === true;
  const statuses = await waitOn(currentBackend(), list, any, condition, options);
  return several && !any ? statuses : statuses[0];
}

async function waitOn(
  backend: Backend,
  names: readonly string[],
  any: boolean,
  condition: Conditions,
  { timeout, signal }: WaitOptions,
): Promise<(InterfaceStatus | undefined)[]> {
  const test = conditionTest(condition);
  if (names.length === 0 || names.includes("")) {
    throw new InvalidInputError(`Cannot wait for interface "${names.join()}": give its name`);
  }
  checkTime("wait for", timeout);
  refuseOperState(backend, names, condition);
  signal?.throwIfAborted();
  const wait = new Wait(names, any, test);
  const addresses = [condition].flat().some((one) => typeof one === "function"); // which may look at them
  const monitor = Monitor.join(backend, addresses, wait);
  const abort = (): void => wait.failed(signal?.reason);
  signal?.addEventListener("abort", abort);
  const timer = timeout === undefined ? undefined : setTimeout(() => {
    wait.failed(timedOut(names, any, condition, timeout));
  }, timeout);
  try {
    wait.start(monitor.present());
    return await wait.result;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    await monitor.leave(wait);
  }
}

/** Where a system tells no operational state, waiting for one would never end. */
function refuseOperState(backend: Backend, names: readonly string[], condition: Conditions): void {
  const asked = operStateAmong(condition);
  if (asked === undefined || backend.capabilities.operState) return;
  throw new UnsupportedError(
    `Cannot wait for "${asked}": ${backend.capabilities.platform} tells no operational state; wait for connected or up`,
    { operation: "wait for a state", interface: names.join(",") },
  );
}

function timedOut(names: readonly string[], any: boolean, condition: Conditions, timeout: number): WaitTimeoutError {
  const quoted = names.map((name) => `"${name}"`).join(", ");
  const who = names.length === 1
    ? `Interface ${quoted} is not`
    : any
    ? `None of interfaces ${quoted} is`
    : `Interfaces ${quoted} are not all`;
  return new WaitTimeoutError(`${who} ${conditionText(condition)} after ${timeout} ms`, {
    operation: "wait for a state",
    interface: names.join(","),
  });
}

/** Whoever has one of the names. */
interface Holder {
  readonly name: string;
  /**
   * Every interface that has the name as far as it was told, by index. In a list that was made while names passed from
   * one to another, two may have it.
   */
  readonly named: Map<number, InterfaceStatus>;
  /** Its state; undefined: nobody has the name. */
  status: InterfaceStatus | undefined;
  /** Whether the condition holds for it. */
  holds: boolean;
}

/** Follows whichever interfaces have some names through their states, until a condition holds. */
class Wait implements Listener {
  readonly selection: Selection;
  readonly #holders: readonly Holder[];
  readonly #any: boolean;
  readonly #test: Test;
  readonly #result = Promise.withResolvers<(InterfaceStatus | undefined)[]>();
  #over = false;

  constructor(names: readonly string[], any: boolean, test: Test) {
    this.selection = new Selection(names);
    this.#holders = names.map((name) => ({ name, named: new Map(), status: undefined, holds: false }));
    this.#any = any;
    this.#test = test;
  }

  /** Resolves when the condition holds, with the statuses for which it does. */
  get result(): Promise<(InterfaceStatus | undefined)[]> {
    return this.#result.promise;
  }

  /** Looks at what is there. */
  start(present: readonly InterfaceEvent[]): void {
    for (const holder of this.#holders) {
      const named = present.filter(({ interface: status }) => hasName(status, holder.name));
      for (const { interface: status } of named) holder.named.set(status.index, status);
      this.#look(holder, named[0]?.interface);
    }
  }

  event({ type, interface: status }: InterfaceEvent): void {
    for (const holder of this.#holders) {
      const { index } = status;
      holder.named.delete(index);
      if (type !== "removed" && hasName(status, holder.name)) {
        holder.named.set(index, status);
        this.#look(holder, status);
      } else if (holder.status?.index === index) this.#look(holder, [...holder.named.values()].at(-1));
    }
  }

  stalled(): boolean {
    return false;
  }

  failed(reason: unknown): void {
    this.#over = true;
    this.#result.reject(reason);
  }

  /** Each state is looked at when it is told, also one that is over by now. */
  #look(holder: Holder, status: InterfaceStatus | undefined): void {
    if (this.#over) return;
    holder.status = status;
    try {
      holder.holds = this.#test(status);
    } catch (error) {
      return this.failed(error);
    }
    if (this.#any ? !holder.holds : !this.#holders.every(({ holds }) => holds)) return;
    this.#over = true;
    this.#result.resolve(this.#any ? [status] : this.#holders.map((one) => one.status));
  }
}
