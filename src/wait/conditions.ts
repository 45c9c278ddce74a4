import { InvalidInputError } from "../../platforms/contract/errors.ts";
import type { InterfaceAddress, InterfaceStatus, OperState } from "../../platforms/contract/status.ts";
import { isGlobal, usable } from "./usable.ts";

/**
 * A condition that has a name:
 *
 * - `"present"`: the interface exists; `"absent"`: it does not;
 * - `"up"`, `"down"`: it exists and `IFF_UP` is set, or is not set (marked down locally);
 * - `"running"`: `IFF_RUNNING` is set;
 * - `"connected"`: it works, by the rule of {@linkcode InterfaceStatus.connected};
 * - `"disconnected"`: it does not work by that rule, or does not exist. If the system does not say whether it works, it
 *   is neither connected nor disconnected;
 * - `"ipv4"`, `"ipv6"`: it has an address of that family that can be used ({@linkcode usable}), even if only for its own
 *   link (fe80::/10) or for the machine itself (127.0.0.1). To require a link too, use `["connected", "ipv4"]`;
 * - `"global-address"`: it has such an address of either family that reaches beyond its link: its scope is global, and
 *   it is neither link-local (169.254.0.0/16, fe80::/10) nor the machine's own (127.0.0.0/8, ::1). Unique local
 *   addresses (fc00::/7) and private ones (10.0.0.0/8) count;
 * - `"default-route"`: the default traffic of IPv4 or IPv6 leaves by it, and it is not dead: the kernel's decision
 *   ({@linkcode InterfaceStatus.defaultRoute}), and `connected` is not false; `"default-route-ipv4"` and
 *   `"default-route-ipv6"`: that of one family;
 * - an operational state of RFC 2863 (Linux). `"up"` and `"down"` mean `IFF_UP`, so the operational states of these
 *   names are written `"oper-up"` and `"oper-down"`. The others may have the prefix too.
 */
export type NamedCondition =
  | "present"
  | "absent"
  | "up"
  | "down"
  | "running"
  | "connected"
  | "disconnected"
  | "ipv4"
  | "ipv6"
  | "global-address"
  | "default-route"
  | "default-route-ipv4"
  | "default-route-ipv6"
  | Exclude<OperState, "up" | "down">
  | `oper-${OperState}`;

/**
 * A condition as a function. It gets a status with its addresses, or undefined if no interface has the name, and
 * answers at once: a promise is refused.
 */
export type StatusPredicate = (status: InterfaceStatus | undefined) => boolean;

/**
 * What {@linkcode waitFor} can wait for, and {@linkcode holds} tells: a condition with a name, a function, or a list of
 * these that must all hold.
 *
 * @example
 * ```ts
 * import { get, holds, type WaitCondition } from "@netflags/netflags";
 *
 * const uplink: WaitCondition = ["connected", "global-address", (card) => card?.mtu !== undefined && card.mtu >= 1500];
 * console.log(holds(get("eth0"), uplink));
 * ```
 */
export type WaitCondition = NamedCondition | StatusPredicate | readonly (NamedCondition | StatusPredicate)[];

/**
 * What {@linkcode waitFor} resolves with, by its condition: a status, if only an existing interface can fulfil it;
 * undefined for "absent"; one of the two for "disconnected" and functions.
 *
 * @example
 * ```ts
 * import type { Fulfilled, InterfaceStatus } from "@netflags/netflags";
 *
 * const connected = (status: Fulfilled<"connected">): InterfaceStatus => status;
 * const gone = (status: Fulfilled<"absent">): undefined => status;
 * console.log(typeof connected, typeof gone);
 * ```
 */
export type Fulfilled<Condition extends WaitCondition> = Condition extends
  readonly (infer One extends NamedCondition | StatusPredicate)[] ? Fulfilled<One>
  : Condition extends "absent" ? undefined
  : Condition extends "disconnected" | StatusPredicate ? InterfaceStatus | undefined
  : InterfaceStatus;

