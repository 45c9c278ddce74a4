/** The two values of a field that changed, in words. */
import type {
  InterfaceAddress,
  InterfaceStatus,
  StatusField,
  WirelessState,
} from "../../../platforms/contract/status.ts";
import { asJson, describeMedia, frequencies, plain, quoted, word } from "./output.ts";

type Words = readonly [before: string, after: string];

function fieldText(name: string, value: unknown): string {
  if (value === undefined) return "";
  if (name === "flags" && Array.isArray(value)) return ` <${value.map((flag) => word(String(flag))).join(",")}>`;
  return ` ${name} ${typeof value === "object" ? asJson(value) : word(String(value))}`;
}

/** The fields of a value in which another one differs. */
function differing<T extends object>(value: T, other: T): string {
  const [fields, others] = [new Map(Object.entries(value)), new Map(Object.entries(other))];
  return [...fields].map(([name, one]) => asJson([one]) === asJson([others.get(name)]) ? "" : fieldText(name, one))
    .join(
      "",
    );
}

/** Two values in words; if these are the same, with the fields in which the values differ. */
function inWords<T extends object>(before: T | undefined, after: T | undefined, words: (value: T) => string): Words {
  const [was, is] = [before === undefined ? "none" : words(before), after === undefined ? "none" : words(after)];
  if (was !== is || before === undefined || after === undefined) return [was, is];
  return [was + differing(before, after), is + differing(after, before)];
}

const shortText = ({ address, prefixLength }: InterfaceAddress): string => `${address}/${prefixLength}`;

/** A list of addresses; one that was and is there has the fields that changed. */
function addressesText(addresses: InterfaceStatus["addresses"], others: InterfaceStatus["addresses"]): string {
  const texts = addresses?.map((one) => {
    const same = others?.filter((other) => shortText(other) === shortText(one)) ?? [];
    const differences = same.map((other) => differing(one, other));
    return shortText(one) + (differences.includes("") ? "" : differences[0] ?? "");
  });
  return texts?.join(",") || "none";
}

function networkText({ type = "unknown", ssid }: WirelessState): string {
  return ssid === undefined ? type : `${type} ${quoted(ssid)}`;
}

/** Two networks; of one that goes on, the channels. */
function networkWords(before: WirelessState | undefined, after: WirelessState | undefined): Words {
  const words = inWords(before, after, networkText);
  if (before === undefined || after === undefined || networkText(before) !== networkText(after)) return words;
  const [from, to] = [before, after].map((one) => frequencies(one).join("+"));
  if (from === to) return words;
  return [`${networkText(before)} ${from || "no channel"}`, to ? `${to} MHz` : "no channel"];
}

function plainValue(status: InterfaceStatus, field: StatusField): string {
  const value = status[field];
  if (Array.isArray(value)) return value.map((one) => word(String(one))).join(",") || "none";
  if (field === "connected" && value === undefined) return "unknown";
  return typeof value === "object" ? asJson(value) : plain(String(value ?? "none"));
}

/** The values of a field before and after a change. */
export function valuesInWords(before: InterfaceStatus, after: InterfaceStatus, field: StatusField): Words {
  switch (field) {
    case "addresses":
      return [
        addressesText(before.addresses, after.addresses),
        addressesText(after.addresses, before.addresses),
      ];
    case "wireless":
      return networkWords(before.wireless, after.wireless);
    case "media":
      return inWords(before.media, after.media, (media) => plain(describeMedia(media)));
    default:
      return [plainValue(before, field), plainValue(after, field)];
  }
}
