import { unicodeWidth } from "@std/cli/unicode-width";
import { plain } from "../terminal/output.ts";
import { cut } from "../terminal/table.ts";
import { chartOf, type Glyphs, type Span } from "./cells.ts";
import { columnsOf } from "./columns.ts";
import { LETTERS_HELP } from "./event.ts";
import type { Model, Row } from "./model.ts";
import { duration, ticksOf } from "./time.ts";

export type ScreenLine = readonly Span[];

/** What of it is looked at, and on what. */
export interface View {
  readonly width: number;
  readonly height: number;
  /** The right end, by the steady clock of the model. */
  readonly now: number;
  /** How many milliseconds a column is; with `since`, at the most. */
  readonly scale: number;
  /** If what happened since then needs less than the picture's columns, they are so much narrower that it fills them. */
  readonly since?: number | undefined;
  readonly glyphs: Glyphs;
  /** How far the wall clock is ahead of that: the axis shows its times. */
  readonly ahead: number;
  /** What was reported, in words, the last one last. */
  readonly log: readonly Span[];
}

/** The least that a picture is of use with. */
const LEAST_CHART = 10;
const MOST_NAME = 24;
/** Lines that are kept for the log where there are more interfaces than lines. */
const LEAST_LOG = 4;

function padded(text: string, width: number): string {
  const short = cut(text, width);
  return short + " ".repeat(Math.max(0, width - unicodeWidth(short)));
}

function flapsText({ flaps: { seen, hidden } }: Row): string {
  return `${seen}+${hidden}`;
}

/** How the columns are shared out; without `chart` there is no room for a picture. */
interface Layout {
  readonly name: number;
  readonly chart: number;
  readonly flaps: number;
}

/** The name, a space, two letters, a space, the picture, a space, the counts. */
function layOut(rows: readonly Row[], width: number): Layout {
  const longest = Math.max(4, ...rows.map((row) => unicodeWidth(plain(row.name))));
  const name = Math.min(longest, MOST_NAME, Math.max(4, Math.floor(width / 4)));
  const flaps = Math.max(3, ...rows.map((row) => flapsText(row).length));
  const left = width - name - 4;
  if (left - flaps - 1 >= LEAST_CHART) return { name, flaps, chart: left - flaps - 1 };
  return { name, flaps: 0, chart: left >= LEAST_CHART ? left : 0 };
}

/** A column is no narrower than so many milliseconds. */
const LEAST_COLUMN = 10;

/** The time that the columns of a picture show. */
interface Window {
  /** Where the first column begins. */
  readonly from: number;
  /** How many milliseconds a column is. */
  readonly scale: number;
}

/** A view, and what its columns show. */
type Shown = View & Window;

/** What so many columns show. They end at multiples of their width, so that a picture moves by whole ones. */
function windowOf({ now, scale: most, since }: View, chart: number): Window {
  const filling = since === undefined ? most : (now - since) / (chart - 1);
  if (since !== undefined && filling > LEAST_COLUMN && filling < most) return { from: since, scale: filling };
  const scale = Math.min(most, Math.max(LEAST_COLUMN, filling));
  return { from: (Math.floor(now / scale) + 1 - chart) * scale, scale };
}

/** How many milliseconds a column of the picture is that {@linkcode render} makes. */
export function shownScale(model: Model, view: View): number {
  const { chart } = layOut(model.rows(), view.width);
  return chart === 0 ? view.scale : windowOf(view, chart).scale;
}

function rowLine(row: Row, layout: Layout, view: Shown): ScreenLine {
  const look = row.steps.at(-1)!.look;
  const state: Span = { text: look?.letters ?? "--", tone: look?.tone ?? "off" };
  const name: Span = { text: `${padded(plain(row.name), layout.name)} `, tone: state.tone };
  if (layout.chart === 0) return [name, state];
  const chart = chartOf(columnsOf(row, view.from, view.scale, layout.chart), view.glyphs);
  const flaps: Span = { text: layout.flaps > 0 ? ` ${flapsText(row).padStart(layout.flaps)}` : "", tone: "plain" };
  return [name, state, { text: " ", tone: "plain" }, ...chart, flaps];
}

