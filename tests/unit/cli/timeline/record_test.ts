/** What is read of a record, and kept of it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { InterfaceEvent, InterfaceStatus } from "../../../../mod.ts";
import { fakeStatus } from "../../../../src/testing.ts";
import { type EventOrigin, makeEvent } from "../../../../src/table/event.ts";
import type { PictureEvent } from "../../../../src/cli/timeline/event.ts";
import { Model } from "../../../../src/cli/timeline/model.ts";
import { DRAWN } from "../../../../src/cli/timeline/cells.ts";
import { render, textOf, type View } from "../../../../src/cli/timeline/screen.ts";
import { readRecord } from "../../../../src/cli/timeline/record.ts";
import { svgOf } from "../../../../src/cli/timeline/svg.ts";
import { isoTime } from "../../../../src/cli/options/time.ts";
import { duration, ticksOf } from "../../../../src/cli/timeline/time.ts";
import { inOneBuffer } from "../../../helpers/cli/captures.ts";
import { withSeed } from "../../../helpers/random.ts";

const ENCODER = new TextEncoder();
/** What `in` and brackets find in an object that has nothing of its own. */
const INHERITED = ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"] as const;
const START = new Date(2026, 10, 21, 20, 48, 0).getTime();

const VIEW: View = { width: 80, height: 12, now: START + 1000, ahead: 0, scale: 1000, glyphs: DRAWN, log: [] };

function state(connected: boolean, carrierChanges = 0, name = "eth0", index = 2): InterfaceStatus {
  const status = fakeStatus({ name, index, flags: connected ? 0x11043 : 0x1003 });
  return { ...status, operState: connected ? "up" : "down", connected, carrier: connected, carrierChanges };
}

/** Where an event comes from, at a time at which no clock was set. */
function at(time: number, generation = 1): EventOrigin {
  return { generation, resync: false, time, elapsed: time - START };
}

function changed(from: InterfaceStatus, to: InterfaceStatus, time: number, generation = 1): InterfaceEvent {
  return makeEvent("changed", from, to, at(time, generation));
}

function present(status: InterfaceStatus, time: number): InterfaceEvent {
  return makeEvent("present", undefined, status, at(time));
}

/** What is read of a text that comes in pieces of such a size. */
async function read(
  text: string,
  size = 1 << 16,
): Promise<{ events: PictureEvent[]; wrong: [number, string, boolean][] }> {
  const bytes = ENCODER.encode(text);
  const events: PictureEvent[] = [];
  const wrong: [number, string, boolean][] = [];
  const pieces = Array.from(
    { length: Math.ceil(bytes.length / size) },
    (_, i) => bytes.slice(i * size, (i + 1) * size),
  );
  await readRecord(ReadableStream.from(pieces), {
    event: (event) => void events.push(event),
    wrong: (line, why, torn) => void wrong.push([line, why, torn]),
  });
  return { events, wrong };
}

Deno.test("record: an event is read as it was written, in whatever pieces it comes", async () => {
  const event = changed(state(true, 4, "schön"), state(false, 7, "schön"), START);
  const { status, elapsed: _elapsed, ...rest } = event;
  const old = { schema: 1, ...rest, interface: status }; // as 0.1.0 wrote it
  const text = `${JSON.stringify({ schema: 2 })}\n${JSON.stringify(old)}\n\n${
    JSON.stringify({ ...event, time: isoTime(START) })
  }`;
  for (const size of [1, 7, 1 << 16]) {
    const { events, wrong } = await read(text, size);
    assertEquals(wrong, []);
    assertEquals(events.map(({ time, type, hiddenFlaps, status: { name } }) => [time, type, hiddenFlaps, name]), [
      [START, "changed", 2, "schön"],
      [START, "changed", 2, "schön"],
    ]);
  }
});

Deno.test("record: one that left what was asked for is read as such, of schema 1 too", async () => {
  const event = makeEvent("left", state(true), state(true), at(START));
  const { status, ...rest } = event;
  const old = { schema: 1, ...rest, interface: status, type: "removed", left: true };
  const gone = { ...old, left: false };
  const { events, wrong } = await read([event, old, gone].map((one) => JSON.stringify(one)).join("\n"));
  assertEquals([events.map(({ type }) => type), wrong], [["left", "left", "removed"], []]);
});

Deno.test("record: a time in another zone is the same time", async () => {
  const event = { ...present(state(true), START), time: "2026-11-21T21:48:00.5+01:00" };
  assertEquals((await read(JSON.stringify(event))).events[0]?.time, Date.UTC(2026, 10, 21, 20, 48, 0, 500));
});

