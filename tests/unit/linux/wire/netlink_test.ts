import { assertEquals, assertThrows } from "@std/assert";
import { MalformedMessageError } from "../../../../platforms/contract/errors.ts";
import {
  Attributes,
  buildRequest,
  Messages,
  nextAttribute,
  Packet,
  readAcknowledgement,
  readText,
  textPayload,
  u32Payload,
} from "../../../../platforms/linux/wire/netlink.ts";

function walk(bytes: number[]): [type: number, payload: number][] {
  const packet = Packet.of(new Uint8Array(bytes));
  const messages = new Messages(packet).begin(bytes.length);
  const found: [number, number][] = [];
  while (messages.next()) found.push([messages.type, messages.end - messages.start]);
  return found;
}

const header = (length: number, type: number): number[] => [
  length & 0xff,
  length >> 8,
  0,
  0,
  type,
  0,
  ...new Array<number>(10).fill(0),
];

Deno.test("netlink: messages stand at multiples of 4, the last one unpadded", () => {
  assertEquals(walk([...header(17, 3), 1, 0, 0, 0, ...header(18, 4), 1, 2]), [[3, 1], [4, 2]]);
});

Deno.test("netlink: a length that does not fit is refused, and does not loop", () => {
  for (const length of [0, 1, 3, 15, 17, 0xffff]) {
    assertThrows(() => walk(header(length, 16)), MalformedMessageError, `length ${length}`);
  }
  for (let left = 1; left < 16; left++) {
    assertThrows(() => walk(header(16, 16).slice(0, left)), MalformedMessageError);
  }
  assertEquals(walk([]), []);
});

Deno.test("netlink: after a torn message the walk is over", () => {
  const packet = Packet.of(new Uint8Array([...header(3, 16), ...header(16, 16)]));
  const messages = new Messages(packet).begin(32);
  assertThrows(() => messages.next(), MalformedMessageError);
  assertEquals(messages.next(), false);
});

Deno.test("netlink: attributes of length 0 to 3 or beyond the end are refused", () => {
  for (const length of [0, 1, 2, 3, 9, 0xffff]) {
    const packet = Packet.of(new Uint8Array([length & 0xff, length >> 8, 1, 0, 1, 2, 3, 4]));
    assertThrows(() => new Attributes(packet, 8).index(0, 8), MalformedMessageError);
  }
});

Deno.test("netlink: an attribute's type is taken without its two flag bits; the last of a type counts", () => {
  const packet = Packet.of(new Uint8Array([8, 0, 1, 0x80, 1, 0, 0, 0, 8, 0, 1, 0x40, 2, 0, 0, 0, 5, 0, 2, 0, 7]));
  const attributes = new Attributes(packet, 4);
  attributes.index(0, 21);
  assertEquals(attributes.u32(1), 2);
  assertEquals(attributes.u8(2), 7);
  assertEquals(attributes.u8(3), -1);
  assertThrows(() => attributes.u32(2), MalformedMessageError, "1 bytes where 4 are needed");
});

Deno.test("netlink: an acknowledgement carries the kernel's words behind the echoed request, whole or capped", () => {
  for (const capped of [true, false]) {
    const request = buildRequest(16, 5, 7, new Uint8Array(16), [[3, textPayload("dummy0")]]);
    const echoed = capped ? request.subarray(0, 16) : request;
    const text = buildRequest(0, 0, 0, new Uint8Array(0), [[1, textPayload("Not today")]]).subarray(16);
    const bytes = new Uint8Array(16 + 4 + echoed.length + text.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, bytes.length, true);
    view.setUint16(4, 2, true);
    view.setUint16(6, 0x200 | (capped ? 0x100 : 0), true);
    view.setInt32(16, -19, true);
    bytes.set(echoed, 20);
    bytes.set(text, 20 + echoed.length);
    const messages = new Messages(Packet.of(bytes)).begin(bytes.length);
    assertEquals(messages.next(), true);
    assertEquals(readAcknowledgement(messages), { errno: 19, text: "Not today" });
  }
});

