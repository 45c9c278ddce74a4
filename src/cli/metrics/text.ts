/**
 * The text of metrics: OpenMetrics 1.0, and the format 0.0.4 that was before it (prometheus.io, "Exposition formats"). In
 * the older one there are no units, no end, and no type "info"; the type of a counter stands by the name of its samples.
 */

/** The two formats. */
export type Format = "openmetrics" | "prometheus";

/** One value, of one thing. */
export interface Sample {
  /** A label that is undefined is left out. */
  readonly labels: Readonly<Record<string, string | undefined>>;
  readonly value: number;
}

/** All samples of one name. */
export interface Family {
  /** Without `_total` of a counter and `_info` of an info. */
  readonly name: string;
  readonly type: "gauge" | "counter" | "info";
  readonly help: string;
  /** The name's last word, where it is a unit. */
  readonly unit?: "bytes" | "seconds" | undefined;
  readonly samples: readonly Sample[];
}

const SUFFIX: Readonly<Record<Family["type"], string>> = { gauge: "", counter: "_total", info: "_info" };

function escapeHelp(text: string, format: Format): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return format === "openmetrics" ? escaped.replaceAll('"', '\\"') : escaped;
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

function labelText(labels: Sample["labels"]): string {
  const parts = Object.entries(labels).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${escapeLabel(value)}"`]
  );
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

function familyLines({ name, type, help, unit, samples }: Family, format: Format): string[] {
  const open = format === "openmetrics";
  const sampled = name + SUFFIX[type];
  const described = open ? name : sampled;
  const lines = [`# TYPE ${described} ${open || type !== "info" ? type : "gauge"}`];
  if (open && unit !== undefined) lines.push(`# UNIT ${described} ${unit}`);
  lines.push(`# HELP ${described} ${escapeHelp(help, format)}`);
  for (const { labels, value } of samples) lines.push(`${sampled}${labelText(labels)} ${value}`);
  return lines;
}

/** Families as text; one without samples is left out. */
export function metricsText(families: readonly Family[], format: Format): string {
  const lines = families.filter(({ samples }) => samples.length > 0).flatMap((family) => familyLines(family, format));
  if (format === "openmetrics") lines.push("# EOF");
  return lines.map((line) => `${line}\n`).join("");
}

/** Whether a media type is one that an item of an Accept header takes, and how gladly: its q. */
interface Accepted {
  readonly type: string;
  readonly version: string | undefined;
  readonly q: number;
}

function readAccept(accept: string): Accepted[] {
  return accept.split(",").map((item) => {
    const [type, ...rest] = item.split(";").map((part) => part.trim().toLowerCase());
    const parameter = (name: string): string | undefined =>
      rest.find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1).replaceAll('"', "");
    const q = Number(parameter("q") ?? "1");
    return { type: type!, version: parameter("version"), q: q >= 0 && q <= 1 ? q : 0 };
  });
}

/** The versions of OpenMetrics whose text this is: what changed between them is not used here. */
const OPEN_VERSIONS: readonly (string | undefined)[] = ["1.0.0", "0.0.1", undefined];

/** Which format an Accept header asks for, and its content type. Without a preference it is the older one. */
export function negotiate(accept: string | null): { readonly format: Format; readonly contentType: string } {
  const items = readAccept(accept ?? "");
  const best = (fits: (one: Accepted) => boolean): Accepted | undefined =>
    items.filter((one) => one.q > 0 && fits(one)).sort((a, b) => b.q - a.q)[0];
  const open = best(({ type, version }) => type === "application/openmetrics-text" && OPEN_VERSIONS.includes(version));
  const plain = best(({ type, version }) => type === "text/plain" && (version ?? "0.0.4") === "0.0.4");
  if (open === undefined || (plain?.q ?? 0) > open.q) {
    return { format: "prometheus", contentType: "text/plain; version=0.0.4; charset=utf-8" };
  }
  const version = open.version ?? "1.0.0";
  return { format: "openmetrics", contentType: `application/openmetrics-text; version=${version}; charset=utf-8` };
}
