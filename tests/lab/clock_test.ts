/**
 * A clock that is set, and a machine that sleeps, on a real kernel: what a record, a report, its picture, metrics and
 * history say of an outage meanwhile is right to a second.
 */
import { assert, assertEquals } from "@std/assert";
import { type InterfaceEvent, type InterfaceWatcher, watch } from "../../mod.ts";
import { samplesOf } from "../helpers/cli/metrics.ts";
import { netflags, Running } from "../helpers/cli/netflags.ts";
import { clear, eventually, ip, linkListeners, liveTest, run } from "../helpers/live/system.ts";

const LAB = Deno.env.get("NETFLAGS_LAB") === "1";
const DAY = 86_400_000;
/** How long the machine sleeps, in seconds. */
const SLEEP = 20;

/** Whether the machine can be put to sleep, and has a clock that wakes it. */
function canSleep(): boolean {
  try {
    Deno.statSync("/sys/class/rtc/rtc0/wakealarm");
    return Deno.readTextFileSync("/sys/power/state").includes("mem");
  } catch {
    return false;
  }
}
const SLEEPS = LAB && canSleep();
if (LAB && !SLEEPS) console.error("SKIPPED: this kernel cannot sleep, or has no clock that wakes it");

/** Milliseconds since the machine started, sleep included (proc(5)): what all durations are held against. */
function uptime(): number {
  return Number(Deno.readTextFileSync("/proc/uptime").split(" ")[0]) * 1000;
}

function setClock(by: number): void {
  run("date", "-s", `@${((Date.now() + by) / 1000).toFixed(3)}`);
}

/** A time by {@linkcode uptime}, or a length of time, that is known to lie between these. */
type Span = readonly [least: number, most: number];

function between(earlier: Span, later: Span): Span {
  return [later[0] - earlier[1], later[1] - earlier[0]];
}

/** How long ago something was. */
function since(earlier: Span): Span {
  return between(earlier, [uptime(), uptime()]);
}

/** Holds what was found against what was so. */
function near(what: string, found: number | undefined, [least, most]: Span): void {
  assert(found! > least - 1000 && found! < most + 1000, `${what}: ${found} ms, and it was ${least} to ${most} ms`);
}

async function until(watcher: InterfaceWatcher, connected: boolean): Promise<InterfaceEvent> {
  for (;;) {
    const { value } = await watcher.next();
    if (value!.status.connected === connected) return value!;
  }
}

/** What reads lines of events, and keeps them for a record. */
class Recorder implements AsyncDisposable {
  readonly #running = new Running(["watch", "va", "--json", "--initial"]);
  record = "";

