/** Holds the file of schemas against the types of what the commands print, and what makes it against types of its own. */
import { assertEquals, assertThrows } from "@std/assert";
import { schemaText } from "../../schema.ts";

Deno.test("schema file: src/cli/json/schema.json says what the types say; deno task schema writes it", () => {
  assertEquals(Deno.readTextFileSync(new URL("../../../src/cli/json/schema.json", import.meta.url)), schemaText());
});

/** The schemas of the type Outputs in a file with this text, and with a list of words. */
function made(text: string): Record<"commands" | "definitions", Record<string, unknown>> {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/words.ts`, 'export const WORDS = ["a", "b"] as const;\n');
    Deno.writeTextFileSync(`${folder}/types.ts`, `import { WORDS } from "./words.ts";\n${text}`);
    return JSON.parse(schemaText("Outputs", new URL(`file://${folder}/types.ts`)));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** A type Outputs with a documented field of this type, beside the types of a text. */
function field(type: string, text = ""): ReturnType<typeof made> {
  return made(`${text}\nexport interface Outputs {\n  /** A field. */\n  readonly one: ${type};\n}\n`);
}

/** The schema of such a field, without its description. */
function schemaOf(type: string, text?: string): unknown {
  const { description, ...schema } = field(type, text).commands.one as Record<string, unknown>;
  assertEquals(description, "A field.");
  return schema;
}

Deno.test("schema file: texts, numbers, lists, and one of several", () => {
  assertEquals(schemaOf("string | undefined"), { type: "string" });
  assertEquals(schemaOf("readonly (number | boolean)[]"), {
    type: "array",
    items: { anyOf: [{ type: "integer", minimum: 0 }, { type: "boolean" }] },
  });
  assertEquals(schemaOf('"x" | number | typeof WORDS[number]'), {
    anyOf: [{ type: "string", enum: ["x", "a", "b"] }, { type: "integer", minimum: 0 }],
  });
  assertEquals(schemaOf("`CMD_${string}`"), { type: "string", pattern: "^CMD_.*$" });
  assertEquals(schemaOf("true"), { const: true });
});

Deno.test("schema file: what an interface extends stands first, and what may be undefined is not required", () => {
  const text = `
    interface Start {
      /** A. */
      readonly a: string;
      /** B. */
      readonly b: string;
      /** C. */
      readonly c: boolean;
    }
    /** A thing. */
    export interface Thing extends Pick<Start, "b">, Omit<Start, "c">, Partial<Pick<Start, "c">> {
      /** Its own; undefined for others. */
      readonly d: string | undefined;
      /** Never there. */
      readonly e?: undefined;
      /**
       * One:
       *
       * - in
       *   \`parts\`.
       *
       * @format double
       */
      readonly b: string;
    }`;
  const { definitions } = field("Thing", text);
  assertEquals(definitions, {
    Thing: {
      description: "A thing.",
      type: "object",
      properties: {
        b: { description: "One:\n- in parts.", format: "double", type: "number" },
        a: { description: "A.", type: "string" },
        c: { description: "C.", type: "boolean" },
        d: { description: "Its own; left out for others.", type: "string" },
      },
      required: ["b", "a"],
    },
  });
  assertEquals(Object.keys((definitions.Thing as { properties: object }).properties), ["b", "a", "c", "d"]);
});

Deno.test("schema file: objects of one of several types have the fields that all of them share", () => {
  const text = `
    /** X. */
    export interface X {
      /** A. */
      readonly a: string;
    }
    /** Y. */
    export interface Y {
      /** B. */
      readonly b: string;
    }
    interface Z {
      /** C. */
      readonly c?: string;
    }`;
  const object = (description: string, name: string) => ({
    description,
    type: "object",
    properties: {
      [name]: { description: `${name.toUpperCase()}.`, type: "string" },
      c: { description: "C.", type: "string" },
    },
    required: [name],
  });
  assertEquals(schemaOf("(X | Y) & Z", text), { anyOf: [object("X.", "a"), object("Y.", "b")] });
});

Deno.test("schema file: a type that contains itself is a definition, also where it is spelled out", () => {
  const text = `
    /** A tree. */
    export interface Tree {
      /** Below. */
      readonly below?: Omit<Tree, "a">;
      /** A. */
      readonly a: string;
    }
    /** A branch. */
    export type Branch = Omit<Tree, "a">;`;
  const { definitions } = field("Tree", text);
  assertEquals(Object.keys(definitions), ["Tree", "Branch"]);
  assertEquals((definitions.Branch as { properties: object }).properties, {
    below: { description: "Below.", $ref: "#/$defs/Branch" },
  });
});

Deno.test("schema file: what is not known, not exported or not documented is an error", () => {
  const inside = "/** In. */ export interface In {\n /** A. */\n readonly a: string }";
  for (
    const [type, text, error] of [
      ["Date", "", "There is no Date"],
      ["bigint", "", "Cannot make a schema of"],
      ['{ readonly [name in "x"]: string }', "", "Cannot make a schema of"],
      ['In["a"]', inside, "Cannot make a schema of"],
      ["Record<string, string>", "", "Cannot make a schema of"],
      ["In", "/** In. */ export class In {}", "Cannot make a schema of"],
      ["In", inside.replace("export ", ""), "In in file:"],
      ["In", inside.replace("/** A. */", ""), "a in file:"],
      ["In", inside.replace("/** In. */", ""), "In is not documented"],
    ] as const
  ) {
    assertThrows(() => field(type, text), Error, error, `${type} ${text}`);
  }
});