function axisLine({ name, chart }: Layout, view: Shown): ScreenLine {
  const from = view.from + view.ahead;
  let text = "";
  for (const { time, label } of ticksOf(from, from + chart * view.scale, 12 * view.scale)) {
    const at = Math.floor((time - from) / view.scale);
    if (at >= text.length && at + label.length < chart) text = text.padEnd(at) + view.glyphs.tick + label;
  }
  return [{ text: " ".repeat(name + 4) + text, tone: "off" }];
}

function titleLine(count: number, { flaps }: Layout, { width, scale }: View): ScreenLine {
  const left = `${count} interface${count === 1 ? "" : "s"}, a column is ${duration(scale)}; q ends, + and - zoom`;
  const right = flaps > 0 ? "flaps seen+hidden" : "";
  if (unicodeWidth(left) + right.length + 2 > width) return [{ text: cut(left, width), tone: "plain" }];
  return [{ text: left + right.padStart(width - left.length), tone: "plain" }];
}

/** As much of it as there is room for. */
function legendLine({ high, low, hidden }: Glyphs, width: number): ScreenLine {
  const signs = `${high} carrier, ${low} none, ${hidden}N N hidden changes; `;
  const short = `${high}${low} carrier, ${hidden}N hidden; U/D admin; u up d down l lower down o dormant ? unknown`;
  const text = [signs + LETTERS_HELP, short].find((one) => unicodeWidth(one) <= width) ?? short;
  return [{ text: cut(text, width), tone: "off" }];
}

/** Rows that are there before those that are gone: these are the first to find no place. */
function inOrder(rows: readonly Row[]): Row[] {
  const there = rows.filter(({ gone }) => gone === undefined);
  return [...there, ...rows.filter(({ gone }) => gone !== undefined)];
}

/**
 * What a terminal of a size shows of what happened: a line for each interface, the time below them, and below that what
 * was reported last. Where there are few lines, the interfaces come first; where there are few columns, their names and states.
 */
export function render(model: Model, wanted: View): ScreenLine[] {
  const { width, height, log } = wanted;
  if (width < 1 || height < 1) return [];
  const rows = inOrder(model.rows());
  const layout = layOut(rows, width);
  const view: Shown = { ...wanted, ...(layout.chart === 0 ? { from: wanted.now } : windowOf(wanted, layout.chart)) };
  const title = height >= 6;
  const axis = height >= 5 && layout.chart > 0;
  const legend = height >= 10;
  const free = height - Number(title) - Number(axis) - Number(legend);
  const most = Math.max(1, height >= 12 ? free - LEAST_LOG : free);
  const shown = rows.length <= most ? rows : rows.slice(0, most - 1);
  const left = rows.length - shown.length + model.leftOut;
  const lines: ScreenLine[] = [
    ...(title ? [titleLine(rows.length, layout, view)] : []),
    ...shown.map((row) => rowLine(row, layout, view)),
  ];
  if (rows.length > shown.length) lines.push([{ text: cut(`and ${left} more`, width), tone: "off" }]);
  if (axis) lines.push(axisLine(layout, view));
  const logged = Math.max(0, height - lines.length - Number(legend));
  const reported = logged === 0 ? [] : log.slice(-logged);
  for (const { text, tone } of reported) lines.push([{ text: cut(text, width), tone }]);
  while (legend && lines.length < height - 1) lines.push([]);
  if (legend) lines.push(legendLine(view.glyphs, width));
  return lines.map((line) => fitted(line, width)).slice(0, height);
}

/** A line that is no wider than the screen, however narrow that is. */
function fitted(line: ScreenLine, width: number): ScreenLine {
  let left = width;
  return line.map(({ text, tone }) => {
    const short = left > 0 ? cut(text, left) : "";
    left -= unicodeWidth(short);
    return { text: short, tone };
  }).filter(({ text }) => text !== "");
}

/** A line's text alone. */
export function textOf(line: ScreenLine): string {
  return line.map(({ text }) => text).join("");
}
