/** Holds the imports against the house's one direction: mod.ts, then src, then platforms; there, contract and ffi last. */
import { assert, assertEquals } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };

const ROOT = new URL("../../../", import.meta.url).pathname;

/** Which rooms a room may import from, beside itself; the innermost folder that is listed is a file's room. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "mod.ts": ["src", "src/wait", "src/select", "src/watch", "src/table", "platforms/contract"],
  "src/cli": [
    "src/cli/commands",
    "src/cli/options",
    "src/cli/terminal",
    "platforms/contract",
    "deno.json",
  ],
  "src/cli/commands": [
    "src/cli/capture",
    "src/cli/hooks",
    "src/cli/json",
    "src/cli/metrics",
    "src/cli/options",
    "src/cli/terminal",
    "src/cli/timeline",
    "src",
    "src/select",
    "src/steps",
    "src/wait",
    "src/watch",
    "src/table",
    "src/why",
    "platforms",
    "platforms/common",
    "platforms/contract",
  ],
  "src/cli/metrics": [
    "src/cli/terminal",
    "src",
    "src/select",
    "src/watch",
    "src/table",
    "platforms",
    "platforms/contract",
    "deno.json",
  ],
  "src/cli/timeline": [
    "src/cli/json",
    "src/cli/options",
    "src/cli/terminal",
    "src/watch",
    "src/table",
    "platforms",
    "platforms/contract",
  ],
  "src/cli/terminal": [
    "src/cli/json",
    "src/cli/options",
    "src/steps",
    "src/watch",
    "src/table",
    "src/why",
    "platforms",
    "platforms/common",
    "platforms/contract",
  ],
  "src/cli/capture": [
    "src/cli/options",
    "platforms/common",
    "platforms/contract",
  ],
  "src/cli/hooks": ["src/cli/terminal", "src/steps", "src/table", "platforms/common", "platforms/contract"],
  "src/cli/json": ["src", "src/why", "platforms/contract"],
  "src/cli/options": [
    "src/select",
    "platforms/common",
    "platforms/contract",
    "platforms",
  ],
  "src": [
    "src/fake",
    "src/fake/bsd",
    "src/fake/linux",
    "src/select",
    "src/watch",
    "src/why",
    "platforms",
    "platforms/bsd/systems",
    "platforms/bsd/wire",
    "platforms/common",
    "platforms/contract",
    "platforms/linux/wire",
  ],
  "src/fake/bsd": [
    "src/fake",
    "platforms/bsd",
    "platforms/bsd/ask",
    "platforms/bsd/libc",
    "platforms/bsd/systems",
    "platforms/bsd/wire",
    "platforms/common",
    "platforms/contract",
  ],
  "src/fake/linux": [
    "src/fake",
    "platforms/linux",
    "platforms/linux/ask",
    "platforms/linux/libc",
    "platforms/linux/wire",
    "platforms/common",
    "platforms/contract",
    "platforms/ffi",
  ],
  "src/fake": ["platforms/common", "platforms/contract"],
  "src/steps": ["src/wait", "src/watch", "src/table", "platforms/contract"],
  "src/wait": [
    "src/select",
    "src/watch",
    "src/table",
    "src/why",
    "platforms",
    "platforms/common",
    "platforms/contract",
  ],
  "src/watch": ["src/table", "src/select", "platforms", "platforms/common", "platforms/contract"],
  "src/table": ["src/select", "platforms", "platforms/common", "platforms/contract"],
  "src/select": ["platforms", "platforms/common", "platforms/contract"],
  "src/why": ["platforms/contract"],
  "platforms": [
    "platforms/linux",
    "platforms/linux/wire",
    "platforms/bsd",
    "platforms/bsd/systems",
    "platforms/bsd/wire",
    "platforms/contract",
    "platforms/common",
    "platforms/ffi",
  ],
  "platforms/linux": [
    "platforms/linux/ask",
    "platforms/linux/libc",
    "platforms/linux/listen",
    "platforms/linux/netns",
    "platforms/linux/wire",
    "platforms/contract",
  ],
  "platforms/linux/listen": [
    "platforms/linux/ask",
    "platforms/linux/libc",
    "platforms/linux/wire",
    "platforms/common",
    "platforms/contract",
    "platforms/ffi",
  ],
  "platforms/linux/ask": [
    "platforms/linux/libc",
    "platforms/linux/wire",
    "platforms/common",
    "platforms/contract",
  ],
  "platforms/linux/netns": [
    "platforms/linux/libc",
    "platforms/linux/wire",
    "platforms/common",
    "platforms/contract",
    "platforms/ffi",
  ],
  "platforms/linux/libc": [
    "platforms/linux/wait",
    "platforms/linux/wire",
    "platforms/common",
    "platforms/contract",
    "platforms/ffi",
  ],
  "platforms/linux/wait": ["platforms/linux/wire", "platforms/ffi"],
  "platforms/linux/wire": ["platforms/common", "platforms/contract"],
  "platforms/bsd": [
    "platforms/bsd/ask",
    "platforms/bsd/listen",
    "platforms/bsd/systems",
    "platforms/bsd/wire",
    "platforms/common",
    "platforms/contract",
  ],
  "platforms/bsd/listen": [
    "platforms/bsd/ask",
    "platforms/bsd/libc",
    "platforms/bsd/systems",
    "platforms/bsd/wire",
    "platforms/common",
    "platforms/contract",
  ],
  "platforms/bsd/ask": [
    "platforms/bsd/libc",
    "platforms/bsd/systems",
    "platforms/bsd/wire",
    "platforms/common",
    "platforms/contract",
  ],
  "platforms/bsd/libc": ["platforms/bsd/systems", "platforms/common", "platforms/contract", "platforms/ffi"],
  "platforms/bsd/wire": ["platforms/bsd/systems", "platforms/common", "platforms/contract"],
  "platforms/bsd/systems": ["platforms/contract"],
  "platforms/ffi": ["platforms/common", "platforms/contract"],
  "platforms/common": ["platforms/contract"],
  "platforms/contract": [],
};

function* files(folder: string): Iterable<string> {
  for (const { name, isDirectory } of Deno.readDirSync(ROOT + folder)) {
    if (isDirectory) yield* files(`${folder}/${name}`);
    else if (name.endsWith(".ts")) yield `${folder}/${name}`;
  }
}

const FILES = ["mod.ts", ...files("src"), ...files("platforms")];

/** Code without its comments: documentation shows imports of its own. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[^]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

/** The files that a file imports, by path from the root. */
function importsOf(file: string): string[] {
  const code = withoutComments(Deno.readTextFileSync(ROOT + file));
  return [...code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+)"/g)]
    .map(([, path]) => new URL(path!, `file:///${file}`).pathname.slice(1));
}

