import { InvalidInputError } from "../../platforms/contract/errors.ts";
import type { InterfaceStatus, OperState } from "../../platforms/contract/status.ts";

/**
 * What {@linkcode waitFor} can wait for by name:
 *
 * - `"present"`: the interface exists; `"absent"`: it does not;
 * - `"up"`, `"down"`: it exists and `IFF_UP` is set, or is not set (marked down locally);
 * - `"running"`: `IFF_RUNNING` is set;
 * - `"connected"`: it works, by the rule of {@linkcode InterfaceStatus.connected};
 * - `"disconnected"`: it does not work by that rule, or does not exist. Where the system does not tell whether it works,
 *   it is neither connected nor disconnected;
 * - an operational state of RFC 2863 (Linux). `"up"` and `"down"` mean `IFF_UP`, so the states of these names are
 *   written `"oper-up"` and `"oper-down"`; the others may be written so too.
 */
export type WaitCondition =
  | "present"
  | "absent"
  | "up"
  | "down"
  | "running"
  | "connected"
  | "disconnected"
  | Exclude<OperState, "up" | "down">
  | `oper-${OperState}`;

/** A condition in the caller's own words; undefined: no interface has the name. */
export type Test = (status: InterfaceStatus | undefined) => boolean;

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
  const all: readonly unknown[] = Array.isArray(conditions) ? conditions : [conditions];
  const tests = all.map((one): Test => {
    if (typeof one === "function") return one as Test;
    if (typeof one === "string" && isWaitCondition(one)) return TESTS[one];
    throw new InvalidInputError(
      `Cannot wait for "${String(one)}": give one of ${WAIT_CONDITIONS.join(", ")}, or a function`,
    );
  });
  if (tests.length === 0) throw new InvalidInputError("Cannot wait for an empty list of conditions: give one or more");
  return (status) => tests.every((test) => test(status));
}

/** Conditions in words, for a message. */
export function conditionText(conditions: Conditions): string {
  const all: readonly unknown[] = Array.isArray(conditions) ? conditions : [conditions];
  return all.map((one) => typeof one === "string" ? one : "as asked for").join(" and ");
}
