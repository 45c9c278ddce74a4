/**
 * Which runtime this is. Decoders and the fake system do not load this, so that they work in any runtime.
 */
import type { Runtime } from "./contract.ts";
import { DenoRuntime } from "./deno.ts";

/** Deno's own object; undefined in another runtime, also where something there stands in for a part of it. */
export function denoOrNone(): typeof Deno | undefined {
  const { Deno: deno } = globalThis as { readonly Deno?: typeof Deno };
  return deno === undefined || !("dlopen" in deno) ? undefined : deno;
}

/** Loads the file of Node.js, and of what has its globals and is not Node.js: Deno loads nothing of it. */
async function loadNode(): Promise<() => Runtime> {
  const { NodeRuntime } = await import("./node.ts");
  return () => new NodeRuntime();
}

/**
 * Makes the one for where there is no Deno. In Deno, the mere mention of `process` loads all that stands behind it, which
 * takes 10 ms: so Deno is looked for first.
 */
const makeOther = denoOrNone() === undefined ? await loadNode() : undefined;

let chosen: { readonly deno: typeof Deno | undefined; readonly runtime: Runtime } | undefined;

export function runtime(): Runtime {
  const deno = denoOrNone();
  if (chosen?.deno !== deno || chosen === undefined) {
    chosen = { deno, runtime: deno === undefined ? makeOther!() : new DenoRuntime(deno) };
  }
  return chosen.runtime;
}

/** Puts another one in the place of this runtime until the result is disposed of: for tests. */
export function useRuntime(runtime: Runtime): Disposable {
  const before = chosen;
  chosen = { deno: denoOrNone(), runtime };
  return { [Symbol.dispose]: () => void (chosen = before) };
}

/** An environment variable, or undefined where it is not set, empty, or --allow-env does not cover it: nobody is asked. */
export function variable(name: string): string | undefined {
  return runtime().variable(name) || undefined;
}
