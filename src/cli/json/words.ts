/** The words in which the outputs are described: JSON Schema, draft 2020-12. */

/** A description of a value. */
export interface Schema {
  /** What the value says. */
  readonly description: string;
  /** The keywords of JSON Schema that hold it. */
  readonly [keyword: string]: unknown;
}

/** A field that is left out where the system does not tell it. */
export interface Sometimes {
  readonly sometimes: Schema;
}

/** Each field of a type: the compiler asks for one that is missing, and for `sometimes` where it may be undefined. */
export type Described<T> = { readonly [field in keyof T]-?: undefined extends T[field] ? Sometimes : Schema };

/** A field that is left out where the system does not tell it. */
export function sometimes(schema: Schema): Sometimes {
  return { sometimes: schema };
}

/** The same fields, any of which may be left out. */
export function partial<T>(fields: Described<T>): Described<Partial<T>> {
  const entries = Object.entries<Schema | Sometimes>(fields);
  return Object.fromEntries(
    entries.map(([name, field]) => [name, isSometimes(field) ? field : sometimes(field)]),
  ) as Described<Partial<T>>;
}

function isSometimes(field: Schema | Sometimes): field is Sometimes {
  return "sometimes" in field;
}

/** An object, whose fields stand in the order in which they are printed. */
export function object<T>(description: string, fields: Described<T>): Schema {
  const entries = Object.entries<Schema | Sometimes>(fields);
  return {
    description,
    type: "object",
    properties: Object.fromEntries(
      entries.map(([name, field]) => [name, isSometimes(field) ? field.sometimes : field]),
    ),
    required: entries.filter(([, field]) => !isSometimes(field)).map(([name]) => name),
  };
}

/** A list. */
export function array(description: string, items: Schema | Reference): Schema {
  return { description, type: "array", items };
}

/** One of the descriptions that stand under `$defs`. */
export interface Reference {
  readonly $ref: string;
}

/** A description that stands under `$defs`, by its name, with what it is here. */
export function ref(name: string, description: string): Schema {
  return { description, $ref: `#/$defs/${name}` };
}

/** A text. */
export function text(description: string, keywords: Readonly<Record<string, unknown>> = {}): Schema {
  return { description, type: "string", ...keywords };
}

/** One of some texts; the compiler asks for each of them. */
export function oneOf<T extends string>(description: string, words: Readonly<Record<T, true>>): Schema {
  return { description, type: "string", enum: Object.keys(words) };
}

/** A whole number, not negative. */
export function whole(description: string): Schema {
  return { description, type: "integer", minimum: 0 };
}

/** Any number. */
export function number(description: string): Schema {
  return { description, type: "number" };
}

/** true or false. */
export function yesNo(description: string): Schema {
  return { description, type: "boolean" };
}

/** A list of texts. */
export function texts(description: string): Schema {
  return { description, type: "array", items: { type: "string" } };
}

/** A time. */
export function time(what: string): Schema {
  return text(`${what}: ISO 8601, to the microsecond, with the local zone's offset`, {
    format: "date-time",
    pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}[+-][0-9]{2}:[0-9]{2}$",
  });
}
