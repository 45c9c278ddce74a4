/** What must be true of the hooks that were run for one interface under one name, worked out from what happened alone. */
import type { InterfaceStatus } from "../../../mod.ts";
import { networkOf } from "../../../src/steps/network.ts";
import { usableAddresses } from "../../../src/steps/addresses.ts";
import { gainOf, type Hook, lossOf, type PairName, PAIRS, SIDES } from "../../../src/steps/hooks.ts";
import type { Delays } from "../../../src/steps/motion.ts";
import type { Step } from "../../../src/steps/life.ts";
import { type Happening, type State, stateOf } from "./kernel.ts";

/** A hook that was run. `begin` and `end` count what happened before, so that all of it has an order. */
export interface Run {
  readonly step: Step;
  readonly begin: number;
  readonly began: number;
  end: number;
  ended: number;
}

interface Loss {
  readonly at: number;
  readonly time: number;
}

interface Span {
  readonly value: boolean | undefined;
  readonly from: number;
  to: number;
}

/** Something for each pair. */
function ofEach<T>(make: () => T): Record<PairName, T> {
  return { present: make(), up: make(), carrier: make(), connected: make(), defaultRoute: make() };
}

/** One interface under one name. */
export class Tenure {
  readonly name: string;
  readonly begin: number;
  readonly runs: Run[] = [];
  status: InterfaceStatus;
  gone = false;
  /** When each pair was lost, and when something may have made a hook of its loss due. */
  readonly losses: Record<PairName, Loss[]> = ofEach(() => []);
  readonly causes: Record<PairName, number[]> = ofEach(() => []);
  /** When it came into another network. */
  readonly networks: Loss[] = [];
  /** When each value began and ended. */
  readonly spans: Record<PairName, Span[]> = ofEach(() => []);
  /** When each moved, values that were not seen included. */
  readonly moves: Record<PairName, number[]> = ofEach(() => []);
  readonly #beginning: "arrival" | "initial" | "accepted";
  #network: string | undefined;
  #lastNetwork: string | undefined;

  constructor(happening: Happening, beginning: Tenure["beginning"], at: number, time: number) {
    this.status = happening.event.status;
    this.name = this.status.name;
    this.begin = at;
    this.#beginning = beginning;
    this.#network = this.status.wireless?.ssid;
    for (const pair of PAIRS) this.#become(pair, this.value(pair), time);
  }

  get beginning(): "arrival" | "initial" | "accepted" {
    return this.#beginning;
  }

  /** Whether something holds now. */
  value(pair: PairName): boolean | undefined {
    return pair === "present" ? !this.gone : this.gone && pair !== "up" ? false : stateOf(this.status)[pair];
  }

  take({ event, states }: Happening, at: number, time: number): void {
    this.status = event.status;
    if (event.hiddenFlaps) { for (const pair of ["carrier", "connected"] as const) this.moves[pair].push(time); }
    states.forEach((after, i) => {
      const before = states[i - 1];
      if (before !== undefined) this.#see(before, after, at, time);
    });
  }

  end(at: number, time: number): void {
    for (const pair of ["present", "carrier", "connected", "defaultRoute"] as const) {
      if (this.value(pair) === true) this.#lost(pair, at, time);
      this.#become(pair, false, time);
    }
    this.gone = true;
  }

  #see(before: State, after: State, at: number, time: number): void {
    for (const pair of ["up", "carrier", "connected", "defaultRoute"] as const) {
      if (before[pair] === after[pair]) continue;
      this.#become(pair, after[pair], time);
      if (before[pair] === true && after[pair] === false) this.#lost(pair, at, time);
    }
    const { network } = after;
    const appears = network !== undefined && before.network === undefined;
    if (network !== undefined && (network !== this.#lastNetwork || appears)) {
      // It is another one than before an interruption that a delay forgives, or hooks were run before it was known.
      for (const pair of ["carrier", "connected"] as const) this.causes[pair].push(at);
      this.networks.push({ at, time });
      this.#lastNetwork = network;
    }
    if (network !== undefined && network !== this.#network) {
      for (const pair of ["carrier", "connected"] as const) {
        if (before[pair] !== true || after[pair] !== true) continue;
        if (this.#network !== undefined) this.losses[pair].push({ at, time });
      }
    }
    if (network !== undefined) this.#network = network;
    else if (after.connected === false) this.#network = undefined;
  }

  #become(pair: PairName, value: boolean | undefined, time: number): void {
    const last = this.spans[pair].at(-1);
    if (last?.value === value && last !== undefined) return;
    if (last !== undefined) last.to = time;
    this.spans[pair].push({ value, from: time, to: Infinity });
    this.moves[pair].push(time);
  }

