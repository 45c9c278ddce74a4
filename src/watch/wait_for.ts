import type { Backend } from "../../platforms/contract/backend.ts";
import { currentBackend } from "../system.ts";
import { InvalidInputError, WaitTimeoutError } from "../../platforms/contract/errors.ts";
import type { InterfaceEvent } from "./event.ts";
import { hasName, type InterfaceStatus, type OperState } from "../../platforms/contract/status.ts";
import { type Listener, Monitor } from "./monitor.ts";

/**
 * What {@linkcode waitFor} can wait for by name:
 *
 * - `"present"`: the interface exists; `"absent"`: it does not;
 * - `"up"`, `"down"`: it exists and `IFF_UP` is set, or is not set (marked down locally);
 * - `"running"`: `IFF_RUNNING` is set;
 * - `"connected"`: it works, by the rule of {@linkcode InterfaceStatus.connected};
 * - `"disconnected"`: it does not work by that rule, or does not exist. Where the system does not tell whether it works,
 *   it is neither connected nor disconnected;
 * - an operational state of RFC 2863 (Linux). `"up"` and `"down"` mean `IFF_UP`, so the states of these names are
 *   written `"oper-up"` and `"oper-down"`; the others may be written so too.
 */
export type WaitCondition =
  | "present"
  | "absent"
  | "up"
  | "down"
  | "running"
  | "connected"
  | "disconnected"
  | Exclude<OperState, "up" | "down">
  | `oper-${OperState}`;