Deno.test("netlink: the end of a dump that failed carries the kernel's words behind its error number", () => {
  const text = buildRequest(0, 0, 0, new Uint8Array(0), [[1, textPayload("Not by index")]]).subarray(16);
  const bytes = new Uint8Array(16 + 4 + text.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, 3, true);
  view.setUint16(6, 0x202, true);
  view.setInt32(16, -22, true);
  bytes.set(text, 20);
  const messages = new Messages(Packet.of(bytes)).begin(bytes.length);
  messages.next();
  assertEquals(readAcknowledgement(messages), { errno: 22, text: "Not by index" });
});

Deno.test("netlink: a request is laid out as the kernel reads it", () => {
  const bytes = buildRequest(18, 0x301, 9, new Uint8Array(16), [[29, u32Payload(8)], [3, textPayload("lo")]]);
  assertEquals(
    bytes.toHex(),
    "30000000" + "1200" + "0103" + "09000000" + "00000000" + "00".repeat(16) +
      "08001d0008000000" + "070003006c6f0000",
  );
});

/** NLMSG_ERROR or NLMSG_DONE with this behind its error number. */
function acknowledgement(type: number, errno: number, behind: Uint8Array, flags = 0x200): Uint8Array {
  return buildRequest(
    type,
    flags,
    0,
    new Uint8Array([...new Uint8Array(new Int32Array([-errno]).buffer), ...behind]),
    [],
  );
}

const said = (bytes: Uint8Array) => {
  const messages = new Messages(Packet.of(bytes)).begin(bytes.length);
  messages.next();
  return readAcknowledgement(messages);
};

Deno.test("netlink: the kernel's words behind the end of a list are read however short they are", () => {
  const words = buildRequest(0, 0, 0, new Uint8Array(0), [[1, textPayload("No")]]).subarray(16);
  assertEquals(said(acknowledgement(3, 22, words)), { errno: 22, text: "No" });
  assertEquals(said(acknowledgement(3, 22, words, 0)), { errno: 22, text: undefined }); // NLM_F_ACK_TLVS is clear
  assertEquals(said(acknowledgement(3, 0, new Uint8Array(0))), { errno: 0, text: undefined });
});

Deno.test("netlink: an echoed request whose length is none is not followed out of the acknowledgement", () => {
  for (const length of [0xfffffffc, 0xfffffff4, 0xffffffe0, 0x7ffffff0, 200, 28]) {
    const echoed = new Uint8Array(24);
    new DataView(echoed.buffer).setUint32(0, length, true);
    assertEquals(said(acknowledgement(2, 19, echoed)), { errno: 19, text: undefined }, `length ${length}`);
  }
  assertEquals(said(acknowledgement(2, 19, new Uint8Array(8))), { errno: 19, text: undefined }); // half a header
  assertThrows(() => said(buildRequest(2, 0, 0, new Uint8Array(3), []).slice(0, 19)), MalformedMessageError);
});

Deno.test("netlink: an attribute without a payload is one", () => {
  const packet = Packet.of(Uint8Array.of(4, 0, 1, 0, 4, 0, 2, 0));
  const attributes = new Attributes(packet, 3);
  attributes.index(0, 8);
  assertEquals([attributes.at(1), attributes.length(1), attributes.at(2), attributes.length(2)], [4, 0, 8, 0]);
  assertEquals([nextAttribute(packet, 2, 0, 8), nextAttribute(packet, 3, 0, 8)], [4, -1]);
});

Deno.test("netlink: a text ends at its NUL, and is the one before where it says the same", () => {
  const read = (text: string, previous?: string) => {
    const bytes = new TextEncoder().encode(text);
    return readText(bytes, 0, bytes.length, previous);
  };
  const long = "a-name-that-is-longer-than-thirty-two-bytes";
  assertEquals([read("eth0\0rest"), read("eth0"), read(long), read("é0"), read("")], ["eth0", "eth0", long, "é0", ""]);
  for (const previous of ["eth0", "eth1", "eth", "eth00", "", "é0", long]) {
    for (const text of ["eth0", "eth", "é0", "", long]) assertEquals(read(text, previous), text);
  }
  assertEquals(read("a".repeat(32)) + read("a".repeat(33)), "a".repeat(65));
});
