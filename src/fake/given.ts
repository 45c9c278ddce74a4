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
import { STATUS_FIELDS } from "../table/compare.ts";
import type { FakeFields } from "./fake.ts";

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
