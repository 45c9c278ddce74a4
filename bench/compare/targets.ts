/** What netflags is meant to reach, each with what was measured. */
import type { Heard } from "./events.ts";
import type { Results } from "./measure.ts";
import type { Measured } from "./peers.ts";
import { median, summary } from "./statistics.ts";

/** A target, and whether it holds; undefined where it was not measured. */
export interface Target {
  readonly text: string;
  readonly holds: boolean | undefined;
  readonly measured: string;
}

function figureOf(rows: readonly Measured[]): (id: string) => number {
  return (id) => median(rows.find((row) => row.id === id)?.samples ?? []);
}

/** The CPU time of a hearer with what it reads from: the median of the passes, in µs. */
export function cpuOf(row: Heard | undefined): number {
  return row === undefined ? NaN : median(row.self.map((self, i) => self + (row.children[i] ?? 0)));
}

/** `figure` must be at most `limit`, or at least. */
function target(text: string, figure: number, sign: "<=" | ">=", limit: number, unit: string): Target {
  const holds = Number.isNaN(figure + limit) ? undefined : sign === "<=" ? figure <= limit : figure >= limit;
  return { text, holds, measured: holds === undefined ? "not measured" : `${figure.toPrecision(3)}${unit}` };
}

/** The most that was used later, to what was used after three tenths: V8's heap has its size by then. */
function growth(bytes: readonly number[]): number {
  const [first = NaN, ...later] = bytes.slice(2);
  return later.length === 0 ? NaN : Math.max(...later) / first;
}

/** The targets, by the figures. */
export function targets(results: Results): Target[] {
  const { decode, hot, startup, list, latency, burst, unwanted, paces, lone, memory } = results;
  const one = figureOf(decode);
  const own = figureOf(hot);
  const all = figureOf(list);
  const heard = (id: string) => summary(latency.find((row) => row.id === id)?.latencies ?? []);
  const cpu = (id: string) => cpuOf(burst.find((row) => row.id === id));
  const watch = heard("watch");
  const monitor = heard("monitor");
  const times = "×";
  const medianOf = (rows: readonly Heard[], id: string): number =>
    median(rows.find((row) => row.id === id)?.latencies ?? []);
  const start = figureOf(startup);
  return [
    target("a whole status takes at most as long as libmnl", one("status") / one("mnl"), "<=", 1, times),
    target(
      "a whole status that says nothing new takes at most as long as libmnl",
      one("unchanged") / one("mnl"),
      "<=",
      1,
      times,
    ),
    ...["repeated", "other", "wireless"].map((id, i) =>
      target(
        `${
          ["a repeated message", "another interface's", "a wireless-only one"][i]
        } costs at most 100 ns after it was received`,
        own(id),
        "<=",
        100,
        " ns",
      )
    ),
    ...hot.filter(({ id }) => id.startsWith("ifinfo ")).map(({ id }) =>
      target(`RTM_IFINFO of ${id.slice(7)} takes at most 15 ns`, own(id), "<=", 15, " ns")
    ),
    target(
      "`list({ addresses: false })` takes at most 1.25× receiving in C",
      all("links") / all("receive"),
      "<=",
      1.25,
      times,
    ),
    target("`list()` takes at most 1.25× receiving in C", all("list") / all("receive"), "<=", 1.25, times),
    target("`list()` is at least 2× as fast as `ip -o link`", all("ip") / all("list"), ">=", 2, times),
    target(
      "an event's median latency is at most that of `ip -o monitor` read in Deno",
      (watch?.median ?? NaN) / (monitor?.median ?? NaN),
      "<=",
      1,
      times,
    ),
    target(
      "an event's 99th percentile is at most 2× that of `ip -o monitor` read in Deno",
      (watch?.p99 ?? NaN) / (monitor?.p99 ?? NaN),
      "<=",
      2,
      times,
    ),
    target(
      "an event's 99th percentile is at most 3× that of `recv` in C",
      (watch?.p99 ?? NaN) / (heard("recv")?.p99 ?? NaN),
      "<=",
      3,
      times,
    ),
    target(
      "an event after a rest comes at most 1.5× as late as by the same wait and a `recv`",
      medianOf(lone, "watch") / medianOf(lone, "wake"),
      "<=",
      1.5,
      times,
    ),
    target(
      "an event after a rest comes at most 0.8× as late as by `ip -o monitor` read in C",
      medianOf(lone, "watch") / medianOf(lone, "lines"),
      "<=",
      0.8,
      times,
    ),
    target(
      "`netflags list` takes at most 2.5× a Deno that does nothing",
      start("command list") / start("nothing"),
      "<=",
      2.5,
      times,
    ),
    target("a burst costs at most 1.5× the CPU time of `recv` in C", cpu("watch") / cpu("recv"), "<=", 1.5, times),
    target(
      "a burst costs at most half the CPU time of one poll per event",
      cpu("watch") / cpu("poll"),
      "<=",
      0.5,
      times,
    ),
    target(
      "8 s of a change each ms that nobody wants cost at most 5 ms of CPU time more than 8 s without",
      unwanted.length > 0 && paces.unwanted.changes === 8000
        ? (cpuOf(unwanted.find(({ id }) => id === "named")) - cpuOf(unwanted.find(({ id }) => id === "alone"))) / 1e3
        : NaN,
      "<=",
      5,
      " ms",
    ),
    target(
      "resident memory is at most 1.15× after the last events of what it was after three tenths of them",
      growth(memory.find(({ live }) => !live)?.bytes.map(([, bytes]) => bytes) ?? []),
      "<=",
      1.15,
      times,
    ),
    target(
      "the heap in use is at most 1.02× after the last events of what it was after three tenths of them",
      growth(memory.find(({ live }) => live)?.bytes.map(([, bytes]) => bytes) ?? []),
      "<=",
      1.02,
      times,
    ),
  ];
}
