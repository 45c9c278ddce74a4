import { noSuchInterface } from "../../platforms/contract/errors.ts";
import type { InterfaceAddress, InterfaceStatus } from "../../platforms/contract/status.ts";
import { get } from "../query.ts";
import { checkWords, type Command, EXIT, readOptions } from "./command.ts";
import { asJson, connectedWord, paintConnected, plain, printLine, word } from "./output.ts";

function yesNo(value: boolean | undefined): string | undefined {
  return value === undefined ? undefined : value ? "yes" : "no";
}

function addressLine(address: InterfaceAddress): string {
  const peer = address.peer === undefined ? "" : ` peer ${address.peer}`;
  const scope = address.scope === undefined ? "" : ` scope ${address.scope}`;
  return `${address.family} ${address.address}/${address.prefixLength}${peer}${scope} ${address.flags.join(" ")}`
    .trim();
}

function related(name: string | undefined, index: number | undefined, netnsId?: number): string | undefined {
  if (index === undefined) return undefined;
  return name ?? `index ${index}${netnsId === undefined ? "" : ` in network namespace ${netnsId}`}`;
}

function lines(status: InterfaceStatus): string[] {
  const hex = `0x${status.flags.toString(16)}`;
  const rows: [string, string | number | undefined][] = [
    ["name", status.name],
    ["index", status.index],
    ["alternative names", status.altNames.map(word).join(" ") || undefined],
    ["type", status.type],
    ["kind", status.kind],
    ["connected", connectedWord(status.connected)],
    ["flags", `${hex} <${status.flagNames.join(",")}>`],
    ["operational state", status.operState],
    ["link mode", status.linkMode],
    ["link state", status.linkState],
    ["carrier", yesNo(status.carrier)],
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
    ["mtu", status.mtu],
    ["hardware address", status.hardwareAddress],
    ["master", related(status.master, status.masterIndex)],
    ["parent", related(status.parent, status.parentIndex, status.parentNetnsId)],
    ...(status.addresses ?? []).map((address, i): [string, string] => [
      i === 0 ? "addresses" : "",
      addressLine(address),
    ]),
  ];
  return rows
    .filter(([, value]) => value !== undefined)
    .map(([label, value]) => {
      // Alternative names are made fit for a line one by one.
      const text = label === "alternative names" ? String(value) : plain(String(value));
      return `${label.padEnd(18)} ${label === "connected" ? paintConnected(text, status.connected) : text}`;
    });
}

/** `netflags show` */
export const showCommand: Command = {
  usage: "NAME [--json]",
  summary: "Shows everything known of one interface",
  details: [
    "NAME may be an alternative name.",
    "--json  one object",
  ],
  async run(args) {
    const { json, words } = readOptions(args, { boolean: ["json"] });
    checkWords(words, ["NAME"]);
    const name = words[0]!;
    const status = get(name);
    if (status === undefined) throw noSuchInterface(name);
    if (json) await printLine(asJson(status));
    else for (const line of lines(status)) await printLine(line);
    return EXIT.done;
  },
};
