/**
 * The cost of one link by the number of links, in a network namespace of its own that is gone afterwards: the measuring
 * starts this file again in there, and takes the figures as JSON. Prints a Markdown table and writes growth.json, of
 * which plot.ts makes a picture. It imports nothing from elsewhere, so that it runs without an import map:
 *
 *   deno run -A bench/growth.ts
 *
 *   --most N      the largest number of links that is measured (10000)
 *   --quick       10 and 100 links, two passes: to see that it works
 *   --json FILE   where the figures go; without it, growth.json is written by a whole run only
 */
import { describeMachine } from "./compare/machine.ts";
import { decodePeers, listPeers, measure, type Peer } from "./compare/peers.ts";
import { deno, type Program, type Programs, run } from "./compare/programs.ts";
import { type Summary, summary } from "./compare/statistics.ts";

/** What a figure counts. */
export type Unit = "µs per link" | "ns per message";

/** One program at one number of links. */
export interface Point extends Pick<Summary, "median" | "p10" | "p90" | "count"> {
  readonly links: number;
}

/** One program at all numbers of links. */
export interface Series {
  readonly id: string;
  readonly name: string;
  readonly unit: Unit;
  readonly points: readonly Point[];
}

/** The links at one size. */
export interface Network {
  /** How many were made; lo is there as well. */
  readonly links: number;
  /** How many the kernel lists: what the time of a list is divided by. */
  readonly listed: number;
  /** Of one message, on average. */
  readonly bytes: number;
  /** How long each of those took that were added to the size before, in µs. */
  readonly creation: number;
}

/** What growth.json holds. */
export interface Growth {
  readonly machine: Readonly<Record<string, string>>;
  readonly passes: number;
  readonly networks: readonly Network[];
  readonly series: readonly Series[];
}

interface Options {
  readonly sizes: readonly number[];
  readonly passes: number;
  readonly json: string | undefined;
}

const SIZES = [10, 100, 1000, 4000, 10_000] as const;
const QUICK = 100;
const HERE = new URL(".", import.meta.url).pathname;

/** By the ids of compare/peers.ts. */
const SERIES: readonly Omit<Series, "points">[] = [
  { id: "receive", name: "C, receive only", unit: "µs per link" },
  { id: "links", name: "list({ addresses: false })", unit: "µs per link" },
  { id: "list", name: "list()", unit: "µs per link" },
  { id: "ip", name: "ip -o link", unit: "µs per link" },
  { id: "status", name: "whole status", unit: "ns per message" },
];

/** The lines of the machine's description that have a part in these figures. */
const MACHINE = ["CPU", "kernel", "Deno", "gcc", "iproute2", "date"];

/** Messages in a round of decoding, at least: of 11 alone, reading the clock would be a good part of the time. */
const LEAST_MESSAGES = 200;

/** The links that are listed in all rounds of a pass together; and the rounds, however few or many links there are. */
const LISTED_IN_PASS = 30_000;
const LEAST_ROUNDS = 6;
const MOST_ROUNDS = 200;

/** The number of messages for which compare/peers.ts has chosen its rounds of decoding. */
const PEERS_MESSAGES = 2000;

async function makePrograms(directory: string): Promise<Programs> {
  const floor = `${directory}/floor`;
  const { ok, error } = await run(["cc", "-O2", "-o", floor, `${HERE}compare/peers/floor.c`]);
  if (!ok) throw new Error(`Cannot compile floor.c, install gcc libc6-dev: ${error}`);
  // The rest has no part here, and building some of it takes longer than all the measuring of a few links.
  const none: Program = { missing: "not compared" };
  return {
    floor: { argv: [floor] },
    changes: none,
    netflags: deno("netflags.ts"),
    node: none,
    mnl: none,
    go: none,
    pyroute2: none,
  };
}

async function ip(lines: readonly string[]): Promise<void> {
  const { ok, error } = await run(["ip", "-batch", "-"], { stdin: `${lines.join("\n")}\n` });
  if (!ok) throw new Error(`Cannot make links: ${error}`);
}

/** Adds the links from `from` to `to`, of a kind that sends and receives nothing; gives the µs that each took. */
async function addLinks(from: number, to: number): Promise<number> {
  const start = performance.now();
  await ip(Array.from({ length: to - from + 1 }, (_, i) => `link add dev l${from + i} type ifb`));
  const took = performance.now() - start;
  console.error(`${to} links: ${to - from + 1} made in ${(took / 1000).toFixed(1)} s`);
  return took * 1000 / (to - from + 1);
}

/** Writes the kernel's answer to a file, and as often again as it takes to make rounds that are long enough. */
async function dump({ floor }: Programs, file: string): Promise<{ listed: number; bytes: number; copies: number }> {
  const { ok, out, error } = await run(["missing" in floor ? "" : floor.argv[0]!, "dump", file]);
  if (!ok) throw new Error(`Cannot dump the links: ${error}`);
  const { links, bytes }: { links: number; bytes: number } = JSON.parse(out);
  const copies = Math.ceil(LEAST_MESSAGES / links);
  const once = Deno.readFileSync(file);
  for (let copy = 1; copy < copies; copy++) Deno.writeFileSync(file, once, { append: true });
  return { listed: links, bytes: bytes / links, copies };
}

function roundsWithin(rounds: number, most: number): number {
  return Math.round(Math.min(most, Math.max(LEAST_ROUNDS, rounds)));
}

