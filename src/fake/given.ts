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
import type {
  InterfaceAddress,
  InterfaceMedia,
  InterfaceMove,
  LinkMode,
  LinkState,
  OperState,
  WirelessLink,
  WirelessState,
} from "../../platforms/contract/status.ts";
import type { FakeAddressOptions, FakeDevice, FakeFields, FakeRouteOptions } from "./fake.ts";

const isText = (value: unknown): boolean => typeof value === "string";
const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);
const TEXT: OptionKind = { what: "a text", is: isText };
const NUMBER: OptionKind = { what: "a number", is: (value) => typeof value === "number" };
const TEXT_LIST: OptionKind = list("texts", isText);

/** One of some words. The record has each, so that the compiler reports one that is missing. */
function word<T extends string>(words: Readonly<Record<T, true>>): OptionKind {
  return { what: Object.keys(words).join(", "), is: (value) => isText(value) && Object.hasOwn(words, String(value)) };
}

function list(what: string, is: (value: unknown) => boolean): OptionKind {
  return { what: `a list of ${what}`, is: (value) => Array.isArray(value) && value.every(is) };
}

/** An object with some of these keys, and no others. */
function part(kinds: Readonly<Record<string, OptionKind>>): OptionKind {
  const keys = Object.keys(kinds);
  return {
    what: `{ ${keys.join(", ")} }`,
    is: (value) => isObject(value) && Object.keys(value as object).every((key) => keys.includes(key)),
  };
}

const CAPABILITIES: OptionKinds<Partial<Capabilities>> = {
  platform: TEXT,
  flagBits: NUMBER,
  operState: YES_NO,
  setOperState: YES_NO,
  carrierCounters: YES_NO,
  overflowDetection: YES_NO,
  events: word<Capabilities["events"]>({ kernel: true, partial: true, poll: true }),
  announcements: YES_NO,
  silentChanges: word<Capabilities["silentChanges"]>({ none: true, "while-down": true, some: true }),
  accessPoints: YES_NO,
  altNames: YES_NO,
};

const MEDIA: OptionKinds<InterfaceMedia> = { active: NUMBER, link: YES_NO, text: TEXT };

const WIRELESS: OptionKinds<WirelessState> = {
  type: TEXT,
  ssid: TEXT,
  ssidHex: TEXT,
  frequency: NUMBER,
  links: list("links: { mloLinkId, ... }", isObject),
};

const WIRELESS_LINK: OptionKinds<WirelessLink> = {
  mloLinkId: NUMBER,
  ssid: TEXT,
  ssidHex: TEXT,
  frequency: NUMBER,
  hardwareAddress: TEXT,
};

const FIELDS: OptionKinds<FakeFields> = {
  index: NUMBER,
  name: TEXT,
  altNames: TEXT_LIST,
  type: TEXT,
  kind: TEXT,
  flags: NUMBER,
  flagNames: TEXT_LIST,
  up: YES_NO,
  running: YES_NO,
  lowerUp: YES_NO,
  dormant: YES_NO,
  operState: word<OperState>({
    unknown: true,
    notpresent: true,
    down: true,
    lowerlayerdown: true,
    testing: true,
    dormant: true,
    up: true,
  }),
  linkMode: word<LinkMode>({ default: true, dormant: true, testing: true }),
  carrier: YES_NO,
  carrierChanges: NUMBER,
  carrierUps: NUMBER,
  carrierDowns: NUMBER,
  linkState: word<LinkState>({ unknown: true, down: true, up: true }),
  connected: YES_NO,
  mtu: NUMBER,
  hardwareAddress: TEXT,
  master: TEXT,
  masterIndex: NUMBER,
  masterKind: TEXT,
  parent: TEXT,
  parentIndex: NUMBER,
  parentNetnsId: NUMBER,
  addresses: list("addresses: { address, prefixLength, ... }", isObject),
  defaultRoute: list("inet, inet6", (value) => value === "inet" || value === "inet6"),
  media: part(MEDIA),
  wireless: part(WIRELESS),
};

