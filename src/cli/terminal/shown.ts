import type {
  AddressDetails,
  AddressLifetime,
  BondState,
  InterfaceDetails,
  PortState,
} from "../../../platforms/contract/details.ts";
import type {
  DriverInfo,
  Inventory,
  MasteredPort,
  Traffic,
  TunnelParameters,
  VxlanParameters,
} from "../../../platforms/contract/inventory.ts";
import type { WirelessState } from "../../../platforms/contract/status.ts";
import {
  connectedWord,
  defaultRouteText,
  describeMedia,
  paintConnected,
  plain,
  terminalWidth,
  word,
} from "./output.ts";
import { hanging } from "./wrap.ts";

/** Everything that is known about one interface. */
export interface ShownInterface extends InterfaceDetails, Inventory {}

/** A row of a label and a text. Rows without a text are left out; those without a label go on with the last one. */
type Row = [string, string | number | undefined];

function yesNo(value: boolean | undefined): string | undefined {
  return value === undefined ? undefined : value ? "yes" : "no";
}

/** The parts that are known, with commas. */
function listed(...parts: readonly (string | undefined)[]): string | undefined {
  return parts.filter((part) => part !== undefined).join(", ") || undefined;
}

function labelled(label: string, value: string | number | undefined): string | undefined {
  return value === undefined ? undefined : `${label} ${value}`;
}

/** One row for each text, the first with the label. */
function rowsOf(label: string, texts: readonly string[]): Row[] {
  return texts.map((text, i) => [i === 0 ? label : "", text]);
}

function related(name: string | undefined, index: number | undefined, netnsId?: number): string | undefined {
  if (index === undefined) return undefined;
  return name ?? `index ${index}${netnsId === undefined ? "" : ` in network namespace ${netnsId}`}`;
}

function protoDownText(reasons: readonly number[]): string {
  return `proto_down${reasons.length === 0 ? "" : `, reason ${reasons.join(", ")}`}`;
}

function stateRows(status: ShownInterface): Row[] {
  const hex = `0x${status.flags.toString(16)}`;
  return [
    ["name", status.name],
    ["index", status.index],
    ["alternative names", status.altNames.map(word).join(" ") || undefined],
    ["connected", connectedWord(status.connected)],
    ...rowsOf("because", status.causes.map(({ text }) => text)),
    ["default traffic", defaultRouteText(status)],
    ["operational state", status.operState],
    ["link mode", status.linkMode],
    ["link state", status.linkState],
    ["carrier", yesNo(status.carrier)],
    ["held down", status.protoDown === true ? protoDownText(status.protoDownReasons) : undefined],
    ["carrier changes", status.carrierChanges],
    ["carrier came", status.carrierUps],
    ["carrier went", status.carrierDowns],
    ["flags", `${hex} <${status.flagNames.join(",")}>`],
  ];
}

/** Its network, and the links of a multi-link device, a row for each. A network is named where it is not the device's. */
function wirelessRows(wireless: WirelessState | undefined): Row[] {
  if (wireless === undefined) return [];
  const { type = "unknown", ssid, ssidHex, frequency, links = [] } = wireless;
  const texts = links.map((link) => {
    const channel = link.frequency === undefined ? "no channel" : `${link.frequency} MHz`;
    const own = link.ssidHex === ssidHex ? undefined : link.ssid;
    return `${link.mloLinkId}: ${listed(channel, link.hardwareAddress, own)}`;
  });
  const channel = frequency === undefined ? undefined : `${frequency} MHz`;
  return [["wireless", listed(type, channel)], ["ssid", ssid], ...rowsOf("links", texts)];
}

function driverText({ name, bus }: DriverInfo): string {
  return bus === undefined ? name : `${name} at ${bus}`;
}

/** What the driver says of the link. */
function mediumRows({ hardware, media }: InterfaceDetails): Row[] {
  const medium: Row = ["medium", media && `${describeMedia(media)} (0x${media.active.toString(16)})`];
  if (hardware === undefined) return [medium];
  const { extendedState, extendedSubstate, linkDowns, speed, duplex, autonegotiation, port } = hardware;
  const said = listed(
    speed === undefined ? undefined : `${speed} Mb/s`,
    duplex === undefined ? undefined : `${duplex} duplex`,
    autonegotiation === undefined ? undefined : `autonegotiation ${autonegotiation ? "on" : "off"}`,
  );
  return [
    // A medium's word says as much, and in its own words.
    media === undefined ? ["medium", said] : medium,
    ["connector", port],
    ["no link because", listed(extendedState, extendedSubstate)],
    ["link went", linkDowns],
  ];
}

function portStateText({ state, miiStatus, linkFailures, vrfTable }: PortState): string | undefined {
  return listed(
    state,
    labelled("MII status", miiStatus),
    labelled("link failures", linkFailures),
    labelled("table", vrfTable),
  );
}

