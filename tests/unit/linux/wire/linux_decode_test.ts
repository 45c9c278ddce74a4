/** Linux's decoders, at the edges of what a kernel may send. */
import { assertEquals } from "@std/assert";
import { devGetFlags } from "../../../helpers/linux/dev_get_flags.ts";
import { decodeNetlink } from "../../../../src/linux.ts";
import {
  buildRequest,
  type RequestAttribute,
  textPayload,
  u32Payload,
} from "../../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import { datagram, doneMessage, errorMessage } from "../../../helpers/linux/messages.ts";

type Loose = Readonly<Record<string, unknown>>;

const u8 = (value: number): Uint8Array => Uint8Array.of(value);
const one = (bytes: Uint8Array): Loose => decodeNetlink(bytes)[0] as unknown as Loose;
const link = (flags: number, attributes: readonly RequestAttribute[], type = N.RTM_NEWLINK, hardware = 1): Uint8Array =>
  buildRequest(type, 0, 0, new Uint8Array(new Uint32Array([hardware << 16, 7, flags, 0]).buffer), attributes);

function address(
  [family, prefixLength, flags, scope]: readonly [number, number, number, number],
  attributes: readonly RequestAttribute[],
): Loose | undefined {
  const header = new Uint8Array([family, prefixLength, flags, scope, 7, 0, 0, 0]);
  return (one(buildRequest(N.RTM_NEWADDR, 0, 0, header, attributes)).addresses as Loose[])?.[0];
}

Deno.test("decode: each message by its name, or by its number where it says nothing of interfaces", () => {
  const names = decodeNetlink(datagram(
    buildRequest(N.NLMSG_NOOP, 0, 0, new Uint8Array(0), []),
    buildRequest(N.NLMSG_OVERRUN, 0, 0, new Uint8Array(0), []),
    buildRequest(28, 0, 0, new Uint8Array(0), []), // RTM_NEWNEIGH
    errorMessage(1, 19),
    doneMessage(1),
    link(0, [], N.RTM_DELLINK),
    buildRequest(N.RTM_DELADDR, 0, 0, new Uint8Array(8), []),
  )).map(({ message }) => message);
  assertEquals(names, ["NLMSG_NOOP", "NLMSG_OVERRUN", 28, "NLMSG_ERROR", "NLMSG_DONE", "RTM_DELLINK", "RTM_DELADDR"]);
  const torn = (type: number) => one(buildRequest(type, 0, 0, new Uint8Array(0), [])).of;
  assertEquals([N.RTM_NEWLINK, N.RTM_DELADDR, N.NLMSG_ERROR].map(torn), ["RTM_NEWLINK", "RTM_DELADDR", "NLMSG_ERROR"]);
});

Deno.test("decode: a link message of its header alone is one, and a byte less is none", () => {
  const whole = link(0x1043, []);
  assertEquals([one(whole).index, one(whole).error], [7, undefined]);
  const torn = whole.slice(0, 31);
  new DataView(torn.buffer).setUint32(0, 31, true);
  assertEquals(one(torn).error, "Cannot decode link message at byte 16: 15 bytes where 16 are needed");
});

Deno.test("decode: what the flags of a link mean", () => {
  const said = (flags: number) => {
    const { up, running, lowerUp, dormant } = one(link(flags, []));
    return [up, running, lowerUp, dormant];
  };
  assertEquals(said(0), [false, false, false, false]);
  assertEquals(said(N.IFF_UP), [true, false, false, false]);
  assertEquals(said(N.IFF_RUNNING), [false, true, false, false]);
  assertEquals(said(N.IFF_LOWER_UP), [false, false, true, false]);
  assertEquals(said(N.IFF_DORMANT), [false, false, false, true]);
});

Deno.test("decode: indexes and ids that a link points to; 0 is an id and no index", () => {
  const said = (type: number, value: number) => {
    const { masterIndex, parentIndex, parentNetnsId } = one(link(0, [[type, u32Payload(value)]]));
    return [masterIndex, parentIndex, parentNetnsId];
  };
  assertEquals(said(N.IFLA_MASTER, 1), [1, undefined, undefined]);
  assertEquals(said(N.IFLA_MASTER, 0), [undefined, undefined, undefined]);
  assertEquals(said(N.IFLA_LINK, 1), [undefined, 1, undefined]);
  assertEquals(said(N.IFLA_LINK, 0), [undefined, undefined, undefined]);
  assertEquals(said(N.IFLA_LINK_NETNSID, 0), [undefined, undefined, 0]);
  assertEquals(said(N.IFLA_LINK_NETNSID, 0xffffffff), [undefined, undefined, undefined]); // -1: none
});

Deno.test("decode: a move to another network namespace is no deletion; 0 is an id and no index", () => {
  const said = (...attributes: RequestAttribute[]) => one(link(0, attributes, N.RTM_DELLINK)).moved;
  const netns = (id: number): RequestAttribute => [N.IFLA_NEW_NETNSID, u32Payload(id)];
  const there = (index: number): RequestAttribute => [N.IFLA_NEW_IFINDEX, u32Payload(index)];
  assertEquals(said(netns(3), there(9)), { netnsId: 3, index: 9 });
  assertEquals(said(netns(0), there(2)), { netnsId: 0, index: 2 });
  assertEquals(said(netns(3)), { netnsId: 3, index: undefined }); // before Linux 4.17
  assertEquals([said(), said(there(9)), said(netns(0xffffffff), there(9))], [undefined, undefined, undefined]);
});

