/**
 * Watches a network namespace of its own, in which interfaces come, go and change all the time, for `--minutes N` (10),
 * and prints how the process fares. Every few seconds the changes stop for a moment: what each watcher knows must then be
 * what the kernel lists. It ends with status 1 where one does not, where descriptors are left, or where memory grows.
 * Its other arguments are the options with which Deno finds @std.
 */
import { parseArgs } from "@std/cli/parse-args";
import { type InterfaceEvent, type InterfaceStatus, list, waitFor, watch } from "../mod.ts";
import { changedFields } from "../src/table/compare.ts";
import { eventually, ipBatch, sleep } from "./helpers/live/system.ts";
import { Random } from "./helpers/random.ts";

const SPACE = "NETFLAGS_SOAK";
/** How long the changes go on before it is looked whether all is known, in milliseconds. */
const ROUND = 5000;
/** How long a watcher may take to know all when nothing changes any more, in milliseconds. */
const PATIENCE = 10_000;
/** The first minute, in seconds: the runtime takes memory until its collector has found its pace. */
const WARM = 60;
/** Memory may be so much larger at the end than after a fifth of the time, in MiB: the collector is not made to run. */
const GROWTH = 48;
/** It is never more than this, in MiB. */
const MOST = 256;

const { minutes: text } = parseArgs(Deno.args, { string: ["minutes"] });
const minutes = Number(text ?? 10);
if (!(minutes > 0)) {
  console.error(`Cannot soak for "${text}" minutes: give a number above 0`);
  Deno.exit(1);
}
if (Deno.env.get(SPACE) === undefined) {
  const { code } = await new Deno.Command("unshare", {
    args: ["--net", Deno.execPath(), "run", "--no-check", "-A", import.meta.filename!, ...Deno.args],
    env: { [SPACE]: "1", NETFLAGS_LIVE: "1" },
  }).spawn().status;
  Deno.exit(code);
}

/** A watcher's consumer: what it knows, and what it counted. */
class Consumer {
  readonly known = new Map<number, InterfaceStatus>();
  events = 0;
  resyncs = 0;
  /** Lives that began, less those that ended. */
  open = 0;

  async listen(events: AsyncIterable<InterfaceEvent>, pause: number): Promise<void> {
    for await (const { type, status, resync } of events) {
      this.events++;
      if (resync) this.resyncs++;
      if (type === "removed") this.known.delete(status.index);
      else this.known.set(status.index, status);
      if (type !== "changed") this.open += type === "removed" ? -1 : 1;
      if (pause > 0 && !quiet) await sleep(pause);
    }
  }

  /** Throws unless it knows what the kernel lists. */
  check(): void {
    const real = list();
    if (this.open !== real.length) throw new Error(`${this.open} interfaces are known, ${real.length} are there`);
    for (const status of real) {
      const known = this.known.get(status.index);
      if (known === undefined) throw new Error(`${status.name} is not known`);
      const wrong = changedFields(known, status);
      if (wrong.length > 0) throw new Error(`${status.name} differs in ${wrong.join(", ")}`);
    }
  }
}

function descriptors(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

/** The netlink sockets of this namespace that are not the kernel's own (proc(5)). */
function sockets(): number {
  const lines = Deno.readTextFileSync("/proc/net/netlink").trim().split("\n").slice(1);
  return lines.filter((line) => line.trim().split(/\s+/)[2] !== "0").length;
}

/** How long this process has worked, in seconds (proc(5): utime and stime, in hundredths). */
function processorTime(): number {
  const fields = Deno.readTextFileSync("/proc/self/stat").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Lines for `ip`, of which some fail: what they name may not be there. */
function changes(random: Random): string[] {
  return Array.from({ length: 100 }, () => {
    const name = `s${random.below(12)}`;
    switch (random.below(9)) {
      case 0:
        return `link add dev ${name} type ifb`;
      case 1:
        return random.below(3) === 0 ? `link del dev ${name}` : `link set dev ${name} nomaster`;
      case 2:
        return `link set dev ${name} mtu ${1400 + random.below(100)}`;
      case 3:
        return `addr ${random.pick(["add", "del"])} 10.1.${random.below(3)}.${random.below(9)}/24 dev ${name}`;
      case 4:
        return `link set dev ${name} name ${`s${random.below(12)}`}`;
      case 5:
        return `link set dev ${name} alias x${random.below(9)}`;
      case 6:
        return `link property ${random.pick(["add", "del"])} dev ${name} altname a${random.below(4)}`;
      default:
        return `link set dev ${name} ${random.pick(["up", "down"])}`;
    }
  });
}

const random = new Random();
console.log(`seed ${random.seed}`);
let quiet = false;
const stop = new AbortController();
const { signal } = stop;
const consumers = [new Consumer(), new Consumer(), new Consumer()] as const;
const options = { initial: true, addresses: true, signal } as const;
const ended = Promise.all([
  consumers[0].listen(watch({ ...options, poll: 1000 }), 0),
  consumers[1].listen(watch({ ...options, poll: 1000 }), 20),
  consumers[2].listen(watch({ ...options, poll: 1000, settle: 50 }), 0),
]);
let over = false;
let waits = 0;
const waiting = (async () => {
  for (; !over; waits++) await waitFor(`s${random.below(12)}`, "up", { timeout: 100 }).catch(() => {});
})();

console.log("    time  events  resyncs  waits  lists  resident MiB  heap MiB  descriptors  CPU");
const started = performance.now();
let lists = 0;
let early: number | undefined;
let failure: unknown;
try {
  for (let spent = 0; performance.now() - started < 60_000 * minutes;) {
    const end = performance.now() + ROUND;
    quiet = false;
    while (performance.now() < end) {
      await ipBatch(changes(random));
      list();
      lists++;
      // Watchers that come and go beside the others.
      using short = watch({ initial: true, names: `s${random.below(12)}` });
      await Promise.race([short.next(), sleep(5)]);
    }
    quiet = true;
    for (const consumer of consumers) await eventually(() => consumer.check(), PATIENCE);
    const { rss, heapUsed } = Deno.memoryUsage();
    const time = (performance.now() - started) / 1000;
    if (time > Math.max(WARM, 12 * minutes)) early ??= rss;
    const worked = processorTime();
    const share = 100 * (worked - spent) / (ROUND / 1000);
    spent = worked;
    const figures = [
      [`${time.toFixed(0)} s`, 8],
      [consumers[0].events, 7],
      [consumers[0].resyncs, 8],
      [waits, 6],
      [lists, 6],
      [(rss / 2 ** 20).toFixed(0), 13],
      [(heapUsed / 2 ** 20).toFixed(0), 9],
      [descriptors(), 12],
      [`${share.toFixed(0)}%`, 4],
    ] as const;
    console.log(figures.map(([figure, width]) => String(figure).padStart(width)).join(" "));
    const grows = early !== undefined && rss - early > GROWTH * 2 ** 20;
    if (grows || rss > MOST * 2 ** 20) throw new Error("memory grows");
  }
} catch (error) {
  failure = error;
}
over = true;
await waiting;
stop.abort();
await ended;
try {
  await eventually(() => {
    const left = sockets();
    if (left > 0) throw new Error(`${left} netlink sockets are left`);
  });
} catch (error) {
  failure ??= error;
}
console.log(failure === undefined ? "soaked" : `failed: ${failure instanceof Error ? failure.message : failure}`);
Deno.exit(failure === undefined ? 0 : 1);
