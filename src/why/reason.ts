import type { Backend } from "../../platforms/contract/backend.ts";
import {
  type Cause,
  type CauseCode,
  type InterfaceDetails,
  type KnownInterface,
  NO_DETAILS,
  type PortState,
  STAND_ON_PORTS,
} from "../../platforms/contract/details.ts";

/** Why an interface is not connected: the chain of causes. Pure: statuses in, causes out. */

/** Interfaces by index. */
export type Interfaces = ReadonlyMap<number, KnownInterface>;

/** A cause, and the interface to look at next. */
interface Step {
  readonly cause: Cause;
  readonly next?: KnownInterface | undefined;
  /** The causes in another network namespace, if the next interface is there. */
  readonly elsewhere?: readonly Cause[];
}

/**
 * The causes why an interface is not connected; the last one is the root cause. Each interface is visited once, so that
 * a circle of references ends.
 *
 * @param index Which interface.
 * @param interfaces All known interfaces: at least this one, and those below it.
 * @returns The causes; none if it is connected, or if its system does not say.
 */
export function explainReasons(index: number, interfaces: Interfaces): Cause[] {
  const chain: Cause[] = [];
  const seen = new Set<number>();
  let at = interfaces.get(index);
  if (at?.connected !== false) return chain;
  while (at !== undefined) {
    seen.add(at.index);
    const { cause, next, elsewhere }: Step = at.connected === false
      ? stepFrom(at, interfaces, seen)
      : { cause: unusedPort(at) };
    chain.push(cause, ...elsewhere ?? []);
    at = next;
  }
  return chain;
}

/** The root of a chain of causes in words, and by way of which interfaces it is one; undefined where there is none. */
export function rootText(causes: readonly Cause[]): string | undefined {
  const root = causes.at(-1);
  if (root === undefined || causes.length === 1) return root?.text;
  return `${root.text} (${causes.map((cause) => cause.interfaceName).join(" > ")})`;
}

/** Why one interface is not connected; interfaces that were already visited are not blamed again. */
function stepFrom(one: KnownInterface, interfaces: Interfaces, seen: ReadonlySet<number>): Step {
  const below = one.parentNetnsId === undefined && one.parentIndex !== undefined
    ? interfaces.get(one.parentIndex)
    : undefined;
  const culprit = below?.connected === false && !seen.has(below.index) ? below : undefined;
  if (!one.up) {
    // A VLAN goes up and down with the interface below it, and cannot be set up before it.
    return one.kind === "vlan" && culprit?.up === false
      ? step(one, "lower-down", `is down as long as ${culprit.name} below it is`, culprit)
      : step(one, "down", "is down: nobody has set it up, or somebody has set it down");
  }
  if (one.protoDown === true) {
    const reasons = one.protoDownReasons.length === 0 ? "" : `, reason ${one.protoDownReasons.join(", ")}`;
    return step(one, "proto-down", `is up, but a program holds it down (proto_down${reasons})`);
  }
  if (one.operState === undefined) return noLink(one);
  if (STAND_ON_PORTS.has(one.kind)) {
    const ports = portsOf(one, interfaces);
    if (ports.length === 0 || one.carrier !== true) return portsDown(one, ports, seen);
  }
  const hidden = below === undefined && one.carrier !== true && hasHiddenParent(one);
  if (culprit !== undefined || hidden) return lower(one, culprit);
  return ownState(one);
}

/**
 * Whether the interface below it is not a known one. If that one is in the same namespace, the kernel reports
 * lowerlayerdown.
 */
function hasHiddenParent({ operState, parentNetnsId }: KnownInterface): boolean {
  return operState === "lowerlayerdown" || (operState === "down" && parentNetnsId !== undefined);
}

function step(one: KnownInterface, code: CauseCode, text: string, next?: KnownInterface): Step {
  return { cause: { code, interfaceName: one.name, text: `${one.name} ${text}` }, next };
}