/** The peers of compare/peers.ts that are measured here, with rounds by what one of them takes. */
function peersOf(programs: Programs, file: string, listed: number, copies: number): Peer[] {
  const lists = listPeers(programs).map((peer) => ({
    ...peer,
    rounds: roundsWithin(LISTED_IN_PASS / listed, MOST_ROUNDS),
  }));
  const decoders = decodePeers(programs, file).map((peer) => ({
    ...peer,
    rounds: roundsWithin(peer.rounds * PEERS_MESSAGES / (listed * copies), peer.rounds),
  }));
  const all = [...lists, ...decoders];
  return SERIES.map(({ id }) => {
    const peer = all.find((peer) => peer.id === id);
    if (peer === undefined) throw new Error(`There is no peer ${id}`);
    return peer;
  });
}

/** The kept digits are more than the measuring is worth, and short enough to read. */
function short(value: number): number {
  return Number(value.toPrecision(4));
}

function point(links: number, samples: readonly number[], scale: number): Point {
  const found = summary(samples);
  if (found === undefined) throw new Error("Nothing was measured");
  const { median, p10, p90, count } = found;
  return { links, median: short(median * scale), p10: short(p10 * scale), p90: short(p90 * scale), count };
}

async function measureAll({ sizes, passes }: Options, directory: string): Promise<Growth> {
  const programs = await makePrograms(directory);
  const file = `${directory}/links`;
  const networks: Network[] = [];
  const series = SERIES.map((one) => ({ ...one, points: [] as Point[] }));
  await ip(["link set dev lo up"]);
  for (const [i, links] of sizes.entries()) {
    const creation = short(await addLinks((sizes[i - 1] ?? 0) + 1, links));
    const { listed, bytes, copies } = await dump(programs, file);
    networks.push({ links, listed, bytes: short(bytes), creation });
    const measured = await measure(peersOf(programs, file, listed, copies), passes, undefined);
    for (const [j, { name, what, samples, missing }] of measured.entries()) {
      if (missing !== undefined) throw new Error(`${name}, ${what}: ${missing}`);
      const { unit, points } = series[j]!;
      // Decoders print ns per message; the others ns for all links together.
      points.push(point(links, samples, unit === "µs per link" ? 1e-3 / listed : 1));
    }
  }
  const machine = (await describeMachine()).filter(([what]) => MACHINE.includes(what));
  return { machine: Object.fromEntries(machine), passes, networks, series };
}

/** Three significant digits, and all those before the point. */
function figure(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en-US") : value.toPrecision(3);
}

function rows({ networks, series }: Growth): string[][] {
  return networks.map(({ links }, i) => [
    links.toLocaleString("en-US"),
    ...series.map(({ points }) => {
      const { median, p10, p90 } = points[i]!;
      return `${figure(median)} (${figure(p10)} – ${figure(p90)})`;
    }),
  ]);
}

/** A row for each number of links: the median, and from where to where eight of ten rounds lie. */
function markdown(growth: Growth): string {
  const lines = [["links", ...growth.series.map(({ name, unit }) => `\`${name}\`, ${unit}`)], ...rows(growth)];
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((cells) => cells[i]!.length)));
  const texts = lines.map((cells) => `| ${cells.map((cell, i) => cell.padStart(widths[i]!)).join(" | ")} |`);
  const rule = `| ${widths.map((width) => `${"-".repeat(width - 1)}:`).join(" | ")} |`;
  return [texts[0], rule, ...texts.slice(1)].join("\n");
}

function refuse(message: string): never {
  console.error(message);
  Deno.exit(2);
}

function parse(given: readonly string[]): Options {
  let most: number = SIZES.at(-1)!;
  let quick = false;
  let json: string | undefined;
  const rest = [...given];
  for (let option = rest.shift(); option !== undefined; option = rest.shift()) {
    if (option === "--quick") quick = true;
    else if (option === "--most") most = Number(rest.shift());
    else if (option === "--json") json = rest.shift() ?? refuse("--json: give a file");
    else refuse(`${option}: there is no such option`);
  }
  const sizes = SIZES.filter((size) => size <= (quick ? Math.min(QUICK, most) : most));
  if (sizes.length === 0) refuse(`--most: give a number from ${SIZES[0]} on`);
  if (sizes.length === SIZES.length) json ??= `${HERE}growth.json`;
  return { sizes, passes: quick ? 2 : 5, json };
}

/** Starts this file again in a namespace. Whoever is not root becomes root of a user namespace, where that is allowed. */
async function measureInside(options: Options): Promise<Growth> {
  const directory = Deno.makeTempDirSync({ prefix: "netflags-growth-" });
  try {
    const child = new Deno.Command("unshare", {
      args: [
        Deno.uid() === 0 ? "-n" : "-rn",
        Deno.execPath(),
        ...["run", "-A", "--quiet", "--no-lock", import.meta.url, "inside", JSON.stringify(options), directory],
      ],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    // So that the directory is removed here once nobody uses it any more.
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => child.kill(signal));
    const { success, stdout } = await child.output();
    if (!success) throw new Error("Nothing was measured");
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

async function main(): Promise<void> {
  const [first, given = "", directory = ""] = Deno.args;
  if (first === "inside") {
    console.log(JSON.stringify(await measureAll(JSON.parse(given), directory)));
    return;
  }
  const options = parse(Deno.args);
  const growth = await measureInside(options);
  console.log(markdown(growth));
  if (options.json !== undefined) Deno.writeTextFileSync(options.json, `${JSON.stringify(growth, null, 2)}\n`);
}

if (import.meta.main) {
  try {
    await main();
    Deno.exit();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
