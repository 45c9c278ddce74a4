/** Holds the documentation to what a manual has: an example of use for whatever somebody may call. */
import { assert, assertEquals } from "@std/assert";
import schema from "../../../src/cli/json/schema.json" with { type: "json" };
import config from "../../../deno.json" with { type: "json" };
import { COMMANDS } from "../../../src/cli/commands/commands.ts";
import { STATUS_FIELDS } from "../../../src/table/compare.ts";
import { optionWord } from "../../../src/cli/options/option.ts";
import { printedCommand } from "../../helpers/examples/examples.ts";
import { BLOCKS, README } from "../../helpers/examples/readme.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;

function* files(folder: string): Iterable<string> {
  for (const { name, isDirectory } of Deno.readDirSync(ROOT + folder)) {
    if (isDirectory) yield* files(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

/** What is written for others: the documents and the examples. The help of commands is looked at beside them. */
const DOCUMENTS = [
  ...[
    "README.md",
    "SECURITY.md",
    "CONTRIBUTING.md",
    "ARCHITECTURE.md",
    "src/README.md",
    "src/DAEMON.md",
    "src/cli/README.md",
    "src/cli/MONITORING.md",
    "src/cli/TROUBLE.md",
  ],
  ...["tests/README.md", "mod.ts", "src/cli/main.ts"],
  ...files(".github/ISSUE_TEMPLATE"),
  ...files("tests/examples"),
];

interface Documented {
  readonly name: string;
  readonly kind: string;
  readonly jsDoc?: {
    readonly doc?: string;
    readonly tags?: readonly { readonly kind: string; readonly doc?: string }[];
  };
}

interface Declared extends Documented {
  readonly def?: { readonly [part in "constructors" | "methods" | "properties"]?: readonly Documented[] };
}

/** What `deno doc --json` says of a file. */
function documentation(file: string): {
  readonly module: Documented["jsDoc"];
  readonly symbols: readonly (Declared & { readonly declarations: readonly Declared[] })[];
} {
  const args = ["doc", "--json", file];
  const { success, stdout } = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stderr: "inherit" }).outputSync();
  assert(success, file);
  const [page] = Object.values(JSON.parse(new TextDecoder().decode(stdout)).nodes) as {
    module_doc: Documented["jsDoc"];
    symbols: (Declared & { declarations: Declared[] })[];
  }[];
  return { module: page!.module_doc, symbols: page!.symbols };
}

function hasExample({ jsDoc }: Documented): boolean {
  return jsDoc?.tags?.some(({ kind, doc }) => kind === "example" && doc?.includes("```ts")) ?? false;
}

Deno.test("docs: each way in begins with what it is for, and shows it", () => {
  for (const file of Object.values(config.exports)) {
    const { module } = documentation(file);
    assert(module?.tags?.some(({ kind }) => kind === "example"), `${file} shows no example`);
    // "Find out ...", "Test a program ...": a verb and no noun.
    assert(/^(Ask|Find out|Follow|Read|Test)\b/.test(module?.doc ?? ""), `${file}: ${module?.doc}`);
  }
});

Deno.test("docs: each public function has an example", () => {
  let functions = 0;
  for (const file of Object.values(config.exports)) {
    for (const { name, declarations } of documentation(file).symbols) {
      if (declarations[0]?.kind !== "function") continue;
      functions++;
      assert(declarations.some(hasExample), `${file}: ${name}() has no example`);
    }
  }
  assert(functions > 15, `${functions}`);
});

Deno.test("docs: each symbol of ./testing, and each member of its classes, has an example", () => {
  const without: string[] = [];
  const { symbols } = documentation(config.exports["./testing"]);
  for (const { name, declarations } of symbols) {
    if (!declarations.some(hasExample)) without.push(name);
    for (const { kind, def } of declarations) {
      if (kind !== "class") continue;
      for (const part of ["constructors", "methods", "properties"] as const) {
        // A setter is told with its getter.
        const members = (def?.[part] ?? []).filter((member) => member.kind !== "setter");
        without.push(...members.filter((member) => !hasExample(member)).map((member) => `${name}.${member.name}`));
      }
    }
  }
  assert(symbols.length > 10, `${symbols.length}`);
  assertEquals(without, []);
});

/** What README has that needs a registry, or a machine to install it on. */
const INSTALLS = ["deno add ", "deno install ", "npx jsr add "];

Deno.test("docs: each command and each program that README prints is run by some test", () => {
  const paths = ["live/examples", "lab"].map((folder) => `${ROOT}tests/${folder}/readme_test.ts`);
  const tests = paths.map((path) => Deno.readTextFileSync(path)).join();
  const run = [...tests.matchAll(/\b(?:recipe|program)\((?:"([^"]+)"|'([^']+)')\)/g)].map(([, a, b]) => (a ?? b)!);
  const left = BLOCKS.map(({ text }) => text)
    .filter((text) => !INSTALLS.some((begin) => text.startsWith(begin)) && !run.some((part) => text.includes(part)));
  assertEquals(left, []);
  assert(BLOCKS.length > 8, `${BLOCKS.length} blocks`);
});

Deno.test("docs: what the page of the library says of a status are fields of it", () => {
  const [, section] = /^## What a status says\n([^]*?)^## /m.exec(Deno.readTextFileSync(`${ROOT}src/README.md`))!;
  const rows = section!.split("\n").filter((line) => line.startsWith("| `")).map((line) => line.split("|")[1]!);
  const named = rows.flatMap((row) => [...row.matchAll(/`(\w+)`/g)].map(([, field]) => field!));
  const fields: readonly string[] = STATUS_FIELDS;
  assert(named.length > 10, `${named}`);
  assertEquals(named.filter((field) => !fields.includes(field)), []);
});

/** The versions of kernels in a text: 6.18, 7.99.34, 12-STABLE. */
function versions(text: string): string[] {
  return [...text.matchAll(/\b\d+(?:\.\d+)+\b|\b\d+(?:\.\d+)?-[A-Z]+\b/g)].map(([version]) => version);
}

Deno.test("docs: README is three screens, and names no figure, and no kernel that tests/README does not", () => {
  assert(README.split("\n").length <= 131, `${README.split("\n").length} lines`);
  const prose = README.replace(/^```.*?^```$/gms, "");
  assertEquals([...prose.matchAll(/[\d.]+ ?(?:ns|µs|ms|s|MiB|MB|KB|%|times|×)(?!\w)/g)].map(([figure]) => figure), []);
  const rows = (text: string): string[] => text.split("\n").filter((line) => /^\|.*\|$/.test(line));
  const evidence = rows(Deno.readTextFileSync(`${ROOT}tests/README.md`)).join();
  const named = rows(README).flatMap((row) => versions(row.split("|")[3]!));
  assert(named.length > 8, `${named}`);
  assertEquals(named.filter((version) => !versions(evidence).includes(version)), []);
});

Deno.test("docs: the help of run and the page of the command line name each event that a hook may be run for", async () => {
  const types = schema.definitions.HookLine.properties.type.enum;
  assert(types.includes("left") && types.includes("end"), `${types}`);
  const [, help] = /NETFLAGS_EVENT \(([^)]*)\)/.exec((await COMMANDS.run!.load()).description.join())!;
  const [, row] = /^\| `NETFLAGS_EVENT` +\| (.*)$/m.exec(Deno.readTextFileSync(`${ROOT}src/cli/README.md`))!;
  const words = (text: string): string[] => text.split(/\W+/);
  for (const text of [help!, row!]) assertEquals(types.filter((type) => !words(text).includes(type)), [], text);
});

Deno.test("docs: SECURITY names each environment variable that netflags reads", () => {
  const granted = [...config.tasks.netflags.command.matchAll(/--allow-env=(\S+)/g)].flatMap(([, names]) =>
    names!.split(",")
  );
  const page = Deno.readTextFileSync(`${ROOT}SECURITY.md`);
  assertEquals(granted.filter((name) => !page.includes(`\`${name}\``)), []);
  assert(granted.length > 4, `${granted}`);
});

Deno.test("docs: the page of the library lists each function of its ways in", () => {
  const page = Deno.readTextFileSync(`${ROOT}src/README.md`);
  for (const way of [".", "./linux", "./testing"] as const) {
    const row = page.split("\n").find((line) => line.startsWith(`| \`@netflags/netflags${way.slice(1)}\` `))!;
    const functions = documentation(config.exports[way]).symbols
      .filter(({ declarations }) => declarations[0]?.kind === "function").map(({ name }) => name);
    assertEquals(
      functions.filter((name) =>
        !/^decode|Flags|flag|Connected$|fakeStatus/.test(name) && !row.includes(`\`${name}\``)
      ),
      [],
      way,
    );
  }
});

Deno.test("docs: the page for daemon authors prints the daemon and its test as they are in their files", () => {
  const page = Deno.readTextFileSync(`${ROOT}src/DAEMON.md`);
  assert(page.split("\n").length <= 151, "it is a short page");
  const blocks = [...page.matchAll(/^```ts( ignore)?\n([^]*?)^```$/gm)];
  const code = (name: string): string =>
    Deno.readTextFileSync(`${ROOT}tests/examples/${name}`).replace(/^\/\*\*[^]*?\*\/\n/, "");
  assertEquals(blocks[0]?.[2], code("daemon.ts"));
  // `deno test --doc` runs the others, but for those that import a file.
  const ignored = blocks.filter(([, ignore]) => ignore !== undefined).map(([, , text]) => text!);
  assertEquals(ignored.map((text) => code("daemon_test.ts").endsWith(text)), [true]);
  assertEquals(blocks.length, 3);
});

Deno.test("docs: the steps of wait-online put things where the unit looks, and keep the old one until it has worked", () => {
  const page = Deno.readTextFileSync(`${ROOT}src/cli/README.md`);
  const [first, then] = [...page.slice(page.indexOf("## Replacing systemd")).matchAll(/^```sh\n([^]*?)^```$/gm)]
    .map(([, text]) => text!);
  for (const name of ["netflags-wait-online", "netflags-wait-default-route"]) {
    const unit = Deno.readTextFileSync(`${ROOT}tests/examples/${name}.service`);
    const [, bin] = /^ExecStart=(\S+)\/netflags /m.exec(unit)!;
    const [, cache] = /^Environment=(DENO_DIR=\S+)$/m.exec(unit)!;
    assert(first!.includes(`install -m 755 "$(command -v deno)" ${bin}/`), name);
    assert(first!.includes(`--root ${bin!.replace(/\/bin$/, "")} `), name);
    assert(first!.includes(`export ${cache}\n`), name);
    // The unit's header has the same steps in the same order.
    const steps = [`cp ${name}.service /etc/systemd/system/`, "systemctl daemon-reload", `enable --now ${name}`];
    const places = [...steps, "systemctl disable systemd-networkd-wait-online"].map((step) => unit.indexOf(step));
    assertEquals(places, places.toSorted((a, b) => a - b), name);
    assert(places.every((place) => place > 0), `${name}: ${places}`);
  }
  assert(/^cp netflags-wait-online\.service \S+[^]*^systemctl enable --now netflags-wait-online/m.test(first!));
  assert(!first!.includes("disable"));
  assert(/^systemctl is-active netflags-wait-online && systemctl disable systemd-networkd-wait-online$/m.test(then!));
});

Deno.test("docs: each option that some document names is one that the command has", async () => {
  const unknown: string[] = [];
  let named = 0;
  const commands = Object.keys(COMMANDS).join("|");
  // A command line goes on behind a backslash at the end of its line.
  const line = new RegExp(
    `(?:(?<!rcctl set )netflags(?:-\\w+)? |\`)(${commands})\\b((?:[^\n\`\\\\]|\\\\\\n|\\\\\\|)*)`,
    "g",
  );
  const texts = new Map(DOCUMENTS.map((file) => [file, Deno.readTextFileSync(ROOT + file)]));
  for (const [name, { load }] of Object.entries(COMMANDS)) {
    const { description, examples } = await load();
    texts.set(`help ${name}`, [...description, ...examples.map(([line]) => line)].join("\n"));
  }
  for (const [file, text] of texts) {
    for (const [whole, command, rest] of text.matchAll(line)) {
      const { options } = await COMMANDS[command!]!.load();
      const known = [...Object.entries(options).map(([name, option]) => optionWord(name, option)), "--help"];
      for (const [option] of rest!.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)) {
        named++;
        if (!known.includes(option)) unknown.push(`${file}: ${option} in "${whole.trim()}"`);
      }
    }
  }
  assertEquals(unknown, []);
  assert(named > 60, `${named} options`);
});

Deno.test("docs: each example says how it is run, is a page long, and runs in some test", () => {
  const examples = [...Deno.readDirSync(`${ROOT}tests/examples`)].map(({ name }) => name);
  const tests = ["unit", "cli", "live", "lab", "examples"].flatMap((folder) =>
    [...files(`tests/${folder}`)].map((file) => ROOT + file)
  ).filter((path) => path.endsWith("_test.ts")).map((path) => Deno.readTextFileSync(path)).join("\n");
  for (const name of examples.filter((name) => name.endsWith(".ts"))) {
    const text = Deno.readTextFileSync(`${ROOT}tests/examples/${name}`);
    const lines = text.split("\n").length - 1;
    assert(lines >= 20 && lines <= 60, `${name} has ${lines} lines`);
    const [, header] = /^\/\*\*([^]*?)\*\//.exec(text) ?? [];
    printedCommand(name); // which fails where there is none
    assert(header?.includes("deno add jsr:@netflags/netflags"), `${name} does not say what it needs`);
    const imports = [...text.matchAll(/from "([^"]+)"/g)].map(([, from]) => from!);
    const foreign = imports.filter((from) => !/^(@netflags\/netflags(\/\w+)?|@std\/\w+|\.\/\w+\.ts)$/.test(from));
    assertEquals(foreign, [], `${name}: whoever copies it has no other file`);
    assert(name.endsWith("_test.ts") || tests.includes(name), `no test runs ${name}`);
  }
  assert(examples.length > 10, `${examples.length}`);
});
