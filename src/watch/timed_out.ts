import { WaitTimeoutError } from "../../platforms/contract/errors.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import { asksForAddresses, type Conditions, conditionText } from "./conditions.ts";
import { type Holder, holds } from "./holder.ts";

/** This many interfaces are described one by one; the rest are counted. */
const MOST_TOLD = 8;

/**
 * The error of a timeout: what was waited for, which interfaces do not fulfil it, and their state.
 *
 * @param filtered Whether an interface with the name may exist but be left out by the rest of the selection.
 */
export function timedOut(
  holders: readonly Holder[],
  any: boolean,
  timeout: number,
  filtered: boolean,
): WaitTimeoutError {
  const missing = any ? holders : holders.filter((holder) => !holds(holder));
  const states = missing.flatMap((holder) => statesOf(holder, filtered));
  const told = states.slice(0, MOST_TOLD).join("; ");
  const more = states.length > MOST_TOLD ? `; and ${states.length - MOST_TOLD} more` : "";
  return new WaitTimeoutError(`${whatIsNot(holders, any)} after ${timeout} ms: ${told}${more}`, {
    operation: "wait for a state",
    interface: holders.map(({ name }) => name).join(","),
  });
}

function whatIsNot(holders: readonly Holder[], any: boolean): string {
  const conditions = new Set(holders.map(({ condition }) => condition));
  const [condition] = conditions;
  if (conditions.size > 1) {
    const wanted = holders.map((one) => `"${one.name}" ${conditionText(one.condition)}`).join(", ");
    return any ? `None of ${wanted} holds` : `Not all of ${wanted} hold`;
  }
  const names = holders.map(({ name }) => `"${name}"`).join(", ");
  const who = holders.length === 1
    ? holders[0]!.glob
      ? any ? `No interface like ${names} is` : `Interfaces like ${names} are not all`
      : `Interface ${names} is not`
    : any
    ? `None of interfaces ${names} is`
    : `Interfaces ${names} are not all`;
  return `${who} ${conditionText(condition!)}`;
}

function statesOf({ name, glob, matches, condition }: Holder, filtered: boolean): string[] {
  if (matches.size === 0) {
    const left = filtered ? ", or is left out" : "";
    return [glob ? `no interface is like "${name}"` : `"${name}" does not exist${left}`];
  }
  return Array.from(matches.values())
    .filter((match) => !match.holds)
    .sort((a, b) => a.status.index - b.status.index)
    .map(({ status }) => `"${status.name}" is ${stateText(status, condition)}`);
}

/** The state of an interface in words, with its addresses if those were asked for. */
function stateText({ up, connected, operState, linkState, addresses }: InterfaceStatus, condition: Conditions): string {
  const works = connected === undefined ? "perhaps connected" : connected ? "connected" : "not connected";
  const state = operState ?? linkState;
  const words = [up ? "up" : "down", state === undefined ? works : `${works} (${state})`];
  if (addresses !== undefined && asksForAddresses(condition)) {
    const list = addresses.map(({ address, flags }) =>
      [address, ...flags.filter((flag) => flag === "tentative" || flag === "dadfailed")].join(" ")
    );
    words.push(list.length === 0 ? "without an address" : `with ${list.join(" and ")}`);
  }
  return words.join(", ");
}
