/** Who hears of changes: how late, how many of them, and for how much CPU time. */
import { type Program, type Programs, run } from "./programs.ts";

interface Hearer {
  readonly id: string;
  readonly name: string;
  readonly program: Program;
  readonly command: string;
  /** The arguments behind the interface and the count. */
  readonly rest: readonly string[];
  /** Whether nothing else changes while it waits: what waiting alone costs. */
  readonly alone?: boolean;
}

/** What was measured of one hearer. */
export interface Heard {
  readonly id: string;
  readonly name: string;
  /** From just before the change until the hearer has it, or a later one that it was merged into, in ns. */
  readonly latencies: number[];
  /** The first of each process among them. */
  readonly first: number[];
  /** Those behind the first 500 of each process: what is run often is compiled by then. */
  readonly late: number[];
  /** How many changes it heard of in each pass. */
  readonly seen: number[];
  /** CPU time of the hearer and of the process that it reads from, in µs, of each pass. */
  readonly self: number[];
  readonly children: number[];
  /** What one change took the one who made it, in ns, on average of each pass. */
  readonly pace: number[];
  /** Why there is nothing. */
  missing?: string;
}

/** How the changes come: how many, and how many ns apart. */
export interface Pace {
  readonly changes: number;
  readonly interval: number;
}

/** What a process has run a thousand times is compiled; of so many changes that is not yet sure. */
const COLD = 500;

function hearers({ changes, netflags, node, pyroute2 }: Programs): Hearer[] {
  const monitor = ["ip", "-o", "monitor", "link"];
  return [
    { id: "recv", name: "C: `recv`", program: changes, command: "hear", rest: [] },
    { id: "watch", name: "netflags `watch()`", program: netflags, command: "hear", rest: [] },
    { id: "wake", name: "Deno: netflags' wait alone, and a `recv`", program: netflags, command: "wake", rest: [] },
    { id: "node", name: "netflags `watch()` in Node.js", program: node, command: "hear", rest: [] },
    { id: "poll", name: "Deno: one non-blocking `poll` per event", program: netflags, command: "poll", rest: [] },
    { id: "monitor", name: "`ip -o monitor`, read in Deno", program: netflags, command: "monitor", rest: [] },
    { id: "lines", name: "`ip -o monitor`, read in C", program: changes, command: "lines", rest: monitor },
    { id: "pyroute2", name: "pyroute2 (Python)", program: pyroute2, command: "hear", rest: [] },
  ];
}

/** Who waits for one interface while another one changes. */
function selectors({ changes, netflags }: Programs): Hearer[] {
  const monitor = ["ip", "-o", "monitor", "link", "dev"];
  return [
    { id: "recv", name: "C: `recv`", program: changes, command: "hear", rest: [] },
    { id: "filtered", name: "C: `recv`, with a filter", program: changes, command: "filtered", rest: [] },
    { id: "watch", name: "netflags `watch()`", program: netflags, command: "hear", rest: [] },
    { id: "named", name: "netflags `watch({ names })`", program: netflags, command: "named", rest: [] },
    {
      id: "alone",
      name: "the same, and nothing unwanted changes in that time",
      program: netflags,
      command: "named",
      rest: [],
      alone: true,
    },
    { id: "lines", name: "`ip -o monitor link dev`, read in C", program: changes, command: "lines", rest: monitor },
  ];
}

/** Each in turn, and all of them again in each pass. */
export function measureEvents(programs: Programs, name: string, pace: Pace, passes: number): Promise<Heard[]> {
  return measureAll(hearers(programs), programs, { heard: name, changed: name, pace }, passes);
}

/** What a hearer of one interface costs while another one changes; then its own changes once. */
export function measureUnwanted(programs: Programs, pace: Pace, passes: number): Promise<Heard[]> {
  const all = selectors(programs).map((one) => one.id === "lines" ? { ...one, rest: [...one.rest, "l1"] } : one);
  return measureAll(all, programs, { heard: "l1", changed: "l2", pace }, passes);
}

