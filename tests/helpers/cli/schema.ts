/** Holds outputs to the JSON Schema that is documented for them: no field may be there that is not in it. */
import { assertEquals } from "@std/assert";
import { pythonWith, runPython } from "./python.ts";
import { schemaOf } from "../../../src/cli/json/documents.ts";

type Tree = Readonly<Record<string, unknown>>;

/** The keywords that a schema may have here; those that only describe are `true`. */
const KEYWORDS = {
  $schema: true,
  $id: true,
  $defs: true,
  title: true,
  description: true,
  format: true,
  $ref: false,
  type: false,
  properties: false,
  required: false,
  items: false,
  enum: false,
  const: false,
  anyOf: false,
  pattern: false,
  minimum: false,
} as const;

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasType(value: unknown, type: unknown): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isTree(value);
  const kind: unknown = typeof value;
  return kind === type;
}

/** What is wrong with a value; empty where nothing is. Throws where the schema has a keyword that is not known here. */
function wrongs(value: unknown, schema: Tree, root: Tree, path: string): string[] {
  for (const keyword of Object.keys(schema)) {
    if (!Object.hasOwn(KEYWORDS, keyword)) throw new Error(`Unknown keyword "${keyword}" at ${path}`);
  }
  const found: string[] = [];
  const { $ref, type, properties, required, items, enum: words, anyOf, pattern, minimum } = schema;
  if (typeof $ref === "string") {
    const name = $ref.replace(/^#\/\$defs\//, "");
    const target = (root.$defs as Tree)[name];
    if (!isTree(target)) throw new Error(`No definition "${name}"`);
    found.push(...wrongs(value, target, root, path));
  }
  if (type !== undefined && ![type].flat().some((one) => hasType(value, one))) return [`${path} is no ${type}`];
  if (Array.isArray(words) && !words.includes(value)) found.push(`${path} is ${value}, not one of ${words}`);
  if ("const" in schema && value !== schema.const) found.push(`${path} is ${value}, not ${schema.const}`);
  if (typeof pattern === "string" && !new RegExp(pattern, "u").test(String(value))) found.push(`${path}: ${pattern}`);
  if (typeof minimum === "number" && !(Number(value) >= minimum)) found.push(`${path} is ${value}`);
  if (Array.isArray(anyOf) && !anyOf.some((one) => wrongs(value, one, root, path).length === 0)) {
    found.push(`${path} is none of them: ${anyOf.map((one) => wrongs(value, one, root, path).join(", ")).join("; ")}`);
  }
  if (isTree(items) && Array.isArray(value)) {
    value.forEach((one, i) => found.push(...wrongs(one, items, root, `${path}[${i}]`)));
  }
  if (isTree(properties) && isTree(value)) {
    for (const name of required as string[]) if (!(name in value)) found.push(`${path}.${name} is missing`);
    for (const [name, one] of Object.entries(value)) {
      const field = properties[name];
      if (!isTree(field)) found.push(`${path}.${name} is not documented`);
      else found.push(...wrongs(one, field, root, `${path}.${name}`));
    }
    const known = Object.keys(properties).filter((name) => name in value);
    const order = Object.keys(value).filter((name) => name in properties);
    if (known.join() !== order.join()) found.push(`${path} has another order: ${order}`);
  }
  return found;
}

/** The schema with each object closed: what it does not document is wrong. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (!isTree(schema)) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([name, one]) => [name, closed(one)]));
  return isTree(schema.properties) && "required" in schema ? { ...copy, additionalProperties: false } : copy;
}

const SCRIPT = `
import json, sys
from jsonschema import Draft202012Validator as Validator
job = json.load(sys.stdin)
Validator.check_schema(job["schema"])
validator = Validator(job["schema"])
for value in job["values"]:
    for error in validator.iter_errors(value):
        print(error.json_path, error.message)
`;

/** A Python that has the module jsonschema, which knows JSON Schema better than this file; undefined: there is none. */
export const PYTHON: string | undefined = pythonWith("jsonschema");

/** Holds values to a schema by Python's validator. Returns what it complains of. */
export function askPython(schema: unknown, values: readonly unknown[]): Promise<string> {
  return runPython(PYTHON!, SCRIPT, JSON.stringify({ schema: closed(schema), values }));
}

/** What is wrong with the output of a command, as far as this file knows. */
export function complaints(command: string, value: unknown): string[] {
  const schema = schemaOf(command);
  return wrongs(value, schema, schema, command);
}

/** Holds what a command printed to its schema, by this file's validator and, where there is one, by Python's. */
export async function assertDocumented(command: string, values: readonly unknown[]): Promise<void> {
  for (const value of values) assertEquals(complaints(command, value), []);
  if (PYTHON !== undefined) assertEquals(await askPython(schemaOf(command), values), "");
}
