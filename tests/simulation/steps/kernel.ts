/** Interfaces that change as chance has it, and the events that a watcher makes of it. */
import type { InterfaceAddress, InterfaceStatus } from "../../../mod.ts";
import { fakeStatus } from "../../../src/testing.ts";
import { type InterfaceEvent, makeEvent, mergeEvents } from "../../../src/table/event.ts";
import type { Random } from "../../helpers/random.ts";

const NAMES = ["a0", "b0", "c0"] as const;
const OTHER_NAME = "spare";
const NETWORKS = ["foo", "bar", "baz"] as const;
const WIRELESS: InterfaceStatus = fakeStatus({ name: "a0", flags: 0x1002, operState: "down", carrier: false });

function address(last: number): InterfaceAddress {
  return {
    family: "inet",
    address: `192.0.2.${last}`,
    prefixLength: 24,
    scope: "global",
    peer: undefined,
    broadcast: undefined,
    label: undefined,
    flags: [],
  };
}
/** The same two lists each time, as the kernel's answers have them. */
const ROUTES: readonly InterfaceStatus["defaultRoute"][] = [[], ["inet"]];
const ADDRESSES = [[], [address(1)], [address(1), address(2)]];

/** No rule looks at the time of an event. */
const ORIGIN = { resync: false, time: 0, elapsed: 0 };

/** What an interface is, as far as hooks look at it. */
export interface State {
  readonly up: boolean;
  readonly carrier: boolean | undefined;
  readonly connected: boolean | undefined;
  readonly defaultRoute: boolean | undefined;
  readonly network: string | undefined;
  readonly name: string;
  readonly altNames: readonly string[];
}

/** An event, and what can be known of the way to it. */
export interface Happening {
  readonly event: InterfaceEvent;
  /** All states that it shows, from the one before to the one after; nothing for arrivals and removals. */
  readonly states: readonly State[];
}

interface Card {
  readonly index: number;
  readonly generation: number;
  status: InterfaceStatus;
  /** What no event was made of yet: a watcher whose consumer is slow. */
  held: Happening | undefined;
}

const bytes = new TextEncoder();
const hexOf = (text: string): string => bytes.encode(text).toHex();

/** What hooks look at. */
export function stateOf(status: InterfaceStatus): State {
  const { up, carrier, connected, defaultRoute: routes, wireless, name, altNames } = status;
  const defaultRoute = routes && connected !== false && routes.length > 0;
  return { up, carrier: up ? carrier : false, connected, defaultRoute, network: wireless?.ssid, name, altNames };
}

/** A kernel in which chance does things to at most three interfaces. */
export class RandomKernel {
  readonly #random: Random;
  readonly #cards: Card[] = [];
  #indexes = 0;
  /** Whether it tells what a kernel may leave out. */
  readonly #silent: boolean;
  /** Whether it is asked for routes. */
  readonly #routed: boolean;

  constructor(random: Random) {
    this.#random = random;
    this.#silent = random.below(8) === 0;
    this.#routed = random.below(4) !== 0;
    for (let i = random.below(3); i > 0; i--) this.#make();
  }

