import { cancel, type Timer } from "../../platforms/common/clock.ts";
import { CALLBACK, NETNS, type OptionKinds, SIGNAL, TIME, YES_NO } from "../../platforms/common/options.ts";
import type { Backend } from "../../platforms/contract/backend.ts";
import { InvalidInputError, type NetflagsError, optional, UnsupportedError } from "../../platforms/contract/errors.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import { openNetns } from "../../platforms/current.ts";
import { conditionAmong, conditionTest, type StatusPredicate, type WaitCondition } from "./conditions.ts";
import { explainDetails, rootText } from "../why/reason.ts";
import { callBack } from "../watch/stream.ts";
import { type InterfaceEvent, isEnd } from "../table/event.ts";
import { isGlob, Patterns } from "../select/glob.ts";
import { type Holder, isFulfilled, type Match, timedOut } from "./timed_out.ts";
import type { Listener } from "../watch/delivery.ts";
import { Monitor } from "../watch/monitor.ts";
import { hasNameLike, type ListOptions, Selection, SELECTION_KINDS } from "../select/selection.ts";

/** What to wait for: a name or a glob, and the condition for the interfaces that match. */
export type Wanted = readonly [name: string, condition: WaitCondition];

/**
 * Options of {@linkcode waitFor}. An interface that is left out by `exclude`, `kinds`, `types`, `physical` or
 * `loopback` is treated as if it did not exist.
 */
export interface WaitOptions extends Omit<ListOptions, "names"> {
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
  /**
   * Called with the reason when listening has failed and will be tried again, like {@linkcode WatchOptions.onTrouble}.
   * If it throws, or its promise rejects, waiting ends with that reason.
   *
   * @default {undefined}
   */
  onTrouble?: ((error: NetflagsError) => void) | undefined;
}

const { names: _, ...OTHERS } = SELECTION_KINDS;
export const WAIT_KINDS: OptionKinds<WaitOptions> = {
  ...OTHERS,
  timeout: TIME,
  signal: SIGNAL,
  onTrouble: CALLBACK,
  addresses: YES_NO,
  routes: YES_NO,
  netns: NETNS,
};

/** How to wait. */
export interface WaitHow extends WaitOptions {
  /** Whether one of the interfaces is enough. */
  readonly any: boolean;
  /** `timeout` in words, for its error; by default in milliseconds. */
  readonly timeoutText?: string | undefined;
}

interface OwnHolder extends Holder {
  readonly patterns: Patterns;
  readonly test: StatusPredicate;
  readonly matches: Map<number, Match>;
  /**
   * All interfaces that have the name, by index, as far as is known. In a list that was made while a name passed from
   * one interface to another, two interfaces may have it.
   */
  readonly named: Map<number, InterfaceStatus>;
  holdsOfNobody: boolean;
}

/**
 * Waits, and resolves with the one status for which the condition holds (`any`), or with the statuses of all names, in
 * their order.
 */
export async function waitOn(
  backend: Backend,
  wanted: readonly Wanted[],
  how: WaitHow,
): Promise<(InterfaceStatus | undefined)[]> {
  const { any, timeout, signal } = how;
  const names = wanted.map(([name]) => name);
  const tests = wanted.map(([, condition]) => conditionTest(condition));
  if (names.length === 0 || names.some((name) => typeof name !== "string" || name === "")) {
    throw new InvalidInputError(`Cannot wait for interface "${names.join()}": give its name`);
  }
  for (const [name, condition] of wanted) refuseOperState(backend, name, condition);
  signal?.throwIfAborted();
  const selection = new Selection({ ...how, names }, backend.capabilities.platform);
  const wait = new Wait(wanted, tests, any, selection, how.onTrouble);
  const addresses = how.addresses ?? true;
  if (!addresses) { for (const [, condition] of wanted) refuseAddresses(condition); }
  const routed = wanted.map(([, condition]) => conditionAmong(condition, "routes")).find((asked) =>
    asked !== undefined
  );
  if (routed !== undefined) refuseRoutes(backend, routed, how.routes);
  const routes = how.routes ?? routed !== undefined;
  const handle = openNetns(how.netns, backend);
  let monitor: Monitor;
  try {
    monitor = Monitor.join(handle.backend, { addresses, routes }, wait);
  } catch (error) {
    void handle.close();
    throw error;
  }
  const abort = (): void => wait.failed(signal?.reason);
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort(); // somebody who was told something meanwhile did that
  const giveUp = (): unknown => {
    const why = (index: number): string | undefined => whyNot(handle.backend, index);
    try {
      return timedOut(wait.holders, any, how.timeoutText ?? `${timeout} ms`, wait.selection.filters, why);
    } catch (error) {
      return error; // of asking why
    }
  };
  // Some kernels do not tell all changes: before giving up, everything is compared once more.
  const atLast = (): void => {
    monitor.compare();
    if (!wait.over) wait.failed(giveUp());
  };
  let timer: Timer;
  try {
    wait.start(monitor.present());
    if (!wait.over) {
      if (timeout !== undefined) timer = setTimeout(atLast, timeout);
      monitor.stay();
    }
    handle.onGone((error) => wait.failed(error));
    return await wait.result;
  } finally {
    cancel(timer);
    signal?.removeEventListener("abort", abort);
    await monitor.leave(wait);
    await handle.close();
  }
}

/** Why an interface is not connected; undefined where it is by now, is gone, or cannot be asked. */
function whyNot(backend: Backend, index: number): string | undefined {
  return optional(() => rootText(explainDetails(backend, index)?.causes ?? []));
}