/** Conditions that look at addresses, and their words after "is" or "is not". */
const ADDRESS_CONDITIONS: Readonly<Record<string, string>> = {
  "ipv4": "configured with an IPv4 address",
  "ipv6": "configured with an IPv6 address",
  "global-address": "configured with a global address",
};

/** Whether an interface has a usable address of some sort. */
function hasAddress(sort: (address: InterfaceAddress) => boolean): StatusPredicate {
  return (status) => {
    if (status === undefined) return false;
    const { name, addresses } = status;
    if (addresses !== undefined) return addresses.some((address) => sort(address) && usable(address));
    throw new InvalidInputError(
      `Cannot say which addresses interface "${name}" has: its status was read with addresses: false`,
      { interfaceName: name },
    );
  };
}

/** Conditions that look at the default routes, and their words after "is" or "is not". */
const ROUTE_CONDITIONS: Readonly<Record<string, string>> = {
  "default-route": "the way of the default traffic",
  "default-route-ipv4": "the way of the default traffic of IPv4",
  "default-route-ipv6": "the way of the default traffic of IPv6",
};

/** Whether the default traffic of some families leaves by an interface that is not dead. */
function carriesDefault(...families: readonly ("inet" | "inet6")[]): StatusPredicate {
  return (status) => {
    if (status === undefined) return false;
    const { name, connected, defaultRoute } = status;
    if (defaultRoute !== undefined) {
      return connected !== false && families.some((family) => defaultRoute.includes(family));
    }
    throw new InvalidInputError(
      `Cannot say whether the default traffic leaves by interface "${name}": its status was read without routes: true, ` +
        "or this system does not say",
      { interfaceName: name },
    );
  };
}

/** The conditions that ask for an operational state. */
const OPER_STATES = {
  unknown: operState("unknown"),
  notpresent: operState("notpresent"),
  lowerlayerdown: operState("lowerlayerdown"),
  testing: operState("testing"),
  dormant: operState("dormant"),
  "oper-unknown": operState("unknown"),
  "oper-notpresent": operState("notpresent"),
  "oper-down": operState("down"),
  "oper-lowerlayerdown": operState("lowerlayerdown"),
  "oper-testing": operState("testing"),
  "oper-dormant": operState("dormant"),
  "oper-up": operState("up"),
} as const;

const TESTS: Readonly<Record<NamedCondition, StatusPredicate>> = {
  present: (status) => status !== undefined,
  absent: (status) => status === undefined,
  up: (status) => status?.up === true,
  down: (status) => status?.up === false,
  running: (status) => status?.running === true,
  connected: (status) => status?.connected === true,
  disconnected: (status) => status === undefined || status.connected === false,
  ipv4: hasAddress(({ family }) => family === "inet"),
  ipv6: hasAddress(({ family }) => family === "inet6"),
  "global-address": hasAddress(isGlobal),
  "default-route": carriesDefault("inet", "inet6"),
  "default-route-ipv4": carriesDefault("inet"),
  "default-route-ipv6": carriesDefault("inet6"),
  ...OPER_STATES,
};

function operState(state: OperState): StatusPredicate {
  return (status) => status?.operState === state;
}

/** Every condition that has a name, for messages and completions. */
export const NAMED_CONDITIONS: readonly NamedCondition[] = Object.keys(TESTS) as NamedCondition[];

/** Whether a value is a {@linkcode NamedCondition}. */
function isNamed(one: unknown): one is NamedCondition {
  return typeof one === "string" && Object.hasOwn(TESTS, one);
}

/** What named conditions look at. */
const LOOKS = { addresses: ADDRESS_CONDITIONS, routes: ROUTE_CONDITIONS, operState: OPER_STATES } as const;

/** The first of the conditions that looks at this by its name, if there is one. */
export function conditionAmong(condition: WaitCondition, looks: keyof typeof LOOKS): string | undefined {
  return listOf(condition).find((one) => typeof one === "string" && Object.hasOwn(LOOKS[looks], one))?.toString();
}

