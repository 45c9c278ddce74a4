import { assert, assertEquals } from "@std/assert";
import { type InterfaceStatus, NetflagsError, type WaitCondition, waitForAny, type WatchOptions } from "../../mod.ts";
import { EINTR } from "../../platforms/ffi/errno.ts";
import * as N from "../../platforms/linux/wire/numbers.ts";
import type { FakeCall } from "../helpers/linux/kernel.ts";
import { Random } from "../helpers/random.ts";
import { AccessPointObserver } from "./access_points.ts";
import { Clock } from "./clock.ts";
import { momentOf, Observer, WISHES } from "./observer.ts";
import { World } from "./world.ts";

/** Errors that pass, by the calls that may fail with them. */
const PASSING: readonly (readonly [FakeCall, number])[] = [
  ["socket", 24], // EMFILE
  ["bind", 12], // ENOMEM
  ["setsockopt", 12],
  ["send", N.ENOBUFS],
  ["send", 12],
  ["recvfrom", N.ENOBUFS],
  ["recvfrom", 12],
  ["recvfrom", 9], // EBADF
  ["recvfrom", 100], // ENETDOWN
  ["recvfrom", EINTR],
];

const CONDITIONS: readonly WaitCondition[] = ["present", "up", "down", "connected", "running", "oper-up"];

/** Somebody who waits for a condition, of a name or of any that a glob matches. */
interface Wait {
  readonly name: string;
  readonly has: (name: string) => boolean;
  readonly condition: WaitCondition;
  result: InterfaceStatus | undefined;
  error: unknown;
}

async function flush(): Promise<void> {
  for (let i = 0; i < 6; i++) await undefined;
}

/** One run of watchers on a kernel in memory, with everything that happens, and when, by one seed. */
class Schedule {
  /** What was done, in words. */
  readonly done: string[] = [];
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #world: World;
  readonly #observers: Observer[] = [];
  #accessPoints: AccessPointObserver | undefined;
  readonly #waits: Wait[] = [];
  readonly #stop = new AbortController();
  /** What half of the watchers want: as long as one wants everything, the kernel drops nothing. */
  readonly #usual: typeof WISHES[number];

  constructor(random: Random, clock: Clock, world: World) {
    this.#random = random;
    this.#clock = clock;
    this.#world = world;
    this.#usual = WISHES[random.pick([0, 0, 1, 2, 4])]!;
    const { kernel } = world;
    kernel.manual = true;
    kernel.partSize = 1 + random.below(3);
    kernel.queueLimit = random.pick([1, 2, 4, 8, 1000]);
    kernel.kernel.sockets.hasFilters = random.below(4) !== 0;
    kernel.hasWireless = random.below(4) !== 0;
    if (random.below(8) === 0) kernel.refusedGroups.add(N.RTNLGRP_LINK);
    if (random.below(8) === 0) kernel.refusedGroups.add(N.RTNLGRP_IPV4_IFADDR);
    // What changes while the kernel makes a list is in it or not, and is told by messages too.
    kernel.onPart = () => {
      for (let i = random.below(4) === 0 ? 1 + random.below(2) : 0; i > 0; i--) {
        this.#log(`meanwhile ${world.change()}`);
      }
    };
  }

