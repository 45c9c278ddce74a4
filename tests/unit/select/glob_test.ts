/** Globs beside a slow and obvious matcher, and globs that are made to take for ever. */
import { assertEquals } from "@std/assert";
import { Patterns } from "../../../src/select/glob.ts";
import { list } from "../../../src/cli/options/option.ts";
import { readOptions } from "../../../src/cli/options/parse.ts";
import { withSeed } from "../../helpers/random.ts";

/** Whether a glob of a, b, ? and * matches, by trying everything. */
function slow(glob: string, name: string): boolean {
  if (glob === "") return name === "";
  if (glob[0] === "*") return slow(glob.slice(1), name) || (name !== "" && slow(glob, name.slice(1)));
  return name !== "" && (glob[0] === "?" || glob[0] === name[0]) && slow(glob.slice(1), name.slice(1));
}

Deno.test("glob: it matches what trying everything finds", () => {
  withSeed((random) => {
    const text = (chars: string, most: number) =>
      Array.from({ length: random.below(most) }, () => random.pick([...chars])).join("");
    for (let i = 0; i < 20_000; i++) {
      const [glob, name] = [text("ab?*", 7), text("ab", 9)];
      assertEquals(new Patterns([glob]).match(name), slow(glob, name) || glob === name, `${glob} ${name}`);
    }
  });
});

Deno.test("glob: sets, their ranges and their opposites, at the end of stars and between them", () => {
  const cases: [string, string, boolean][] = [
    ["eth[0-3]", "eth2", true],
    ["eth[0-3]", "eth4", false],
    ["eth[!0-3]", "eth4", true],
    ["*[a-c]*[!a-c]", "xxbyy", true],
    ["*[a-c]*[!a-c]", "xxbb", false],
    ["[", "[", true],
    ["a[", "a[", true],
    ["[]]", "]", true],
    ["[3-0]", "1", false],
    ["?", "\udcff", true], // a byte that is no UTF-8 is one character
    ["a*\udcff", "axx\udcff", true],
    ["*", "", true],
  ];
  for (const [glob, name, want] of cases) assertEquals(new Patterns([glob]).match(name), want, `${glob} ${name}`);
});

Deno.test("glob: no glob takes for ever", () => {
  const name = "a".repeat(127);
  assertEquals(new Patterns([`${"*a".repeat(60)}*b`]).match(name), false);
  assertEquals(new Patterns([`${"*a".repeat(60)}*`]).match(name), true);
});

Deno.test("glob: a list on the command line is split at commas, but not within a set", () => {
  const { exclude } = readOptions(["--exclude", "a,b[,c]d", "--exclude", "e"], { exclude: list("NAME", "") });
  assertEquals(exclude, ["a", "b[,c]d", "e"]);
});