/** What its master says of it. */
function portText(port: PortState): string {
  const said = portStateText(port);
  if (said === undefined) return port.kind;
  return `${port.kind}${port.state === undefined ? "," : ":"} ${said}`;
}

function masteredText({ name, connected, port }: MasteredPort): string {
  const said = listed(
    port?.state,
    port && portStateText({ ...port, state: undefined, vrfTable: undefined }),
    connected === false ? "not connected" : undefined,
  );
  return said === undefined ? name : `${name}: ${said}`;
}

function bondText({ mode, activePort, activePortIndex }: BondState): string {
  return `${mode ?? "unknown mode"}${activePortIndex === undefined ? "" : `, uses ${activePort ?? activePortIndex}`}`;
}

function vxlanText({ id, group, remote, local, device, deviceIndex, port }: VxlanParameters): string | undefined {
  return listed(
    labelled("id", id),
    labelled("group", group),
    labelled("remote", remote),
    labelled("local", local),
    labelled("by", related(device, deviceIndex)),
    labelled("port", port),
  );
}

function tunnelText(tunnel: TunnelParameters): string | undefined {
  const { local, remote, device, deviceIndex, inputKey, outputKey, ttl } = tunnel;
  const oneKey = inputKey === outputKey;
  return listed(
    `local ${local ?? "any"}`,
    `remote ${remote ?? "any"}`,
    labelled("by", related(device, deviceIndex)),
    labelled(oneKey ? "key" : "input key", inputKey),
    oneKey ? undefined : labelled("output key", outputKey),
    labelled("ttl", ttl),
  );
}

/** What it is made of, and how it stands to others. */
function linkRows(status: ShownInterface): Row[] {
  const { driver, ports, vlanId, vlanProtocol, permanentAddress, hardwareAddress } = status;
  const noPorts = ports?.length === 0 ? "none" : undefined;
  return [
    ["type", status.type],
    ["kind", status.kind],
    ["driver", driver && driverText(driver)],
    ["firmware", driver?.firmware],
    ...mediumRows(status),
    ["mtu", status.mtu],
    ["hardware address", hardwareAddress],
    ["permanent address", permanentAddress === hardwareAddress ? undefined : permanentAddress],
    ...wirelessRows(status.wireless),
    ["master", related(status.master, status.masterIndex)],
    ["as a port", status.port && portText(status.port)],
    ["bond", status.bond && bondText(status.bond)],
    ["ports", noPorts],
    ...rowsOf("ports", (ports ?? []).map(masteredText)),
    ["vlan", vlanId === undefined ? undefined : listed(String(vlanId), vlanProtocol)],
    ["vxlan", status.vxlan && vxlanText(status.vxlan)],
    ["tunnel", status.tunnel && tunnelText(status.tunnel)],
    ["routing table", status.vrfTable],
    ["parent", related(status.parent, status.parentIndex, status.parentNetnsId)],
  ];
}

function lifetimeText({ valid, preferred }: AddressLifetime): string {
  if (valid === "forever" && preferred === "forever") return "";
  const time = (seconds: number | "forever"): string => typeof seconds === "number" ? `${seconds} s` : seconds;
  return ` valid ${time(valid)} preferred ${time(preferred)}`;
}

function addressLine(address: AddressDetails): string {
  const peer = address.peer === undefined ? "" : ` peer ${address.peer}`;
  const scope = address.scope === undefined ? "" : ` scope ${address.scope}`;
  return `${address.family} ${address.address}/${address.prefixLength}${peer}${scope} ${address.flags.join(" ")}`
    .trim() + (address.lifetime === undefined ? "" : lifetimeText(address.lifetime));
}

function trafficText({ bytes, packets, errors, dropped }: Traffic): string {
  return `${bytes} bytes, ${packets} packets, ${errors} errors, ${dropped} dropped`;
}

/** All that is known of an interface, in lines: its state, the link, the addresses, and the counters. */
export function shownLines(status: ShownInterface): string[] {
  const width = terminalWidth() ?? Infinity;
  const rows: Row[] = [
    ...stateRows(status),
    ...linkRows(status),
    ...rowsOf("addresses", (status.addresses ?? []).map(addressLine)),
    ["received", status.counters && trafficText(status.counters.received)],
    ["sent", status.counters && trafficText(status.counters.sent)],
  ];
  return rows
    .filter(([, value]) => value !== undefined)
    .flatMap(([label, value]) => {
      // Alternative names are made fit for a line one by one.
      const text = label === "alternative names" ? String(value) : plain(String(value));
      const shown = label === "connected" ? paintConnected(text, status.connected) : text; // one word
      return hanging(label.padEnd(19), shown, width);
    });
}
