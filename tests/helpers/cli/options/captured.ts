import { linuxFixtures, readFixtures } from "../../fixtures.ts";
import { padded } from "../captures.ts";

/** A message of a link, or of a wireless interface, as it stands in a file: in binary, or as text. */
export function bytesOfFixture(kind: "link" | "wireless", hex: boolean): Uint8Array {
  const fixtures = kind === "link" ? linuxFixtures() : readFixtures("linux/nl80211.hex");
  const message = kind === "link" ? "RTM_NEWLINK" : "NL80211_CMD_SET_INTERFACE";
  const bytes = padded([fixtures.find(({ says }) => says.message === message)!.bytes]);
  return hex ? new TextEncoder().encode(bytes.toHex()) : bytes;
}
