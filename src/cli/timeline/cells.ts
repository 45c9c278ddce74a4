import { unicodeWidth } from "@std/cli/unicode-width";
import { quoted } from "../terminal/output.ts";
import { cut } from "../terminal/table.ts";
import { type Column, runsOf } from "./columns.ts";
import type { Look, Tone } from "./event.ts";

/** A piece of a line in one colour. */
export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

/** What lines are drawn with, one column each. */
export interface Glyphs {
  readonly high: string;
  readonly low: string;
  /** Where there is no telling. */
  readonly level: string;
  /** The carrier came or went. */
  readonly edge: string;
  /** It did so several times within a column. */
  readonly busy: string;
  /** It did so, and no event showed it. */
  readonly hidden: string;
  readonly tick: string;
}

/** What any terminal with UTF-8 has. */
export const DRAWN: Glyphs = { high: "▔", low: "▁", level: "─", edge: "│", busy: "▒", hidden: "◆", tick: "╵" };
/** What every terminal has. */
export const TYPED: Glyphs = { high: "-", low: "_", level: ".", edge: "|", busy: "#", hidden: "*", tick: "'" };

/** A network's name may be cut, but not below this. */
const LEAST_LABEL = 4;

interface Cell {
  text: string;
  tone: Tone;
  /** Whether something stands here that a text may not cover. */
  taken: boolean;
}

function cellOf({ look, turns, hidden }: Column, glyphs: Glyphs): Cell {
  const { high, low, level, edge, busy } = glyphs;
  const taken = turns + hidden > 0;
  const line = look === undefined ? " " : look.carrier === undefined ? level : look.carrier ? high : low;
  if (hidden > 0) return { text: glyphs.hidden, tone: "mark", taken };
  return { text: turns === 0 ? line : turns === 1 ? edge : busy, tone: look?.tone ?? "off", taken };
}

/** How many columns from one on, up to a limit, a text may cover. */
function room(cells: readonly Cell[], from: number, to: number): number {
  let end = from;
  while (end < to && !cells[end]!.taken) end++;
  return end - from;
}

/** Writes over what is there; a character that is two columns wide takes the next one, too. */
function write(cells: readonly Cell[], at: number, text: string, tone?: Tone): void {
  for (const char of text) {
    const width = unicodeWidth(char);
    const cell = cells[width === 0 ? at - 1 : at];
    if (cell === undefined) return;
    if (width === 0) cell.text += char;
    else cell.text = char;
    if (width === 2) cells[at + 1]!.text = "";
    for (let i = at; i < at + width; i++) {
      cells[i]!.taken = true;
      cells[i]!.tone = tone ?? cell.tone;
    }
    at += width;
  }
}

/** The first columns of a run that a text can cover, if there are so many; else the first that it can cover at all. */
function place(cells: readonly Cell[], from: number, to: number, width: number): readonly [at: number, room: number] {
  let first: readonly [number, number] = [from, 0];
  for (let at = from; at < to; at++) {
    const free = room(cells, at, to);
    if (free >= width) return [at, free];
    if (first[1] === 0) first = [at, free];
    at += free;
  }
  return first;
}

/** The label of a network that is new, and its width. */
function labelOf(ssid: string | undefined): readonly [text: string, width: number] {
  const text = ssid === undefined ? "" : quoted(ssid);
  return [text, unicodeWidth(text)];
}

/** Letters where they are new, of which one is enough for what does not work; and networks. */
function writeLooks(cells: readonly Cell[], columns: readonly Column[]): void {
  let before: Look | undefined;
  let ssid: string | undefined;
  for (const { from, to, look } of runsOf(columns)) {
    const [label, wide] = look.ssid === ssid ? labelOf(undefined) : labelOf(look.ssid);
    let start = from;
    if (look.letters !== before?.letters) {
      const [at, free] = place(cells, from, to, look.letters.length + wide);
      const one = look.tone === "off" ? look.letters.slice(0, 1) : look.tone === "good" ? "" : look.letters.slice(1);
      // That it works is said by its network, too.
      const dropped = look.tone === "good" && free < look.letters.length + wide && free >= LEAST_LABEL && wide > 0;
      const text = dropped ? "" : free >= look.letters.length ? look.letters : free > 0 ? one : "";
      write(cells, at, text);
      if (text !== "") start = at + text.length;
    }
    before = look;
    const [at, free] = place(cells, start, to, wide);
    if (free < Math.min(LEAST_LABEL, wide)) continue;
    write(cells, at, cut(label, free));
    ssid = look.ssid;
  }
}

/** How many columns before one may be covered. */
function roomBefore(cells: readonly Cell[], to: number): number {
  let from = to;
  while (from > 0 && !cells[from - 1]!.taken) from--;
  return to - from;
}

/** The numbers of hidden changes; where there is no room, the next mark's number holds this one's, too. */
function writeNumbers(cells: readonly Cell[], columns: readonly Column[]): void {
  let count = 0;
  columns.forEach(({ hidden }, i) => {
    if (hidden === 0) return;
    count += hidden;
    const digits = String(count);
    const behind = room(cells, i + 1, cells.length) >= digits.length;
    if (!behind && roomBefore(cells, i) < digits.length) return;
    write(cells, behind ? i + 1 : i - digits.length, digits, "mark");
    count = 0;
  });
}

/** An interface's past as a piece of a line, a column's width for each column. */
export function chartOf(columns: readonly Column[], glyphs: Glyphs): Span[] {
  const cells = columns.map((column) => cellOf(column, glyphs));
  writeNumbers(cells, columns); // first: letters find another place
  writeLooks(cells, columns);
  const spans: { text: string; tone: Tone }[] = [];
  for (const { text, tone } of cells) {
    const last = spans.at(-1);
    if (last?.tone === tone) last.text += text;
    else spans.push({ text, tone });
  }
  return spans;
}
