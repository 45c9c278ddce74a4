import { assert, assertEquals } from "@std/assert";
import { absence, changedFields } from "../../src/table/compare.ts";
import { isEnd } from "../../src/table/event.ts";
import {
  type InterfaceEvent,
  type InterfaceStatus,
  type InterfaceWatcher,
  watch,
  type WatchOptions,
} from "../../mod.ts";
import type { InterfaceSelection } from "../../src/select/selection.ts";
import * as N from "../../platforms/linux/wire/numbers.ts";
import { type FakeLink, ssidOf } from "../helpers/linux/kernel.ts";
import type { Version, World } from "./world.ts";

/** What an observer may ask for, and by another way who belongs to it. */
export interface Wish {
  readonly selection: InterfaceSelection;
  has(link: Pick<FakeLink, "name" | "altNames" | "kind">): boolean;
}

type Identity = Parameters<Wish["has"]>[0];
const names = ({ name, altNames }: Identity): readonly string[] => [name, ...altNames];
const isEth = (name: string): boolean => name.startsWith("eth");

/** Everything, and some of it. */
export const WISHES: readonly Wish[] = [
  { selection: {}, has: () => true },
  { selection: { names: ["eth0"] }, has: (link) => names(link).includes("eth0") },
  { selection: { names: ["eth1", "wlan0"] }, has: (link) => names(link).some((one) => /^(eth1|wlan0)$/.test(one)) },
  { selection: { names: "br0-alias" }, has: ({ altNames }) => altNames.includes("br0-alias") },
  { selection: { names: "eth*" }, has: (link) => names(link).some(isEth) },
  {
    selection: { names: ["?[ra]*0", "t[!m]*"] },
    has: ({ name, altNames }) => ["br0", "tap0"].includes(name) || altNames.includes("tap0-alias"),
  },
  {
    selection: { exclude: ["*-alias", "tmp?"] },
    has: ({ name, altNames }) => altNames.length === 0 && name !== "tmp0",
  },
  {
    selection: { names: "*0", exclude: "eth*" },
    has: (link) => names(link).some((one) => one.endsWith("0")) && !names(link).some(isEth),
  },
  { selection: { kinds: ["bridge", "t?n"] }, has: ({ kind }) => kind !== undefined },
  { selection: { physical: true, loopback: false }, has: ({ kind }) => kind === undefined },
  {
    selection: { physical: false, names: "[!e]*" },
    has: (link) => link.kind !== undefined && names(link).some((one) => !one.startsWith("e")),
  },
  { selection: { types: "loopback" }, has: () => false },
];

/** What an observer knows of an index. */
interface Known {
  status: InterfaceStatus;
  readonly generation: number;
}

/** The moment that a state is of. It must be just what the interface was then. */
export function momentOf(world: World, status: InterfaceStatus): Version {
  const version = world.history[status.mtu!];
  assert(version !== undefined, `a moment that never was: ${status.mtu}`);
  assertEquals(
    [
      status.index,
      status.name,
      status.flags,
      status.operState,
      status.carrier,
      status.carrierChanges,
      status.masterIndex,
    ],
    [
      version.index,
      version.name,
      version.flags,
      N.IF_OPER_NAMES[version.operState],
      version.carrier,
      version.changes,
      version.master,
    ],
  );
  assertEquals(status.altNames, version.altNames);
  return version;
}

/** A watcher, and a consumer that holds each event against what really was. */
export class Observer {
  readonly watcher: InterfaceWatcher;
  /** Whether it takes each event at once, or only when it is told to. */
  eager: boolean;
  /** How many events it took. */
  taken = 0;
  readonly #world: World;
  readonly #options: WatchOptions;
  readonly #wish: Wish;
  readonly #known = new Map<number, Known>();
  readonly #generations = new Map<number, number>();
  /** The indexes of those that left, and are not back. */
  readonly #left = new Set<number>();
  readonly #ssids = new Set<string>();
  /** What was told before it began. */
  readonly #before: ReadonlyMap<number, number>;
  #waiting: Promise<void> | undefined;
  #error: { readonly reason: unknown } | undefined;

  constructor(world: World, wish: Wish, options: WatchOptions, eager: boolean) {
    this.#world = world;
    this.#options = options;
    this.#wish = wish;
    this.eager = eager;
    this.watcher = watch({ ...options, ...wish.selection });
    this.#before = new Map(world.told); // what happened within the call was before it
    if (eager) this.take();
  }

