/**
 * Compares netflags with its peers and prints the figures as Markdown. The measuring is done by measure.ts, in a network
 * namespace of its own that is gone afterwards.
 *
 *   --links N         interfaces beside lo (2000)
 *   --passes N        how often all peers are gone through (7)
 *   --rounds N        rounds of each peer in a pass, in the place of each one's own number
 *   --only A,B        of startup, decode, hot, list, events, filter, lone, memory
 *   --quick           200 interfaces, two passes, few rounds and changes: to see that it works
 *   --json FILE       writes every single figure
 *   --markdown FILE   writes what is printed
 */
import { parseArgs } from "@std/cli/parse-args";
import { findNode } from "../../tests/helpers/node.ts";
import { makePackage } from "../../tests/npm.ts";
import { type Options, type Results, type Section, SECTIONS } from "./measure.ts";
import { report } from "./report.ts";

function refuse(message: string): never {
  console.error(message);
  Deno.exit(2);
}

function count(name: string, given: unknown, otherwise: number): number {
  const value = given === undefined ? otherwise : Number(given);
  return Number.isInteger(value) && value > 0 ? value : refuse(`--${name}: give a whole number above 0`);
}

function sections(given: unknown): Section[] {
  if (given === undefined) return [...SECTIONS];
  return String(given).split(",").map((name) =>
    SECTIONS.find((section) => section === name) ?? refuse(`--only: give some of ${SECTIONS.join(",")}`)
  );
}

const args = parseArgs(Deno.args, {
  boolean: ["quick"],
  string: ["links", "passes", "rounds", "only", "json", "markdown"],
  unknown: (given: string) => refuse(`${given}: there is no such option`),
});
/** Node.js with the npm package, where there is one; and programs that begin from it. */
function nodePackage(folder: string): Pick<Options, "node"> {
  const program = findNode(true);
  if (program === undefined) return {};
  makePackage(folder);
  Deno.copyFileSync(new URL("nothing.ts", import.meta.url), `${folder}/nothing.js`);
  const startup = Deno.readTextFileSync(new URL("startup.ts", import.meta.url)).replace("../../mod.ts", "./mod.js");
  Deno.writeTextFileSync(`${folder}/startup.js`, startup);
  return { node: { program, folder } };
}

const quick = args.quick === true;
const packaged = Deno.makeTempDirSync({ prefix: "netflags-npm-" });
const options: Options = {
  links: count("links", args.links, quick ? 200 : 2000),
  passes: count("passes", args.passes, quick ? 2 : 7),
  ...(args.rounds === undefined && !quick ? {} : { rounds: count("rounds", args.rounds, 3) }),
  only: sections(args.only),
  ...nodePackage(packaged),
  quick,
};

// Whoever is not root becomes root of a user namespace, where the system allows that.
const { code, stdout } = await new Deno.Command("unshare", {
  args: [
    Deno.uid() === 0 ? "-n" : "-rn",
    Deno.execPath(),
    ...["run", "-A", "--quiet", "--no-lock", new URL("measure.ts", import.meta.url).pathname, JSON.stringify(options)],
  ],
  stdout: "piped",
  stderr: "inherit",
}).output();
Deno.removeSync(packaged, { recursive: true });
if (code !== 0) Deno.exit(code);

const results: Results = JSON.parse(new TextDecoder().decode(stdout));
const markdown = report(results);
console.log(markdown);
if (args.json !== undefined) Deno.writeTextFileSync(String(args.json), JSON.stringify(results));
if (args.markdown !== undefined) Deno.writeTextFileSync(String(args.markdown), markdown);
