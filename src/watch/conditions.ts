import { InvalidInputError } from "../../platforms/contract/errors.ts";
import type { InterfaceAddress, InterfaceStatus, OperState } from "../../platforms/contract/status.ts";

/**
 * What {@linkcode waitFor} can wait for by name:
 *
 * - `"present"`: the interface exists; `"absent"`: it does not;
 * - `"up"`, `"down"`: it exists and `IFF_UP` is set, or is not set (marked down locally);
 * - `"running"`: `IFF_RUNNING` is set;
 * - `"connected"`: it works, by the rule of {@linkcode InterfaceStatus.connected};
 * - `"disconnected"`: it does not work by that rule, or does not exist. Where the system does not tell whether it works,
 *   it is neither connected nor disconnected;
 * - `"ipv4"`, `"ipv6"`: it has an address of that family that can be used, be it for its own link alone (fe80::/10) or for
 *   the machine itself (127.0.0.1);
 * - `"global-address"`: it has an address of either family that can be used and reaches beyond its link: its scope is
 *   global, and it is neither link-local (169.254.0.0/16, fe80::/10) nor the machine's own (127.0.0.0/8, ::1). Unique
 *   local addresses (fc00::/7) and private ones (10.0.0.0/8) count;
 * - an operational state of RFC 2863 (Linux). `"up"` and `"down"` mean `IFF_UP`, so the states of these names are
 *   written `"oper-up"` and `"oper-down"`; the others may be written so too.
 *
 * An address can be used when it is valid in the sense of RFC 4862. A tentative one is not yet: its uniqueness is still
 * verified, and packets to it are discarded (an optimistic one of RFC 4429 is tentative too). A duplicate (Linux:
 * dadfailed) is not. A deprecated one is: it may be the source of new connections as long as there is no better one. What
 * a system does not tell of an address, as the BSDs tell nothing of these, does not count against it. Linux keeps
 * addresses on an interface that is down: whoever wants both asks for `["connected", "ipv4"]`.
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

/** A condition in the caller's own words; undefined: no interface has the name. */
export type Test = (status: InterfaceStatus | undefined) => boolean;

/** Conditions that look at addresses, which are not watched for anybody else, in the words behind "is" or "is not". */
const ADDRESS_CONDITIONS: Readonly<Record<string, string>> = {
  "ipv4": "configured with an IPv4 address",
  "ipv6": "configured with an IPv6 address",
  "global-address": "configured with a global address",
};

/** Flags of an address that is not valid in the sense of RFC 4862. */
const NOT_VALID: readonly string[] = ["tentative", "dadfailed"];
/** Addresses of a link, or of the machine itself, whatever scope somebody gave them. */
const NOT_GLOBAL = /^(169\.254\.|127\.|fe[89ab][0-9a-f]:|::1$)/;

function isGlobal({ address, scope }: InterfaceAddress): boolean {
  return (scope === undefined || scope === "global") && !NOT_GLOBAL.test(address);
}

/** Whether an interface has an address of some sort that can be used. */
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

/** The one among conditions that asks for an operational state, where there is one. */
export function operStateAmong(conditions: Conditions): string | undefined {
  const all: readonly unknown[] = Array.isArray(conditions) ? conditions : [conditions];
  return all.find((one): one is string => typeof one === "string" && Object.hasOwn(OPER_STATES, one));
}

/** One condition, or several that must all hold. */
export type Conditions = WaitCondition | Test | readonly (WaitCondition | Test)[];

/**
 * What conditions ask of a state.
 *
 * @throws {InvalidInputError} One of them is none, or the list is empty.
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

/** Whether conditions may look at addresses: those that do by their name, and every function. */
export function asksForAddresses(conditions: Conditions): boolean {
  return listOf(conditions).some((one) => typeof one === "function" || Object.hasOwn(ADDRESS_CONDITIONS, String(one)));
}

/** Conditions in words, for a message: behind "is" or "is not". */
export function conditionText(conditions: Conditions): string {
  return listOf(conditions).map((one) => {
    if (typeof one !== "string") return "as asked for";
    return Object.hasOwn(ADDRESS_CONDITIONS, one) ? ADDRESS_CONDITIONS[one]! : one;
  }).join(" and ");
}

function listOf(conditions: Conditions): readonly unknown[] {
  return Array.isArray(conditions) ? conditions : [conditions];
}
