/** Checks what a test gives to a fake system: a field that is none would be passed over in silence. */
import {
  checkKeys,
  checkName,
  checkOptions,
  type OptionKind,
  type OptionKinds,
  YES_NO,
} from "../../platforms/common/options.ts";
import type { Capabilities } from "../../platforms/contract/capabilities.ts";
import { InvalidInputError } from "../../platforms/contract/errors.ts";
import type { InterfaceMove } from "../../platforms/contract/status.ts";
import { STATUS_FIELDS } from "../table/compare.ts";
import type { FakeAddressOptions, FakeDevice, FakeFields } from "./fake.ts";

const TEXT: OptionKind = { what: "a text", is: (value) => typeof value === "string" };
const NUMBER: OptionKind = { what: "a number", is: (value) => typeof value === "number" };

const CAPABILITIES: OptionKinds<Partial<Capabilities>> = {
  platform: TEXT,
  flagBits: NUMBER,
  operState: YES_NO,
  setOperState: YES_NO,
  carrierCounters: YES_NO,
  overflowDetection: YES_NO,
  events: TEXT,
  announcements: YES_NO,
  silentChanges: TEXT,
  accessPoints: YES_NO,
  altNames: YES_NO,
};

const DEVICE: OptionKinds<FakeDevice> = {
  kind: TEXT,
  type: TEXT,
  peer: TEXT,
  parent: TEXT,
  index: NUMBER,
  wireless: YES_NO,
};

const ADDRESS: OptionKinds<FakeAddressOptions> = { broadcast: TEXT, peer: TEXT, tentative: YES_NO };

const MOVE: OptionKinds<InterfaceMove> = { netnsId: NUMBER, index: NUMBER };

/**
 * Refuses capabilities that there are not.
 *
 * @throws {InvalidInputError} With the one that was meant.
 */
export function checkCapabilities(capabilities: Partial<Capabilities>): void {
  checkOptions("make a system", capabilities, CAPABILITIES);
}

/**
 * Refuses fields that an interface does not have. Those that follow from others are let pass: a status may be given.
 *
 * @throws {InvalidInputError} With the one that was meant.
 */
export function checkFields(fields: FakeFields): void {
  if (typeof fields !== "object" || fields === null) {
    throw new InvalidInputError(`Cannot set interface "${String(fields)}": give { name: "eth0" } and what to set`);
  }
  checkKeys("set an interface", fields, STATUS_FIELDS);
  checkName("set an interface", fields.name);
}

/** Refuses names that are no texts. */
export function checkNames(call: string, ...names: readonly unknown[]): void {
  for (const name of names) checkName(call, name);
}

/**
 * Refuses what a new interface is not.
 *
 * @throws {InvalidInputError} With what was meant.
 */
export function checkDevice(name: string, device: FakeDevice): void {
  checkName("add an interface", name);
  checkOptions("add an interface", device, DEVICE);
}

/** Refuses a move that is none. */
export function checkMove(name: string, move: InterfaceMove | undefined): void {
  checkName("remove an interface", name);
  if (move === undefined) return;
  checkOptions("remove an interface", move, MOVE);
  if (move.netnsId === undefined) {
    throw new InvalidInputError("Cannot remove an interface to nowhere: give { netnsId: 0 } or leave it out");
  }
}

/**
 * Refuses what there is not to say about an address.
 *
 * @throws {InvalidInputError} With what was meant.
 */
export function checkAddress(call: string, name: string, options: FakeAddressOptions = {}): void {
  checkName(call, name);
  checkOptions(call, options, ADDRESS);
}
