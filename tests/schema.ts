/**
 * Writes src/cli/json/schema.json, which `netflags schema` prints, from the types of what the commands print and from
 * their documentation, as `deno doc` reads them. Run `deno task schema` after one of them has changed;
 * tests/unit/house/schema_test.ts fails if the file is out of date.
 *
 * A field that may be undefined is left out of an output: it is not required, and "undefined" in its documentation
 * becomes "left out". A number is whole and not negative, unless it has the tag `@format double`, or `@format int32`.
 * What this file does not know, and what is not documented, is an error.
 */

import {
  type Declaration,
  type Documented,
  type Module,
  type Property,
  readModule,
  type Type,
} from "./helpers/doc_json.ts";

/** A JSON Schema, draft 2020-12. */
type Schema = Readonly<Record<string, unknown>>;

/** The numbers that are not whole, or may be negative, by their format. */
const NUMBERS: Readonly<Record<string, Schema>> = { double: { type: "number" }, int32: { type: "integer" } };

/** The fields of an object, each with the file whose names its type uses. */
type Fields = ReadonlyMap<string, Property & { readonly file: string }>;

/** What the documentation says, in plain text with a line for each paragraph or point, and the keywords of its tags. */
function describe({ jsDoc: { doc, tags = [] } = {} }: Documented, name: string): Schema {
  if (doc === undefined) throw new Error(`${name} is not documented`);
  const plain = doc.replace(/\{@linkcode (?:\w+\.)?(\w+)\}/g, "$1").replaceAll("`", "");
  const parts = plain.split(/\n\s*\n|\n(?=- )/).map((part) => part.trim().replace(/\s+/g, " "));
  const text = parts.join("\n").replace(/(^|\. )undefined\b/gm, "$1Left out").replace(/\bundefined\b/g, "left out");
  const keywords = tags.map(({ value = "" }) => /^@(format|pattern) (.*)$/.exec(value)).filter((tag) => tag !== null);
  return { description: text, ...Object.fromEntries(keywords.map(([, word, value]) => [word!, value])) };
}

const isUndefined = (type: Type): boolean => type.kind === "keyword" && type.value === "undefined";
const unknown = (type: Type, file: string) => new Error(`Cannot make a schema of ${JSON.stringify(type)} in ${file}`);

/** Makes schemas of types. */
class Generator {
  /** What the schemas refer to: each exported type. */
  readonly definitions: Record<string, Schema> = {};
  readonly #sources = new Map<string, string>();
  readonly #modules = new Map<string, Module>();