/**
 * Makes one test of a state from a condition.
 *
 * @throws {InvalidInputError} It is none, or an empty list.
 */
export function conditionTest(condition: WaitCondition): StatusPredicate {
  const tests = listOf(condition).map((one): StatusPredicate => {
    if (typeof one === "function") return (status) => answerOf(one, status);
    if (isNamed(one)) return TESTS[one];
    throw new InvalidInputError(
      `Cannot wait for "${String(one)}": give one of ${NAMED_CONDITIONS.join(", ")}, or a function`,
    );
  });
  if (tests.length === 0) throw new InvalidInputError("Cannot wait for an empty list of conditions: give one or more");
  return (status) => tests.every((test) => test(status));
}

/** What a function answers. JavaScript takes every object for true, a promise of false among them. */
function answerOf(ask: (status: InterfaceStatus | undefined) => unknown, status: InterfaceStatus | undefined): boolean {
  const answer = ask(status);
  if (answer instanceof Promise) answer.catch(() => {}); // nobody else hears of its failure
  if (typeof answer !== "function" && (typeof answer !== "object" || answer === null)) return Boolean(answer);
  const what = isThenable(answer) ? "a promise" : typeof answer === "function" ? "a function" : "an object";
  throw new InvalidInputError(
    `Cannot wait for a condition that returns ${what}: give a function that returns a boolean`,
  );
}

function isThenable(value: object): boolean {
  return "then" in value && typeof value.then === "function";
}

/**
 * Whether a status fulfils a condition, by the rules of {@linkcode waitFor}.
 *
 * @example
 * ```ts
 * import { get, holds } from "@netflags/netflags";
 * import { FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * using system = new FakeSystem(); // leave this out to ask the real system
 * system.plug("eth0");
 * system.up("eth0");
 * assertEquals(holds(get("eth0"), "connected"), true);
 * assertEquals(holds(get("eth0"), ["connected", "ipv4"]), false); // it has no address
 * assertEquals(holds(get("eth1"), "disconnected"), true); // there is none
 * ```
 *
 * @param status The status; undefined stands for an interface that does not exist.
 * @param condition The condition.
 * @returns Whether it holds.
 * @throws {InvalidInputError} There is no such condition, or it asks for addresses or routes and the status was read
 * without. Or this is no status, but a name or an event.
 */
export function holds(status: InterfaceStatus | undefined, condition: WaitCondition): boolean {
  const test = conditionTest(condition);
  checkStatus(status);
  return test(status);
}

/** Refuses what is no status: JavaScript has no types, and a name is neither up nor connected. */
function checkStatus(status: unknown): void {
  if (status === undefined) return;
  if (typeof status === "object" && status !== null && "name" in status && "flags" in status) return;
  const given = typeof status === "string" ? ` of "${status}"` : "";
  throw new InvalidInputError(
    `Cannot say what holds${given}: give a status, or undefined, as get("eth0") returns`,
  );
}

/** Whether a condition may look at addresses: the named ones that do, and every function. */
export function asksForAddresses(condition: WaitCondition): boolean {
  return listOf(condition).some((one) => typeof one === "function" || Object.hasOwn(ADDRESS_CONDITIONS, one));
}

/** A condition in words, for a message: after "is" or "is not". */
export function conditionText(condition: WaitCondition): string {
  return listOf(condition).map((one) => {
    if (typeof one !== "string") return "as asked for";
    return ADDRESS_CONDITIONS[one] ?? ROUTE_CONDITIONS[one] ?? one;
  }).join(" and ");
}

function listOf(condition: WaitCondition): readonly (NamedCondition | StatusPredicate)[] {
  return isList(condition) ? condition : [condition];
}

function isList(condition: WaitCondition): condition is readonly (NamedCondition | StatusPredicate)[] {
  return Array.isArray(condition);
}
