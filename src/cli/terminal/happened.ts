/** An event in plain words: what happened first, then why, then whatever else changed. */
import type { InterfaceStatus, StatusField, WirelessState } from "../../../platforms/contract/status.ts";
import type { InterfaceEvent } from "../../table/event.ts";
import { valuesInWords } from "./differences.ts";
import { addressWords, defaultRouteText, frequencies, plain, quoted } from "./output.ts";

/** Fields that other phrases speak for. */
const SPOKEN: ReadonlySet<StatusField> = new Set<StatusField>([
  ...(["name", "flags", "flagNames", "up", "running", "lowerUp", "dormant", "connected", "carrier"] as const),
  ...(["carrierChanges", "carrierUps", "carrierDowns", "operState", "linkState", "wireless", "addresses"] as const),
  ...(["defaultRoute", "master", "masterIndex", "masterKind", "parentIndex", "mtu", "hardwareAddress"] as const),
]);

/** What fields are called where their name is not a word. */
const LABELS: { readonly [field in StatusField]?: string } = {
  linkMode: "link mode",
  altNames: "alternative names",
};

/** Flags that follow from what the phrases say. */
const WORKED_OUT: readonly string[] = ["UP", "RUNNING", "LOWER_UP", "DORMANT"];

function stateWord({ up, connected }: InterfaceStatus): string {
  if (connected === true) return "connected";
  if (!up) return "down";
  return connected === false ? "not connected" : "perhaps connected";
}

/** What is there, of an interface that came or was there. */
function arrival(status: InterfaceStatus): string {
  const { kind, type, wireless } = status;
  const route = defaultRouteText(status);
  return [
    plain(kind ?? type ?? "interface"),
    stateWord(status),
    wireless?.ssid === undefined ? "" : quoted(wireless.ssid),
    ...addressWords(status),
    route === undefined ? "" : `default route ${route}`,
  ].filter((part) => part !== "").join(", ");
}

function times(flaps: number): string {
  const times = Math.ceil(flaps / 2);
  return times === 1 ? "once" : `${times} times`;
}

/** Whether it came or went, and how often in between. */
function connection(previous: InterfaceStatus, now: InterfaceStatus, flaps: number, why?: string): string[] {
  const flapped = flaps > 0 ? [`flapped ${times(flaps)}`] : [];
  if (previous.connected !== now.connected) {
    if (now.connected === true) return ["connected", ...flapped];
    if (now.connected === undefined) return [now.up ? "perhaps connected" : "down", ...flapped];
    const what = previous.connected === true ? "disconnected" : now.up ? "not connected" : "down";
    return [why === undefined ? what : `${what}: ${plain(why)}`, ...flapped];
  }
  if (flaps > 0) return [...flapped, ...(now.connected === true ? ["connected again"] : [])];
  if (previous.up !== now.up) return [now.up ? "set up, not connected yet" : "set down"];
  if (previous.carrier !== now.carrier && now.carrier !== undefined) return [now.carrier ? "carrier" : "no carrier"];
  const [before, after] = [previous.operState ?? previous.linkState, now.operState ?? now.linkState];
  return before === after ? [] : [`state ${before ?? "unknown"} -> ${after ?? "unknown"}`];
}

/** Which network it joined, left, serves or serves no more; of one that stays, its channel. */
function network(before: WirelessState | undefined, after: WirelessState | undefined): string[] {
  const [was, is] = [before?.ssid, after?.ssid];
  const serves = (state: WirelessState | undefined): boolean => state?.type === "ap";
  if (was !== is || before?.type !== after?.type) {
    const gone = was === undefined ? [] : [`${serves(before) ? "stopped serving" : "left"} ${quoted(was)}`];
    if (is !== undefined) return [`${serves(after) ? "serves" : "joined"} ${quoted(is)}`];
    return gone.length > 0 ? gone : [`wireless ${plain(before?.type ?? "none")} -> ${plain(after?.type ?? "none")}`];
  }
  const [from, to] = [before, after].map((one) => one === undefined ? "" : frequencies(one).join("+"));
  if (from === to) return [];
  return [`channel ${from || "none"} -> ${to ? `${to} MHz` : "none"}`];
}

