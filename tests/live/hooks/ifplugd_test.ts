/**
 * `netflags run` beside ifplugd(8), with the same delays, on the same cable: every hook that ifplugd ran, netflags ran.
 * NETFLAGS_IFPLUGD_RUNS says how many runs of 20 random steps there are, and shows both side by side; otherwise it is one
 * short run.
 */
import { assert, assertEquals } from "@std/assert";
import { RunningHooks } from "../../helpers/cli/hooks.ts";
import { type Random, withSeed } from "../../helpers/random.ts";
import { succeeds } from "../../helpers/suites.ts";
import { clear, eventually, ip, liveTest, sleep } from "../../helpers/live/system.ts";

const RUNS = Number(Deno.env.get("NETFLAGS_IFPLUGD_RUNS") ?? 0);
const STEPS = RUNS > 0 ? 20 : 6;
/** ifplugd's -u and -d, in seconds. */
const DELAYS = [[0, 1], [0, 2], [1, 1]] as const;

/** What was run, and when, in seconds since the start. */
type Log = (readonly [at: number, what: string])[];

function inWords(log: Log): string[] {
  return log.map(([at, what]) => `${at.toFixed(1).padStart(5)} ${what}`);
}

/** Whether everything of one list is in the other, in the same order. */
function isWithin(few: readonly string[], many: readonly string[]): boolean {
  let at = 0;
  for (const one of many) if (one === few[at]) at++;
  return at === few.length;
}

async function sideBySide(random: Random, [up, down]: typeof DELAYS[number]): Promise<void> {
  const folder = await Deno.makeTempDir();
  const action = `${folder}/action`;
  const file = `${folder}/log`;
  await Deno.writeTextFile(action, `#!/bin/sh\necho "$2" >> ${file}\n`, { mode: 0o755 });
  await Deno.writeTextFile(file, "");
  ip("link add dev near type veth peer name far");
  ip("link set near up");
  const started = performance.now();
  const now = (): number => (performance.now() - started) / 1000;
  const ifplugd = new Deno.Command("ifplugd", {
    args: ["-n", "-s", "-b", "-I", "-i", "near", "-u", `${up}`, "-d", `${down}`, "-p", "-q", "-r", action],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const logs: Record<"steps" | "ifplugd" | "netflags", Log> = { steps: [], ifplugd: [], netflags: [] };
  let watching = true;
  let read: Promise<void> | undefined;
  try {
    let said = "";
    read = (async () => { // to its end: it would die of a pipe that nobody reads
      for await (const text of ifplugd.stderr.pipeThrough(new TextDecoderStream())) said += text;
    })();
    const ended = ifplugd.status.then(({ code }) => said += `(ended with status ${code})`);
    await Promise.race([ended, eventually(() => assert(said.includes("Initialization complete"), said))]);
    assert(said.includes("Initialization complete"), said);
    await using hooks = new RunningHooks(
      ...["near", "--delay-up", `${up}`, "--delay-down", `${down}`, "--on-added", "echo ready"],
      ...["--on-connected", "echo up", "--on-disconnected", "echo down"],
    );
    await hooks.said("ready", "down");
    const take = (name: "ifplugd" | "netflags", lines: readonly string[]): void => {
      for (const line of lines.slice(logs[name].length)) logs[name].push([now(), line]);
    };
    const look = (): void => {
      take("ifplugd", Deno.readTextFileSync(file).split("\n").filter((line) => line !== ""));
      take("netflags", hooks.lines);
    };
    const watched = (async () => {
      for (; watching; await sleep(20)) look();
    })();
    for (let i = 0; i < STEPS; i++) {
      const state = i % 2 === 0 ? "up" : "down";
      ip(`link set far ${state}`);
      logs.steps.push([now(), state]);
      await sleep(200 + random.below(4000));
    }
    await sleep(1000 * (down + 2)); // ifplugd looks once a second
    watching = false;
    await watched;
    look();
  } finally {
    watching = false;
    try {
      ifplugd.kill("SIGTERM");
    } catch { // it has ended by itself, and has said why
    }
    await ifplugd.status;
    await read;
    clear();
    await Deno.remove(folder, { recursive: true });
  }
  const words = Object.entries(logs).map(([name, log]) => [name, ...inWords(log)]);
  const table = Array.from(
    { length: Math.max(...words.map(({ length }) => length)) },
    (_, i) => words.map((column) => (column[i] ?? "").padEnd(14)).join(""),
  ).join("\n");
  if (RUNS > 0) console.log(`up ${up} s, down ${down} s\n${table}`);
  const [theirs, ours] = [logs.ifplugd, logs.netflags].map((log) => log.map(([, what]) => what));
  assert(isWithin(theirs!, ours!), table);
  assertEquals(ours!.every((what, i) => what !== ours![i - 1]), true, table);
  await eventually(() => assertEquals(ours!.at(-1), "down", table));
}

liveTest("live ifplugd: every hook that it ran, netflags ran", async () => {
  if (!(await succeeds("sh", "-c", "command -v ifplugd"))) {
    console.error("SKIPPED: no ifplugd");
    return;
  }
  await withSeed(async (random: Random) => {
    for (let i = 0; i < Math.max(1, RUNS); i++) await sideBySide(random, DELAYS[i % DELAYS.length]!);
  });
});
