import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  type FlagInfo,
  flagNames,
  flagTable,
  formatFlags,
  InvalidInputError,
  parseFlags,
  type Platform,
} from "../../../mod.ts";
import { PLATFORMS } from "../../../platforms/contract/platform.ts";
import { flagTables } from "../../../platforms/flags.ts";
import { withSeed } from "../../helpers/random.ts";

Deno.test("flags: the decimals that ifconfig prints on Linux", () => {
  assertEquals(formatFlags(4163, "linux"), "<UP,BROADCAST,RUNNING,MULTICAST>");
  assertEquals(formatFlags(4098, "linux"), "<BROADCAST,MULTICAST>");
  assertEquals(formatFlags(4099, "linux"), "<UP,BROADCAST,MULTICAST>");
  assertEquals(parseFlags("flags=4163<UP,BROADCAST,RUNNING,MULTICAST>", "linux"), 4163);
});

Deno.test("flags: the BSDs' ifconfig prints hexadecimal without 0x", () => {
  assertEquals(parseFlags("flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST>", "freebsd"), 0x8843);
  assertEquals(parseFlags("flags=0x8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST>", "netbsd"), 0x8843);
  assertThrows(
    () => parseFlags("flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST>", "linux"),
    InvalidInputError,
    `no flag "SIMPLEX" on linux`,
  );
  assertThrows(() => parseFlags("flags=4163<UP>", "linux"), InvalidInputError, "the number says");
});

Deno.test("flags: a sign-extended word is its unsigned 32 bits", () => {
  assertEquals(formatFlags(-30717 & 0xffff, "netbsd"), "<UP,BROADCAST,SIMPLEX,MULTICAST>");
  assertEquals(formatFlags(0x80000001 | 0, "linux"), "<UP,0x80000000>");
});

Deno.test("flags: names in any case, with or without IFF_, by any separator", () => {
  for (const text of ["UP,RUNNING", "<up,running>", "IFF_UP|IFF_RUNNING", "UP RUNNING", "0x41", "65", " 65 "]) {
    assertEquals(parseFlags(text, "linux"), 0x41, text);
  }
  assertEquals(parseFlags("<>", "linux"), 0);
  assertEquals(parseFlags("0", "linux"), 0);
});

Deno.test("flags: what is no flag word is refused", () => {
  for (const text of ["", "WARP", "0x", "0x1g", "4294967296", "1e3", "-1", "4163,UP", "UP,", "flags=", "flags=zz"]) {
    assertThrows(() => parseFlags(text, "linux"), InvalidInputError, `"${text}"`);
  }
});

const find = (name: string, platform: Platform): FlagInfo | undefined => flagTables(platform)[0].find(name);

Deno.test("flags: each platform's MULTICAST is its own", () => {
  assertEquals(find("multicast", "linux")?.bit, 0x1000);
  for (const platform of PLATFORMS.filter((one) => one !== "linux")) {
    assertEquals(find("IFF_MULTICAST", platform)?.bit, 0x8000);
    assertEquals(find("LINK0", platform)?.bit, 0x1000);
  }
  assertEquals(find("LOWER_UP", "netbsd"), undefined);
  assertEquals(find("DYING", "freebsd")?.bit, 0x200000);
});

Deno.test("flags: volatile on Linux is what IFF_VOLATILE names", () => {
  const volatile = flagTable("linux").filter((flag) => flag.volatile).reduce((word, flag) => word | flag.bit, 0);
  assertEquals(volatile, 0x70c5a);
});

Deno.test("flags: no two flags of a platform share a bit or a name", () => {
  for (const platform of PLATFORMS) {
    const table = flagTable(platform);
    assertEquals(new Set(table.map((flag) => flag.bit)).size, table.length);
    assertEquals(new Set(table.map((flag) => flag.name)).size, table.length);
    for (const { bit } of table) assertEquals(bit & (bit - 1), 0);
  }
});

Deno.test("flags: what is printed is read back, for any word of any platform", () => {
  withSeed((random) => {
    for (let i = 0; i < 2000; i++) {
      const platform = random.pick(PLATFORMS);
      const word = random.below(0x100000000);
      assertEquals(parseFlags(formatFlags(word, platform), platform), word, `${platform} ${word}`);
      assertStrictEquals(flagNames(word, platform), flagNames(word, platform));
    }
  });
});