  #lost(pair: PairName, at: number, time: number): void {
    this.losses[pair].push({ at, time });
    this.causes[pair].push(at);
  }

  /** The runs of the hooks of a pair. */
  runsOf(pair: PairName): Run[] {
    return this.runs.filter(({ step }) => (gainOf(step.hook) ?? lossOf(step.hook)) === pair);
  }

  /** Whether the hook of the gain was run last, before a moment. */
  begun(pair: PairName, at: number): boolean {
    const last = this.runsOf(pair).filter(({ begin }) => begin < at).at(-1);
    if (last !== undefined) return last.step.hook === SIDES[pair].gain;
    return this.#beginning === "accepted" && this.#first(pair) === true;
  }

  #first(pair: PairName): boolean | undefined {
    return this.#firsts[pair];
  }

  readonly #firsts: Partial<Record<PairName, boolean | undefined>> = {};

  /** Notes how the interface was when it came. */
  remember(): this {
    for (const pair of PAIRS) this.#firsts[pair] = this.value(pair);
    return this;
  }
}

/** Fails if a loss was reported that was over before its delay: it must have lasted, or never have come to rest. */
function checkDelay(tenure: Tenure, pair: PairName, gain: Run, { step, began }: Run, { up, down }: Delays): void {
  if (down === 0 || (pair === "up" && tenure.gone)) return;
  if (tenure.networks.some(({ at }) => at > gain.begin - 1)) return;
  const longest = Math.max(up, down);
  const lasted = tenure.spans[pair].some(({ value, from, to }) =>
    value === false && to >= gain.began && Math.min(to, began) - from >= down
  );
  let first = 0;
  const moves = tenure.moves[pair];
  const restless = moves.some((time, i) => {
    if (i === 0 || time - moves[i - 1]! > longest) first = time;
    return time + longest - first >= 10 * longest;
  });
  if (!lasted && !restless) throw new Error(`${step.hook} was run for what its delay forgives`);
}

/** Fails unless every rule that holds without delays and with them is kept. */
export function checkTenure(
  tenure: Tenure,
  hooks: ReadonlySet<Hook>,
  delays: Delays,
  grace: number,
): void {
  for (const pair of PAIRS) {
    const { gain, loss } = SIDES[pair];
    const runs = tenure.runsOf(pair);
    const both = hooks.has(gain) && hooks.has(loss);
    const now = tenure.value(pair);
    const last = runs.at(-1)?.step.hook;
    if (both) {
      runs.forEach(({ step }, i) => {
        if (step.hook === runs[i - 1]?.step.hook) throw new Error(`${step.hook} was run twice in a row`);
      });
    }
    // What was run last is how it is.
    const begun = tenure.begun(pair, Infinity);
    if (hooks.has(gain) && now === true && !tenure.gone && !begun) throw new Error(`${gain} was not run`);
    if (both && (now === false || tenure.gone) && begun) throw new Error(`${gain} was run last, and ${loss} is`);
    if (!both && last === undefined && hooks.has(gain) && now === true && !tenure.gone && !begun) {
      throw new Error(`${gain} was never run`);
    }
    if (delays.up === 0 && delays.down === 0 && hooks.has(loss)) {
      for (const { at } of tenure.losses[pair]) {
        const due = !hooks.has(gain) || tenure.begun(pair, at);
        const ran = runs.some(({ step, begin }) => step.hook === loss && begin > at);
        if (due && !ran) throw new Error(`${loss} was seen at ${at}, and was not run`);
      }
    }
    for (const [i, { step, begin, end, ended }] of runs.entries()) {
      if (step.hook !== gain) {
        const before = runs[i - 1]?.begin ?? -1;
        const cause = tenure.causes[pair].some((at) => at > before && at < begin) ||
          (i === 0 && tenure.beginning === "initial") || step.end || (pair === "up" && tenure.gone);
        if (!cause) throw new Error(`${loss} was run for nothing`);
        if (runs[i - 1]?.step.hook === gain && !step.end) checkDelay(tenure, pair, runs[i - 1]!, runs[i]!, delays);
        continue;
      }
      if (delays.up > 0 || delays.down > 0) continue;
      const lost = tenure.losses[pair].find(({ at }) => at > begin && at < end);
      if (lost !== undefined && ended > lost.time + grace) throw new Error(`${gain} held its loss back`);
    }
  }
  if (tenure.gone) return;
  if (hooks.has("addresses")) {
    const told = tenure.runs.findLast(({ step }) => step.hook === "addresses")?.step.event.status;
    const [a, b] = [told, tenure.status].map((one) => one === undefined ? "" : usableAddresses(one).join());
    const nobody = tenure.beginning === "accepted" || b === "";
    if (a !== b && !(told === undefined && nobody)) throw new Error(`addresses were told as ${a}, and are ${b}`);
  }
  const network = networkOf(tenure.status);
  const served = tenure.runs.findLast(({ step }) => step.hook === "connected")?.step.event.status;
  if (hooks.has("connected") && network !== undefined && tenure.status.connected === true && served !== undefined) {
    if (networkOf(served) !== network) throw new Error(`connected was run for ${served.wireless?.ssid} last`);
  }
}
