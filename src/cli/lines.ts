import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import type { AccessPointEvent } from "../watch/access_points.ts";
import { STATUS_FIELDS } from "../watch/compare.ts";
import type { InterfaceEvent } from "../watch/event.ts";
import { asJson } from "./output.ts";
import { VERSION } from "./schema/events.ts";

function digits(value: number, count = 2): string {
  return String(Math.trunc(Math.abs(value))).padStart(count, "0");
}

/** A time in milliseconds since the Unix epoch as ISO 8601, to the microsecond, with the offset of the local zone. */
export function isoTime(time: number): string {
  const micros = Math.floor(time * 1000);
  const date = new Date(Math.floor(micros / 1000));
  const offset = -date.getTimezoneOffset();
  const day = `${digits(date.getFullYear(), 4)}-${digits(date.getMonth() + 1)}-${digits(date.getDate())}`;
  const clock = `${digits(date.getHours())}:${digits(date.getMinutes())}:${digits(date.getSeconds())}`;
  const fraction = digits(micros - Math.floor(micros / 1_000_000) * 1_000_000, 6);
  return `${day}T${clock}.${fraction}${offset < 0 ? "-" : "+"}${digits(offset / 60)}:${digits(offset % 60)}`;
}

/** A status, with its fields in the order in which they are documented. */
export function inOrder<T extends InterfaceStatus>(status: T): T {
  return { ...Object.fromEntries(STATUS_FIELDS.map((field) => [field, status[field]])), ...status };
}

/** What `watch --json` prints of an event, and `run` tells its hooks. */
export function eventLine(event: InterfaceEvent, hook?: string): string {
  return asJson({
    schema: VERSION,
    hook,
    time: isoTime(event.time),
    type: event.type,
    interface: inOrder(event.interface),
    previous: event.previous && inOrder(event.previous),
    changed: event.changed,
    flagsSet: event.flagsSet,
    flagsCleared: event.flagsCleared,
    hiddenFlaps: event.hiddenFlaps,
    ssids: event.ssids,
    generation: event.generation,
    resync: event.resync,
    left: event.left,
    moved: event.moved,
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
    mloLinkId: event.mloLinkId,
    wiphy: event.wiphy,
    initial: event.initial,
    interface: event.interface && inOrder(event.interface),
  });
}