Deno.test("decode: numbers of a link that may be zero are told as zero", () => {
  const { carrier, carrierChanges, operState, linkMode, mtu } = one(link(0, [
    [N.IFLA_CARRIER, u8(0)],
    [N.IFLA_CARRIER_CHANGES, u32Payload(0)],
    [N.IFLA_OPERSTATE, u8(0)],
    [N.IFLA_LINKMODE, u8(0)],
    [N.IFLA_MTU, u32Payload(0)],
  ]));
  assertEquals([carrier, carrierChanges, operState, linkMode, mtu], [false, 0, "unknown", "default", 0]);
});

Deno.test("decode: a tunnel's address of an odd length is printed as bytes", () => {
  const printed = (hardware: number, bytes: readonly number[]) =>
    one(link(0, [[N.IFLA_ADDRESS, new Uint8Array(bytes)]], N.RTM_NEWLINK, hardware)).hardwareAddress;
  const sixteen = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
  for (const hardware of [N.ARPHRD_TUNNEL, N.ARPHRD_SIT, N.ARPHRD_IPGRE]) {
    assertEquals([printed(hardware, [10, 0, 0, 1]), printed(hardware, [10, 0])], ["10.0.0.1", "0a:00"]);
    assertEquals(printed(hardware, sixteen), "20:01:0d:b8:00:00:00:00:00:00:00:00:00:00:00:01");
  }
  for (const hardware of [N.ARPHRD_TUNNEL6, N.ARPHRD_IP6GRE]) {
    assertEquals([printed(hardware, sixteen), printed(hardware, [10, 0, 0, 1])], ["2001:db8::1", "0a:00:00:01"]);
  }
});

Deno.test("decode: an address with its scope, its flags and its far end", () => {
  const local: RequestAttribute = [N.IFA_LOCAL, Uint8Array.of(10, 0, 0, 1)];
  const far: RequestAttribute = [N.IFA_ADDRESS, Uint8Array.of(10, 0, 0, 2)];
  const own: RequestAttribute = [N.IFA_ADDRESS, Uint8Array.of(10, 0, 0, 1)];
  assertEquals(address([2, 24, 0x80, 0], [own, local]), {
    family: "inet",
    address: "10.0.0.1",
    prefixLength: 24,
    scope: "global",
    peer: undefined,
    broadcast: undefined,
    label: undefined,
    flags: ["permanent"],
  });
  assertEquals(address([2, 32, 0, 0], [far, local])?.peer, "10.0.0.2");
  assertEquals(address([2, 24, 0, 0], [own])?.address, "10.0.0.1");
  const scopes = [0, 200, 253, 254, 255, 7].map((scope) => address([2, 24, 0, scope], [own])?.scope);
  assertEquals(scopes, ["global", "site", "link", "host", "nowhere", "7"]);
  // The word of all flags goes before the header's byte, also where it is zero.
  assertEquals(address([2, 24, 0x80, 0], [own, [N.IFA_FLAGS, u32Payload(0)]])?.flags, []);
  const label: RequestAttribute = [N.IFA_LABEL, textPayload("eth0:1")];
  const broadcast: RequestAttribute = [N.IFA_BROADCAST, Uint8Array.of(10, 0, 0, 255)];
  const full = address([2, 24, 0, 0], [own, label, broadcast]);
  assertEquals([full?.label, full?.broadcast], ["eth0:1", "10.0.0.255"]);
});

Deno.test("decode: an address message without an address, of another family, or torn", () => {
  assertEquals(address([2, 24, 0, 0], []), undefined);
  assertEquals(one(buildRequest(N.RTM_NEWADDR, 0, 0, new Uint8Array(8), [])).error, undefined); // no more than its header
  assertEquals(address([28, 24, 0, 0], [[N.IFA_ADDRESS, new Uint8Array(4)]]), undefined);
  for (const [family, bytes] of [[2, 3], [2, 5], [2, 16], [10, 4], [10, 15]] as const) {
    const header = new Uint8Array([family, 24, 0, 0, 7, 0, 0, 0]);
    const { error } = one(buildRequest(N.RTM_NEWADDR, 0, 0, header, [[N.IFA_ADDRESS, new Uint8Array(bytes)]]));
    assertEquals(
      error,
      `Cannot decode address attribute 1 at byte 28: ${bytes} bytes where ${family === 2 ? 4 : 16} are needed`,
    );
  }
});

Deno.test("dev_get_flags: what a user sees of the flags that the kernel keeps", () => {
  const inputs = {
    flags: 0x1003,
    globalFlags: 0,
    running: true,
    operState: "down",
    carrier: false,
    dormant: false,
  } as const;
  assertEquals(devGetFlags(inputs), 0x1003);
  for (const operState of ["up", "unknown"] as const) assertEquals(devGetFlags({ ...inputs, operState }), 0x1043);
  for (const operState of ["dormant", "notpresent", "lowerlayerdown", "testing"] as const) {
    assertEquals(devGetFlags({ ...inputs, operState }), 0x1003);
  }
  assertEquals(devGetFlags({ ...inputs, carrier: true }), 0x11003);
  assertEquals(devGetFlags({ ...inputs, dormant: true }), 0x21003);
  // Of one that does not run nothing is worked out, and what is kept of it is not shown.
  const stopped = { ...inputs, flags: 0x31143, running: false, operState: "up", carrier: true, dormant: true } as const;
  assertEquals(devGetFlags(stopped), 0x1003);
  // PROMISC and ALLMULTI are those that users asked for.
  assertEquals(devGetFlags({ ...inputs, flags: 0x1303 }), 0x1003);
  assertEquals(devGetFlags({ ...inputs, globalFlags: 0x300 }), 0x1303);
  assertEquals(devGetFlags({ ...inputs, globalFlags: 0xffff }), 0x1303);
  assertEquals(devGetFlags({ ...inputs, flags: 0x80001003 | 0 }), 0x80001003);
});
