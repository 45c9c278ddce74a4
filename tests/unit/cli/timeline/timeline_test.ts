/** What a terminal shows of what happened, and how it gets there. */
import { assert, assertEquals } from "@std/assert";
import type { InterfaceStatus } from "../../../../mod.ts";
import { fakeStatus } from "../../../../src/testing.ts";
import { type EventOrigin, makeEvent } from "../../../../src/table/event.ts";
import { DRAWN, TYPED } from "../../../../src/cli/timeline/cells.ts";
import { Model } from "../../../../src/cli/timeline/model.ts";
import { render, shownScale, textOf, type View } from "../../../../src/cli/timeline/screen.ts";
import { painted } from "../../../../src/cli/timeline/terminal.ts";
import { unicodeWidth } from "@std/cli/unicode-width";
import { withSeed } from "../../../helpers/random.ts";

const START = new Date(2026, 10, 21, 20, 48, 0).getTime();
/** Where an event comes from that happens so many seconds after the start. */
function at(seconds: number): EventOrigin {
  return { generation: 1, resync: false, time: START + seconds * 1000, elapsed: seconds * 1000 };
}

interface Change {
  readonly up?: boolean;
  readonly operState?: InterfaceStatus["operState"];
  readonly carrier?: boolean;
  readonly carrierChanges?: number;
  readonly ssid?: string;
}

/** An interface that is told change by change, at seconds from the start. */
class Teller {
  readonly #model: Model;
  #status: InterfaceStatus;

