import { WaitTimeoutError } from "../../platforms/contract/errors.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import { asksForAddresses, conditionText, type WaitCondition } from "./conditions.ts";
import { obstacles } from "./usable.ts";

/** An interface that has the name, or that the glob matches. */
export interface Match {
  readonly status: InterfaceStatus;
  readonly holds: boolean;
}

/** A name or a glob, and the interfaces that have it. */
export interface Holder {
  readonly name: string;
  readonly glob: boolean;
  readonly condition: WaitCondition;
  /** By index. Only a glob can have several interfaces. */
  readonly matches: ReadonlyMap<number, Match>;
  /** Whether the condition holds without an interface, as "absent" does. Used if no interface has the name. */
  readonly holdsOfNobody: boolean;
}

/** Whether the condition holds for a name: for every interface that has it, or without an interface if none has it. */
export function isFulfilled({ matches, holdsOfNobody }: Holder): boolean {
  if (matches.size === 0) return holdsOfNobody;
  for (const match of matches.values()) if (!match.holds) return false;
  return true;
}

/** So many interfaces are described; of the rest there are the names. */
const MOST_REPORTED = 8;
/** So many names are reported in all: more are a number. */
const MOST_NAMED = 1000;

/** Why an interface is not connected, in words; undefined where nobody says. */
export type Why = (index: number) => string | undefined;

/** One that is not as was asked for. */
interface Missing {
  /** Its name or a glob, in quotation marks. */
  readonly name: string;
  /** What it is. */
  state(): string;
}

/**
 * The error of a timeout: what was waited for, which interfaces do not fulfil it, their state and why.
 *
 * @param timeout How long it was waited, in words: `"5 s"`.
 * @param filtered Whether an interface with the name may exist but be left out by the rest of the selection.
 * @param why Asked of the first of those that are up and not connected.
 */
export function timedOut(
  holders: readonly Holder[],
  any: boolean,
  timeout: string,
  filtered: boolean,
  why: Why,
): WaitTimeoutError {
  const missing = (any ? holders : holders.filter((holder) => !isFulfilled(holder)))
    .flatMap((holder) => missingOf(holder, filtered, why));
  const reported = missing.slice(0, MOST_REPORTED).map((one) => one.state());
  const rest = missing.slice(MOST_REPORTED).map(({ name }) => name);
  if (rest.length > 0) reported.push(`and ${rest.length} more: ${listed(rest, MOST_NAMED)}`);
  return new WaitTimeoutError(`${whatIsNot(holders, any)} after ${timeout}: ${reported.join("; ")}`, {
    operation: "wait for a state",
    interfaceName: holders.map(({ name }) => name).join(","),
  });
}

/** The first of some, and how many there are beside them. */
function listed(all: readonly string[], most: number): string {
  const more = all.length - most;
  return `${all.slice(0, most).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function whatIsNot(holders: readonly Holder[], any: boolean): string {
  const conditions = new Set(holders.map(({ condition }) => condition));
  const [condition] = conditions;
  if (conditions.size > 1) {
    const wanted = listed(holders.map((one) => `"${one.name}" ${conditionText(one.condition)}`), MOST_REPORTED);
    return any ? `None of ${wanted} holds` : `Not all of ${wanted} hold`;
  }
  const names = listed(holders.map(({ name }) => `"${name}"`), MOST_REPORTED);
  const who = holders.length === 1
    ? holders[0]!.glob
      ? any ? `No interface like ${names} is` : `Interfaces like ${names} are not all`
      : `Interface ${names} is not`
    : any
    ? `None of interfaces ${names} is`
    : `Interfaces ${names} are not all`;
  return `${who} ${conditionText(condition!)}`;
}

function missingOf({ name, glob, matches, condition }: Holder, filtered: boolean, why: Why): Missing[] {
  if (matches.size === 0) {
    const left = filtered ? ", or is left out" : "";
    const nobody = glob ? `no interface is like "${name}"` : `"${name}" does not exist${left}`;
    return [{ name: `"${name}"`, state: () => nobody }];
  }
  return Array.from(matches.values())
    .filter((match) => !match.holds)
    .sort((a, b) => a.status.index - b.status.index)
    .map(({ status }) => ({
      name: `"${status.name}"`,
      state: () => `"${status.name}" is ${stateText(status, condition, why)}`,
    }));
}

/** Why one is not connected; of one that is down there is no more to say. */
function becauseText({ index, up, connected }: InterfaceStatus, why: Why): string {
  const reason = up && connected === false ? why(index) : undefined;
  return reason === undefined ? "" : ` because ${reason}`;
}

/** The state of an interface in words, with its addresses if those were asked for. */
function stateText(status: InterfaceStatus, condition: WaitCondition, why: Why): string {
  const { up, connected, operState, linkState, addresses } = status;
  const works = connected === undefined ? "perhaps connected" : connected ? "connected" : "not connected";
  const state = operState ?? linkState;
  const because = becauseText(status, why);
  const words = [up ? "up" : "down", `${works}${state === undefined ? "" : ` (${state})`}${because}`];
  if (addresses !== undefined && asksForAddresses(condition)) {
    const list = addresses.map((one) => [one.address, ...obstacles(one)].join(" "));
    words.push(list.length === 0 ? "without an address" : `with ${list.join(" and ")}`);
  }
  return words.join(", ");
}
