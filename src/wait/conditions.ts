import { InvalidInputError } from "../../platforms/contract/errors.ts";
import type { InterfaceAddress, InterfaceStatus, OperState } from "../../platforms/contract/status.ts";

/**
 * What {@linkcode waitFor} can wait for by name:
 *
 * - `"present"`: the interface exists; `"absent"`: it does not;
 * - `"up"`, `"down"`: it exists and `IFF_UP` is set, or is not set (marked down locally);
 * - `"running"`: `IFF_RUNNING` is set;
 * - `"connected"`: it works, by the rule of {@linkcode InterfaceStatus.connected};
 * - `"disconnected"`: it does not work by that rule, or does not exist. If the system does not say whether it works, it
 *   is neither connected nor disconnected;
 * - `"ipv4"`, `"ipv6"`: it has a usable address of that family, even if only for its own link (fe80::/10) or for the
 *   machine itself (127.0.0.1);
 * - `"global-address"`: it has a usable address of either family that reaches beyond its link: its scope is global, and
 *   it is neither link-local (169.254.0.0/16, fe80::/10) nor the machine's own (127.0.0.0/8, ::1). Unique local
 *   addresses (fc00::/7) and private ones (10.0.0.0/8) count;
 * - an operational state of RFC 2863 (Linux). `"up"` and `"down"` mean `IFF_UP`, so the operational states of these
 *   names are written `"oper-up"` and `"oper-down"`. The others may have the prefix too.
 *
 * An address is usable if it is valid in the sense of RFC 4862. A tentative address is not valid yet: its uniqueness is
 * still being verified, and packets to it are discarded (an optimistic one of RFC 4429 is tentative too). A duplicate
 * address (Linux: dadfailed) is not valid. A deprecated address is valid: it may be the source of new connections as
 * long as there is no better one. If a system does not report these flags, as the BSDs do not, the address counts as
 * valid. Linux keeps addresses on an interface that is down. To require both, use `["connected", "ipv4"]`.
 */
export type WaitCondition =
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
  | Exclude<OperState, "up" | "down">
  | `oper-${OperState}`;

/** A condition as a function of the caller; it gets undefined if no interface has the name. */
export type Test = (status: InterfaceStatus | undefined) => boolean;

/** Conditions that look at addresses, and their words after "is" or "is not". Addresses are watched only for these. */
const ADDRESS_CONDITIONS: Readonly<Record<string, string>> = {
  "ipv4": "configured with an IPv4 address",
  "ipv6": "configured with an IPv6 address",
  "global-address": "configured with a global address",
};

/** Flags of addresses that are not valid in the sense of RFC 4862. */
const NOT_VALID: readonly string[] = ["tentative", "dadfailed"];
/** Addresses of a link or of the machine itself, whatever scope somebody gave them. */
const NOT_GLOBAL = /^(169\.254\.|127\.|fe[89ab][0-9a-f]:|::1$)/;

function isGlobal({ address, scope }: InterfaceAddress): boolean {
  return (scope === undefined || scope === "global") && !NOT_GLOBAL.test(address);
}

/** Whether an interface has a usable address of some sort. */
function hasAddress(sort: (address: InterfaceAddress) => boolean): Test {
  return (status) =>
    status?.addresses?.some((address) => sort(address) && !address.flags.some((flag) => NOT_VALID.includes(flag))) ??
      false;
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

const TESTS: Readonly<Record<WaitCondition, Test>> = {
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
  ...OPER_STATES,
};

function operState(state: OperState): Test {
  return (status) => status?.operState === state;
}

/** Every condition that has a name, for messages and completions. */
export const WAIT_CONDITIONS: readonly WaitCondition[] = Object.keys(TESTS) as WaitCondition[];

/** Whether a text is a {@linkcode WaitCondition}. */
export function isWaitCondition(text: string): text is WaitCondition {
  return Object.hasOwn(TESTS, text);
}

/** The first of the conditions that asks for an operational state, if there is one. */
export function operStateAmong(conditions: Conditions): string | undefined {
  const all: readonly unknown[] = Array.isArray(conditions) ? conditions : [conditions];
  return all.find((one): one is string => typeof one === "string" && Object.hasOwn(OPER_STATES, one));
}

/** One condition, or several that must all hold. */
export type Conditions = WaitCondition | Test | readonly (WaitCondition | Test)[];

/**
 * Makes one test of a state from conditions.
 *
 * @throws {InvalidInputError} One of them is not a condition, or the list is empty.
 */
export function conditionTest(conditions: Conditions): Test {
  const tests = listOf(conditions).map((one): Test => {
    if (typeof one === "function") return one as Test;
    if (typeof one === "string" && isWaitCondition(one)) return TESTS[one];
    throw new InvalidInputError(
      `Cannot wait for "${String(one)}": give one of ${WAIT_CONDITIONS.join(", ")}, or a function`,
    );
  });
  if (tests.length === 0) throw new InvalidInputError("Cannot wait for an empty list of conditions: give one or more");
  return (status) => tests.every((test) => test(status));
}

/** Whether conditions may look at addresses: the named ones that do, and every function. */
export function asksForAddresses(conditions: Conditions): boolean {
  return listOf(conditions).some((one) => typeof one === "function" || Object.hasOwn(ADDRESS_CONDITIONS, String(one)));
}

/** Conditions in words, for a message: after "is" or "is not". */
export function conditionText(conditions: Conditions): string {
  return listOf(conditions).map((one) => {
    if (typeof one !== "string") return "as asked for";
    return Object.hasOwn(ADDRESS_CONDITIONS, one) ? ADDRESS_CONDITIONS[one]! : one;
  }).join(" and ");
}

function listOf(conditions: Conditions): readonly unknown[] {
  return Array.isArray(conditions) ? conditions : [conditions];
}