/** Who is listened for, and who is changed, and how. Another one that is changed is followed by one change of the first. */
interface Course {
  readonly heard: string;
  readonly changed: string;
  readonly pace: Pace;
}

async function measureAll(
  all: readonly Hearer[],
  programs: Programs,
  course: Course,
  passes: number,
): Promise<Heard[]> {
  const measured = all.map(({ id, name }): Heard => ({
    id,
    name,
    latencies: [],
    first: [],
    late: [],
    seen: [],
    self: [],
    children: [],
    pace: [],
  }));
  for (let pass = 1; pass <= passes; pass++) {
    console.error(`  pass ${pass} of ${passes}`);
    for (const [i, hearer] of all.entries()) {
      const row = measured[i]!;
      if (row.missing !== undefined) continue;
      try {
        await once(programs, hearer, row, course);
      } catch (error) {
        row.missing = `failed: ${error instanceof Error ? error.message : error}`;
      }
    }
  }
  return measured;
}

async function once(
  programs: Programs,
  hearer: Hearer,
  row: Heard,
  { heard: name, changed, pace }: Course,
): Promise<void> {
  if ("missing" in programs.changes) return;
  if ("missing" in hearer.program) {
    row.missing = hearer.program.missing;
    return;
  }
  // The first change must be one.
  const reset = await run(["ip", "link", "set", "dev", name, "mtu", "900"]);
  if (!reset.ok) throw new Error(reset.error);
  const own = changed === name;
  const silence = Math.max(2000, 2 * pace.interval / 1e6, own ? 0 : 2 * pace.changes * pace.interval / 1e6);
  const counts = [String(own ? pace.changes : 1), String(silence)];
  const [command = "", ...args] = [...hearer.program.argv, hearer.command, name, ...counts, ...hearer.rest];
  const child = new Deno.Command(command, { args, stdout: "piped", stderr: "null" }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await output.read(); !part.done; part = await output.read()) {
    const before = text;
    text += part.value;
    if (before.includes("ready\n") || !text.includes("ready\n")) continue;
    // It listens. What it prints from here on comes at its end, so that nobody disturbs it.
    const flip = [...programs.changes.argv, "flip"];
    if (!own && hearer.alone === true) await new Promise((end) => setTimeout(end, pace.changes * pace.interval / 1e6));
    else if (!own) await run([...flip, changed, String(pace.changes), String(pace.interval)]);
    const flipped = await run([...flip, name, own ? String(pace.changes) : "1", own ? String(pace.interval) : "0"]);
    if (!flipped.ok) throw new Error(flipped.error);
    text += `began ${flipped.out.trim().replaceAll("\n", " ")}\n`;
  }
  const { success } = await child.status;
  if (!success) throw new Error(`${hearer.command} ended early`);
  join(row, text.split("\n"), pace);
}

/**
 * Joins each change to when it was heard of: by the mtu, which no other change of the pass has set. A change that was
 * merged into a later one, or lost, was heard of with the next one that was: the hearer knew an older state until then.
 */
function join(row: Heard, lines: readonly string[], { changes }: Pace): void {
  const began = lines.find((line) => line.startsWith("began "))?.split(" ").slice(1).map(Number) ?? [];
  const own = changes <= MTUS;
  let seen = 0;
  let next = 0;
  for (const line of lines) {
    const words = line.split(" ");
    if (words[0] === "cpu") (words[1] === "self" ? row.self : row.children).push(Number(words[2]));
    const [mtu, time] = words.map(Number);
    if (words.length !== 2 || mtu === undefined || time === undefined || Number.isNaN(mtu + time)) continue;
    seen++;
    for (; own && next <= mtu - FIRST_MTU && next < began.length; next++) {
      const latency = time - began[next]!;
      row.latencies.push(latency);
      if (next === 0) row.first.push(latency);
      if (next >= COLD) row.late.push(latency);
    }
  }
  row.seen.push(seen);
  row.pace.push(((began.at(-1) ?? 0) - (began[0] ?? 0)) / Math.max(1, began.length - 1));
}

/** The values that changes.c goes through, again and again. */
const FIRST_MTU = 1000;
const MTUS = 4000;
