import { LINUX_FLAGS } from "../../../../platforms/linux/wire/flags.ts";
import type { WirelessState } from "../../../../platforms/contract/status.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import type { FakeFields } from "../../fake.ts";
import { checkNumber } from "../../texts.ts";
import { type Device, isOperational, isUp, operStateOf, WORKED_OUT } from "../device.ts";
import { contradict } from "./contradict.ts";

/** What decides on flags and operational state. */
type State = Pick<Device, "flags" | "carrier" | "dormant" | "operState" | "linkMode">;

/** The states in which an interface has a carrier, if nothing is under way. */
const WITH_CARRIER: readonly number[] = [N.IF_OPER_UP, N.IF_OPER_UNKNOWN, N.IF_OPER_DORMANT, N.IF_OPER_TESTING];

const shown = (flags: number): string => LINUX_FLAGS.names(flags).join(",");

/**
 * The flags, carrier and operational state that the fields want. What they leave open stays, or follows as the kernel
 * works it out. States that last only until the kernel has worked them out are possible too.
 *
 * @param lower The interface below, if there is one.
 */
export function stateOf(before: Device, fields: FakeFields, lower: Device | undefined): State {
  const { name } = fields;
  const linkMode = fields.linkMode === undefined ? before.linkMode : N.IF_LINK_MODE_NAMES.indexOf(fields.linkMode);
  const word = fields.flags;
  if (word !== undefined) checkNumber(word, 0, 32);
  const asked = fields.operState === undefined ? undefined : N.IF_OPER_NAMES.indexOf(fields.operState);
  const flags = ((word ?? before.flags | (needsUp(fields) ? N.IFF_UP : 0)) & ~WORKED_OUT) >>> 0;
  if (!isUp({ flags })) return stateWhileDown({ ...before, flags, linkMode }, fields, lower);
  const carrier = carrierOf(before, fields, asked);
  const dormant = word === undefined ? before.dormant : (word & N.IFF_DORMANT) !== 0;
  const worked = operStateOf({ carrier, dormant, linkMode }, lower);
  const same = isUp(before) && carrier === before.carrier && dormant === before.dormant;
  const silent = carrier && before.operState === N.IF_OPER_UNKNOWN; // its driver has never reported one
  const usual = same || silent ? before.operState : worked;
  const operState = asked ?? (word === undefined ? usual : stateWith((word & N.IFF_RUNNING) !== 0, [usual, worked]));
  if (word !== undefined && isOperational(operState) !== ((word & N.IFF_RUNNING) !== 0)) {
    contradict(
      name,
      `operState ${JSON.stringify(N.IF_OPER_NAMES[operState])}`,
      `flags ${shown(word)}`,
      "Linux shows RUNNING in the states up and unknown, and in no other",
    );
  }
  return { flags, carrier, dormant, operState, linkMode };
}

/** Whether an interface can have this only while it is up: where no flags are given, IFF_UP comes with it. */
function needsUp({ operState, wireless }: FakeFields): boolean {
  return hasNetwork(wireless) || (operState !== undefined && operState !== "down");
}

function hasNetwork(wireless: FakeFields["wireless"]): boolean {
  const named = ({ ssid, ssidHex }: Partial<WirelessState>): boolean => (ssid ?? ssidHex) !== undefined;
  return wireless !== undefined && (named(wireless) || (wireless.links?.some(named) ?? false));
}

/** A running access point has a carrier. */
function runsAccessPoint(wireless: FakeFields["wireless"]): boolean {
  return wireless?.type === "ap" && hasNetwork(wireless);
}

/** Of an interface that is not up, Linux shows the state "down" and none of the flags that it works out. */
function stateWhileDown(device: Device, { name, flags = 0, operState, carrier }: FakeFields, lower?: Device): State {
  const why = "Linux shows it only of an interface that is UP";
  if ((flags & WORKED_OUT) !== 0) contradict(name, `flags ${shown(flags & WORKED_OUT)}`, "flags without UP", why);
  if (operState !== undefined && operState !== "down") {
    contradict(name, `operState ${JSON.stringify(operState)}`, "flags without UP", why);
  }
  const next = { ...device, carrier: carrier ?? device.carrier };
  const settled = next.carrier && next.operState === N.IF_OPER_UNKNOWN && next.linkMode === 0;
  return { ...next, operState: settled ? next.operState : operStateOf(next, lower) };
}

function carrierOf(
  before: Device,
  { name, flags, carrier, wireless }: FakeFields,
  operState: number | undefined,
): boolean {
  if (flags !== undefined) {
    const lowerUp = (flags & N.IFF_LOWER_UP) !== 0;
    if (carrier !== undefined && carrier !== lowerUp) {
      contradict(
        name,
        `carrier ${carrier}`,
        `flags ${shown(flags)}`,
        "LOWER_UP is the carrier of an interface that is UP",
      );
    }
    return lowerUp;
  }
  if (operState === undefined) return carrier ?? (runsAccessPoint(wireless) || before.carrier);
  return carrier ?? WITH_CARRIER.includes(operState);
}

/** The first of some states with RUNNING, or without it; else one that lasts until the kernel has worked it out. */
function stateWith(running: boolean, states: readonly number[]): number {
  return states.find((state) => isOperational(state) === running) ?? (running ? N.IF_OPER_UNKNOWN : N.IF_OPER_DOWN);
}

/** The counters of the carrier that the fields want: the kernel counts each change, and sends their sum. */
export function countersOf(
  before: Device,
  { name, carrierChanges, carrierUps, carrierDowns }: FakeFields,
  carrier: boolean,
): Pick<Device, "carrierUps" | "carrierDowns"> {
  const given = [carrierChanges, carrierUps, carrierDowns].filter((one) => one !== undefined);
  for (const one of given) checkNumber(one, 0, 32);
  const counted = given.length === 0 && carrier !== before.carrier;
  let ups = carrierUps;
  let downs = carrierDowns;
  if (carrierChanges !== undefined) {
    const half = carrier ? Math.ceil(carrierChanges / 2) : Math.floor(carrierChanges / 2);
    ups ??= downs === undefined ? half : (carrierChanges - downs) >>> 0;
    downs ??= (carrierChanges - ups) >>> 0;
  }
  ups ??= before.carrierUps + (counted && carrier ? 1 : 0);
  downs ??= before.carrierDowns + (counted && !carrier ? 1 : 0);
  if (carrierChanges !== undefined && (ups + downs) >>> 0 !== carrierChanges) {
    contradict(name, `carrierChanges ${carrierChanges}`, `ups ${ups} and downs ${downs}`, "it is their sum");
  }
  const ahead = (carrier ? ups - downs : downs - ups) | 0; // the counters begin anew behind 32 bits
  if (given.length > 0 && ahead !== 0 && ahead !== 1) {
    const both = `carrierUps ${ups} and carrierDowns ${downs}`;
    contradict(
      name,
      both,
      `carrier ${carrier}`,
      "ups and downs take turns, and the last one made the carrier what it is",
    );
  }
  return { carrierUps: ups, carrierDowns: downs };
}
