/** What the modules do while they are loaded: nothing that needs the runtime, and nothing that makes it load more. */
import vm from "node:vm";
import { assertEquals } from "@std/assert";

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

for (const module of ["mod.ts", "src/linux.ts", "src/bsd.ts", "src/testing.ts", "src/cli/main.ts"]) {
  Deno.test(`loading ${module}: no module asks for anything of the runtime, such as its timers`, async () => {
    assertEquals(await askedFor(module), []);
  });
}
