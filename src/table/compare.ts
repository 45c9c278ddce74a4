import {
  type InterfaceAddress,
  type InterfaceMedia,
  type InterfaceStatus,
  NO_ADDRESSES,
  NO_NAMES,
  onInterface,
  type StandsBefore,
  type StatusField,
  type WirelessState,
} from "../../platforms/contract/status.ts";

// The lists in a status are frozen. V8's own functions for lists are slow on such a list, and so they are walked here.

/** Whether two lists of plain values hold the same in the same order. */
function sameList(a: readonly string[], b: readonly string[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether two addresses are the same in every field. */
function sameAddress(a: InterfaceAddress, b: InterfaceAddress): boolean {
  return a.address === b.address && a.prefixLength === b.prefixLength && a.family === b.family &&
    a.scope === b.scope && a.peer === b.peer && a.broadcast === b.broadcast && a.label === b.label &&
    sameList(a.flags, b.flags);
}

/**
 * Whether two sets of addresses are equal. A list sorts them by family, and events add them in the order of arrival.
 */
function sameAddresses(
  a: readonly InterfaceAddress[] | undefined,
  b: readonly InterfaceAddress[] | undefined,
): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  // Both usually have the same order, up to the one address that differs.
  let at = 0;
  while (at < a.length && sameAddress(a[at]!, b[at]!)) at++;
  for (let i = at; i < a.length; i++) if (!hasAddress(b, at, a[i]!)) return false;
  return true;
}

/** Whether an address is in a list from a place on. */
function hasAddress(addresses: readonly InterfaceAddress[], from: number, address: InterfaceAddress): boolean {
  for (let i = from; i < addresses.length; i++) if (sameAddress(addresses[i]!, address)) return true;
  return false;
}

function sameWireless(a: WirelessState | undefined, b: WirelessState | undefined): boolean {
  return a === b || (a?.type === b?.type && a?.ssidHex === b?.ssidHex && a?.frequency === b?.frequency &&
    sameLinks(a?.links, b?.links));
}

/** Whether two lists of wireless links say the same. */
function sameLinks(a: WirelessState["links"], b: WirelessState["links"]): boolean {
  if (a === b) return true;
  return a !== undefined && a.length === b?.length && a.every((one, i) => {
    const other = b[i]!;
    return one.mloLinkId === other.mloLinkId && one.ssidHex === other.ssidHex && one.frequency === other.frequency &&
      one.hardwareAddress === other.hardwareAddress;
  });
}

function sameFamilies({ defaultRoute: a }: InterfaceStatus, { defaultRoute: b }: InterfaceStatus): boolean {
  return a !== undefined && b !== undefined && sameList(a, b);
}

function sameMedia(a: InterfaceMedia | undefined, b: InterfaceMedia | undefined): boolean {
  return a?.active === b?.active && a?.link === b?.link && a?.text === b?.text;
}

/**
 * Whether the kernel takes two addresses of an interface as the same one, whatever their other fields are. An interface
 * has an IPv6 address once, and its prefix and its peer can be changed (ipv6_add_addr() on Linux, in6_update_ifa() on
 * the BSDs). It may have an IPv4 address several times, with other prefixes and other peers.
 */
function sameKey(a: InterfaceAddress, b: InterfaceAddress): boolean {
  if (a.address !== b.address) return false;
  return a.family === "inet6" || (a.prefixLength === b.prefixLength && a.peer === b.peer);
}

/**
 * The addresses of the interface with this name, with this one added, or replaced if it already exists. They stay in the
 * order in which the kernel lists them.
 */
export function withAddress(
  addresses: readonly InterfaceAddress[],
  address: InterfaceAddress,
  name: string,
  standsBefore: StandsBefore = () => false,
): readonly InterfaceAddress[] {
  const added = onInterface(address, name);
  let at = 0;
  while (at < addresses.length && !sameKey(addresses[at]!, address)) at++;
  const known = addresses[at];
  // One that exists keeps its place, unless a new one of its kind would stand elsewhere: it was promoted from secondary.
  const keeps = known !== undefined && standsBefore(added, known) === standsBefore(known, known);
  const all: InterfaceAddress[] = [];
  let placed = false;
  for (let i = 0; i < addresses.length; i++) {
    const one = addresses[i]!;
    if (!placed && (keeps ? i === at : i !== at && standsBefore(added, one))) {
      all.push(added);
      placed = true;
    }
    if (i !== at) all.push(one);
  }
  if (!placed) all.push(added);
  return all;
}

/** The addresses without this one. */
export function withoutAddress(
  addresses: readonly InterfaceAddress[],
  address: InterfaceAddress,
): readonly InterfaceAddress[] {
  const others: InterfaceAddress[] = [];
  for (let i = 0; i < addresses.length; i++) if (!sameKey(addresses[i]!, address)) others.push(addresses[i]!);
  return others;
}

/** Every field, in the order in which differences are reported. */
export const STATUS_FIELDS = [
  "index",
  "name",
  "altNames",
  "type",
  "kind",
  "flags",
  "flagNames",
  "up",
  "running",
  "lowerUp",
  "dormant",
  "operState",
  "linkMode",
  "carrier",
  "carrierChanges",
  "carrierUps",
  "carrierDowns",
  "linkState",
  "connected",
  "mtu",
  "hardwareAddress",
  "master",
  "masterIndex",
  "masterKind",
  "parent",
  "parentIndex",
  "parentNetnsId",
  "addresses",
  "defaultRoute",
  "media",
  "wireless",
] as const satisfies readonly StatusField[];

/** false, if the system reports it at all. */
function no(value: boolean | undefined): false | undefined {
  return value === undefined ? undefined : false;
}

/** 0, if the system counts it at all. */
function none(count: number | undefined): 0 | undefined {
  return count === undefined ? undefined : 0;
}

/**
 * What is there without this interface, in the words of its own status: no name and no network, nothing is set, nothing
 * was counted. What its system does not report of it, it does not report of nothing either.
 */
export function absence(of: InterfaceStatus): InterfaceStatus {
  return {
    index: 0, // no kernel gives this one
    name: "",
    altNames: NO_NAMES,
    type: undefined,
    kind: undefined,
    flags: 0,
    flagNames: NO_NAMES,
    up: false,
    running: false,
    lowerUp: no(of.lowerUp),
    dormant: no(of.dormant),
    operState: undefined,
    linkMode: undefined,
    carrier: no(of.carrier),
    carrierChanges: none(of.carrierChanges),
    carrierUps: none(of.carrierUps),
    carrierDowns: none(of.carrierDowns),
    linkState: undefined,
    connected: no(of.connected),
    mtu: undefined,
    hardwareAddress: undefined,
    master: undefined,
    masterIndex: undefined,
    masterKind: undefined,
    parent: undefined,
    parentIndex: undefined,
    parentNetnsId: undefined,
    addresses: of.addresses && NO_ADDRESSES,
    defaultRoute: of.defaultRoute && NO_NAMES as readonly never[],
    media: undefined,
    wireless: undefined,
  };
}

const NOTHING: readonly StatusField[] = Object.freeze([]);

/** Adds a field. The list is made with the first one, because most comparisons find none. */
function add(changed: readonly StatusField[], field: StatusField): readonly StatusField[] {
  if (changed === NOTHING) return [field];
  (changed as StatusField[]).push(field);
  return changed;
}

/**
 * The names of the fields in which two statuses differ, in the order of {@linkcode STATUS_FIELDS}. Each field has its
 * own line, without a loop over names: looking a name up in a status costs ten times as much.
 */
export function changedFields(before: InterfaceStatus, after: InterfaceStatus): readonly StatusField[] {
  let changed = NOTHING;
  if (before === after) return changed;
  if (before.index !== after.index) changed = add(changed, "index");
  if (before.name !== after.name) changed = add(changed, "name");
  if (!sameList(before.altNames, after.altNames)) changed = add(changed, "altNames");
  if (before.type !== after.type) changed = add(changed, "type");
  if (before.kind !== after.kind) changed = add(changed, "kind");
  if (before.flags !== after.flags) changed = add(changed, "flags");
  if (!sameList(before.flagNames, after.flagNames)) changed = add(changed, "flagNames");
  if (before.up !== after.up) changed = add(changed, "up");
  if (before.running !== after.running) changed = add(changed, "running");
  if (before.lowerUp !== after.lowerUp) changed = add(changed, "lowerUp");
  if (before.dormant !== after.dormant) changed = add(changed, "dormant");
  if (before.operState !== after.operState) changed = add(changed, "operState");
  if (before.linkMode !== after.linkMode) changed = add(changed, "linkMode");
  if (before.carrier !== after.carrier) changed = add(changed, "carrier");
  if (before.carrierChanges !== after.carrierChanges) changed = add(changed, "carrierChanges");
  if (before.carrierUps !== after.carrierUps) changed = add(changed, "carrierUps");
  if (before.carrierDowns !== after.carrierDowns) changed = add(changed, "carrierDowns");
  if (before.linkState !== after.linkState) changed = add(changed, "linkState");
  if (before.connected !== after.connected) changed = add(changed, "connected");
  if (before.mtu !== after.mtu) changed = add(changed, "mtu");
  if (before.hardwareAddress !== after.hardwareAddress) changed = add(changed, "hardwareAddress");
  if (before.master !== after.master) changed = add(changed, "master");
  if (before.masterIndex !== after.masterIndex) changed = add(changed, "masterIndex");
  if (before.masterKind !== after.masterKind) changed = add(changed, "masterKind");
  if (before.parent !== after.parent) changed = add(changed, "parent");
  if (before.parentIndex !== after.parentIndex) changed = add(changed, "parentIndex");
  if (before.parentNetnsId !== after.parentNetnsId) changed = add(changed, "parentNetnsId");
  if (!sameAddresses(before.addresses, after.addresses)) changed = add(changed, "addresses");
  if (before.defaultRoute !== after.defaultRoute && !sameFamilies(before, after)) {
    changed = add(changed, "defaultRoute");
  }
  if (!sameMedia(before.media, after.media)) changed = add(changed, "media");
  if (!sameWireless(before.wireless, after.wireless)) changed = add(changed, "wireless");
  return changed;
}
