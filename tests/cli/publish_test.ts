/** What JSR would be given: the files, their types, and the documentation of every way in. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import config from "../../deno.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url).pathname;
const WAYS_IN = Object.values(config.exports);

async function deno(cwd: string, ...args: string[]): Promise<{ readonly success: boolean; readonly text: string }> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd, env: { NO_COLOR: "1" } })
    .output();
  return { success, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

function copy(from: string, to: string): void {
  if (!Deno.statSync(from).isDirectory) return Deno.copyFileSync(from, to);
  Deno.mkdirSync(to, { recursive: true });
  for (const { name } of Deno.readDirSync(from)) copy(`${from}/${name}`, `${to}/${name}`);
}

/** A copy of what is published, which has @std from where this checkout has it. */
function packageIn(folder: string): void {
  for (const path of config.publish.include) {
    const parent = path.split("/").slice(0, -1).join("/");
    Deno.mkdirSync(`${folder}/${parent}`, { recursive: true });
    copy(ROOT + path, `${folder}/${path}`);
  }
  const links = config.links.map((path) => ROOT + path);
  Deno.writeTextFileSync(`${folder}/deno.json`, JSON.stringify({ ...config, links }));
}

Deno.test("publish: JSR's checks find nothing, no slow types among them, and no file is missing", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    packageIn(folder);
    const { success, text } = await deno(folder, "publish", "--dry-run");
    assert(success, text);
    assertEquals([...text.matchAll(/^(warning|error).*/gm)].map(([line]) => line), []);
    assertStringIncludes(text, "Success Dry run complete");
    for (const file of [...WAYS_IN, "./README.md", "./LICENSE", "./platforms/FLAGS.md", "./src/cli/json/schema.json"]) {
      assertStringIncludes(text, `file://${Deno.realPathSync(folder)}/${file.slice(2)} (`);
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("publish: documentation in HTML is built without a complaint, with a page for every way in", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const args = ["doc", "--html", "--name=netflags", `--output=${folder}`, ...WAYS_IN];
    const { success, text } = await deno(ROOT, ...args);
    assert(success, text);
    assertMatch(text.trim(), /^Written [0-9]+ files to "[^"]+"$/);
    for (const name of Object.keys(config.exports)) assert(Deno.statSync(`${folder}/${name}/index.html`).isFile, name);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("publish: every way in begins with a module doc that has an example", () => {
  for (const way of WAYS_IN) {
    const text = Deno.readTextFileSync(ROOT + way);
    const doc = /^\/\*\*[^]*?\*\//.exec(text)?.[0] ?? "";
    assertStringIncludes(doc, "@module", way);
    assertMatch(doc, /```(ts|sh)\n/, way);
  }
});
