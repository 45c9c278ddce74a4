import type { Moment } from "../../platforms/contract/clock.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import type { InterfaceEvent } from "../table/event.ts";
import { betweenStates, carriesDefault, NOTHING, SHOWN } from "./between.ts";
import { gainOf, type Hook, lossOf, type PairName, PAIRS, SIDES, STANDS_ON } from "./hooks.ts";
import type { Delays } from "./motion.ts";
import { NetworkTrail } from "./network.ts";
import { Notices } from "./notices.ts";
import { type Beginning, type Held, Pair } from "./pair.ts";
import { Story } from "./story.ts";

/** How steps are made of events. */
export interface StepOptions {
  /** The hooks that somebody wants to be run. The others are passed over. */
  readonly hooks: ReadonlySet<Hook>;
  /** How long something must be at rest before it counts. */
  readonly delays: Delays;
  /** Asks the kernel whether an interface still exists. */
  readonly exists: (index: number) => boolean;
  /** The present moment, for what is run without an event. */
  readonly now: () => Moment;
}

/** A hook to be run, and for what. */
export interface Step {
  readonly hook: Hook;
  /** What happened since no hook was due: `previous` is the state of then. */
  readonly event: InterfaceEvent;
  /** Whether the interface is gone, or has another name now. Its state is the last known one then. */
  readonly gone: boolean;
  /** Whether nothing happened, and the hook is run because there will be no more. */
  readonly end: boolean;
  /** How often what the hook is for came or went since its last hook, without a hook of its own. */
  readonly missed: number;
}

/** Losses are reported from the inside outward. */
const INSIDE_FIRST: readonly PairName[] = PAIRS.toReversed();

/** Whether each holds in a state. An interface that is not up has no carrier, whatever its driver says. */
function heldIn(status: InterfaceStatus): Readonly<Record<PairName, Held>> {
  const { up, carrier, connected } = status;
  return {
    present: true,
    up,
    carrier: up ? carrier : false,
    connected,
    defaultRoute: carriesDefault(status),
  };
}

/** An interface under one name, from when it gets the name until it loses it: which hook is due. */
export class Life {
  readonly #options: StepOptions;
  readonly #pairs: Readonly<Record<PairName, Pair>>;
  readonly #trail: NetworkTrail;
  readonly #notices: Notices;
  readonly #story: Story;
  #names: readonly string[];
  readonly #allNames = new Set<string>();
  #leaving = false;
  #gone = false;
  #ending = false;

  /** The first event must be of an interface that is there. */
  constructor(event: InterfaceEvent, beginning: Beginning, options: StepOptions, time: number) {
    const { delays } = options;
    const { status } = event;
    const accepted = beginning === "accepted";
    this.#options = options;
    this.#story = new Story(event, accepted, options.now);
    this.#names = this.#note(status);
    this.#trail = new NetworkTrail(status);
    const wants = (hook: Hook): boolean => this.#wants(hook);
    this.#notices = new Notices(status, this.#trail.now, accepted, delays, wants, time);
    const held = heldIn(status);
    const pair = (name: PairName): Pair => {
      // Whether one that is down will have a carrier is not known yet: none is missed.
      const silent = name === "carrier" && beginning === "initial" && !status.up;
      return new Pair(held[name], silent ? "arrival" : beginning, delays, this.#trail.now, time);
    };
    this.#pairs = {
      present: pair("present"),
      up: pair("up"),
      carrier: pair("carrier"),
      connected: pair("connected"),
      defaultRoute: pair("defaultRoute"),
    };
  }

  /** Its name and its alternative names. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** The same, and those that it had. */
  get allNames(): ReadonlySet<string> {
    return this.#allNames;
  }

  /** The last known state. */
  get status(): InterfaceStatus {
    return this.#story.status;
  }

  /** What a hook would be run for now. */
  get event(): InterfaceEvent {
    return this.#story.event;
  }

  /** Whether the interface is gone, or has another name now. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Whether the interface is being removed. */
  get leaving(): boolean {
    return this.#leaving;
  }

