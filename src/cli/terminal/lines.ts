import type { AccessPointEvent } from "../../watch/access_points.ts";
import type { InterfaceEvent } from "../../watch/event.ts";
import { inOrder } from "./order.ts";
import { asJson } from "./output.ts";
import { VERSION } from "../json/version.ts";
import { isoTime, wallTime } from "../options/time.ts";

/** What `watch --json` prints of an event, and `run` tells its hooks. */
export function eventLine(event: InterfaceEvent, hook?: string): string {
  return asJson({
    schema: VERSION,
    hook,
    time: isoTime(wallTime(event.time)),
    type: event.type,
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
  });
}

/** What `ap --json` prints of an event. */
export function accessPointLine(event: AccessPointEvent): string {
  return asJson({
    schema: VERSION,
    time: isoTime(wallTime(event.time)),
    type: event.type,
    index: event.index,
    name: event.name,
    ssid: event.ssid,
    ssidHex: event.ssidHex,
    previousSsid: event.previousSsid,
    frequency: event.frequency,
    mloLinkId: event.mloLinkId,
    wiphy: event.wiphy,
    initial: event.initial,
    status: event.status && inOrder(event.status),
  });
}