  /** Takes the next event, as soon as there is one. */
  take(): void {
    this.#waiting ??= this.#take();
  }

  async #take(): Promise<void> {
    try {
      do {
        const { done, value } = await this.watcher.next();
        if (done) return;
        this.#hear(value);
      } while (this.eager);
    } catch (reason) {
      this.#error ??= { reason };
    } finally {
      this.#waiting = undefined;
    }
  }

  /** Throws what went wrong. */
  check(): void {
    if (this.#error !== undefined) throw this.#error.reason;
  }

  #hear(event: InterfaceEvent): void {
    this.taken++;
    const { type, status, previous, generation, changed, ssids, hiddenFlaps, resync } = event;
    const { index } = status;
    const known = this.#known.get(index);
    const now = momentOf(this.#world, status);
    assert(this.#wish.has(now), `${status.name} was not asked for`);
    if (known !== undefined && known.generation === generation) {
      assert(type === "changed" || isEnd(type), `${type} of an interface that is there`);
      assert(status.mtu! >= known.status.mtu!, `a step back in time, from ${known.status.mtu} to ${status.mtu}`);
      assert(previous === known.status, "the state before is another one than was told");
    } else {
      const last = this.#generations.get(index) ?? 0;
      const back = this.#left.has(index) && type === "added";
      assert(back ? generation >= last : generation > last, `generation ${generation} comes again`);
      assert(known === undefined, `generation ${known?.generation} had no end`);
      this.#generations.set(index, generation);
    }
    const nothing = absence(status);
    for (const field of changedFields(previous ?? nothing, isEnd(type) ? nothing : status)) {
      assert(changed.includes(field), `${type} does not say that ${field} differs`);
    }
    if (type === "left") this.#left.add(index);
    else this.#left.delete(index);
    assert(!resync || this.#world.kernel.troubles > 0, "a resync where nothing was lost");
    assertEquals(previous === undefined, type === "present" || type === "added");
    if (type === "changed") {
      assert(changed.length > 0, "nothing changed");
      const before = momentOf(this.#world, previous);
      const shown = before.carrier === now.carrier ? 0 : 1;
      assertEquals(hiddenFlaps, Math.max(0, now.changes - before.changes - shown), "hidden flaps");
      assert(ssids.length === 0 || changed.includes("carrierChanges"), "networks without a change of the carrier");
    }
    for (const ssid of ssids) {
      assert(!this.#ssids.has(ssid), `${ssid} is told twice`);
      this.#ssids.add(ssid);
    }
    if (isEnd(type)) this.#known.delete(index);
    else this.#known.set(index, { status, generation });
  }

  /** What it does not know as it is; undefined where it knows all. */
  wrong(): string | undefined {
    this.check();
    const { kernel, told } = this.#world;
    const { initial } = this.#options;
    for (const link of kernel.links.values()) {
      const known = this.#known.get(link.index);
      if (!this.#wish.has(link)) {
        if (known !== undefined) return `${link.name} is known, and was not asked for`;
        continue;
      }
      const life = this.#world.lifeOf(link);
      const last = told.get(life)!;
      if (known === undefined && !initial && this.#before.get(life) === last) continue; // nothing new since it began
      if (known === undefined) return `${link.name} is not known`;
      if (known.status.mtu! < last) return `${link.name} is known as of ${known.status.mtu}, told as of ${last}`;
      if (known.status.master !== (link.master === undefined ? undefined : kernel.links.get(link.master)?.name)) {
        return `${link.name} has master ${known.status.master}`;
      }
      const wireless = known.status.wireless;
      if (wireless?.ssid !== (kernel.hasWireless ? ssidOf(link) : undefined)) {
        return `${link.name} has network ${wireless?.ssid}`;
      }
      if (!this.#options.addresses) continue;
      const addresses = known.status.addresses!.map(({ address }) => address);
      const want = link.addresses.map(({ local }) => local.join("."));
      if (addresses.sort().join() !== want.sort().join()) return `${link.name} has addresses ${addresses}, not ${want}`;
    }
    for (const index of this.#known.keys()) if (!kernel.links.has(index)) return `index ${index} is still known`;
    return undefined;
  }
}