  /** When something counts that moves now; undefined if everything is at rest. */
  get countsAt(): number | undefined {
    if (this.#ending) return undefined;
    let first = this.#notices.countsAt;
    for (const name of PAIRS) {
      const at = this.#pairs[name].countsAt;
      if (at !== undefined && (first === undefined || at < first)) first = at;
    }
    return first;
  }

  /** Counts what has come to rest. It is called again at {@linkcode Life.countsAt}. */
  settle(time: number): void {
    if (this.#ending) return;
    for (const name of PAIRS) this.#pairs[name].settle(time);
    this.#notices.settle(time);
    const { present, up } = this.#pairs;
    if (this.#gone && present.countsAt === undefined && up.begun && this.#wants("up")) up.end();
  }

  /** Takes an event that leaves it its name. */
  take(event: InterfaceEvent, time: number): void {
    this.settle(time); // what was at rest until now counts as it was
    this.#story.note(event);
    if (event.changed.includes("altNames")) this.#names = this.#note(event.status);
    const held = heldIn(event.status);
    const between = betweenStates(event);
    const { now: before, last: known } = this.#trail;
    const missed = this.#trail.see(event);
    const { now } = this.#trail;
    for (const name of SHOWN) {
      const pair = this.#pairs[name];
      const last = pair.begun ? pair.network : known ?? now;
      const other = now !== undefined && now !== before && now !== last;
      const renewed = (name === "carrier" || name === "connected") && (missed || other);
      pair.see(held[name], between[name], renewed, time);
    }
    // Flips that come with a mark up or down are not flips alone.
    const alone = event.previous?.up === true && event.status.up && !between.carrier.dipped;
    this.#notices.see(event.status, now, alone ? between.carrier.flips : 0, time);
  }

  /** Takes an event of an interface that is being removed: what it shows of the state is how the kernel does that. */
  leave(event: InterfaceEvent): void {
    this.#leaving = true;
    this.#story.note(event);
  }

  /** Takes the event with which the interface goes, or loses its name. */
  end(event: InterfaceEvent, time: number): void {
    this.settle(time);
    this.#story.note(event);
    this.#gone = true;
    // Not "up": nobody has marked it down.
    for (const name of ["present", "carrier", "connected", "defaultRoute"] as const) {
      this.#pairs[name].see(false, NOTHING, false, time);
    }
    this.#notices.end(time);
  }

  /** From now on only what hooks have begun is ended, as if all of it were lost. */
  close(): void {
    if (this.#gone) this.settle(Infinity);
    this.#ending = true;
    for (const name of PAIRS) {
      const pair = this.#pairs[name];
      if (pair.begun && this.#wants(SIDES[name].gain)) pair.end();
      else if (!pair.begun && pair.lossDue) pair.forgive();
    }
  }

  /** The hook that is due, if there is one: that it came, then losses, then what holds. */
  next(time: number): Hook | undefined {
    this.settle(time);
    const open = !this.#ending && !this.#gone;
    const hook = (open ? this.#gain(["present"]) : undefined) ?? this.#loss() ??
      (open ? this.#gain(PAIRS) ?? this.#other() : undefined);
    if (hook === undefined) this.#story.rest(this.countsAt === undefined);
    return hook;
  }

  /** Whether it is gone, and nothing is left to do. */
  done(time: number): boolean {
    return (this.#gone || this.#ending) && this.next(time) === undefined && this.countsAt === undefined;
  }

  /** The hook that is due is run now: what for. */
  tell(hook: Hook): Step {
    const gain = gainOf(hook);
    const loss = lossOf(hook);
    const pair = gain ?? loss;
    const event = this.#story.tell(loss !== undefined);
    const { hidden } = this.#notices;
    const missed = (pair && this.#pairs[pair].missed) ?? (hook === "flapped" ? hidden : 0);
    if (loss !== undefined) this.#tellLoss(loss);
    else if (gain !== undefined) this.#tellGain(gain);
    else if (hook === "flapped") {
      for (const name of ["carrier", "connected"] as const) this.#pairs[name].tellFlips(hidden);
    }
    if (pair !== "present" && pair !== "up" && pair !== "defaultRoute") this.#notices.tell(hook);
    return { hook, event, gone: this.#gone, end: this.#ending && !this.#gone, missed };
  }

  /** Whether what a hook was run for holds still, so that it may go on. */
  stands(hook: Hook, time: number): boolean {
    if (this.#ending) return lossOf(hook) !== undefined;
    this.settle(time);
    const pair = STANDS_ON[hook];
    return pair === undefined || !this.#pairs[pair].lost;
  }

  /** A number that stays as long as something holds without a loss, from the hook of its gain on; undefined before it. */
  held(pair: PairName, time: number): number | undefined {
    if (this.#ending || this.#gone) return undefined;
    this.settle(time);
    return this.#pairs[pair].held;
  }

  #note({ name, altNames }: InterfaceStatus): readonly string[] {
    const names = [name, ...altNames];
    for (const one of names) this.#allNames.add(one);
    return names;
  }

  #wants(hook: Hook): boolean {
    return this.#options.hooks.has(hook);
  }

  #loss(): Hook | undefined {
    for (const name of INSIDE_FIRST) {
      const addresses = name === "present" && this.#gone ? this.#notices.addressesDue() : undefined;
      if (addresses !== undefined) return addresses;
      const pair = this.#pairs[name];
      if (!pair.lost) continue;
      const { gain, loss } = SIDES[name];
      // What came and went while no hook could be run has begun nothing.
      if (!pair.lossDue && this.#wants(gain)) pair.forgive();
      else if (this.#wants(loss)) return loss;
      else this.#tellLoss(name);
    }
    return undefined;
  }

  #gain(pairs: readonly PairName[]): Hook | undefined {
    for (const name of pairs) {
      if (!this.#pairs[name].gained) continue;
      const { gain } = SIDES[name];
      if (this.#wants(gain)) return gain;
      this.#tellGain(name);
    }
    return undefined;
  }

  /** What is neither a loss nor a gain. */
  #other(): Hook | undefined {
    const { carrier, connected } = this.#pairs;
    if (carrier.countsAt !== undefined || connected.countsAt !== undefined) return this.#notices.addressesDue();
    return this.#notices.due(connected.now !== false);
  }

  #tellLoss(name: PairName): void {
    this.#pairs[name].tellLoss();
  }

  #tellGain(name: PairName): void {
    this.#pairs[name].tellGain(this.#trail.now);
  }
}
