/**
 * Draws growth.json as growth.svg, both in this folder: time by the number of links, both axes logarithmic.
 *
 *   deno run -A bench/plot.ts
 */
import { run } from "./compare/programs.ts";
import type { Growth, Point, Series, Unit } from "./growth.ts";

/** A picture's part with axes of its own. */
interface Panel {
  readonly unit: Unit;
  readonly title: string;
  /** The edges of the plot itself; text stands around it. */
  readonly left: number;
  readonly right: number;
}

/** From a value to a place in the picture. */
type Scale = (value: number) => number;

const WIDTH = 900;
const HEIGHT = 420;
const TOP = 92;
const BOTTOM = 336;

const PANELS: readonly Panel[] = [
  { unit: "µs per link", title: "Listing all links", left: 70, right: 320 },
  { unit: "ns per message", title: "Decoding from memory", left: 554, right: 780 },
];

/** Each is told from its neighbours in grey as well, by its marker and its label. */
const COLOURS: Readonly<Record<string, string>> = {
  receive: "#1a7f37",
  links: "#8250df",
  list: "#0969da",
  ip: "#57606a",
  status: "#bc4c00",
};

/** How much of the axis, as a power of ten, is left free beside the first and the last point. */
const MARGIN = 0.12;
const LABEL_GAP = 16;
const RADIUS = 3.5;

function logScale(from: number, to: number, start: number, end: number): Scale {
  const low = Math.log10(from);
  const span = Math.log10(to) - low;
  return (value) => start + (end - start) * (Math.log10(value) - low) / span;
}

/** 1, 2 and 5 of each power of ten, from the last at or below the least value to the first at or above the greatest. */
function ticks(least: number, greatest: number): number[] {
  const steps: number[] = [];
  for (let power = Math.floor(Math.log10(least)); 10 ** power <= greatest * 10; power++) {
    steps.push(...[1, 2, 5].map((step) => step * 10 ** power));
  }
  const first = steps.findLastIndex((step) => step <= least);
  const last = steps.findIndex((step) => step >= greatest);
  return steps.slice(first, last + 1);
}

function powersOfTen(least: number, greatest: number): number[] {
  return ticks(least, greatest).filter((tick) => Number.isInteger(Math.log10(tick)) && tick >= least);
}

