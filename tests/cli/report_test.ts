/** `netflags report` as a process: what it reads, what it may not do, and what it says of what it cannot read. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { InterfaceStatus } from "../../mod.ts";
import { fakeStatus, FakeSystem } from "../../src/testing.ts";
import { type EventOrigin, makeEvent } from "../../src/table/event.ts";
import { runHere } from "../helpers/cli/in_process.ts";
import { netflags } from "../helpers/cli/netflags.ts";

const START = new Date(2026, 10, 21, 20, 48, 0).getTime();
/** Where an event comes from that happens so many milliseconds after the start. */
function at(elapsed: number): EventOrigin {
  return { generation: 1, resync: false, time: START + elapsed, elapsed };
}

function state(connected: boolean, carrierChanges: number): InterfaceStatus {
  const status = fakeStatus({ name: "eth0", index: 2, flags: connected ? 0x11043 : 0x1003 });
  return { ...status, operState: connected ? "up" : "down", connected, carrier: connected, carrierChanges };
}

/** An outage of two seconds, four hidden changes, and another outage that lasts. */
const RECORD = [
  makeEvent("present", undefined, state(true, 0), at(0)),
  makeEvent("changed", state(true, 0), state(false, 1), at(1000)),
  makeEvent("changed", state(false, 1), state(true, 2), at(3000)),
  makeEvent("changed", state(true, 2), state(true, 6), at(5000)),
  makeEvent("changed", state(true, 6), state(false, 7), at(65_000)),
].map((event) => `${JSON.stringify(event)}\n`).join("");

const TABLE = [
  "NAME  CONNECTED  SINCE                DOWNS  SEEN  HIDDEN  OUTAGES  LONGEST OUTAGE",
  "eth0  no         2026-11-21 20:49:05  4      3     4       1        2.0 s",
  "",
].join("\n");

Deno.test("report: a record from a file is a table, and a picture where it may be written", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [file, picture] = [`${folder}/record`, `${folder}/it.svg`];
    await Deno.writeTextFile(file, RECORD);
    const refused = await netflags(["report", file, "--svg", picture]);
    assertEquals([refused.status, refused.stdout], [3, ""]);
    assertMatch(refused.stderr, /^netflags: Cannot write "[^"]+": run with --allow-write=[^\n]+\n$/);
    const permissions = ["--allow-read", `--allow-write=${folder}`];
    const { status, stdout, stderr } = await netflags(["report", file, "--svg", picture], { permissions });
    assertEquals([status, stdout, stderr], [0, TABLE, ""]);
    assertMatch(await Deno.readTextFile(picture), /^<svg [^]*<\/svg>\n$/);
    const nowhere = await netflags(["report", file, "--svg", `${folder}/no/it.svg`], { permissions });
    assertEquals([nowhere.status, nowhere.stdout], [1, ""]);
    assertStringIncludes(nowhere.stderr, "Cannot write ");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("report: from standard input, and what is no event is told by its line", async () => {
  const input = (text: string) => ({ permissions: [], input: new TextEncoder().encode(text) });
  assertEquals((await netflags(["report"], input(RECORD))).stdout, TABLE);
  const torn = await netflags(["report", "-"], input(`{"schema":1}\n${RECORD}{"type":"cha`));
  assertEquals([torn.status, torn.stdout], [0, TABLE]);
  assertEquals(torn.stderr, "netflags: Line 7 of standard input was cut off: it is passed over\n");
  const wrong = await netflags(["report"], input(`${"nonsense\n".repeat(20)}${RECORD}`));
  assertEquals([wrong.status, wrong.stdout, wrong.stderr.split("\n").length], [1, TABLE, 12]);
  assertStringIncludes(wrong.stderr, "netflags: Line 10 of standard input is no event: it is passed over\n");
  assertStringIncludes(wrong.stderr, "netflags: 10 more lines of standard input were passed over\n");
  const empty = await netflags(["report"], input(""));
  assertEquals(empty.status, 1);
  assertStringIncludes(empty.stderr, "There is no event in the record of standard input");
});

Deno.test("report: that lines are out of order is said", async () => {
  const mixed = RECORD.trim().split("\n").reverse().join("\n") + "\n";
  const { status, stdout, stderr } = await netflags(["report", "--json"], {
    permissions: [],
    input: new TextEncoder().encode(mixed),
  });
  assertEquals(status, 0);
  assertMatch(stderr, /^netflags: In the record of standard input, \d+ events stand behind later ones [^\n]*\n$/);
  assert(JSON.parse(stdout).outOfOrder > 0);
});

Deno.test("report: --json has everything, in times with their offset", async () => {
  const { stdout } = await netflags(["report", "--json"], { permissions: [], input: new TextEncoder().encode(RECORD) });
  const { start, end, interfaces } = JSON.parse(stdout);
  assertEquals([Date.parse(start), Date.parse(end)], [START, START + 65_000]);
  assertMatch(start, /^2026-11-21T20:48:00\.000000[+-]\d\d:\d\d$/);
  const [{ since, lastOutage, lastChange, ...rest }, ...more] = interfaces;
  assertEquals([since, lastOutage.start, lastChange].map(Date.parse), [START + 65_000, START + 65_000, START + 65_000]);
  assertEquals(more, []);
  assertEquals(rest, {
    name: "eth0",
    index: 2,
    generation: 1,
    connected: false,
    sinceKnown: true,
    flaps: {
      minute: { seen: 1, hidden: 4 },
      tenMinutes: { seen: 3, hidden: 4 },
      hour: { seen: 3, hidden: 4 },
      total: { seen: 3, hidden: 4 },
    },
    downs: 4,
    outages: 1,
    longestOutage: 2000,
    outageTime: 2000,
  });
});

Deno.test("report: what cannot be meant is refused", async () => {
  for (
    const [args, part] of [
      [["a", "b"], `Unexpected "b"`],
      [["--physical"], "select interfaces with --for S"],
      [["--for", "soon"], `Option "--for" is "soon"`],
      [["/no/such/file"], "Cannot read file"],
      [["/"], "it is a directory"],
    ] as const
  ) {
    const { status, stderr, stdout } = await runHere(["report", ...args]);
    assertEquals([status, stdout], [2, ""], part);
    assertStringIncludes(stderr, part);
  }
});

Deno.test("report: live, of those that were asked for", async () => {
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", flags: 0x11043, operState: "up", carrier: true, carrierChanges: 2 });
  system.set({ name: "lo", flags: 0x10049, operState: "unknown" });
  const report = runHere(["report", "--for", "0.05", "eth*", "--json"]);
  while (system.subscriptions === 0) await new Promise((resolve) => setImmediate(resolve));
  system.set({ name: "eth0", flags: 0x1003, operState: "down", carrier: false, carrierChanges: 5 });
  const { status, stdout, stderr } = await report;
  assertEquals([status, stderr], [0, ""]);
  const { interfaces: [{ name, connected, downs, flaps }, ...more] } = JSON.parse(stdout);
  assertEquals([name, connected, downs, flaps.total, more], ["eth0", false, 2, { seen: 1, hidden: 2 }, []]);
});
