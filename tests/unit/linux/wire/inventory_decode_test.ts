/** What is decoded for `show` alone: how a link was made, its counters, and what its driver says of itself. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { MalformedMessageError } from "../../../../src/linux.ts";
import type { LinkParameters } from "../../../../platforms/contract/inventory.ts";
import { LinkParametersReader, readDriverInfo } from "../../../../platforms/linux/wire/inventory.ts";
import {
  buildRequest,
  Messages,
  Packet,
  type RequestAttribute,
  textPayload,
  u32Payload,
} from "../../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import { readFixtures } from "../../../helpers/fixtures.ts";
import { nest } from "../../../helpers/linux/messages.ts";

function decode(bytes: Uint8Array): LinkParameters {
  const packet = Packet.of(bytes);
  const messages = new Messages(packet).begin(bytes.length);
  assert(messages.next());
  return new LinkParametersReader(packet).read(messages.start, messages.end);
}

/** What is said, without what is not. */
function said(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

const message = (...attributes: RequestAttribute[]): Uint8Array =>
  buildRequest(N.RTM_NEWLINK, 0, 0, new Uint8Array(N.IFINFOMSG_LEN), attributes);
const made = (kind: string, ...data: RequestAttribute[]): LinkParameters =>
  decode(message([N.IFLA_LINKINFO, nest([N.IFLA_INFO_KIND, textPayload(kind)], [N.IFLA_INFO_DATA, nest(...data)])]));
const ipv6 = (last: number): Uint8Array => Uint8Array.of(0x20, 1, 0xd, 0xb8, ...new Array(11).fill(0), last);
/** A number in network byte order. */
const big = (value: number, bytes: 2 | 4): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, i) => value >>> 8 * (bytes - 1 - i) & 0xff);

Deno.test("inventory: captured messages of VXLANs, VLANs, tunnels, a radio, and lo with traffic", () => {
  const fixtures = readFixtures("linux/inventory.hex");
  for (const { title, says, bytes } of fixtures) assertEquals(said(decode(bytes)), says, title);
  assertEquals(fixtures.length, 12);
});

Deno.test("inventory: what drivers wrote of themselves", () => {
  const fixtures = readFixtures("linux/drvinfo.hex");
  for (const { title, says, bytes } of fixtures) assertEquals(said(readDriverInfo(bytes)!), says, title);
  assertEquals(fixtures.length, 2);
});

Deno.test("inventory: a driver that says nothing is none, and a text without its end ends with its room", () => {
  assertEquals(readDriverInfo(new Uint8Array(N.ETHTOOL_DRVINFO_LEN)), undefined);
  const full = new Uint8Array(N.ETHTOOL_DRVINFO_LEN).fill(0x61, 4, 132);
  const text = "a".repeat(32);
  assertEquals(readDriverInfo(full), { name: text, version: text, firmware: text, bus: text });
  assertThrows(() => readDriverInfo(new Uint8Array(195)), MalformedMessageError, "196 bytes are needed");
});

Deno.test("inventory: tunnels over IPv6, and those whose keys have no flag", () => {
  const tnl = made("ip6tnl", [2, ipv6(1)], [3, ipv6(2)], [4, Uint8Array.of(0)], [1, u32Payload(9)]).tunnel;
  assertEquals(said(tnl!), { local: "2001:db8::1", remote: "2001:db8::2", deviceIndex: 9, ttl: "inherit" });
  const flags: RequestAttribute[] = [[2, big(N.GRE_KEY, 2)], [3, big(0, 2)]];
  const gre = made("ip6gretap", ...flags, [4, big(7, 4)], [5, big(8, 4)], [6, ipv6(1)], [7, new Uint8Array(16)]).tunnel;
  assertEquals(said(gre!), { local: "2001:db8::1", inputKey: 7 });
  const vti = made("vti6", [2, big(0xffffffff, 4)], [3, big(0, 4)], [4, ipv6(3)], [5, ipv6(4)]).tunnel;
  assertEquals(said(vti!), { local: "2001:db8::3", remote: "2001:db8::4", inputKey: 0xffffffff });
});

Deno.test("inventory: a multicast group of IPv4 is one from 224.0.0.0 to 239.255.255.255", () => {
  const other = (...bytes: number[]) => said(made("vxlan", [N.IFLA_VXLAN_GROUP, Uint8Array.from(bytes)]).vxlan!);
  assertEquals(other(224, 0, 0, 1), { group: "224.0.0.1" });
  assertEquals(other(239, 255, 255, 255), { group: "239.255.255.255" });
  assertEquals(other(240, 0, 0, 1), { remote: "240.0.0.1" });
  assertEquals(other(0, 0, 0, 0), {});
});