function roomOf(file: string): string {
  for (let room = file; room !== ""; room = room.slice(0, Math.max(0, room.lastIndexOf("/")))) {
    if (room in MAY_IMPORT || room === "deno.json") return room;
  }
  throw new Error(`${file} stands in no room`);
}

const ARROWS = new Map(FILES.map((file) => [file, importsOf(file)]));

Deno.test("house: no import runs upward, or into a room where it has no business", () => {
  const wrong: string[] = [];
  for (const [file, imports] of ARROWS) {
    const room = roomOf(file);
    for (const imported of imports) {
      const to = roomOf(imported);
      if (to !== room && !MAY_IMPORT[room]!.includes(to)) wrong.push(`${file} -> ${imported}`);
    }
  }
  assertEquals(wrong, []);
  assert(ARROWS.size > 60 && [...ARROWS.values()].flat().length > 200, "imports were not found");
});

Deno.test("house: a room has no business where nothing of it imports anything", () => {
  const used = new Set(
    [...ARROWS].flatMap(([file, imports]) => imports.map((to) => `${roomOf(file)} -> ${roomOf(to)}`)),
  );
  const ways = Object.entries(MAY_IMPORT).flatMap(([room, others]) => others.map((other) => `${room} -> ${other}`));
  assertEquals(ways.filter((way) => !used.has(way)), []);
});

/** A way from a node back to itself, if there is one. */
function findCircle(arrows: ReadonlyMap<string, Iterable<string>>): string[] {
  const done = new Set<string>();
  const walk = (at: string, way: readonly string[]): string[] => {
    if (way.includes(at)) return [...way.slice(way.indexOf(at)), at];
    if (done.has(at)) return [];
    for (const next of arrows.get(at) ?? []) {
      const circle = walk(next, [...way, at]);
      if (circle.length > 0) return circle;
    }
    done.add(at);
    return [];
  };
  for (const node of arrows.keys()) {
    const circle = walk(node, []);
    if (circle.length > 0) return circle;
  }
  return [];
}

/** How many files each folder holds itself, from one on down. */
function* counts(folder: string): Iterable<readonly [string, number]> {
  const entries = [...Deno.readDirSync(ROOT + folder)];
  yield [folder, entries.filter(({ isDirectory }) => !isDirectory).length];
  for (const { name } of entries.filter(({ isDirectory }) => isDirectory)) yield* counts(`${folder}/${name}`);
}

Deno.test("house: no folder of the source or of the tests has more than 20 files", () => {
  const folders = ["src", "platforms", "tests"].flatMap((folder) => [...counts(folder)]);
  assertEquals(folders.filter(([, count]) => count > 20), []);
  assert(folders.length > 60, `${folders.length} folders`);
});

Deno.test("house: no circle of files, types included", () => {
  assertEquals(findCircle(ARROWS), []);
  assertEquals(findCircle(new Map([["a", ["b"]], ["b", ["c"]], ["c", ["b"]]])), ["b", "c", "b"]);
});

Deno.test("house: no circle of rooms", () => {
  const rooms = new Map<string, Set<string>>();
  for (const [file, imports] of ARROWS) {
    const room = roomOf(file);
    const to = rooms.get(room) ?? new Set();
    for (const imported of imports) if (roomOf(imported) !== room) to.add(roomOf(imported));
    rooms.set(room, to);
  }
  assertEquals(findCircle(rooms), []);
});

Deno.test("house: what names the runtime stands in ffi and in the command line alone", () => {
  const named = FILES.filter((file) =>
    !file.startsWith("platforms/ffi/") && !file.startsWith("src/cli/") &&
    /\bDeno\./.test(Deno.readTextFileSync(ROOT + file))
  );
  assertEquals(named, []);
});

Deno.test("house: there are five ways in", () => {
  assertEquals(Object.keys(config.exports), [".", "./cli", "./bsd", "./linux", "./testing"]);
});
