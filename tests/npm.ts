/**
 * Makes the npm package, for Node.js 26.9 and later: `deno task npm FOLDER`, then `npm pack FOLDER`. It is made of the
 * same sources as what JSR has: without types, as Node.js takes none in a package, and with declarations beside them. The
 * command is left out, as it is a program for Deno.
 */
import ts from "typescript";
import config from "../deno.json" with { type: "json" };

const ROOT = new URL("../", import.meta.url).pathname;
/** The oldest Node.js that has what the package needs. */
const ENGINE = ">=26.9";
/** What is not made of a module. */
const TEXTS = ["README.md", "CHANGELOG.md", "LICENSE"];

/** The ways in, without the command. */
const WAYS_IN = Object.entries(config.exports).filter(([name]) => name !== "./cli");

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
  erasableSyntaxOnly: true,
  isolatedModules: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  declaration: true,
  stripInternal: false,
  skipLibCheck: true,
  noCheck: true, // `deno task check` has done it, with the types of Deno, which are missing here
  lib: ["lib.esnext.d.ts", "lib.dom.d.ts"],
  types: [],
};

/** The manifest of the package. */
export function manifest(): object {
  const exports = Object.fromEntries(WAYS_IN.map(([name, path]) => {
    const base = path.replace(/\.ts$/, "");
    return [name, { types: `${base}.d.ts`, default: `${base}.js` }];
  }));
  const { name, version, license } = config;
  return {
    name,
    version,
    description: "The real state of network interfaces, and each change of it as it happens, on Linux and the BSDs",
    license,
    type: "module",
    exports,
    engines: { node: ENGINE },
    sideEffects: false,
    keywords: ["network", "interface", "netlink", "carrier", "link-state", "hotplug", "linux", "bsd"],
  };
}

/** The declarations that a way in leads to: those of what is inside are nobody's concern, and some name Deno's types. */
function reachable(declarations: ReadonlyMap<string, string>): string[] {
  const reached = new Set<string>();
  const left = WAYS_IN.map(([, path]) => path.slice(2).replace(/\.ts$/, ".d.ts"));
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    for (const [, to] of declarations.get(path)!.matchAll(/(?:from |import\()"(\.[^"]*)\.js"/g)) {
      left.push(`${new URL(to!, `file:///${path}`).pathname.slice(1)}.d.ts`);
    }
  }
  return [...reached];
}

/** The files of the package, by their paths in it. */
function packageFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const declarations = new Map<string, string>();
  const roots = WAYS_IN.map(([, path]) => ROOT + path.slice(2));
  const program = ts.createProgram(roots, { ...OPTIONS, rootDir: ROOT, outDir: "/" });
  const { emitSkipped, diagnostics: [first] } = program.emit(undefined, (path, text) => {
    const declares = path.endsWith(".d.ts");
    // Declarations import declarations: each by the name of its program.
    if (declares) declarations.set(path.slice(1), text.replace(/((?:from |import\()"\.[^"]*)\.ts"/g, '$1.js"'));
    else files.set(path.slice(1), text);
  });
  if (emitSkipped || first !== undefined) {
    throw new Error(`The package cannot be made: ${ts.flattenDiagnosticMessageText(first?.messageText, "\n")}`);
  }
  for (const path of reachable(declarations)) files.set(path, declarations.get(path)!);
  for (const path of TEXTS) files.set(path, Deno.readTextFileSync(ROOT + path));
  return files.set("package.json", `${JSON.stringify(manifest(), null, 2)}\n`);
}

/** Makes the package in a folder, which must be empty or not there. Returns the paths of its files. */
export function makePackage(folder: string): string[] {
  Deno.mkdirSync(folder, { recursive: true });
  if ([...Deno.readDirSync(folder)].length > 0) throw new Error(`${folder} is not empty`);
  const files = packageFiles();
  for (const [path, text] of files) {
    Deno.mkdirSync(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(`${folder}/${path}`, text);
  }
  return [...files.keys()];
}

if (import.meta.main) {
  const [folder] = Deno.args;
  if (folder === undefined) throw new Error("Give an empty folder: deno task npm FOLDER");
  console.log(`${makePackage(folder).length} files in ${folder}`);
}
