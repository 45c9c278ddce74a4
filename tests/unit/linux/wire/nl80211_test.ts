import { assert, assertEquals } from "@std/assert";
import { decodeNl80211, type UndecodedMessage, type WirelessMessage } from "../../../../src/linux.ts";
import {
  buildRequest,
  type RequestAttribute,
  textPayload,
  u32Payload,
} from "../../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import { readFixtures } from "../../../helpers/fixtures.ts";
import { nest } from "../../../helpers/linux/messages.ts";

for (const { title, says, bytes } of readFixtures("linux/nl80211.hex")) {
  Deno.test(`nl80211: ${says.message} decodes (${title})`, () => {
    const [message] = decodeNl80211(bytes) as unknown as Record<string, unknown>[];
    for (const [field, value] of Object.entries(says)) {
      assertEquals(JSON.stringify(message?.[field]), JSON.stringify(value ?? undefined), field);
    }
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

/** A link of a multi-link device, as it is nested in a message. */
const mloLink = (id: number, ...more: RequestAttribute[]): RequestAttribute => [
  id + 1,
  nest([N.NL80211_ATTR_MLO_LINK_ID, Uint8Array.of(id)], ...more),
];
const answer = (...attributes: RequestAttribute[]): WirelessMessage | UndecodedMessage =>
  decodeNl80211(buildRequest(35, 0, 0, Uint8Array.of(7, 1, 0, 0), attributes))[0]!;
const links = (...nested: RequestAttribute[]) => answer([N.NL80211_ATTR_MLO_LINKS | 0x8000, nest(...nested)]);

Deno.test("nl80211: each link of a multi-link device has its own channel, network and address", () => {
  const frequency: RequestAttribute = [N.NL80211_ATTR_WIPHY_FREQ, u32Payload(5180)];
  const own: RequestAttribute = [N.NL80211_ATTR_SSID, textPayload("own").slice(0, 3)];
  const found = links(mloLink(0), mloLink(2, frequency, own), mloLink(14, frequency)) as WirelessMessage;
  const bare = {
    ssid: undefined,
    ssidHex: undefined,
    frequency: undefined,
    width: undefined,
    hardwareAddress: undefined,
  };
  assertEquals(found.links, [
    { mloLinkId: 0, ...bare },
    { mloLinkId: 2, ...bare, ssid: "own", ssidHex: "6f776e", frequency: 5180 },
    { mloLinkId: 14, ...bare, frequency: 5180 },
  ]);
  // What is said of a link is not said of the device.
  assertEquals([found.mloLinkId, found.frequency, found.ssid], [undefined, undefined, undefined]);
  assertEquals((links() as WirelessMessage).links, []);
  assertEquals((answer() as WirelessMessage).links, undefined);
  assertEquals((links([1, nest(frequency)]) as WirelessMessage).links, []); // it has no id
});

Deno.test("nl80211: a link that is torn is an error, at whichever level", () => {
  assert("error" in answer([N.NL80211_ATTR_MLO_LINKS, Uint8Array.of(99, 0, 1, 128, 0, 0)]));
  assert("error" in links([1, Uint8Array.of(99, 0, 1, 0)]));
  assert("error" in links([1, nest([N.NL80211_ATTR_MLO_LINK_ID, new Uint8Array(0)])]));
});

Deno.test("nl80211: what is torn is an error", () => {
  const { bytes } = readFixtures("linux/nl80211.hex")[0]!;
  for (let length = 1; length < bytes.length; length++) {
    assert("error" in decodeNl80211(bytes.subarray(0, length))[0]!);
  }
});

Deno.test("nl80211: numbers of one, two and four bytes, of which zero is one; what is too short is not told", () => {
  const u16 = (value: number): Uint8Array => new Uint8Array(new Uint16Array([value]).buffer);
  const said = (type: number, payload: Uint8Array) =>
    decodeNl80211(buildRequest(35, 0, 0, Uint8Array.of(48, 1, 0, 0), [[type, payload]]))[0] as WirelessMessage;
  assertEquals(said(N.NL80211_ATTR_MLO_LINK_ID, Uint8Array.of(0)).mloLinkId, 0);
  assertEquals(said(N.NL80211_ATTR_WIPHY, u32Payload(0)).wiphy, 0);
  assertEquals(said(N.NL80211_ATTR_REASON_CODE, u16(0x0102)).reason, 0x0102);
  assertEquals(said(N.NL80211_ATTR_STATUS_CODE, u16(0)).status, 0);
  assertEquals(said(N.NL80211_ATTR_STATUS_CODE, Uint8Array.of(1)).status, undefined);
  assertEquals(said(N.NL80211_ATTR_CHANNEL_WIDTH, u32Payload(3)).width, 80);
  assertEquals(
    said(N.NL80211_ATTR_WDEV, new Uint8Array(new BigUint64Array([(3n << 32n) | 7n]).buffer)).wdev,
    3 * 2 ** 32 + 7,
  );
  assertEquals(said(N.NL80211_ATTR_WDEV, new Uint8Array(7)).wdev, undefined);
  const bare = said(0, new Uint8Array(0));
  assertEquals([bare.message, bare.mloLinkId, bare.reason, bare.width, bare.ssidHex, bare.mac], [
    "NL80211_CMD_DISCONNECT",
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  const header = decodeNl80211(buildRequest(35, 0, 0, Uint8Array.of(15, 1, 0), []).slice(0, 19));
  assertEquals(header.length, 1);
  assertEquals("error" in header[0]!, true);
});
