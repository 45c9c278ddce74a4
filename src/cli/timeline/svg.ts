import { unicodeWidth } from "@std/cli/unicode-width";
import { plain, quoted } from "../terminal/output.ts";
import { cut } from "../terminal/table.ts";
import { type Column, columnsOf, type Run, runsOf } from "./columns.ts";
import type { Moment } from "../../../platforms/contract/clock.ts";
import { LETTERS_HELP, type Tone } from "./event.ts";
import type { Model, Row } from "./model.ts";
import { duration, shortTime, ticksOf } from "./time.ts";

/** All in the picture's units, of which its width has a thousand. */
const WIDTH = 1000;
const LEFT = 190;
const CHART = 690;
/** What happened last is seen to last so long. */
const END = 8;
const TOP = 64;
const ROW = 44;
/** Where in its row an interface's line runs with a carrier, and without. */
const [HIGH, LOW] = [14, 36] as const;
const [LETTER, SMALL] = [7.3, 6.7] as const;
/** As many rows as can be looked at. */
const MOST_ROWS = 200;

const STYLE = `
svg { background: #fff; }
.ground { fill: #fff; } text { fill: #1f2328; font: 12px "DejaVu Sans Mono", Menlo, Consolas, monospace; }
.title { font-size: 15px; font-weight: bold; } .small { font-size: 11px; } .faint { fill: #59636e; }
.grid { stroke: #d1d9e0; } .line { fill: none; stroke-width: 2.5; } .busy { stroke-width: 1; stroke-opacity: .55; }
.good { stroke: #1a7f37; } .bad { stroke: #cf222e; } .doubtful { stroke: #9a6700; } .off { stroke: #818b98; }
.mark { fill: #8250df; } text.mark { font-weight: bold; }
@media (prefers-color-scheme: dark) {
svg { background: #0d1117; }
.ground { fill: #0d1117; } text { fill: #f0f6fc; } .faint { fill: #9198a1; } .grid { stroke: #3d444d; }
.good { stroke: #3fb950; } .bad { stroke: #f85149; } .doubtful { stroke: #d29922; } .off { stroke: #9198a1; }
.mark { fill: #ab7df8; }
}`;

