/** What is done while a call fails, on the real kernel, and what comes of it. */
import {
  capabilities,
  get,
  type InterfaceStatus,
  list,
  NetflagsError,
  NotPermittedError,
  setFlags,
  UnsupportedError,
  waitFor,
  watch,
} from "../../mod.ts";
import { useBackend } from "../../platforms/current.ts";
import { LinuxBackend } from "../../platforms/linux/backend.ts";
import { LinuxLibc, useLibc } from "../../platforms/linux/libc/libc.ts";
import { processStatus } from "../../platforms/linux/libc/files.ts";
import { sysfsFlags } from "../../platforms/linux/ask/sysfs.ts";
import { ioctlFlags, watchAccessPoints } from "../../src/linux.ts";
import { assertEquals } from "@std/assert";
import type { Shim } from "./shim.ts";
import { type Fault, loopWay, NOTHING, type Outcome, type Row, SCENARIOS } from "./table.ts";

type Way = "poll" | "loop" | "aio";
type Kind = "hung" | "wrong" | "leak" | "spin" | "crash";

/** What must not come of a fault. */
export class Bad extends Error {
  readonly #kind: Kind;
  readonly #why: string;

  constructor(kind: Kind, why: string) {
    super(`${kind}: ${why}`);
    this.#kind = kind;
    this.#why = why;
  }

  /** The same, with the scenario in which it came. */
  in(scenario: string): Bad {
    return new Bad(this.#kind, `${scenario}: ${this.#why}`);
  }
}

/** The interface whose flags are changed, and one that is not there. */
const NAME = "fault0";
const ABSENT = "absent0";
/** Flags that anybody may set and that mean nothing to it (include/uapi/linux/if.h). */
const DEBUG = 0x4;
const NOARP = 0x80;
/**
 * How long anything may take: so many turns of a timer of a millisecond. A loaded machine makes fewer of them in a second,
 * and what is waited for comes later there too.
 */
const LIMIT = 10_000;
/** The same for the event loop, which is tried for a second, and not again where it has not called by then. */
const LOOP_LIMIT = 2500;
/** How often a watcher is begun for which the event loop was too slow. */
const LOOP_TRIES = 8;
/** So many calls are no spin: a broken poll is called a hundred times before it is given up. */
const CALLS = 2000;
/** How long a fault for ever is looked at for a spin, in milliseconds. */
const LOOK = 40;
/** Changes that are made so that a call is reached while a watcher listens. */
const CHANGES = 6;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Whether something comes to hold within so many turns; where it is said what it means if it does not, it must. */
async function until(holds: () => boolean, what: string | undefined, limit = LIMIT): Promise<boolean> {
  const started = performance.now();
  for (let turns = 0; !holds(); turns++) {
    if (turns >= limit) {
      if (what === undefined) return false;
      throw new Bad("hung", `${what} after ${turns} turns, ${(performance.now() - started).toFixed()} ms`);
    }
    await sleep(1);
  }
  return true;
}

async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  let over = false;
  const ends = promise.finally(() => over = true);
  ends.catch(() => {});
  await until(() => over, what);
  return await ends;
}

/** How many descriptors are open, but for local sockets: the runtime opens a pair of them when it comes to need it. */
function descriptors(): number {
  const local = new Set(
    Deno.readTextFileSync("/proc/net/unix").split("\n").map((line) => `socket:[${line.split(/\s+/)[6]}]`),
  );
  return [...Deno.readDirSync("/proc/self/fd")].filter(({ name }) => !local.has(linkOf(`/proc/self/fd/${name}`)))
    .length;
}

function linkOf(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return ""; // that of the reading itself
  }
}

/** The netlink sockets of this network namespace: one may live on without a descriptor. */
function sockets(): number {
  return Deno.readTextFileSync("/proc/net/netlink").trim().split("\n").length;
}

/** The scenarios of a fault, with what they need. */
export class Trial {
  readonly #shim: Shim;
  readonly #file: string;
  readonly #fault: Fault;
  /** The backend without faults. */
  readonly #real: LinuxBackend;

