/** The examples of the documentation, which run as they stand there: each is a module. */
import { ROOT } from "./suites.ts";

/** An example: its file, the line that it begins at, and its code. */
export interface DocumentedExample {
  readonly file: string;
  readonly line: number;
  readonly code: string;
}

/** Examples in comments of code, and in pages. One that is marked `ts ignore` is not run. */
const BLOCKS: Readonly<Record<string, RegExp>> = {
  ".ts": /^ *\* ```ts\n([^]*?)^ *\* ```$/gm,
  ".md": /^```ts\n([^]*?)^```$/gm,
};

function* filesIn(path: string): Iterable<string> {
  if (!Deno.statSync(`${ROOT}${path}`).isDirectory) return yield path;
  for (const { name } of [...Deno.readDirSync(`${ROOT}${path}`)].sort((a, b) => a.name < b.name ? -1 : 1)) {
    yield* filesIn(`${path}/${name}`);
  }
}

/** The examples of files and folders of this checkout. */
export function* documentedExamples(...paths: readonly string[]): Iterable<DocumentedExample> {
  for (const file of paths.flatMap((path) => [...filesIn(path)])) {
    const block = BLOCKS[file.slice(file.lastIndexOf("."))];
    if (block === undefined) continue;
    const text = Deno.readTextFileSync(`${ROOT}${file}`);
    for (const { index, 1: lines = "" } of text.matchAll(block)) {
      const code = file.endsWith(".ts") ? lines.replace(/^ *\* ?/gm, "") : lines;
      yield { file, line: text.slice(0, index).split("\n").length, code };
    }
  }
}

/**
 * Writes each example into a folder, and a module that runs them all, one after the other in one runtime. `deno test --doc`
 * makes a runtime for each, which takes longer than the examples. Returns the module's path.
 */
export function writeExamples(folder: string, ...paths: readonly string[]): string {
  Deno.mkdirSync(folder);
  const lines = [...documentedExamples(...paths)].map(({ file, line, code }, number) => {
    const path = `${folder}/${number}.ts`;
    Deno.writeTextFileSync(path, code);
    const url = JSON.stringify(new URL(`file://${path}`).href);
    // One that is a test itself says so while it is loaded.
    return code.includes("Deno.test(")
      ? `import ${url};`
      : `Deno.test(${JSON.stringify(`${file}, line ${line}`)}, () => import(${url}));`;
  });
  const all = `${folder}/documentation_test.ts`;
  Deno.writeTextFileSync(all, lines.join("\n"));
  return all;
}