Deno.test("record: a line that is no event is told by its number, and one that was cut off as such", async () => {
  const line = JSON.stringify(present(state(true), START));
  const bad = (change: object): string => JSON.stringify({ ...JSON.parse(line), ...change });
  const lines = [
    line,
    "",
    "nonsense",
    "[]",
    "null",
    "{}",
    bad({ time: "yesterday" }),
    bad({ time: -1 }),
    bad({ time: 8.64e15 }),
    bad({ elapsed: -1 }),
    bad({ elapsed: 1e300 }),
    bad({ elapsed: "5" }),
    bad({ started: 5 }),
    bad({ type: "came" }),
    bad({ type: "changed" }),
    bad({ hiddenFlaps: 1e15 }),
    bad({ status: { index: 1 } }),
    bad({ status: { ...state(true), connected: "yes" } }),
    bad({ status: { ...state(true), name: "x".repeat(300) } }),
    bad({ schema: 3 }),
    line,
    line.slice(0, -1),
  ];
  const { events, wrong } = await read(lines.join("\n"));
  assertEquals(events.length, 2);
  assertEquals(wrong.map(([number]) => number), [...Array.from({ length: 18 }, (_, i) => i + 3), 22]);
  assertEquals(wrong.at(-1), [22, "was cut off", true]);
  assertEquals(wrong.at(-2)?.[1], "has an unknown schema: 1 and 2 are known");
});

Deno.test("record: a line without an end is passed over, and what follows is read", async () => {
  const line = JSON.stringify(present(state(true), START));
  const { events, wrong } = await read(`${"x".repeat((16 << 20) + 1)}\n${line}\n`);
  assertEquals([events.length, wrong], [1, [[1, "is longer than 16777216 bytes", false]]]);
});

Deno.test("record: a piece is done with before the next one is read", async () => {
  const text = ENCODER.encode(`${JSON.stringify(present(state(true, 0, "schön"), START))}\n`.repeat(3));
  for (const size of [1, 5, text.length - 1]) {
    const names: string[] = [];
    await readRecord(inOneBuffer(text, size), {
      event: ({ status: { name } }) => void names.push(name),
      wrong: (line, why) => assert(false, `line ${line} ${why}`),
    });
    assertEquals(names, ["schön", "schön", "schön"]);
  }
});

Deno.test("record: words that every object knows are words like others", () => {
  for (const word of INHERITED) {
    const model = new Model(false);
    const status = { ...state(true, 0, word), operState: word as "up", linkState: undefined };
    const wireless = { type: word, ssid: word, ssidHex: undefined, frequency: undefined };
    model.take(changed({ ...status, wireless }, { ...status, up: false, wireless }, START));
    assertEquals(model.rows().map(({ name, steps }) => [name, steps.at(-1)?.look?.letters]), [[word, "D?"]]);
    assertEquals(svgOf(model, model.until(at(START + 1000))).includes("function"), false);
    assertEquals(render(model, VIEW).map(textOf).join("\n").includes("function"), false);
  }
});

