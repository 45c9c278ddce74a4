/** What is shipped for Prometheus and Grafana, and what netflags says to them. */
import { pastFamilies, stateFamilies } from "../../../src/cli/metrics/families.ts";
import type { Past } from "../../../src/cli/metrics/past.ts";
import { type Family, metricsText } from "../../../src/cli/metrics/text.ts";
import { list } from "../../../mod.ts";
import { samplesOf } from "./metrics.ts";

/** The folder in which it is. */
export const MONITORING = new URL("../../examples/monitoring/", import.meta.url).pathname;

/** The metrics as Prometheus has them: what they are of, and the value. `speed`: what a driver says, in Mb/s. */
export function scrape(past: Past, speed: number): Map<string, number> {
  const measured = list({ routes: true }).map((status) => ({ status, speed: { speed, duplex: "full" } as const }));
  const families: Family[] = [...stateFamilies(measured), ...pastFamilies(measured, past)];
  return samplesOf(metricsText(families, "prometheus"));
}

/** Labels that Prometheus gives to all that it scrapes. */
const SCRAPED = { instance: "host", job: "node" };

/** The same sample with these labels. */
function labelled(sample: string): string {
  const more = Object.entries(SCRAPED).map(([name, value]) => `${name}="${value}"`).join(",");
  return sample.includes("{") ? sample.replace(/\}$/, `,${more}}`) : `${sample}{${more}}`;
}

/** Scrapes, one after the other, as series of a test of rules (promtool-test-rules); undefined: nobody answered. */
export function seriesOf(scrapes: readonly (ReadonlyMap<string, number> | undefined)[]): object[] {
  const names = new Set(scrapes.flatMap((scrape) => [...scrape?.keys() ?? []]));
  return [...names].map((name) => {
    let there = false;
    const values = scrapes.map((scrape) => {
      const value = scrape?.get(name);
      const text = value !== undefined ? String(value) : there ? "stale" : "_"; // as Prometheus marks what is gone
      there = value !== undefined;
      return text;
    });
    return { series: labelled(name), values: values.join(" ") };
  });
}

/** An alert of the rules. */
export interface Alert {
  readonly name: string;
  readonly severity: string;
  /** With the places of labels, as `{{ $labels.device }}`. */
  readonly summary: string;
  readonly description: string;
}

/** The alerts of the rules. */
export function alerts(): Alert[] {
  const text = Deno.readTextFileSync(`${MONITORING}netflags.rules.yml`);
  return text.split("- alert: ").slice(1).map((part) => {
    const of = (key: string): string => new RegExp(`^ +${key}: "?(.*?)"?$`, "m").exec(part)![1]!;
    return {
      name: part.slice(0, part.indexOf("\n")),
      severity: of("severity"),
      summary: of("summary"),
      description: of("description"),
    };
  });
}

/** An alert as promtool expects it, of a device or of the whole machine. */
export function expected({ severity, summary, description }: Alert, labels: Readonly<Record<string, string>>): object {
  const all: Record<string, string> = { ...SCRAPED, ...labels };
  const filled = (text: string): string => text.replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, name) => all[name] ?? "");
  return {
    exp_labels: { severity, ...all },
    exp_annotations: { summary: filled(summary), description: filled(description) },
  };
}