  constructor(model: Model, name: string, index: number, change: Change) {
    this.#model = model;
    this.#status = this.#with({ ...fakeStatus({ name: "eth0", index }), name }, change);
    model.take(makeEvent("present", undefined, this.#status, at(0)));
  }

  at(seconds: number, change: Change): this {
    const status = this.#with(this.#status, change);
    this.#model.take(makeEvent("changed", this.#status, status, at(seconds)));
    this.#status = status;
    return this;
  }

  gone(seconds: number): void {
    this.#model.take(makeEvent("removed", this.#status, this.#status, at(seconds)));
  }

  #with(status: InterfaceStatus, { ssid, ...change }: Change): InterfaceStatus {
    const next = { ...status, carrierChanges: status.carrierChanges ?? 0, ...change };
    const wireless = { type: "ap", ssid, ssidHex: undefined, frequency: undefined };
    const connected = next.up && (next.operState === "up" || next.operState === "unknown");
    return { ...next, connected, wireless: ssid === undefined ? next.wireless : wireless };
  }
}

const UP = { up: true, operState: "up", carrier: true } as const;
const NO_CARRIER = { up: true, operState: "down", carrier: false } as const;

/** A loopback interface, a cable that is pulled, an access point whose end nobody saw, and an interface that goes. */
function scenario(): Model {
  const model = new Model(true, at(0));
  new Teller(model, "lo", 1, { up: true, operState: "unknown", carrier: true });
  new Teller(model, "eth0", 2, { ...UP, carrierChanges: 2 })
    .at(10, { ...NO_CARRIER, carrierChanges: 3 })
    .at(16, { ...UP, carrierChanges: 4 })
    .at(22, { up: false, operState: "down", carrier: true })
    .at(24, UP)
    .at(30.2, { ...NO_CARRIER, carrierChanges: 5 })
    .at(30.8, { ...UP, carrierChanges: 6 });
  new Teller(model, "wlan0", 3, { ...NO_CARRIER, ssid: "" })
    .at(4, { ...UP, carrierChanges: 1, ssid: "foo" })
    .at(20, { ...UP, carrierChanges: 9, ssid: "bar" })
    .at(34, { up: true, operState: "dormant", carrier: true });
  new Teller(model, "tap9\x1b[2J", 4, { up: false, operState: "down", carrier: true }).at(8, UP).gone(28);
  return model;
}

function view(width: number, height: number, more: Partial<View> = {}): View {
  return { width, height, now: START + 40_500, ahead: 0, scale: 1000, glyphs: DRAWN, log: [], ...more };
}

function picture(model: Model, of: View): string[] {
  return render(model, of).map(textOf).map((line) => line.trimEnd());
}

Deno.test("timeline: what happened, on 80 columns", () => {
  const log = ["one", "two", "three", "four", "five"].map((text) => ({ text, tone: "plain" as const }));
  assertEquals(picture(scenario(), view(80, 12, { log })), [
    "4 interfaces, a column is 1.0 s; q ends, + and - zoom          flaps seen+hidden",
    "lo          U?                     U?▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔ 0+0",
    "eth0        Uu                     Uu▔▔▔▔▔▔▔▔│Ud▁▁▁│Uu▔▔▔│D│Uu▔▔▔▒▔▔▔▔▔▔▔▔▔▔ 4+0",
    'wlan0       Uo                     Ud▁▁│Uu"foo"▔▔▔▔▔▔▔▔◆8"bar"▔▔▔▔▔▔▔Uo▔▔▔▔▔ 1+8',
    "tap9\\x1b[2J --                     Dd▁▁▁▁▁▁│Uu▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔              0+0",
    "                    ╵20:47:45      ╵20:48:00      ╵20:48:15      ╵20:48:30",
    "one",
    "two",
    "three",
    "four",
    "five",
    "▔▁ carrier, ◆N hidden; U/D admin; u up d down l lower down o dormant ? unknown",
  ]);
});

Deno.test("timeline: what happened, on 200 columns, half a second each", () => {
  assertEquals(picture(scenario(), view(200, 8, { scale: 500 })), [
    "4 interfaces, a column is 500 ms; q ends, + and - zoom                                                                                                                                 flaps seen+hidden",
    "lo          U?                                                                                                    U?▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔ 0+0",
    "eth0        Uu                                                                                                    Uu▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔│Ud▁▁▁▁▁▁▁▁▁│Uu▔▔▔▔▔▔▔▔▔│Dd▁│Uu▔▔▔▔▔▔▔▔▔││Uu▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔ 4+0",
    'wlan0       Uo                                                                                                    Ud▁▁▁▁▁▁│Uu"foo"▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔◆8"bar"▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔Uo▔▔▔▔▔▔▔▔▔▔▔▔ 1+8',
    "tap9\\x1b[2J --                                                                                                    Dd▁▁▁▁▁▁▁▁▁▁▁▁▁▁│Uu▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔                           0+0",
    "                                  ╵20:47:20           ╵20:47:30           ╵20:47:40           ╵20:47:50           ╵20:48:00           ╵20:48:10           ╵20:48:20           ╵20:48:30",
  ]);
});

/** The picture of the first row: what is behind its letters, and before the counts. */
function chartOf(model: Model, of: View): string {
  const [, row] = picture(model, of);
  return row!.slice("lo   U? ".length, -" 0+0".length);
}

Deno.test("timeline: it begins zoomed in, so that what has happened so far fills the width", () => {
  const model = new Model(true, at(0));
  new Teller(model, "lo", 1, { up: true, operState: "unknown", carrier: true })
    .at(0.5, { up: true, operState: "down", carrier: true })
    .at(1, { up: true, operState: "unknown", carrier: true });
  for (const width of [40, 60, 80, 120, 200]) {
    const chart = width - 12;
    for (const seconds of [chart / 100, 5, 20, chart - 1]) {
      const of = view(width, 8, { now: START + seconds * 1000, since: START });
      const shown = chartOf(model, of);
      assertEquals([shown.length, shown[0] !== " ", shown.trimEnd().length], [chart, true, chart], shown);
    }
    // The half of two seconds is in the middle, whatever the width is.
    const half = chartOf(model, view(width, 8, { now: START + 2000, since: START })).lastIndexOf("U?");
    assert(Math.abs(half / chart - 0.5) < 0.1, `${half} of ${chart}`);
    // After that it is as it always was: it scrolls by whole columns of a second.
    for (const seconds of [chart - 1, chart, chart + 0.5, 1000]) {
      const full = view(width, 8, { now: START + seconds * 1000 });
      assertEquals(picture(model, { ...full, since: START }), picture(model, full));
    }
  }
});

Deno.test("timeline: at its very first moment it is zoomed in no further than a hundredth of a second", () => {
  const model = new Model(true, at(3));
  for (const now of [3000, 3001, 3200]) {
    const [title] = picture(model, view(80, 8, { now, since: 3000 }));
    assertEquals(title!.includes("a column is 10 ms"), true, title);
  }
  assertEquals(shownScale(model, view(12, 4, { now: 3000, since: 3000 })), 1000); // no picture, no scale of its own
});

Deno.test("timeline: while it is zoomed in, its first column begins when watching did, and stays filled", () => {
  const model = new Model(true, at(-0.02)); // the first events come a little later
  new Teller(model, "lo", 1, UP);
  for (const width of [40, 80, 200]) {
    for (let now = 5000; now < 25_000; now += 37) {
      const shown = chartOf(model, view(width, 8, { now: START + now, since: START - 20 }));
      assertEquals([shown[0], shown.at(-1)], ["U", "▔"], `${now} ms on ${width} columns`);
    }
  }
});

Deno.test("timeline: the columns that somebody chose stay as they are", () => {
  const model = new Model(true, at(0));
  assertEquals(shownScale(model, view(80, 8, { now: 100, scale: 500 })), 500);
  assertEquals(shownScale(model, view(80, 8, { now: 100, scale: 500, since: undefined })), 500);
});

Deno.test("timeline: what every terminal can show", () => {
  const lines = render(scenario(), view(80, 12, { glyphs: TYPED })).map((line) => painted(line, false).split("\x1b"));
  assertEquals(
    lines.slice(1, 4).map(([first, ...more]) => first + more.map((one) => one.replace(/^\[[0-9;]*m/, "")).join("")),
    [
      "lo          U?                     U?--------------------------------------- 0+0",
      "eth0        Uu                     Uu--------|Ud___|Uu---|D|Uu---#---------- 4+0",
      'wlan0       Uo                     Ud__|Uu"foo"--------*8"bar"-------Uo----- 1+8',
    ],
  );
  for (const line of lines.flat()) assert(/^[\x20-\x7e]*$/.test(line), line);
});

Deno.test("timeline: colours say the same as letters, and are left out where they are not wanted", () => {
  const [, , , wlan0] = render(scenario(), view(80, 12));
  const tones = wlan0!.map(({ tone }) => tone).filter((tone, i, all) => tone !== all[i - 1]);
  assertEquals(tones, ["doubtful", "plain", "off", "bad", "good", "mark", "good", "doubtful", "plain"]);
  const text = painted(wlan0!, true);
  assertEquals(text.includes("\x1b["), !Deno.noColor);
});

Deno.test("timeline: no line is wider or lower than the terminal, however small that is, whatever happened", () => {
  withSeed((random) => {
    for (let i = 0; i < 200; i++) {
      const model = new Model(true, at(0));
      const names = ["eth0", "名前名前名前", "e\u0301e\u0301", "\x1b\u202e", "x".repeat(15)];
      for (let index = 1; index <= random.below(8); index++) {
        const teller = new Teller(model, random.pick(names), index, UP);
        for (let at = 1; at < random.below(60); at++) {
          const ssid = random.pick(["", "foo", "ネットワーク", '"\\', "a".repeat(32)]);
          teller.at(at, { ...random.pick([UP, NO_CARRIER]), ssid, carrierChanges: at * random.pick([1, 3, 400]) });
        }
        if (random.below(4) === 0) teller.gone(60);
      }
      const [width, height] = [random.below(100), random.below(30)];
      const log = [{ text: "名".repeat(random.below(90)), tone: "plain" }] as const;
      const lines = render(model, view(width, height, { log, scale: random.pick([100, 1000, 60_000]) }));
      assert(lines.length <= height, `${lines.length} of ${height} lines`);
      for (const line of lines) {
        const text = textOf(line);
        assert(unicodeWidth(text) <= width, `"${text}" in ${width} columns`);
        assert(!/\p{Cc}/u.test(text), text);
      }
    }
  });
});

Deno.test("timeline: on few lines the interfaces come first, and those that find no place are counted", () => {
  assertEquals(picture(scenario(), view(40, 3)).map((line) => line.slice(0, 12)), [
    "lo         U",
    "eth0       U",
    "and 2 more",
  ]);
  assertEquals(picture(scenario(), view(12, 4)), [
    "lo   U?",
    "eth0 Uu",
    "wla… Uo",
    "tap… --",
  ]);
});