/** For an interface below that is to blame, also one that the kernel does not show here. */
function lower(one: KnownInterface, culprit: KnownInterface | undefined): Step {
  const name = culprit?.name ?? one.parent;
  const elsewhere = one.parentNetnsId === undefined ? undefined : causesElsewhere(one, one.parentNetnsId);
  const there = elsewhere?.[0];
  if (one.parentNetnsId !== undefined && there === undefined) {
    const which = `${one.kind === "veth" ? "its other end" : "the interface below it"} is not`;
    const where =
      `index ${one.parentIndex} in network namespace ${one.parentNetnsId}, of which this process learns nothing`;
    return step(one, "other-namespace", `is up, but ${which}: ${where}`);
  }
  const shown = there === undefined ? name : inNamespace(there.interfaceName, one.parentNetnsId);
  const blamed = one.kind === "veth"
    ? step(one, "peer-down", `is up, but its other end${shown === undefined ? "" : ` ${shown}`} is not`, culprit)
    : step(one, "lower-down", `is up, but ${shown ?? "the interface"} below it is down or has no carrier`, culprit);
  return elsewhere === undefined ? blamed : { ...blamed, elsewhere };
}

function inNamespace(name: string, netnsId: number | undefined): string {
  return `${name} in network namespace ${netnsId}`;
}

/** Why the interface below, in another network namespace, is not connected; none if nothing is known about it. */
function causesElsewhere({ parentElsewhere }: KnownInterface, netnsId: number): Cause[] {
  if (parentElsewhere?.connected !== false) return [];
  // It refers to indexes and names of that namespace, and the other end of a veth pair is where we came from.
  const { index, name, kind } = parentElsewhere;
  const alone = { ...parentElsewhere, name: inNamespace(name, netnsId), ...(kind === "veth" ? NO_PARENT : undefined) };
  return explainReasons(index, new Map([[index, alone]])).map((cause) => ({ ...cause, interfaceName: name, netnsId }));
}

const NO_PARENT = { parent: undefined, parentIndex: undefined, parentNetnsId: undefined };

/** The ports of an interface; first the one that is nearest to being usable. */
function portsOf(one: KnownInterface, interfaces: Interfaces): KnownInterface[] {
  return [...interfaces.values()].filter(({ masterIndex }) => masterIndex === one.index)
    .sort((a, b) => nearness(b) - nearness(a) || a.index - b.index);
}

/** For a bond, bridge or team whose ports are of no use to it. */
function portsDown(one: KnownInterface, ports: readonly KnownInterface[], seen: ReadonlySet<number>): Step {
  if (ports.length === 0) return step(one, "no-ports", "is up, but has no ports");
  const first = ports.find(({ index }) => !seen.has(index));
  const names = ports.map(({ name }) => name).join(", ");
  if (first === undefined || isOfUse(first)) {
    return step(one, "no-carrier", `is up but has no carrier, whatever the state of its ports: ${names}`);
  }
  return step(one, "ports-down", `is up, but it can use none of its ports: ${names}`, first);
}

function nearness(port: KnownInterface): number {
  return port.connected === true ? 3 : port.up ? port.port?.state === "active" ? 2 : 1 : 0;
}

/** Whether a bond's link monitor allows it to use a port: "going-back" does not yet, "going-down" still does. */
export function isUpToBond({ miiStatus }: PortState): boolean {
  return miiStatus !== "down" && miiStatus !== "going-back";
}

/** Whether a port does what its master wants. */
function isOfUse({ connected, port }: KnownInterface): boolean {
  if (connected !== true) return false;
  return port?.kind === "bond"
    ? isUpToBond(port)
    : port?.kind !== "bridge" || port.state === undefined || port.state === "forwarding";
}

/** Why a port that works by itself is not used by its master. */
function unusedPort(one: KnownInterface): Cause {
  return one.port?.kind === "bond"
    ? step(one, "link-monitor", `works by itself, but the link monitor of ${one.master} finds it ${one.port.miiStatus}`)
      .cause
    : step(
      one,
      "blocked",
      `works by itself, but ${one.master} lets nothing through it: its spanning tree state is ${one.port?.state}`,
    )
      .cause;
}