function plain(value: number): string {
  return value.toLocaleString("en-US");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** Tenths of a pixel are enough, and do not change with each rounding. */
function at(place: number): string {
  return String(Math.round(place * 10) / 10);
}

function text(x: number, y: number, content: string, more = ""): string {
  return `<text x="${at(x)}" y="${at(y)}"${more}>${escape(content)}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number, kind: string): string {
  return `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" class="${kind}"/>`;
}

function axes(
  { unit, title, left, right }: Panel,
  across: readonly number[],
  up: readonly number[],
  x: Scale,
  y: Scale,
): string[] {
  return [
    text(left, TOP - 14, title, ' class="head"'),
    ...up.flatMap((tick) => [
      line(left, y(tick), right, y(tick), "grid"),
      text(left - 8, y(tick) + 4, plain(tick), ' text-anchor="end"'),
    ]),
    ...across.flatMap((tick) => [
      line(x(tick), BOTTOM, x(tick), BOTTOM + 5, "axis"),
      text(x(tick), BOTTOM + 19, plain(tick), ' text-anchor="middle"'),
    ]),
    line(left, BOTTOM, right, BOTTOM, "axis"),
    line(left, TOP, left, BOTTOM, "axis"),
    text((left + right) / 2, BOTTOM + 40, "number of links", ' text-anchor="middle"'),
    text(0, 0, unit, ` text-anchor="middle" transform="translate(${left - 48} ${(TOP + BOTTOM) / 2}) rotate(-90)"`),
  ];
}

function places(points: readonly Point[], x: Scale, y: Scale, of: (point: Point) => number): string[] {
  return points.map((point) => `${at(x(point.links))},${at(y(of(point)))}`);
}

/** The line of the medians, and behind it the band in which eight of ten rounds lie. */
function curve({ id, points }: Series, x: Scale, y: Scale): string[] {
  const colour = COLOURS[id] ?? "#1f2328";
  const low = places(points, x, y, ({ p10 }) => p10);
  const high = places(points, x, y, ({ p90 }) => p90);
  return [
    `<polygon points="${[...low, ...high.toReversed()].join(" ")}" fill="${colour}" fill-opacity="0.15"/>`,
    `<polyline points="${places(points, x, y, ({ median }) => median).join(" ")}" class="line" stroke="${colour}"/>`,
    ...points.map(({ links, median }) =>
      `<circle cx="${at(x(links))}" cy="${at(y(median))}" r="${RADIUS}" fill="${colour}"/>`
    ),
  ];
}

/** Where labels stand that would stand at these heights, were it not for each other: as near as the gap allows. */
function apart(heights: readonly number[]): number[] {
  const order = heights.map((_, i) => i).sort((a, b) => heights[a]! - heights[b]!);
  let groups: { readonly members: readonly number[]; readonly centre: number }[] = [];
  for (const i of order) {
    let group = { members: [i], centre: heights[i]! };
    // Those that touch become one group around the mean of its places, which may touch the one before in turn.
    for (let above = groups.at(-1); above !== undefined; above = groups.at(-1)) {
      const room = (above.members.length + group.members.length) * LABEL_GAP / 2;
      if (group.centre - above.centre >= room) break;
      groups = groups.slice(0, -1);
      const members = [...above.members, ...group.members];
      group = { members, centre: members.reduce((sum, member) => sum + heights[member]!, 0) / members.length };
    }
    groups.push(group);
  }
  const placed = [...heights];
  for (const { members, centre } of groups) {
    members.forEach((member, k) => placed[member] = centre + (k - (members.length - 1) / 2) * LABEL_GAP);
  }
  return placed;
}

/** The names at the ends of the lines, each joined to its end, as it may stand a little above or below. */
function labels(series: readonly Series[], right: number, x: Scale, y: Scale): string[] {
  const ends = series.map(({ points }) => points.at(-1)!);
  const heights = apart(ends.map(({ median }) => y(median)));
  return series.flatMap(({ id, name }, i) => {
    const { links, median } = ends[i]!;
    const colour = COLOURS[id] ?? "#1f2328";
    return [
      `<line x1="${at(x(links) + RADIUS + 1)}" y1="${at(y(median))}" x2="${at(right + 8)}" y2="${at(heights[i]!)}" ` +
      `stroke="${colour}" stroke-width="1"/>`,
      text(right + 12, heights[i]! + 4, name, ` fill="${colour}" class="label"`),
    ];
  });
}

function draw(panel: Panel, all: readonly Series[]): string[] {
  const series = all.filter(({ unit }) => unit === panel.unit);
  const points = series.flatMap(({ points }) => points);
  const sizes = points.map(({ links }) => links);
  const [least, greatest] = [Math.min(...sizes), Math.max(...sizes)];
  const up = ticks(Math.min(...points.map(({ p10 }) => p10)), Math.max(...points.map(({ p90 }) => p90)));
  const x = logScale(least / 10 ** MARGIN, greatest * 10 ** MARGIN, panel.left, panel.right);
  const y = logScale(up[0]!, up.at(-1)!, BOTTOM, TOP);
  return [
    ...axes(panel, powersOfTen(least, greatest), up, x, y),
    ...series.flatMap((one) => curve(one, x, y)),
    ...labels(series, panel.right, x, y),
  ];
}

// Without a background of its own the picture could not be read on a dark page.
const STYLE = `
text { font: 12px -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; }
text:not([fill]) { fill: #1f2328; }
text.title { font-size: 16px; font-weight: 600; }
text.head { font-size: 13px; font-weight: 600; }
text.label { font-weight: 600; }
text.small { font-size: 11px; fill: #57606a; }
.grid { stroke: #d8dee4; stroke-width: 1; }
.axis { stroke: #57606a; stroke-width: 1; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
`;

function picture({ machine, series }: Growth): string {
  const title = "netflags: time per link by the number of links";
  const where = [machine["CPU"], machine["kernel"], `Deno ${machine["Deno"]}`, machine["date"]].join(" · ");
  const description = "Median of all rounds; band: 10th to 90th percentile; both axes logarithmic.";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<desc>${escape(description)}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="6" fill="#ffffff"/>`,
    text(20, 30, title, ' class="title"'),
    text(20, 50, description, ' class="small"'),
    ...PANELS.flatMap((panel) => draw(panel, series)),
    text(20, HEIGHT - 14, where, ' class="small"'),
    "</svg>",
    "",
  ].join("\n");
}

if (import.meta.main) {
  const growth: Growth = JSON.parse(Deno.readTextFileSync(new URL("growth.json", import.meta.url)));
  const file = new URL("growth.svg", import.meta.url).pathname;
  Deno.writeTextFileSync(file, picture(growth));
  // The check of the format looks at pictures too.
  const { ok, error } = await run([Deno.execPath(), "fmt", "--quiet", file]);
  if (!ok) {
    console.error(error);
    Deno.exitCode = 1;
  }
}
