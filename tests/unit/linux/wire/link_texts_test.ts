/** The texts that are kept beside the bytes that they were read from: other bytes are another text. */
import { assertEquals } from "@std/assert";
import { linkTexts } from "../../../../platforms/linux/wire/link_texts.ts";
import { Packet } from "../../../../platforms/linux/wire/netlink.ts";

/** The name of these bytes, for an interface. */
function name(index: number, text: string): string {
  const bytes = new TextEncoder().encode(text);
  const packet = new Packet(64);
  packet.u8.fill(0xee); // whatever stands behind it
  packet.u8.set(bytes, 8);
  packet.u8.fill(0, 8 + bytes.length, 8 + ((bytes.length + 3) & ~3));
  return linkTexts.name(packet, index, 4, bytes.length);
}

/** The hardware address of these bytes, for an interface. */
function address(index: number, ...bytes: number[]): string {
  const packet = new Packet(16);
  packet.u8.set(bytes, 4);
  return linkTexts.address6(packet, index, 4);
}

Deno.test("link texts: a name that is the beginning of the one before it, without a NUL, is another", () => {
  for (
    const text of ["abcdefgh", "abcd", "abcdefgh", "abcdefg\0", "abcd", "abcdefghijklmno\0", "abcd", "", "abcd\0", ""]
  ) {
    assertEquals(name(1, text), text.replace("\0", ""), text);
    assertEquals(name(1, text), text.replace("\0", ""), text);
  }
  assertEquals(name(1, "sixteen-letters!") + name(1, "seventeen-letters"), "sixteen-letters!seventeen-letters");
  assertEquals(name(1, "sixteen-letters?"), "sixteen-letters?");
});

Deno.test("link texts: an address that differs in any byte is another, also behind a new name", () => {
  name(1, "eth0\0");
  name(2, "eth1\0");
  const first = [10, 11, 12, 13, 5, 6];
  assertEquals(address(1, ...first), "0a:0b:0c:0d:05:06");
  for (let i = 0; i < 6; i++) {
    const other = first.with(i, 0xff);
    const text = other.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
    assertEquals([address(1, ...first), address(1, ...other), address(1, ...other)], ["0a:0b:0c:0d:05:06", text, text]);
  }
  address(1, ...first);
  assertEquals(address(1, 10, 11, 12, 13, 2, 0), "0a:0b:0c:0d:02:00");
  address(1, ...first);
  name(1, "wan0\0");
  assertEquals(address(1, 0, 0, 0, 0, 5, 6), "00:00:00:00:05:06");
  assertEquals(address(3, 0, 0, 0, 0, 0, 0), "00:00:00:00:00:00"); // of one that nothing was known of
});

Deno.test("link texts: indexes far apart, and more of them than are kept, have each their own", () => {
  const indexes = [0, 1, 64, 65, 128, 16384, 16385, 32768, 1 << 20, 0x7fffffff];
  for (let i = 1000; i < 3000; i++) indexes.push(i);
  for (let round = 0; round < 3; round++) {
    for (const index of indexes) {
      assertEquals(name(index, `p${index}\0`), `p${index}`);
      assertEquals(
        address(index, index & 0xff, 0, 0, 0, 0, round).slice(0, 2),
        (index & 0xff).toString(16).padStart(2, "0"),
      );
    }
  }
});
