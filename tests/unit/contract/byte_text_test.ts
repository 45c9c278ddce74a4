/** Names of interfaces are bytes: those that are no UTF-8 must stay apart, and lead back to their interface. */
import { assertEquals } from "@std/assert";
import { bytesOfText, textOfBytes } from "../../../platforms/common/byte_text.ts";
import { get, list, waitFor } from "../../../mod.ts";
import { readOptions } from "../../../src/cli/options/parse.ts";
import { asJson, plain, writtenBytes } from "../../../src/cli/terminal/output.ts";
import { FakeLinux } from "../../helpers/linux/kernel.ts";
import { withSeed } from "../../helpers/random.ts";

Deno.test("byte text: every byte string has a text of its own, which gives the bytes back", () => {
  const seen = new Map<string, string>();
  withSeed((random) => {
    for (let i = 0; i < 5000; i++) {
      const bytes = Uint8Array.from(
        { length: random.below(6) },
        () =>
          random.pick([0x61, 0x5c, 0x7f, 0x80, 0xbf, 0xc3, 0xa4, 0xe2, 0x82, 0xed, 0xb2, 0xf0, 0x9f, 0xff, 0xef, 0xbb]),
      );
      const text = textOfBytes(bytes);
      assertEquals(bytesOfText(text), bytes);
      const hex = bytes.toHex();
      assertEquals(seen.get(text) ?? hex, hex);
      seen.set(text, hex);
    }
  });
});

Deno.test("byte text: what is UTF-8 is that text, whatever stands beside it; a byte order mark is no less", () => {
  const cases: [string, string][] = [
    ["6574683a", "eth:"],
    ["c3a4", "ä"],
    ["61ff62", "a\udcff\u0062"],
    ["c3", "\udcc3"],
    ["c3a4ff", "ä\udcff"],
    ["f09f8c90fe", "🌐\udcfe"],
    ["e282ac80", "€\udc80"],
    ["efbbbf61", "\ufeffa"],
    ["eda080", "\udced\udca0\udc80"], // a surrogate is no UTF-8
  ];
  for (const [hex, text] of cases) assertEquals(textOfBytes(Uint8Array.fromHex(hex)), text);
});

Deno.test("byte text: two interfaces whose names are no UTF-8 are told apart and found by their names", async () => {
  using kernel = new FakeLinux();
  kernel.set("a\udcfe", { mtu: 1001 });
  kernel.set("a\udcff", { mtu: 1002 });
  const names = list().map(({ name }) => name);
  assertEquals(names, ["a\udcfe", "a\udcff"]);
  assertEquals(names.map((name) => get(name)?.mtu), [1001, 1002]);
  assertEquals((await waitFor("a\udcff", "present", { timeout: 1000 })).mtu, 1002);
});

Deno.test("byte text: the command line writes such a byte as \\xff, and takes it so", () => {
  const written = plain("a\udcff");
  assertEquals([written, writtenBytes("a\\\udcff"), asJson("a\udcff")], ["a\\xff", "a\\\\xff", '"a\\udcff"']);
  assertEquals(plain("a\u009b\u001b"), "a\\u{9b}\\x1b"); // a control character is another thing than a byte
  const words = ["a\\xff", "a\\\\xff", "a\\x41", "a\\xFF", "a\\x7f", "\\x80\\x9b"];
  const read = readOptions(words, {}).words;
  assertEquals(read, ["a\udcff", "a\\xff", "a\\x41", "a\\xFF", "a\\x7f", "\udc80\udc9b"]);
  assertEquals(readOptions(["a\\xff"], {}, { files: true }).words, ["a\\xff"]);
});
