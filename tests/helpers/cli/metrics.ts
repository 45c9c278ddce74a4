/** Reads metrics by parsers that are not ours. */
import { pythonWith, runPython } from "./python.ts";

/** A Python that has the module prometheus_client, whose parsers are strict; undefined: there is none. */
export const PYTHON: string | undefined = pythonWith("prometheus_client");

/** A sample: its name, its labels and its value. */
export type ParsedSample = readonly [name: string, labels: Readonly<Record<string, string>>, value: number];

/** A family as it was understood. */
export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly samples: readonly ParsedSample[];
}

const SCRIPT = (module: string): string => `
import json, sys
from ${module} import text_string_to_metric_families as parse
families = list(parse(sys.stdin.read()))
print(json.dumps([dict(name=f.name, type=f.type, unit=f.unit,
    samples=[[s.name, s.labels, s.value] for s in f.samples]) for f in families]))
`;

/** What a parser makes of metrics in OpenMetrics' format, or in the one before it. Throws where it complains. */
export async function parseMetrics(text: string, format: "openmetrics" | "prometheus"): Promise<ParsedFamily[]> {
  const module = format === "openmetrics" ? "prometheus_client.openmetrics.parser" : "prometheus_client.parser";
  const said = await runPython(PYTHON!, SCRIPT(module), text);
  try {
    return JSON.parse(said);
  } catch {
    throw new Error(said);
  }
}

/** The samples of metrics, as `name{label="value"}` and value; of text whose labels hold no quotation mark. */
export function samplesOf(text: string): Map<string, number> {
  return new Map(
    text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}