/** Options of {@linkcode waitFor}. */
export interface WaitOptions {
  /** After how many milliseconds to give up; by default never. */
  timeout?: number;
  /** Gives up when it is aborted: the promise rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** A condition in the caller's own words; undefined: no interface has the name. */
type Test = (status: InterfaceStatus | undefined) => boolean;

const TESTS: Readonly<Record<WaitCondition, Test>> = {
  present: (status) => status !== undefined,
  absent: (status) => status === undefined,
  up: (status) => status?.up === true,
  down: (status) => status?.up === false,
  running: (status) => status?.running === true,
  connected: (status) => status?.connected === true,
  disconnected: (status) => status === undefined || status.connected === false,
  unknown: operState("unknown"),
  notpresent: operState("notpresent"),
  lowerlayerdown: operState("lowerlayerdown"),
  testing: operState("testing"),
  dormant: operState("dormant"),
  "oper-unknown": operState("unknown"),
  "oper-notpresent": operState("notpresent"),
  "oper-down": operState("down"),
  "oper-lowerlayerdown": operState("lowerlayerdown"),
  "oper-testing": operState("testing"),
  "oper-dormant": operState("dormant"),
  "oper-up": operState("up"),
};

function operState(state: OperState): Test {
  return (status) => status?.operState === state;
}

/** Every condition that has a name, for messages and completions. */
export const WAIT_CONDITIONS: readonly WaitCondition[] = Object.keys(TESTS) as WaitCondition[];

/** Whether a text is a {@linkcode WaitCondition}. */
export function isWaitCondition(text: string): text is WaitCondition {
  return Object.hasOwn(TESTS, text);
}

/** Waits until an interface is gone; resolves with undefined. */
export function waitFor(name: string, condition: "absent", options?: WaitOptions): Promise<undefined>;
/** Waits until an interface is in a state that only one that exists can be in; resolves with its status. */
export function waitFor(
  name: string,
  condition: Exclude<WaitCondition, "absent" | "disconnected">,
  options?: WaitOptions,
): Promise<InterfaceStatus>;
/**
 * Waits for a condition that may hold without an interface, or that is chosen at run time; resolves with the status, or
 * with undefined where no interface has the name.
 */
export function waitFor(
  name: string,
  condition: WaitCondition | ((status: InterfaceStatus | undefined) => boolean),
  options?: WaitOptions,
): Promise<InterfaceStatus | undefined>;
/**
 * Waits until an interface is in a state, and resolves with its status, or with undefined where the condition holds and
 * no interface has the name. It listens before it looks, so that nothing
 * slips between. The interface need not exist yet, and may go and come back meanwhile.
 *
 * @example
 * ```ts
 * import { waitFor } from "@netflags/netflags";
 *
 * if (Deno.build.os === "linux") {
 *   const lo = await waitFor("lo", "present", { timeout: 1000 });
 *   console.log(lo.index, lo.up);
 *   await waitFor("lo", (status) => status?.mtu !== undefined, { timeout: 1000 });
 *   await waitFor("no-such-card", "disconnected", { timeout: 1000 });
 * }
 * ```
 *
 * @param name The interface's name or an alternative one.
 * @param condition What to wait for, by name, or a function that says so of a status (with addresses). The function is
 * asked about each state that is seen, in order, and about undefined where no interface has the name. What it throws
 * rejects the promise.
 * @param options How long to wait.
 * @throws {WaitTimeoutError} The timeout passed first.
 * @throws {InvalidInputError} There is no such condition, or the timeout is not a time.
 * @throws {NotPermittedError} Deno was started without `--allow-ffi`.
 * @throws {UnsupportedError} netflags knows no way to ask this system.
 */
export async function waitFor(
  name: string,
  condition: WaitCondition | Test,
  options: WaitOptions = {},
): Promise<InterfaceStatus | undefined> {
  return await waitOn(currentBackend(), name, condition, options);
}

async function waitOn(
  backend: Backend,
  name: string,
  condition: WaitCondition | Test,
  { timeout, signal }: WaitOptions,
): Promise<InterfaceStatus | undefined> {
  const test = conditionTest(condition);
  if (name === "") throw new InvalidInputError(`Cannot wait for interface "": give its name`);
  if (timeout !== undefined && !(timeout >= 0 && timeout <= 0x7fffffff)) {
    throw new InvalidInputError(`Cannot wait for ${timeout} ms: give a time from 0 to 2147483647`);
  }
  signal?.throwIfAborted();
  const holder = new NameHolder(name);
  const monitor = Monitor.join(backend, typeof condition === "function", holder);
  const abort = (): void => holder.failed(signal?.reason);
  signal?.addEventListener("abort", abort);
  const timer = timeout === undefined ? undefined : setTimeout(() => {
    const state = typeof condition === "string" ? condition : "as asked for";
    holder.failed(
      new WaitTimeoutError(`Interface "${name}" is not ${state} after ${timeout} ms`, {
        operation: "wait for a state",
        interface: name,
      }),
    );
  }, timeout);
  try {
    for (const event of monitor.present()) holder.event(event);
    holder.look();
    for (;;) {
      // Each state is looked at, also one that is over by now.
      for (const status of holder.take()) if (test(status)) return status;
      holder.throwIfFailed();
      await holder.news();
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    await monitor.leave(holder);
  }
}

/** Follows whichever interface has a name, by the states it goes through. */
class NameHolder implements Listener {
  /** States that were not looked at yet, oldest first; undefined: nobody has the name. */
  #states: (InterfaceStatus | undefined)[] = [];
  readonly #name: string;
  #index: number | undefined;
  #news = Promise.withResolvers<void>();
  #failure: { readonly reason: unknown } | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** Counts that nobody has the name as a state to look at, if that is how things are. */
  look(): void {
    if (this.#index === undefined) this.#push(undefined);
  }

  /** The states that were not looked at yet; from now on there is news only when there are others. */
  take(): readonly (InterfaceStatus | undefined)[] {
    const states = this.#states;
    if (states.length > 0) {
      this.#states = [];
      this.#news = Promise.withResolvers<void>();
    }
    return states;
  }

  /** Resolves when there are states to look at, or will be none. */
  news(): Promise<void> {
    return this.#news.promise;
  }

  event({ type, interface: status }: InterfaceEvent): void {
    if (type !== "removed" && hasName(status, this.#name)) {
      this.#index = status.index;
      this.#push(status);
    } else if (this.#index === status.index) {
      this.#index = undefined;
      this.#push(undefined);
    }
  }

  concerns(status: InterfaceStatus): boolean {
    return hasName(status, this.#name);
  }

  stalled(): boolean {
    return false;
  }

  failed(reason: unknown): void {
    this.#failure ??= { reason };
    this.#news.resolve();
  }

  /** Throws why there will be no more states, if that is so. */
  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
  }

  #push(status: InterfaceStatus | undefined): void {
    this.#states.push(status);
    this.#news.resolve();
  }
}

/** What a condition asks of a state. */
function conditionTest(condition: WaitCondition | Test): Test {
  if (typeof condition === "function") return condition;
  if (isWaitCondition(condition)) return TESTS[condition];
  throw new InvalidInputError(
    `Cannot wait for "${String(condition)}": give one of ${WAIT_CONDITIONS.join(", ")}, or a function`,
  );
}
