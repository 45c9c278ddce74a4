/** What is decoded for those who ask why: of link messages, and of ethtool's answers. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { MalformedMessageError } from "../../../../src/linux.ts";
import { type HardwareState, type LinkDetails, NO_DETAILS } from "../../../../platforms/contract/details.ts";
import { EthtoolReader } from "../../../../platforms/linux/ask/ethtool.ts";
import { LinkDetailsReader } from "../../../../platforms/linux/wire/link_details.ts";
import {
  buildRequest,
  Messages,
  Packet,
  type RequestAttribute,
  textPayload,
  u32Payload,
} from "../../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import { type Fixture, readFixtures } from "../../../helpers/fixtures.ts";

/** What only some interfaces say. */
const PORT = { state: undefined, miiStatus: undefined, linkFailures: undefined, vrfTable: undefined };

function read<T>(bytes: Uint8Array, make: (packet: Packet) => { read(start: number, end: number): T }): T {
  const packet = Packet.of(bytes);
  const messages = new Messages(packet).begin(bytes.length);
  assert(messages.next());
  return make(packet).read(messages.start, messages.end);
}
const details = (bytes: Uint8Array): LinkDetails => read(bytes, (packet) => new LinkDetailsReader(packet));
const hardware = (bytes: Uint8Array): Partial<HardwareState> => read(bytes, (packet) => new EthtoolReader(packet));

function said(bytes: Uint8Array): Partial<HardwareState> {
  return Object.fromEntries(Object.entries(hardware(bytes)).filter(([, value]) => value !== undefined));
}

/** What a capture must decode to, with what goes without saying. */
function whole({ says }: Fixture): LinkDetails {
  const { hardware: _none, ...nothing } = NO_DETAILS;
  const told: Partial<LinkDetails> = says;
  return {
    ...nothing,
    protoDown: false,
    ...told,
    bond: told.bond && { ...told.bond, activePort: undefined },
    port: told.port && { ...PORT, ...told.port },
  };
}

Deno.test("details: captured link messages of a bond, a bridge, a team, a VRF, a VLAN, and one that is held down", () => {
  const fixtures = readFixtures("linux/details.hex");
  for (const fixture of fixtures) assertEquals(details(fixture.bytes), whole(fixture), fixture.title);
  assertEquals(fixtures.length, 9);
});

Deno.test("details: captured answers of ethtool", () => {
  const fixtures = readFixtures("linux/ethtool.hex");
  for (const { title, says, bytes } of fixtures) assertEquals(said(bytes), says, title);
  assertEquals(fixtures.length, 7);
});

const nest = (...attributes: RequestAttribute[]): Uint8Array =>
  buildRequest(0, 0, 0, new Uint8Array(0), attributes).slice(N.NLMSG_HDRLEN);
const u8 = (value: number): Uint8Array => Uint8Array.of(value);
const link = (...attributes: RequestAttribute[]): LinkDetails =>
  details(buildRequest(N.RTM_NEWLINK, 0, 0, new Uint8Array(N.IFINFOMSG_LEN), attributes));
const port = (kind: string, ...data: RequestAttribute[]) =>
  link([
    N.IFLA_LINKINFO,
    nest([N.IFLA_INFO_SLAVE_KIND, textPayload(kind)], [N.IFLA_INFO_SLAVE_DATA, nest(...data)]),
  ]).port;
const ethtool = (command: number, ...attributes: RequestAttribute[]): Partial<HardwareState> =>
  said(buildRequest(21, 0, 0, Uint8Array.of(command, 1, 0, 0), attributes));

Deno.test("details: each state of a port by its word, and a number that has none", () => {
  const bond = [0, 1, 2].map((state) => port("bond", [N.IFLA_BOND_SLAVE_STATE, u8(state)])?.state);
  assertEquals(bond, ["active", "backup", "2"]);
  const mii = [0, 1, 2, 3, 4].map((status) => port("bond", [N.IFLA_BOND_SLAVE_MII_STATUS, u8(status)])?.miiStatus);
  assertEquals(mii, ["up", "going-down", "down", "going-back", "4"]);
  const bridge = [0, 1, 2, 3, 4, 5].map((state) => port("bridge", [N.IFLA_BRPORT_STATE, u8(state)])?.state);
  assertEquals(bridge, ["disabled", "listening", "learning", "forwarding", "blocking", "5"]);
  assertEquals(port("bond"), { kind: "bond", ...PORT });
  assertEquals(port("hsr", [1, u8(1)]), { kind: "hsr", ...PORT });
});

