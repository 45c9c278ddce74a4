import { EVENT_DEFINITIONS } from "./events.ts";
import { OUTPUT_DEFINITIONS } from "./outputs.ts";
import { REPORT_DEFINITIONS } from "./report.ts";
import { STATUS_DEFINITIONS } from "./status.ts";
import { VERSION } from "./version.ts";
import { array, ref, type Schema } from "./words.ts";

const DEFINITIONS: Readonly<Record<string, Schema>> = {
  ...EVENT_DEFINITIONS,
  ...STATUS_DEFINITIONS,
  ...OUTPUT_DEFINITIONS,
  ...REPORT_DEFINITIONS,
};

/** What each command prints with --json; of those that print a line for each event, that line. */
export const SCHEMAS: Readonly<Record<string, Schema>> = {
  list: array("Every interface, or those named", { $ref: "#/$defs/InterfaceStatus" }),
  show: ref("InterfaceDetails", "Everything that is known of one interface"),
  watch: ref("InterfaceEvent", "A change of one interface: a line"),
  ap: ref("AccessPointEvent", "What happened to an access point: a line"),
  run: ref("HookEvent", "What a hook reads from its standard input: a line"),
  report: ref("Report", "Since when, how often and how long"),
  explain: ref("Explanation", "Why an interface is connected or not"),
  decode: array("The messages", { $ref: "#/$defs/DecodedMessage" }),
  flags: ref("FlagWord", "A flag word in words"),
};

/** The definitions that a schema refers to, and those that these refer to. */
function needed(schema: unknown, found = new Set<string>()): Set<string> {
  for (const [, name] of JSON.stringify(schema).matchAll(/"#\/\$defs\/(\w+)"/g)) {
    if (found.has(name!)) continue;
    found.add(name!);
    needed(DEFINITIONS[name!], found);
  }
  return found;
}

/** The schema of what a command prints with --json; of every command, where none is named. */
export function schemaOf(command: string | undefined): Schema {
  const head = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `urn:netflags:schema:${VERSION}${command === undefined ? "" : `:${command}`}`,
    title: `netflags ${command ?? "COMMAND"} --json`,
  };
  if (command === undefined) {
    return { ...head, description: "What each command prints, under its name", $defs: { ...SCHEMAS, ...DEFINITIONS } };
  }
  const schema = SCHEMAS[command]!;
  const names = needed(schema);
  return {
    ...head,
    ...schema,
    $defs: Object.fromEntries(Object.entries(DEFINITIONS).filter(([name]) => names.has(name))),
  };
}
