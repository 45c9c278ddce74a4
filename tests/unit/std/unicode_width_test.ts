/** The width of characters: the real one and its stand-in, for every code point that there is. */
import { assertEquals } from "@std/assert";
import * as used from "@std/cli/unicode-width";
import * as standIn from "../../../offline/std1/cli/unicode_width.ts";
import widths from "../../../offline/std1/cli/widths.json" with { type: "json" };
import { conform, skippedWithoutReal } from "../../helpers/conformance.ts";

const END = 0x110000;

/** The width of every code point, in the form of the stand-in's table. */
function tableOf({ unicodeWidth }: typeof standIn): string {
  let table = "";
  let from = 0;
  let before = unicodeWidth("\0");
  for (let code = 1; code <= END; code++) {
    const width = code === END ? -1 : unicodeWidth(String.fromCodePoint(code));
    if (width === before) continue;
    table += `${(code - from).toString(36)}${"ABC"[before]}`;
    [before, from] = [width, code];
  }
  return table;
}

Deno.test({
  name: "std: the real unicode-width has the widths of the stand-in's table",
  ignore: skippedWithoutReal("the table of unicode-width is not held to the real one"),
  fn: () => {
    const table = tableOf(used);
    if (Deno.env.get("NETFLAGS_RECORD") === "1") {
      const file = new URL("../../../offline/std1/cli/widths.json", import.meta.url);
      Deno.writeTextFileSync(file, `${JSON.stringify(table)}\n`);
    }
    assertEquals(table, widths);
  },
});

Deno.test("std: the stand-in of unicode-width gives every code point the width of its table", () => {
  assertEquals(tableOf(standIn), widths);
});

const TEXTS = [
  "",
  "eth0",
  "a\tb\0",
  "schön",
  "e\u0301",
  "天地玄黃",
  "ｆｕｌｌ",
  "ﾊﾝｶｸ",
  "한국어",
  "\u1112\u1161\u11ab",
  "😀👩‍👩‍👧🇩🇪",
  "\ud800x\udfff",
  "\u200b\u00ad\u202e",
  "\x1b[31mred\x1b[39m",
];

conform(
  "unicode-width",
  { used, standIn },
  Object.fromEntries(
    TEXTS.map((text) => [JSON.stringify(text), ({ unicodeWidth }: typeof standIn) => unicodeWidth(text)]),
  ),
);
