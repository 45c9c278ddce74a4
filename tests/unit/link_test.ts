import { assertEquals, assertStrictEquals } from "@std/assert";
import { decodeNetlink } from "../../platforms/linux/decode.ts";
import { formatHardwareAddress, LinkReader, linuxConnected } from "../../platforms/linux/link.ts";
import { buildRequest, Messages, Packet, textPayload, u32Payload } from "../../platforms/linux/netlink.ts";
import type { InterfaceStatus } from "../../mod.ts";
import { linuxFixtures } from "../fixtures.ts";

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
      } else assertEquals(got[field], value ?? undefined, field);
    }
  });
}

function read(bytes: Uint8Array, previous?: InterfaceStatus): InterfaceStatus {
  const packet = Packet.of(bytes);
  const messages = new Messages(packet).begin(bytes.length);
  messages.next();
  return new LinkReader(packet).load(messages.start, messages.end).status(previous);
}

/** An RTM_NEWLINK with struct ifinfomsg for index 7 and these attributes. */
function link(flags: number, attributes: (readonly [number, Uint8Array])[]): Uint8Array {
  const header = new Uint8Array(new Uint32Array([0x10000, 7, flags, 0]).buffer);
  return buildRequest(16, 0, 0, header, attributes);
}

const u8 = (value: number): Uint8Array => new Uint8Array([value]);
const name = [3, textPayload("eth7")] as const;
const up = [16, u8(6)] as const;

Deno.test("link: an equal message gives the very status that was known", () => {
  for (const { bytes, says } of linuxFixtures()) {
    if (!String(says.message).endsWith("LINK")) continue;
    const status = read(bytes);
    assertStrictEquals(read(bytes, status), status);
  }
});

Deno.test("link: the same address bytes are another text when an index becomes a tunnel", () => {
  const address = [1, Uint8Array.of(10, 0, 0, 1)] as const;
  const ether = read(link(0x1003, [name, up, address]));
  assertEquals(ether.address, "0a:00:00:01");
  const sit = link(0x1003, [name, up, address]);
  new DataView(sit.buffer).setUint16(18, 776, true); // ifi_type: ARPHRD_SIT
  assertEquals(read(sit, ether).address, "10.0.0.1");
});

Deno.test("link: what a message leaves out is not erased, but no master and no alternative name is told by leaving out", () => {
  const names = buildRequest(0, 0, 0, new Uint8Array(0), [[53, textPayload("wan")]]).subarray(16);
  const before = read(link(0x11043, [name, up, [4, u32Payload(1400)], [33, u8(1)], [35, u32Payload(4)], [
    10,
    u32Payload(9),
  ], [52, names]]));
  assertEquals(before.altNames, ["wan"]);
  assertEquals(before.masterIndex, 9);
  const after = read(link(0x11043, [name, up]), before);
  assertEquals([after.mtu, after.carrier, after.carrierChanges], [1400, true, 4]);
  assertEquals([after.masterIndex, after.altNames], [undefined, []]);
  const partial = read(link(0x11043, [name]), before);
  assertEquals([partial.masterIndex, partial.altNames, partial.operState], [9, ["wan"], "up"]);
});

Deno.test("link: an index that was reused does not inherit hardware address and kind", () => {
  const info = buildRequest(0, 0, 0, new Uint8Array(0), [[1, textPayload("dummy")]]).subarray(16);
  const dummy = read(link(0, [name, up, [1, new Uint8Array(6)], [18, info]]));
  assertEquals([dummy.kind, dummy.address], ["dummy", "00:00:00:00:00:00"]);
  const hardware = read(link(0, [name, up]), dummy);
  assertEquals([hardware.kind, hardware.address], [undefined, undefined]);
});

Deno.test("link: states that the kernel has no name for are undefined", () => {
  const status = read(link(0x1003, [name, [16, u8(255)], [17, u8(9)]]));
  assertEquals([status.operState, status.linkMode, status.connected], [undefined, undefined, "unknown"]);
});

Deno.test("link: connected is state UP, or UNKNOWN and RUNNING; IFF_UP is not enough", () => {
  assertEquals(linuxConnected("up", 0x11043), true);
  assertEquals(linuxConnected("unknown", 0x10049), true);
  assertEquals(linuxConnected("unknown", 0x1003), false);
  assertEquals(linuxConnected("unknown", 0x1043), false, "just set up, and its carrier not looked at yet");
  for (const state of ["down", "lowerlayerdown", "dormant", "notpresent", "testing"] as const) {
    assertEquals(linuxConnected(state, 0x1003), false);
  }
});

Deno.test("link: a name without NUL, with bytes that are not UTF-8, or none at all", () => {
  const bytes = (text: number[]) => read(link(0, [[3, new Uint8Array(text)], up])).name;
  assertEquals(bytes([0x65, 0x74, 0x68]), "eth");
  assertEquals(bytes([0xc3, 0xa9, 0]), "é");
  assertEquals(bytes([0xff, 0x30, 0]), "\ufffd0");
  assertEquals(bytes([0]), "");
  assertEquals(read(link(0, [up])).name, "");
});

Deno.test("link: a renamed interface with a name of the same length, or a prefix of it, is renamed", () => {
  const before = read(link(0, [name, up]));
  for (const other of ["eth8", "eth", "eth77", ""]) {
    assertEquals(read(link(0, [[3, textPayload(other)], up]), before).name, other);
  }
});

Deno.test("link: alternative names that grow, shrink, change", () => {
  const list = (...names: string[]) =>
    link(0, [name, up, [
      52,
      buildRequest(0, 0, 0, new Uint8Array(0), names.map((one) => [53, textPayload(one)] as const)).subarray(16),
    ]]);
  let status = read(list("a", "b"));
  for (const names of [["a", "b"], ["a"], ["a", "c", "d"], ["x", "c"], ["x", "c", "y"], []]) {
    status = read(list(...names), status);
    assertEquals(status.altNames, names);
  }
});

Deno.test("link: hardware addresses as ip prints them", () => {
  assertEquals(formatHardwareAddress(new Uint8Array([2, 0xab, 0, 0, 0, 1]), 1), "02:ab:00:00:00:01");
  assertEquals(formatHardwareAddress(new Uint8Array([192, 0, 2, 1]), 768), "192.0.2.1");
  assertEquals(formatHardwareAddress(new Uint8Array(16), 769), "::");
  const status = read(link(0, [name, up, [1, new Uint8Array([0x0a, 0xbc, 0, 0, 0, 1])]]));
  assertEquals(status.address, "0a:bc:00:00:00:01");
  assertEquals(
    read(link(0, [name, up, [1, new Uint8Array([0x0a, 0xbc, 0, 0, 0, 2])]]), status).address,
    "0a:bc:00:00:00:02",
  );
  assertEquals(read(link(0, [name, up, [1, new Uint8Array(0)]]), status).address, undefined);
});
