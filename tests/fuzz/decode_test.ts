import { assert, assertEquals } from "@std/assert";
import { decodeNetlink, decodeNl80211 } from "../../src/linux.ts";
import { type BsdPlatform, decodeRoute } from "../../src/bsd.ts";
import { decodeEach } from "../../platforms/common/walk.ts";
import { EthtoolReader } from "../../platforms/linux/ask/ethtool.ts";
import { LinkDetailsReader } from "../../platforms/linux/wire/link_details.ts";
import { LinkParametersReader } from "../../platforms/linux/wire/inventory.ts";
import { buildRequest, Messages, Packet, u32Payload } from "../../platforms/linux/wire/netlink.ts";
import * as N from "../../platforms/linux/wire/numbers.ts";
import { SYSTEMS } from "../../platforms/bsd/systems/systems.ts";
import { type Fixture, linuxFixtures, readFixtures } from "../helpers/fixtures.ts";
import { generateMloLinks, mutate } from "../helpers/linux/generate.ts";
import { radio } from "../helpers/linux/kernel.ts";
import { newDevice } from "../../src/fake/linux/born.ts";
import { wirelessMessage } from "../../src/fake/linux/messages.ts";
import { type Random, withSeed } from "../helpers/random.ts";
import { rounds } from "../helpers/rounds.ts";

const LINK = newDevice(3, { name: "wlan0" });
const BSDS = Object.keys(SYSTEMS) as BsdPlatform[];

/** What is decoded only for those who ask why, and for show. */
function decodeDetails(bytes: Uint8Array): object[] {
  const packet = Packet.of(bytes);
  const readers = [new LinkDetailsReader(packet), new EthtoolReader(packet), new LinkParametersReader(packet)];
  return readers.flatMap((reader) => {
    const messages = new Messages(packet).begin(bytes.length);
    return decodeEach<object>(
      messages,
      () => undefined,
      () => ({ message: reader.read(messages.start, messages.end) }),
    );
  });
}

/** Every decoder must end, throw nothing, and say of each message what it is or why not. */
function check(bytes: Uint8Array): void {
  const netlink = decodeNetlink(bytes);
  assert(netlink.length <= bytes.length / 16 + 1, "more messages than headers");
  const route = BSDS.flatMap((platform) => decodeRoute(bytes, platform));
  assert(route.length <= BSDS.length * (bytes.length / 4 + 1), "more messages than headers");
  const wireless = decodeNl80211(bytes);
  assert(wireless.length <= bytes.length / 16 + 1, "more messages than headers");
  const details = decodeDetails(bytes);
  assert(details.length <= 3 * (bytes.length / 16 + 1), "more messages than headers");
  for (const message of [...netlink, ...route, ...wireless, ...details]) {
    assert("message" in message || "error" in message);
  }
  JSON.stringify([netlink, route, wireless, details]);
}

/** A route message whose ways and attributes are of any length: what is inside of what must be found out. */
function generateRoute(random: Random): Uint8Array<ArrayBuffer> {
  const family = random.pick([N.AF_INET, N.AF_INET6, N.AF_INET6, 128]);
  const header = new Uint8Array(N.RTMSG_LEN).map(() => random.below(256));
  header[0] = family;
  const address = (): Uint8Array => new Uint8Array(family === N.AF_INET ? 4 : 16).map(() => random.below(256));
  const ways = Array.from({ length: random.below(5) }, () => {
    const attribute = buildRequest(0, 0, 0, new Uint8Array(0), [[N.RTA_GATEWAY, address()]]).subarray(N.NLMSG_HDRLEN);
    const way = new Uint8Array(N.RTNEXTHOP_LEN + attribute.length);
    way.set([way.length, 0, random.below(64), random.below(256), random.below(9)]);
    way.set(attribute, N.RTNEXTHOP_LEN);
    return [...way];
  });
  return buildRequest(random.pick([N.RTM_NEWROUTE, N.RTM_DELROUTE]), 0, 0, header, [
    [N.RTA_DST, address()],
    [N.RTA_TABLE, u32Payload(random.below(2 ** 32))],
    ...(ways.length === 0 ? [] : [[N.RTA_MULTIPATH, Uint8Array.from(ways.flat())] as const]),
    ...(random.below(2) === 0
      ? []
      : [[N.RTA_VIA, Uint8Array.of(family === N.AF_INET ? 2 : 10, 0, ...address())] as const]),
  ]);
}

