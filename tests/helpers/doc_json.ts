/** Types as `deno doc --json` reads them, as far as the schemas of the outputs need them. */

/** A type, as `deno doc --json` has it. */
export type Type =
  | { readonly kind: "keyword" | "typeQuery"; readonly value: string }
  | { readonly kind: "literal"; readonly repr: string; readonly value: { readonly kind: string } }
  | { readonly kind: "union" | "intersection"; readonly value: readonly Type[] }
  | { readonly kind: "array"; readonly value: Type }
  | { readonly kind: "typeOperator"; readonly value: { readonly tsType: Type } }
  | { readonly kind: "indexedAccess"; readonly value: { readonly objType: Type } }
  | { readonly kind: "typeLiteral"; readonly value: { readonly properties: readonly Property[] } }
  | { readonly kind: "typeRef"; readonly value: { readonly typeName: string; readonly typeParams?: readonly Type[] } };

/** What may be documented. */
export interface Documented {
  readonly jsDoc?: { readonly doc?: string; readonly tags?: readonly { readonly value?: string }[] };
}

/** A field of an interface, or of an object type. */
export interface Property extends Documented {
  readonly name: string;
  readonly optional?: boolean;
  readonly tsType: Type;
}

/** What a name stands for. */
export interface Declaration extends Documented {
  readonly kind: string;
  readonly declarationKind: string;
  readonly location: { readonly filename: string };
  readonly def: {
    readonly extends?: readonly Type[];
    readonly properties?: readonly Property[];
    readonly tsType?: Type;
  };
}

/** A file: what it imports, and what it declares. */
export interface Module {
  readonly imports?: readonly { readonly importedName: string; readonly originalName: string; readonly src: string }[];
  readonly symbols: readonly { readonly name: string; readonly declarations: readonly [Declaration] }[];
}

/** Reads a file, its types without parentheses and `readonly`. */
export function readModule(file: string): Module {
  const args = ["doc", "--json", "--private", file];
  const { success, stdout, stderr } = new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const { version, nodes } = JSON.parse(new TextDecoder().decode(stdout), (_, node) => {
    if (node?.kind === "parenthesized") return node.value;
    return node?.kind === "typeOperator" && node.value.operator === "readonly" ? node.value.tsType : node;
  });
  if (version !== 2) throw new Error(`deno doc --json has version ${version}, and not 2`);
  return nodes[file];
}
