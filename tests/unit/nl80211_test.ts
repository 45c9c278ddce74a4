import { assert, assertEquals } from "@std/assert";
import { decodeNl80211, type WirelessMessage } from "../../src/linux.ts";
import { buildRequest, u32Payload } from "../../platforms/linux/netlink.ts";
import { readFixtures } from "../fixtures.ts";

for (const { title, says, bytes } of readFixtures("linux/nl80211.hex")) {
  Deno.test(`nl80211: ${says.message} decodes (${title})`, () => {
    const [message] = decodeNl80211(bytes) as unknown as Record<string, unknown>[];
    for (const [field, value] of Object.entries(says)) assertEquals(message?.[field], value ?? undefined, field);
  });
}

function startAp(ssid: Uint8Array): WirelessMessage {
  const header = Uint8Array.of(15, 1, 0, 0);
  const bytes = buildRequest(35, 0, 0, header, [[3, u32Payload(7)], [52, ssid], [313, Uint8Array.of(2)]]);
  return decodeNl80211(bytes)[0] as WirelessMessage;
}

Deno.test("nl80211: an SSID is bytes, of which none is special", () => {
  assertEquals([startAp(Uint8Array.of(0, 97, 0)).ssid, startAp(Uint8Array.of(0, 97, 0)).ssidHex], ["\0a\0", "006100"]);
  assertEquals(startAp(Uint8Array.of(0xff, 0xfe)).ssidHex, "fffe");
  assertEquals([startAp(new Uint8Array(0)).ssid, startAp(new Uint8Array(0)).ssidHex], ["", ""]);
  assertEquals(startAp(new Uint8Array(32).fill(0x41)).ssid?.length, 32);
  assertEquals(startAp(Uint8Array.of(97)).mloLinkId, 2);
});

Deno.test("nl80211: what is torn is an error", () => {
  const { bytes } = readFixtures("linux/nl80211.hex")[0]!;
  for (let length = 1; length < bytes.length; length++) {
    assert("error" in decodeNl80211(bytes.subarray(0, length))[0]!);
  }
});