  /** The interfaces that exist at the start. */
  present(): Happening[] {
    return this.#cards.map(({ status, generation }) => ({
      event: makeEvent("present", undefined, status, { ...ORIGIN, generation }),
      states: [],
    }));
  }

  /** Whether an interface exists. */
  exists(index: number): boolean {
    return this.#cards.some((card) => card.index === index);
  }

  /** Does something, and returns what a watcher reports of it, in order. */
  change(): Happening[] {
    const random = this.#random;
    const card = this.#cards.length === 0 ? undefined : random.pick(this.#cards);
    const what = random.below(20);
    if (card === undefined || what === 0) return this.#added(this.#make());
    if (what === 1) return this.#remove(card);
    if (what === 2) return this.#replug(card);
    if (what === 3) return this.#rename(card);
    if (what === 4) return this.#swap();
    const before = card.status;
    const happening = this.#step(card);
    // Of a mark up or down that was merged with others it cannot be worked out what else it changed.
    if (!before.up || !card.status.up) return [...this.#release(card), happening];
    if (card.held === undefined && random.below(12) !== 0) return [happening];
    card.held = card.held === undefined ? happening : join(card.held, happening);
    return random.below(2) === 0 ? this.#release(card) : [];
  }

  /** What is still held back. */
  rest(): Happening[] {
    return this.#cards.flatMap((card) => this.#release(card));
  }

  /** How every interface is. */
  states(): ReadonlyMap<number, InterfaceStatus> {
    return new Map(this.#cards.map(({ index, status }) => [index, status]));
  }

  #release(card: Card): Happening[] {
    const { held } = card;
    card.held = undefined;
    return held === undefined ? [] : [held];
  }

  #added(card: Card | undefined): Happening[] {
    if (card === undefined) return [];
    const { status, generation } = card;
    return [{ event: makeEvent("added", undefined, status, { ...ORIGIN, generation }), states: [] }];
  }

  #make(name?: string): Card | undefined {
    const random = this.#random;
    const taken = this.#cards.flatMap(({ status }) => [status.name, ...status.altNames]);
    const free = NAMES.filter((one) => !taken.includes(one));
    name ??= free.length === 0 ? undefined : random.pick(free);
    if (name === undefined) return undefined;
    const index = ++this.#indexes;
    const altNames = !taken.includes(OTHER_NAME) && random.below(4) === 0 ? [OTHER_NAME] : [];
    const up = random.below(3) === 0;
    const status: InterfaceStatus = {
      ...WIRELESS,
      index,
      name,
      altNames,
      up,
      carrier: this.#silent ? undefined : random.below(3) === 0,
      connected: up && random.below(2) === 0,
      carrierChanges: 1,
      addresses: ADDRESSES[random.below(3)],
      defaultRoute: this.#routed ? random.pick(ROUTES) : undefined,
      wireless: random.below(2) === 0
        ? undefined
        : { type: "ap", ssid: undefined, ssidHex: undefined, frequency: 2412 },
    };
    const card = { index, generation: index, status, held: undefined };
    this.#cards.push(card);
    return card;
  }

  #remove(card: Card): Happening[] {
    this.#cards.splice(this.#cards.indexOf(card), 1);
    const { status, generation } = card;
    const origin = { ...ORIGIN, generation };
    const happenings = this.#release(card);
    // As Linux does: what is removed is marked down first, and seen so.
    const down = { ...status, up: false, connected: false, carrierChanges: status.carrierChanges! + 1 };
    if (status.up) happenings.push({ event: makeEvent("changed", status, down, origin), states: [] });
    const last = status.up ? down : status;
    return [...happenings, { event: makeEvent("removed", last, last, origin), states: [] }];
  }

  #replug(card: Card): Happening[] {
    return [...this.#remove(card), ...this.#added(this.#make(card.status.name))];
  }

  #rename(card: Card): Happening[] {
    const taken = this.#cards.map(({ status }) => status.name);
    const free = NAMES.filter((one) => !taken.includes(one));
    if (free.length === 0) return [];
    return [...this.#release(card), this.#become(card, { ...card.status, name: this.#random.pick(free) })];
  }

  /** Two swap their names; what a list shows of it, in the order of their indexes. */
  #swap(): Happening[] {
    const [one, other] = this.#cards;
    if (one === undefined || other === undefined) return [];
    const [name, otherName] = [one.status.name, other.status.name];
    return [
      ...this.#release(one),
      ...this.#release(other),
      this.#become(one, { ...one.status, name: otherName }),
      this.#become(other, { ...other.status, name }),
    ];
  }

  #become(
    card: Card,
    status: InterfaceStatus,
    states: readonly State[] = [],
    ssids: readonly string[] = [],
  ): Happening {
    const before = card.status;
    card.status = status;
    const event = makeEvent("changed", before, status, { ...ORIGIN, generation: card.generation, ssids });
    return { event, states: [stateOf(before), ...states, stateOf(status)] };
  }

  #step(card: Card): Happening {
    const random = this.#random;
    const { status } = card;
    const changes = status.carrierChanges!;
    const wireless = status.wireless;
    switch (random.below(9)) {
      case 8:
        return this.#become(card, { ...status, defaultRoute: this.#routed ? random.pick(ROUTES) : undefined });
      case 0: {
        const up = !status.up;
        return this.#become(card, { ...status, up, connected: up && random.below(2) === 0 });
      }
      case 1:
        return this.#become(card, { ...status, mtu: 1500 - (status.mtu === 1500 ? 100 : 0) });
      case 2:
        return this.#become(card, { ...status, addresses: ADDRESSES[random.below(3)] });
      case 3: { // the kernel merges flaps, and only its counter shows them
        const flaps = 2 * (1 + random.below(3));
        return this.#become(card, { ...status, carrierChanges: changes + flaps });
      }
      case 4:
      case 5: { // an access point starts, perhaps several one after the other, without a change that shows it
        if (wireless === undefined || !status.up || !status.carrier) break;
        const ssids = Array.from({ length: 1 + random.below(3) }, () => random.pick(NETWORKS));
        const ssid = ssids.at(-1)!;
        const now = { ...wireless, ssid, ssidHex: hexOf(ssid) };
        const after = { ...status, carrierChanges: changes + 2 * ssids.length, wireless: now };
        if (random.below(3) === 0) return this.#become(card, after); // before Linux 6.3
        return this.#become(card, after, ssids.map((network) => ({ ...stateOf(status), network })), ssids);
      }
    }
    const carrier = this.#silent ? undefined : !status.carrier;
    const ssid = wireless !== undefined && carrier && random.below(4) !== 0 ? random.pick(NETWORKS) : undefined;
    return this.#become(
      card,
      {
        ...status,
        carrier,
        connected: status.up && (carrier === undefined ? !status.connected : carrier && random.below(4) !== 0),
        carrierChanges: carrier === undefined ? changes : changes + 1,
        wireless: wireless && { ...wireless, ssid, ssidHex: ssid && hexOf(ssid) },
      },
      [],
      ssid === undefined ? [] : [ssid],
    );
  }
}

/** What the event of two shows: the ends, and in between that what is as before was not so all the time. */
function join(first: Happening, next: Happening): Happening {
  const event = mergeEvents(first.event, next.event)!;
  const all = [...first.states, ...next.states];
  const [before, after] = [all[0]!, all.at(-1)!];
  const back = (field: "carrier" | "connected"): boolean =>
    before[field] === after[field] && all.some((one) => one[field] !== before[field]);
  // What came and went has begun nothing.
  const fell = before.defaultRoute === true && after.defaultRoute === true && all.some((one) => !one.defaultRoute);
  const between = {
    ...before,
    defaultRoute: fell ? false : before.defaultRoute,
    carrier: back("carrier") ? !before.carrier : before.carrier,
    connected: back("connected") ? !before.connected : before.connected,
  };
  const networks = event.ssids.map((network) => ({ ...before, network }));
  return { event, states: [before, between, before, ...networks, after] };
}
