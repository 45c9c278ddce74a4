import { type Look, sameLook } from "./event.ts";
import type { Row } from "./model.ts";

/** What was so in one column of a picture. */
export interface Column {
  /** How it looked at its end; undefined where the interface was not there. */
  look: Look | undefined;
  /** How often the line rose or fell in it. */
  turns: number;
  /** Hidden changes of the carrier in it. */
  hidden: number;
}

/** An interface's past as columns: the first begins at a place of the steady clock, each is so many milliseconds wide. */
export function columnsOf(row: Row, from: number, width: number, count: number): Column[] {
  const columns: Column[] = [];
  const { steps } = row;
  let at = 0;
  let look: Look | undefined;
  while (at < steps.length && steps[at]!.at < from) look = steps[at++]!.look;
  for (let i = 0; i < count; i++) {
    const end = from + (i + 1) * width;
    const column: Column = { look, turns: 0, hidden: 0 };
    for (; at < steps.length && steps[at]!.at < end; at++) {
      const step = steps[at]!;
      look = column.look = step.look;
      column.turns += step.turns;
      column.hidden += step.hidden;
    }
    columns.push(column);
  }
  return columns;
}

/** Columns side by side that look the same. */
export interface Run {
  readonly from: number;
  /** The first column behind it. */
  to: number;
  readonly look: Look;
}

/** What looks the same, in one piece; where there is nothing, there is none. */
export function runsOf(columns: readonly Column[]): Run[] {
  const runs: Run[] = [];
  columns.forEach(({ look }, i) => {
    const last = runs.at(-1);
    if (last !== undefined && last.to === i && sameLook(last.look, look)) last.to++;
    else if (look !== undefined) runs.push({ from: i, to: i + 1, look });
  });
  return runs;
}
