/** What comes and goes together: the hook of the gain, and that of the loss. */
export interface Sides {
  readonly gain: Hook;
  readonly loss: Hook;
}

/** What comes and goes, from the outside inward: each can hold only where those before it do. */
export const PAIRS = ["present", "up", "carrier", "connected", "defaultRoute"] as const;

/** The name of something that comes and goes. */
export type PairName = typeof PAIRS[number];

/** The hooks of each. */
export const SIDES: Readonly<Record<PairName, Sides>> = {
  present: { gain: "added", loss: "removed" },
  up: { gain: "up", loss: "down" },
  carrier: { gain: "carrier", loss: "no-carrier" },
  connected: { gain: "connected", loss: "disconnected" },
  defaultRoute: { gain: "default-route", loss: "no-default-route" },
};

/** What a program can be run for as long as it holds. The name is also that of the gain. */
export const LASTING = ["up", "connected"] as const satisfies readonly PairName[];

/** The name of such a thing. */
export type Lasting = typeof LASTING[number];

/** What a hook can be for. Those of a loss are run first, from the inside outward; then those of what holds. */
export const HOOKS = [
  "added",
  "up",
  "carrier",
  "connected",
  "default-route",
  "network",
  "addresses",
  "flapped",
  "no-default-route",
  "disconnected",
  "no-carrier",
  "down",
  "removed",
] as const;

/** What a hook is for. */
export type Hook = typeof HOOKS[number];

/** What a hook runs for as long as it holds: where that is lost, the hook has nothing to do any more. */
export const STANDS_ON: Readonly<Partial<Record<Hook, PairName>>> = {
  added: "present",
  up: "up",
  carrier: "carrier",
  connected: "connected",
  "default-route": "defaultRoute",
  network: "connected",
  addresses: "present",
  flapped: "present",
};

/** The pair whose loss a hook is for; undefined if it is not for a loss. */
export function lossOf(hook: Hook): PairName | undefined {
  return PAIRS.find((pair) => SIDES[pair].loss === hook);
}

/** The pair whose gain a hook is for; undefined if it is not for a gain. */
export function gainOf(hook: Hook): PairName | undefined {
  return PAIRS.find((pair) => SIDES[pair].gain === hook);
}
