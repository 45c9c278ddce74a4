import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { watch } from "../../../../mod.ts";
import { eventLine } from "../../../../src/cli/terminal/lines.ts";
import { asJson, errorsPrinted, plain, printError, quoted, word } from "../../../../src/cli/terminal/output.ts";
import { FakeSystem } from "../../../../src/testing.ts";
import { Clock } from "../../../helpers/clock.ts";
import { runHere } from "../../../helpers/cli/in_process.ts";

/** What a terminal obeys, what a line reader takes for the end of a line, and what turns the order of a text. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const NASTY = "a\x1b[31m\x7f\x85\x9b0m\u200b\u202eb\u2028\u2029\u{e0041}\\x0a";

Deno.test("output: plain escapes what no line of a terminal should hold, so that no two texts look the same", () => {
  assertEquals(
    plain(NASTY),
    "a\\x1b[31m\\x7f\\u{85}\\u{9b}0m\\u{200b}\\u{202e}b\\u{2028}\\u{2029}\\u{e0041}\\\\x0a",
  );
  assertEquals(plain("Ünï-côdé 無線 📶"), "Ünï-côdé 無線 📶");
  assertEquals(["eth0", "a b", "a,b", 'a"b', "a\u2003b", ""].map(word), [
    "eth0",
    `"a b"`,
    `"a,b"`,
    `"a\\"b"`,
    `"a\u2003b"`,
    `""`,
  ]);
  assertEquals(quoted(`x" (was "y\n`), `"x\\" (was \\"y\\x0a"`);
});

Deno.test("output: JSON escapes the same, and reads back as it was", () => {
  const value = { name: NASTY, altNames: ["\u{e0041}\u061c"] };
  const text = asJson(value);
  assert(!UNSAFE.test(text));
  assertEquals(JSON.parse(text), value);
  assertStringIncludes(asJson("\x9b\x7f\u2028\u{e0041}"), "\\u009b\\u007f\\u2028\\udb40\\udc41");
});

Deno.test("output: no command prints what an interface's name would do to a terminal", async () => {
  using system = new FakeSystem();
  const name = "a\x9b31m\u202eb";
  system.set({ name, index: 7, flags: 0x1003, operState: "down", altNames: ["x\u2028y"], kind: "k\x85" });
  for (
    const args of [
      ["list"],
      ["list", "--json"],
      ["show", name],
      ["show", name, "--json"],
      ["watch", "--initial", "--count", "1"],
      ["watch", "--initial", "--count", "1", "--json"],
      ["show", "no\x9b\u2029"],
      [`c\x9b\u2029`],
    ]
  ) {
    const { stdout, stderr } = await runHere(args);
    assert(!UNSAFE.test(stdout.replaceAll("\n", "") + stderr.trimEnd()), args.join(" "));
    assertStringIncludes(stdout + stderr, "9b", args.join(" "));
  }
});

Deno.test("output: an alternative name with a space or a comma does not pass for two", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", index: 7, flags: 0x1003, operState: "down", altNames: ["a b", "c,d", "e"] });
  assertStringIncludes((await runHere(["show", "eth0"])).stdout, `\nalternative names  "a b" "c,d" e\n`);
});

Deno.test("output: a line has the wall clock as it was set when it happened, and the steady one", async () => {
  using clock = new Clock();
  using system = new FakeSystem();
  using watcher = watch();
  let mtu = 1000;
  let started: string | undefined;
  for (const set of [0, 100, 8 * 3_600_000, -5000]) {
    clock.now += 250;
    clock.set = set;
    system.set({ name: "eth0", mtu: mtu++ });
    const line = JSON.parse(eventLine((await watcher.next()).value!));
    assertEquals([Date.parse(line.time), line.elapsed], [Math.floor(Date.now()), clock.now]);
    assertEquals(line.started, started ??= line.started);
  }
  assertEquals(Date.parse(started!), Math.floor(performance.timeOrigin));
});

Deno.test("output: lines for standard error that nobody takes hold up nothing, and come in order when somebody does", async () => {
  const { write } = Deno.stderr;
  const gate = Promise.withResolvers<void>();
  let written = "";
  Deno.stderr.write = async (bytes) => {
    await gate.promise;
    written += new TextDecoder().decode(bytes);
    return bytes.length;
  };
  try {
    for (let i = 0; i < 5000; i++) printError(`line ${i}`);
    assertEquals(written, "");
    await errorsPrinted(); // it gives up
    assertEquals(written, "");
    gate.resolve();
    await errorsPrinted();
    const lines = written.trimEnd().split("\n");
    assertEquals([lines.length, lines[0], lines.at(-1)], [1000, "netflags: line 0", "netflags: line 999"]);
    written = "";
    printError("again");
    await errorsPrinted();
    assertEquals(written, "netflags: again\n");
  } finally {
    Deno.stderr.write = write;
  }
});

Deno.test("output: standard error that is closed is nobody's fault", async () => {
  const { write } = Deno.stderr;
  Deno.stderr.write = () => Promise.reject(new Deno.errors.BrokenPipe());
  try {
    printError("one");
    printError("two");
    await errorsPrinted();
  } finally {
    Deno.stderr.write = write;
  }
});
