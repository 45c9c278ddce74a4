import { unicodeWidth } from "@std/cli/unicode-width";
import { wrap } from "./wrap.ts";

/** A column: its heading, its cells, and how readily it is left out where the terminal is too narrow. */
export interface Column {
  readonly heading: string;
  readonly cells: readonly string[];
  /** Columns with a number are left out if they do not fit, the lowest first; those without never are. */
  readonly optional?: number;
  /** The last column is cut rather than left out, but not below this: by default 12. */
  readonly least?: number;
  /** Whether the last column is broken into lines in place of being cut. */
  readonly wraps?: boolean;
  /** Turns a finished, padded cell into what is printed, without changing its width. */
  readonly paint?: (cell: string, row: number) => string;
}

const GAP = 2;
/** The least width of the last column, where it says nothing else. */
const LEAST_LAST = 12;

/** How many columns of a terminal a text takes. Of ASCII, the tables of Unicode need not be asked. */
function textWidth(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : unicodeWidth(text);
}

function widthOf(column: Column): number {
  return Math.max(textWidth(column.heading), ...column.cells.map((cell) => textWidth(cell)));
}

/** A text cut to so many columns of a terminal, with "…" in the place of what is left out. */
export function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = "";
  for (const char of text) {
    if (textWidth(kept + char) > width - 1) break;
    kept += char;
  }
  return `${kept}…`;
}

function painted({ paint }: Column, text: string, line: number): string {
  return line === 0 || paint === undefined ? text : paint(text, line - 1);
}

/** How much room columns need, the last of them cut as far as it may be. */
function needed(columns: readonly Column[]): number {
  const last = columns.at(-1)!;
  return columns.slice(0, -1).reduce((sum, column) => sum + widthOf(column) + GAP, 0) +
    Math.min(last.least ?? LEAST_LAST, widthOf(last));
}

/** Those of the columns that fit, in their order. A narrow one may stand where a more important one is too wide. */
function fitting(columns: readonly Column[], width: number): readonly Column[] {
  let shown = columns.filter(({ optional }) => optional === undefined);
  const byNeed = columns.filter(({ optional }) => optional !== undefined)
    .sort((a, b) => a.optional! - b.optional!).reverse();
  for (const one of byNeed) {
    const more = columns.filter((column) => column === one || shown.includes(column));
    if (needed(more) <= width) shown = more;
  }
  return shown;
}

/** Lays a table out in at most `width` columns; without a width as wide as it needs to be. */
export function formatTable(columns: readonly Column[], width: number | undefined): string[] {
  const shown = width === undefined ? columns : fitting(columns, width);
  const widths = shown.map(widthOf);
  const indent = widths.slice(0, -1).reduce((sum, one) => sum + one + GAP, 0);
  const room = width === undefined ? Infinity : width - indent;
  const rows = shown[0]?.cells.length ?? 0;
  return Array.from({ length: rows + 1 }, (_, line) => line).flatMap((line) => {
    const before = shown.slice(0, -1).map((column, i) => {
      const text = line === 0 ? column.heading : column.cells[line - 1]!;
      return painted(column, text, line) + " ".repeat(widths[i]! - textWidth(text) + GAP);
    }).join("");
    const last = shown.at(-1)!;
    const text = line === 0 ? last.heading : last.cells[line - 1]!;
    if (!last.wraps) return [before + painted(last, cut(text, Math.max(1, room)), line)];
    const [first, ...more] = wrap(text, Math.max(1, room));
    return [before + painted(last, first!, line), ...more.map((one) => " ".repeat(indent) + one)];
  });
}
