import type { Moment } from "../../../platforms/contract/clock.ts";
import type { AccessPointEvent } from "../../watch/running_points.ts";
import type { InterfaceEvent } from "../../table/event.ts";
import { inOrder } from "./order.ts";
import { asJson } from "./output.ts";
import { VERSION } from "../json/version.ts";
import { isoTime } from "../options/time.ts";

/** When this run of netflags began: every line of it has the same. */
const started = isoTime(performance.timeOrigin);

/** What each line ends with: when it happened by the steady clock, to the microsecond, and of which run that is. */
function steady({ elapsed }: Moment): object {
  return { elapsed: Math.round(elapsed * 1000) / 1000, started };
}

/** What a hook is told beside an event. */
export interface HookLine {
  readonly hook: string;
  /** Whether there is no event, and the hook is run because there will be no more. */
  readonly end: boolean;
  readonly missed: number;
}

/** What `watch --json` prints of an event, and `run` tells its hooks. */
export function eventLine(event: InterfaceEvent, hook?: HookLine): string {
  return asJson({
    schema: VERSION,
    hook: hook?.hook,
    time: isoTime(event.time),
    type: hook?.end ? "end" : event.type,
    status: inOrder(event.status),
    previous: event.previous && inOrder(event.previous),
    changed: event.changed,
    flagsSet: event.flagsSet,
    flagsCleared: event.flagsCleared,
    hiddenFlaps: event.hiddenFlaps,
    ssids: event.ssids,
    generation: event.generation,
    resync: event.resync,
    moved: event.type === "removed" ? event.moved : undefined,
    missed: hook?.missed,
    ...steady(event),
  });
}

/** What `ap --json` prints of an event. */
export function accessPointLine(event: AccessPointEvent): string {
  return asJson({
    schema: VERSION,
    time: isoTime(event.time),
    type: event.type,
    index: event.index,
    name: event.name,
    ssid: event.ssid,
    ssidHex: event.ssidHex,
    previousSsid: event.previousSsid,
    frequency: event.frequency,
    previousFrequency: event.previousFrequency,
    mloLinkId: event.mloLinkId,
    wiphy: event.wiphy,
    initial: event.initial,
    status: event.status && inOrder(event.status),
    ...steady(event),
  });
}