  constructor(shim: Shim, file: string, fault: Fault, real: LinuxBackend) {
    this.#shim = shim;
    this.#file = file;
    this.#fault = fault;
    this.#real = real;
  }

  /** Whatever comes of the fault, in each scenario. */
  async run(loops: boolean): Promise<Row> {
    const state = (): InterfaceStatus => this.#real.get(NAME)!;
    const lo = sysfsFlags("lo");
    const scenarios: { readonly [name in keyof Row]: () => Promise<Outcome> } = {
      list: () => this.#once(() => same(list(), this.#real.list({ addresses: true }), "list")),
      get: () =>
        this.#once(() => {
          same(get(NAME), state(), "get by name");
          same(get(state().index), state(), "get by index");
          same(get(ABSENT), undefined, "get of none");
        }),
      set: () =>
        this.#once(() => {
          const debug = (state().flags & DEBUG) === 0;
          same(setFlags(NAME, { debug }), state(), "setFlags");
          same((state().flags & DEBUG) !== 0, debug, "flag");
        }),
      ioctl: () => this.#once(() => same(ioctlFlags(NAME), state().flags & 0xffff, "ioctlFlags")),
      files: () =>
        this.#once(() => {
          const [flags, status] = [sysfsFlags("lo"), processStatus()];
          if (flags === undefined || status === undefined) return false;
          same(flags, lo, "flags in sysfs");
          return same(status.includes("CapEff"), true, "status in /proc");
        }),
      wireless: () => this.#once(() => this.#askWireless()),
      open: () => this.#watch("poll", true),
      later: () => this.#watch("poll", false),
      loopOpen: () => this.#watch(loopWay(this.#fault.call), true),
      loopLater: () => this.#watch(loopWay(this.#fault.call), false),
    };
    const row: { -readonly [name in keyof Row]: Outcome } = { ...NOTHING };
    for (const name of SCENARIOS) {
      if (!loops && name.startsWith("loop")) continue;
      try {
        row[name] = await scenarios[name]();
      } catch (error) {
        if (error instanceof Bad) throw error.in(name);
        throw error;
      }
    }
    return row;
  }

  /** What is told of wireless interfaces: nothing but one clear error where the kernel has no wireless support. */
  #askWireless(): void {
    try {
      watchAccessPoints().close();
    } catch (error) {
      const usual = error instanceof UnsupportedError && error.code === undefined && !capabilities().accessPoints;
      if (!usual) throw error;
    }
  }

  /** A C library that fails, in the place of the system's. */
  #use(way: Way): { readonly libc: LinuxLibc } & Disposable {
    const libc = new LinuxLibc(way, [this.#file]);
    const stack = new DisposableStack();
    stack.use(useLibc(libc));
    stack.use(useBackend(new LinuxBackend(() => libc)));
    return { libc, [Symbol.dispose]: () => stack.dispose() };
  }

  #arm(): void {
    const { call, errno, mode } = this.#fault;
    this.#shim.reset(CALLS);
    this.#shim.arm(call, errno, mode);
  }

  get #reached(): boolean {
    return this.#shim.failed(this.#fault.call) > 0;
  }

  #checkSpin(): void {
    const calls = this.#shim.total();
    if (calls >= CALLS) throw new Bad("spin", `${calls} calls`);
  }

  /** Asks once, under the fault and again without it. False: what was asked for was not to be had, and that is well. */
  async #once(ask: () => boolean | void): Promise<Outcome> {
    const before = held();
    using _ = this.#use("poll");
    let refused = false;
    this.#arm();
    for (let i = 0; i < CHANGES && !this.#reached; i++) {
      try {
        refused = ask() === false;
      } catch (error) {
        this.#judge(error);
        refused = true;
      }
    }
    this.#checkSpin();
    const reached = this.#reached;
    this.#shim.lift();
    try {
      ask();
    } catch (error) {
      if (!refused || !isHopeless(error)) throw error;
      this.#judge(error); // what was refused for good is not asked for again
    }
    await checkHeld(before);
    if (refused && !reached) throw new Bad("wrong", "refused without a fault");
    return !reached ? "-" : refused ? "refused" : "unaffected";
  }

  /** Watches, with the fault from the start or from the middle on, while something changes. */
  async #watch(way: Way, early: boolean): Promise<Outcome> {
    for (let tries = 1;; tries++) {
      const outcome = await this.#watchBy(way, early);
      if (outcome !== undefined) return outcome;
      if (tries === LOOP_TRIES) throw new Bad("hung", `the event loop, which was tried ${tries} times`);
    }
  }

  /** The same; undefined where the event loop, which was to be there before the fault, did not come. */
  async #watchBy(way: Way, early: boolean): Promise<Outcome | undefined> {
    const before = held();
    using used = this.#use(way);
    const looping = (): boolean => used.libc.waiter.way !== "poll";
    this.#shim.reset(CALLS);
    if (early) this.#arm();
    let follower = this.#follow();
    if (way !== "poll") {
      const decided = (): boolean => looping() || this.#reached || !follower.listens;
      const came = await until(decided, undefined, early ? 500 : LOOP_LIMIT);
      if (!came && !early) {
        await follower.close();
        return undefined;
      }
    }
    if (!early) this.#arm();
    const refusals: unknown[] = [];
    for (let i = 0; i < CHANGES && !this.#reached && follower.listens; i++) await this.#step(follower, refusals);
    // Once more with the fault, which was reached: its effect is told, or everything is as if it were not there.
    if (follower.listens) await this.#step(follower, refusals);
    if (this.#fault.mode === "ever" && this.#reached) await sleep(LOOK);
    this.#checkSpin();
    const reached = this.#reached;
    this.#shim.lift();
    for (const error of [...follower.errors, ...follower.troubles, ...refusals]) this.#judge(error);
    const troubled = follower.troubles.length > 0;
    const ended = follower.ended;
    const refused = follower.errors.length + refusals.length > 0;
    if (ended && !follower.errors.every((error) => isHopeless(error))) {
      throw new Bad("wrong", `${follower.errors[0]} ended the watcher`);
    }
    if (!follower.listens) {
      await follower.close();
      follower = this.#follow();
    }
    // Without the fault, it tells what changed meanwhile, and what changes from now on.
    await until(() => follower.shows(this.#real.get(NAME)!), "what changed meanwhile is not told");
    for (const flag of [NOARP, DEBUG]) {
      this.#toggle(flag);
      await until(() => follower.shows(this.#real.get(NAME)!), "a change behind the fault is not told");
    }
    await inTime(follower.waited, "waitFor has not ended");
    await follower.close();
    this.#shim.reset(CALLS);
    await checkHeld(before);
    if (!reached && (refused || troubled)) throw new Bad("wrong", "trouble without a fault");
    return !reached ? "-" : ended ? "ended" : refused ? "refused" : troubled ? "recovered" : "unaffected";
  }

  #toggle(flag: number): void {
    const off = (this.#real.get(NAME)!.flags & flag) === 0;
    this.#real.setFlags(NAME, off ? flag : 0, off ? 0 : flag);
  }

  /** Changes something, and waits until that is told, or trouble, or the end; meanwhile somebody else waits for a state. */
  async #step(follower: Follower, refusals: unknown[]): Promise<void> {
    if (follower.troubles.length > 0) return;
    this.#toggle(DEBUG);
    const now = this.#real.get(NAME)!;
    const other = waitFor(NAME, "up", { addresses: false }).catch((error) => refusals.push(error));
    await until(
      () => !follower.listens || follower.troubles.length > 0 || follower.shows(now),
      "neither a change nor trouble is told",
    );
    await inTime<unknown>(other, "another waitFor");
  }

  #follow(): Follower {
    // A kernel that tells no change is compared with each second: to see that once is enough.
    const { call, errno } = this.#fault;
    return new Follower(this.#real.get(NAME)!, call === "setsockopt join" && errno !== "EPERM" ? 50 : 0);
  }

  /** An error must be one of the few classes, in one line, and say what failed with which error number. */
  #judge(error: unknown): void {
    const { errno } = this.#fault;
    if (!(error instanceof NetflagsError)) {
      if (error instanceof Bad) throw error;
      throw new Bad("crash", String(error instanceof Error ? error.stack : error));
    }
    const { name, message, operation, code } = error;
    const said = `${name} ${message} (${operation}, ${code})`;
    if (operation === undefined || message.includes("\n")) throw new Bad("wrong", said);
    // poll(2) runs on another thread, which keeps its errno to itself.
    if (code !== errno && !(code === undefined && operation === "wait for interface events")) {
      throw new Bad("wrong", said);
    }
    const is = error instanceof NotPermittedError
      ? "permission"
      : error instanceof UnsupportedError
      ? "support"
      : name === "SystemError"
      ? "system"
      : name;
    const should = ["EPERM", "EACCES"].includes(code ?? "")
      ? "permission"
      : ["ENOSYS", "EOPNOTSUPP", "EAFNOSUPPORT", "EPROTONOSUPPORT"].includes(code ?? "")
      ? "support"
      : "system";
    if (is !== should) throw new Bad("wrong", said);
  }
}

function same<T>(actual: T, expected: T, what: string): true {
  try {
    assertEquals(actual, expected);
    return true;
  } catch {
    throw new Bad("wrong", `${what}: ${JSON.stringify(actual)} where the kernel has ${JSON.stringify(expected)}`);
  }
}

interface Held {
  readonly descriptors: number;
  readonly sockets: number;
}

function held(): Held {
  return { descriptors: descriptors(), sockets: sockets() };
}

/** What was closed without waiting is gone when the poll has come round; the runtime opens files of its own for a moment. */
async function checkHeld(before: Held): Promise<void> {
  let now = held();
  const gone = await until(() => {
    now = held();
    return now.descriptors <= before.descriptors && now.sockets <= before.sockets;
  }, undefined);
  if (!gone) {
    const [fds, more] = [now.descriptors - before.descriptors, now.sockets - before.sockets];
    throw new Bad("leak", `${fds} descriptors and ${more} sockets more`);
  }
}

/** Whether it cannot get better. */
function isHopeless(error: unknown): boolean {
  return error instanceof NotPermittedError || error instanceof UnsupportedError;
}

/** A watcher, whoever takes its events, and one who waits for a state. */
class Follower {
  readonly troubles: NetflagsError[] = [];
  /** What ended the watcher or the waiting, or did not let them begin. */
  readonly errors: unknown[] = [];
  /** Whether the watcher began, and ended with an error. */
  ended = false;
  /** Ends when the state that was waited for is there, or with the error. */
  readonly waited: Promise<unknown>;
  readonly #watcher: ReturnType<typeof watch> | undefined;
  readonly #closing = new AbortController();
  readonly #ended: Promise<void> = Promise.resolve();
  #state: InterfaceStatus;

  constructor(state: InterfaceStatus, poll: number) {
    this.#state = state;
    const wanted = (state.flags & NOARP) === 0;
    const condition = (status?: InterfaceStatus): boolean => ((status?.flags ?? 0) & NOARP) !== 0 === wanted;
    this.waited = waitFor(NAME, condition, { signal: this.#closing.signal }).catch((error) => this.errors.push(error));
    try {
      this.#watcher = watch({ addresses: true, poll, onTrouble: (error) => this.troubles.push(error) });
      this.#ended = this.#read(this.#watcher);
    } catch (error) {
      this.errors.push(error);
    }
  }

  get listens(): boolean {
    return this.#watcher !== undefined && !this.ended;
  }

  async #read(watcher: ReturnType<typeof watch>): Promise<void> {
    try {
      for await (const { type, status } of watcher) {
        if (type !== "changed") throw new Bad("wrong", `${status.name} was ${type}`);
        if (status.name === NAME) this.#state = status;
      }
    } catch (error) {
      this.ended = true;
      this.errors.push(error);
    }
  }

  /** Whether this is the last state that was told. */
  shows({ flags }: InterfaceStatus): boolean {
    return this.#state.flags === flags;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await inTime<unknown>(this.#watcher?.return() ?? Promise.resolve(), "the watcher does not close");
    await inTime(this.#ended, "the loop over the watcher does not end");
  }
}