const ADDRESS: OptionKinds<InterfaceAddress> = {
  family: word<InterfaceAddress["family"]>({ inet: true, inet6: true }),
  address: TEXT,
  prefixLength: NUMBER,
  scope: TEXT,
  peer: TEXT,
  broadcast: TEXT,
  label: TEXT,
  flags: TEXT_LIST,
};

const DEVICE: OptionKinds<FakeDevice> = {
  kind: TEXT,
  type: TEXT,
  peer: TEXT,
  parent: TEXT,
  index: NUMBER,
  wireless: YES_NO,
};

const ADDRESS_OPTIONS: OptionKinds<FakeAddressOptions> = { broadcast: TEXT, peer: TEXT, tentative: YES_NO };

const MOVE: OptionKinds<InterfaceMove> = { netnsId: NUMBER, index: NUMBER };

/** Refuses an object in which something is missing. */
function require<T extends object>(call: string, given: T, kinds: OptionKinds<T>, names: readonly (keyof T)[]): void {
  for (const name of names) {
    if (given[name] === undefined) {
      throw new InvalidInputError(`Cannot ${call} without ${String(name)}: give ${kinds[name].what}`);
    }
  }
}

/**
 * Refuses capabilities that there are not.
 *
 * @throws {InvalidInputError} With the one that was meant.
 */
export function checkCapabilities(capabilities: Partial<Capabilities>): void {
  checkOptions("make a system", capabilities, CAPABILITIES);
}

/**
 * Refuses fields that an interface does not have, and values of another kind. Fields that follow from others are let
 * pass: a status may be given.
 *
 * @throws {InvalidInputError} With the field that was meant.
 */
export function checkFields(fields: FakeFields): void {
  if (!isObject(fields)) {
    throw new InvalidInputError(`Cannot set interface "${String(fields)}": give { name: "eth0" } and what to set`);
  }
  const call = "set an interface";
  checkKeys(call, fields, Object.keys(FIELDS));
  checkName(call, fields.name);
  checkOptions(call, fields, FIELDS);
  for (const address of fields.addresses ?? []) {
    checkOptions("set an address", address, ADDRESS);
    require("set an address", address, ADDRESS, ["family", "address", "prefixLength", "flags"]);
  }
  if (fields.media !== undefined) {
    const media: Partial<InterfaceMedia> = checkOptions<Partial<InterfaceMedia>>("set a medium", fields.media, MEDIA);
    require("set a medium", media, MEDIA, ["active"]);
  }
  if (fields.wireless !== undefined) checkOptions("set a network", fields.wireless, WIRELESS);
  for (const link of fields.wireless?.links ?? []) {
    checkOptions("set a link", link, WIRELESS_LINK);
    require("set a link", link, WIRELESS_LINK, ["mloLinkId"]);
  }
}

/** Refuses to set what follows from routes. */
export function checkSettable(fields: FakeFields): void {
  checkFields(fields);
  if (fields.defaultRoute === undefined) return;
  throw new InvalidInputError(
    `Cannot set defaultRoute of interface "${fields.name}": add a route by it, to 0.0.0.0/0 or ::/0`,
  );
}

const ROUTE_OPTIONS: OptionKinds<FakeRouteOptions> = { gateway: TEXT, metric: NUMBER };

/** Refuses what there is not to say about a route. */
export function checkRoute(call: string, name: string, destination: string, options: FakeRouteOptions = {}): void {
  checkName(call, name);
  checkName(call, destination);
  checkOptions(call, options, ROUTE_OPTIONS);
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
  checkOptions("move an interface", move, MOVE);
  require("move an interface", move, MOVE, ["netnsId"]);
}

/**
 * Refuses what there is not to say about an address.
 *
 * @throws {InvalidInputError} With what was meant.
 */
export function checkAddress(call: string, name: string, options: FakeAddressOptions = {}): void {
  checkName(call, name);
  checkOptions(call, options, ADDRESS_OPTIONS);
}
