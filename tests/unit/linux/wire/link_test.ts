import { assertEquals } from "@std/assert";
import { decodeNetlink } from "../../../../platforms/linux/wire/decode.ts";
import { formatHardwareAddress, LinkReader, linuxConnected } from "../../../../platforms/linux/wire/link.ts";
import { buildRequest, Messages, Packet, textPayload } from "../../../../platforms/linux/wire/netlink.ts";
import type { InterfaceStatus } from "../../../../mod.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import { linuxFixtures } from "../../../helpers/fixtures.ts";
import { nest } from "../../../helpers/linux/messages.ts";

for (const { title, says, bytes } of linuxFixtures()) {
  Deno.test(`link: ${says.message} ${says.name ?? says.index} decodes (${title})`, () => {
    const decoded = decodeNetlink(bytes);
    assertEquals(decoded.length, 1);
    const got = decoded[0] as unknown as Record<string, unknown>;
    for (const [field, value] of Object.entries(says)) {
      if (field === "addresses") {
        const want = (value as Record<string, unknown>[])[0]!;
        const address = (got.addresses as Record<string, unknown>[])[0]!;
        for (const [part, expected] of Object.entries(want)) assertEquals(address[part], expected, part);
      } else if (field === "hops") {
        const known = (value as Record<string, unknown>[]).map((hop) => ({
          ...hop,
          gateway: hop.gateway ?? undefined,
        }));
        assertEquals(got.hops, known, field);
      } else assertEquals(got[field], value ?? undefined, field);
    }
  });
}

function read(bytes: Uint8Array): InterfaceStatus {
  const packet = Packet.of(bytes);
  const messages = new Messages(packet).begin(bytes.length);
  messages.next();
  return new LinkReader(packet).load(messages.start, messages.end).facts();
}

/** An RTM_NEWLINK with struct ifinfomsg for index 7 and these attributes. */
function link(flags: number, attributes: (readonly [number, Uint8Array])[]): Uint8Array {
  const header = new Uint8Array(new Uint32Array([0x10000, 7, flags, 0]).buffer);
  return buildRequest(16, 0, 0, header, attributes);
}

const u8 = (value: number): Uint8Array => new Uint8Array([value]);
const name = [3, textPayload("eth7")] as const;
const up = [16, u8(6)] as const;

Deno.test("link: the same address bytes are another text when an index becomes a tunnel", () => {
  const address = [1, Uint8Array.of(10, 0, 0, 1)] as const;
  const ether = read(link(0x1003, [name, up, address]));
  assertEquals(ether.hardwareAddress, "0a:00:00:01");
  const sit = link(0x1003, [name, up, address]);
  new DataView(sit.buffer).setUint16(18, 776, true); // ifi_type: ARPHRD_SIT
  assertEquals(read(sit).hardwareAddress, "10.0.0.1");
});

Deno.test("link: a whole message says everything, and what it leaves out is not there", () => {
  const bare = read(link(0x11043, [name, up]));
  assertEquals([bare.mtu, bare.carrier, bare.carrierChanges, bare.kind], [undefined, undefined, undefined, undefined]);
  assertEquals([bare.masterIndex, bare.altNames, bare.hardwareAddress], [undefined, [], undefined]);
});

Deno.test("link: states that the kernel has no name for are undefined", () => {
  const status = read(link(0x1003, [name, [16, u8(255)], [17, u8(9)]]));
  assertEquals([status.operState, status.linkMode, status.connected], [undefined, undefined, false]);
});

Deno.test("link: connected is state UP, or UNKNOWN and RUNNING; IFF_UP is not enough", () => {
  assertEquals(linuxConnected("up", 0x11043), true);
  assertEquals(linuxConnected("unknown", 0x10049), true);
  assertEquals(linuxConnected("unknown", 0x1003), false);
  assertEquals(linuxConnected("unknown", 0x1043), false, "just set up, and its carrier not looked at yet");
  for (const state of ["down", "lowerlayerdown", "dormant", "notpresent", "testing"] as const) {
    for (const flags of [0x1003, 0x11043]) assertEquals(linuxConnected(state, flags), false);
  }
  // A kernel that tells no state: the carrier decides, or UP, RUNNING and LOWER_UP.
  assertEquals([linuxConnected(undefined, 0x1003, true), linuxConnected(undefined, 0x1002, true)], [true, false]);
  assertEquals([linuxConnected(undefined, 0x11043), linuxConnected(undefined, 0x1043)], [true, false]);
});

