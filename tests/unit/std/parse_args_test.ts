/** The parser of arguments: the real one and its stand-in, beside each other. */
import { assertEquals } from "@std/assert";
import * as used from "@std/cli/parse-args";
import * as standIn from "../../../offline/std1/cli/parse_args.ts";
import { conform, skippedWithoutReal } from "../../helpers/conformance.ts";
import { type Random, withSeed } from "../../helpers/random.ts";

type Options = standIn.ParseOptions;
/** Either of them: what the two types have in common is what the project uses. */
interface Parser {
  parseArgs(args: string[], options: Options): Record<string, unknown>;
}

/** As a command has them, as a tool among the tests has them, and none. */
const OPTIONS: readonly Options[] = [
  {
    boolean: ["json", "loopback", "initial"],
    negatable: ["loopback", "initial"],
    default: { loopback: true, initial: true },
    string: ["count", "kind", "_"],
    collect: ["kind"],
  },
  { boolean: ["quick"], string: ["minutes"] },
  { collect: ["kind"], negatable: ["kind"], default: { count: 7, "a.b": 1 } },
  {},
];

const ARGUMENTS: readonly (readonly string[])[] = [
  [],
  ["lo", "eth0"],
  ["--json"],
  ["--json", "lo"],
  ["--json", "true"],
  ["--json", "false", "lo"],
  ["--json=true"],
  ["--json=false"],
  ["--json="],
  ["--json=no"],
  ["--no-json"],
  ["--loopback"],
  ["--no-loopback"],
  ["--no-loopback", "lo"],
  ["--no-loopback", "false"],
  ["--no-loopback=true"],
  ["--no-loopback=false"],
  ["--loopback", "--no-loopback"],
  ["--no-loopback", "--loopback"],
  ["--no-initial", "--no-loopback", "lo"],
  ["--no-no-loopback"],
  ["--no-kind"],
  ["--no-kind", "veth"],
  ["--no-"],
  ["--no-color"],
  ["--count", "5"],
  ["--count=5"],
  ["--count=a=b"],
  ["--count=\n"],
  ["--count="],
  ["--count", ""],
  ["--count", "", "lo"],
  ["--count"],
  ["--count", "--json"],
  ["--count", "-1"],
  ["--count", "-"],
  ["--count", "1", "--count", "2"],
  ["--count=1", "--count="],
  ["--kind", "veth", "--kind=bridge"],
  ["--kind"],
  ["--kind", "--kind"],
  ["--kind=", "--kind", "veth"],
  ["--kind", "a,b", "eth0"],
  ["--minutes", "1.5"],
  ["--minutes=08"],
  ["--minutes=1e3"],
  ["--unknown"],
  ["--unknown", "5"],
  ["--unknown=5"],
  ["--unknown=0x1f"],
  ["--unknown= "],
  ["--unknown=Infinity"],
  ["--unknown=.5."],
  ["--unknown", "--other", "text"],
  ["--unknown", "true"],
  ["--constructor=1"],
  ["--__proto__.a=1"],
  ["--toString"],
  ["--a.b=2", "--a.c", "3"],
  ["--a.b.c"],
  ["5", "0x10", " ", "", "1e3", "05", "NaN", "-"],
  ["--", "--json", "-x"],
  ["lo", "--", "--json"],
  ["--count", "--", "5"],
  ["--json", "--", "true"],
  ["--", "a", "--", "b"],
  ["---json"],
  ["--=5"],
  ["-=5"],
  ["-j"],
  ["-j", "lo"],
  ["-j", "true"],
  ["-j", "-k", "-"],
  ["-jk"],
  ["-jk", "v"],
  ["-j5"],
  ["-j5k"],
  ["-j=5"],
  ["-jk=v"],
  ["-j="],
  ["-j-"],
  ["-jk-"],
  ["-j.5"],
  ["-5"],
  ["-5", "6"],
  ["-é", "x"],
  ["-json=1"],
];

conform<Parser>(
  "parse-args",
  { used, standIn },
  Object.fromEntries(OPTIONS.flatMap((options, i) =>
    ARGUMENTS.map((args) => [
      `${i} ${JSON.stringify(args)}`,
      ({ parseArgs }: Parser) => {
        const unknown: unknown[] = [];
        const told = (...given: unknown[]): boolean => unknown.push(given) % 2 === 0; // every second one is taken
        return [parseArgs([...args], options), parseArgs([...args], { ...options, unknown: told }), unknown];
      },
    ])
  )),
);

const NAMES = [
  "a",
  "b",
  "json",
  "kind",
  "loopback",
  "no-x",
  "count",
  "x.y",
  "constructor",
  "__proto__",
  "toString",
  "1",
];

function randomArgument(random: Random): string {
  const dashes = random.pick(["", "-", "--", "--no-", "---"]);
  const name = random.pick([...NAMES, "ab", "abc", "n5", "a-b", "a.5", "a=b=c", "-", "=", "é", ""]);
  const value = random.pick(["", "", "", "=", "=x", "=true", "=false", "=5", "=a=b", "=\n", "=x\ny", "-", "5", "1e3"]);
  const word = random.pick(["", "-", "--", "true", "false", "5", "-5", "0x1f", " ", "NaN", ".5", "\n", "--loopback"]);
  return random.pick([dashes + name + value, dashes + name, word]);
}

Deno.test({
  name: "std: the stand-in of parse-args does what the real one does with whatever chance finds",
  ignore: skippedWithoutReal("its stand-in is not tried with random arguments"),
  fn: () =>
    withSeed((random) => {
      const some = (): string[] => NAMES.filter(() => random.below(3) === 0);
      for (let i = 0; i < 5_000; i++) {
        const args = Array.from({ length: random.below(5) }, () => randomArgument(random));
        const options = {
          boolean: some(),
          string: some(),
          collect: some(),
          negatable: some(),
          default: Object.fromEntries(some().map((name) => [name, random.pick([true, false, "d", 7])])),
        };
        const parse = ({ parseArgs }: Parser): string => {
          try {
            return Deno.inspect(parseArgs(args, options), { depth: 10 });
          } catch (error) {
            return String((error as Error).name); // "-_" takes the place of the list of words
          }
        };
        assertEquals(parse(standIn), parse(used), JSON.stringify([args, options]));
      }
    }),
});
