import type { WirelessState } from "../../../platforms/contract/status.ts";
import type {
  AddressDetails,
  AddressLifetime,
  BondState,
  InterfaceDetails,
  PortState,
} from "../../../platforms/contract/details.ts";
import { type Command, EXIT } from "../options/command.ts";
import { inOrder } from "../terminal/order.ts";
import { NETNS } from "../options/netns.ts";
import { flag } from "../options/option.ts";
import { GLOBS } from "../options/selecting.ts";
import { readOptions } from "../options/parse.ts";
import {
  asJson,
  connectedWord,
  defaultRouteText,
  describeMedia,
  paintConnected,
  plain,
  printLine,
  terminalWidth,
  word,
} from "../terminal/output.ts";
import { checkNamed, inspectNamed } from "./named.ts";
import { hanging } from "../terminal/wrap.ts";

function yesNo(value: boolean | undefined): string | undefined {
  return value === undefined ? undefined : value ? "yes" : "no";
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

function related(name: string | undefined, index: number | undefined, netnsId?: number): string | undefined {
  if (index === undefined) return undefined;
  return name ?? `index ${index}${netnsId === undefined ? "" : ` in network namespace ${netnsId}`}`;
}

type Row = [string, string | number | undefined];

/** What the driver says. */
function hardwareRows({ hardware, media }: InterfaceDetails): Row[] {
  const word: Row = ["medium", media && `${describeMedia(media)} (0x${media.active.toString(16)})`];
  if (hardware === undefined) return [word];
  const { extendedState, extendedSubstate, linkDowns, speed, duplex, autonegotiation, port } = hardware;
  const parts: string[] = [];
  if (speed !== undefined) parts.push(`${speed} Mb/s`);
  if (duplex !== undefined) parts.push(`${duplex} duplex`);
  if (autonegotiation !== undefined) parts.push(`autonegotiation ${autonegotiation ? "on" : "off"}`);
  return [
    // A medium's word says as much, and in its own words.
    media === undefined ? ["medium", parts.join(", ") || undefined] : word,
    ["connector", port],
    ["no link because", [extendedState, extendedSubstate].filter((part) => part !== undefined).join(", ") || undefined],
    ["link went", linkDowns],
  ];
}

function portText({ kind, state, miiStatus, linkFailures, vrfTable }: PortState): string {
  const parts = [state === undefined ? kind : `${kind}: ${state}`];
  if (miiStatus !== undefined) parts.push(`MII status ${miiStatus}`);
  if (linkFailures !== undefined) parts.push(`link failures ${linkFailures}`);
  if (vrfTable !== undefined) parts.push(`table ${vrfTable}`);
  return parts.join(", ");
}

function bondText({ mode, activePort, activePortIndex }: BondState): string {
  return `${mode ?? "unknown mode"}${activePortIndex === undefined ? "" : `, uses ${activePort ?? activePortIndex}`}`;
}

function protoDownText(reasons: readonly number[]): string {
  return `proto_down${reasons.length === 0 ? "" : `, reason ${reasons.join(", ")}`}`;
}

/** The links of a multi-link device, a row for each. Its network is named where it is not the device's. */
function linkRows({ ssidHex, links = [] }: WirelessState): Row[] {
  return links.map((link, i) => {
    const texts = [
      link.frequency === undefined ? "no channel" : `${link.frequency} MHz`,
      link.hardwareAddress,
      link.ssidHex === ssidHex ? undefined : link.ssid,
    ];
    return [i === 0 ? "links" : "", `${link.mloLinkId}: ${texts.filter((text) => text !== undefined).join(", ")}`];
  });
}

function lines(status: InterfaceDetails): string[] {
  const width = terminalWidth() ?? Infinity;
  const hex = `0x${status.flags.toString(16)}`;
  const rows: Row[] = [
    ["name", status.name],
    ["index", status.index],
    ["alternative names", status.altNames.map(word).join(" ") || undefined],
    ["type", status.type],
    ["kind", status.kind],
    ["connected", connectedWord(status.connected)],
    ...status.causes.map((cause, i): [string, string] => [i === 0 ? "because" : "", cause.text]),
    ["default traffic", defaultRouteText(status)],
    ["flags", `${hex} <${status.flagNames.join(",")}>`],
    ["operational state", status.operState],
    ["link mode", status.linkMode],
    ["link state", status.linkState],
    ["carrier", yesNo(status.carrier)],
    ["held down", status.protoDown === true ? protoDownText(status.protoDownReasons) : undefined],
    ["carrier changes", status.carrierChanges],
    ["carrier came", status.carrierUps],
    ["carrier went", status.carrierDowns],
    [
      "wireless",
      status.wireless &&
      `${status.wireless.type ?? "unknown"}${
        status.wireless.frequency === undefined ? "" : `, ${status.wireless.frequency} MHz`
      }`,
    ],
    ["ssid", status.wireless?.ssid],
    ...(status.wireless === undefined ? [] : linkRows(status.wireless)),
    ...hardwareRows(status),
    ["mtu", status.mtu],
    ["hardware address", status.hardwareAddress],
    ["master", related(status.master, status.masterIndex)],
    ["as a port", status.port && portText(status.port)],
    ["bond", status.bond && bondText(status.bond)],
    ["vlan", status.vlanId],
    ["routing table", status.vrfTable],
    ["parent", related(status.parent, status.parentIndex, status.parentNetnsId)],
    ...(status.addresses ?? []).map((address, i): [string, string] => [
      i === 0 ? "addresses" : "",
      addressLine(address),
    ]),
  ];
  return rows
    .filter(([, value]) => value !== undefined)
    .flatMap(([label, value]) => {
      // Alternative names are made fit for a line one by one.
      const text = label === "alternative names" ? String(value) : plain(String(value));
      if (label === "because" || label === "") return hanging(label.padEnd(19), text, width);
      return [`${label.padEnd(18)} ${label === "connected" ? paintConnected(text, status.connected) : text}`];
    });
}

const OPTIONS = { json: flag("Print one object a line for each"), netns: NETNS };

/** `netflags show` */
export const showCommand: Command = {
  usage: ["NAME... [OPTION...]"],
  description: [
    `${GLOBS} It may be an alternative name.`,
    "The driver is asked too: for speed and duplex, and why there is no link. Where the interface is not connected, the " +
    "causes are printed.",
  ],
  options: OPTIONS,
  examples: [["netflags show eth0", "Everything known of eth0"]],
  words: () => ["<interfaces>"],
  async run(args) {
    const { json, netns, words } = readOptions(args, OPTIONS);
    const named = inspectNamed(words, netns);
    for (const [i, status] of named.found.entries()) {
      if (json) await printLine(asJson(inOrder(status)));
      else await printLine(`${i === 0 ? "" : "\n"}${lines(status).join("\n")}`);
    }
    checkNamed(named);
    return EXIT.done;
  },
};