Deno.test("link: UP without LOWER_UP is not connected yet: the kernel has not looked at the carrier", () => {
  assertEquals([linuxConnected("up", 0x1043), linuxConnected("up", 0x1043, false)], [false, false]);
  assertEquals(linuxConnected("up", 0x1002, true, true), false); // FreeBSD's netlink, of one that is marked down
  assertEquals([linuxConnected("up", 0x1043, true, true), linuxConnected("up", 0x11043, true, false)], [true, false]);
  assertEquals(read(link(0x1043, [name, up])).connected, false);
  assertEquals(read(link(0x11043, [name, up])).connected, true);
});

Deno.test("link: what stands on ports and never had one is not connected", () => {
  const kind = (text: string) => [18, nest([N.IFLA_INFO_KIND, textPayload(text)])] as const;
  const unknown = [16, u8(0)] as const;
  const said = (text: string, state: readonly [number, Uint8Array]) =>
    read(link(0x11043, [name, state, [33, u8(1)], kind(text)])).connected;
  for (const text of ["bridge", "bond", "team"]) {
    assertEquals([said(text, unknown), said(text, up)], [false, true], text);
  }
  for (const text of ["tun", "ifb", "veth", "vrf", "vlan"]) {
    assertEquals([said(text, unknown), said(text, up)], [true, true], text);
  }
});

Deno.test("link: a name without NUL, with bytes that are not UTF-8, or none at all", () => {
  const bytes = (text: number[]) => read(link(0, [[3, new Uint8Array(text)], up])).name;
  assertEquals(bytes([0x65, 0x74, 0x68]), "eth");
  assertEquals(bytes([0xc3, 0xa9, 0]), "é");
  assertEquals(bytes([0xff, 0x30, 0]), "\udcff0");
  assertEquals(bytes([0]), "");
  assertEquals(read(link(0, [up])).name, "");
});

Deno.test("link: a renamed interface with a name of the same length, or a prefix of it, is renamed", () => {
  assertEquals(read(link(0, [name, up])).name, "eth7");
  for (const other of ["eth8", "eth", "eth77", ""]) {
    assertEquals(read(link(0, [[3, textPayload(other)], up])).name, other);
  }
});

Deno.test("link: alternative names that grow, shrink, change", () => {
  const list = (...names: string[]) =>
    link(0, [name, up, [
      52,
      buildRequest(0, 0, 0, new Uint8Array(0), names.map((one) => [53, textPayload(one)] as const)).subarray(16),
    ]]);
  for (const names of [["a", "b"], ["a"], ["a", "c", "d"], ["x", "c"], ["x", "c", "y"], []]) {
    assertEquals(read(list(...names)).altNames, names);
  }
});

Deno.test("link: hardware addresses as ip prints them", () => {
  assertEquals(formatHardwareAddress(new Uint8Array([2, 0xab, 0, 0, 0, 1]), 1), "02:ab:00:00:00:01");
  assertEquals(formatHardwareAddress(new Uint8Array([192, 0, 2, 1]), 768), "192.0.2.1");
  assertEquals(formatHardwareAddress(new Uint8Array(16), 769), "::");
  const status = read(link(0, [name, up, [1, new Uint8Array([0x0a, 0xbc, 0, 0, 0, 1])]]));
  assertEquals(status.hardwareAddress, "0a:bc:00:00:00:01");
  assertEquals(
    read(link(0, [name, up, [1, new Uint8Array([0x0a, 0xbc, 0, 0, 0, 2])]])).hardwareAddress,
    "0a:bc:00:00:00:02",
  );
  assertEquals(read(link(0, [name, up, [1, new Uint8Array(0)]])).hardwareAddress, undefined);
});