Deno.test("record: such words as type, fields and keys of a line make no event", async () => {
  const line = JSON.parse(JSON.stringify(present(state(true), START)));
  const { type: _type, ...untyped } = line;
  for (const word of INHERITED) {
    const lines = [
      { ...line, type: word },
      { ...line, schema: word },
      { ...line, time: word },
      JSON.parse(`{${JSON.stringify(word)}: ${JSON.stringify(line)}}`),
      JSON.parse(JSON.stringify(untyped).replace(/^\{/, `{${JSON.stringify(word)}: ${JSON.stringify(line)}, `)),
      { ...line, changed: { [word]: 1 } },
      { ...line, status: word },
    ];
    const { events, wrong } = await read(lines.map((one) => `${JSON.stringify(one)}\n`).join(""));
    assertEquals([events, wrong.length], [[], lines.length], word);
  }
});

Deno.test("record: whatever a record holds, reading it ends", async () => {
  const line = JSON.stringify(changed(state(true), state(false), START));
  await new Promise<void>((done, fail) =>
    withSeed((random) => {
      const tries = Array.from({ length: 300 }, () => {
        const bytes = ENCODER.encode(line);
        for (let i = random.below(4); i >= 0; i--) bytes[random.below(bytes.length)] = random.below(256);
        return new TextDecoder().decode(bytes);
      });
      const model = new Model(false);
      read(`${tries.join("\n")}\n`).then(({ events, wrong }) => {
        for (const event of events) model.take(event);
        svgOf(model, model.end!);
        assert(events.length > 0 && wrong.length > 0);
      }).then(done, fail);
    })
  );
});

const CHANGES = 30_000;

Deno.test("model: thirty thousand changes take no more room than some thousands, and are all counted", () => {
  for (const recent of [false, true]) {
    const model = new Model(recent);
    let most = 0;
    for (let i = 0; i < CHANGES; i++) {
      model.take(changed(state(i % 2 === 0, i), state(i % 2 === 1, i + 1), START + i));
      if (i % 17 === 0) most = Math.max(most, model.rows()[0]!.steps.length); // a row is made anew each time
    }
    const [row] = model.rows();
    assert(most <= 2048, `${most} steps`);
    assertEquals(row?.flaps, { seen: CHANGES, hidden: 0 });
    const inSteps = row!.steps.reduce((sum, { turns }) => sum + turns, 0);
    assertEquals(inSteps === CHANGES, !recent);
    assertEquals(row!.steps.every(({ at }, i, all) => i === 0 || at >= all[i - 1]!.at), true);
  }
});

Deno.test("model: those that are gone make room, and what finds none is counted", () => {
  const model = new Model(false);
  const take = (index: number, type: "added" | "removed") => {
    const status = state(true, 0, `eth${index}`, index);
    model.take(makeEvent(type, type === "removed" ? status : undefined, status, at(START)));
  };
  for (let index = 1; index <= 1000; index++) take(index, "added");
  take(1001, "added");
  assertEquals([model.rows().length, model.leftOut], [1000, 1]);
  take(7, "removed");
  take(1002, "added");
  assertEquals([model.rows().length, model.leftOut], [1000, 2]);
  assertEquals(model.rows().at(-1)?.name, "eth1002");
});

Deno.test("model: what was so before the first change is part of it", () => {
  const model = new Model(false);
  model.take(present(state(true, 0, "lo", 1), START));
  model.take(changed(state(true), state(false, 1), START + 1000));
  model.take(changed(state(false, 1), state(true, 8), START + 3000));
  const row = model.rows()[1]!;
  assertEquals(row.steps.map(({ at, look, turns, hidden }) => [at - START, look?.letters, turns, hidden]), [
    [0, "Uu", 0, 0],
    [1000, "Ud", 1, 0],
    [3000, "Uu", 1, 6],
  ]);
  const past = row.history.tell({ time: START + 4000, elapsed: START + 4000 });
  assertEquals([past.downs, past.outages, past.longestOutage, past.since], [4, 1, 2000, START + 3000]);
});

Deno.test("model: of several runs in one record, another interface with the same number is another row", () => {
  const model = new Model(false);
  const [tap, veth] = [state(true, 1, "tap0"), state(false, 9, "veth1")];
  model.take(present(tap, START));
  model.take(present(veth, START + 1000));
  model.take(makeEvent("removed", veth, veth, at(START + 2000)));
  model.take(present(veth, START + 3000));
  model.take(present(veth, START + 4000)); // the same one, of a third run
  const lan = state(true, 1, "lan0", 7);
  model.take(present(lan, START + 5000));
  model.take(makeEvent("left", lan, lan, at(START + 6000)));
  const back = state(true, 1, "lan1", 7);
  model.take(makeEvent("added", undefined, back, at(START + 7000)));
  assertEquals(model.rows().map(({ name, gone }) => [name, gone?.time]), [
    ["tap0", undefined],
    ["veth1", START + 2000],
    ["veth1", undefined],
    ["lan1", undefined],
  ]);
});

Deno.test("svg: names from outside cannot break out of it, and it is one document of a fixed width", () => {
  const model = new Model(false);
  const name = `<&"'>]]>\x1b\uffff`;
  model.take(present(state(true, 0, name), START));
  model.take(changed(state(true, 0, name), state(true, 8, name), START + 1000));
  const svg = svgOf(model, model.until({ time: START + 2000, elapsed: 2000 }));
  assertStringIncludes(svg, `&#60;&#38;&#34;&#39;&#62;]]&#62;\\x1b\ufffd`);
  assertEquals([...svg.matchAll(/<svg /g)].length, 1);
  assertStringIncludes(svg, ` width="1000" `);
  assertStringIncludes(svg, `>8</text>`);
  assertEquals(svg.replaceAll(/<[^<>]*>/g, "").includes("<"), false);
  assert(
    svgOf(new Model(false), { time: START, elapsed: START }).endsWith("</svg>\n"),
    "of nothing it is a picture of nothing",
  );
});

Deno.test("svg: a picture does not grow with what happened", () => {
  const model = new Model(false);
  for (let i = 0; i < 50_000; i++) {
    model.take(changed(state(i % 2 === 0, 3 * i), state(i % 2 === 1, 3 * i + 3), START + i * 100));
  }
  assert(svgOf(model, model.end!).length < 150_000);
});

Deno.test("report: times and lengths of time in words", () => {
  assertEquals([0.4, 999, 1000, 59_900, 60_000, 3_661_000, 90_000_000, 86_400_000].map(duration), [
    "0 ms",
    "999 ms",
    "1.0 s",
    "59.9 s",
    "1 min",
    "1 h 1 min",
    "1 d 1 h",
    "1 d",
  ]);
  assertEquals(Date.parse(isoTime(START + 1)), START + 1);
  assertEquals(ticksOf(START, START + 10_000, 4000).map(({ label }) => label), ["20:48:00", "20:48:05"]);
  assertEquals(ticksOf(START, START + 7_200_000, 3_000_000).map(({ label }) => label), ["21:00", "22:00"]);
  for (const least of [1, 1e6, 1e9, 1e13]) {
    assert(ticksOf(START, START + 20 * least, least).length <= 20 + 1000 / least);
  }
});
