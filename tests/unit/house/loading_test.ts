/**
 * What the modules do while they are loaded: nothing that needs the runtime, and nothing that makes it load more, but that
 * the calls' own modules ask which system this is, for only that system's modules are loaded with them.
 */
import vm from "node:vm";
import { assert, assertEquals } from "@std/assert";

/** What every runtime has ready: the language's own, and the texts of bytes. */
const READY: readonly string[] = [
  ...vm.runInNewContext("Object.getOwnPropertyNames(globalThis)") as string[],
  "TextDecoder",
  "TextEncoder",
];

/** Imports a module in a thread of its own, where every other name says that somebody asked for it. */
async function askedFor(module: string): Promise<unknown> {
  const code = `
    const asked = new Set();
    const ready = new Set(${JSON.stringify(READY)});
    const tell = postMessage.bind(globalThis);
    for (const [name, one] of Object.entries(Object.getOwnPropertyDescriptors(globalThis))) {
      if (ready.has(name) || !one.configurable) continue;
      const get = () => (asked.add(name), one.get ? one.get.call(globalThis) : one.value);
      Object.defineProperty(globalThis, name, { get, set: () => {}, configurable: true });
    }
    await import(${JSON.stringify(new URL(`../../../${module}`, import.meta.url).href)});
    tell([...asked]);`;
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
    });
  } finally {
    worker.terminate();
    URL.revokeObjectURL(url);
  }
}

for (const module of ["src/bsd.ts", "src/cli/main.ts"]) {
  Deno.test(`loading ${module}: no module asks for anything of the runtime, such as its timers`, async () => {
    assertEquals(await askedFor(module), []);
  });
}

for (const module of ["mod.ts", "src/linux.ts", "src/testing.ts"]) {
  Deno.test(`loading ${module}: the runtime is asked for the system, and for nothing else`, async () => {
    assertEquals(await askedFor(module), ["Deno"]);
  });
}

interface Graph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly { readonly isDynamic?: boolean; readonly code?: { readonly specifier: string } }[];
  }[];
}

/** The modules that are loaded with some, by their paths: types are left out, and so is what is imported later. */
function loadedWith(...entries: readonly string[]): string[] {
  const root = new URL("../../../", import.meta.url);
  const found = new Set<string>();
  for (const entry of entries) {
    const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--json", entry], cwd: root }).outputSync();
    const { modules }: Graph = JSON.parse(new TextDecoder().decode(stdout));
    const known = new Map(modules.map(({ specifier, dependencies }) => [specifier, dependencies ?? []]));
    const left = [new URL(entry, root).href];
    for (let one = left.pop(); one !== undefined; one = left.pop()) {
      if (found.has(one)) continue;
      found.add(one);
      for (const { isDynamic, code } of known.get(one) ?? []) if (code && !isDynamic) left.push(code.specifier);
    }
  }
  return [...found].map((specifier) => specifier.slice(root.href.length)).sort();
}

/** What each system has of its own: its backend, with what current.ts loads beside it. */
const OWN = {
  linux: ["platforms/linux/backend.ts"],
  netbsd: ["platforms/bsd/backend.ts", "platforms/bsd/systems/netbsd.ts"],
} as const;
/** The flags of any system are read on each. */
const FLAGS = ["platforms/bsd/systems/flags.ts", "platforms/linux/wire/flags.ts", "platforms/linux/wire/numbers.ts"];

Deno.test("loading: on a system nothing of another one is loaded but its flags, and not too much of its own", () => {
  for (const [platform, most] of [["linux", 95], ["netbsd", 85]] as const) {
    const loaded = loadedWith("mod.ts", ...OWN[platform]);
    const others = platform === "linux"
      ? /^platforms\/bsd\//
      : /^platforms\/(linux|bsd\/systems\/(freebsd|openbsd|dra|dar))/;
    assertEquals(loaded.filter((path) => others.test(path) && !FLAGS.includes(path)), [], platform);
    assert(loaded.length > 40 && loaded.length <= most, `${platform}: ${loaded.length} modules`);
  }
});

Deno.test("loading: Deno loads nothing that is for Node.js", () => {
  const loaded = loadedWith("mod.ts", ...OWN.linux, ...OWN.netbsd);
  assert(loaded.includes("platforms/ffi/deno.ts"));
  assertEquals(loaded.filter((path) => /\/ffi\/(node|uv_|pipe_|loop_entry)/.test(path)), []);
});

Deno.test("loading: the decoders load nothing that asks a kernel", () => {
  for (const entry of ["src/bsd.ts", "src/cli/commands/decode.ts"]) {
    const kernel = loadedWith(entry).filter((path) =>
      /\/(listen|wait|netns|ffi)\/|\/libc\/libc|backend\.ts$/.test(path)
    );
    assertEquals(kernel, [], entry);
  }
});

Deno.test("loading: what a command prints with --json is described in a file that only schema loads", () => {
  for (const entry of ["src/cli/main.ts", "src/cli/commands/list.ts", "src/cli/commands/watch.ts"]) {
    assertEquals(loadedWith(entry).filter((path) => /schema/.test(path)), [], entry);
  }
});

Deno.test("loading: what only show asks for is loaded by nobody else, and by it when it asks", () => {
  const others = ["mod.ts", ...OWN.linux, "src/cli/main.ts", "src/cli/commands/list.ts", "src/cli/commands/watch.ts"];
  assertEquals(loadedWith(...others).filter((path) => /inventory|shown/.test(path)), []);
  assertEquals(loadedWith("src/cli/commands/show.ts").filter((path) => /inventory/.test(path)), []);
});
