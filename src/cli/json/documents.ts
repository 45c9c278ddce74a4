import generated from "./schema.json" with { type: "json" };
import { VERSION } from "./version.ts";

/** A JSON Schema, draft 2020-12. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

/** What each command prints with --json; of those that print a line for each event, that line. */
export const SCHEMAS: Readonly<Record<string, Schema>> = generated.commands;

const DEFINITIONS: Readonly<Record<string, Schema>> = generated.definitions;

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
