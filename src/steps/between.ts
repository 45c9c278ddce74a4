import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import type { InterfaceEvent } from "../table/event.ts";
import { holds } from "../wait/conditions.ts";

/** What the states of an interface that is there show. */
export const SHOWN = ["up", "carrier", "connected", "defaultRoute"] as const;

/** Whether the default traffic of a family leaves by an interface that is not dead; undefined if nobody has said. */
export function carriesDefault(status: InterfaceStatus): boolean | undefined {
  return status.defaultRoute === undefined ? undefined : holds(status, "default-route");
}

/** What happened between two states beside their difference. */
export interface Between {
  /** How often it came or went, the difference of the states not counted. */
  readonly flips: number;
  /** Whether it was seen to go, although it may hold again. */
  readonly dipped: boolean;
}

/** Nothing but the difference. */
export const NOTHING: Between = { flips: 0, dipped: false };

/** What an event says of the time between its two states, for each of them. */
export function betweenStates(event: InterfaceEvent): Readonly<Record<typeof SHOWN[number], Between>> {
  const { type, previous, status, changed, hiddenFlaps: hidden = 0 } = event;
  if (type !== "changed") {
    return { up: NOTHING, carrier: NOTHING, connected: NOTHING, defaultRoute: NOTHING };
  }
  // A field that changed and has the same value: the event is several ones, merged. It came and went at least once.
  const merged = (field: typeof SHOWN[number]): boolean => previous[field] === status[field] && changed.includes(field);
  const of = (dipped: boolean, unseen: number): Between => ({ flips: dipped ? Math.max(unseen, 2) : unseen, dipped });
  const up = merged("up");
  const wasUp = status.up || previous.up || up;
  const works = status.connected === true || previous.connected === true;
  const carried = carriesDefault(previous) === true && carriesDefault(status) === true;
  return {
    up: of(up, 0),
    carrier: wasUp ? of(up || merged("carrier"), hidden) : NOTHING,
    connected: of(merged("connected"), works ? hidden : 0),
    // Of what went and came back; what came and went has begun nothing.
    defaultRoute: of(carried && (merged("defaultRoute") || merged("connected")), 0),
  };
}