/** A text that comes from outside, fit for XML: what may not stand there at all is U+FFFD. */
function escaped(text: string): string {
  return text.replace(/[\ufffe\uffff]/g, "\ufffd").replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

function text(x: number, y: number, content: string, classes = "", anchor = "start"): string {
  const attributes = `${classes && ` class="${classes}"`}${anchor === "start" ? "" : ` text-anchor="${anchor}"`}`;
  return `<text x="${x}" y="${y}"${attributes}>${escaped(content)}</text>`;
}

/** A name in at most so many columns, with the whole of it for who asks. */
function nameText(y: number, name: string): string {
  const short = cut(name, 19);
  const whole = short === name ? "" : `<title>${escaped(name)}</title>`;
  return `<text x="16" y="${y}">${escaped(short)}${whole}</text>`;
}

function levelOf(carrier: boolean | undefined): number {
  return carrier === undefined ? (HIGH + LOW) / 2 : carrier ? HIGH : LOW;
}

function lines(runs: readonly Run[], columns: readonly Column[], top: number): string[] {
  const paths = runs.map(({ from, to, look }, i) => {
    const before = runs[i - 1];
    const level = top + levelOf(look.carrier);
    const joined = before !== undefined && before.to === from;
    const start = joined
      ? `M${LEFT + from} ${top + levelOf(before.look.carrier)}V${level}`
      : `M${LEFT + from} ${level}`;
    return `<path class="line ${look.tone}" d="${start}H${LEFT + to}"/>`;
  });
  const busy = new Map<Tone, string>();
  columns.forEach(({ turns, look }, i) => {
    if (turns < 2) return;
    const tone = look?.tone ?? "off";
    busy.set(tone, `${busy.get(tone) ?? ""}M${LEFT + i + 0.5} ${top + HIGH}V${top + LOW}`);
  });
  return [...paths, ...[...busy].map(([tone, path]) => `<path class="line busy ${tone}" d="${path}"/>`)];
}

/** Letters and networks, where there is room for them. */
function labels(runs: readonly Run[], top: number): string[] {
  let letters = "";
  let ssid: string | undefined;
  return runs.flatMap(({ from, to, look }) => {
    const network = look.ssid === undefined || look.ssid === ssid ? "" : quoted(look.ssid);
    const state = look.letters === letters ? "" : look.letters;
    const both = [state, network].filter((one) => one !== "").join(" ");
    const room = Math.floor((to - from - 6) / SMALL);
    const shown = unicodeWidth(both) <= room ? both : room > 4 ? cut(both, room) : state.length <= room ? state : "";
    if (shown === "") return [];
    letters = look.letters;
    if (shown.length > state.length) ssid = look.ssid;
    return [text(LEFT + from + 4, top + 29, shown, "small")];
  });
}

/** Hidden changes: a mark for those that are so near that their numbers would run into each other. */
function marks(columns: readonly Column[], top: number): string[] {
  const found: { readonly x: number; count: number }[] = [];
  columns.forEach(({ hidden }, x) => {
    if (hidden === 0) return;
    const last = found.at(-1);
    if (last !== undefined && x - last.x < 14 + LETTER * String(last.count).length) last.count += hidden;
    else found.push({ x, count: hidden });
  });
  return found.map(({ x, count }) => {
    const left = x > CHART - 60;
    return `<circle class="mark" cx="${LEFT + x}" cy="${top + 5}" r="3.5"/>` +
      text(LEFT + x + (left ? -6 : 6), top + 9, String(count), "mark small", left ? "end" : "start");
  });
}

function rowLines(row: Row, from: number, scale: number, top: number): string[] {
  const columns = columnsOf(row, from, scale, CHART);
  const runs = runsOf(columns);
  const { seen, hidden } = row.flaps;
  const now = row.gone === undefined ? row.steps.at(-1)!.look?.letters ?? "" : "gone";
  return [
    nameText(top + 22, plain(row.name)),
    text(16, top + 36, now, "small faint"),
    ...lines(runs, columns, top),
    ...labels(runs, top),
    ...marks(columns, top),
    text(WIDTH - 12, top + 22, `${seen} seen`, "small", "end"),
    text(WIDTH - 12, top + 36, `${hidden} hidden`, "small", "end"),
  ];
}

function legend(y: number): string[] {
  const tones = [["good", "connected"], ["bad", "not connected"], ["doubtful", "waiting, or not known"], [
    "off",
    "administratively down",
  ]] as const;
  const lines: string[] = [];
  let x = 16;
  for (const [tone, words] of tones) {
    lines.push(`<path class="line ${tone}" d="M${x} ${y - 4}h22"/>`, text(x + 28, y, words, "small"));
    x += 52 + words.length * SMALL;
  }
  lines.push(
    `<circle class="mark" cx="${x + 4}" cy="${y - 4}" r="3.5"/>`,
    text(x + 14, y, "changes of the carrier", "small"),
  );
  lines.push(text(x + 14, y + 18, "that no event showed", "small"));
  return [
    ...lines,
    text(16, y + 18, "The line is high with a carrier, and low without.", "small"),
    text(16, y + 36, LETTERS_HELP, "small"),
  ];
}

/** The whole of what happened, until a moment, as a picture. Its times are by the wall clock as it was set then. */
export function svgOf(model: Model, end: Moment): string {
  const { elapsed: start } = model.start ?? end;
  const to = Math.max(end.elapsed, start + 1);
  const ahead = model.wall(end) - end.elapsed;
  const scale = (to - start) / (CHART - END);
  const span = `${shortTime(model.wall(model.start ?? end))} to ${shortTime(to + ahead)}`;
  const every = model.rows();
  const rows = every.slice(0, MOST_ROWS);
  const bottom = TOP + rows.length * ROW;
  const more = every.length - rows.length + model.leftOut;
  const height = bottom + 116;
  const ticks = ticksOf(start + ahead, to + ahead, scale * 84);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>netflags report, ${escaped(span)}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" width="${WIDTH}" height="${height}"/>`,
    text(16, 26, "netflags report", "title"),
    text(16, 46, `${span}: ${duration(to - start)}`, "faint"),
    text(WIDTH - 12, 46, "carrier changes", "small faint", "end"),
    ...ticks.flatMap(({ time, label }) => {
      const x = Math.round(LEFT + (time - ahead - start) / scale);
      const anchor = x > LEFT + CHART - 30 ? "end" : x < LEFT + 30 ? "start" : "middle";
      return [`<path class="grid" d="M${x} ${TOP - 4}V${bottom + 4}"/>`, text(x, bottom + 18, label, "small", anchor)];
    }),
    ...rows.flatMap((row, i) => rowLines(row, start, scale, TOP + i * ROW)),
    ...(more > 0 ? [text(16, bottom + 38, `and ${more} more`, "small faint")] : []),
    ...legend(bottom + 62),
    "</svg>",
    "",
  ].join("\n");
}
