/** The results as Markdown. */
import type { Heard } from "./events.ts";
import type { Results } from "./measure.ts";
import type { Measured } from "./peers.ts";
import { median, summary } from "./statistics.ts";
import { cpuOf, targets } from "./targets.ts";

/** Three significant digits, and all those before the point. */
function figure(value: number): string {
  if (Number.isNaN(value)) return "";
  return value === 0 || value >= 1000 ? whole(value) : value.toPrecision(3);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function ratio(value: number, base: number): string {
  return Number.isNaN(value / base) ? "" : `${figure(value / base)}×`;
}

/** A table whose columns are as wide as their widest cell; a colon at the end of a head sets the column right. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const right = heads.map((head) => head.endsWith(":"));
  const lines = [heads.map((head) => head.replace(/:$/, "")), ...rows];
  const widths = heads.map((_, i) => Math.max(3, ...lines.map((cells) => cells[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${
      widths.map((width, i) => right[i] ? (cells[i] ?? "").padStart(width) : (cells[i] ?? "").padEnd(width)).join(" | ")
    } |`;
  const rule = widths.map((width, i) => right[i] ? `${"-".repeat(width - 1)}:` : "-".repeat(width));
  return [line(lines[0]!), `| ${rule.join(" | ")} |`, ...lines.slice(1).map(line)].join("\n");
}

function spread(low: number, high: number): string {
  return `${figure(low)} – ${figure(high)}`;
}

function decodeTable(rows: readonly Measured[]): string {
  const of = (id: string): number => median(rows.find((row) => row.id === id)?.samples ?? []);
  const heads = [
    "decoder",
    "what",
    "ns/message:",
    "10th – 90th percentile:",
    "to netflags:",
  ];
  const cells = rows.map(({ name, what, samples, missing }) => {
    const found = summary(samples);
    if (found === undefined) return [name, `missing: ${missing}`];
    const { median, p10, p90 } = found;
    return [name, what, figure(median), spread(p10, p90), ratio(median, of("status"))];
  });
  return table(heads, cells);
}

function listTable(rows: readonly Measured[]): string {
  const base = median(rows.find((row) => row.id === "list")?.samples ?? []);
  const cells = rows.map(({ name, what, samples, missing }) => {
    const found = summary(samples);
    if (found === undefined) return [name, `missing: ${missing}`];
    return [
      name,
      what,
      figure(found.median / 1e6),
      spread(found.p10 / 1e6, found.p90 / 1e6),
      ratio(found.median, base),
    ];
  });
  return table(["program", "what", "ms:", "10th – 90th percentile:", "to netflags `list()`:"], cells);
}

function plainTable(rows: readonly Measured[], heads: readonly string[], unit: number): string {
  const cells = rows.map(({ name, what, samples, missing }) => {
    const found = summary(samples);
    if (found === undefined) return [name, `missing: ${missing}`];
    return [name, what, figure(found.median / unit), spread(found.p10 / unit, found.p90 / unit)];
  });
  return table([...heads, "10th – 90th percentile:"], cells);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function latencyTable(rows: readonly Heard[], changes: number): string {
  const base = summary(rows.find(({ id }) => id === "watch")?.latencies ?? [])?.median ?? NaN;
  const cells = rows.map(({ name, latencies, late, seen, missing }) => {
    const found = summary(latencies);
    if (found === undefined) return [`${name}: missing: ${missing ?? "heard nothing"}`];
    const all = `${whole(sum(seen))} / ${whole(changes * seen.length)}`;
    const hot = summary(late)?.p99 ?? NaN;
    return [
      name,
      ...[found.median, found.p99, hot].map((ns) => figure(ns / 1e3)),
      all,
      ratio(found.median, base),
    ];
  });
  const heads = ["99th percentile µs:", "without the first 500:", "seen / changes:", "to netflags:"];
  return table(["listener", "median µs:", ...heads], cells);
}

/** Few events, so that their spread says more than a percentile that one of them decides. */
function loneTable(rows: readonly Heard[]): string {
  const medianOf = (id: string): number => median(rows.find((row) => row.id === id)?.latencies ?? []);
  const cells = rows.map(({ name, latencies, missing }) => {
    const found = summary(latencies);
    if (found === undefined) return [`${name}: missing: ${missing ?? "heard nothing"}`];
    return [
      name,
      figure(found.median / 1e3),
      spread(found.p10 / 1e3, found.p90 / 1e3),
      whole(latencies.length),
      ratio(found.median, medianOf("recv")),
    ];
  });
  return table(["listener", "median µs:", "10th – 90th percentile:", "events:", "to C:"], cells);
}

function burstTable(rows: readonly Heard[], changes: number): string {
  const base = cpuOf(rows.find(({ id }) => id === "watch"));
  const cells = rows.map((row) => {
    const found = summary(row.self.map((self, i) => self + (row.children[i] ?? 0)));
    if (found === undefined) return [`${row.name}: missing: ${row.missing ?? "heard nothing"}`];
    return [
      row.name,
      figure(found.median / 1e3),
      spread(found.p10 / 1e3, found.p90 / 1e3),
      figure(median(row.children) / 1e3),
      `${whole(median(row.seen))} / ${whole(changes)}`,
      ratio(found.median, base),
    ];
  });
  const heads = ["listener", "CPU ms:", "10th – 90th percentile:", "of it `ip`:", "seen / changes:", "to netflags:"];
  return table(heads, cells);
}

/** The one change that was wanted came behind all of them. */
function unwantedTable(rows: readonly Heard[]): string {
  const cells = rows.map((row) => {
    const found = summary(row.self.map((self, i) => self + (row.children[i] ?? 0)));
    if (found === undefined) return [`${row.name}: missing: ${row.missing ?? "heard nothing"}`];
    const heard = row.seen.filter((seen) => seen === 1).length;
    return [
      row.name,
      figure(found.median / 1e3),
      spread(found.p10 / 1e3, found.p90 / 1e3),
      `${heard} / ${row.seen.length}`,
    ];
  });
  return table(["listener", "CPU ms:", "10th – 90th percentile:", "wanted one heard:"], cells);
}

/** The whole report. */
export function report(results: Results): string {
  const { options, machine, dump, paces, startup, decode, hot, list, latency, burst, unwanted, memory } = results;
  const { lone, rare, first } = results;
  const parts = [
    "# netflags compared with its peers",
    "All figures are from one run, on the same bytes and in the same network namespace. Each peer is a separate " +
    `process, and all peers run in turn, ${options.passes} times. A figure is the median of all rounds. A ratio above ` +
    "1× means that netflags takes less.",
    table(["", ""], machine),
  ];
  if (decode.length > 0) {
    parts.push(
      "## Decoding",
      `One RTM_GETLINK dump without statistics: ${whole(dump.links)} messages, ${
        whole(dump.bytes / dump.links)
      } bytes each. The C programs do not copy a name; Go and Python make a string of it. netflags keeps the last ` +
        "texts that it made for each interface, and returns them again for the same bytes. Rows in which it cannot do " +
        "this are marked.",
      decodeTable(decode),
    );
  }
  if (hot.length > 0) {
    parts.push(
      "## A message that changes nothing",
      "The cost after the message was received, over a thousand and more messages in a row.",
      plainTable(hot, ["system", "message", "ns/message:"], 1),
    );
  }
  if (startup.length > 0) {
    parts.push(
      "## Start",
      "In a new network namespace, which has at most four interfaces. Deno has already compiled the modules in an " +
        "earlier run.",
      plainTable(startup, ["program", "what", "ms:"], 1e6),
    );
  }
  if (list.length > 0) {
    parts.push(
      "## Listing",
      `${whole(dump.links)} interfaces. C, libmnl and netflags send the kernel the same request. The others also ask ` +
        "for more. `list()` asks for the addresses too.",
      listTable(list),
    );
  }
  const slowest = Math.max(...burst.filter(({ pace }) => pace.length > 0).map(({ pace }) => median(pace)));
  if (latency.length > 0) {
    parts.push(
      "## Latency of an event",
      `Another process changes an mtu every ${whole(paces.latency.interval / 1e6)} ms, ${
        whole(paces.latency.changes)
      } times in a pass, beginning half a second after the listener started. The latency is the time from just before ` +
        "that call until the listener has the new value, or a later value that it was merged into.",
      latencyTable(latency, paces.latency.changes),
    );
  }
  if (lone.length > 0) {
    parts.push(
      "## Latency after a rest",
      "The same, but with nothing between two changes: the processor has gone to sleep, its caches hold other data, and " +
        `no code is hot. Changes ${whole(paces.lone.interval / 1e6)} ms apart:`,
      loneTable(lone),
      `Changes ${whole(paces.rare.interval / 1e9)} s apart:`,
      loneTable(rare),
      "The first event of a process, half a second after it began to listen; each figure is from a separate process:",
      loneTable(first),
    );
  }
  if (burst.length > 0) {
    parts.push(
      "## CPU time for a burst",
      `${whole(paces.burst.changes)} changes of an mtu, ${
        whole(paces.burst.interval / 1e3)
      } µs apart (measured: up to ${
        figure(slowest / 1e3)
      } µs). User and system time from when the listener starts to listen until it exits. A listener sees fewer changes ` +
        "than were made if they are merged (netflags) or lost.",
      burstTable(burst, paces.burst.changes),
    );
  }
  if (unwanted.length > 0) {
    const { changes, interval } = paces.unwanted;
    parts.push(
      "## Changes that nobody wants",
      `A listener waits for a change of one interface while the mtu of another one is changed ${
        whole(changes)
      } times, every ${
        whole(interval / 1e6)
      } ms. Then the first one changes. User and system time of the listener meanwhile.`,
      unwantedTable(unwanted),
    );
  }
  for (const { name, links, changes, events, bytes, live } of memory) {
    parts.push(
      `## Memory, ${name}${live ? ", what is in use after a forced collection" : ""}`,
      `${whole(links)} interfaces are watched while their mtus are changed in turn: ${
        whole(changes)
      } changes, 30 µs apart, which gave ${whole(events)} events.`,
      table(
        ["events:", live ? "heap MiB:" : "resident MiB:"],
        bytes.map(([at, used]) => [whole(at), figure(used / 2 ** 20)]),
      ),
    );
  }
  const lines = targets(results).map(({ text, holds, measured }) => [
    text,
    measured,
    holds === undefined ? "" : holds ? "holds" : "does not hold",
  ]);
  parts.push("## Targets", table(["target", "measured:", ""], lines));
  return `${parts.join("\n\n")}\n`;
}