  /** What a name stands for in a file. */
  #find(name: string, file: string): Declaration {
    const { imports = [], symbols } = this.#modules.getOrInsertComputed(file, readModule);
    const found = symbols.find((one) => one.name === name)?.declarations[0];
    const imported = imports.find((one) => one.importedName === name);
    if (found === undefined && imported === undefined) throw new Error(`There is no ${name} in ${file}`);
    return found ?? this.#find(imported!.originalName, imported!.src);
  }

  /** The fields of a type, in their order: those of what it extends stand first. */
  #fields(type: Type, file: string): Fields {
    if (type.kind === "intersection") return new Map(type.value.flatMap((one) => [...this.#fields(one, file)]));
    if (type.kind === "typeLiteral") return new Map(type.value.properties.map((one) => [one.name, { ...one, file }]));
    if (type.kind !== "typeRef") throw unknown(type, file);
    const { typeName, typeParams: [of, names] = [] } = type.value;
    if (of !== undefined) {
      const fields = this.#fields(of, file);
      if (typeName === "Partial") return new Map([...fields].map(([name, one]) => [name, { ...one, optional: true }]));
      const some = this.schema(names!, file).enum as string[];
      if (typeName === "Pick") return new Map(some.map((name) => [name, fields.get(name)!]));
      if (typeName === "Omit") return new Map([...fields].filter(([name]) => !some.includes(name)));
      throw unknown(type, file);
    }
    const { kind, def, location: { filename } } = this.#find(typeName, file);
    if (kind === "typeAlias") return this.#fields(def.tsType!, filename);
    if (kind !== "interface") throw unknown(type, file);
    const own = (def.properties ?? []).map((one) => [one.name, { ...one, file: filename }] as const);
    return new Map([...(def.extends ?? []).flatMap((one) => [...this.#fields(one, filename)]), ...own]);
  }

  /** The schema of an object with the fields of a type. */
  object(type: Type, file: string): Schema {
    const properties: Record<string, Schema> = {};
    const required: string[] = [];
    for (const [name, field] of this.#fields(type, file)) {
      const types = field.tsType.kind === "union" ? field.tsType.value : [field.tsType];
      if (types.every(isUndefined)) continue;
      const text = describe(field, `${name} in ${field.file}`);
      const schema = NUMBERS[String(text.format)] ?? this.schema(field.tsType, field.file);
      properties[name] = { ...text, ...schema, ...text };
      if (!field.optional && !types.some(isUndefined)) required.push(name);
    }
    return { type: "object", properties, required };
  }

  /** The schema of a type. */
  schema(type: Type, file: string): Schema {
    if (type.kind === "typeRef") return this.#reference(type, file);
    if (type.kind === "typeLiteral") return this.object(type, file);
    if (type.kind === "union") return this.#union(type.value, file);
    if (type.kind === "intersection") return this.#intersection(type.value, file);
    if (type.kind === "array") return { type: "array", items: this.schema(type.value, file) };
    if (type.kind === "typeOperator") { // keyof
      return { type: "string", enum: [...this.#fields(type.value.tsType, file).keys()] };
    }
    if (type.kind === "literal") {
      if (type.value.kind === "string") return { type: "string", enum: [type.repr] };
      if (type.value.kind !== "template") return { const: JSON.parse(type.repr) };
      return { type: "string", pattern: `^${type.repr.replace("${string}", ".*")}$` };
    }
    if (type.kind === "typeQuery") {
      const { def, location: { filename } } = this.#find(type.value, file);
      return this.schema(def.tsType!, filename);
    }
    if (type.kind === "indexedAccess") {
      const { items } = this.schema(type.value.objType, file); // [number]
      if (items === undefined) throw unknown(type, file);
      return items as Schema;
    }
    if (type.value === "number") return { type: "integer", minimum: 0 };
    if (type.value === "string" || type.value === "boolean") return { type: type.value };
    throw unknown(type, file);
  }

  /** One of several types; all that are texts are one list. */
  #union(types: readonly Type[], file: string): Schema {
    const schemas = types.filter((one) => !isUndefined(one)).map((one) => this.schema(one, file));
    const texts = schemas.flatMap((one) => one.enum ?? []);
    const rest = schemas.filter((one) => one.enum === undefined);
    const all = texts.length === 0 ? rest : [{ type: "string", enum: texts }, ...rest];
    return all.length === 1 ? all[0]! : { anyOf: all };
  }

  /** An object of several types at once, described by the first; if one of them is a union, one of several objects. */
  #intersection(types: readonly Type[], file: string): Schema {
    const at = types.findIndex((one) => one.kind === "union");
    const { [at]: union, 0: first } = types;
    if (union?.kind === "union") {
      return { anyOf: union.value.map((one) => this.#intersection(types.with(at, one), file)) };
    }
    if (first?.kind !== "typeRef") throw unknown({ kind: "intersection", value: types }, file);
    const text = describe(this.#find(first.value.typeName, file), first.value.typeName);
    return { ...text, ...this.object({ kind: "intersection", value: types }, file) };
  }

  /** A reference to an exported type. One that is spelled out goes by its name in that file, if it has one. */
  #reference(type: Type & { readonly kind: "typeRef" }, file: string): Schema {
    const spelled = ({ def }: Declaration): boolean => JSON.stringify(def.tsType) === JSON.stringify(type);
    const alias = this.#modules.get(file)?.symbols.find(({ declarations: [one] }) => spelled(one));
    const name = type.value.typeParams === undefined ? type.value.typeName : alias?.name;
    if (name === undefined) return this.object(type, file);
    const declaration = this.#find(name, file);
    const { declarationKind, def: { tsType }, location: { filename } } = declaration;
    if (this.#sources.getOrInsert(name, filename) !== filename) throw new Error(`Two types are called ${name}`);
    if (declarationKind !== "export") throw new Error(`${name} in ${filename} is not exported`);
    if (!(name in this.definitions)) {
      this.definitions[name] = {}; // it may refer to itself
      const text = describe(declaration, name);
      const isObject = tsType === undefined || (tsType.kind === "typeRef" && tsType.value.typeParams !== undefined);
      const schema = isObject ? this.object(tsType ?? type, filename) : this.schema(tsType, filename);
      this.definitions[name] = { ...text, ...schema, ...text };
    }
    return { $ref: `#/$defs/${name}` };
  }
}

const OUTPUTS = new URL("../src/cli/commands/schema.ts", import.meta.url);

/** The schemas of the fields of a type in a file, and the definitions that they refer to, as a text. */
export function schemaText(typeName = "Outputs", file = OUTPUTS): string {
  const generator = new Generator();
  const { properties } = generator.object({ kind: "typeRef", value: { typeName } }, file.href);
  return `${JSON.stringify({ commands: properties, definitions: generator.definitions }, undefined, 2)}\n`;
}

if (import.meta.main) {
  Deno.writeTextFileSync(new URL("../src/cli/json/schema.json", import.meta.url), schemaText());
}