  /** Reads on to where the interface is connected, or is not; returns the time of that. */
  async until(connected: boolean): Promise<number> {
    for (;;) {
      const line = await this.#running.line();
      this.record += `${line}\n`;
      const { status, time } = JSON.parse(line);
      if (status?.connected === connected) return Date.parse(time);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running[Symbol.asyncDispose]();
  }
}

/** The metrics of va that are asked for by their names. */
async function scrape(url: string): Promise<(name: string) => number> {
  const samples = samplesOf(await (await fetch(url)).text());
  return (name) => 1000 * (samples.get(`netflags_${name}{device="va"}`) ?? samples.get(`netflags_${name}`))!;
}

/** When watching began, and when the outage did and was over. */
interface Truth {
  readonly begun: Span;
  readonly lost: Span;
  readonly back: Span;
}

/** What `report --json` says; `end` is when it ends. */
function checkReport(text: string, { begun, lost, back }: Truth, end: Span): void {
  const report = JSON.parse(text);
  const [past] = report.interfaces;
  assertEquals([past.outages, report.outOfOrder], [1, 0]);
  near("report, the longest outage", past.longestOutage, between(lost, back));
  near("report, all outages", past.outageTime, between(lost, back));
  near(
    "report, the last outage",
    Date.parse(past.lastOutage.end) - Date.parse(past.lastOutage.start),
    between(lost, back),
  );
  near("report, since", Date.now() - Date.parse(past.since), since(back));
  near("report, its length", Date.parse(report.end) - Date.parse(report.start), between(begun, end));
}

/** How long a picture's whole took, by its words, and the part in which the line was low. */
function checkPicture(svg: string, { begun, lost, back }: Truth): void {
  const units: Readonly<Record<string, number>> = { s: 1000, min: 60_000, h: 3_600_000, d: DAY };
  const words = />[-0-9: ]+ to [-0-9: ]+: ([^<]+)</.exec(svg)?.[1] ?? "";
  const whole = [...words.matchAll(/([\d.]+) (\w+)/g)]
    .reduce((sum, [, count, unit]) => sum + Number(count) * units[unit!]!, 0);
  const low = [...svg.matchAll(/<path class="line bad" d="M(\d+) [^H]*H(\d+)"/g)]
    .reduce((sum, [, from, to]) => sum + Number(to) - Number(from), 0);
  near("the picture, its length", whole, between(begun, back));
  near("the picture, the outage", low / 682 * whole, between(lost, back));
}

/** What `report` makes of a record, once its last event was that the interface is connected again. */
async function checkRecord(record: string, truth: Truth): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const [file, picture] = [`${folder}/record`, `${folder}/it.svg`];
    await Deno.writeTextFile(file, record);
    const { status, stdout, stderr } = await netflags(["report", file, "--json", "--svg", picture], {
      permissions: ["--allow-read", `--allow-write=${folder}`],
    });
    assertEquals([status, stderr], [0, ""]);
    checkReport(stdout, truth, truth.back);
    checkPicture(await Deno.readTextFile(picture), truth);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What history and metrics say while the interface is not connected. */
async function checkDuring(watcher: InterfaceWatcher, url: string, lost: Span): Promise<void> {
  const past = watcher.history("va")!;
  near("history during the outage, since", Date.now() - past.since, since(lost));
  near("history during the outage, its length", watcher.history("va")!.outageTime, since(lost));
  const [asked, metric] = [uptime(), await scrape(url)];
  near("metrics during the outage, since", Date.now() - metric("state_since_timestamp_seconds"), since(lost));
  near("metrics during the outage, its length", metric("outage_seconds_total"), between(lost, [asked, uptime()]));
}

/** The same when it is connected again. */
async function checkAfter(watcher: InterfaceWatcher, url: string, { begun, lost, back }: Truth): Promise<void> {
  const past = watcher.history("va")!;
  near("history, since", Date.now() - past.since, since(back));
  near("history, the longest outage", past.longestOutage, between(lost, back));
  near("history, the last outage", past.lastOutage!.end! - past.lastOutage!.start, between(lost, back));
  let metric = await scrape(url);
  while (metric("connected") === 0) metric = await scrape(url); // one collection serves the scrapes of a second
  near("metrics, the outage", metric("outage_seconds_total"), between(lost, back));
  near("metrics, since", Date.now() - metric("state_since_timestamp_seconds"), since(back));
  near("metrics, the start", Date.now() - metric("watch_start_timestamp_seconds"), since(begun));
}

/** Lets something happen to the clocks during an outage, and asks everybody how long it took. */
async function checkOutage(happen: () => void): Promise<void> {
  try {
    ip("link set lo up");
    ip("link add dev va type veth peer name vb");
    ip("link set va up");
    ip("link set vb up");
    await using watcher = watch({ names: "va", initial: true });
    await until(watcher, true);
    const others = linkListeners().length;
    let at = uptime();
    /** From the end of the last step to that of this one. */
    const step = (): Span => [at, at = uptime()];
    await using reporting = new Running(["report", "va", "--json", "--for", "3600"]);
    await eventually(() => assertEquals(linkListeners().length, others + 1), 60_000);
    const reported = step();
    await using metrics = new Running(["metrics", "va", "--listen", "127.0.0.1:0"], ["--allow-ffi", "--allow-net"]);
    const url = await metrics.line();
    const listening = step();
    await using recorder = new Recorder();
    await recorder.until(true);
    const recording = step();

    ip("link set vb down");
    await until(watcher, false);
    await recorder.until(false);
    const lost = step();
    happen();
    await eventually(() => assert(uptime() > lost[1] + 2000), 60_000);
    await checkDuring(watcher, url, lost);
    step();
    ip("link set vb up");
    const event = await until(watcher, true);
    const line = await recorder.until(true);
    const back = step();
    near("the event's time", Date.now() - event.time, since(back));
    near("the record's time", Date.now() - line, since(back));
    await checkAfter(watcher, url, { begun: listening, lost, back });
    await checkRecord(recorder.record, { begun: recording, lost, back });
    at = uptime();
    reporting.signal("SIGINT");
    checkReport(await reporting.line(), { begun: reported, lost, back }, step());
  } finally {
    clear();
  }
}

for (const [name, by] of [["forward", 400 * DAY], ["back", -400 * DAY]] as const) {
  liveTest(`lab: the clock is set ${name} during an outage, and all who tell of it are right to a second`, async () => {
    await checkOutage(() => setClock(by));
  }, LAB);
}

liveTest("lab: the machine sleeps during an outage, and all who tell of it are right to a second", async () => {
  await checkOutage(() => run("rtcwake", "-m", "mem", "-s", String(SLEEP)));
}, SLEEPS);
