/** What a clock that is set, and a sleep, do to records, reports, pictures and metrics. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { watch } from "../../../mod.ts";
import { watchCommand } from "../../../src/cli/commands/watch.ts";
import { collect } from "../../../src/cli/metrics/collect.ts";
import { Past } from "../../../src/cli/metrics/past.ts";
import { eventLine } from "../../../src/cli/terminal/lines.ts";
import { FakeSystem } from "../../../src/testing.ts";
import { Clock } from "../../helpers/clock.ts";
import { runHere } from "../../helpers/cli/in_process.ts";

const DAY = 86_400_000;
const HOUR = 3_600_000;
const UP = { flags: 0x11043, operState: "up", carrier: true } as const;
const DOWN = { flags: 0x1003, operState: "down", carrier: false } as const;

/** One line of a record. */
interface Line {
  readonly time: string;
  readonly elapsed: number;
  readonly started: string;
  readonly status: unknown;
}

/** A watcher of interfaces whose clocks the test holds. It writes what `watch --json --initial` prints. */
class Recorder implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #system = new FakeSystem({ silentChanges: "none" });
  readonly #watcher;
  #text = "";

  constructor(clock: Clock, ...names: string[]) {
    this.#clock = clock;
    for (const name of names) this.#system.set({ name, ...UP });
    this.#watcher = watch({ initial: true });
  }

  /** Lets time pass, changes an interface, and writes that down. */
  async step(seconds: number, name: string, fields: object): Promise<void> {
    this.#clock.now += 1000 * seconds;
    this.#system.set({ name, ...fields });
    await this.begin(1);
  }

  /** Writes down so many events: at the start, an interface each. */
  async begin(count: number): Promise<void> {
    for (let i = 0; i < count; i++) this.#text += `${eventLine((await this.#watcher.next()).value!)}\n`;
  }

  /** The record. */
  get record(): string {
    return this.#text;
  }

  /** Its lines; of another run, if `started` says so. */
  lines(started?: string): Line[] {
    const lines = this.#text.trimEnd().split("\n").map((line): Line => JSON.parse(line));
    return started === undefined ? lines : lines.map((line) => ({ ...line, started }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher.return();
    this.#system[Symbol.dispose]();
  }
}

/** The lines of a record as a text. */
function textOf(lines: readonly object[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** What report makes of a record: what it prints, with --json too, its picture, and what it says on the side. */
async function report(record: string) {
  const folder = await Deno.makeTempDir();
  try {
    const [file, picture] = [`${folder}/record`, `${folder}/it.svg`];
    await Deno.writeTextFile(file, record);
    const table = await runHere(["report", file, "--svg", picture]);
    const json = await runHere(["report", file, "--json"]);
    assertEquals([table.status, json.status, table.stderr], [0, 0, json.stderr]);
    return {
      table: table.stdout,
      json: JSON.parse(json.stdout),
      stderr: table.stderr,
      svg: await Deno.readTextFile(picture),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Where each line of a picture's first row ends, in milliseconds from its start, if the picture is of such a length. */
function turnsOf(svg: string, length: number): number[] {
  const row = svg.slice(svg.indexOf('<path class="line'), svg.indexOf("seen</text>"));
  return [...row.matchAll(/<path class="line \w+" d="M\d+ [^H]*H(\d+)"/g)]
    .map(([, end]) => (Number(end) - 190) / 682 * length);
}

const SETS: readonly (readonly [name: string, take: (clock: Clock) => void, length: number])[] = [
  ["forward", (clock) => clock.set += 400 * DAY, 0],
  ["back", (clock) => clock.set -= 400 * DAY, 0],
  ["by a sleep", (clock) => clock.now += 8 * HOUR, 8 * HOUR],
];

for (const [name, take, length] of SETS) {
  Deno.test(`clock set ${name} during an outage: report, table and picture have how long it took`, async () => {
    using clock = new Clock();
    await using recorder = new Recorder(clock, "eth0");
    await recorder.begin(1);
    await recorder.step(10, "eth0", DOWN);
    take(clock);
    await recorder.step(2, "eth0", UP);
    await recorder.step(8, "eth0", { mtu: 1400 });
    const back = Date.parse(recorder.lines()[2]!.time);
    const { json, table, svg, stderr } = await report(recorder.record);
    assertEquals(stderr, "");
    const { longestOutage, outageTime, since, lastOutage, lastChange } = json.interfaces[0];
    assertEquals([longestOutage, outageTime, json.outOfOrder], [2000 + length, 2000 + length, 0]);
    assertEquals([since, lastOutage.end].map(Date.parse), [back, back]);
    assertEquals(back - Date.parse(lastOutage.start), 2000 + length);
    assertEquals(Date.parse(lastChange), Math.floor(Date.now()));
    assertEquals(Date.parse(json.end) - Date.parse(json.start), 20_000 + length);
    assertMatch(table, length === 0 ? / 2\.0 s\n/ : / 8 h\n/);
    assertMatch(svg, length === 0 ? />[-0-9: ]+ to [-0-9: ]+: 20\.0 s</ : />[-0-9: ]+ to [-0-9: ]+: 8 h</);
    const grain = (20_000 + length) / 682;
    const turns = turnsOf(svg, 20_000 + length).slice(0, -1);
    const expected = length === 0 ? [10_000, 12_000] : [12_000 + length]; // of 8 hours, 10 seconds are no column
    assertEquals(turns.map((one, i) => Math.abs(one - expected[i]!) <= grain), expected.map(() => true), `${turns}`);
  });

  Deno.test(`clock set ${name} between changes of two interfaces: both stand where they belong in one picture`, async () => {
    using clock = new Clock();
    await using recorder = new Recorder(clock, "eth0", "eth1");
    await recorder.begin(2);
    await recorder.step(5, "eth0", DOWN);
    take(clock);
    await recorder.step(5, "eth1", DOWN);
    await recorder.step(10, "eth1", UP);
    const { json, svg } = await report(recorder.record);
    assertEquals(json.interfaces.map(({ longestOutage }: { longestOutage: number }) => longestOutage), [
      15_000 + length,
      10_000,
    ]);
    assertEquals(Date.parse(json.interfaces[0].since), Math.floor(Date.now() - 15_000 - length));
    assertEquals(Date.parse(json.end) - Date.parse(json.start), 20_000 + length);
    assertMatch(svg, length === 0 ? /: 20\.0 s</ : /: 8 h</);
  });

  Deno.test(`clock set ${name} during an outage: metrics have its length, and since by the clock as it is now`, async () => {
    using clock = new Clock();
    using system = new FakeSystem({ silentChanges: "none" });
    system.set({ name: "eth0", ...UP });
    await using past = new Past({});
    const value = (name: string): number | undefined =>
      collect({ selection: {}, past }).find((one) => one.name === `netflags_${name}`)?.samples[0]?.value;
    const change = async (seconds: number, fields: object): Promise<void> => {
      clock.now += 1000 * seconds;
      system.set({ name: "eth0", ...fields });
      for (let i = 0; i < 10; i++) await Promise.resolve();
    };
    const seconds = (): number => Date.now() / 1000;
    await change(10, DOWN);
    take(clock);
    clock.now += 1000;
    assertEquals(value("outage_seconds"), 1 + length / 1000);
    assert(Math.abs(seconds() - value("state_since_timestamp_seconds")! - 1 - length / 1000) < 0.001);
    assert(Math.abs(seconds() - value("watch_start_timestamp_seconds")! - 11 - length / 1000) < 0.001);
    await change(1, UP);
    clock.now += 3000;
    assertEquals(value("outage_seconds"), 2 + length / 1000);
    assert(Math.abs(seconds() - value("state_since_timestamp_seconds")! - 3) < 0.001);
    take(clock);
    assert(Math.abs(seconds() - value("state_since_timestamp_seconds")! - 3 - length / 1000) < 0.001);
  });

  Deno.test(`clock set ${name} while report watches: it has how long the outage took`, async () => {
    using clock = new Clock();
    using system = new FakeSystem({ silentChanges: "none" });
    system.set({ name: "eth0", ...UP });
    const running = runHere(["report", "--for", "0.05", "--json"]);
    while (system.subscriptions === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.now += 5000;
    system.set({ name: "eth0", ...DOWN });
    await new Promise((resolve) => setImmediate(resolve));
    take(clock);
    clock.now += 2000;
    system.set({ name: "eth0", ...UP });
    await new Promise((resolve) => setImmediate(resolve));
    clock.now += 1000;
    const { start, end, interfaces: [past] } = JSON.parse((await running).stdout);
    assertEquals([past.longestOutage, past.outageTime], [2000 + length, 2000 + length]);
    assertEquals([Date.parse(end), Date.parse(end) - Date.parse(past.since)], [Math.floor(Date.now()), 1000]);
    assertEquals(Date.parse(end) - Date.parse(start), 8000 + length);
  });
}

Deno.test("clock set: a record of several runs, whose steady clocks begin anew each", async () => {
  using clock = new Clock();
  let text = "";
  {
    await using first = new Recorder(clock, "eth0");
    await first.begin(1);
    await first.step(100, "eth0", DOWN);
    text += textOf(first.lines("one"));
  }
  clock.now += 60_000; // nobody watches
  {
    await using second = new Recorder(clock, "eth0");
    await second.begin(1);
    await second.step(0, "eth0", DOWN);
    clock.set += 400 * DAY;
    await second.step(150, "eth0", { ...UP, mtu: 1400 }); // later by its clock than all of the first run
    text += textOf(second.lines("two").slice(2)); // made without --initial
  }
  const { json, stderr } = await report(text);
  assertEquals([stderr, json.outOfOrder], ["", 0]);
  const [{ longestOutage }] = json.interfaces;
  // From the last line of the first run to the first of the second there is the wall clock alone.
  assertEquals(longestOutage, 400 * DAY + 210_000);
});

Deno.test("clock set: of several runs in one record, each has the steady clock for itself", async () => {
  using clock = new Clock();
  let text = "";
  for (const [run, set] of [["one", 0], ["two", 400 * DAY], ["three", -800 * DAY]] as const) {
    await using recorder = new Recorder(clock, "eth0");
    await recorder.begin(1);
    await recorder.step(10, "eth0", DOWN);
    clock.set += set;
    await recorder.step(2, "eth0", UP);
    await recorder.step(3, "eth0", { mtu: 1400 });
    text += textOf(recorder.lines(run));
    clock.now += 30_000;
  }
  const { json, stderr, svg } = await report(text);
  assertEquals([stderr, json.outOfOrder], ["", 0]);
  const [{ longestOutage, outageTime, outages }, ...more] = json.interfaces;
  assertEquals([longestOutage, outageTime, outages, more.length], [2000, 6000, 3, 0]);
  assertMatch(svg, /: 1 min 45 s</);
});

Deno.test("clock set: two watchers that write one record have a steady clock each", async () => {
  using clock = new Clock();
  const lines: Line[] = [];
  {
    await using first = new Recorder(clock, "eth0");
    await first.begin(1);
    await first.step(3612, "eth0", { mtu: 1400 });
    lines.push(...first.lines("one"));
  }
  clock.now = 3_600_000;
  {
    await using second = new Recorder(clock, "eth0", "eth1");
    await second.begin(2);
    await second.step(10, "eth1", DOWN);
    await second.step(5, "eth1", UP);
    lines.push(...second.lines("two").slice(1));
  }
  lines.sort((a, b) => a.time < b.time ? -1 : 1);
  const { json, stderr } = await report(textOf(lines));
  assertEquals([stderr, json.outOfOrder], ["", 0]);
  assertEquals(json.interfaces[1].longestOutage, 5000);
  assertEquals(Date.parse(json.end) - Date.parse(json.start), 3_615_000);
});

for (const schema of [1, 2]) {
  Deno.test(`clock set: a record of schema ${schema} without a steady time is read, with a note`, async () => {
    using clock = new Clock();
    await using recorder = new Recorder(clock, "eth0");
    await recorder.begin(1);
    await recorder.step(10, "eth0", DOWN);
    await recorder.step(2, "eth0", UP);
    const old = recorder.lines().map(({ elapsed: _elapsed, started: _started, status, ...rest }) =>
      schema === 1 ? { ...rest, schema, interface: status } : { ...rest, status }
    );
    const { json, stderr } = await report(textOf(old));
    assertEquals(json.interfaces[0].longestOutage, 2000);
    assertMatch(stderr, /^netflags: In the record of "[^"]+", 3 events have no steady time, [^\n]+\n$/);
  });
}

Deno.test("clock set: old lines before new ones go by their own clock, and the new ones by the steady one", async () => {
  using clock = new Clock();
  await using recorder = new Recorder(clock, "eth0");
  await recorder.begin(1);
  await recorder.step(10, "eth0", DOWN);
  await recorder.step(2, "eth0", UP);
  await recorder.step(10, "eth0", DOWN);
  clock.set += 400 * DAY;
  await recorder.step(3, "eth0", UP);
  const lines = recorder.lines().map((line, i) => i < 3 ? { ...line, elapsed: undefined } : line);
  const { json, stderr } = await report(textOf(lines));
  assertEquals([json.interfaces[0].longestOutage, json.interfaces[0].outageTime], [3000, 5000]);
  assertMatch(stderr, /, 3 events have no steady time, /);
});

Deno.test("clock set: times that no record has end nothing", async () => {
  using clock = new Clock();
  await using recorder = new Recorder(clock, "eth0");
  await recorder.begin(1);
  await recorder.step(10, "eth0", DOWN);
  const [first, last] = recorder.lines();
  const far = "9999-12-30T00:00:00.000000+00:00";
  const near = "1970-01-01T00:00:00.000000+00:00";
  const lines = Array.from({ length: 3000 }, (_, i) => ({
    ...(i % 2 === 0 ? first : last),
    time: i % 3 === 0 ? far : near,
    elapsed: [0, 2.5e14, 7][i % 5 % 3],
    started: `run ${i % 1500}`,
  }));
  const { table, svg, json } = await report(textOf(lines));
  for (const text of [table, svg, JSON.stringify(json)]) assertEquals(/NaN|Invalid|Infinity/.test(text), false);
});

Deno.test("clock set: lines of watch --timeline have seconds that nobody sets", async () => {
  using clock = new Clock();
  using system = new FakeSystem({ silentChanges: "none" });
  const { write } = Deno.stdout;
  const out: string[] = [];
  Deno.stdout.write = (bytes) => {
    out.push(new TextDecoder().decode(bytes));
    return Promise.resolve(bytes.length);
  };
  try {
    const running = watchCommand.run(["--timeline", "--count", "2"]);
    while (system.subscriptions === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.now += 1000;
    system.set({ name: "eth0", ...UP });
    await new Promise((resolve) => setImmediate(resolve));
    clock.set += 400 * DAY;
    clock.now += 2500;
    system.set({ name: "eth0", ...DOWN });
    await running;
  } finally {
    Deno.stdout.write = write;
  }
  assertMatch(out[0]!, /^ +1\.000000 \+1\.000000 eth0 added/);
  assertMatch(out[1]!, /^ +3\.500000 \+2\.500000 eth0 disconnected/);
});
