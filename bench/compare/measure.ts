/**
 * The measuring, in a network namespace of its own: compare.ts starts it there with its options as JSON, and takes the
 * results as JSON. It imports nothing from elsewhere, so that it runs without an import map.
 */
import { type Heard, measureEvents, measureUnwanted, type Pace } from "./events.ts";
import { describeMachine } from "./machine.ts";
import { endure, type Endured } from "./endure.ts";
import { decodePeers, hotPeers, listPeers, measure, type Measured, startupPeers } from "./peers.ts";
import { makePrograms, type NodePackage, type Programs, run } from "./programs.ts";

/** What can be measured. */
export const SECTIONS = ["startup", "decode", "hot", "list", "events", "filter", "lone", "memory"] as const;
export type Section = typeof SECTIONS[number];

/** What compare.ts was given. */
export interface Options {
  /** How many interfaces there are beside lo. */
  readonly links: number;
  /** How often all peers are gone through. */
  readonly passes: number;
  /** Rounds of each peer in a pass, in the place of each one's own number. */
  readonly rounds?: number;
  readonly only: readonly Section[];
  /** Node.js, where there is one. */
  readonly node?: NodePackage;
  /** Few changes. */
  readonly quick: boolean;
}

/** How changes come: one by one, as fast as may be, after a rest, and once in the life of a process. */
export interface Paces {
  readonly latency: Pace;
  readonly burst: Pace;
  readonly lone: Pace;
  readonly rare: Pace;
  readonly first: Pace;
  readonly unwanted: Pace;
}

/** Everything that was measured. */
export interface Results {
  readonly options: Options;
  readonly machine: readonly (readonly [string, string])[];
  readonly dump: { readonly links: number; readonly bytes: number };
  readonly paces: Paces;
  readonly decode: readonly Measured[];
  readonly startup: readonly Measured[];
  readonly hot: readonly Measured[];
  readonly list: readonly Measured[];
  readonly latency: readonly Heard[];
  readonly burst: readonly Heard[];
  /** Of another interface than the one that is waited for. */
  readonly unwanted: readonly Heard[];
  readonly lone: readonly Heard[];
  readonly rare: readonly Heard[];
  readonly first: readonly Heard[];
  readonly memory: readonly Endured[];
}

function paces(quick: boolean): Paces {
  return {
    latency: { changes: quick ? 200 : 2000, interval: 1_000_000 },
    burst: { changes: quick ? 2000 : 20_000, interval: 30_000 },
    lone: { changes: quick ? 5 : 60, interval: quick ? 50_000_000 : 300_000_000 },
    rare: { changes: quick ? 2 : 12, interval: quick ? 100_000_000 : 5_000_000_000 },
    first: { changes: 1, interval: 1_000_000 },
    unwanted: { changes: quick ? 200 : 8000, interval: 1_000_000 },
  };
}

/** Sets lo up and makes the interfaces l1, l2 and so on beyond those that are there, of a kind that carries nothing. */
export async function makeLinks(count: number, there = 0): Promise<void> {
  let error = "";
  for (const kind of ["ifb", "dummy"]) {
    const lines = Array.from({ length: count - there }, (_, i) => `link add dev l${there + i + 1} type ${kind}\n`);
    const made = await run(["ip", "-batch", "-"], { stdin: `link set dev lo up\n${lines.join("")}` });
    if (made.ok) return;
    error = made.error;
  }
  throw new Error(`Cannot make interfaces: ${error}`);
}

async function dump({ floor }: Programs, file: string): Promise<Results["dump"]> {
  if ("missing" in floor) throw new Error(`The comparison itself needs a C compiler: ${floor.missing}`);
  const { ok, out, error } = await run([...floor.argv, "dump", file]);
  if (!ok) throw new Error(`Cannot dump the interfaces: ${error}`);
  return JSON.parse(out);
}

async function measureAll(options: Options, directory: string): Promise<Results> {
  console.error("making the programs and the interfaces");
  const programs = await makePrograms(directory, options.node);
  const startup = options.only.includes("startup") // while there are few interfaces
    ? await measure(startupPeers(programs, options.node), options.quick ? 2 : 15, undefined)
    : [];
  await makeLinks(options.links);
  const file = `${directory}/links`;
  const { passes, rounds, only, quick } = options;
  const results = { options, machine: await describeMachine(), dump: await dump(programs, file), paces: paces(quick) };
  const section = <T>(name: Section, what: string, work: () => Promise<T[]>): Promise<T[]> => {
    if (!only.includes(name)) return Promise.resolve([]);
    console.error(what);
    return work();
  };
  const hear = (pace: Pace, times: number): Promise<Heard[]> => measureEvents(programs, "l1", pace, times);
  return {
    ...results,
    startup,
    decode: await section("decode", "decoding", () => measure(decodePeers(programs, file), passes, rounds)),
    hot: await section("hot", "what is no news", () => measure(hotPeers(programs, file), passes, rounds)),
    list: await section("list", "listing", () => measure(listPeers(programs), passes, rounds)),
    latency: await section("events", "events, one by one", () => hear(results.paces.latency, passes)),
    burst: await section("events", "events, a burst", () => hear(results.paces.burst, passes)),
    unwanted: await section(
      "filter",
      "changes that nobody wants",
      () => measureUnwanted(programs, results.paces.unwanted, Math.min(passes, 3)),
    ),
    lone: await section("lone", "events after a rest", () => hear(results.paces.lone, Math.min(passes, 3))),
    rare: await section("lone", "events after a long rest", () => hear(results.paces.rare, 1)),
    first: await section("lone", "the first event", () => hear(results.paces.first, quick ? 2 : 20)),
    memory: await section("memory", "a long time of events", async () => {
      const most = quick ? options.links : Math.max(options.links, 4000);
      await makeLinks(most, options.links);
      const count = quick ? 20_000 : 1_000_000;
      const inDeno = [
        await endure("netflags", programs.netflags, programs, most, count, false),
        await endure("netflags", programs.netflags, programs, most, count, true),
      ];
      return "missing" in programs.node
        ? inDeno
        : [...inDeno, await endure("netflags in Node.js", programs.node, programs, most, count, false)];
    }),
  };
}

if (import.meta.main) {
  const directory = Deno.makeTempDirSync({ prefix: "netflags-compare-" });
  const remove = (): void => Deno.removeSync(directory, { recursive: true });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      remove();
      Deno.exit(130);
    });
  }
  try {
    console.log(JSON.stringify(await measureAll(JSON.parse(Deno.args[0] ?? "{}"), directory)));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exitCode = 1;
  } finally {
    remove();
  }
  Deno.exit();
}