function allFixtures(): Fixture[] {
  const files = [
    "linux/nl80211.hex",
    "linux/details.hex",
    "linux/inventory.hex",
    "linux/ethtool.hex",
    "netbsd/messages.hex",
    "netbsd/lists.hex",
    "freebsd/messages.hex",
    "freebsd/lists.hex",
    ...BSDS.map((platform) => `${platform}/routes.hex`),
  ];
  return [...linuxFixtures(), ...files.flatMap(readFixtures)];
}

Deno.test("fuzz: captures with bytes changed, moved and cut off", () => {
  const fixtures = allFixtures();
  withSeed((random) => {
    for (const _round of rounds()) check(mutate(random, random.pick(fixtures).bytes));
  });
});

Deno.test("fuzz: links of a multi-link device are what was put in; torn ones are an error, or links with an id", () => {
  withSeed((random) => {
    for (const _round of rounds()) {
      const links = generateMloLinks(random);
      const bytes = wirelessMessage(
        N.NL80211_CMD_NEW_INTERFACE,
        { ...LINK, wireless: radio({ type: random.below(14), links }) },
        {},
      );
      const [whole] = decodeNl80211(bytes);
      assert(whole !== undefined && "links" in whole);
      assertEquals(
        whole.links?.map(({ mloLinkId, ssid, frequency }) => [mloLinkId, ssid, frequency]),
        links.map(({ id, ssid, frequency }) => [id, ssid, frequency]),
      );
      bytes[random.below(bytes.length)] = random.pick([0, 1, 3, 4, 5, 0x7f, 0x80, 0xff]);
      for (const message of decodeNl80211(bytes)) {
        if (!("links" in message)) continue;
        assert((message.links?.length ?? 0) <= bytes.length / 4, "more links than attributes");
        for (const { mloLinkId } of message.links ?? []) assert(mloLinkId >= 0 && mloLinkId <= 255);
      }
      check(bytes);
    }
  });
});

Deno.test("fuzz: routes of many ways are what was put in; torn ones are an error, or have no more ways than bytes", () => {
  withSeed((random) => {
    for (const _round of rounds()) {
      const bytes = generateRoute(random);
      const [whole] = decodeNetlink(bytes);
      assert(whole !== undefined && "hops" in whole);
      for (const { gateway, weight } of whole.hops) assert(gateway !== undefined && weight >= 1 && weight <= 256);
      const torn = mutate(random, bytes);
      for (const message of decodeNetlink(torn)) {
        if ("hops" in message) assert(message.hops.length <= torn.length / N.RTNEXTHOP_LEN, "more ways than bytes");
      }
      check(torn);
    }
  });
});

Deno.test("fuzz: noise, with and without a header that fits", () => {
  withSeed((random) => {
    for (const _round of rounds()) {
      const bytes = Uint8Array.from({ length: random.below(200) }, () => random.below(256));
      if (bytes.length >= 16 && random.below(2) === 0) {
        new DataView(bytes.buffer).setUint32(0, bytes.length, true);
        new DataView(bytes.buffer).setUint16(4, random.pick([2, 3, 16, 17, 20, 21, 24, 25]), true);
      } else if (bytes.length >= 4) {
        new DataView(bytes.buffer).setUint16(0, bytes.length, true);
        bytes[2] = random.pick([3, 4, 5, 6, 7]);
        bytes[3] = random.pick([0x01, 0x02, 0x03, 0x04, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x14, 0x16, 0x17]);
      }
      check(bytes);
    }
  });
});

Deno.test("fuzz: a capture cut off at every byte", () => {
  for (const { bytes } of linuxFixtures().slice(0, 4)) {
    for (let length = 0; length < bytes.length; length++) {
      const decoded = decodeNetlink(bytes.subarray(0, length));
      assertEquals(decoded.length, length === 0 ? 0 : 1);
      assertEquals(length === 0 || "error" in decoded[0]!, true);
    }
  }
});