function addresses(previous: InterfaceStatus, now: InterfaceStatus): string[] {
  const [before, after] = [addressWords(previous), addressWords(now)];
  const came = after.filter((one) => !before.includes(one)).map((one) => `+${one}`);
  const went = before.filter((one) => !after.includes(one)).map((one) => `-${one}`);
  if (came.length + went.length > 0) return [`address ${[...came, ...went].join(" ")}`];
  return [`address ${valuesInWords(previous, now, "addresses").join(" -> ")}`];
}

function master({ master: was }: InterfaceStatus, { master: is }: InterfaceStatus): string {
  return is === undefined ? `no port of ${plain(was ?? "its master")} any more` : `port of ${plain(is)}`;
}

function change(event: InterfaceEvent, previous: InterfaceStatus, why: string | undefined): string {
  const { status: now, changed } = event;
  const has = (field: StatusField): boolean => changed.includes(field);
  const pair = (label: string, field: StatusField): string[] =>
    has(field) ? [`${label} ${valuesInWords(previous, now, field).join(" -> ")}`] : [];
  const flags = [
    ...event.flagsSet.filter((flag) => !WORKED_OUT.includes(flag)).map((flag) => `+${flag}`),
    ...event.flagsCleared.filter((flag) => !WORKED_OUT.includes(flag)).map((flag) => `-${flag}`),
  ];
  return [
    ...(previous.name === now.name ? [] : [`renamed to ${plain(now.name)}`]),
    ...connection(previous, now, event.hiddenFlaps ?? 0, why),
    ...(has("wireless") ? network(previous.wireless, now.wireless) : []),
    ...(has("addresses") ? addresses(previous, now) : []),
    ...(has("defaultRoute") ? [`default route ${defaultRouteText(now) ?? "gone"}`] : []),
    ...(has("masterIndex") || has("master") ? [master(previous, now)] : []),
    ...pair("mtu", "mtu"),
    ...pair("MAC", "hardwareAddress"),
    ...changed.filter((field) => !SPOKEN.has(field)).flatMap((field) => pair(LABELS[field] ?? field, field)),
    ...flags,
    // What changed and changed back has the same value before and after.
  ].join(", ") || `${changed.map((field) => plain(field)).join(", ")} changed and changed back`;
}

function notes(event: InterfaceEvent): string {
  return [
    event.ssids.length > 0 && event.status.wireless?.ssid !== event.ssids.at(-1) || event.ssids.length > 1
      ? `access points started: ${event.ssids.map(quoted).join(", ")}`
      : "",
    event.resync ? "after an overflow" : "",
    event.type === "removed" && event.moved ? `moved to network namespace ${event.moved.netnsId}` : "",
  ].filter((note) => note !== "").map((note) => ` (${note})`).join("");
}

/** Whether an event took something away whose cause the event itself does not show. */
export function isLoss({ previous, status: { connected, up } }: InterfaceEvent): boolean {
  return previous?.connected === true && connected === false && up;
}

/**
 * What happened, in a line without its time.
 *
 * @param why Why it is not connected, in a few words, where somebody asked.
 * @param paint Colours the name.
 */
export function happened(event: InterfaceEvent, why?: string, paint = (name: string): string => name): string {
  const { type, status, previous } = event;
  const name = paint(plain(type === "changed" ? previous.name : status.name));
  switch (type) {
    case "removed":
      return `${name} removed${notes(event)}`;
    case "left":
      return `${name} left: it is not what was asked for any more${notes(event)}`;
    case "changed":
      return `${name} ${change(event, previous, status.up ? why : "set down")}${notes(event)}`;
    default:
      return `${name} ${type}: ${arrival(status)}${notes(event)}`;
  }
}