  #log(text: string): void {
    this.done.push(text);
  }

  async run(): Promise<void> {
    for (let steps = 10 + this.#random.below(50); steps > 0; steps--) {
      await this.#step();
      await flush();
      for (const observer of this.#observers) observer.check();
    }
    await this.#end();
  }

  async #step(): Promise<void> {
    const random = this.#random;
    const { kernel } = this.#world;
    switch (random.below(16)) {
      case 0:
        return this.#watch();
      case 1:
        return this.#wait();
      case 2: {
        if (this.#observers.length === 0 || random.below(3) !== 0) return;
        const [observer] = this.#observers.splice(random.below(this.#observers.length), 1);
        this.#log("close a watcher");
        await observer!.watcher.return();
        return;
      }
      case 3: {
        const [call, errno] = random.pick(PASSING);
        this.#log(`${call} is to fail with ${N.ERRNO_NAMES[errno] ?? errno}`);
        kernel.failOnce.set(call, errno);
        return;
      }
      case 4: {
        const time = random.pick([0, 1, 10, 50, 500, 1000, 5000]);
        this.#log(`${time} ms`);
        return this.#clock.pass(time, flush);
      }
      case 5:
      case 6:
        if (this.#observers.length > 0) random.pick(this.#observers).take();
        return;
      case 7:
      case 8:
      case 9:
      case 10:
        return this.#wake();
      default:
        this.#log(this.#world.change());
    }
  }

  #wake(): void {
    const { kernel } = this.#world;
    const { readable } = kernel;
    if (readable.length === 0) return;
    const socket = this.#random.pick(readable);
    this.#log(`wake ${socket.protocol === N.NETLINK_ROUTE ? "links" : "wireless"}, ${socket.queued} queued`);
    kernel.wake(socket);
  }

  #watch(): void {
    const random = this.#random;
    if (this.#accessPoints === undefined && random.below(6) === 0) {
      this.#log("watch access points");
      return this.#try(() => this.#accessPoints = new AccessPointObserver(this.#world));
    }
    if (this.#observers.length >= 3) return;
    const options: WatchOptions = {
      addresses: random.below(2) === 0,
      initial: random.below(4) !== 0,
      settle: random.below(4) === 0 ? 100 : undefined,
      poll: random.below(8) === 0 ? 1000 : undefined,
    };
    const wish = random.below(2) === 0 ? this.#usual : random.pick(WISHES);
    this.#log(`watch ${JSON.stringify({ ...options, ...wish.selection })}`);
    this.#try(() => this.#observers.push(new Observer(this.#world, wish, options, random.below(2) === 0)));
  }

  #wait(): void {
    const { name: one } = this.#world.history.length === 0 ? { name: "eth0" } : this.#random.pick(this.#world.history);
    const glob = this.#random.below(3) === 0;
    const [name, has] = glob
      ? [`${one.slice(0, 2)}*`, (other: string) => other.startsWith(one.slice(0, 2))] as const
      : [one, (other: string) => other === one] as const;
    const wait: Wait = { name, has, condition: this.#random.pick(CONDITIONS), result: undefined, error: undefined };
    this.#log(`wait for ${name} ${wait.condition}`);
    this.#waits.push(wait);
    // Where it cannot begin, the caller is told.
    const failing = this.#world.kernel.failOnce.size > 0;
    waitForAny([name], wait.condition, { signal: this.#stop.signal }).then((status) => {
      wait.result = status;
    }, (error) => {
      if (failing && error instanceof NetflagsError) this.#waits.splice(this.#waits.indexOf(wait), 1);
      else wait.error = error;
    });
  }

  #try(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof NetflagsError)) throw error;
      this.#log(error.message);
    }
  }

  /** Nothing changes any more: in the end everybody must know what is, and nothing must be left. */
  async #end(): Promise<void> {
    const { kernel } = this.#world;
    this.#log("the end");
    kernel.onPart = undefined;
    kernel.failOnce.clear();
    this.#world.settle();
    for (const observer of this.#observers) {
      observer.eager = true;
      observer.take();
    }
    let wrong: string | undefined;
    for (let rounds = 0; rounds < 100; rounds++) {
      while (kernel.readable.length > 0) {
        kernel.wake(this.#random.pick(kernel.readable));
        await flush();
      }
      await this.#clock.pass(500, flush);
      wrong = kernel.readable.length > 0 ? "messages are not read" : this.#wrong();
      if (wrong === undefined) break;
    }
    assertEquals(wrong, undefined);
    this.#stop.abort("the end");
    for (const one of [...this.#observers, this.#accessPoints]) await one?.watcher.return();
    await flush();
    await flush();
    assertEquals([kernel.sockets, this.#clock.pending, kernel.strayCalls], [0, 0, []], "left behind");
  }

  #wrong(): string | undefined {
    for (const observer of [...this.#observers, this.#accessPoints]) {
      const wrong = observer?.wrong();
      if (wrong !== undefined) return wrong;
    }
    for (const { name, has, condition, result, error } of this.#waits) {
      if (error !== undefined) throw error;
      if (result !== undefined) {
        momentOf(this.#world, result);
        assert([result.name, ...result.altNames].some(has), `${result.name} is not ${name}`);
        assert(holds(result, condition), `${name} is not ${condition}: ${JSON.stringify(result)}`);
      } else if (this.#holds(has, condition)) return `${name} is ${condition}, and somebody waits for it`;
    }
    return undefined;
  }

  /** Whether a condition has held since the kernel last told something: what it does not tell, nobody need know. */
  #holds(has: (name: string) => boolean, condition: WaitCondition): boolean {
    const { kernel, history, told } = this.#world;
    return [...kernel.links.values()].some((link) => {
      if (![link.name, ...link.altNames ?? []].some(has)) return false;
      const life = this.#world.lifeOf(link);
      return history.slice(told.get(life)).filter((version) => version.life === life).every((version) =>
        holds({
          up: (version.flags & N.IFF_UP) !== 0,
          running: (version.flags & N.IFF_RUNNING) !== 0,
          connected: N.IF_OPER_NAMES[version.operState] === "up" && (version.flags & N.IFF_LOWER_UP) !== 0,
          operState: N.IF_OPER_NAMES[version.operState],
        }, condition)
      );
    });
  }
}

function holds(
  { up, running, connected, operState }: Pick<InterfaceStatus, "up" | "running" | "connected" | "operState">,
  condition: WaitCondition,
): boolean {
  switch (condition) {
    case "up":
      return up;
    case "down":
      return !up;
    case "running":
      return running;
    case "connected":
      return connected === true;
    case "oper-up":
      return operState === "up";
    default:
      return condition === "present";
  }
}

/**
 * Runs the schedule of a seed.
 *
 * @throws {Error} Somebody was told what is not so, or was not told what is; with all that was done.
 */
export async function runSchedule(seed: number): Promise<void> {
  using clock = new Clock();
  const world = new World(new Random(seed));
  using _kernel = world.kernel;
  const schedule = new Schedule(new Random(seed ^ 0x5eed), clock, world);
  try {
    await schedule.run();
  } catch (cause) {
    const done = schedule.done.map((one, i) => `  ${i + 1}. ${one}`).join("\n");
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Schedule ${seed} fails (deno task simulate --seed ${seed}): ${text}\n${done}`, { cause });
  }
}