/** A condition that looks at addresses would never be told of one. */
function refuseAddresses(condition: WaitCondition): void {
  const asked = conditionAmong(condition, "addresses");
  if (asked === undefined) return;
  throw new InvalidInputError(`Cannot wait for "${asked}" with addresses: false: leave that out`);
}

/** Nobody would ever say that such a condition holds. */
function refuseRoutes({ capabilities, route }: Backend, asked: string, routes: boolean | undefined): void {
  if (routes === false) {
    throw new InvalidInputError(`Cannot wait for "${asked}" with routes: false: leave that out`);
  }
  if (route !== undefined) return;
  throw new UnsupportedError(
    `Cannot wait for "${asked}": netflags does not know the routes of ${capabilities.platform}; wait for connected`,
    { operation: "wait for a state" },
  );
}

/** If a system reports no operational state, waiting for one would never end. */
function refuseOperState(backend: Backend, name: string, condition: WaitCondition): void {
  const asked = conditionAmong(condition, "operState");
  if (asked === undefined || backend.capabilities.operState) return;
  throw new UnsupportedError(
    `Cannot wait for "${asked}": ${backend.capabilities.platform} reports no operational state; wait for connected or up`,
    { operation: "wait for a state", interfaceName: name },
  );
}

/** Follows the states of the interfaces that have some names, until the condition holds. */
class Wait implements Listener {
  readonly selection: Selection;
  readonly #holders: readonly OwnHolder[];
  readonly #any: boolean;
  readonly #onTrouble: WaitOptions["onTrouble"];
  readonly #result = Promise.withResolvers<(InterfaceStatus | undefined)[]>();
  #over = false;

  constructor(
    wanted: readonly Wanted[],
    tests: readonly StatusPredicate[],
    any: boolean,
    selection: Selection,
    onTrouble: WaitOptions["onTrouble"],
  ) {
    this.selection = selection;
    this.#onTrouble = onTrouble;
    this.#any = any;
    this.#holders = wanted.map(([name, condition], i) => ({
      name,
      condition,
      glob: isGlob(name),
      patterns: new Patterns([name]),
      test: tests[i]!,
      matches: new Map(),
      named: new Map(),
      holdsOfNobody: false,
    }));
  }

  /** The interfaces that have the names. */
  get holders(): readonly Holder[] {
    return this.#holders;
  }

  /** Whether the condition has held, or waiting has failed. */
  get over(): boolean {
    return this.#over;
  }

  /** Resolves when the condition holds, with the statuses for which it holds. */
  get result(): Promise<(InterfaceStatus | undefined)[]> {
    return this.#result.promise;
  }

  /** Looks at the interfaces that exist. */
  start(present: readonly InterfaceEvent[]): void {
    const statuses = present.map(({ status }) => status).filter((status) => this.selection.has(status));
    for (const holder of this.#holders) {
      for (const status of statuses) if (hasNameLike(status, holder.patterns)) this.#look(holder, status);
      if (holder.matches.size === 0) this.#lookAtNobody(holder);
    }
    this.#conclude();
  }

  event({ type, status }: InterfaceEvent): void {
    let concerned = false;
    for (const holder of this.#holders) {
      if (!isEnd(type) && hasNameLike(status, holder.patterns)) this.#look(holder, status);
      else {
        holder.named.delete(status.index);
        if (!holder.matches.delete(status.index)) continue;
        const other = [...holder.named.values()].at(-1);
        if (!holder.glob && other !== undefined) this.#look(holder, other);
        else if (holder.matches.size === 0) this.#lookAtNobody(holder);
      }
      concerned = true;
    }
    if (concerned) this.#conclude(); // only after all of them know what has changed
  }

  stalled(): boolean {
    return false;
  }

  trouble(error: NetflagsError): void {
    callBack(this.#onTrouble, error, (reason) => this.failed(reason));
  }

  failed(reason: unknown): void {
    this.#over = true;
    this.#result.reject(reason);
  }

  /** Each state is checked when it is reported, even if it is over by now. */
  #look(holder: OwnHolder, status: InterfaceStatus): void {
    if (this.#over) return;
    holder.named.set(status.index, status);
    if (!holder.glob) holder.matches.clear(); // only one interface has a name: this one took it over
    const found = { status, holds: this.#ask(holder, status) };
    holder.matches.set(status.index, found);
    if (this.#any && found.holds) this.#end([status]);
  }

  #lookAtNobody(holder: OwnHolder): void {
    if (this.#over) return;
    holder.holdsOfNobody = this.#ask(holder, undefined);
    if (this.#any && holder.holdsOfNobody) this.#end([undefined]);
  }

  #ask(holder: OwnHolder, status: InterfaceStatus | undefined): boolean {
    try {
      return holder.test(status);
    } catch (error) {
      this.failed(error);
      return false;
    }
  }

  #conclude(): void {
    if (this.#over || this.#any || !this.#holders.every(isFulfilled)) return;
    this.#end(this.#holders.flatMap(({ matches }): (InterfaceStatus | undefined)[] => {
      if (matches.size === 0) return [undefined];
      return Array.from(matches.values(), ({ status }) => status).sort((a, b) => a.index - b.index);
    }));
  }

  #end(statuses: (InterfaceStatus | undefined)[]): void {
    if (this.#over) return;
    this.#over = true;
    this.#result.resolve(statuses);
  }
}
