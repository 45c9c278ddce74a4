/** Links of documents: each leads somewhere, and what is published links to what is published. */
import { assert, assertEquals } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };

const ROOT = new URL("../../../", import.meta.url);
const PUBLISHED: readonly string[] = config.publish.include;

function isPublished(path: string): boolean {
  return PUBLISHED.some((entry) => path === entry || path.startsWith(`${entry}/`));
}

/** The documents of a folder and of those in it, as paths from the root. */
function* documents(folder = ""): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder || ".", ROOT))) {
    if (name === ".git" || name === "node_modules") continue;
    if (isDirectory) yield* documents(`${folder}${name}/`);
    else if (name.endsWith(".md")) yield `${folder}${name}`;
  }
}

/** The anchor that a heading gets: as JSR and the usual forges make it. */
function anchor(heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/\s/g, "-");
}

/** Where the links of a document lead that do not lead out of the repository. */
function links(text: string): string[] {
  const prose = text.replace(/^```.*?^```/gms, "").replace(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!).filter((link) => !/^[a-z]+:/.test(link));
}

Deno.test("links: each leads to a file that is there, and to a heading that it has", () => {
  let seen = 0;
  for (const document of documents()) {
    const base = new URL(document, ROOT);
    for (const link of links(Deno.readTextFileSync(base))) {
      seen++;
      const target = new URL(link, base);
      const hash = target.hash.slice(1);
      target.hash = "";
      assert(Deno.statSync(target), `${document}: ${link}`);
      if (hash === "") continue;
      const headings = [...Deno.readTextFileSync(target).matchAll(/^#+ (.*)$/gm)].map(([, text]) => anchor(text!));
      assert(headings.includes(hash), `${document}: ${link}`);
    }
  }
  assert(seen > 20, `${seen} links`);
});

Deno.test("links: what reads like the name of a file is the name of the file that it leads to", () => {
  const wrong: string[] = [];
  let seen = 0;
  for (const document of documents()) {
    const text = Deno.readTextFileSync(new URL(document, ROOT));
    for (
      const [, name, link] of text.matchAll(/\[`?([\w./-]+\.(?:ts|md|json|sh|service|yml|svg))`?\]\(([^)#\s]+)[^)]*\)/g)
    ) {
      seen++;
      if (!`/${link}`.endsWith(`/${name!.split("/").at(-1)}`)) wrong.push(`${document}: [${name}](${link})`);
    }
  }
  assertEquals(wrong, []);
  assert(seen > 50, `${seen} links`);
});

Deno.test("links: what is published links to nothing that is not", () => {
  const dead: string[] = [];
  for (const document of documents()) {
    if (!isPublished(document)) continue;
    const base = new URL(document, ROOT);
    for (const link of links(Deno.readTextFileSync(base))) {
      const path = new URL(link, base).pathname.slice(ROOT.pathname.length).replace(/\/$/, "");
      if (!isPublished(path)) dead.push(`${document}: ${link}`);
    }
  }
  assertEquals(dead, []);
});

Deno.test("links: those of doc comments and examples lead to what is published", () => {
  const dead: string[] = [];
  const look = (folder: string): void => {
    for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
      const path = `${folder}${name}`;
      if (isDirectory) look(`${path}/`);
      else if (name.endsWith(".ts")) {
        const text = Deno.readTextFileSync(new URL(path, ROOT));
        for (const [, link] of text.matchAll(/\]\((\.[^)\s]+)\)/g)) {
          const target = new URL(link!, new URL(path, ROOT)).pathname.slice(ROOT.pathname.length);
          if (!isPublished(target)) dead.push(`${path}: ${link}`);
        }
      }
    }
  };
  for (const folder of ["src/", "platforms/", "tests/examples/"]) look(folder);
  assertEquals(dead, []);
});