Deno.test("details: what a link does not say is undefined", () => {
  const { hardware: _none, ...nothing } = NO_DETAILS;
  assertEquals(link(), nothing);
  for (const kind of ["bond", "vlan", "vrf"]) {
    assertEquals(link([N.IFLA_LINKINFO, nest([N.IFLA_INFO_KIND, textPayload(kind)])]), nothing);
  }
  const bond = nest([N.IFLA_INFO_KIND, textPayload("bond")], [N.IFLA_INFO_DATA, nest([N.IFLA_BOND_MODE, u8(9)])]);
  assertEquals(link([N.IFLA_LINKINFO, bond]).bond, { mode: "9", activePort: undefined, activePortIndex: undefined });
  const idle = nest([N.IFLA_INFO_KIND, textPayload("bond")], [
    N.IFLA_INFO_DATA,
    nest([N.IFLA_BOND_ACTIVE_SLAVE, u32Payload(0)]),
  ]);
  assertEquals(link([N.IFLA_LINKINFO, idle]).bond?.activePortIndex, undefined);
  const short = nest([N.IFLA_INFO_KIND, textPayload("vlan")], [N.IFLA_INFO_DATA, nest([N.IFLA_VLAN_ID, u8(7)])]);
  assertEquals(link([N.IFLA_LINKINFO, short]).vlanId, undefined);
  assertEquals(link([N.IFLA_PROTO_DOWN_REASON, nest()]).protoDownReasons, []);
});

Deno.test("details: why there is no link, in the kernel's words", () => {
  const state = (...values: readonly [number, number?]) => {
    const [one, two] = values;
    const attributes: RequestAttribute[] = [[N.ETHTOOL_A_LINKSTATE_EXT_STATE, u8(one)]];
    if (two !== undefined) attributes.push([N.ETHTOOL_A_LINKSTATE_EXT_SUBSTATE, u8(two)]);
    return Object.values(ethtool(N.ETHTOOL_MSG_LINKSTATE_GET_REPLY, ...attributes));
  };
  assertEquals(state(4), ["no-cable"]);
  assertEquals(state(0, 1), ["autoneg", "no-partner-detected"]);
  assertEquals(state(1, 4), ["link-training-failure", "remote-fault"]);
  assertEquals(state(10, 1), ["module", "cmis-not-ready"]);
  assertEquals(state(99, 3), ["99", "3"]);
  assertEquals(state(4, 9), ["no-cable", "9"]);
  assertEquals(
    ethtool(N.ETHTOOL_MSG_LINKSTATE_GET_REPLY, [N.ETHTOOL_A_LINKSTATE_EXT_DOWN_CNT, u32Payload(0)]),
    { linkDowns: 0 },
  );
});

Deno.test("details: a speed or duplex that the driver does not know is none", () => {
  const modes = (...attributes: RequestAttribute[]) => ethtool(N.ETHTOOL_MSG_LINKMODES_GET_REPLY, ...attributes);
  assertEquals(
    modes(
      [N.ETHTOOL_A_LINKMODES_SPEED, u32Payload(N.SPEED_UNKNOWN)],
      [N.ETHTOOL_A_LINKMODES_DUPLEX, u8(0xff)],
      [N.ETHTOOL_A_LINKMODES_AUTONEG, u8(1)],
    ),
    { autonegotiation: true },
  );
  assertEquals(
    modes([N.ETHTOOL_A_LINKMODES_SPEED, u32Payload(100)], [N.ETHTOOL_A_LINKMODES_DUPLEX, u8(0)]),
    { speed: 100, duplex: "half" },
  );
  const ports = [0, 3, 5, 0xef, 0xff, 0x77].map((value) =>
    ethtool(N.ETHTOOL_MSG_LINKINFO_GET_REPLY, [N.ETHTOOL_A_LINKINFO_PORT, u8(value)]).port
  );
  assertEquals(ports, ["tp", "fibre", "da", "none", "other", "119"]);
  assertEquals(ethtool(N.ETHTOOL_MSG_LINKINFO_GET_REPLY), {}); // no more than its header
  assertEquals(ethtool(77, [N.ETHTOOL_A_LINKINFO_PORT, u8(1)]), {});
});

Deno.test("details: what is too short or torn is refused", () => {
  const short = (length: number) => buildRequest(16, 0, 0, new Uint8Array(length), []);
  assertThrows(() => details(short(12)), MalformedMessageError, "12 bytes where 16 are needed");
  assertThrows(() => hardware(short(0)), MalformedMessageError, "0 bytes where 4 are needed");
  assertThrows(
    () => port("bond", [N.IFLA_BOND_SLAVE_LINK_FAILURE_COUNT, u8(1)]),
    MalformedMessageError,
    "4 are needed",
  );
  const torn = link.bind(undefined, [N.IFLA_PROTO_DOWN_REASON, Uint8Array.of(9, 0, 2, 0)]);
  assertThrows(torn, MalformedMessageError, "length 9 with 4 bytes left");
});
