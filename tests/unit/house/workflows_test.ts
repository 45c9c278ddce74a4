/** Holds the forge's workflows to a few rules that no linter knows. */
import { assert, assertEquals, assertMatch } from "@std/assert";

const ROOT = new URL("../../../", import.meta.url);
const FOLDER = new URL(".github/workflows/", ROOT);
const WORKFLOWS = [...Deno.readDirSync(FOLDER)]
  .map(({ name }) => ({ name, text: Deno.readTextFileSync(new URL(name, FOLDER)) }));

Deno.test("workflows: each action of others is pinned by its commit, and names the version that this is", () => {
  const used = WORKFLOWS.flatMap(({ text }) => [...text.matchAll(/\buses: (.*)$/gm)].map(([, action]) => action!));
  assert(used.length > 10);
  for (const action of used.filter((one) => !one.startsWith("./"))) {
    assertMatch(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$/);
  }
});

Deno.test("workflows: each job has a time-out, each workflow few rights, and only a release may publish", () => {
  for (const { name, text } of WORKFLOWS) {
    assertEquals(text.match(/^ {4}runs-on: /gm)?.length, text.match(/^ {4}timeout-minutes: [0-9]+$/gm)?.length, name);
    assertMatch(text, /^permissions:\n {2}contents: read\n\n/m, name);
    assertMatch(text, /^concurrency:\n {2}group: /m, name);
    assertEquals(/\b(write|publish)\b/.test(text.replace(/^\s*#.*$/gm, "")), name === "release.yml", name);
  }
});

Deno.test("workflows: the files that they run are there", () => {
  const files = WORKFLOWS.flatMap(({ text }) => text.match(/(?:tests\/[\w/.]+|\.ci\/run)/g) ?? []);
  assert(files.length > 10);
  for (const file of files) assert(Deno.statSync(new URL(file, ROOT)), file);
});