Deno.test("inventory: a VLAN's protocol without a name is its number", () => {
  assertEquals(made("vlan", [N.IFLA_VLAN_PROTOCOL, big(0x9100, 2)]).vlanProtocol, String(0x9100));
  assertEquals(made("vlan").vlanProtocol, undefined);
});

Deno.test("inventory: counters beyond 32 bits, and a kernel that has no more of them", () => {
  const words = new Uint32Array(16);
  words.set([5, 0, 6, 0, 0xffffffff, 1, 0x80000000, 0x1fffff, 1, 0, 2, 0, 3, 0, 4, 0]);
  assertEquals(decode(message([N.IFLA_STATS64, new Uint8Array(words.buffer)])).counters, {
    received: { bytes: 2 ** 33 - 1, packets: 5, errors: 1, dropped: 3 },
    sent: { bytes: 2 ** 53 - 2 ** 31, packets: 6, errors: 2, dropped: 4 },
  });
});

Deno.test("inventory: another kind, a name of every object, and a link that says nothing have nothing", () => {
  for (const kind of ["bridge", "constructor", "__proto__", ""]) assertEquals(said(made(kind, [1, u32Payload(1)])), {});
  assertEquals(said(decode(message())), {});
  assertEquals(said(decode(message([N.IFLA_LINKINFO, nest([N.IFLA_INFO_KIND, textPayload("gre")])]))), {});
  assertEquals(said(made("gre")), { tunnel: {} });
  assertEquals(said(decode(message([N.IFLA_PERM_ADDRESS, new Uint8Array(0)]))), {});
});

Deno.test("inventory: a permanent address is that of hardware, and not what a tunnel has in its place", () => {
  const of = (type: number, bytes: number): string | undefined => {
    const header = new Uint8Array(N.IFINFOMSG_LEN);
    new DataView(header.buffer).setUint16(2, type, true);
    const address = new Uint8Array(bytes).fill(2);
    return decode(buildRequest(N.RTM_NEWLINK, 0, 0, header, [[N.IFLA_PERM_ADDRESS, address]])).permanentAddress;
  };
  assertEquals(of(N.ARPHRD_ETHER, 6), "02:02:02:02:02:02");
  assertEquals(of(32, 20), Array(20).fill("02").join(":")); // InfiniBand
  for (const type of [768, 776, 778]) assertEquals(of(type, 4), undefined);
  for (const type of [769, 823]) assertEquals(of(type, 16), undefined);
});

Deno.test("inventory: what is too short or torn is an error", () => {
  const short = (bytes: number): Uint8Array => new Uint8Array(bytes);
  const cases: (() => unknown)[] = [
    () => decode(buildRequest(N.RTM_NEWLINK, 0, 0, short(12), [])),
    () => decode(message([N.IFLA_STATS64, short(63)])),
    () => made("vxlan", [N.IFLA_VXLAN_ID, short(3)]),
    () => made("vxlan", [N.IFLA_VXLAN_PORT, short(1)]),
    () => made("vlan", [N.IFLA_VLAN_PROTOCOL, short(1)]),
    () => made("gre", [4, short(3)]),
    () => made("ipip", [4, short(0)]),
    () => decode(message([N.IFLA_LINKINFO, Uint8Array.of(200, 0, 1, 0)])),
    () =>
      decode(
        message([
          N.IFLA_LINKINFO,
          nest([N.IFLA_INFO_KIND, textPayload("gre")], [N.IFLA_INFO_DATA, Uint8Array.of(9, 0, 1, 0)]),
        ]),
      ),
  ];
  for (const one of cases) assertThrows(one, MalformedMessageError, "Cannot decode");
  // An address of another length is none that a kernel sends.
  assertEquals(made("sit", [2, Uint8Array.of(1, 2, 3)]).tunnel?.local, undefined);
});

Deno.test("inventory: a capture cut off at every byte is an error, or says less", () => {
  const [, vxlan] = readFixtures("linux/inventory.hex");
  const whole = Packet.of(vxlan!.bytes);
  for (let end = N.NLMSG_HDRLEN; end <= vxlan!.bytes.length; end++) {
    try {
      new LinkParametersReader(whole).read(N.NLMSG_HDRLEN, end);
    } catch (error) {
      assert(error instanceof MalformedMessageError, String(error));
    }
  }
});