/** What the operational state says about the interface itself. */
function ownState(one: KnownInterface): Step {
  switch (one.operState) {
    case "dormant":
      return step(
        one,
        "dormant",
        one.linkMode === "dormant"
          ? "has a carrier, but waits until a program such as an 802.1X supplicant sets its operational state up (link mode dormant)"
          : "has a carrier, but waits for an external event before it can carry traffic",
      );
    case "testing":
      return step(one, "testing", "is being tested, and carries no traffic during the test");
    case "notpresent":
      return step(one, "not-present", "has parts that are not present");
    case "up":
    case "unknown":
      if (!one.running) return step(one, "not-running", "is up, but not running");
      return step(
        one,
        "undecided",
        one.lowerUp === true
          ? "is up and running, but does not count as connected until the kernel has worked out its state"
          : "is up and running, but without LOWER_UP: it does not count as connected until the kernel has checked its carrier",
      );
    default:
      return one.carrier === false ? noCarrier(one) : step(one, "not-running", "is up but not operational");
  }
}

function noCarrier(one: KnownInterface): Step {
  if (one.wireless?.type === "station") {
    return step(one, "not-associated", "is up, but not associated with a network");
  }
  if (one.wireless?.type === "ap") {
    return step(one, "no-access-point", "is up, but its access point is not running");
  }
  const { extendedState, extendedSubstate } = one.hardware ?? {};
  if (extendedState !== undefined) {
    const more = extendedSubstate === undefined ? "" : `, ${extendedSubstate}`;
    return step(one, "no-carrier", `is up but has no carrier: its driver says ${extendedState}${more}`);
  }
  const cable = one.kind === undefined ? ": no cable, or the other end is down" : "";
  return step(one, "no-carrier", `is up but has no carrier${cable}`);
}

/** Why an interface has no link, on a system with a link state or a medium but no operational state. */
function noLink(one: KnownInterface): Step {
  if (one.media?.link === false) {
    if (one.wireless?.type === "station" || one.wireless?.type === "ap") return noCarrier(one);
    const text = `is up but has no link: ${missing(one)} (its medium says so: ${one.media.text})`;
    return step(one, "no-carrier", text);
  }
  switch (one.linkState) {
    case "down":
      return step(one, "no-carrier", "is up but has no link: no cable, or the other end is down");
    case "unknown":
      return one.running ? step(one, "not-associated", "is up, but not associated") : notRunning(one);
    default:
      return one.carrier === false ? noCarrier(one) : notRunning(one);
  }
}

/** Why the medium of an interface has no link. */
function missing({ name, running }: KnownInterface): string {
  const driver = driverOf(name);
  if (driver === "lagg") return "none of its ports has one";
  const waits = driver === "tap" || !running; // FreeBSD 12's tap is running before it is opened
  return (waits ? NEEDS[driver] : undefined) ?? "no cable, or the other end is down";
}

/** The driver of a BSD's interface: its name without the number, unless somebody renamed it. */
export function driverOf(name: string): string {
  return name.replace(/[0-9]+$/, "");
}

/** What the drivers of a BSD that never report a link wait for, before they are running. */
const NEEDS: Readonly<Record<string, string>> = {
  gif: "it has no tunnel",
  gre: "it has no tunnel",
  vlan: "it has no parent",
  tun: "no program has opened it",
  tap: "no program has opened it",
};

function notRunning(one: KnownInterface): Step {
  const needs = NEEDS[driverOf(one.name)];
  return step(one, "not-running", `is up, but not running${needs === undefined ? "" : `: ${needs}`}`);
}

/** One interface with all that its system tells of it, and why it is not connected; undefined where it is not there. */
export function explainDetails(backend: Backend, nameOrIndex: string | number): InterfaceDetails | undefined {
  const known = backend.details?.(nameOrIndex) ?? withoutDetails(backend, nameOrIndex);
  const [first] = known;
  if (first === undefined) return undefined;
  return { ...first, causes: explainReasons(first.index, new Map(known.map((one) => [one.index, one]))) };
}

/** An interface, and where it is not connected all others, of a system that tells no more than their statuses. */
function withoutDetails(backend: Backend, nameOrIndex: string | number): KnownInterface[] {
  const first = backend.get(nameOrIndex);
  if (first === undefined) return [];
  const others = first.connected === false ? backend.list({ addresses: false }) : [];
  return [first, ...others.filter(({ index }) => index !== first.index)].map((one) => ({ ...one, ...NO_DETAILS }));
}
